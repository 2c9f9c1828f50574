"""What CloudFormation does with a template, as calls to AWS: as much of it as matters here.

It goes through the resources in the order of their references. What an update cannot change it
makes anew, and moves the references; what nobody needs any more it deletes at the end, in the
opposite order. A deletion that AWS refuses because something depends on the thing is tried again
and again, with growing pauses, for some minutes: then CloudFormation gives up.

CloudFormation works on several resources at once, this on one after the other; only the deletions
take turns, as there.
"""

import datetime
import graphlib
import ipaddress
import itertools
import time

from awscli.customizations.cloudformation.yamlhelper import yaml_parse
from botocore.exceptions import ClientError

# How long a deletion is tried, in seconds. AWS does not say how long CloudFormation does.
PATIENCE = 600
SPEED = 60


class GivenUp(Exception):
    """What stays although it should go: CloudFormation's DELETE_FAILED."""


def now(lab):
    """The simulated time."""
    return datetime.datetime.fromisoformat(lab.get("clock")["time"][:19])


def rest(seconds):
    """So much simulated time passes."""
    time.sleep(seconds / SPEED)


def read(path):
    """A template, with the long forms of all functions."""
    return yaml_parse(path.read_text(encoding="utf-8"))


class Thing:
    """A resource that is there."""

    def __init__(self, kind, id, properties, needs):
        self.kind, self.id, self.properties, self.needs = kind, id, properties, needs


class Stack:
    """The resources that came of a template."""

    numbers = itertools.count(1)

    def __init__(self, lab, name, template, **parameters):
        self.lab, self.name, self.things, self.known = lab, name, {}, {}
        self.update(template, **parameters)

    def update(self, template, tags=None, **parameters):
        """Makes it so. Parameters that are not given stay as they were. Says what was changed in
        what way, as (way, name) pairs."""
        defaults = {name: each.get("Default") for name, each in template["Parameters"].items()}
        self.known = {**defaults, **self.known, **parameters}
        resources, before, done, old = template["Resources"], dict(self.things), [], []
        needs = {name: self.needs(resource, resources) for name, resource in resources.items()}
        for name in graphlib.TopologicalSorter(needs).static_order():
            kind = KINDS[resources[name]["Type"]]
            properties = self.value(resources[name]["Properties"])
            if kind.has_tags:
                own = {each["Key"]: each["Value"] for each in properties.get("Tags", [])}
                properties["Tags"] = {**own, **(tags or {})}
            there, beneath = before.get(name), [self.things[each] for each in needs[name]]
            changed = there and {key for key in {*properties, *there.properties}
                                 if properties.get(key) != there.properties.get(key)}
            if there and not changed & kind.fixed:
                if changed:
                    kind.update(self.lab, there.id, there.properties, properties)
                    done.append(("updated", name))
                there.properties, there.needs = properties, beneath
                continue
            if there:
                old.append(there)
            physical = f"{self.name}-{name}-{next(self.numbers)}"
            id = kind.create(self.lab, physical, properties)
            self.things[name] = Thing(kind, id, properties, beneath)
            done.append(("replaced" if there else "created", name))
        gone = before.keys() - resources.keys()
        old += [self.things.pop(name) for name in gone]
        done += [("removed", name) for name in gone]
        self.outputs = template["Outputs"]
        self.remove(old)
        return done

    def output(self, name):
        """An output of the template."""
        return self.value(self.outputs[name]["Value"])

    def delete(self):
        """Deletes all of it. What stays if it cannot is tried again by the next `delete`."""
        self.remove(list(self.things.values()))

    def remove(self, things):
        """Deletes these, and nothing before what needs it."""
        since, pause = {}, 5
        while things:
            for thing in reversed(list(things)):
                if any(thing in other.needs for other in things):
                    continue
                try:
                    thing.kind.delete(self.lab, thing.id)
                except ClientError as error:
                    if error.response["Error"]["Code"] != "DependencyViolation":
                        raise
                    moment = now(self.lab)
                    if (moment - since.setdefault(thing.id, moment)).seconds > PATIENCE:
                        raise GivenUp(error.response["Error"]["Message"]) from error
                else:
                    things.remove(thing)
                    self.things = {k: v for k, v in self.things.items() if v is not thing}
            if things:
                rest(pause)
                pause = min(pause * 2, 60)

    @staticmethod
    def needs(resource, resources):
        """The names of the resources that this one names."""
        found, trees = set(), [resource]
        while trees:
            tree = trees.pop()
            if isinstance(tree, dict):
                named = [tree.get("Ref"), tree.get("Fn::GetAtt", [None])[0], tree.get("DependsOn")]
                for each in named:
                    found.update(each if isinstance(each, list) else [each])
                trees += tree.values()
            elif isinstance(tree, list):
                trees += tree
        return found & resources.keys()

    def value(self, tree):
        """A part of the template, with what its functions say in their place."""
        if isinstance(tree, list):
            return [self.value(each) for each in tree]
        if not isinstance(tree, dict):
            return tree
        (name, argument), *others = tree.items()
        if others or name not in ("Ref", *FUNCTIONS):
            assert not name.startswith("Fn::"), f"nobody knows {name} here"
            return {key: self.value(each) for key, each in tree.items()}
        if name == "Ref":
            return self.things[argument].id if argument in self.things else self.known[argument]
        if name == "Fn::GetAtt":
            thing = self.things[argument[0]]
            found = thing.kind.describe(self.lab, thing.id)
            for part in argument[1].split("."):
                found = found[part]
            return found
        return FUNCTIONS[name](self.lab, self.value(argument))


