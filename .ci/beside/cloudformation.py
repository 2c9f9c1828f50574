"""A database and its clients in CloudFormation's hands, and Trellis beside it.

Usage: cloudformation.py PROGRAM

The simulated AWS has no CloudFormation: `stack.py` makes the calls that CloudFormation makes for
the templates in examples/cloudformation, in the order that their references ask for. The stacks are
created, updated, replaced in part and deleted, with two clients in that of the consumer. A line
says what came of each phase; the first thing that is not as it should be ends the run.
"""

import contextlib
import copy
import sys
import threading
import time
from pathlib import Path

from botocore.exceptions import ClientError

BESIDE = Path(__file__).resolve().parent
sys.path.insert(0, str(BESIDE.parent / "clients"))

from lab import Lab  # noqa: E402
from stack import SPEED, GivenUp, Stack, now, read, rest  # noqa: E402
from wrong import Wrong, expect  # noqa: E402

EXAMPLES = BESIDE.parent.parent / "examples" / "cloudformation"
WRITERS = ("expose-database", "connect-vpc")
# How many seconds clients may be without the database:
# while the rules for a client's new group are made, since its tag rings well before the clock does
# (it takes seconds, of which a busy machine makes more);
TAGGED_SECONDS = 240
# while the endpoint is removed, and made anew;
ANEW_SECONDS = 600
# while a database's groups are modified, and until the next clock: without a trail nothing rings.
CLOCK_SECONDS = 390


def tagged(**tags):
    """A filter for tags."""
    return [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]


class Watch(threading.Thread):
    """Asks all the time whether every client reaches the database, by the groups that it bears."""

    def __init__(self, beside):
        super().__init__(daemon=True)
        self.beside, self.ends, self.fault = beside, threading.Event(), None
        self.looks, self.longest, self.broken_at = 0, 0, None

    def run(self):
        try:
            since = None
            while not self.ends.wait(0.05):
                found, moment = self.beside.cut_off(), now(self.beside.lab)
                since = (since or moment) if found else None
                if since and (moment - since).seconds >= self.longest:
                    self.longest, self.broken_at = (moment - since).seconds, found
                self.looks += 1
        except Exception as error:  # what it no longer looks at, nobody else does
            self.fault = error

    def stop(self):
        """Ends the watch."""
        self.ends.set()
        self.join()
        if self.fault:
            raise self.fault

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def saw_no_cut(self):
        """Ends the watch, and the run if a client was cut off. Says how often it looked."""
        self.stop()
        expect(not self.broken_at,
               f"clients were cut off for {self.longest} s, at {self.broken_at}")
        return f"open at all {self.looks} looks"


