"""A database and its clients in Terraform's hands, and Trellis beside it.

Usage: terraform.py PROGRAM [STACK]

The stacks of tests/terraform, `modules` (those of examples/terraform) and `ordinary` (the style
that people have), are applied, each against a simulated AWS of its own with Trellis's functions.
Then they are planned, applied again and again, replaced in part and destroyed, while the client's
way to the database is asked for all the time. A line says what came of each phase; the first thing
that is not as it should be ends the stack's run.

It needs Terraform, and AWS's provider within Terraform's reach: in a local mirror (the folder that
TRELLIS_TERRAFORM_MIRROR names, or any `registry.terraform.io` of this machine) or in the registry.
Elsewhere it says so and ends well.
"""

import contextlib
import copy
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

from botocore.exceptions import ClientError  # noqa: E402
from lab import Lab  # noqa: E402
from mirror import mirror  # noqa: E402
from wrong import Wrong, expect  # noqa: E402

# Terraform waits in real time: at this speed the ten seconds between two of its attempts are three
# minutes and a bit.
SPEED = 20
TRELLIS = ("expose-database", "connect-vpc")
TERRAFORM = ("terraform",)
# How many minutes AWS's provider tries a deletion that AWS refuses.
PATIENCE = {"DeleteSubnet": 20, "DeleteSecurityGroup": 15, "DeleteVpc": 5}
CLOCK_SECONDS = 300
CLIENT = [{"Name": "tag:Name", "Values": ["client"]}]
# How long the client may be cut off after Terraform has revoked the rule: CloudTrail tells of it a
# minute later.
MENDING_SECONDS = 90
# How long a client may be cut off after it has moved to a group that is new: Terraform takes longer
# for the move than Trellis for the rule.
MOVING_SECONDS = 5


def seconds(text):
    """A moment of simulated time."""
    return datetime.datetime.fromisoformat(text[:19] + "+00:00").timestamp()


def lasted(span):
    """A time, for people."""
    return f"{span:.0f} s" if span < 120 else f"{span // 60:.0f} min {span % 60:.0f} s"


