//! Each function may do what it does, to what is its own, and no more.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};
use sim::iam::needs;
use sim::{Call, Service, World};
use tests::policy::{Statement, statements};

use crate::iam::{policy, roles};
use crate::{FUNCTIONS, template};

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
            // The queue is read by a statement of its own.
            let reads = actions.iter().filter(|action| is_read(action)).count();
            let reads_only = ["Read", "ReadParameters"].contains(&sid.as_str());
            let all = if reads_only { actions.len() } else { 0 };
            assert!(reads == all || sid == "ReadQueue", "{function} {sid}");
            assert!(sid != "Read" || condition.is_null(), "{function}: a condition blinds it");
            let mut sorted = actions.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!(&sorted, actions, "{function} {sid}: in order, each once");
        }
    }
}

/// What a function may change without our owner tag on it, and why AWS leaves no other way.
const UNOWNED: [(&str, &str); 15] = [
    ("AssociateWithNetwork", "the network may be another account's; what is made bears our tag"),
    ("ConfigureGateway", "the same: what is made bears our tag"),
    ("CreateGroupInVpc", "the VPC of a new group is nobody's of ours"),
    ("CreateInVpc", "nor are the VPC and subnets of a new endpoint"),
    ("DatabaseRules", "the group is the database's"),
    ("DatabaseRulesGo", "the same, and AWS checks no tags of rules"),
    ("EndpointNeeds", "permissions without a resource"),
    ("GatewayInterfaces", "VPC Lattice makes them in the caller's name"),
    ("ReadQueue", "the queue is the function's own"),
    ("TellNews", "the bus is everybody's; the source is ours"),
    ("ServiceLinkedRole", "the role is VPC Lattice's"),
    ("StatusTag", "databases and VPCs are people's; the one tag is ours"),
    ("StatusTagGoes", "the same"),
    ("UseKey", "the key is the one that the parameter names"),
    ("WriteLog", "the log group is the function's own"),
];

#[test]
fn what_changes_anything_demands_our_tag_wherever_aws_supports_it() {
    let mut used = BTreeSet::new();
    for (function, _) in FUNCTIONS {
        for statement in statements(function) {
            let sid = statement.sid.as_str();
            let changes = statement.actions.iter().any(|action| !is_read(action));
            if !changes || statement.demands_owner() {
                continue;
            }
            assert!(UNOWNED.iter().any(|(known, _)| *known == sid), "{function} {statement:?}");
            used.insert(sid.to_owned());
        }
    }
    assert_eq!(used.len(), UNOWNED.len(), "a row without a statement: {used:?}");
}

/// The parameters that other stacks read stand under the deployment's name, where people may have
/// put some of theirs.
#[test]
fn a_parameter_of_somebody_else_is_neither_changed_nor_removed() {
    let template = template(&[("ConnectionParameters", "on")]);
    let statements = roles(&template).find(|(caller, _)| *caller == "connect-vpc");
    let policy = policy(statements.expect("it has a role").1);
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 1);
    let owner = |value: &str| json!([{"Key": "trellis:owner", "Value": value}]);
    for (name, tags) in [("theirs", json!([])), ("ours", owner("trellis")), ("other", owner("x"))] {
        let name = format!("/trellis/databases/{name}");
        let members = json!({"Name": name, "Value": "1", "Type": "String", "Tags": tags});
        world.answer(&Call::new(Service::Ssm, "PutParameter", members)).expect("it is made");
    }
    let allows = |action: &str, members: Value| {
        let call = Call::new(Service::Ssm, action, members);
        needs(&world, &call).iter().all(|need| policy.allows(need))
    };
    for (name, is_ours) in [("theirs", false), ("ours", true), ("other", false)] {
        let name = format!("/trellis/databases/{name}");
        let change = json!({"Name": name, "Value": "2", "Overwrite": true});
        assert_eq!(allows("PutParameter", change), is_ours, "{name}");
        assert_eq!(allows("DeleteParameter", json!({ "Name": name })), is_ours, "{name}");
    }
    let new = |name: &str, owner: Value| json!({"Name": name, "Value": "2", "Tags": owner});
    assert!(allows("PutParameter", new("/trellis/databases/new", owner("trellis"))));
    assert!(!allows("PutParameter", new("/trellis/databases/new", owner("x"))));
    assert!(!allows("PutParameter", new("/elsewhere/databases/new", owner("trellis"))));
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
