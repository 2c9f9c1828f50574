"""Databases and their clients in Terraform's hands, and Trellis beside it.

Usage: terraform.py PROGRAM

Two stacks of tests/terraform are applied against a simulated AWS with the functions of Trellis: one
of the modules in examples/terraform, one in the style that people have. Then they are planned,
applied again and again, replaced in part and destroyed, while every client's way to every database
is asked for all the time. A line says what came of each phase; the first thing that is not as it
should be ends the run.

It needs Terraform, and AWS's provider within Terraform's reach: in a local mirror (the folder that
TRELLIS_TERRAFORM_MIRROR names, or any `registry.terraform.io` of this machine) or in the registry.
Elsewhere it says so and ends well.
"""

import contextlib
import datetime
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "clients"))

from lab import Lab  # noqa: E402

# Terraform waits in real time: at this speed the ten seconds between two of its attempts are three
# minutes and a bit.
SPEED = 20
TRELLIS = ("expose-database", "connect-vpc")
# Each stack, with its database. Its name is its client's, and who it calls AWS as.
STACKS = {"modules": "orders", "ordinary": "billing"}
# How many minutes AWS's provider tries a deletion that AWS refuses.
PATIENCE = {"DeleteSubnet": 20, "DeleteSecurityGroup": 15, "DeleteVpc": 5}
CLOCK_SECONDS = 300
# How long a database may be out of reach after Terraform has revoked the rule.
MENDING_SECONDS = 60
# How long a client may be without its databases after it has moved to a group that is new.
MOVING_SECONDS = 60


class Wrong(Exception):
    """Something is not as it should be."""


def expect(holds, sentence):
    """Ends the run with this sentence unless it holds."""
    if not holds:
        raise Wrong(sentence)


def seconds(text):
    """A moment of simulated time."""
    return datetime.datetime.fromisoformat(text[:19] + "+00:00").timestamp()


def lasted(span):
    """A time, for people."""
    return f"{span:.0f} s" if span < 120 else f"{span // 60:.0f} min {span % 60:.0f} s"


# --------------------------------------------------------------------------------------------------
# Terraform
# --------------------------------------------------------------------------------------------------


def mirror():
    """A folder of unpacked providers with AWS's among them."""
    if named := os.environ.get("TRELLIS_TERRAFORM_MIRROR"):
        return named
    find = ["find", "/", "-xdev", "-maxdepth", "4", "-type", "d", "-name", "registry.terraform.io"]
    found = subprocess.run(find, capture_output=True, text=True, check=False).stdout.split()
    return next((str(Path(each).parent) for each in found
                 if (Path(each) / "hashicorp" / "aws").is_dir()), None)


class Stack:
    """A folder of tests/terraform, in a copy."""

    def __init__(self, name, beside, folder):
        self.name, self.beside = name, beside
        self.path = folder / "tests" / "terraform" / name
        self.environment = {
            **{name: value for name, value in os.environ.items()
               if not name.startswith(("AWS_", "TF_VAR_"))},
            "AWS_EC2_METADATA_DISABLED": "true",
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_VAR_endpoint": beside.lab.endpoint,
        }
        if found := mirror():
            settings = self.path / "settings.tfrc"
            settings.write_text(
                f'provider_installation {{\n  filesystem_mirror {{\n    path = "{found}"\n  }}\n}}\n')
            self.environment["TF_CLI_CONFIG_FILE"] = str(settings)

    def do(self, *words, well=(0,)):
        """Runs a command of Terraform, and stops it where Terraform would give up. Returns the
        exit status and what it printed."""
        options = ["-input=false", "-no-color"] if words[0] in ("init", "apply", "plan") else []
        since = self.beside.calls()
        with tempfile.TemporaryFile(mode="w+") as log:
            # In a session of its own, so that it can be stopped with the provider that it starts.
            process = subprocess.Popen(
                ["terraform", words[0], *options, *words[1:]], cwd=self.path, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True)
            try:
                while process.poll() is None:
                    time.sleep(0.5)
                    self.beside.refusals(since)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            log.seek(0)
            said = log.read()
        expect(process.returncode in well, f"{self.name}: terraform {' '.join(words)}:\n"
               + "\n".join(said.strip().splitlines()[-40:]))
        return process.returncode, said

    def apply(self, *words):
        """Applies it. Returns what Terraform says that it changed."""
        _, said = self.do("apply", "-auto-approve", *words)
        expect("Warning:" not in said, f"{self.name}: terraform apply warns:\n{said}")
        return next(line for line in said.splitlines() if line.startswith("Apply complete!"))

    def changes(self):
        """What a plan would change, and in what way, by address."""
        status, said = self.do("plan", "-detailed-exitcode", "-json", well=(0, 2))
        lines = [json.loads(line) for line in said.splitlines()]
        changes = {each["change"]["resource"]["addr"]: each["change"]["action"]
                   for each in lines if each["type"] == "planned_change"}
        expect((status == 2) == bool(changes), f"status {status} of a plan that has {changes}")
        return changes