def ended(process, patience):
    """Whether it ends within so many seconds."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    return process.poll() is not None


# --------------------------------------------------------------------------------------------------
# Terraform, the account, and how things stand
# --------------------------------------------------------------------------------------------------


class Stack:
    """A folder of tests/terraform, in a copy, and the account that it is applied to."""

    def __init__(self, name, lab, folder):
        self.name, self.lab = name, lab
        for part in ("examples/terraform", "tests/terraform"):
            shutil.copytree(ROOT / part, folder / part)
        self.path = folder / "tests" / "terraform" / name
        self.environment = {
            **{name: value for name, value in os.environ.items()
               if not name.startswith(("AWS_", "TF_VAR_"))},
            "CHECKPOINT_DISABLE": "1",
            # AWS's provider makes a thousand schemas at each start: half of that is collecting.
            "GOGC": "400",
            "TF_IN_AUTOMATION": "1",
            "TF_VAR_endpoint": lab.endpoint,
        }
        if found := mirror():
            settings = folder / "settings.tfrc"
            place = f'filesystem_mirror {{\n    path = "{found}"\n  }}'
            settings.write_text(f"provider_installation {{\n  {place}\n}}\n")
            self.environment["TF_CLI_CONFIG_FILE"] = str(settings)

    def do(self, *words, well=(0,)):
        """Runs a command of Terraform, and stops it where Terraform would give up. Returns the
        exit status and what it printed."""
        since = self.calls()
        with tempfile.TemporaryFile(mode="w+") as log:
            # In a session of its own, so that it can be stopped with the provider that it starts.
            process = subprocess.Popen(
                ["terraform", *words], cwd=self.path, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True)
            try:
                while not ended(process, 5):
                    self.refusals(since)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            log.seek(0)
            said = log.read()
        last = "\n".join(said.strip().splitlines()[-40:])
        expect(process.returncode in well, f"terraform {' '.join(words)}:\n{last}")
        return process.returncode, said

    def apply(self, *words):
        """Applies it. Returns what Terraform says that it changed."""
        _, said = self.do("apply", "-input=false", "-no-color", "-auto-approve", *words)
        expect("Warning:" not in said, f"terraform apply warns:\n{said}")
        return next(line for line in said.splitlines() if line.startswith("Apply complete!"))

    def changes(self, *words):
        """What a plan would change, and in what way, by address."""
        status, said = self.do("plan", "-input=false", "-detailed-exitcode", "-json", *words,
                               well=(0, 2))
        lines = [json.loads(line) for line in said.splitlines()]
        changes = {each["change"]["resource"]["addr"]: each["change"]["action"]
                   for each in lines if each["type"] == "planned_change"}
        expect((status == 2) == bool(changes), f"status {status} of a plan that has {changes}")
        return changes

    def now(self):
        """The simulated time."""
        return seconds(self.lab.get("clock")["time"])

    def calls(self):
        """How many calls there have been."""
        return len(self.lab.get("calls"))

    def writes(self, since, callers=TRELLIS):
        """What these wrote after that many calls."""
        return [call for call in self.lab.get("calls")[since:] if call["caller"] in callers
                and not call["action"].startswith(("Describe", "Get", "List"))]

    def refusals(self, since):
        """The deletions that AWS refused to Terraform after that many calls, with the seconds until
        it did not. None is refused for longer than Terraform tries."""
        began, spans = {}, {}
        for call in self.writes(since, TERRAFORM):
            key = call["action"], call["id"]
            if call["code"] == "DependencyViolation":
                began.setdefault(key, seconds(call["at"]))
            elif key in began:
                spans[key] = seconds(call["at"]) - began.pop(key)
        spans |= {key: self.now() - first for key, first in began.items()}
        for (action, id), span in spans.items():
            minutes = PATIENCE[action]
            expect(span < minutes * 60, f"{action} of {id} has been refused for {minutes} minutes, "
                                        "since something depends on it: Terraform gives up")
        return spans

    @contextlib.contextmanager
    def phase(self, name):
        """Says what was seen, which the body appends to the list that it gets, and how long it
        took."""
        begun, real, seen = self.now(), time.monotonic(), []
        yield seen
        print(f"{self.name}: {name}: {'; '.join(seen)} - {lasted(self.now() - begun)} simulated, "
              f"{lasted(time.monotonic() - real)} real", flush=True)

    def until(self, sentence, holds, minutes=20):
        """Simulated time passes until it holds, at most so much. Returns what held."""
        begun = self.now()
        while not (found := holds()):
            expect(self.now() - begun < minutes * 60, f"{sentence}: not within {minutes} minutes")
            time.sleep(5 / SPEED)
        return found

    def clocks(self, count):
        """So many clocks ring, and the functions do what there is to do."""
        for _ in range(count):
            self.lab.post("advance", {"seconds": CLOCK_SECONDS})
            time.sleep(1)
            self.lab.soon("the functions are idle", lambda: self.lab.get("clock")["idle"])

    def settle(self):
        """Two clocks ring, and Trellis writes nothing."""
        for _ in range(10):
            since = self.calls()
            self.clocks(2)
            if not self.writes(since):
                return
        raise Wrong(f"Trellis does not settle: {self.writes(since)[:3]}")

    def break_of(self, group):
        """Where the way of a client in this group breaks: nowhere (None) if it is open. False if
        the group or the database is not there."""
        found = self.lab.get(f"reachable?from={group['GroupId']}&to=orders")
        return found.get("broken_at", False)

    def breaks(self):
        """Where the client's way breaks, by one group of it each; nothing if there is no client."""
        found = self.lab.ec2.describe_network_interfaces(Filters=CLIENT)["NetworkInterfaces"]
        breaks = [self.break_of(group) for client in found for group in client["Groups"]]
        return [each for each in breaks if each is not False]

    def is_reached(self):
        """Whether the client reaches the database."""
        return None in self.breaks()

    def left(self):
        """What there is of Trellis's."""
        ec2, lattice = self.lab.ec2, self.lab.lattice
        tags = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["trellis:owner"]}])["Tags"]
        lists = (lattice.list_service_networks, lattice.list_resource_gateways,
                 lattice.list_resource_configurations)
        return ([tag["ResourceId"] for tag in tags]
                + [row["name"] for each in lists for row in each()["items"]])


