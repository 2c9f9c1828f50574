//! What a settled pass costs.

use std::time::Duration;

use aws::Side;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::{Call, CallRecord, Service, World};
use tests::laws::{SIDES, ask_for_everything, make_quick, more_databases, rest};
use tests::scene::{Scene, scene, settings};
use tests::users::User;

/// The calls of one settled pass of this side.
async fn settled_pass(scene: &Scene, side: Side) -> Vec<CallRecord> {
    let from = scene.sim.last_call();
    let outcome = scene.pass(side).await.expect("nothing is wrong");
    assert!(outcome.is_settled, "{outcome:#?}");
    scene.sim.calls_since(from)
}

#[test]
fn a_settled_pass_costs_the_same_for_one_database_and_for_ten() {
    let costs = [1, 3, 10].map(|count| {
        scene(settings(), 1, async |scene| {
            make_quick(&scene.sim);
            let names = (1..count).map(|number| format!("more-{number}"));
            for arn in more_databases(scene, names) {
                User(&scene.sim).tag_database(&arn, "trellis:expose", "databases");
            }
            ask_for_everything(scene);
            rest(scene, super::PAUSE).await;
            let mut cost = Vec::new();
            for side in SIDES {
                let calls = settled_pass(scene, side).await;
                assert!(!calls.iter().any(CallRecord::is_write), "{calls:#?}");
                cost.push((side, calls.len()));
            }
            cost
        })
    });
    println!("{costs:?}");
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
}

const PROVIDERS: usize = 10;
const DATABASES: usize = 10;
const CONSUMERS: usize = 50;

/// Ten provider VPCs of ten databases each and fifty consumer VPCs, all tagged.
fn build(world: &mut World) {
    let zones = zones(world);
    for provider in 0..PROVIDERS {
        let (vpc, subnets) = vpc(world, &zones, &[]);
        let group = json!({
            "GroupName": "databases", "GroupDescription": "databases", "VpcId": vpc,
        });
        let group = call(world, Service::Ec2, "CreateSecurityGroup", group)["groupId"].clone();
        let name = format!("subnets-{provider}");
        let subnets = json!({
            "DBSubnetGroupName": name,
            "DBSubnetGroupDescription": name,
            "SubnetIds": {"SubnetIdentifier": subnets},
        });
        call(world, Service::Rds, "CreateDBSubnetGroup", subnets);
        for number in 0..DATABASES {
            let database = json!({
                "DBInstanceIdentifier": format!("database-{provider}-{number}"),
                "DBInstanceClass": "db.t4g.micro",
                "Engine": "postgres",
                "AllocatedStorage": "20",
                "MasterUsername": "postgres",
                "ManageMasterUserPassword": "true",
                "DBSubnetGroupName": name,
                "VpcSecurityGroupIds": {"VpcSecurityGroupId": [group]},
                "PubliclyAccessible": "false",
                "Port": "5432",
                "Tags": {"Tag": [{"Key": "trellis:expose", "Value": "databases"}]},
            });
            call(world, Service::Rds, "CreateDBInstance", database);
        }
    }
    for _ in 0..CONSUMERS {
        vpc(world, &zones, &[("trellis:consume", "databases")]);
    }
    world.advance_to(world.now());
}

/// The names of two zones.
fn zones(world: &mut World) -> Vec<String> {
    let subnets = call(world, Service::Ec2, "DescribeSubnets", json!({}));
    let all = subnets["subnetSet"]["item"].as_array().cloned().unwrap_or_default();
    let mut zones: Vec<String> =
        all.iter().filter_map(|it| it["availabilityZone"].as_str().map(str::to_owned)).collect();
    zones.sort();
    zones.dedup();
    assert_eq!(zones.len(), 2);
    zones
}

fn vpc(world: &mut World, zones: &[String], tags: &[(&str, &str)]) -> (Value, Vec<Value>) {
    let tags: Vec<Value> =
        tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let made = json!({
        "CidrBlock": "10.0.0.0/16",
        "TagSpecification": [{"ResourceType": "vpc", "Tag": tags}],
    });
    let id = call(world, Service::Ec2, "CreateVpc", made)["vpc"]["vpcId"].clone();
    let on = json!({"VpcId": id, "EnableDnsHostnames": {"Value": "true"}});
    call(world, Service::Ec2, "ModifyVpcAttribute", on);
    let subnets = zones.iter().zip(1..).map(|(zone, number)| {
        let block = format!("10.0.{}.0/22", 4 * number);
        let subnet = json!({"VpcId": id, "CidrBlock": block, "AvailabilityZone": zone});
        call(world, Service::Ec2, "CreateSubnet", subnet)["subnet"]["subnetId"].clone()
    });
    let subnets = subnets.collect();
    (id, subnets)
}

fn call(world: &mut World, service: Service, action: &str, members: Value) -> Value {
    world.answer(&Call::new(service, action, members)).expect("AWS takes it")
}

#[test]
fn a_settled_pass_over_100_databases_and_50_vpcs_takes_at_most_12_reads() {
    scene(settings(), 1, async |scene| {
        scene.sim.world(|world| {
            world.switches.throttling = false;
            let zero = SignedDuration::ZERO;
            let all = &mut world.switches.durations;
            (all.gateway, all.configuration, all.association) = (zero, zero, zero);
            (all.endpoint, all.private_dns, all.instance) = (zero, zero, zero);
            build(world);
        });
        // The provider side first: what the other reads of 50 endpoints to 100 databases is long.
        let mut moves = true;
        while moves {
            let outcome = scene.pass(Side::ExposeDatabase).await.expect("nothing is wrong");
            moves = outcome.is_moving();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        rest(scene, Duration::from_secs(1)).await;
        let exposed = scene.pass(Side::ExposeDatabase).await.expect("nothing is wrong");
        assert_eq!(exposed.reports.len(), PROVIDERS * DATABASES);
        for side in SIDES {
            let calls = settled_pass(scene, side).await;
            let writes = calls.iter().filter(|call| call.is_write()).count();
            println!("{side}: {} reads, {writes} writes", calls.len() - writes);
            assert_eq!(writes, 0, "{calls:#?}");
            if side == Side::ExposeDatabase {
                assert!(calls.len() <= 12, "{calls:#?}");
            }
        }
    });
}
