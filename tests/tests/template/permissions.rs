//! Each function may do what it does, to what is its own, and no more.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::SignedDuration;
use reconcile::settings::Settings;
use serde_json::{Value, json};
use sim::Service;
use tests::policy::{Statement, statements};
use tests::scene::{Scene, scene, settings};
use tests::users::User;

use crate::FUNCTIONS;

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
            let Statement { sid, actions, resources, condition, .. } = &statement;
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
const UNOWNED: [(&str, &str); 10] = [
    ("CreateGroupInVpc", "the VPC of a new group is nobody's of ours"),
    ("CreateInVpc", "nor are the VPC and subnets of a new endpoint"),
    ("DatabaseRules", "the group is the database's"),
    ("DatabaseRulesGo", "the same, and AWS checks no tags of rules"),
    ("EndpointNeeds", "permissions without a resource"),
    ("GatewayInterfaces", "VPC Lattice makes them in the caller's name"),
    ("RingTheOtherSide", "the bus is everybody's; the source is ours"),
    ("ServiceLinkedRole", "the role is VPC Lattice's"),
    ("StatusTag", "databases and VPCs are people's; the one tag is ours"),
    ("StatusTagGoes", "the same"),
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

#[test]
fn what_is_switched_off_can_still_be_cleaned_up() {
    let all = |function: &str, only_if: Option<&str>| -> BTreeSet<String> {
        let statements = statements(function).into_iter();
        let so = statements.filter(|it| it.only_if.as_deref() == only_if);
        so.flat_map(|it| it.actions).collect()
    };
    for (function, condition, gone, stays) in [
        (
            "ExposeDatabase",
            "WritesDatabaseRules",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
        ),
        (
            "ExposeDatabase",
            "WritesStatusTags",
            "rds:AddTagsToResource",
            "rds:RemoveTagsFromResource",
        ),
        ("ConnectVpc", "WritesStatusTags", "ec2:CreateTags", "ec2:DeleteTags"),
    ] {
        let gone = BTreeSet::from([gone.to_owned()]);
        assert_eq!(all(function, Some(condition)), gone, "{function} {condition}");
        assert!(all(function, None).contains(stays), "{function} {stays}");
    }
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