# --------------------------------------------------------------------------------------------------
# The ways, all the time
# --------------------------------------------------------------------------------------------------


class Watch(threading.Thread):
    """Asks all the time whether each client reaches each database, by the groups that it bears."""

    def __init__(self, lab):
        super().__init__(daemon=True)
        self.lab, self.ends, self.looks, self.fault = lab, False, 0, None
        self.open = {}
        self.cuts = []

    def run(self):
        try:
            while not self.ends:
                self.look()
                time.sleep(0.1)
        except Exception as error:  # whatever it is, nobody looks any more
            self.fault = error

    def look(self):
        moment = seconds(self.lab.get("clock")["time"])
        interfaces = self.lab.ec2.describe_network_interfaces(
            Filters=[{"Name": "tag:Name", "Values": list(STACKS)}])["NetworkInterfaces"]
        for interface in interfaces:
            client = next(tag["Value"] for tag in interface["TagSet"] if tag["Key"] == "Name")
            for database in STACKS.values():
                found = [self.lab.get(f"reachable?from={group['GroupId']}&to={database}")
                         for group in interface["Groups"]]
                # A group or a database that is gone since is not one that is cut off.
                found = [each for each in found if "reachable" in each]
                if found:
                    self.note(moment, (client, database), found)
        self.looks += 1

    def note(self, moment, pair, found):
        """Begins or ends a cut of this pair."""
        is_open = any(each["reachable"] for each in found)
        if was := self.open.get(pair):
            if is_open:
                was["until"] = moment
                del self.open[pair]
        elif not is_open:
            self.open[pair] = {"pair": pair, "from": moment, "at": found[0]["broken_at"]}
            self.cuts.append(self.open[pair])

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ends = True
        self.join()
        if self.fault:
            raise self.fault

    def expect_no_cut(self):
        """No client has been cut off, and somebody looked."""
        expect(self.looks > 1, "nobody asked whether the clients reach the databases")
        for cut in self.cuts:
            client, database = cut["pair"]
            raise Wrong(f"the client of {client} was cut off from {database} at {cut['at']}")


# --------------------------------------------------------------------------------------------------
# The phases
# --------------------------------------------------------------------------------------------------


