"""Amazon RDS, as boto3 sees it."""

from ec2 import group, network
from report import names, pages, refused


def tags(**given):
    """`Tags`."""
    return [{"Key": key, "Value": value} for key, value in given.items()]


def instance(lab, name, **members):
    """An instance is being made. Returns it."""
    return lab.rds.create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t4g.micro", Engine="postgres",
        AllocatedStorage=20, MasterUsername="postgres", ManageMasterUserPassword=True, **members,
    )["DBInstance"]


def available(lab, name):
    """Waits until the instance is available, as the waiter of boto3 sees it. Returns it."""
    def look():
        found = lab.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return found["DBInstanceStatus"] == "available" and found
    return lab.until(f"{name} is available", look)


def gone(lab, *databases):
    """Deletes them and waits for it."""
    for name in databases:
        lab.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    there = lambda: names(lab.rds.describe_db_instances()["DBInstances"], "DBInstanceIdentifier")
    lab.until("they are gone", lambda: not set(databases) & set(there()))


def run(report, lab):
    """Every operation of RDS."""
    rds = lab.rds
    vpc, subnets = network(lab, "of-databases")
    private = group(lab, "database", vpc)
    with report.check("rds: a subnet group covers two zones"):
        common = {"DBSubnetGroupDescription": "two zones", "SubnetIds": subnets}
        made = rds.create_db_subnet_group(DBSubnetGroupName="Pair", **common)["DBSubnetGroup"]
        assert made["DBSubnetGroupName"] == "pair" and made["VpcId"] == vpc, made
        with refused(rds, "DBSubnetGroupAlreadyExists", "DBSubnetGroupAlreadyExistsFault"):
            rds.create_db_subnet_group(DBSubnetGroupName="pair", **common)
        common["SubnetIds"] = subnets[:1]
        with refused(rds, "DBSubnetGroupDoesNotCoverEnoughAZs",
                     "DBSubnetGroupDoesNotCoverEnoughAZs"):
            rds.create_db_subnet_group(DBSubnetGroupName="single", **common)
        common["SubnetIds"] = ["subnet-00000000000000000"]
        with refused(rds, "InvalidSubnet", "InvalidSubnet"):
            rds.create_db_subnet_group(DBSubnetGroupName="none", **common)
        with refused(rds, "DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFoundFault"):
            rds.describe_db_subnet_groups(DBSubnetGroupName="nobody")
    with report.check("rds: an instance is created, and has an endpoint once it is available"):
        given = {"PubliclyAccessible": False, "StorageEncrypted": True, "StorageType": "gp2",
                 "BackupRetentionPeriod": 7, "AutoMinorVersionUpgrade": False}
        made = instance(lab, "Orders", DBSubnetGroupName="pair", VpcSecurityGroupIds=[private],
                        EnableIAMDatabaseAuthentication=True, Tags=tags(team="shop"), **given)
        assert made["DBInstanceStatus"] == "creating" and "Endpoint" not in made, made
        with refused(rds, "InvalidDBInstanceState", "InvalidDBInstanceStateFault"):
            rds.modify_db_instance(DBInstanceIdentifier="orders", MultiAZ=True)
        found = available(lab, "orders")
        assert found["Endpoint"]["Port"] == 5432, found
        assert found["TagList"] == tags(team="shop"), found
        assert given == {member: found[member] for member in given}, found
        assert found["IAMDatabaseAuthenticationEnabled"] is True, found
        assert found["VpcSecurityGroups"][0]["VpcSecurityGroupId"] == private, found
        with refused(rds, "DBInstanceAlreadyExists", "DBInstanceAlreadyExistsFault"):
            instance(lab, "orders", DBSubnetGroupName="pair")
        with refused(rds, "InvalidDBSubnetGroupStateFault", "InvalidDBSubnetGroupStateFault"):
            rds.delete_db_subnet_group(DBSubnetGroupName="pair")
    tag_and_change(report, lab)
    copies(report, lab)
    clusters(report, lab)
    with report.check("rds: listings come in pages of 20, and every database once"):
        made = [f"page-{number}" for number in range(25)]
        for name in made:
            instance(lab, name, DBSubnetGroupName="pair")
        found, count = pages(rds, "describe_db_instances", "DBInstances", 20)
        assert count == 2, count
        assert set(made) <= set(names(found, "DBInstanceIdentifier")), len(found)
        lab.post("advance", {"seconds": 900})
        gone(lab, *made)
    with report.check("rds: refusals have RDS's codes"):
        for code, modelled, call in (
            ("DBInstanceNotFound", "DBInstanceNotFoundFault",
             lambda: rds.describe_db_instances(DBInstanceIdentifier="nobody")),
            ("DBInstanceNotFound", "DBInstanceNotFoundFault",
             lambda: rds.delete_db_instance(DBInstanceIdentifier="nobody")),
            ("InvalidParameterValue", None,
             lambda: rds.describe_db_instances(MaxRecords=5)),
            ("InvalidParameterValue", None, lambda: instance(lab, "9lives")),
            ("InvalidParameterCombination", None,
             lambda: rds.delete_db_instance(DBInstanceIdentifier="orders")),
            ("InvalidAction", None, rds.describe_db_engine_versions),
        ):
            with refused(rds, code, modelled):
                call()
    with report.check("rds: databases and their subnet group go"):
        gone(lab, "orders")
        with refused(rds, "DBInstanceNotFound", "DBInstanceNotFoundFault"):
            rds.describe_db_instances(DBInstanceIdentifier="orders")
        rds.delete_db_subnet_group(DBSubnetGroupName="pair")
        assert rds.describe_db_subnet_groups()["DBSubnetGroups"] == []


