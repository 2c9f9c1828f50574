//! What is news, and what is not.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide;
use crate::key::Side;
use crate::memory::Memory;
use crate::news::news;
use crate::observed::Observed;
use crate::outcome::{Outcome, Taken};
use crate::refusal::{Code, Refusal};
use crate::report::Subject;
use crate::status::Status;
use crate::tag;
use crate::telling;

use super::{at, connected, key, settings, tags};

const PROVIDER: Side = Side::ExposeDatabase;
const CONSUMER: Side = Side::ConnectVpc;

fn step(verb: &'static str, text: &str, error: Option<&str>) -> Taken {
    Taken { verb, key: key(text), error: error.map(str::to_owned), is_mark: false }
}

/// What a process that remembers this tells after a pass that took these steps.
fn told(side: Side, observed: &Observed, steps: Vec<Taken>, memory: &Memory) -> Vec<String> {
    let decision = decide(side, observed, &settings());
    let outcome = Outcome::new(side, observed, &decision, memory, steps, Vec::new());
    let tellings = telling::tellings(observed, &outcome.reports, memory, &settings());
    let news = news(&tellings, &outcome, memory);
    news.iter().map(|it| format!("{}: {it}", it.detail_type())).collect()
}

/// The same, of a new process.
fn told_anew(side: Side, observed: &Observed, steps: Vec<Taken>) -> Vec<String> {
    told(side, observed, steps, &Memory::default())
}

#[test]
fn what_stands_as_its_tag_says_is_no_news() {
    assert_eq!(told_anew(PROVIDER, &connected(), Vec::new()), [""; 0]);
    assert_eq!(told_anew(CONSUMER, &connected(), Vec::new()), [""; 0]);
}

#[test]
fn what_became_ready_is_told_whichever_invocation_sees_it() {
    let mut observed = connected();
    let waiting = "waiting orders db-ORDERS for the gateway";
    observed.databases[0].tags.insert(tag::STATUS.to_owned(), waiting.to_owned());
    observed.vpcs[0].tags.remove(tag::STATUS);
    let exposed = ["Database Exposed: orders databases"];
    assert_eq!(told_anew(PROVIDER, &observed, Vec::new()), exposed);
    assert_eq!(told_anew(CONSUMER, &observed, Vec::new()), ["VPC Connected: vpc-c databases"]);
    // The tag could not be written, and the process remembers that it has told.
    let mut memory = Memory::default();
    let subject = Subject::Database(super::ORDERS.into(), Some("db-ORDERS".into()));
    let said = Status::read("ready orders db-ORDERS on databases");
    memory.says(BTreeMap::from([(subject, said)]));
    assert_eq!(told(PROVIDER, &observed, Vec::new(), &memory), [""; 0]);
}

/// Restored from a snapshot of a ready one, and exposed all the same.
#[test]
fn a_copy_is_told_to_be_ready_although_its_tags_say_so_of_another() {
    let mut observed = connected();
    let inherited = "ready sales db-SALES on databases since 2026-11-24T09:00:00Z";
    observed.databases[0].tags.insert(tag::STATUS.to_owned(), inherited.to_owned());
    let mut settings = settings();
    settings.expose_restored = true;
    let decision = decide(PROVIDER, &observed, &settings);
    let memory = Memory::default();
    let steps = vec![step("create", "gateway vpc-p", None)];
    let outcome = Outcome::new(PROVIDER, &observed, &decision, &memory, steps, Vec::new());
    let tellings = telling::tellings(&observed, &outcome.reports, &memory, &settings);
    let news = news(&tellings, &outcome, &memory);
    let told: Vec<String> = news.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["orders databases"], "it is no drift, and it is ready");
    // After a switchover the new one has the name: nothing is new.
    let switched = "ready orders db-BLUE on databases since 2026-11-24T09:00:00Z";
    observed.databases[0].tags.insert(tag::STATUS.to_owned(), switched.to_owned());
    let tellings = telling::tellings(&observed, &outcome.reports, &memory, &settings);
    let outcome = Outcome { steps: Vec::new(), ..outcome };
    assert!(crate::news::news(&tellings, &outcome, &memory).is_empty());
}

