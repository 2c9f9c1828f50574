//! Replies: what AWS may add is left alone, what it must not leave out fails the reading.

use aws::pass::Mode;
use aws::{ErrorKind, Side};
use reconcile::observed::Life;
use serde_json::{Value, json};
use tests::wire::Sent;

use super::built;

const EXPOSE: Side = Side::ExposeDatabase;
const CONNECT: Side = Side::ConnectVpc;

/// Who reads the listing, the call, and the members without which an item makes no sense.
const LISTINGS: [(Side, &str, &[&str]); 11] = [
    (EXPOSE, "DescribeVpcs", &["vpcId"]),
    (EXPOSE, "DescribeSubnets", &["subnetId", "vpcId", "availabilityZoneId"]),
    (EXPOSE, "DescribeSecurityGroups", &["groupId", "vpcId"]),
    (EXPOSE, "DescribeSecurityGroupRules", &["securityGroupRuleId", "groupId"]),
    (CONNECT, "DescribeVpcEndpoints", &["vpcEndpointId", "vpcId", "serviceNetworkArn"]),
    (CONNECT, "DescribeVpcEndpointAssociations", &[]),
    (EXPOSE, "DescribeDBInstances", &["DBInstanceArn", "DbiResourceId"]),
    (EXPOSE, "GET servicenetworks", &["id", "arn", "name"]),
    (EXPOSE, "GET resourcegateways", &["id", "arn"]),
    (EXPOSE, "GET resourceconfigurations", &["id", "arn"]),
    (
        CONNECT,
        "GET servicenetworkresourceassociations",
        &["id", "arn", "resourceConfigurationId", "resourceConfigurationArn"],
    ),
];

/// Listings whose failure freezes what rests on them and fails no reading.
const TOLERATED: [&str; 4] = [
    "DescribeVpcs",
    "DescribeSubnets",
    "DescribeVpcEndpointAssociations",
    "GET servicenetworkresourceassociations",
];

fn is_xml(call: &str) -> bool {
    call.starts_with("Describe")
}

/// The text with every element of this name, or every member of every item, taken out.
fn without(text: &str, member: &str) -> String {
    if let Ok(mut listing) = serde_json::from_str::<Value>(text) {
        for item in listing["items"].as_array_mut().into_iter().flatten() {
            item.as_object_mut().and_then(|item| item.remove(member));
        }
        return listing.to_string();
    }
    let (open, close) = (format!("<{member}>"), format!("</{member}>"));
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&open) {
        out.push_str(before);
        rest = after.split_once(&close).map_or("", |(_, after)| after);
    }
    out + rest
}

#[test]
fn an_item_without_what_it_must_have_fails_the_reading() {
    built(async |_, ends| {
        for (side, call, members) in LISTINGS {
            for member in members {
                ends.wire.edit(call, move |_, text| without(&text, member));
                let result = ends.side(side).pass(side, Mode::Apply).await;
                ends.wire.clear();
                if TOLERATED.contains(&call) {
                    let outcome = result.expect("it is frozen");
                    assert!(outcome.steps.is_empty(), "{call} without {member}: {outcome:#?}");
                    continue;
                }
                let error = result.expect_err(&format!("{call} without {member} was read"));
                assert_eq!(error.kind, ErrorKind::Unknown);
                assert!(error.chain().ends_with(&format!("lacks {member}")), "{}", error.chain());
            }
        }
        nothing_was_written(&ends.wire.take());
    });
}