def tag_and_change(report, lab):
    """Tags, and what changes an instance."""
    rds = lab.rds
    arn = available(lab, "orders")["DBInstanceArn"]
    with report.check("rds: tags are written, listed and removed"):
        rds.add_tags_to_resource(ResourceName=arn, Tags=tags(team="web", expose="a+b c"))
        found = rds.list_tags_for_resource(ResourceName=arn)["TagList"]
        assert {tag["Key"]: tag["Value"] for tag in found} == {"team": "web", "expose": "a+b c"}
        rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["expose"])
        assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == tags(team="web")
        with refused(rds, "InvalidParameterValue"):
            rds.add_tags_to_resource(ResourceName=arn, Tags=tags(list="a,b"))
        with refused(rds, "DBInstanceNotFound", "DBInstanceNotFoundFault"):
            rds.list_tags_for_resource(ResourceName=f"{arn}-of-nobody")
    with report.check("rds: port, standby and name change"):
        rds.modify_db_instance(DBInstanceIdentifier="orders", DBPortNumber=5433, MultiAZ=True,
                               ApplyImmediately=True)
        found = available(lab, "orders")
        assert found["Endpoint"]["Port"] == 5433 and found["MultiAZ"] is True, found
        zone, resource = found["AvailabilityZone"], found["DbiResourceId"]
        rds.reboot_db_instance(DBInstanceIdentifier="orders", ForceFailover=True)
        assert available(lab, "orders")["AvailabilityZone"] != zone
        rds.modify_db_instance(DBInstanceIdentifier="orders", NewDBInstanceIdentifier="renamed",
                               ApplyImmediately=True)
        found = available_after_rename(lab, "renamed")
        assert found["DbiResourceId"] == resource and found["DBInstanceArn"] != arn, found
        rds.modify_db_instance(DBInstanceIdentifier="renamed", NewDBInstanceIdentifier="orders",
                               ApplyImmediately=True)
        available_after_rename(lab, "orders")
    with report.check("rds: an instance stops and starts"):
        rds.stop_db_instance(DBInstanceIdentifier="orders")
        status = lambda: rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"]
        lab.until("it is stopped", lambda: status() == "stopped")
        with refused(rds, "InvalidDBInstanceState", "InvalidDBInstanceStateFault"):
            rds.stop_db_instance(DBInstanceIdentifier="orders")
        rds.start_db_instance(DBInstanceIdentifier="orders")
        available(lab, "orders")


def available_after_rename(lab, name):
    """The instance, once it is called so and available."""
    def look():
        for found in lab.rds.describe_db_instances()["DBInstances"]:
            if (found["DBInstanceIdentifier"], found["DBInstanceStatus"]) == (name, "available"):
                return found
        return None
    return lab.until(f"one is called {name}", look)


