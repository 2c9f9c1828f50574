//! The template says what the code needs, and allows what it does and no more.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use reconcile::name::Deployment;
use reconcile::settings::Settings;
use serde_json::{Value, json};
use sim::Service;
use tests::people::Person;
use tests::policy::{Statement, section, statements};
use tests::scene::{Scene, TIME_OUT, scene, settings};
use trellis::template::Template;

/// The functions, by their logical ids, and as they call AWS.
const FUNCTIONS: [(&str, &str); 2] =
    [("ExposeDatabase", "expose-database"), ("ConnectVpc", "connect-vpc")];

fn template(overrides: &[(&str, &str)]) -> Template {
    let overrides = overrides.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Template::built_in(&overrides.collect()).expect("it can be read")
}

fn read(environment: &BTreeMap<String, String>) -> Result<Settings, String> {
    Settings::read(|name| environment.get(name).cloned())
}

#[test]
fn the_environment_is_what_the_settings_ask_for() {
    for function in template(&[]).functions {
        let asked = RefCell::new(BTreeSet::new());
        let settings = Settings::read(|name| {
            asked.borrow_mut().insert(name.to_owned());
            function.environment.get(name).cloned()
        });
        settings.expect("the defaults make sense");
        let ours = function.environment.keys().filter(|name| name.starts_with("TRELLIS_"));
        assert_eq!(ours.cloned().collect::<BTreeSet<_>>(), *asked.borrow(), "{}", function.id);
        for name in asked.into_inner() {
            let mut less = function.environment.clone();
            less.remove(&name);
            assert_eq!(read(&less), Err(format!("{name} is not set")));
            for nonsense in ["§", "-1 or so"] {
                less.insert(name.clone(), nonsense.to_owned());
                let why = read(&less).expect_err("nonsense");
                assert!(why.starts_with(&format!("{name}: ")), "{why}");
            }
        }
    }
}

#[test]
fn the_defaults_are_those_of_the_settings() {
    let deployment = Deployment::new("trellis").expect("a good name");
    let expected = Settings::new(deployment, ["databases".into()]);
    for function in template(&[]).functions {
        assert_eq!(read(&function.environment), Ok(expected.clone()), "{}", function.id);
    }
}

/// Every value that CloudFormation lets through is one that the functions understand.
#[test]
fn every_allowed_value_makes_sense_to_the_functions() {
    for (parameter, definition) in section("Parameters") {
        let allowed = definition["AllowedValues"].as_array().cloned().unwrap_or_default();
        let bounds = [&definition["MinValue"], &definition["MaxValue"]];
        let bounds = bounds.into_iter().filter(|bound| bound.is_number()).cloned();
        for value in allowed.into_iter().chain(bounds) {
            let value = value.as_str().map_or(value.to_string(), str::to_owned);
            let template = template(&[(&parameter, &value)]);
            for function in template.functions {
                let settings = read(&function.environment);
                assert!(settings.is_ok(), "{parameter}={value}: {settings:?}");
            }
        }
    }
    for networks in ["abc", "databases reports", "databases+reports", "a-1 b-2+c-3"] {
        let function = template(&[("Networks", networks)]).functions.remove(0);
        let settings = read(&function.environment).expect("they are names");
        assert_eq!(settings.networks.len(), networks.split([' ', '+']).count());
    }
}

#[test]
fn every_parameter_is_described_and_used() {
    let text = include_str!("../../template.yaml");
    for (parameter, definition) in section("Parameters") {
        assert!(definition["Description"].as_str().is_some_and(|it| it.len() > 30), "{parameter}");
        let uses = [format!("!Ref {parameter}"), format!("${{{parameter}}}")];
        assert!(uses.iter().any(|used| text.contains(used)), "nobody uses {parameter}");
    }
}

#[test]
fn queues_keep_the_order_outlast_their_function_and_give_up_in_the_end() {
    let template = template(&[]);
    let time_out = SignedDuration::try_from(TIME_OUT).expect("it is short");
    for function in &template.functions {
        let queue = &template.queues[&function.queue];
        assert!(queue.is_fifo && queue.deduplicates_by_content, "{}", queue.name);
        assert!(queue.name.ends_with(".fifo"), "{}", queue.name);
        assert!(queue.visibility > function.timeout, "{}", function.id);
        assert_eq!(function.timeout, time_out, "{}: the tests are about another", function.id);
        let redrive = queue.redrive.as_ref().expect("it gives up in the end");
        assert!(template.queues[&redrive.dead_letters].is_fifo, "{}", redrive.dead_letters);
        assert!((3..=10).contains(&redrive.max_receives), "{}", function.id);
        let alarms = section("Resources");
        let is_watched = alarms.values().any(|it| {
            it["Type"] == "AWS::CloudWatch::Alarm"
                && it["Properties"]["Dimensions"][0]["Value"]
                    == format!("{}.QueueName", redrive.dead_letters)
        });
        assert!(is_watched, "nobody hears of {}", redrive.dead_letters);
    }
}