class Beside:
    """Both stacks in one simulated account."""

    def __init__(self, lab, folder):
        self.lab = lab
        self.records, self.lock = [], threading.Lock()
        self.stacks = {name: Stack(name, self, folder) for name in STACKS}

    def now(self):
        return seconds(self.lab.get("clock")["time"])

    def calls(self):
        """How many calls there have been."""
        with self.lock:
            self.records = self.lab.get("calls")
            return len(self.records)

    def writes(self, since, callers=TRELLIS):
        """What these wrote after that many calls."""
        self.calls()
        return [call for call in self.records[since:] if call["caller"] in callers
                and not call["action"].startswith(("Describe", "Get", "List"))]

    def refusals(self, since):
        """The deletions that AWS refused to Terraform after that many calls, with the seconds until
        it did not. None is refused for longer than Terraform tries."""
        began, spans = {}, {}
        for call in self.writes(since, STACKS):
            key = call["caller"], call["action"], call["id"]
            if call["code"] == "DependencyViolation":
                began.setdefault(key, seconds(call["at"]))
            elif key in began:
                spans[key] = seconds(call["at"]) - began.pop(key)
        spans |= {key: self.now() - first for key, first in began.items()}
        for (stack, action, id), span in spans.items():
            minutes = PATIENCE[action]
            expect(span < minutes * 60,
                   f"{stack}: {action} of {id} has been refused for {minutes} minutes, since "
                   "something depends on it: Terraform gives up")
        return spans

    @contextlib.contextmanager
    def phase(self, name):
        """Says what was seen, which the body appends to the list that it gets, and how long it
        took."""
        begun, real, seen = self.now(), time.monotonic(), []
        yield seen
        print(f"{name}: {'; '.join(seen)} - {lasted(self.now() - begun)} simulated, "
              f"{lasted(time.monotonic() - real)} real", flush=True)

    def both(self, act):
        """Does it to both stacks at once. Returns what came of it, by name."""
        results, faults = {}, []

        def one(name, stack):
            try:
                results[name] = act(stack)
            except Exception as error:  # told below, in the thread that ends the run
                faults.append(error)

        threads = [threading.Thread(target=one, args=pair) for pair in self.stacks.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            raise faults[0]
        return results

    def until(self, sentence, holds, minutes=20):
        """Simulated time passes until it holds, at most so much."""
        begun = self.now()
        while not (found := holds()):
            expect(self.now() - begun < minutes * 60, f"{sentence}: not within {minutes} minutes")
            time.sleep(10 / SPEED)
        return found

    def settle(self):
        """Two clocks ring, and Trellis writes nothing."""
        for _ in range(10):
            since = self.calls()
            for _ in range(2):
                self.lab.post("advance", {"seconds": CLOCK_SECONDS})
                time.sleep(1)
                self.lab.soon("the functions are idle", lambda: self.lab.get("clock")["idle"])
            if not self.writes(since):
                return
        raise Wrong(f"Trellis does not settle: {self.writes(since)[:3]}")

    def reached(self, clients=STACKS):
        """Whether each of these clients reaches each database."""
        watch = Watch(self.lab)
        watch.look()
        return not any(cut["pair"][0] in clients for cut in watch.cuts)

    def status(self, database):
        """What Trellis says of a database."""
        found = self.lab.rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"][0]
        tags = {tag["Key"]: tag["Value"] for tag in found["TagList"]}
        return tags.get("trellis:status", "")

    # ----------------------------------------------------------------------------------------------

    def connect(self):
        with self.phase("apply") as seen:
            seen += [f"{name}: {said}" for name, said in self.both(Stack.apply).items()]
        with self.phase("connect") as seen:
            self.until("each client reaches each database", self.reached)
            self.settle()
            seen.append("each client reaches each database, and Trellis has settled")

    def plan(self):
        with self.phase("plan") as seen:
            found = self.both(Stack.changes)
            expect(not found["modules"], f"a plan of the modules changes {found['modules']}")
            expect(found["ordinary"] == {"aws_security_group.database": "update"},
                   f"a plan of the ordinary stack changes {found['ordinary']}")
            seen.append("nothing of the modules; of the ordinary stack only Trellis's rule, which "
                        "inline rules take for drift")

    def again(self):
        with self.phase("apply the modules ten times more") as seen, Watch(self.lab) as watch:
            since = self.calls()
            for _ in range(10):
                self.stacks["modules"].apply()
                expect(self.reached(), "a client does not reach a database after an apply")
            for callers in (TRELLIS, STACKS):
                writes = self.writes(since, callers)
                expect(not writes, f"{writes[:1]} was written, though nothing was to change")
            watch.expect_no_cut()
            seen.append(f"no write, none cut off in {watch.looks} looks")

    def contest(self):
        with self.phase("apply inline rules three times more") as seen, Watch(self.lab) as watch:
            for _ in range(3):
                self.stacks["ordinary"].apply()
                self.until("each client reaches each database again", self.reached)
            status = self.until("the status says CONTESTED", lambda: "CONTESTED" in self.status(
                STACKS["ordinary"]) and self.status(STACKS["ordinary"]))
        spans = [cut["until"] - cut["from"] for cut in watch.cuts]
        expect(spans, "Terraform revoked no rule of Trellis's")
        expect({cut["pair"][1] for cut in watch.cuts} == {STACKS["ordinary"]},
               f"others were cut off too: {watch.cuts}")
        expect(max(spans) <= MENDING_SECONDS, f"cut off for {lasted(max(spans))}")
        seen.append(f"cut off for {', '.join(map(lasted, spans))}; {status}")

    def replace_group(self):
        with self.phase("replace the clients' group") as seen, Watch(self.lab) as watch:
            since = self.calls()
            group = "aws_security_group.client"
            targets = {
                # Terraform moves the client to the new group before the old one goes.
                "modules": [f"module.consumer.{group}"],
                # The old one goes first, and its client before it.
                "ordinary": [group, "aws_network_interface.client"],
            }
            self.both(lambda stack: stack.apply(
                *[f"-replace={each}" for each in targets[stack.name]]))
            self.until("each client reaches each database again", self.reached)
            refusals = self.refusals(since)
        spans = [cut["until"] - cut["from"] for cut in watch.cuts
                 if cut["pair"] == ("modules", STACKS["modules"])]
        longest = max(spans, default=0)
        expect(longest <= MOVING_SECONDS, f"the client that moved was cut off {lasted(longest)}")
        seen.append(f"the client that moved was cut off for {lasted(longest)}; {told(refusals)}")

    def replace_subnet(self):
        with self.phase("replace a subnet without clients") as seen, Watch(self.lab) as watch:
            since = self.calls()
            targets = {
                "modules": 'module.consumer.aws_subnet.private["us-east-1b"]',
                "ordinary": "aws_subnet.consumer[1]",
            }
            self.both(lambda stack: stack.apply(f"-replace={targets[stack.name]}"))
            refusals = self.refusals(since)
        modules = [cut for cut in watch.cuts if cut["pair"] == ("modules", STACKS["modules"])]
        expect(not modules, f"the client in the other subnet was cut off: {modules}")
        seen.append(f"the client in the other was not cut off; {told(refusals)}")

    def off(self):
        modules = self.stacks["modules"]
        with self.phase("apply connected = false to the modules") as seen:
            modules.apply("-var=connected=false")
            self.until("nothing of the modules is connected",
                       lambda: not self.status(STACKS["modules"]))
            expect(not self.reached(["modules"]), "the client reaches a database although off")
            seen.append("withdrawn, and no status left")
        with self.phase("apply connected = true again") as seen:
            modules.apply()
            self.until("each client reaches each database again", self.reached)
            seen.append("each client reaches each database")

    def destroy(self):
        with self.phase("destroy") as seen:
            since = self.calls()
            self.both(lambda stack: stack.apply("-destroy"))
            refusals = self.refusals(since)
            seen.append(told(refusals))
        with self.phase("what is left") as seen:
            self.until("nothing is left of Trellis", lambda: not self.left())
            theirs = (self.lab.ec2.describe_vpcs()["Vpcs"]
                      + self.lab.rds.describe_db_instances()["DBInstances"])
            expect(not theirs, f"Terraform left {theirs}")
            seen.append("nothing, of either")

    def left(self):
        """What there is of Trellis's."""
        ec2, lattice = self.lab.ec2, self.lab.lattice
        tags = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["trellis:owner"]}])["Tags"]
        lists = (lattice.list_service_networks, lattice.list_resource_gateways,
                 lattice.list_resource_configurations)
        return [tag["ResourceId"] for tag in tags] + [row for each in lists for row in each()["items"]]


