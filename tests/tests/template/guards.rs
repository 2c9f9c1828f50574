//! The policies of `examples/` about who may set tags, judged by what calls ask for.

use serde_json::{Value, json};
use sim::iam::{Need, Policy, needs};
use sim::{Call, Service};
use tests::scene::{scene, settings};

const GUARD: &str = include_str!("../../../examples/guard-tags.json");
const OFFER: &str = include_str!("../../../examples/offer-databases.json");

fn statements(policy: &str) -> Vec<Value> {
    let policy: Value = serde_json::from_str(policy).expect("it is JSON");
    policy["Statement"].as_array().expect("it has statements").clone()
}

fn tags(key: &str) -> Value {
    json!([{"Key": key, "Value": "databases"}])
}

/// What each call asks for, in a world with two VPCs and a database.
fn asked(calls: impl Fn(&str, &str, &str) -> Vec<Call>) -> Vec<(Call, Vec<Need>)> {
    let mut asked = Vec::new();
    scene(settings(), 1, async |scene| {
        let there = &scene.two_vpcs;
        let calls = calls(&there.consumer_vpc, &there.client_group, &there.database_arn);
        scene.sim.world(|world| {
            asked = calls.iter().map(|call| (call.clone(), needs(world, call))).collect();
        });
    });
    asked
}

/// Whether who has this role may do it, under the guard, with everything else allowed.
fn may(role: &str, needs: &[Need]) -> bool {
    let mut all = statements(GUARD);
    all.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    let policy = Policy::parse(&all.into()).expect("it is a policy");
    let arn = format!("arn:aws:iam::111122223333:role/{role}");
    needs.iter().all(|need| {
        let mut need = need.clone();
        need.context.insert("aws:PrincipalArn".to_owned(), vec![arn.clone()]);
        policy.allows(&need)
    })
}

#[test]
fn nobody_but_the_platform_team_and_trellis_sets_or_removes_a_tag_of_trellis() {
    let calls = |key: &str| {
        let of = |resource_type: &str| json!([{"ResourceType": resource_type, "Tag": tags(key)}]);
        asked(move |vpc, group, database| {
            let network = "arn:aws:vpc-lattice:us-east-1:111122223333:servicenetwork/sn-0";
            let named = json!({
                "GroupName": "g",
                "GroupDescription": "d",
                "VpcId": vpc,
                "TagSpecification": of("security-group"),
            });
            let ec2 = |action: &str, members| Call::new(Service::Ec2, action, members);
            let rds = |action: &str, members| Call::new(Service::Rds, action, members);
            let lattice = |action: &str, members| Call::new(Service::Lattice, action, members);
            vec![
                ec2("CreateTags", json!({"ResourceId": [vpc, group], "Tag": tags(key)})),
                ec2("DeleteTags", json!({"ResourceId": [vpc], "Tag": tags(key)})),
                ec2("CreateSecurityGroup", named),
                rds(
                    "AddTagsToResource",
                    json!({"ResourceName": database, "Tags": {"Tag": tags(key)}}),
                ),
                rds(
                    "RemoveTagsFromResource",
                    json!({"ResourceName": database, "TagKeys": {"member": [key]}}),
                ),
                lattice("TagResource", json!({"resourceArn": network, "tags": {key: "x"}})),
                lattice("UntagResource", json!({"resourceArn": network, "tagKeys": [key]})),
                lattice("CreateServiceNetwork", json!({"name": "n", "tags": {key: "x"}})),
            ]
        })
    };
    let trusted =
        ["platform-admin", "trellis-ConnectVpcRole-1A2B", "trellis-ExposeDatabaseRole-1A2B"];
    for key in ["trellis:expose", "trellis:owner", "trellis:client"] {
        for (call, needs) in calls(key) {
            assert!(!may("developer", &needs), "{key} {call:?}");
            assert!(trusted.iter().all(|role| may(role, &needs)), "{key} {call:?}");
        }
    }
    for (call, needs) in calls("Name") {
        assert!(may("developer", &needs), "{call:?}");
    }
}

/// `DeleteTags` without keys takes all of them off.
#[test]
fn nobody_else_takes_all_tags_off_at_once() {
    let all = asked(|vpc, _, _| {
        vec![Call::new(Service::Ec2, "DeleteTags", json!({"ResourceId": [vpc]}))]
    });
    assert!(!may("developer", &all[0].1));
    assert!(may("platform-admin", &all[0].1));
}

#[test]
fn a_team_offers_its_own_databases_and_sets_no_other_tag() {
    let policy = Policy::parse(&statements(OFFER).into()).expect("it is a policy");
    let allows = |key: &str, team: Option<&str>| {
        let add = asked(|_, _, database| {
            let members = json!({"ResourceName": database, "Tags": {"Tag": tags(key)}});
            vec![Call::new(Service::Rds, "AddTagsToResource", members)]
        });
        add[0].1.iter().all(|need| {
            let mut need = need.clone();
            let team = team.map(|team| vec![team.to_owned()]);
            need.context.extend(team.map(|team| ("aws:ResourceTag/team".to_owned(), team)));
            policy.allows(&need)
        })
    };
    assert!(allows("trellis:expose", Some("orders")));
    assert!(!allows("trellis:expose", Some("billing")), "another team's");
    assert!(!allows("trellis:expose", None), "nobody's");
    assert!(!allows("trellis:status", Some("orders")), "Trellis writes that");
}