class Beside:
    """The two stacks, in a simulated AWS with the functions of Trellis."""

    def __init__(self, lab):
        self.lab = lab
        names = ("database", "consumer")
        self.templates = {name: read(EXAMPLES / f"{name}.yaml") for name in names}
        for zone in "AB":
            self.templates["consumer"]["Resources"][f"Client{zone}"] = {
                "Type": "AWS::EC2::NetworkInterface",
                "Properties": {
                    "SubnetId": {"Ref": f"Subnet{zone}"}, "GroupSet": [{"Ref": "Clients"}],
                    "Tags": [{"Key": "Name", "Value": "client"}],
                },
            }

    @contextlib.contextmanager
    def phase(self, name):
        """Says what was seen, which the body appends to the list that it gets, and how long it
        took."""
        begun, seen = now(self.lab), []
        yield seen
        seconds = (now(self.lab) - begun).seconds
        print(f"{name}: {'; '.join(seen)} - {seconds // 60} min {seconds % 60} s", flush=True)

    def until(self, sentence, holds, minutes=15):
        """Simulated time passes until it holds, at most so much."""
        begun = now(self.lab)
        while not holds():
            if (now(self.lab) - begun).seconds > minutes * 60:
                raise Wrong(f"{sentence}: not within {minutes} minutes")
            rest(5)

    def cut_off(self):
        """Where a client's way to the database breaks, if one's does."""
        found = self.lab.ec2.describe_network_interfaces(Filters=tagged(Name="client"))
        bearers = {tuple(sorted(group["GroupId"] for group in client["Groups"]))
                   for client in found["NetworkInterfaces"]}
        for groups in bearers:
            ways = [self.reach(group) for group in groups]
            # A group that is gone since it was listed has no clients: of that there is no verdict.
            if all(way.get("reachable") is False for way in ways):
                return ways[0]["broken_at"]
        return None if bearers else "there is no client"

    def reach(self, group):
        """The simulator's verdict on the clients of a group."""
        return self.lab.get(f"reachable?from={group}&to={self.database.things['Database'].id}")

    def writes(self, since):
        """What Trellis wrote after this call."""
        return [call for call in self.lab.get("calls")[since:] if call["caller"] in WRITERS
                and not call["action"].startswith(("Describe", "Get", "List"))]

    def calls(self):
        """How many calls there have been."""
        return len(self.lab.get("calls"))

    def owned(self):
        """What there is of Trellis's."""
        lattice = self.lab.lattice
        lists = (lattice.list_service_networks, lattice.list_resource_gateways,
                 lattice.list_resource_configurations)
        tags = self.lab.ec2.describe_tags(Filters=[{"Name": "key", "Values": ["trellis:owner"]}])
        return ([tag["ResourceId"] for tag in tags["Tags"]]
                + [row["name"] for each in lists for row in each()["items"]])

    # ----------------------------------------------------------------------------------------------

    def create(self):
        """What is there before: the VPC of the database, of somebody else's stack."""
        ec2 = self.lab.ec2
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.0.{64 * number}/26",
                              AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
            for number, zone in enumerate("ab")
        ]
        with self.phase("create the database") as seen:
            self.database = Stack(self.lab, "database", self.templates["database"],
                                  Vpc=self.vpc, Subnets=self.subnets)
            seen.append(f"{len(self.database.things)} resources, at "
                        f"{self.database.output('Address')}:{self.database.output('Port')}")

    def connect(self, *networks):
        """The consumer's stack is created with the first of these, and updated with the others;
        its clients reach the database."""
        with self.phase(f"create the consumer with Network={networks[0]}") as seen:
            self.consumer = Stack(self.lab, "consumer", self.templates["consumer"],
                                  Network=networks[0])
            seen.append(f"{len(self.consumer.things)} resources")
        with self.phase(f"connect it with Network={networks[-1]}") as seen:
            for network in networks[1:]:
                done = self.consumer.update(self.templates["consumer"], Network=network)
                seen.append(", ".join(" ".join(each) for each in done))
            self.until("the clients reach the database", lambda: not self.cut_off())
            self.until("both are ready", lambda: self.status("ready"))
            seen.append(f"the clients reach the database; the endpoint is in {self.zones()} zones")
            # Of a VPC that was tagged before its subnets were there, it depends on the moment.
            expect(len(networks) == 1 or self.zones() == 2, "the endpoint is in one zone only")

    def status(self, word):
        """Whether the status of the database and of the VPC begins with this word."""
        both = (self.database.things["Database"], self.consumer.things["Vpc"])
        return all(self.tags(it).get("trellis:status", "").startswith(word) for it in both)

    def tags(self, thing):
        """Its tags."""
        if thing is self.database.things["Database"]:
            found = thing.kind.describe(self.lab, thing.id)["TagList"]
        else:
            by_id = [{"Name": "resource-id", "Values": [thing.id]}]
            found = self.lab.ec2.describe_tags(Filters=by_id)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in found}

    def zones(self):
        """In how many zones the endpoint of the consumer's VPC is."""
        by_vpc = [{"Name": "vpc-id", "Values": [self.consumer.things["Vpc"].id]}]
        endpoint, = self.lab.ec2.describe_vpc_endpoints(Filters=by_vpc)["VpcEndpoints"]
        return len(endpoint["SubnetIds"])

    def unchanged(self):
        """Updates that are none, or not of our matter."""
        for name, tags in (("nothing", None), ("a tag of one's own", {"team": "shop"})):
            with self.phase(f"update {name}") as seen, Watch(self) as watch:
                since, changed = self.calls(), []
                for stack in (self.database, self.consumer):
                    changed += stack.update(self.templates[stack.name], tags)
                rest(660)  # two clocks
                writes = self.writes(since)
                expect(not writes, f"Trellis wrote {writes[:1]} for an update of {name}")
                expect(all(way == "updated" for way, _ in changed), f"more changed: {changed}")
                expect(bool(changed) == bool(tags), f"{len(changed)} resources changed for {name}")
                seen += [f"{len(changed)} resources updated", "no write of Trellis's",
                         watch.saw_no_cut()]
        self.stack_tags = tags

    def drift(self):
        """What drift detection shows: tags that a template which sets tags does not set."""
        with self.phase("look for drift") as seen:
            found = {}
            for stack in (self.database, self.consumer):
                for name, thing in stack.things.items():
                    own = thing.properties.get("Tags")
                    if more := own and self.tags(thing).keys() - own.keys():
                        found[name] = sorted(more)
            expected = {"Database": ["trellis:status"], "Vpc": ["trellis:status"]}
            expect(found == expected, f"drift detection shows {found}")
            seen.append("trellis:status on Database and Vpc, and nothing else")

    def replace(self, stack, what, change, most_seconds, **meanwhile):
        """A part of a template changes, so that CloudFormation makes it anew: in an update with
        these parameters, if there are any, and another that takes them back."""
        usual = {name: stack.known[name] for name in meanwhile}
        template = self.templates[stack.name] = copy.deepcopy(self.templates[stack.name])
        change(template["Resources"][what]["Properties"])
        with self.phase(f"replace {what} of the {stack.name}") as seen, Watch(self) as watch:
            old = stack.things[what].id
            done = stack.update(template, self.stack_tags, **meanwhile)
            expect(("replaced", what) in done, f"{what} was not replaced: {done}")
            seen.append(f"{', '.join(' '.join(each) for each in done)}; {old} is gone")
            stack.update(template, self.stack_tags, **usual)
            self.until("the clients reach the database", lambda: not self.cut_off())
            rest(330)  # a clock
            watch.stop()
            expect(watch.longest <= most_seconds,
                   f"clients were cut off for {watch.longest} s, at {watch.broken_at}")
            seen.append(f"clients were cut off for {watch.longest} s at the most")
            expect(self.zones() == 2, "the endpoint is no longer in both zones")

    def swap(self):
        """A group of clients gives way to another, in two updates: first they bear both."""
        template = self.templates["consumer"] = copy.deepcopy(self.templates["consumer"])
        resources = template["Resources"]
        resources["Members"] = copy.deepcopy(resources["Clients"])
        clients = [resources[f"Client{zone}"]["Properties"] for zone in "AB"]
        with self.phase("replace Clients by Members, in two updates") as seen, Watch(self) as watch:
            for each in clients:
                each["GroupSet"] = [{"Ref": "Clients"}, {"Ref": "Members"}]
            done = self.consumer.update(template, self.stack_tags)
            members = self.consumer.things["Members"].id
            self.until("the new group is let in", lambda: self.reach(members)["reachable"])
            for each in clients:
                each["GroupSet"] = [{"Ref": "Members"}]
            del resources["Clients"]
            template["Outputs"]["Clients"]["Value"] = {"Ref": "Members"}
            done += self.consumer.update(template, self.stack_tags)
            expect(("removed", "Clients") in done, f"the old group is there: {done}")
            rest(330)  # a clock
            seen += [", ".join(" ".join(each) for each in done), watch.saw_no_cut()]

    def switch_off(self):
        """The recommended way, where no trail tells of refused deletions: the network is off, and
        then the stack goes."""
        usual = self.lab.get("switches")["trail"]
        self.lab.post("switches", {"trail": None})
        with self.phase("delete the consumer, after Network=off and without a trail") as seen:
            self.consumer.update(self.templates["consumer"], self.stack_tags, Network="off")
            self.consumer.delete()
            seen.append("deleted")
        self.lab.post("switches", {"trail": usual})

    def refuse(self):
        """Whose delete is refused for a client's sake cuts that client off neither."""
        with self.phase("delete the consumer, while a client of another stack is there") as seen:
            stranger = self.lab.ec2.create_network_interface(
                SubnetId=self.consumer.things["SubnetB"].id,
                Groups=[self.consumer.output("Clients")],
                TagSpecifications=[{"ResourceType": "network-interface",
                                    "Tags": [{"Key": "Name", "Value": "client"}]}],
            )["NetworkInterface"]["NetworkInterfaceId"]
            with Watch(self) as watch:
                try:
                    self.consumer.delete()
                except GivenUp as error:
                    seen.append(f"CloudFormation gave up: {error}")
                else:
                    raise Wrong("the stack was deleted from under a client")
                rest(330)  # a clock
                seen.append(watch.saw_no_cut())
            self.lab.ec2.delete_network_interface(NetworkInterfaceId=stranger)

    def delete(self, stack):
        """A stack goes as it is."""
        with self.phase(f"delete the {stack.name}, as it is") as seen:
            stack.delete()
            seen.append("deleted")

    def nothing_left(self):
        """Nobody has left anything."""
        with self.phase("look around") as seen:
            self.until(f"nothing of Trellis's is left: {self.owned()}", lambda: not self.owned())
            for subnet in self.subnets:
                self.lab.ec2.delete_subnet(SubnetId=subnet)
            self.lab.ec2.delete_vpc(VpcId=self.vpc)
            ec2, rds = self.lab.ec2, self.lab.rds
            left = (ec2.describe_vpcs()["Vpcs"] + ec2.describe_subnets()["Subnets"]
                    + ec2.describe_network_interfaces()["NetworkInterfaces"]
                    + ec2.describe_security_groups()["SecurityGroups"]
                    + rds.describe_db_instances()["DBInstances"]
                    + rds.describe_db_subnet_groups()["DBSubnetGroups"])
            expect(not left, f"{len(left)} things are left: {left[:1]}")
            snapshots = rds.describe_db_snapshots()["DBSnapshots"]
            expect(len(snapshots) == 1, f"the database's DeletionPolicy left {snapshots}")
            seen.append("nothing is left but the database's last snapshot")


