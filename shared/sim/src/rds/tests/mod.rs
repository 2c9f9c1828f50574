//! Lives of databases: made, tagged, renamed, restored, switched over, removed.

mod unrest;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::switches::GreenTags;
use crate::{Call, Fault, Service, World};

/// Answers one call.
pub(crate) fn call(
    world: &mut World,
    service: Service,
    action: &str,
    members: Value,
) -> Result<Value, Fault> {
    world.answer(&Call::new(service, action, members))
}

/// Time passes.
pub(crate) fn pass(world: &mut World, seconds: i64) {
    world.advance_to(world.now() + SignedDuration::from_secs(seconds));
}

/// A world with a VPC, two subnets in two zones, and a subnet group `databases` of them.
/// Returns the VPC and the subnets.
pub(crate) fn provider(world: &mut World, cidr: &str) -> (String, Vec<String>) {
    let ec2 = |world: &mut World, action: &str, members: Value| {
        call(world, Service::Ec2, action, members).expect("the network is valid")
    };
    let vpc = ec2(world, "CreateVpc", json!({"CidrBlock": format!("{cidr}.0.0/16")}));
    let vpc = vpc["vpc"]["vpcId"].as_str().expect("a VPC").to_owned();
    let mut subnets = Vec::new();
    for (index, zone) in ["us-east-1a", "us-east-1b"].iter().enumerate() {
        let members = json!({
            "VpcId": vpc, "CidrBlock": format!("{cidr}.{index}.0/24"), "AvailabilityZone": zone,
        });
        let subnet = ec2(world, "CreateSubnet", members);
        subnets.push(subnet["subnet"]["subnetId"].as_str().expect("a subnet").to_owned());
    }
    (vpc, subnets)
}

/// A world with a network and an available database `orders`, tagged `team`.
pub(crate) fn world_with_database() -> (World, String, Vec<String>) {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 7);
    world.switches.throttling = false;
    let (vpc, subnets) = provider(&mut world, "10.0");
    rds(
        &mut world,
        "CreateDBSubnetGroup",
        json!({
            "DBSubnetGroupName": "databases", "DBSubnetGroupDescription": "d",
            "SubnetIds": {"SubnetIdentifier": subnets},
        }),
    )
    .expect("two zones");
    create(
        &mut world,
        "orders",
        json!({"Tags": {"Tag": [
            {"Key": "team", "Value": "payments"},
        ]}}),
    )
    .expect("a valid database");
    pass(&mut world, 480);
    world.events.clear();
    (world, vpc, subnets)
}

fn rds(world: &mut World, action: &str, members: Value) -> Result<Value, Fault> {
    call(world, Service::Rds, action, members)
}

fn create(world: &mut World, id: &str, more: Value) -> Result<Value, Fault> {
    let mut members = json!({
        "DBInstanceIdentifier": id, "DBInstanceClass": "db.t4g.micro", "Engine": "postgres",
        "MasterUsername": "admin", "AllocatedStorage": "20", "DBSubnetGroupName": "databases",
    });
    for (name, value) in more.as_object().expect("members") {
        members[name] = value.clone();
    }
    rds(world, "CreateDBInstance", members)
}

fn instance(world: &mut World, name: &str) -> Result<Value, Fault> {
    let answer = rds(world, "DescribeDBInstances", json!({"DBInstanceIdentifier": name}))?;
    Ok(answer["DBInstances"]["DBInstance"][0].clone())
}

fn arn(id: &str) -> String {
    format!("arn:aws:rds:us-east-1:111122223333:db:{id}")
}

/// Detail type and event id (or changed tag keys) of every event so far.
fn told(world: &mut World) -> Vec<String> {
    let events = std::mem::take(&mut world.events);
    let what = |detail: &Value| match &detail["changed-tag-keys"] {
        Value::Null => detail["EventID"].as_str().unwrap_or("no id").to_owned(),
        keys => keys.to_string(),
    };
    events.iter().map(|event| what(&event.envelope["detail"])).collect()
}

