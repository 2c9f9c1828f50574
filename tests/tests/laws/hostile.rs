//! Tags that somebody wrote to do harm, or by mistake.

use std::panic::catch_unwind;

use aws::Side;
use reconcile::outcome::Outcome;
use reconcile::report::State;
use reconcile::tag::{self, Asked, Tags};
use serde_json::json;
use sim::{Call, Service};
use tests::laws::make_quick;
use tests::scene::{Scene, scene, settings};

/// Values that name no allowed network.
fn values() -> Vec<String> {
    let mut values: Vec<String> = HAND_WRITTEN.iter().map(|&text| text.to_owned()).collect();
    for odd in ODD {
        values.push(format!("databases{odd}"));
        values.push(format!("{odd}databases"));
        values.push(format!("data{odd}bases"));
        values.push(odd.to_string().repeat(3));
    }
    for length in [64, 255, 256] {
        values.push("a".repeat(length));
        values.push("ä".repeat(length));
        values.push("+".repeat(length));
    }
    values
}

const HAND_WRITTEN: &[&str] = &[
    "",
    " ",
    "+",
    "++",
    " + ",
    "Off",
    "OFF",
    "off+databases",
    "databases+off",
    "off off",
    "on",
    "true",
    "yes",
    "1",
    "none",
    "null",
    "all",
    "any",
    "default",
    "self",
    "Databases",
    "DATABASES",
    "databases2",
    "database",
    "reports2",
    "private",
    "prod-databases",
    "databases-prod",
    "x",
    "ab",
    "-databases",
    "databases-",
    "data--bases",
    "sn-0123456789abcdef0",
    "vpc-0123456789abcdef0",
    "arn:aws:vpc-lattice:us-east-1:111122223333:servicenetwork/sn-0123456789abcdef0",
    "arn:aws:vpc-lattice:us-east-1:999988887777:servicenetwork/databases",
    "arn:aws:iam::aws:root",
    "databases@999988887777",
    "999988887777:databases",
    "999988887777/databases",
    "us-east-1",
    "../databases",
    "databases/../private",
    "./databases",
    "%64atabases",
    "databases%00",
    "${databases}",
    "${AWS::AccountId}",
    "{{resolve:secretsmanager:x}}",
    "$(databases)",
    "`databases`",
    "databases; drop table networks",
    "databases' or '1'='1",
    "<databases>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "]]>",
    "{\"network\":\"databases\"}",
    "[\"databases\"]",
    "databases&Action=DeleteVpc",
    "databases?x=y",
    "databases#x",
    "trellis:owner",
    "trellis:expose=databases",
    "aws:cloudformation:stack-name",
    "databases+private",
    "private+databases",
    "databases private",
    "private databases",
    "databases+*",
    "*+databases",
    "databases+Databases",
    "databases,reports",
    "databases;reports",
    "databases|reports",
    "databases/reports",
    "databases.reports",
    "databases_reports",
    "dätabases",
    "dаtabases",
    "databases\u{301}",
    "\u{202e}sesabatad",
    "\u{feff}databases",
    "ready orders db-X on databases",
    "refused FOREIGN",
    "\u{1f4a5}",
    "数据库",
    "قاعدة",
];

const ODD: [char; 32] = [
    '\0',
    '\u{1}',
    '\u{7}',
    '\u{8}',
    '\t',
    '\n',
    '\u{b}',
    '\u{c}',
    '\r',
    '\u{1b}',
    '\u{7f}',
    '\u{85}',
    '\u{a0}',
    '\u{ad}',
    '\u{200b}',
    '\u{200d}',
    '\u{2028}',
    '\u{2029}',
    '\u{3000}',
    '\u{feff}',
    '\u{fffd}',
    '\u{10ffff}',
    '"',
    '\'',
    '\\',
    '&',
    '<',
    '*',
    '%',
    ',',
    ':',
    '=',
];

/// Whether this value may name allowed networks only among others that are none.
fn names_an_allowed_one(value: &str) -> bool {
    ["databases", "reports"].iter().any(|network| value.split(['+', ' ']).any(|it| it == *network))
}

#[test]
fn no_value_panics_or_names_what_no_network_can_be_called() {
    let values = values();
    println!("{} values", values.len());
    assert!(values.len() >= 200);
    for value in values {
        let tags = Tags::from([(tag::EXPOSE.to_owned(), value.clone())]);
        let asked = catch_unwind(|| tag::asked(&tags, tag::EXPOSE)).expect("no panic");
        match asked {
            Asked::Nonsense(why) => assert!(why.contains(tag::EXPOSE), "{why}"),
            Asked::Networks(named) => {
                assert!(named.iter().all(|it| tag::is_network_name(it.as_str())), "{named:?}");
                let allowed = settings().networks;
                assert!(named.iter().any(|it| !allowed.contains_key(it)), "{value:?} is allowed");
            }
            other => panic!("{value:?} is {other:?}"),
        }
    }
}

/// Tags it, if AWS takes such a value.
fn is_taken(scene: &Scene, side: Side, value: &str) -> bool {
    let call = match side {
        Side::ExposeDatabase => {
            let tags = json!({"Tag": [{"Key": tag::EXPOSE, "Value": value}]});
            let members = json!({"ResourceName": scene.two_vpcs.database_arn, "Tags": tags});
            Call::new(Service::Rds, "AddTagsToResource", members)
        }
        Side::ConnectVpc => {
            let tags = json!([{"Key": tag::CONSUME, "Value": value}]);
            let members = json!({"ResourceId": [scene.two_vpcs.consumer_vpc], "Tag": tags});
            Call::new(Service::Ec2, "CreateTags", members)
        }
    };
    scene.sim.world(|world| world.answer(&call)).is_ok()
}

fn is_refused(outcome: &Outcome) -> bool {
    let mut lines = outcome.reports.iter().flat_map(|report| &report.lines);
    lines.any(|line| matches!(line.state, State::Refused(_)))
}

#[test]
fn no_value_makes_anything_and_each_is_refused_in_words() {
    let counts = [Side::ExposeDatabase, Side::ConnectVpc].map(|side| {
        scene(settings(), 1, async |scene| {
            make_quick(&scene.sim);
            scene.sim.world(|world| world.switches.throttling = false);
            let mut taken = 0;
            for value in values().into_iter().filter(|value| !names_an_allowed_one(value)) {
                if !is_taken(scene, side, &value) {
                    continue;
                }
                taken += 1;
                let outcome = scene.pass(side).await.expect("the world can be read");
                assert!(is_refused(&outcome), "{value:?}: {outcome:#?}");
                assert!(outcome.steps.is_empty(), "{value:?}: {outcome:#?}");
            }
            let only_words = ["AddTagsToResource", "CreateTags", "PutEvents"];
            for call in scene.sim.calls_since(0).iter().filter(|call| call.is_write()) {
                assert!(only_words.contains(&call.action.as_str()), "{call:?}");
                assert_eq!(call.status, 200, "{call:?}");
            }
            taken
        })
    });
    println!("databases and VPCs with {counts:?} hostile values");
    assert!(counts[0] > 60 && counts[1] > 180, "{counts:?}");
}