def zones(lab, _):
    """The names of the region's zones."""
    found = lab.ec2.describe_availability_zones()["AvailabilityZones"]
    return [zone["ZoneName"] for zone in found]


def cidr(_, argument):
    """So many networks out of one, each with so many bits for its hosts."""
    whole, count, bits = argument
    parts = ipaddress.ip_network(whole).subnets(new_prefix=32 - int(bits))
    return [str(part) for part in itertools.islice(parts, int(count))]


FUNCTIONS = {
    "Fn::GetAtt": None,
    "Fn::GetAZs": zones,
    "Fn::Cidr": cidr,
    "Fn::Select": lambda _, argument: argument[1][int(argument[0])],
    "Fn::Join": lambda _, argument: argument[0].join(map(str, argument[1])),
}


class Kind:
    """One type of resource: how it is made and so on, and what an update cannot change."""

    fixed = frozenset()
    has_tags = True
    type = None

    def specification(self, properties):
        """The tags of something new."""
        tags = [{"Key": key, "Value": value} for key, value in properties["Tags"].items()]
        return [{"ResourceType": self.type, "Tags": tags}] if tags else []

    def update(self, lab, id, old, new):
        """What differs is so from now on: of most kinds the tags. Tags that the template never
        had stay as they are."""
        gone = [{"Key": key} for key in old["Tags"].keys() - new["Tags"].keys()]
        if gone:
            lab.ec2.delete_tags(Resources=[id], Tags=gone)
        put = [{"Key": key, "Value": value} for key, value in new["Tags"].items()
               if old["Tags"].get(key) != value]
        if put:
            lab.ec2.create_tags(Resources=[id], Tags=put)


class Vpc(Kind):
    """AWS::EC2::VPC"""

    type = "vpc"
    fixed = frozenset({"CidrBlock"})

    def create(self, lab, _, properties):
        made = lab.ec2.create_vpc(CidrBlock=properties["CidrBlock"],
                                  TagSpecifications=self.specification(properties))
        id = made["Vpc"]["VpcId"]
        for name in ("EnableDnsSupport", "EnableDnsHostnames"):
            lab.ec2.modify_vpc_attribute(VpcId=id, **{name: {"Value": properties[name]}})
        return id

    def delete(self, lab, id):
        lab.ec2.delete_vpc(VpcId=id)


class Subnet(Kind):
    """AWS::EC2::Subnet"""

    type = "subnet"
    fixed = frozenset({"AvailabilityZone", "CidrBlock", "VpcId"})

    def create(self, lab, _, properties):
        names = ("VpcId", "CidrBlock", "AvailabilityZone")
        made = lab.ec2.create_subnet(**{name: properties[name] for name in names},
                                     TagSpecifications=self.specification(properties))
        return made["Subnet"]["SubnetId"]

    def delete(self, lab, id):
        lab.ec2.delete_subnet(SubnetId=id)


class Group(Kind):
    """AWS::EC2::SecurityGroup"""

    type = "security-group"
    fixed = frozenset({"GroupDescription", "VpcId"})

    def create(self, lab, name, properties):
        made = lab.ec2.create_security_group(
            GroupName=name, Description=properties["GroupDescription"],
            VpcId=properties["VpcId"], TagSpecifications=self.specification(properties))
        return made["GroupId"]

    def delete(self, lab, id):
        lab.ec2.delete_security_group(GroupId=id)


