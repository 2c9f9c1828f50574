//! The real function processes, once through: what the demo shows, without the show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::{Call, Service, reach};
use trellis::journal::Happening;
use trellis::lab::{Lab, Options};
use trellis::look::Look;

/// More simulated time than AWS and the functions take for anything here.
const PATIENCE: SignedDuration = SignedDuration::from_mins(60);

fn call(lab: &Lab, service: Service, action: &str, members: Value) {
    let call = Call::new(service, action, members);
    let answer = lab.sim().world(|world| world.answer(&call));
    answer.unwrap_or_else(|fault| panic!("{action}: {}", fault.message));
}

fn expose(lab: &Lab, value: &str) {
    let two_vpcs = lab.two_vpcs.as_ref().expect("it began with the article");
    let tag = json!({"Key": "trellis:expose", "Value": value});
    let members = json!({"ResourceName": two_vpcs.database_arn, "Tags": {"Tag": [tag]}});
    call(lab, Service::Rds, "AddTagsToResource", members);
}

fn tag(lab: &Lab, thing: &str, key: &str, value: &str) {
    let tag = json!({"Key": key, "Value": value});
    call(lab, Service::Ec2, "CreateTags", json!({"ResourceId": [thing], "Tag": [tag]}));
}

fn names(lab: &Lab) -> Vec<String> {
    let two_vpcs = lab.two_vpcs.as_ref().expect("it began with the article");
    lab.sim().world(|world| reach::reachable(world, &two_vpcs.client_group, &two_vpcs.database).by)
}

fn is_clear(lab: &Lab) -> bool {
    lab.sim().world(|world| Look::at(world)).ours().next().is_none()
}

/// Each function writes its metrics as CloudWatch takes them out of a log (Amazon CloudWatch User
/// Guide, Embedded metric format specification), and among them all that the alarms look at.
fn expect_metrics(lab: &Lab) {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in lab.journal.since(0) {
        let Happening::Said { function, line } = entry.what else { continue };
        let line: Value = serde_json::from_str(&line).expect("every line is JSON");
        let Some(metrics) = line.pointer("/_aws/CloudWatchMetrics/0") else { continue };
        assert_eq!(metrics["Namespace"], "Trellis");
        assert_eq!(line["Side"], function.as_str());
        assert_eq!(line["Deployment"], "trellis");
        assert!(line["_aws"]["Timestamp"].is_number() && line["request_id"].is_string(), "{line}");
        assert!(line["calls"].as_object().is_some_and(|calls| !calls.is_empty()), "{line}");
        for dimension in metrics["Dimensions"][0].as_array().expect("a set of dimensions") {
            assert!(line[dimension.as_str().expect("a name")].is_string(), "{line}");
        }
        for metric in metrics["Metrics"].as_array().expect("a list") {
            let name = metric["Name"].as_str().expect("a name");
            assert!(line[name].is_number(), "{line}");
            names.entry(function.clone()).or_default().insert(name.to_owned());
        }
    }
    let watched = include_str!("../../template.yaml").lines();
    let watched = watched.filter_map(|line| line.trim().strip_prefix("MetricName: "));
    let elsewhere = ["ApproximateNumberOfMessagesVisible", "Errors", "FailedInvocations"];
    let is_ours = |name: &&str| !name.starts_with("!Sub") && !elsewhere.contains(name);
    let watched: BTreeSet<&str> = watched.filter(is_ours).collect();
    assert!(watched.contains("CompletePasses"), "{watched:?}");
    for function in ["expose-database", "connect-vpc"] {
        for name in ["Ready", "Steps", "Calls", "PassMilliseconds", "BecameReady"] {
            assert!(names[function].contains(name), "{function}: {name}: {names:?}");
        }
        for name in &watched {
            assert!(names[function].contains(*name), "{function}: {name}: {names:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_make_a_database_reachable_and_their_end_leaves_nothing_behind() {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_trellis"));
    let lab = Lab::start(Options::new(program, 60.0)).await.expect("a port is free");
    let two_vpcs = lab.two_vpcs.clone().expect("it began with the article");
    assert!(names(&lab).is_empty());

    expose(&lab, "databases");
    tag(&lab, &two_vpcs.consumer_vpc, "trellis:consume", "databases");
    tag(&lab, &two_vpcs.client_group, "trellis:client", "databases");
    let connected = lab.until(PATIENCE, |lab| names(lab).len() == 2 && lab.is_idle()).await;
    assert!(connected, "{:#?}", lab.journal.since(0));
    for function in ["expose-database", "connect-vpc"] {
        let outcome = lab.last_outcome(function).expect("it was rung");
        assert!(outcome.is_ok(), "{function}: {outcome:?}");
    }

    expose(&lab, "off");
    tag(&lab, &two_vpcs.consumer_vpc, "trellis:consume", "off");
    let cleared = lab.until(PATIENCE, |lab| is_clear(lab) && lab.is_idle()).await;
    assert!(cleared, "{:#?}", lab.journal.since(0));
    assert!(names(&lab).is_empty());
    assert!(lab.dead_letters().is_empty());
    expect_metrics(&lab);
    lab.stop().await;
}