#[test]
fn a_reply_that_cannot_be_read_fails_the_reading() {
    built(async |_, ends| {
        for (side, call, _) in LISTINGS {
            let kind = if is_xml(call) { "<Describe><vpcSet><item>" } else { r#"{"items": ["# };
            for (status, body) in [(200, kind), (200, "\u{0}\u{1}"), (500, ""), (503, "<html>")] {
                ends.wire.instead(call, status, body);
                let outcome = ends.side(side).pass(side, Mode::Apply).await;
                ends.wire.clear();
                match outcome {
                    Ok(outcome) if TOLERATED.contains(&call) => {
                        assert!(outcome.steps.is_empty(), "{call} {status} {body:?}: {outcome:#?}");
                    }
                    Ok(outcome) => panic!("{call} answered {status} {body:?}: {outcome:?}"),
                    Err(error) => assert!(!TOLERATED.contains(&call), "{}", error.chain()),
                }
            }
        }
        nothing_was_written(&ends.wire.take());
    });
}

fn nothing_was_written(sent: &[Sent]) {
    // A status tells what could not be read.
    let is_status = |one: &&Sent| {
        one.call == "CreateTags" && one.members.values().any(|it| it == "trellis:status")
    };
    let written: Vec<_> = sent.iter().filter(|one| one.is_write() && !is_status(one)).collect();
    assert!(written.is_empty(), "{written:#?}");
}

/// Members and statuses that a later version of the APIs may bring.
#[test]
fn what_is_new_to_us_is_left_alone() {
    built(async |scene, ends| {
        for (_, call, _) in LISTINGS {
            ends.wire.edit(call, |_, text| match serde_json::from_str::<Value>(&text) {
                Ok(mut listing) => {
                    listing["somethingNew"] = json!([1]);
                    for item in listing["items"].as_array_mut().into_iter().flatten() {
                        item["somethingNew"] = json!({"deep": [true]});
                        item["status"] = json!("SOMETHING_NEW");
                    }
                    listing.to_string()
                }
                Err(_) => {
                    let new = "<item><somethingNew><deep>1</deep></somethingNew><";
                    let text = text.replace("<item><", new);
                    text.replace("<state>available</state>", "<state>something-new</state>")
                }
            });
        }
        let provider = ends.expose.observe(EXPOSE).await.expect("it can be read");
        let consumer = ends.connect.observe(CONNECT).await.expect("it can be read");
        let lives = [
            provider.gateways.iter().map(|it| &it.life).collect::<Vec<_>>(),
            provider.configurations.iter().map(|it| &it.life).collect(),
            provider.associations.iter().map(|it| &it.life).collect(),
            consumer.ways.iter().map(|it| &it.life).collect(),
        ];
        assert_eq!(lives, [[&Life::Coming]; 4]);
        for side in [EXPOSE, CONNECT] {
            let outcome = ends.side(side).pass(side, Mode::Apply).await.expect("it can be read");
            assert!(outcome.steps.is_empty(), "{:?}", outcome.steps);
        }
        ends.wire.clear();
        assert!(scene.reachable().reachable);
    });
}

/// The model says `Available`, the wire `available`, and the SDK's enum knows neither.
#[test]
fn the_state_of_an_endpoint_is_read_in_whichever_case() {
    built(async |_, ends| {
        for (state, expected) in [
            ("available", Some(Life::Ready)),
            ("Available", Some(Life::Ready)),
            ("AVAILABLE", Some(Life::Ready)),
            ("partial", Some(Life::Ready)),
            ("pending", Some(Life::Coming)),
            ("PendingAcceptance", Some(Life::Coming)),
            ("pendingAcceptance", Some(Life::Coming)),
            ("something-new", Some(Life::Coming)),
            ("deleting", Some(Life::Leaving)),
            ("Deleting", Some(Life::Leaving)),
            ("deleted", None),
            ("Deleted", None),
            ("failed", Some(Life::broken("failed", None))),
            ("Failed", Some(Life::broken("failed", None))),
            ("rejected", Some(Life::broken("rejected", None))),
            ("expired", Some(Life::broken("expired", None))),
        ] {
            ends.wire.edit("DescribeVpcEndpoints", move |_, text| {
                text.replace("<state>available<", &format!("<state>{state}<"))
            });
            let observed = ends.connect.observe(CONNECT).await.expect("it can be read");
            let found = observed.ways.first().map(|endpoint| match &endpoint.life {
                Life::Broken { why, made: Some(_) } => Life::broken(why, None),
                life => life.clone(),
            });
            assert_eq!(found, expected, "{state}");
        }
    });
}