class Ingress(Kind):
    """AWS::EC2::SecurityGroupIngress"""

    has_tags = False
    fixed = frozenset({"FromPort", "GroupId", "IpProtocol", "SourceSecurityGroupId", "ToPort"})

    def create(self, lab, _, properties):
        source = {"GroupId": properties["SourceSecurityGroupId"],
                  "Description": properties["Description"]}
        permission = {**{name: properties[name] for name in ("IpProtocol", "FromPort", "ToPort")},
                      "UserIdGroupPairs": [source]}
        made = lab.ec2.authorize_security_group_ingress(GroupId=properties["GroupId"],
                                                        IpPermissions=[permission])
        return made["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def delete(self, lab, id):
        rule = lab.ec2.describe_security_group_rules(SecurityGroupRuleIds=[id])
        lab.ec2.revoke_security_group_ingress(
            GroupId=rule["SecurityGroupRules"][0]["GroupId"], SecurityGroupRuleIds=[id])


class Interface(Kind):
    """AWS::EC2::NetworkInterface"""

    type = "network-interface"
    fixed = frozenset({"SubnetId"})

    def create(self, lab, _, properties):
        made = lab.ec2.create_network_interface(
            SubnetId=properties["SubnetId"], Groups=properties["GroupSet"],
            TagSpecifications=self.specification(properties))
        return made["NetworkInterface"]["NetworkInterfaceId"]

    def update(self, lab, id, old, new):
        if old["GroupSet"] != new["GroupSet"]:
            lab.ec2.modify_network_interface_attribute(NetworkInterfaceId=id,
                                                       Groups=new["GroupSet"])
        super().update(lab, id, old, new)

    def delete(self, lab, id):
        lab.ec2.delete_network_interface(NetworkInterfaceId=id)


def in_rds(tags):
    """Tags as RDS takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


class SubnetGroup(Kind):
    """AWS::RDS::DBSubnetGroup"""

    def create(self, lab, name, properties):
        lab.rds.create_db_subnet_group(
            DBSubnetGroupName=name, SubnetIds=properties["SubnetIds"],
            DBSubnetGroupDescription=properties["DBSubnetGroupDescription"],
            Tags=in_rds(properties["Tags"]))
        return name.lower()

    def update(self, lab, id, old, new):
        assert old["SubnetIds"] == new["SubnetIds"], "no template here changes them"
        found = lab.rds.describe_db_subnet_groups(DBSubnetGroupName=id)["DBSubnetGroups"][0]
        retag(lab, found["DBSubnetGroupArn"], old, new)

    def delete(self, lab, id):
        lab.rds.delete_db_subnet_group(DBSubnetGroupName=id)


class Database(Kind):
    """AWS::RDS::DBInstance"""

    fixed = frozenset({"DBName", "DBSubnetGroupName", "Engine", "MasterUsername",
                       "StorageEncrypted"})

    def create(self, lab, name, properties):
        members = {**properties, "Tags": in_rds(properties["Tags"])}
        members["AllocatedStorage"] = int(members["AllocatedStorage"])
        members["VpcSecurityGroupIds"] = members.pop("VPCSecurityGroups")
        lab.rds.create_db_instance(DBInstanceIdentifier=name, **members)
        self.wait(lab, name)
        return name.lower()

    def update(self, lab, id, old, new):
        changed = {name for name in new if new[name] != old[name]} - {"Tags"}
        if changed:
            assert changed == {"VPCSecurityGroups"}, f"no template here changes {changed}"
            lab.rds.modify_db_instance(DBInstanceIdentifier=id, ApplyImmediately=True,
                                       VpcSecurityGroupIds=new["VPCSecurityGroups"])
            self.wait(lab, id)
        retag(lab, self.describe(lab, id)["DBInstanceArn"], old, new)

    def delete(self, lab, id):
        """With a snapshot, as the template's DeletionPolicy says."""
        lab.rds.delete_db_instance(DBInstanceIdentifier=id, SkipFinalSnapshot=False,
                                   FinalDBSnapshotIdentifier=f"{id}-final")
        try:
            while self.describe(lab, id):
                rest(10)
        except lab.rds.exceptions.DBInstanceNotFoundFault:
            pass

    def wait(self, lab, id):
        """Until nothing is pending."""
        rest(30)
        while self.describe(lab, id)["DBInstanceStatus"] != "available":
            rest(10)

    def describe(self, lab, id):
        return lab.rds.describe_db_instances(DBInstanceIdentifier=id)["DBInstances"][0]


def retag(lab, arn, old, new):
    """As `Kind.update`, of RDS."""
    old, new = old["Tags"], new["Tags"]
    if gone := list(old.keys() - new.keys()):
        lab.rds.remove_tags_from_resource(ResourceName=arn, TagKeys=gone)
    if put := {key: value for key, value in new.items() if old.get(key) != value}:
        lab.rds.add_tags_to_resource(ResourceName=arn, Tags=in_rds(put))


KINDS = {kind.__doc__: kind() for kind in
         (Vpc, Subnet, Group, Ingress, Interface, SubnetGroup, Database)}