#[test]
fn a_process_that_writes_no_tags_tells_what_changes_while_it_lives() {
    let mut observed = connected();
    observed.vpcs[0].tags.remove(tag::STATUS);
    let without =
        crate::settings::Settings { status_tags: crate::settings::StatusTags::Off, ..settings() };
    let mut memory = Memory::default();
    let reports = decide(CONSUMER, &observed, &without).desired.reports;
    let first = telling::tellings(&observed, &reports, &memory, &without);
    assert!(first.values().all(|it| it.before.as_ref() == Some(&it.now)), "it knows no better");
    memory.says(BTreeMap::new());
    let later = telling::tellings(&observed, &reports, &memory, &without);
    assert!(later.values().all(|it| it.before.is_none()), "it has looked before");
}

#[test]
fn a_refusal_is_told_once_and_the_brake_once_for_all() {
    let mut observed = connected();
    observed.databases[0].tags = tags(&[(tag::EXPOSE, "-x-")]);
    let refused = ["Refused: orders BAD_TAG"];
    assert_eq!(told_anew(PROVIDER, &observed, Vec::new()), refused);
    let status = "refused BAD_TAG orders db-ORDERS something";
    observed.databases[0].tags.insert(tag::STATUS.to_owned(), status.to_owned());
    assert_eq!(told_anew(PROVIDER, &observed, Vec::new()), [""; 0]);
}

#[test]
fn what_steps_bring_with_them_is_told_if_aws_took_them() {
    let steps = |error| {
        vec![
            step("create", "network reports", error),
            step("delete", "association arn:aws:rds:us-east-1:111122223333:db:x databases", error),
            step("delete", "endpoint vpc-x databases", error),
        ]
    };
    let expected = [
        "Database Withdrawn: x databases",
        "Network Created: reports",
        "VPC Disconnected: vpc-x databases",
    ];
    assert_eq!(told_anew(PROVIDER, &connected(), steps(None)), expected);
    assert_eq!(told_anew(PROVIDER, &connected(), steps(Some("no"))), [""; 0]);
}

#[test]
fn what_a_ready_database_rests_on_and_is_made_again_was_drift() {
    let repaired = ["Drift Repaired: create gateway vpc-p"];
    let create = || step("create", "gateway vpc-p", None);
    assert_eq!(told_anew(PROVIDER, &connected(), vec![create()]), repaired);
    let mark = Taken { verb: "update", is_mark: true, ..create() };
    assert_eq!(told_anew(PROVIDER, &connected(), vec![mark]), [""; 0]);
    let mut observed = connected();
    let waiting = "waiting orders db-ORDERS for the gateway";
    observed.databases[0].tags.insert(tag::STATUS.to_owned(), waiting.to_owned());
    let exposed = ["Database Exposed: orders databases"];
    assert_eq!(told_anew(PROVIDER, &observed, vec![create()]), exposed, "it was not ready");
    // A port that was never offered before.
    let rule = || step("create", "client-rule vpc-c databases 5432", None);
    assert_eq!(told_anew(CONSUMER, &connected(), vec![rule()]), [""; 0]);
    let mut memory = Memory::default();
    memory.sees_lacking(&BTreeSet::new(), [rule().key].into(), at());
    memory.sees_lacking(&[rule().key].into(), BTreeSet::new(), at());
    let repaired = ["Drift Repaired: create client-rule vpc-c databases 5432"];
    assert_eq!(told(CONSUMER, &connected(), vec![rule()], &memory), repaired);
}

#[test]
fn a_step_is_told_to_fail_the_second_time_in_a_row_and_no_other() {
    let failed = || vec![step("create", "gateway vpc-p", Some("AccessDenied"))];
    let mut memory = Memory::default();
    let refusal = || Some(Refusal::new(Code::Denied, "AccessDenied"));
    for expected in [0, 1, 0] {
        let said = Some("AccessDenied".to_owned());
        memory.tries("create", &key("gateway vpc-p"), at(), said, refusal());
        let told = told(PROVIDER, &connected(), failed(), &memory);
        let count = told.iter().filter(|it| *it == "Failed: create gateway vpc-p").count();
        assert_eq!(count, expected, "{told:?}");
    }
}