def told(refusals):
    """What was refused, for people."""
    longest = {}
    for (stack, action, _), span in sorted(refusals.items()):
        longest[stack, action] = max(span, longest.get((stack, action), 0))
    found = [f"{stack}'s {action} for {lasted(span)}" for (stack, action), span in longest.items()]
    return "AWS refused " + (", ".join(found) or "no deletion")


PHASES = (Beside.connect, Beside.plan, Beside.again, Beside.contest, Beside.replace_group,
          Beside.replace_subnet, Beside.off, Beside.destroy)


def out_of_reach(why):
    print(f"Terraform is out of reach, skipped: {why}")
    return 0


def main(program):
    if not shutil.which("terraform"):
        return out_of_reach("there is no terraform on this machine")
    with tempfile.TemporaryDirectory() as temporary, \
            Lab(program, "--empty", "--speed", str(SPEED)) as lab:
        folder = Path(temporary)
        for part in ("examples/terraform", "tests/terraform"):
            shutil.copytree(ROOT / part, folder / part)
        beside = Beside(lab, folder)
        try:
            beside.both(lambda stack: stack.do("init"))
        except Wrong as wrong:
            if not mirror() and "could not connect to registry" in " ".join(str(wrong).split()):
                return out_of_reach("there is neither a mirror nor a way to the registry")
            raise
        for stack in beside.stacks.values():
            stack.do("fmt", "-check", "-recursive", "-diff", str(folder))
        for phase in PHASES:
            phase(beside)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    try:
        sys.exit(main(os.path.abspath(sys.argv[1])))
    except Wrong as wrong:
        sys.exit(f"Not as it should be: {wrong}")
