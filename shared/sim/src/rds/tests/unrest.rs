//! What a database looks like while RDS is at work on it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::world_with_database;
use crate::switches::{GroupMembership, TagsWhileBusy};
use crate::{Call, Fault, Service, World};

const ARN: &str = "arn:aws:rds:us-east-1:111122223333:db:orders";

fn ask(world: &mut World, service: Service, action: &str, members: Value) -> Result<Value, Fault> {
    world.answer(&Call::new(service, action, members))
}

fn orders(world: &mut World) -> Value {
    let one = json!({"DBInstanceIdentifier": "orders"});
    let answer = ask(world, Service::Rds, "DescribeDBInstances", one).expect("it is there");
    answer["DBInstances"]["DBInstance"][0].clone()
}

fn pass(world: &mut World, seconds: i64) {
    world.advance_to(world.now() + SignedDuration::from_secs(seconds));
}

#[test]
fn groups_are_adding_and_removing_while_they_change() {
    for (switch, expected) in [
        (GroupMembership::Active, vec!["active"]),
        (GroupMembership::Changing, vec!["removing", "adding"]),
    ] {
        let (mut world, vpc, _) = world_with_database();
        world.switches.group_membership = switch;
        let group = json!({"GroupName": "new", "GroupDescription": "d", "VpcId": vpc});
        let made = ask(&mut world, Service::Ec2, "CreateSecurityGroup", group).expect("valid");
        let modify = json!({
            "DBInstanceIdentifier": "orders",
            "VpcSecurityGroupIds": {"VpcSecurityGroupId": [made["groupId"]]},
        });
        ask(&mut world, Service::Rds, "ModifyDBInstance", modify).expect("available");
        let statuses = |world: &mut World| {
            let rows = orders(world)["VpcSecurityGroups"]["VpcSecurityGroupMembership"].clone();
            let rows = rows.as_array().cloned().expect("a list");
            rows.iter().map(|row| row["Status"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(statuses(&mut world), expected);
        pass(&mut world, 60);
        assert_eq!(statuses(&mut world), ["active"]);
    }
}

#[test]
fn tags_of_a_busy_database_may_be_refused() {
    let (mut world, ..) = world_with_database();
    let tag = |world: &mut World| {
        let tags = json!({"Tag": [{"Key": "a", "Value": "b"}]});
        let members = json!({"ResourceName": ARN, "Tags": tags});
        ask(world, Service::Rds, "AddTagsToResource", members)
    };
    let minute = SignedDuration::from_mins(1);
    assert!(world.database_is_busy("orders", "backing-up", minute));
    assert_eq!(orders(&mut world)["DBInstanceStatus"], "backing-up");
    tag(&mut world).expect("nobody minds");
    world.switches.tags_while_busy = TagsWhileBusy::Refused;
    assert_eq!(tag(&mut world).expect_err("busy").code, "InvalidDBInstanceState");
    pass(&mut world, 60);
    assert_eq!(orders(&mut world)["DBInstanceStatus"], "available");
    tag(&mut world).expect("idle");
}

#[test]
fn a_database_on_its_way_out_loses_its_tags_first() {
    let (mut world, ..) = world_with_database();
    world.switches.durations.untagged = SignedDuration::from_secs(180);
    let skip = json!({"DBInstanceIdentifier": "orders", "SkipFinalSnapshot": "true"});
    ask(&mut world, Service::Rds, "DeleteDBInstance", skip).expect("available");
    pass(&mut world, 299);
    assert_eq!(orders(&mut world)["TagList"]["Tag"][0]["Key"], "team");
    pass(&mut world, 1);
    let still = orders(&mut world);
    assert_eq!(still["TagList"]["Tag"], json!([]));
    assert_eq!(still["DBInstanceStatus"], "deleting");
    pass(&mut world, 180);
    let one = json!({"DBInstanceIdentifier": "orders"});
    let gone = ask(&mut world, Service::Rds, "DescribeDBInstances", one).expect_err("gone");
    assert_eq!(gone.code, "DBInstanceNotFound");
    let events = &world.events;
    let tag_events = events.iter().filter(|event| event.envelope["source"] == "aws.tag");
    assert_eq!(tag_events.count(), 1, "tags go once");
}