def copies(report, lab):
    """Snapshots, restored instances and blue/green deployments."""
    rds = lab.rds
    with report.check("rds: a snapshot is taken and restored, tags included"):
        rds.create_db_snapshot(DBSnapshotIdentifier="kept", DBInstanceIdentifier="orders")
        with refused(rds, "DBSnapshotAlreadyExists", "DBSnapshotAlreadyExistsFault"):
            rds.create_db_snapshot(DBSnapshotIdentifier="kept", DBInstanceIdentifier="orders")
        status = lambda: rds.describe_db_snapshots()["DBSnapshots"][0]["Status"]
        lab.until("the snapshot is complete", lambda: status() == "available")
        rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="copy", DBSnapshotIdentifier="kept", DBSubnetGroupName="pair")
        found = available(lab, "copy")
        assert found["TagList"] == tags(team="web") and found["StorageEncrypted"], found
        with refused(rds, "DBSnapshotNotFound", "DBSnapshotNotFoundFault"):
            rds.restore_db_instance_from_db_snapshot(
                DBInstanceIdentifier="more", DBSnapshotIdentifier="nobody")
        gone(lab, "copy")
    with report.check("rds: a blue/green deployment hands over name and endpoint"):
        before = available(lab, "orders")
        made = rds.create_blue_green_deployment(
            BlueGreenDeploymentName="upgrade", Source=before["DBInstanceArn"])
        identifier = made["BlueGreenDeployment"]["BlueGreenDeploymentIdentifier"]
        status = lambda: rds.describe_blue_green_deployments(
            BlueGreenDeploymentIdentifier=identifier)["BlueGreenDeployments"][0]["Status"]
        lab.until("green is there", lambda: status() == "AVAILABLE")
        rds.switchover_blue_green_deployment(BlueGreenDeploymentIdentifier=identifier)
        lab.until("it is switched over", lambda: status() == "SWITCHOVER_COMPLETED")
        after = available(lab, "orders")
        assert after["Endpoint"] == before["Endpoint"], (before, after)
        assert after["DbiResourceId"] != before["DbiResourceId"], after
        with refused(rds, "InvalidBlueGreenDeploymentStateFault",
                     "InvalidBlueGreenDeploymentStateFault"):
            rds.switchover_blue_green_deployment(BlueGreenDeploymentIdentifier=identifier)
        with refused(rds, "BlueGreenDeploymentNotFoundFault", "BlueGreenDeploymentNotFoundFault"):
            rds.describe_blue_green_deployments(BlueGreenDeploymentIdentifier="bgd-nobody")
        gone(lab, "orders-old1")


def clusters(report, lab):
    """Clusters with a member."""
    rds = lab.rds
    with report.check("rds: a cluster has endpoints of its own, and goes after its members"):
        common = {"Engine": "aurora-postgresql", "DBClusterIdentifier": "fleet"}
        rds.create_db_cluster(MasterUsername="postgres", ManageMasterUserPassword=True,
                              DBSubnetGroupName="pair", **common)
        with refused(rds, "DBClusterAlreadyExistsFault", "DBClusterAlreadyExistsFault"):
            rds.create_db_cluster(**common)
        rds.create_db_instance(DBInstanceIdentifier="member", DBInstanceClass="db.r7g.large",
                               **common)
        available(lab, "member")
        found = rds.describe_db_clusters(DBClusterIdentifier="fleet")["DBClusters"][0]
        assert found["DBClusterMembers"][0]["DBInstanceIdentifier"] == "member", found
        assert found["Endpoint"] != found["ReaderEndpoint"], found
        with refused(rds, "InvalidDBClusterStateFault", "InvalidDBClusterStateFault"):
            rds.delete_db_cluster(DBClusterIdentifier="fleet", SkipFinalSnapshot=True)
        gone(lab, "member")
        rds.delete_db_cluster(DBClusterIdentifier="fleet", SkipFinalSnapshot=True)
        lab.until("it is gone", lambda: not rds.describe_db_clusters()["DBClusters"])
        with refused(rds, "DBClusterNotFoundFault", "DBClusterNotFoundFault"):
            rds.describe_db_clusters(DBClusterIdentifier="fleet")
