//! The roles' policies against what the functions do: all of it is allowed, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use reconcile::settings::Settings;
use serde_json::{Value, json};
use sim::iam::{Need, Policy, needs};
use sim::switches::GreenTags;
use sim::{Call, Service, World};
use tests::policy::texts;
use tests::scene::{Scene, allowing, scene, settings};
use tests::users::User;
use trellis::template::Template;

use crate::template;

/// What each caller has asked IAM for.
type Asked = BTreeMap<String, BTreeSet<Need>>;

struct Note(Arc<Mutex<Asked>>);

impl sim::Witness for Note {
    fn before(&mut self, world: &mut World, call: &Call, _: u64) {
        let mut asked = self.0.lock().expect("nobody panicked");
        asked.entry(call.caller.clone()).or_default().extend(needs(world, call));
    }

    fn after(&mut self, _: &World, _: &Call) {}
}

/// What the functions ask for in a whole life, in an account whose only network is another's, when
/// a database is replaced, and when somebody deletes a subnet.
fn asked() -> Asked {
    let asked = Arc::new(Mutex::new(Asked::new()));
    let careful = Settings { grace: SignedDuration::from_mins(30), ..settings() };
    scene(careful, 1, async |scene| {
        scene.sim.put_witness(Note(Arc::clone(&asked)));
        live(scene).await;
    });
    scene(allowing(&["databases@444455556666"]), 1, async |scene| {
        scene.sim.put_witness(Note(Arc::clone(&asked)));
        scene.sim.world(|world| world.share_network("databases", "444455556666"));
        User(&scene.sim).tag(&scene.two_vpcs.consumer_vpc, "trellis:consume", "databases");
        scene.live(SignedDuration::from_mins(10)).await;
    });
    scene(settings(), 1, async |scene| {
        scene.sim.put_witness(Note(Arc::clone(&asked)));
        switch_over(scene).await;
    });
    scene(settings(), 1, async |scene| {
        scene.sim.put_witness(Note(Arc::clone(&asked)));
        make_room(scene).await;
    });
    let asked = asked.lock().expect("nobody panicked");
    asked.clone()
}

/// The statements of each caller's role.
pub(crate) fn roles(template: &Template) -> impl Iterator<Item = (&str, &Vec<Value>)> {
    template.functions.iter().map(|function| {
        let statements = template.permissions(function).and_then(Value::as_array);
        (function.binary.as_str(), statements.expect("it has a role"))
    })
}

pub(crate) fn policy(statements: &[Value]) -> Policy {
    Policy::parse(&statements.into()).expect("it is a policy")
}

/// A whole life: everything is built, changed by others, put right, refused, in grace, and gone.
async fn live(scene: &Scene) {
    let person = User(&scene.sim);
    let (two_vpcs, minutes) = (&scene.two_vpcs, SignedDuration::from_mins);
    let (arn, vpc) = (&two_vpcs.database_arn, &two_vpcs.consumer_vpc);
    let everybody = |value: &str| {
        person.tag_database(arn, "trellis:expose", value);
        person.tag(vpc, "trellis:consume", value);
        person.tag(&two_vpcs.client_group, "trellis:client", value);
    };
    everybody("databases");
    scene.live(minutes(30)).await;
    assert!(scene.reachable().reachable);
    meddle(scene);
    person.tag_database(arn, "trellis:expose", "databases reports");
    scene.live(minutes(30)).await;
    person.untag(&two_vpcs.client_group, "trellis:client");
    scene.live(minutes(7)).await;
    person.tag(&two_vpcs.client_group, "trellis:client", "databases");
    scene.live(minutes(7)).await;
    person.untag_database(arn, "trellis:expose");
    person.untag(vpc, "trellis:consume");
    scene.live(minutes(7)).await;
    everybody("databases");
    scene.live(minutes(15)).await;
    assert!(scene.reachable().reachable, "{:#?}", scene.reachable());
    everybody("neverheardof");
    scene.live(minutes(10)).await;
    // What looks renamed may be the old side of a switchover: that is asked for.
    for (name, new) in [("orders", "shop"), ("shop", "orders")] {
        person.modify_database(name, json!({"NewDBInstanceIdentifier": new}));
        scene.live(minutes(30)).await;
    }
    everybody("off");
    scene.live(minutes(60)).await;
}

/// The database is replaced by its green copy, which has no tags of its own.
async fn switch_over(scene: &Scene) {
    let person = User(&scene.sim);
    scene.sim.world(|world| world.switches.green_tags = GreenTags::Never);
    let arn = &scene.two_vpcs.database_arn;
    person.tag_database(arn, "trellis:expose", "databases");
    scene.live(SignedDuration::from_mins(10)).await;
    let create = json!({"BlueGreenDeploymentName": "next", "Source": arn});
    let made = person.call(Service::Rds, "CreateBlueGreenDeployment", create);
    scene.live(SignedDuration::from_mins(30)).await;
    let id = &made["BlueGreenDeployment"]["BlueGreenDeploymentIdentifier"];
    let switch = json!({"BlueGreenDeploymentIdentifier": id});
    person.call(Service::Rds, "SwitchoverBlueGreenDeployment", switch);
    scene.live(SignedDuration::from_mins(10)).await;
    person.tag_database(arn, "trellis:expose", "databases");
    scene.live(SignedDuration::from_mins(10)).await;
}

