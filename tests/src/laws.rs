//! What the laws share: pictures of a world that hold no ids of Trellis' making, seeded dice, and
//! both sides at work until they rest.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws::Side;
use jiff::SignedDuration;
use reconcile::outcome::Outcome;
use reconcile::tag;
use serde_json::{Value, json};
use sim::{Call, CallRecord, Service, Sim, World};

use crate::scene::Scene;
use crate::users::User;

/// Both sides.
pub const SIDES: [Side; 2] = [Side::ExposeDatabase, Side::ConnectVpc];
/// More rounds than anything needs.
const ROUNDS: usize = 400;

/// Seeded dice (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    /// A number below this one.
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or_default() % sides
    }
}

/// An AWS that takes a few seconds for everything, so that a life takes few calls.
pub fn make_quick(sim: &Sim) {
    sim.world(|world| {
        let second = SignedDuration::from_secs(1);
        let all = &mut world.switches.durations;
        (all.gateway, all.configuration, all.association) = (second * 4, second * 4, second * 4);
        (all.endpoint, all.private_dns) = (second * 4, second * 2);
        (all.instance, all.modification) = (second * 4, second * 4);
        all.deleted_endpoint_listed = second * 2;
    });
}

/// Both sides look in turns, `pause` apart, until there was nothing to do for two rounds; their
/// last outcomes.
///
/// # Panics
///
/// If that never happens.
pub async fn rest(scene: &Scene, pause: Duration) -> Vec<Outcome> {
    let mut quiet = 0;
    for _ in 0..ROUNDS {
        let from = scene.sim.last_call();
        let mut outcomes = Vec::new();
        for side in SIDES {
            outcomes.extend(scene.pass(side).await.ok());
        }
        let is_quiet = outcomes.len() == SIDES.len()
            && !outcomes.iter().any(Outcome::is_moving)
            && scene.sim.count_since(from, |call| call.is_write()) == 0;
        quiet = if is_quiet { quiet + 1 } else { 0 };
        if quiet == 2 {
            return outcomes;
        }
        tokio::time::sleep(pause).await;
    }
    panic!(
        "it never rests: {:#?}",
        scene.sim.calls_since(scene.sim.last_call().saturating_sub(60))
    );
}

/// The ids that successful creates of Trellis answered with, by action. A create that was
/// repeated and made nothing new answers with an id that is there already.
pub fn made(calls: &[CallRecord]) -> BTreeMap<String, BTreeSet<String>> {
    let mut made: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let is_create = |call: &&CallRecord| {
        ["Create", "Authorize"].iter().any(|verb| call.action.starts_with(verb))
            && call.action != "CreateTags"
            && (200..300).contains(&call.status)
    };
    for call in calls.iter().filter(is_create) {
        made.entry(call.action.clone()).or_default().extend(call.id.clone());
    }
    made
}

/// The creates that it takes to expose a database and connect a VPC to it.
pub const CREATES: [&str; 8] = [
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateResourceConfiguration",
    "CreateResourceGateway",
    "CreateSecurityGroup",
    "CreateServiceNetwork",
    "CreateServiceNetworkResourceAssociation",
    "CreateVpcEndpoint",
];

/// A copy of the world that answers every listing in full.
fn frank(sim: &Sim) -> World {
    let mut world = sim.world(|world| world.clone());
    world.switches.throttling = false;
    world.switches.largest_page = None;
    world.switches.listing_lag = SignedDuration::ZERO;
    world
}

fn ask(world: &mut World, service: Service, action: &str, members: Value) -> Value {
    let call = Call::new(service, action, members);
    world.answer(&call).unwrap_or_else(|fault| panic!("{action}: {fault:?}"))
}

/// All items of a listing of VPC Lattice.
fn lattice(world: &mut World, action: &str, members: Value) -> Vec<Value> {
    let (mut items, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut members = members.clone();
        if !token.is_null() {
            members["nextToken"] = token;
        }
        let mut page = ask(world, Service::Lattice, action, members);
        items.extend(page["items"].as_array().cloned().unwrap_or_default());
        token = page["nextToken"].take();
        if token.is_null() {
            return items;
        }
    }
}

fn ec2(world: &mut World, action: &str, set: &str) -> Vec<Value> {
    ask(world, Service::Ec2, action, json!({}))[set]["item"].as_array().cloned().unwrap_or_default()
}

/// The line without since when a status says that it has been so: that differs from life to life.
fn without_since(line: &str) -> String {
    match line.split_once(" since 20") {
        Some((text, rest)) => format!("{}{}", text, &rest["26-11-24T12:10:05Z".len()..]),
        None => line.to_owned(),
    }
}