class Watch(threading.Thread):
    """Asks all the time whether the client reaches the database."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.stack, self.ends, self.looks, self.fault = stack, False, 0, None
        # When each cut began, how long it was, and where the way was broken.
        self.cuts = []

    def run(self):
        try:
            while not self.ends:
                self.look()
                time.sleep(0.2)
        except Exception as error:  # whatever it is, nobody looks any more
            self.fault = error

    def look(self):
        moment, breaks = self.stack.now(), self.stack.breaks()
        self.looks += 1
        is_cut, was_cut = bool(breaks) and None not in breaks, self.cuts and self.cuts[-1]["lasts"]
        if is_cut and not was_cut:
            self.cuts.append({"from": moment, "seconds": 0, "at": breaks[0], "lasts": True})
        elif was_cut:
            self.cuts[-1].update(seconds=moment - self.cuts[-1]["from"], lasts=is_cut)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ends = True
        self.join()
        if self.fault:
            raise self.fault

    def longest(self):
        """How long the longest cut was, in seconds."""
        expect(self.looks > 1, "nobody asked whether the client reaches the database")
        return max((cut["seconds"] or 1 for cut in self.cuts), default=0)


# --------------------------------------------------------------------------------------------------
# The phases
# --------------------------------------------------------------------------------------------------


def apply(stack):
    with stack.phase("apply") as seen:
        seen.append(stack.apply())
    with stack.phase("connect") as seen:
        stack.until("the client reaches the database", stack.is_reached)
        stack.settle()
        seen.append("the client reaches the database, and Trellis has settled")


def plan_nothing(stack):
    with stack.phase("plan") as seen:
        changes = stack.changes()
        expect(not changes, f"a plan changes {changes}")
        seen.append("nothing to change")


def plan_the_rule(stack):
    with stack.phase("plan") as seen:
        rule = {"aws_security_group.database": "update"}
        changes = stack.changes()
        expect(changes == rule, f"a plan changes {changes}")
        seen.append("only Trellis's rule, which inline rules take for drift")
        changes = stack.changes("-var=ignore=[]")
        both = {"aws_db_instance.database": "update", "aws_vpc.consumer": "update"}
        expect(changes == {**rule, **both}, f"without ignore_tags a plan changes {changes}")
        seen.append("without ignore_tags the status tags too")
        override = stack.path / "rules_override.tf"
        override.write_text(IGNORING_RULES)
        changes = stack.changes()
        override.unlink()
        expect(not changes, f"with ignore_changes a plan changes {changes}")
        seen.append("with ignore_changes = [ingress] nothing")


IGNORING_RULES = """
resource "aws_security_group" "database" {
  lifecycle {
    ignore_changes = [ingress]
  }
}
"""


def again(stack):
    with stack.phase("apply ten times more") as seen, Watch(stack) as watch:
        since = stack.calls()
        for _ in range(10):
            stack.apply()
            expect(stack.is_reached(), "the client does not reach the database after an apply")
        writes = stack.writes(since, TRELLIS + TERRAFORM)
        expect(not writes, f"{writes[:1]} was written, though nothing was to change")
        expect(not watch.longest(), f"the client was cut off: {watch.cuts}")
        seen.append(f"no write, not cut off in {watch.looks} looks")


def contest(stack):
    with stack.phase("apply three times more") as seen:
        with Watch(stack) as watch:
            for _ in range(3):
                stack.apply()
                stack.until("the client reaches the database again", stack.is_reached)
        longest = watch.longest()
        expect(len(watch.cuts) == 3, f"Terraform cut the client off {len(watch.cuts)} times")
        expect(longest <= MENDING_SECONDS, f"the client was cut off for {lasted(longest)}")
        status = stack.until("the status says CONTESTED", lambda: told_by(stack, "CONTESTED"))
        spans = ", ".join(lasted(cut["seconds"]) for cut in watch.cuts)
        seen += [f"the client was cut off for {spans}", status]


def told_by(stack, code):
    """What the status of the database or the VPC says from this code on."""
    found = stack.lab.rds.describe_db_instances()["DBInstances"][0]["TagList"]
    of_vpcs = [{"Name": "resource-type", "Values": ["vpc"]}]
    found += stack.lab.ec2.describe_tags(Filters=of_vpcs)["Tags"]
    said = [tag["Value"] for tag in found if tag["Key"] == "trellis:status"]
    return next((text[text.index(code):] for text in said if code in text), None)


def untag(stack):
    with stack.phase("apply three times without ignore_tags") as seen:
        since = stack.calls()
        for _ in range(3):
            stack.apply("-var=ignore=[]")
            stack.clocks(2)
        written = [call for call in stack.writes(since, ("connect-vpc",))
                   if call["action"] == "CreateTags"]
        expect(len(written) == 1, f"Trellis wrote the VPC's status {len(written)} times")
        seen.append("Terraform took the VPC's status off each time, Trellis wrote it once")


def replace_group(stack, *addresses):
    with stack.phase("replace the clients' group") as seen:
        since = stack.calls()
        with Watch(stack) as watch:
            stack.apply(*[f"-replace={each}" for each in addresses])
            stack.until("the client reaches the database again", stack.is_reached)
        longest = watch.longest()
        expect(longest <= MOVING_SECONDS, f"the client was cut off for {lasted(longest)}")
        seen += [f"the client was cut off for {lasted(longest)}", told(stack.refusals(since))]


def keep_subnet(stack):
    with stack.phase("delete a subnet beside the client's") as seen:
        client = stack.lab.ec2.describe_network_interfaces(Filters=CLIENT)["NetworkInterfaces"][0]
        subnets = stack.lab.ec2.describe_subnets(
            Filters=[{"Name": "vpc-id", "Values": [client["VpcId"]]}])["Subnets"]
        other = next(each["SubnetId"] for each in subnets
                     if each["SubnetId"] != client["SubnetId"])
        with Watch(stack) as watch:
            with contextlib.suppress(ClientError):
                stack.lab.ec2.delete_subnet(SubnetId=other)
                raise Wrong("AWS deleted a subnet with an endpoint in it")
            status = stack.until("the status says DELETION", lambda: told_by(stack, "DELETION"))
            stack.clocks(2)
        expect(not watch.longest(), f"the client was cut off: {watch.cuts}")
        seen += ["the client was not cut off", status]


def replace_subnet(stack, address):
    with stack.phase("replace the client's subnet") as seen:
        since = stack.calls()
        with Watch(stack) as watch:
            stack.apply(f"-replace={address}")
            stack.until("the new client reaches the database", stack.is_reached)
        seen += [f"the new client had to wait for {lasted(watch.longest())}",
                 told(stack.refusals(since))]


def take_over(stack):
    """What Trellis made is imported, and nothing of it would change."""
    with stack.phase("import what Trellis made") as seen:
        other = copy.copy(stack)
        other.path = stack.path.parent / "taken-over"
        (other.path / "imports.tf").write_text(stack.lab.export())
        other.do("init")
        words = "plan", "-input=false", "-no-color", "-generate-config-out=generated.tf"
        _, said = other.do(*words)
        plan = next((line for line in said.splitlines() if line.startswith("Plan:")), said[-2000:])
        expect(plan.endswith("to import, 0 to add, 0 to change, 0 to destroy."), plan)
        expect(plan.split()[1] != "0", "nothing would be imported")
        seen.append(plan)


def off_and_on(stack):
    with stack.phase("apply connected = false") as seen:
        stack.apply("-var=connected=false")
        stack.until("Trellis has withdrawn", lambda: not stack.left())
        expect(not stack.is_reached(), "the client reaches the database although off")
        seen.append("nothing left of Trellis")
    with stack.phase("apply connected = true again") as seen:
        stack.apply()
        stack.until("the client reaches the database again", stack.is_reached)
        seen.append("the client reaches the database")


def destroy(stack):
    with stack.phase("destroy") as seen:
        since = stack.calls()
        seen += [stack.apply("-destroy"), told(stack.refusals(since))]
    with stack.phase("what is left") as seen:
        stack.until("nothing is left of Trellis", lambda: not stack.left())
        theirs = (stack.lab.ec2.describe_vpcs()["Vpcs"]
                  + stack.lab.rds.describe_db_instances()["DBInstances"])
        expect(not theirs, f"Terraform left {theirs}")
        seen.append("nothing of Trellis, nothing of Terraform")


def destroy_without_trail(stack):
    """The order of the modules' resources is enough."""
    stack.lab.post("switches", {"trail": None})
    destroy(stack)