/// A rule that the queue's policy does not name rings nothing, and nobody is told.
#[test]
fn every_rule_rings_queues_that_are_there_and_let_it() {
    let template = template(&[]);
    let resources = section("Resources");
    for queue in template.functions.iter().map(|function| &function.queue) {
        let policy = resources.values().find(|it| {
            it["Type"] == "AWS::SQS::QueuePolicy" && it["Properties"]["Queues"] == json!([queue])
        });
        let policy = policy.unwrap_or_else(|| panic!("{queue} lets nobody ring"));
        let statement = &policy["Properties"]["PolicyDocument"]["Statement"][0];
        assert_eq!(statement["Resource"], format!("{queue}.Arn"));
        let sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"].as_array();
        let sources = sources.expect("it names the rules").iter().filter_map(Value::as_str);
        let ringing = template.rules.iter();
        let ringing = ringing.filter(|rule| rule.targets.iter().any(|it| it.queue == *queue));
        let expected: BTreeSet<String> = ringing.map(|rule| format!("{}.Arn", rule.id)).collect();
        assert_eq!(sources.map(str::to_owned).collect::<BTreeSet<_>>(), expected, "{queue}");
    }
    for rule in &template.rules {
        assert!(!rule.targets.is_empty(), "{}", rule.id);
        for target in &rule.targets {
            assert!(template.queues.contains_key(&target.queue), "{}: {}", rule.id, target.queue);
            assert_eq!(target.group, "bells", "one group, so one writer at a time");
        }
    }
}

fn is_read(action: &str) -> bool {
    let verb = action.split_once(':').map_or(action, |(_, verb)| verb);
    ["Describe", "Get", "List"].iter().any(|start| verb.starts_with(start))
}

#[test]
fn no_statement_allows_more_than_it_names() {
    // AWS knows no resources for these actions, or no tags before they are made.
    const EVERYWHERE: [&str; 3] = ["Read", "GatewayInterfaces", "EndpointNeeds"];
    for (function, _) in FUNCTIONS {
        let mut sids = BTreeSet::new();
        for statement in statements(function) {
            let Statement { sid, actions, resources, condition } = &statement;
            assert!(sids.insert(sid.clone()), "{function} says {sid} twice");
            assert!(actions.iter().all(|it| !it.contains('*')), "{function} {sid}: {actions:?}");
            assert!(!resources.is_empty(), "{function} {sid}");
            let is_everywhere = resources.iter().any(|resource| resource == "*");
            assert_eq!(is_everywhere, EVERYWHERE.contains(&sid.as_str()), "{function} {sid}");
            let reads = actions.iter().filter(|action| is_read(action)).count();
            assert_eq!(reads, if sid == "Read" { actions.len() } else { 0 }, "{function} {sid}");
            assert!(sid != "Read" || condition.is_null(), "{function}: a condition blinds it");
            let mut sorted = actions.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!(&sorted, actions, "{function} {sid}: in order, each once");
        }
    }
}

/// What a function may change without our owner tag on it, and why AWS leaves no other way.
const UNOWNED: [(&str, &str); 8] = [
    ("CreateGroupInVpc", "the VPC of a new group is nobody's of ours"),
    ("CreateInVpc", "nor are the VPC and subnets of a new endpoint"),
    ("DatabaseRules", "the group is the database's; AWS checks no tags of rules"),
    ("EndpointNeeds", "permissions without a resource"),
    ("GatewayInterfaces", "VPC Lattice makes them in the caller's name"),
    ("RingTheOtherSide", "the bus is everybody's; the source is ours"),
    ("ServiceLinkedRole", "the role is VPC Lattice's"),
    ("StatusTag", "databases and VPCs are people's; the one tag is ours"),
];