/// Everything that Trellis could touch, as sorted lines: what things are called, how they stand,
/// what they are built on, and their tags. Ids that AWS makes up are replaced by names, so that
/// two lives with the same end have the same picture.
pub fn picture(sim: &Sim) -> Vec<String> {
    let mut world = frank(sim);
    let mut names: Vec<(String, String)> = Vec::new();
    let mut lines = Vec::new();
    for group in ec2(&mut world, "DescribeSecurityGroups", "securityGroupInfo") {
        let name = format!("{}@{}", text(&group["groupName"]), text(&group["vpcId"]));
        names.push((text(&group["groupId"]), name.clone()));
        lines.push(format!("group {name} {}", tags(&group["tagSet"])));
    }
    for rule in ec2(&mut world, "DescribeSecurityGroupRules", "securityGroupRuleSet") {
        let peer = rule["referencedGroupInfo"]["groupId"].as_str().map(str::to_owned);
        let peer = peer.unwrap_or_else(|| text(&rule["cidrIpv4"]));
        let (group, way) = (text(&rule["groupId"]), &rule["isEgress"]);
        let ports = format!("{} {}-{}", rule["ipProtocol"], rule["fromPort"], rule["toPort"]);
        lines.push(format!("rule {group} out={way} {peer} {ports} {}", tags(&rule["tagSet"])));
    }
    for vpc in ec2(&mut world, "DescribeVpcs", "vpcSet") {
        lines.push(format!("vpc {} {}", text(&vpc["vpcId"]), tags(&vpc["tagSet"])));
    }
    for endpoint in ec2(&mut world, "DescribeVpcEndpoints", "vpcEndpointSet") {
        let (vpc, state) = (text(&endpoint["vpcId"]), text(&endpoint["state"]));
        if state != "deleted" {
            let to = text(&endpoint["serviceNetworkArn"]);
            let through = &endpoint["groupSet"];
            let tags = tags(&endpoint["tagSet"]);
            lines.push(format!("endpoint {vpc} {to} {state} {through} {tags}"));
        }
    }
    lattice_lines(&mut world, &mut names, &mut lines);
    let databases = ask(&mut world, Service::Rds, "DescribeDBInstances", json!({}));
    for it in databases["DBInstances"]["DBInstance"].as_array().into_iter().flatten() {
        let (id, groups) = (text(&it["DBInstanceIdentifier"]), &it["VpcSecurityGroups"]);
        lines.push(format!("database {id} {} {groups} {}", it["DBInstanceStatus"], it["TagList"]));
    }
    for line in &mut lines {
        *line = without_since(line);
        for (id, name) in &names {
            if line.contains(id.as_str()) {
                *line = line.replace(id.as_str(), name);
            }
        }
    }
    lines.sort();
    lines
}

fn lattice_lines(world: &mut World, names: &mut Vec<(String, String)>, lines: &mut Vec<String>) {
    for (action, kind) in [
        ("ListServiceNetworks", "network"),
        ("ListResourceGateways", "gateway"),
        ("ListResourceConfigurations", "configuration"),
    ] {
        for item in lattice(world, action, json!({})) {
            names.push((text(&item["id"]), text(&item["name"])));
            // Children come and go with their parents, under ids of AWS' own.
            if item["type"] == "CHILD" {
                continue;
            }
            let tags = lattice_tags(world, &item);
            let (name, status) = (text(&item["name"]), text(&item["status"]));
            let base = [&item["resourceGatewayId"], &item["securityGroupIds"], &item["subnetIds"]];
            let base = format!("{} {} {}", base[0], base[1], base[2]);
            lines.push(format!("{kind} {name} {status} {base} {tags}"));
        }
    }
    for network in lattice(world, "ListServiceNetworks", json!({})) {
        let of = json!({"serviceNetworkIdentifier": network["arn"]});
        for item in lattice(world, "ListServiceNetworkResourceAssociations", of) {
            let tags = lattice_tags(world, &item);
            let of = text(&item["resourceConfigurationName"]);
            let (on, status) = (text(&item["serviceNetworkName"]), text(&item["status"]));
            lines.push(format!("association {of} {on} {status} {tags}"));
        }
    }
}

fn lattice_tags(world: &mut World, item: &Value) -> Value {
    let of = json!({"resourceArn": item["arn"]});
    // Another account's things show no tags.
    let call = Call::new(Service::Lattice, "ListTagsForResource", of);
    world.answer(&call).map(|mut answer| answer["tags"].take()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn tags(set: &Value) -> String {
    set["item"].to_string()
}

/// More databases beside the article's, in its subnets and behind its group: their ARNs.
pub fn more_databases(scene: &Scene, names: impl IntoIterator<Item = String>) -> Vec<String> {
    let group = &scene.two_vpcs.database_group;
    let make = |world: &mut World, name: String| {
        let members = json!({
            "DBInstanceIdentifier": name,
            "DBInstanceClass": "db.t4g.micro",
            "Engine": "postgres",
            "AllocatedStorage": "20",
            "MasterUsername": "postgres",
            "ManageMasterUserPassword": "true",
            "DBSubnetGroupName": "orders",
            "VpcSecurityGroupIds": {"VpcSecurityGroupId": [group]},
            "PubliclyAccessible": "false",
            "Port": "5432",
        });
        text(&ask(world, Service::Rds, "CreateDBInstance", members)["DBInstance"]["DBInstanceArn"])
    };
    scene.sim.world(|world| {
        let switches = world.switches.clone();
        world.switches.durations.instance = SignedDuration::ZERO;
        world.switches.throttling = false;
        let arns = names.into_iter().map(|name| make(world, name)).collect();
        world.advance_to(world.now());
        world.switches = switches;
        arns
    })
}

/// Tags the article's database, VPC and client group, so that the one reaches the other.
pub fn ask_for_everything(scene: &Scene) {
    let person = User(&scene.sim);
    person.tag_database(&scene.two_vpcs.database_arn, tag::EXPOSE, "databases");
    person.tag(&scene.two_vpcs.consumer_vpc, tag::CONSUME, "databases");
    person.tag(&scene.two_vpcs.client_group, tag::CLIENT, "databases");
}

/// Sets the tags of database and VPC to `off`.
pub fn ask_for_nothing(scene: &Scene) {
    let person = User(&scene.sim);
    person.tag_database(&scene.two_vpcs.database_arn, tag::EXPOSE, "off");
    person.tag(&scene.two_vpcs.consumer_vpc, tag::CONSUME, "off");
}