def redescribed(group):
    """A group's description, which no update can change."""
    group["GroupDescription"] += ", and nothing else"


def readdressed(subnet):
    """Other addresses, as yet in no subnet, which no update can change."""
    subnet["CidrBlock"]["Fn::Select"][0] = 2


def run(lab):
    """All phases."""
    beside = Beside(lab)
    beside.create()
    beside.connect("off", "databases")
    beside.unchanged()
    beside.drift()
    beside.replace(beside.consumer, "Clients", redescribed, TAGGED_SECONDS)
    # AWS changes no endpoint's subnets, and while there are clients Trellis gives none up unasked.
    beside.replace(beside.consumer, "SubnetA", readdressed, ANEW_SECONDS, Network="off")
    beside.swap()
    beside.replace(beside.database, "DatabaseGroup", redescribed, CLOCK_SECONDS)
    beside.switch_off()
    beside.connect("databases")
    beside.refuse()
    beside.delete(beside.consumer)
    beside.delete(beside.database)
    beside.nothing_left()


def main(program):
    """Returns the exit status."""
    with Lab(program, "--empty", "--speed", str(SPEED)) as lab:
        try:
            run(lab)
        except GivenUp as error:
            print(f"CloudFormation gave up a deletion: {error}", file=sys.stderr)
        except (Wrong, ClientError) as error:
            print(error, file=sys.stderr)
        else:
            print("Trellis and CloudFormation let each other live", flush=True)
            return 0
    return 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1]))