#[test]
fn what_changes_anything_demands_our_tag_wherever_aws_supports_it() {
    let mut used = BTreeSet::new();
    for (function, _) in FUNCTIONS {
        for statement in statements(function) {
            let sid = statement.sid.as_str();
            if sid == "Read" || statement.demands_owner() {
                continue;
            }
            assert!(UNOWNED.iter().any(|(known, _)| *known == sid), "{function} {statement:?}");
            // Without a tag there is a limit of another kind, unless there is nothing to limit.
            let lattice = statement.actions.iter().filter(|it| it.starts_with("vpc-lattice:"));
            let lattice: Vec<_> = lattice.collect();
            let permission_only = ["vpc-lattice:CreateServiceNetworkVpcEndpointAssociation"];
            assert!(lattice.is_empty() || lattice == permission_only, "{function} {lattice:?}");
            used.insert(sid.to_owned());
        }
    }
    assert_eq!(used.len(), UNOWNED.len(), "a row without a statement: {used:?}");
}

/// A whole life: everything is built, changed by others, put right, refused, in grace, and gone.
async fn live(scene: &Scene) {
    let person = Person(&scene.sim);
    let (article, minutes) = (&scene.article, SignedDuration::from_mins);
    let (arn, vpc) = (&article.database_arn, &article.consumer_vpc);
    let everybody = |value: &str| {
        person.tag_database(arn, "trellis:expose", value);
        person.tag(vpc, "trellis:consume", value);
        person.tag(&article.client_group, "trellis:client", value);
    };
    everybody("databases");
    scene.live(minutes(30)).await;
    assert!(scene.reachable().reachable);
    meddle(scene);
    person.tag_database(arn, "trellis:expose", "databases reports");
    scene.live(minutes(30)).await;
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

/// Somebody changes what is ours.
fn meddle(scene: &Scene) {
    let person = Person(&scene.sim);
    let first = |service, action: &str, list: &str, is_it: fn(&Value) -> bool| {
        let all = person.call(service, action, json!({}));
        let items = all.pointer(list).and_then(Value::as_array).expect("a list");
        items.iter().find(|item| is_it(item)).unwrap_or_else(|| panic!("none in {all}")).clone()
    };
    let lattice = |action, is_it| first(Service::Lattice, action, "/items", is_it);
    let gateway = lattice("ListResourceGateways", |_| true);
    let changes = json!({
        "resourceGatewayIdentifier": gateway["id"],
        "securityGroupIds": [scene.article.database_group],
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
        "AddSecurityGroupId": [scene.article.client_group],
        "RemoveSecurityGroupId": [endpoint["groupSet"]["item"][0]["groupId"]],
    });
    person.call(Service::Ec2, "ModifyVpcEndpoint", changes);
}

/// What AWS demands of the caller of something else, so that no call of ours shows it: VPC
/// Lattice User Guide, "Amazon VPC Lattice API permissions", and the service authorization
/// reference.
const DEMANDED: [(&str, &[&str]); 2] = [
    (
        "ExposeDatabase",
        &[
            "ec2:AssignIpv6Addresses",
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:ModifyNetworkInterfaceAttribute",
            "ec2:UnassignPrivateIpAddresses",
            "iam:CreateServiceLinkedRole",
            // Creating with tags.
            "ec2:CreateTags",
            "vpc-lattice:TagResource",
        ],
    ),
    (
        "ConnectVpc",
        &[
            "ec2:CreateTags",
            "route53:AssociateVPCWithHostedZone",
            "vpc-lattice:CreateServiceNetworkVpcEndpointAssociation",
        ],
    ),
];

#[test]
fn each_function_may_do_what_it_does_and_no_more() {
    let calls = RefCell::new(Vec::new());
    let careful = Settings { grace: SignedDuration::from_mins(30), ..settings() };
    scene(careful, 1, async |scene| {
        live(scene).await;
        calls.replace(scene.sim.calls_since(0));
    });
    let calls = calls.into_inner();
    for (function, caller) in FUNCTIONS {
        let made: BTreeSet<String> = calls
            .iter()
            .filter(|call| call.caller == caller && call.service != "sts")
            .map(|call| format!("{}:{}", call.service, call.action))
            .collect();
        let allowed: BTreeSet<String> =
            statements(function).into_iter().flat_map(|it| it.actions).collect();
        let missing: Vec<_> = made.difference(&allowed).collect();
        assert!(missing.is_empty(), "{function} may not {missing:?}");
        let demanded = DEMANDED.iter().find(|(id, _)| *id == function).expect("a row").1;
        let needless: Vec<_> =
            allowed.difference(&made).filter(|action| !demanded.contains(&&***action)).collect();
        assert!(needless.is_empty(), "{function} may {needless:?} and never does");
    }
}