def told(refusals):
    """What was refused, for people."""
    longest = {}
    for (action, _), span in refusals.items():
        longest[action] = max(span, longest.get(action, 0))
    return "AWS refused " + (
        ", ".join(f"{action} for {lasted(span)}" for action, span in longest.items())
        or "no deletion")


STACKS = {
    "modules": (
        apply, plan_nothing, again,
        # Terraform moves the client to the new group before the old one goes.
        lambda stack: replace_group(stack, "module.consumer.aws_security_group.client"),
        keep_subnet,
        lambda stack: replace_subnet(stack, 'module.consumer.aws_subnet.private["us-east-1a"]'),
        take_over, off_and_on, destroy_without_trail,
    ),
    "ordinary": (
        apply, plan_the_rule, contest, untag,
        # The old group goes first, and its client before it.
        lambda stack: replace_group(
            stack, "aws_security_group.client", "aws_network_interface.client"),
        lambda stack: replace_subnet(stack, "aws_subnet.consumer[0]"),
        destroy,
    ),
}


def out_of_reach(why):
    print(f"Terraform is out of reach, skipped: {why}")
    return 0


def run(program, name):
    """One of the stacks, from its first apply to its destruction."""
    with tempfile.TemporaryDirectory() as folder, \
            Lab(program, "--empty", "--speed", str(SPEED)) as lab:
        stack = Stack(name, lab, Path(folder))
        try:
            stack.do("init")
        except Wrong as wrong:
            if not mirror() and "could not connect to registry" in " ".join(str(wrong).split()):
                return out_of_reach("there is neither a mirror nor a way to the registry")
            raise
        stack.do("fmt", "-check", "-recursive", "-diff", folder)
        for phase in STACKS[name]:
            phase(stack)
    return 0


def main(program, name=None):
    if not shutil.which("terraform"):
        return out_of_reach("there is no terraform on this machine")
    if name:
        return run(os.path.abspath(program), name)
    # Beside one another: Terraform mostly waits.
    command = [sys.executable, __file__, program]
    runs = [subprocess.Popen([*command, name]) for name in STACKS]
    return max([each.wait() for each in runs], key=abs)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], *[[name] for name in STACKS]):
        raise SystemExit(__doc__)
    try:
        sys.exit(main(*sys.argv[1:]))
    except Wrong as wrong:
        sys.exit(f"{'/'.join(sys.argv[2:])}: not as it should be: {wrong}")
