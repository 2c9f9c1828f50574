"""The main job, as a user does it: tags by the AWS CLI, and a look at what became of them."""

from ec2 import by
from report import refused

NETWORK = "databases"


def run(report, lab):
    """A database and a VPC are tagged; both ends meet; the tags go, and so does everything."""
    world = {}
    with report.check("main job: the article's world is there, and nothing connects it"):
        database = lab.aws("rds", "describe-db-instances")["DBInstances"][0]
        world["database"] = database["DBInstanceArn"]
        world["address"] = database["Endpoint"]["Address"]
        world["vpc"] = one(lab, "vpcs", "Vpcs", "consumer")["VpcId"]
        world["client"] = one(lab, "security-groups", "SecurityGroups", "client")["GroupId"]
        found = reachable(lab, world)
        assert found["reachable"] is False and found["broken_at"] and found["hops"], found
    with report.check("main job: what is asked wrongly is told so"):
        for path in ("reachable", "reachable?from=sg-0&to=orders", "reachable?colour=red",
                     f"reachable?from={world['client']}&to=nobody", "nothing"):
            found = lab.get(path)
            assert found.get("status") == 400 and found.get("error"), (path, found)
        for body in ({}, {"seconds": -1}, {"seconds": "soon"}, {"seconds": 1e300}):
            found = lab.post("advance", body)
            assert found.get("status") == 400 and found.get("error"), (body, found)
    with report.check("main job: tags make the database reachable, by both of its names"):
        lab.aws("rds", "add-tags-to-resource", "--resource-name", world["database"],
                "--tags", f"Key=trellis:expose,Value={NETWORK}")
        lab.aws("ec2", "create-tags", "--resources", world["vpc"],
                "--tags", f"Key=trellis:consume,Value={NETWORK}")
        lab.aws("ec2", "create-tags", "--resources", world["client"],
                "--tags", f"Key=trellis:client,Value={NETWORK}")
        found = lab.soon("it is reachable", lambda: by_both(reachable(lab, world)))
        assert world["address"] in found["by"], found
        assert found["broken_at"] is None and all(hop["is_open"] for hop in found["hops"]), found
    with report.check("main job: the status tags say ready"):
        lab.soon("the database is ready", lambda: status(lab, world, "database"))
        lab.soon("the VPC is ready", lambda: status(lab, world, "vpc"))
    with report.check("main job: what was made is tagged, and shown by the AWS CLI"):
        found = lab.aws("vpc-lattice", "list-service-networks")["items"]
        assert [each["name"] for each in found] == [NETWORK], found
        found = lab.aws("ec2", "describe-vpc-endpoints")["VpcEndpoints"]
        assert found[0]["State"] == "available", found
        assert "vpc-endpoint" in ours(lab) and "security-group" in ours(lab), ours(lab)
        found = lab.aws("vpc-lattice", "list-resource-configurations")["items"]
        assert {each["status"] for each in found} == {"ACTIVE"}, found
    with report.check("main job: every call is on record, with its caller"):
        calls = lab.get("calls")
        services = {call["service"] for call in calls}
        assert {"ec2", "rds", "vpc-lattice", "events"} <= services, services
        assert len({call["caller"] for call in calls}) >= 3, {call["caller"] for call in calls}
        assert [call["number"] for call in calls] == sorted(call["number"] for call in calls)
        tagging = [call for call in calls if call["action"] == "AddTagsToResource"]
        assert tagging[0]["caller"] == "me" and tagging[0]["status"] == 200, tagging
    with report.check("main job: simulated time moves when it is told to"):
        before = lab.get("clock")
        after = lab.post("advance", {"seconds": 600})
        assert before["speed"] == 60 and "at_work" in before, before
        assert after["time"] > before["time"], (before, after)
        found = lab.soon("it is still reachable", lambda: by_both(reachable(lab, world)))
        assert found["reachable"], found
    with report.check("main job: nobody but Trellis removes what is in use"):
        network = lab.lattice.list_service_networks()["items"][0]["id"]
        with refused(lab.lattice, "ConflictException", "ConflictException"):
            lab.lattice.delete_service_network(serviceNetworkIdentifier=network)
    with report.check("main job: off, and everything that was made is gone"):
        lab.aws("rds", "add-tags-to-resource", "--resource-name", world["database"],
                "--tags", "Key=trellis:expose,Value=off")
        lab.aws("ec2", "create-tags", "--resources", world["vpc"],
                "--tags", "Key=trellis:consume,Value=off")
        lab.soon("it is not reachable", lambda: not reachable(lab, world)["reachable"])
        lab.soon("nothing of Trellis is left", lambda: not ours(lab) and not networks(lab))
        found = lab.aws("ec2", "describe-vpc-endpoints", "--filters",
                        "Name=vpc-endpoint-state,Values=available,pending")["VpcEndpoints"]
        assert found == [], found
        found = lab.aws("rds", "describe-db-instances")["DBInstances"][0]
        assert found["DBInstanceStatus"] == "available", found


def one(lab, kind, key, name):
    """The thing of this name."""
    found = lab.aws("ec2", f"describe-{kind}", "--filters", f"Name=tag:Name,Values={name}")[key]
    assert len(found) == 1, found
    return found[0]


def reachable(lab, world):
    """The simulator's verdict."""
    return lab.get(f"reachable?from={world['client']}&to=orders")


def by_both(found):
    """The verdict, if it is by the database's own name and by the endpoint's."""
    return found["reachable"] and len(found["by"]) == 2 and found


def status(lab, world, what):
    """The tag `trellis:status`, if it says ready."""
    if what == "database":
        found = lab.rds.list_tags_for_resource(ResourceName=world["database"])["TagList"]
    else:
        found = lab.ec2.describe_tags(Filters=by(resource_id=world["vpc"]))["Tags"]
    said = [tag["Value"] for tag in found if tag["Key"] == "trellis:status"]
    return bool(said) and said[0].startswith("ready") and said[0]


def ours(lab):
    """The kinds of what EC2 has with the tag `trellis:owner`."""
    found = lab.ec2.describe_tags(Filters=by(key="trellis:owner"))["Tags"]
    return sorted({tag["ResourceType"] for tag in found})


def networks(lab):
    """What VPC Lattice has: none of it was there before Trellis."""
    lattice = lab.lattice
    lists = (lattice.list_service_networks, lattice.list_resource_gateways,
             lattice.list_resource_configurations)
    return [row["name"] for each in lists for row in each()["items"]]