/// Somebody deletes a subnet in which nobody is a client, and does not try again.
async fn make_room(scene: &Scene) {
    let person = User(&scene.sim);
    let two_vpcs = &scene.two_vpcs;
    scene.sim.world(|world| world.switches.trail = Some(SignedDuration::from_secs(20)));
    person.tag_database(&two_vpcs.database_arn, "trellis:expose", "databases");
    person.tag(&two_vpcs.consumer_vpc, "trellis:consume", "databases");
    scene.live(SignedDuration::from_mins(20)).await;
    let filter = json!([{"Name": "group-id", "Value": [two_vpcs.client_group]}]);
    let all = person.call(Service::Ec2, "DescribeNetworkInterfaces", json!({"Filter": filter}));
    let id = &all["networkInterfaceSet"]["item"][0]["networkInterfaceId"];
    person.call(Service::Ec2, "DeleteNetworkInterface", json!({"NetworkInterfaceId": id}));
    let members = json!({"SubnetId": two_vpcs.consumer_subnets[0]});
    let call = Call::new(Service::Ec2, "DeleteSubnet", members);
    let refused = scene.sim.world(|world| world.answer_person(&call));
    assert_eq!(refused.expect_err("it is in use").code, "DependencyViolation");
    scene.live(SignedDuration::from_mins(30)).await;
}

/// Somebody changes what is ours.
fn meddle(scene: &Scene) {
    let person = User(&scene.sim);
    let first = |service, action: &str, list: &str, is_it: fn(&Value) -> bool| {
        let all = person.call(service, action, json!({}));
        let items = all.pointer(list).and_then(Value::as_array).expect("a list");
        items.iter().find(|item| is_it(item)).unwrap_or_else(|| panic!("none in {all}")).clone()
    };
    let lattice = |action, is_it| first(Service::Lattice, action, "/items", is_it);
    let gateway = lattice("ListResourceGateways", |_| true);
    let changes = json!({
        "resourceGatewayIdentifier": gateway["id"],
        "securityGroupIds": [scene.two_vpcs.database_group],
    });
    person.call(Service::Lattice, "UpdateResourceGateway", changes);
    let configuration = lattice("ListResourceConfigurations", |item| item["type"] == "ARN");
    let changes = json!({
        "resourceConfigurationIdentifier": configuration["id"],
        "allowAssociationToShareableServiceNetwork": false,
    });
    person.call(Service::Lattice, "UpdateResourceConfiguration", changes);
    let endpoints = "/vpcEndpointSet/item";
    let endpoint = first(Service::Ec2, "DescribeVpcEndpoints", endpoints, |_| true);
    let changes = json!({
        "VpcEndpointId": endpoint["vpcEndpointId"],
        "AddSecurityGroupId": [scene.two_vpcs.client_group],
        "RemoveSecurityGroupId": [endpoint["groupSet"]["item"][0]["groupId"]],
    });
    person.call(Service::Ec2, "ModifyVpcEndpoint", changes);
}

/// What no call of ours shows, and who demands it.
const DEMANDED: [(&str, &str, &str); 4] = [
    ("WriteLog", "*", "Lambda Developer Guide, Sending function logs to CloudWatch Logs"),
    ("ReadQueue", "*", "Lambda Developer Guide, Using Lambda with Amazon SQS: permissions"),
    ("StatusTag", ":cluster:", "README: a cluster that is tagged is refused in its status"),
    ("StatusTagGoes", ":cluster:", "the same"),
];

#[test]
fn nothing_is_allowed_that_no_call_asks_for() {
    let asked = asked();
    let template = template(&[]);
    let mut unused: BTreeSet<(&str, &str)> =
        DEMANDED.iter().map(|(sid, what, _)| (*sid, *what)).collect();
    let mut needless = Vec::new();
    for (caller, statements) in roles(&template) {
        let needs = &asked[caller];
        let denied = |statements: &[Value]| {
            let policy = policy(statements);
            needs.iter().find(|need| !policy.allows(need)).cloned()
        };
        assert_eq!(denied(statements), None, "{caller}");
        for (index, statement) in statements.iter().enumerate() {
            for member in ["Action", "Resource"] {
                let all = texts(&statement[member]);
                for one in &all {
                    let rest: Vec<&String> = all.iter().filter(|other| *other != one).collect();
                    let mut less = statements.clone();
                    match rest.is_empty() {
                        true => drop(less.remove(index)),
                        false => less[index][member] = json!(rest),
                    }
                    let sid = statement["Sid"].as_str().expect("a Sid");
                    let known = DEMANDED
                        .iter()
                        .find(|(of, what, _)| *of == sid && (*what == "*" || one.contains(what)));
                    match known {
                        Some((sid, what, _)) => drop(unused.remove(&(*sid, *what))),
                        None if denied(&less).is_some() => {}
                        None => needless.push(format!("{caller} {sid}: {one}")),
                    }
                }
            }
        }
    }
    assert!(needless.is_empty(), "no call asks for these: {needless:#?}");
    assert!(unused.is_empty(), "these rows are about nothing: {unused:?}");
}
