//! Policies and what calls ask for, by examples.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::two_vpcs::{self, TwoVpcs};
use crate::{Clock, Sim};

fn need(action: &str, resource: &str, context: &[(&str, &str)]) -> Need {
    let values = context.iter().map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()]));
    Need {
        action: action.to_owned(),
        resource: resource.to_owned(),
        context: values.collect(),
        is_there: true,
    }
}

fn allows(statement: Value, need: &Need) -> bool {
    Policy::parse(&json!([statement])).expect("a policy").allows(need)
}

#[test]
fn a_statement_allows_its_actions_on_its_resources_under_its_conditions() {
    let statement = |condition: Value| {
        json!({
            "Effect": "Allow",
            "Action": ["ec2:Delete*", "ec2:CreateTags"],
            "Resource": "arn:aws:ec2:us-east-1:111122223333:security-group/*",
            "Condition": condition,
        })
    };
    let group = "arn:aws:ec2:us-east-1:111122223333:security-group/sg-1";
    let ours = ("aws:ResourceTag/trellis:owner", "trellis");
    let owned = json!({"StringEquals": {"aws:ResourceTag/trellis:owner": "trellis"}});
    let delete = need("ec2:DeleteSecurityGroup", group, &[ours]);
    assert!(allows(statement(owned.clone()), &delete));
    assert!(!allows(statement(owned.clone()), &need("ec2:DeleteSecurityGroup", group, &[])));
    assert!(!allows(statement(owned.clone()), &need("ec2:CreateVpc", group, &[ours])));
    assert!(!allows(statement(owned), &need("ec2:DeleteSecurityGroup", "*", &[ours])));

    let one_key = json!({
        "ForAllValues:StringEquals": {"aws:TagKeys": ["trellis:status"]},
        "Null": {"aws:TagKeys": "false"},
    });
    let tags = |keys: &[&str]| {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let context = of_keys(keys).into_iter().collect();
        Need { context, ..need("ec2:CreateTags", group, &[]) }
    };
    assert!(allows(statement(one_key.clone()), &tags(&["trellis:status"])));
    assert!(!allows(statement(one_key.clone()), &tags(&["trellis:status", "Name"])));
    assert!(!allows(statement(one_key), &tags(&[])), "all of none are equal, but none is null");
}

#[test]
fn a_denial_wins() {
    let both = json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "ec2:CreateVpc", "Resource": "*"},
    ]);
    let policy = Policy::parse(&both).expect("a policy");
    assert!(policy.allows(&need("ec2:CreateSubnet", "*", &[])));
    assert!(!policy.allows(&need("ec2:createvpc", "*", &[])));
}

#[test]
fn what_is_not_known_is_never_passed_over() {
    for statement in [
        json!({"Effect": "Allow", "Action": "*", "NotResource": "*"}),
        json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {}}}),
        json!({"Effect": "allow", "Action": "*", "Resource": "*"}),
    ] {
        assert!(Policy::parse(&json!([statement])).is_err(), "{statement}");
    }
}

fn start() -> (Sim, TwoVpcs) {
    let sim = Sim::new(Clock::virtual_from(Timestamp::UNIX_EPOCH), 1);
    let two_vpcs = sim.world(two_vpcs::build);
    (sim, two_vpcs)
}

fn asked(sim: &Sim, service: Service, action: &str, members: Value) -> Vec<Need> {
    sim.world(|world| needs(world, &Call::new(service, action, members)))
}

#[test]
fn a_tagged_create_asks_for_the_tagging_and_names_what_it_makes_and_where() {
    let (sim, two_vpcs) = start();
    let tags = json!([{"ResourceType": "security-group", "Tag": [{"Key": "a", "Value": "b"}]}]);
    let vpc = &two_vpcs.consumer_vpc;
    let members = json!({
        "GroupName": "g", "GroupDescription": "d", "VpcId": vpc, "TagSpecification": tags,
    });
    let group = "arn:aws:ec2:us-east-1:111122223333:security-group/*";
    let tagged = [("aws:RequestTag/a", "b"), ("aws:TagKeys", "a")];
    let tagging = [&tagged[..], &[("ec2:CreateAction", "CreateSecurityGroup")]].concat();
    let [made, tagging_of_it, there] =
        &asked(&sim, Service::Ec2, "CreateSecurityGroup", members)[..]
    else {
        panic!("three needs")
    };
    assert_eq!(*made, need("ec2:CreateSecurityGroup", group, &tagged));
    assert_eq!(*tagging_of_it, need("ec2:CreateTags", group, &tagging));
    let arn = format!("arn:aws:ec2:us-east-1:111122223333:vpc/{vpc}");
    assert_eq!((&there.action, &there.resource), (&made.action, &arn));
}

#[test]
fn the_first_thing_of_lattice_asks_for_its_service_linked_role() {
    let (sim, _) = start();
    let create =
        |sim: &Sim| asked(sim, Service::Lattice, "CreateServiceNetwork", json!({"name": "n1"}));
    let role = |needs: &[Need]| needs.iter().any(|it| it.action == "iam:CreateServiceLinkedRole");
    assert!(role(&create(&sim)));
    let call = Call::new(Service::Lattice, "CreateServiceNetwork", json!({"name": "databases"}));
    sim.world(|world| world.answer(&call)).expect("a network");
    assert!(!role(&create(&sim)));
}

#[test]
fn what_is_not_there_is_not_found_or_denied() {
    let owned = json!([{
        "Effect": "Allow",
        "Action": "ec2:DeleteSecurityGroup",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/owner": "us"}},
    }]);
    let policy = Policy::parse(&owned).expect("a policy");
    let (sim, two_vpcs) = start();
    let delete = |id: &str| Call::new(Service::Ec2, "DeleteSecurityGroup", json!({"GroupId": id}));
    let absent = delete("sg-00000000000000000");
    let check = |call: &Call| sim.world(|world| check(world, &policy, call));
    assert!(check(&absent).is_ok());
    assert!(check(&delete(&two_vpcs.client_group)).expect_err("not ours").is_there);
    sim.world(|world| world.switches.denial_of_absent = DenialOfAbsent::Denied);
    let denial = check(&absent).expect_err("it has no tags");
    assert_eq!((denial.is_there, &*denial.fault.code), (false, "UnauthorizedOperation"));
}

/// Whatever it is, nobody may do it without a policy that names it.
#[test]
fn every_call_but_who_am_i_asks_for_something() {
    let (sim, _) = start();
    for (service, action) in [
        (Service::Ec2, "CreateTransitGateway"),
        (Service::Rds, "DeleteDBInstance"),
        (Service::Lattice, "CreateService"),
        (Service::Lattice, "PutAuthPolicy"),
    ] {
        let needs = asked(&sim, service, action, json!({}));
        let named = format!("{}:{action}", service.name());
        assert!(needs.iter().any(|need| need.action == named), "{named}: {needs:?}");
    }
    assert_eq!(asked(&sim, Service::Sts, "GetCallerIdentity", json!({})), []);
}
