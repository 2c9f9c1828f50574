//! The template says what the code needs, and allows what it does and no more.

mod example;
mod guards;
mod iam;
mod misdeeds;
mod parameters;
mod permissions;

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::policy::section;
use tests::scene::TIME_OUT;
use trellis::template::Template;

/// The functions, by their logical ids, and as they call AWS.
const FUNCTIONS: [(&str, &str); 2] =
    [("ExposeDatabase", "expose-database"), ("ConnectVpc", "connect-vpc")];

fn template(overrides: &[(&str, &str)]) -> Template {
    let overrides = overrides.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Template::built_in(&overrides.collect()).expect("it can be read")
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
            let metric = &it["Properties"]["Metrics"][0]["MetricStat"]["Metric"];
            it["Type"] == "AWS::CloudWatch::Alarm"
                && metric["Dimensions"][0]["Value"] == format!("{}.QueueName", redrive.dead_letters)
        });
        assert!(is_watched, "nobody hears of {}", redrive.dead_letters);
    }
}

/// What an ERROR says a person must look at, so somebody has to hear of it.
#[test]
fn every_log_is_watched_for_errors() {
    let resources = section("Resources");
    let of = |kind: &'static str| resources.iter().filter(move |(_, it)| it["Type"] == kind);
    let mut watched = BTreeSet::new();
    for (log, _) in of("AWS::Logs::LogGroup") {
        let filter = of("AWS::Logs::MetricFilter").find(|(_, it)| {
            it["Properties"]["LogGroupName"] == **log
                && it["Properties"]["FilterPattern"] == r#"{ $.level = "ERROR" }"#
        });
        let (_, filter) = filter.unwrap_or_else(|| panic!("{log} is not read"));
        let metric = &filter["Properties"]["MetricTransformations"][0];
        let is_of_it = |alarm: &Value| {
            ["MetricNamespace", "MetricName"].map(|name| &metric[name])
                == ["Namespace", "MetricName"].map(|name| &alarm["Properties"][name])
        };
        let alarm = of("AWS::CloudWatch::Alarm").find(|(_, it)| is_of_it(it));
        let (alarm, it) = alarm.unwrap_or_else(|| panic!("nobody hears of errors in {log}"));
        assert_eq!(it["Properties"]["Threshold"], 0, "{alarm}");
        assert!(it["Properties"]["AlarmActions"].is_object(), "{alarm} tells nobody");
        assert!(watched.insert(alarm), "{alarm} watches two logs");
    }
    assert_eq!(watched.len(), FUNCTIONS.len());
}

/// Who was woken by an alarm hears when it is over.
#[test]
fn every_alarm_tells_when_it_is_over() {
    let resources = section("Resources");
    let alarms = resources.iter().filter(|(_, it)| it["Type"] == "AWS::CloudWatch::Alarm");
    let mut count = 0;
    for (name, alarm) in alarms {
        count += 1;
        let properties = &alarm["Properties"];
        assert!(properties["AlarmActions"].is_object(), "{name}");
        assert_eq!(properties["OKActions"], properties["AlarmActions"], "{name}");
    }
    assert!(count >= 2 * FUNCTIONS.len(), "{count}");
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