#[test]
fn a_new_database_has_an_endpoint_only_once_it_is_available() {
    let (mut world, ..) = world_with_database();
    create(&mut world, "Billing", json!({"EngineVersion": ""})).expect("valid");
    let creating = instance(&mut world, "billing").expect("there");
    assert_eq!(creating["EngineVersion"], "17.5", "an empty text is none");
    assert_eq!(creating["DBInstanceStatus"], "creating");
    assert_eq!(creating["Endpoint"], Value::Null);
    let again = create(&mut world, "billing", json!({})).expect_err("taken");
    assert_eq!((again.code.as_str(), again.status), ("DBInstanceAlreadyExists", 400));
    pass(&mut world, 480);
    let available = instance(&mut world, &arn("BILLING")).expect("any case, or the ARN");
    assert_eq!(available["DBInstanceStatus"], "available");
    let address = available["Endpoint"]["Address"].as_str().expect("an endpoint");
    assert!(address.starts_with("billing.c") && address.ends_with(".us-east-1.rds.amazonaws.com"));
    assert_eq!(told(&mut world), ["RDS-EVENT-0005"]);
}

#[test]
fn a_deleted_database_says_so_and_its_group_is_free_again() {
    let (mut world, vpc, _) = world_with_database();
    let group = call(
        &mut world,
        Service::Ec2,
        "CreateSecurityGroup",
        json!({
            "GroupName": "db", "GroupDescription": "d", "VpcId": vpc,
        }),
    )
    .expect("valid")["groupId"]
        .as_str()
        .expect("an id")
        .to_owned();
    rds(
        &mut world,
        "ModifyDBInstance",
        json!({
            "DBInstanceIdentifier": "orders",
            "VpcSecurityGroupIds": {"VpcSecurityGroupId": [group]},
        }),
    )
    .expect("valid");
    pass(&mut world, 60);
    let delete = json!({"GroupId": group});
    let used = call(&mut world, Service::Ec2, "DeleteSecurityGroup", delete.clone());
    assert_eq!(used.expect_err("in use").code, "DependencyViolation");
    let skip = json!({"DBInstanceIdentifier": "orders", "SkipFinalSnapshot": "true"});
    rds(&mut world, "DeleteDBInstance", skip.clone()).expect("available");
    let twice = rds(&mut world, "DeleteDBInstance", skip).expect_err("on its way");
    assert_eq!(twice.code, "InvalidDBInstanceState");
    pass(&mut world, 480);
    let gone = instance(&mut world, "orders").expect_err("gone");
    assert_eq!((gone.code.as_str(), gone.status), ("DBInstanceNotFound", 404));
    call(&mut world, Service::Ec2, "DeleteSecurityGroup", delete).expect("free");
    assert_eq!(told(&mut world), ["RDS-EVENT-0003", r#"["team"]"#]);
}

#[test]
fn tags_change_and_tell() {
    let (mut world, ..) = world_with_database();
    let tag = |value: &str| {
        let tags = json!({"Tag": [{"Key": "a", "Value": value}]});
        json!({"ResourceName": arn("orders"), "Tags": tags})
    };
    rds(&mut world, "AddTagsToResource", tag("x y+z@1")).expect("allowed characters");
    rds(&mut world, "AddTagsToResource", tag("x y+z@1")).expect("the same again");
    let comma = rds(&mut world, "AddTagsToResource", tag("x,y")).expect_err("a comma");
    assert_eq!(comma.code, "InvalidParameterValue");
    let members = json!({"ResourceName": arn("orders"), "TagKeys": {"member": ["team"]}});
    rds(&mut world, "RemoveTagsFromResource", members).expect("valid");
    let tags = instance(&mut world, "orders").expect("there")["TagList"]["Tag"].clone();
    assert_eq!(tags, json!([{"Key": "a", "Value": "x y+z@1"}]));
    assert_eq!(told(&mut world), [r#"["a"]"#, r#"["team"]"#]);
    let none = json!({"ResourceName": arn("nobody"), "Tags": {"Tag": []}});
    let fault = rds(&mut world, "AddTagsToResource", none).expect_err("not there");
    assert_eq!(fault.code, "DBInstanceNotFound");
}

#[test]
fn a_rename_changes_all_but_the_resource_id() {
    let (mut world, ..) = world_with_database();
    let before = instance(&mut world, "orders").expect("there");
    let rename = |apply: &str| {
        json!({"DBInstanceIdentifier": "orders", "NewDBInstanceIdentifier": "sales",
               "ApplyImmediately": apply})
    };
    let answer = rds(&mut world, "ModifyDBInstance", rename("false")).expect("valid");
    let pending = &answer["DBInstance"]["PendingModifiedValues"]["DBInstanceIdentifier"];
    assert_eq!(pending, "sales");
    let answer = rds(&mut world, "ModifyDBInstance", rename("true")).expect("valid");
    assert_eq!(answer["DBInstance"]["DBInstanceStatus"], "renaming");
    pass(&mut world, 60);
    let after = instance(&mut world, "sales").expect("renamed");
    assert_eq!(after["DbiResourceId"], before["DbiResourceId"]);
    assert_eq!(after["DBInstanceArn"], arn("sales"));
    assert!(after["Endpoint"]["Address"].as_str().is_some_and(|it| it.starts_with("sales.")));
    assert_eq!(instance(&mut world, "orders").expect_err("gone").code, "DBInstanceNotFound");
}

#[test]
fn a_failover_changes_the_zone_alone() {
    let (mut world, ..) = world_with_database();
    let reboot = json!({"DBInstanceIdentifier": "orders", "ForceFailover": "true"});
    let alone = rds(&mut world, "RebootDBInstance", reboot.clone()).expect_err("no standby");
    assert_eq!(alone.code, "InvalidParameterCombination");
    rds(
        &mut world,
        "ModifyDBInstance",
        json!({
            "DBInstanceIdentifier": "orders", "MultiAZ": "true", "ApplyImmediately": "true",
        }),
    )
    .expect("valid");
    pass(&mut world, 60);
    let mut before = instance(&mut world, "orders").expect("there");
    rds(&mut world, "RebootDBInstance", reboot).expect("has a standby");
    pass(&mut world, 60);
    let after = instance(&mut world, "orders").expect("there");
    assert_eq!(after["AvailabilityZone"], "us-east-1b");
    before["AvailabilityZone"] = "us-east-1b".into();
    before["SecondaryAvailabilityZone"] = "us-east-1a".into();
    assert_eq!(after, before);
    assert_eq!(told(&mut world), ["RDS-EVENT-0049"]);
}

#[test]
fn a_restored_copy_has_the_tags_of_its_source_unless_given_others() {
    let (mut world, ..) = world_with_database();
    let snapshot = json!({"DBInstanceIdentifier": "orders", "DBSnapshotIdentifier": "backup"});
    rds(&mut world, "CreateDBSnapshot", snapshot).expect("available");
    let restore = json!({"DBInstanceIdentifier": "copy", "DBSnapshotIdentifier": "backup"});
    let early = rds(&mut world, "RestoreDBInstanceFromDBSnapshot", restore.clone());
    assert_eq!(early.expect_err("still creating").code, "InvalidDBSnapshotState");
    pass(&mut world, 60);
    rds(&mut world, "RestoreDBInstanceFromDBSnapshot", restore).expect("available");
    let bare = json!({"DBInstanceIdentifier": "bare", "DBSnapshotIdentifier": "backup",
                      "Tags": {"Tag": [{"Key": "a", "Value": "b"}]}});
    rds(&mut world, "RestoreDBInstanceFromDBSnapshot", bare).expect("available");
    pass(&mut world, 480);
    let tag = |world: &mut World, id: &str| {
        instance(world, id).expect("there")["TagList"]["Tag"][0]["Key"].clone()
    };
    assert_eq!(tag(&mut world, "copy"), "team");
    assert_eq!(tag(&mut world, "bare"), "a");
    let told = told(&mut world);
    assert_eq!(told.iter().filter(|event| *event == "RDS-EVENT-0043").count(), 2);
}

#[test]
fn a_switchover_keeps_name_arn_and_endpoint_and_changes_the_resource_id() {
    for (switch, before, after) in
        [(GreenTags::AtCreation, 1, 1), (GreenTags::AtSwitchover, 0, 1), (GreenTags::Never, 0, 0)]
    {
        let (mut world, ..) = world_with_database();
        world.switches.green_tags = switch;
        let blue = instance(&mut world, "orders").expect("there");
        let answer = rds(
            &mut world,
            "CreateBlueGreenDeployment",
            json!({
                "BlueGreenDeploymentName": "upgrade", "Source": arn("orders"),
            }),
        )
        .expect("valid");
        let deployment = &answer["BlueGreenDeployment"];
        let id = json!({"BlueGreenDeploymentIdentifier":
                        deployment["BlueGreenDeploymentIdentifier"]});
        let early = rds(&mut world, "SwitchoverBlueGreenDeployment", id.clone());
        assert_eq!(early.expect_err("too early").code, "InvalidBlueGreenDeploymentStateFault");
        pass(&mut world, 480);
        let target = deployment["Target"].as_str().expect("a target").to_owned();
        assert!(target.contains(":db:orders-green-"));
        let green = instance(&mut world, &target).expect("there");
        assert_eq!(green["TagList"]["Tag"].as_array().map(Vec::len), Some(before));
        assert_eq!(pair(&mut world), (arn("orders"), target.clone(), "AVAILABLE".to_owned()));
        rds(&mut world, "SwitchoverBlueGreenDeployment", id.clone()).expect("available");
        pass(&mut world, 45);
        assert_eq!(pair(&mut world), (arn("orders"), target, "SWITCHOVER_IN_PROGRESS".to_owned()));
        assert_eq!(instance(&mut world, "orders").expect_err("nobody").code, "DBInstanceNotFound");
        pass(&mut world, 15);
        let now = instance(&mut world, "orders").expect("green has taken over");
        assert_eq!(now["DbiResourceId"], green["DbiResourceId"]);
        assert_eq!(now["DBInstanceArn"], blue["DBInstanceArn"]);
        assert_eq!(now["Endpoint"]["Address"], blue["Endpoint"]["Address"]);
        assert_eq!(now["TagList"]["Tag"].as_array().map(Vec::len), Some(after));
        let old = instance(&mut world, "orders-old1").expect("blue is still there");
        assert_eq!(old["DbiResourceId"], blue["DbiResourceId"]);
        let over = "SWITCHOVER_COMPLETED".to_owned();
        assert_eq!(pair(&mut world), (arn("orders-old1"), arn("orders"), over));
        let skip = json!({"DBInstanceIdentifier": "orders-old1", "SkipFinalSnapshot": "true"});
        rds(&mut world, "DeleteDBInstance", skip).expect("available");
        pass(&mut world, 3600);
        let missing = "MISSING_SOURCE".to_owned();
        assert_eq!(pair(&mut world), (arn("orders-old1"), arn("orders"), missing));
        rds(&mut world, "DeleteBlueGreenDeployment", id.clone()).expect("it is over");
        pass(&mut world, 60);
        let gone = rds(&mut world, "DescribeBlueGreenDeployments", id).expect_err("deleted");
        assert_eq!(gone.code, "BlueGreenDeploymentNotFoundFault");
        instance(&mut world, "orders").expect("the database stays");
    }
}

/// What the only deployment says of its only pair: source, target, status.
fn pair(world: &mut World) -> (String, String, String) {
    let answer = rds(world, "DescribeBlueGreenDeployments", json!({})).expect("valid");
    let deployment = &answer["BlueGreenDeployments"]["member"][0];
    let details = &deployment["SwitchoverDetails"]["member"][0];
    assert_eq!(details["SourceMember"], deployment["Source"]);
    assert_eq!(details["TargetMember"], deployment["Target"]);
    let text = |name: &str| details[name].as_str().expect("a string").to_owned();
    (text("SourceMember"), text("TargetMember"), text("Status"))
}

#[test]
fn listings_page_filter_and_lag() {
    let (mut world, ..) = world_with_database();
    for number in 0..21 {
        create(&mut world, &format!("db{number}"), json!({})).expect("valid");
    }
    let few = rds(&mut world, "DescribeDBInstances", json!({"MaxRecords": "19"}));
    assert_eq!(few.expect_err("too few").code, "InvalidParameterValue");
    let first =
        rds(&mut world, "DescribeDBInstances", json!({"MaxRecords": "20"})).expect("a page");
    let rest = rds(&mut world, "DescribeDBInstances", json!({"Marker": first["Marker"]}))
        .expect("the last page");
    assert_eq!(rest["DBInstances"]["DBInstance"].as_array().map(Vec::len), Some(2));
    assert_eq!(rest["Marker"], Value::Null);
    let filter = |name: &str, value: &str| {
        let filter = json!({"Name": name, "Values": {"Value": [value]}});
        json!({"Filters": {"Filter": [filter]}})
    };
    let one =
        rds(&mut world, "DescribeDBInstances", filter("db-instance-id", "orders")).expect("known");
    assert_eq!(one["DBInstances"]["DBInstance"].as_array().map(Vec::len), Some(1));
    let tag = rds(&mut world, "DescribeDBInstances", filter("tag:a", "b"));
    assert_eq!(tag.expect_err("no tag filters").code, "InvalidParameterValue");
    world.switches.listing_lag = SignedDuration::from_secs(5);
    create(&mut world, "late", json!({})).expect("valid");
    let late = filter("db-instance-id", "late");
    let unseen = rds(&mut world, "DescribeDBInstances", late.clone()).expect("valid");
    assert_eq!(unseen["DBInstances"]["DBInstance"], json!([]));
    pass(&mut world, 5);
    let seen = rds(&mut world, "DescribeDBInstances", late).expect("valid");
    assert_eq!(seen["DBInstances"]["DBInstance"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_cluster_has_members_and_goes_after_them() {
    let (mut world, ..) = world_with_database();
    rds(&mut world, "CreateDBCluster", json!({
        "DBClusterIdentifier": "ledger", "Engine": "aurora-postgresql", "MasterUsername": "admin",
        "DBSubnetGroupName": "databases",
    }))
    .expect("valid");
    create(
        &mut world,
        "ledger-1",
        json!({
            "DBClusterIdentifier": "ledger", "Engine": "aurora-postgresql",
        }),
    )
    .expect("valid");
    pass(&mut world, 480);
    assert_eq!(instance(&mut world, "ledger-1").expect("there")["DBClusterIdentifier"], "ledger");
    let members = json!({"DBClusterIdentifier": "ledger"});
    let found = rds(&mut world, "DescribeDBClusters", members).expect("there");
    let cluster = &found["DBClusters"]["DBCluster"][0];
    assert_eq!(cluster["DBSubnetGroup"], "databases");
    assert_eq!(cluster["DBClusterMembers"]["DBClusterMember"][0]["IsClusterWriter"], true);
    let delete = json!({"DBClusterIdentifier": "ledger", "SkipFinalSnapshot": "true"});
    let refused = rds(&mut world, "DeleteDBCluster", delete).expect_err("has a member");
    assert_eq!(refused.code, "InvalidDBClusterStateFault");
}

#[test]
fn a_member_that_is_not_imitated_is_refused() {
    let (mut world, ..) = world_with_database();
    let fault = create(&mut world, "other", json!({"Domain": "d-1"})).expect_err("unknown");
    assert_eq!(fault.code, "InvalidParameterValue");
    let fault = rds(&mut world, "CreateDBProxy", json!({})).expect_err("unknown");
    assert_eq!(fault.code, "InvalidAction");
}
