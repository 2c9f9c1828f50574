//! What a pass may do, whether it is over, and which status tags it writes.

use jiff::SignedDuration;

use crate::decide;
use crate::freeze::Listing;
use crate::key::Side;
use crate::memory::Memory;
use crate::observed::{Observed, Question};
use crate::outcome::{Extent, Outcome, Taken};
use crate::plan::Wait;
use crate::report::Report;
use crate::settings::{Mode, Settings, StatusTags};
use crate::step::Target;
use crate::tag;
use crate::telling::{self, Note, Notes};

use super::{ORDERS, at, begun, connected, key, ours, rule, settings, tags};

const PROVIDER: Side = Side::ExposeDatabase;
const CONSUMER: Side = Side::ConnectVpc;

/// The outcome of a pass that took these steps.
fn outcome(side: Side, observed: &Observed, steps: Vec<Taken>) -> Outcome {
    let decision = decide(side, observed, &settings());
    Outcome::new(side, observed, &decision, &decision.memory, steps, Vec::new())
}

fn taken(error: Option<&str>) -> Taken {
    let (verb, key) = ("create", key("gateway vpc-p"));
    Taken { verb, key, error: error.map(str::to_owned), is_mark: false }
}

#[test]
fn each_side_asks_and_decides_for_itself() {
    let mut observed = connected();
    observed.databases.clear();
    observed.ways.clear();
    let arn = observed.configurations[0].arn.clone();
    assert!(crate::questions(PROVIDER, &observed, &settings()).contains(&Question::Tags(arn)));
    let dns = Question::Dns("vpc-c".into());
    assert!(crate::questions(CONSUMER, &observed, &settings()).contains(&dns));
}

/// An open egress of the gateway group, and an endpoint that is switched off.
fn to_take_away() -> Observed {
    let mut observed = connected();
    let mut open = rule("sgr-9", "sg-client", crate::observed::Direction::Egress, "x", tags(&[]));
    open.peer = crate::observed::Peer::Everybody;
    observed.rules.push(open.clone());
    open.group = "sg-gateway".into();
    observed.rules.push(open);
    observed
}

#[test]
fn a_deployment_that_only_creates_takes_nothing_away() {
    let mut settings = settings();
    let mut observed = to_take_away();
    assert_eq!(begun(PROVIDER, &observed, &settings), ["update gateway-group vpc-p"]);
    settings.mode = Mode::CreateOnly;
    assert_eq!(begun(PROVIDER, &observed, &settings), Vec::<String>::new());
    observed.databases[0].tags = tags(&[(tag::EXPOSE, "off")]);
    assert_eq!(begun(PROVIDER, &observed, &settings), Vec::<String>::new());
    let mut observed = connected();
    observed.associations.clear();
    let made = [format!("create association {ORDERS} databases")];
    assert_eq!(begun(PROVIDER, &observed, &settings), made);
    settings.mode = Mode::Plan;
    observed.databases[0].tags.clear();
    observed.configurations.clear();
    observed.gateways.clear();
    observed.at += SignedDuration::from_secs(30);
    observed.memory =
        decide(PROVIDER, &Observed { at: at(), ..observed.clone() }, &settings).memory;
    let deleted = begun(PROVIDER, &observed, &settings);
    assert!(deleted.contains(&"delete gateway-rule vpc-p sg-orders 5432".to_owned()));
}

#[test]
fn what_rests_on_a_listing_that_failed_waits_with_the_reason() {
    let mut observed = connected();
    observed.associations.clear();
    let listing = Listing::Associations("databases".into());
    observed.unknown.insert(listing, "throttled".to_owned());
    let plan = decide(PROVIDER, &observed, &settings()).plan;
    assert_eq!(plan.intents, Vec::new());
    let association = key(&format!("association {ORDERS} databases"));
    assert!(plan.waiting.contains(&(association, Wait::Unknown("throttled".to_owned()))));
}

#[test]
fn what_was_tried_is_remembered_while_it_is_to_be_done_or_paused_and_forgotten_then() {
    let association = key(&format!("association {ORDERS} databases"));
    let other = key("gateway vpc-p");
    let counts = |observed: &Observed, seconds| {
        let mut observed = observed.clone();
        let then = at() - SignedDuration::from_secs(seconds);
        observed.memory.tries("create", &association, then, None, None);
        observed.memory.tries("delete", &association, then, None, None);
        observed.memory.tries("create", &other, then, None, None);
        let memory = decide(PROVIDER, &observed, &settings()).memory;
        [("create", &association), ("delete", &association), ("create", &other)]
            .map(|(verb, key)| memory.tried(verb, key).map_or(0, |tried| tried.count))
    };
    let mut observed = connected();
    assert_eq!(counts(&observed, 60), [0, 0, 0], "it is all done");
    observed.associations.clear();
    assert_eq!(counts(&observed, 60), [1, 0, 0], "it is to be created again");
    assert_eq!(counts(&observed, 1), [1, 1, 0], "the key is paused");
}

#[test]
fn a_pass_is_settled_when_nothing_was_done_and_nothing_waits() {
    assert!(outcome(PROVIDER, &connected(), Vec::new()).is_settled);
    assert!(!outcome(PROVIDER, &connected(), vec![taken(None)]).is_settled);
    assert!(!outcome(PROVIDER, &connected(), vec![taken(Some("no"))]).is_settled);
    let mut waiting = connected();
    waiting.databases[0].status = "creating".to_owned();
    waiting.configurations.clear();
    waiting.associations.clear();
    waiting.gateways.clear();
    let found = outcome(PROVIDER, &waiting, Vec::new());
    assert!(!found.is_settled, "a report waits: {found:?}");
    let mut refused = waiting;
    refused.databases[0].is_public = true;
    refused.rules.retain(|rule| rule.id.as_str() > "sgr-2");
    refused.groups.retain(|group| group.id.as_str() != "sg-gateway");
    assert!(outcome(PROVIDER, &refused, Vec::new()).is_settled, "time does not heal it");
    // What waits on the other side is not ours to wait for.
    let mut other = connected();
    other.ways[0].life = crate::observed::Life::Coming;
    assert!(outcome(PROVIDER, &other, Vec::new()).waiting.is_empty());
    assert_eq!(outcome(CONSUMER, &other, Vec::new()).waiting.len(), 1);
}

#[test]
fn another_look_soon_is_worth_it_while_something_of_ours_is_on_its_way() {
    let moves = |on: Wait, steps: Vec<Taken>| {
        let mut outcome = outcome(PROVIDER, &connected(), steps);
        let key = key("gateway vpc-p");
        outcome.waiting = vec![crate::outcome::Waiting { key, on }];
        outcome.is_moving()
    };
    let retry = |seconds| Wait::Retry(at() + SignedDuration::from_secs(seconds));
    let needs = || Wait::Needs(key("gateway vpc-q"));
    for (on, is_moving) in [
        (Wait::Coming, true),
        (Wait::Leaving, true),
        (Wait::Going, true),
        (Wait::Lacking, true),
        (retry(0), true),
        (retry(44), true),
        (retry(45), false),
        (retry(600), false),
        (needs(), false),
        (Wait::NeededBy(key("gateway vpc-q")), false),
        (Wait::InUse, false),
        (Wait::Unknown("throttled".to_owned()), false),
    ] {
        assert_eq!(moves(on.clone(), Vec::new()), is_moving, "{on:?}");
    }
    assert!(moves(needs(), vec![taken(None)]), "it was started just now");
    assert!(!moves(needs(), vec![taken(Some("no"))]));
    assert!(moves(Wait::Coming, vec![taken(Some("no"))]));
    assert!(!outcome(PROVIDER, &connected(), Vec::new()).is_moving());
}

#[test]
fn only_what_a_person_must_look_at_now_is_an_alarm() {
    let alarms = |observed: &Observed| outcome(PROVIDER, observed, Vec::new()).alarms();
    assert_eq!(alarms(&connected()), Vec::<String>::new());
    let mut public = connected();
    public.databases[0].is_public = true;
    public.associations.clear();
    assert_eq!(alarms(&public), Vec::<String>::new(), "its owner reads it");
    let mut replaced = connected();
    replaced.databases[0].resource_id = "db-NEW".into();
    replaced.databases[0].tags.clear();
    replaced.answers.tags.insert(replaced.configurations[0].arn.clone(), tags(&[]));
    replaced.answers.switchovers = Some(Vec::new());
    let found = alarms(&replaced);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("orders: REPLACED: it is not the database"), "{found:?}");
}

fn noted(side: Side, observed: &Observed) -> Vec<Note> {
    let reports = outcome(side, observed, Vec::new()).reports;
    notes_of(side, observed, &reports, &settings())
}

fn notes_of(side: Side, observed: &Observed, reports: &[Report], settings: &Settings) -> Vec<Note> {
    let tellings = telling::tellings(observed, reports, &Memory::default(), settings);
    telling::notes(side, observed, &tellings, &Memory::default(), settings).due
}

fn note(target: Target, status: Option<&str>) -> Note {
    Note { target, status: status.map(str::to_owned) }
}

#[test]
fn a_status_is_written_where_it_differs() {
    assert_eq!(noted(PROVIDER, &connected()), Vec::new());
    assert_eq!(noted(CONSUMER, &connected()), Vec::new());
    let mut observed = connected();
    observed.databases[0].tags.insert(tag::STATUS.to_owned(), "ready".to_owned());
    observed.vpcs[0].tags.remove(tag::STATUS);
    let database = Target::Database(ORDERS.into());
    let ready = "ready orders db-ORDERS on databases since 2026-11-24T12:00:00Z";
    assert_eq!(noted(PROVIDER, &observed), [note(database.clone(), Some(ready))]);
    let vpc = Target::Ec2("vpc-c".to_owned());
    assert_eq!(
        noted(CONSUMER, &observed),
        [note(vpc.clone(), Some("ready on databases since 2026-11-24T12:00:00Z"))]
    );
    let mut settings = settings();
    settings.status_tags = StatusTags::Off;
    let reports = outcome(PROVIDER, &connected(), Vec::new()).reports;
    assert_eq!(notes_of(PROVIDER, &connected(), &reports, &settings), [note(database, None)]);
    let reports = outcome(CONSUMER, &connected(), Vec::new()).reports;
    assert_eq!(notes_of(CONSUMER, &connected(), &reports, &settings), [note(vpc, None)]);
}

#[test]
fn a_status_that_somebody_takes_off_again_and_again_is_left_alone_until_there_is_something_new() {
    let mut observed = connected();
    observed.vpcs[0].tags.remove(tag::STATUS);
    let vpc = Target::Ec2("vpc-c".to_owned());
    let mut memory = Memory::default();
    let notes = |observed: &Observed, memory: &Memory| {
        let reports = outcome(CONSUMER, observed, Vec::new()).reports;
        let tellings = telling::tellings(observed, &reports, memory, &settings());
        telling::notes(CONSUMER, observed, &tellings, memory, &settings())
    };
    for _ in 0..2 {
        let Notes { due, left_alone } = notes(&observed, &memory);
        assert_eq!((due.len(), left_alone), (1, Vec::new()), "once more: an accident");
        memory.notes(&vpc, due[0].status.as_ref().expect("a status"));
    }
    let left = Notes { due: Vec::new(), left_alone: vec![vpc.clone()] };
    assert_eq!(notes(&observed, &memory), left);
    observed.vpcs[0].tags.insert(tag::STATUS.to_owned(), "something else".to_owned());
    assert_eq!(notes(&observed, &memory).due.len(), 1, "it is not taken off");
    observed.vpcs[0].tags.remove(tag::STATUS);
    observed.vpcs[0].tags.insert(tag::CONSUME.to_owned(), "Databases".to_owned());
    assert_eq!(notes(&observed, &memory).due.len(), 1, "something new");
}

#[test]
fn nothing_of_theirs_bears_a_status_where_only_ours_does() {
    let mut settings = settings();
    settings.status_tags = StatusTags::Ours;
    let of = |side, observed: &Observed, memory: &Memory| {
        let reports = outcome(side, observed, Vec::new()).reports;
        let tellings = telling::tellings(observed, &reports, memory, &settings);
        telling::notes(side, observed, &tellings, memory, &settings).due
    };
    let mut observed = connected();
    let configuration = observed.configurations[0].arn.clone();
    let target = Target::Lattice(configuration.clone());
    let ready = "ready orders db-ORDERS on databases since 2026-11-24T12:00:00Z";
    let stale = note(Target::Database(ORDERS.into()), None);
    let expected = [stale, note(target.clone(), Some(ready))];
    assert_eq!(of(PROVIDER, &observed, &Memory::default()), expected);
    observed.databases[0].tags.remove(tag::STATUS);
    let question = Question::Tags(configuration.clone());
    assert!(crate::questions(PROVIDER, &observed, &settings).contains(&question));
    let said = "ready orders db-ORDERS on databases since 2026-11-24T09:00:00Z";
    observed.answers.tags.insert(configuration, tags(&[(tag::STATUS, said)]));
    assert_eq!(of(PROVIDER, &observed, &Memory::default()), Vec::new(), "it says so");
    observed.answers.tags.clear();
    let mut memory = Memory::default();
    memory.notes(&target, ready);
    assert_eq!(of(PROVIDER, &observed, &memory), Vec::new(), "we wrote it");
    observed.vpcs[0].tags.remove(tag::STATUS);
    let ready = "ready on databases since 2026-11-24T12:00:00Z";
    let group = Target::Ec2("sg-endpoint".to_owned());
    assert_eq!(of(CONSUMER, &observed, &Memory::default()), [note(group, Some(ready))]);
    let group = observed.groups.iter_mut().find(|it| it.id.as_str() == "sg-endpoint");
    let said = "ready on databases since 2026-11-24T09:00:00Z".to_owned();
    group.expect("it is there").tags.insert(tag::STATUS.to_owned(), said);
    assert_eq!(of(CONSUMER, &observed, &Memory::default()), Vec::new());
}

#[test]
fn a_status_of_what_asks_for_nothing_any_more_is_taken_off_if_it_is_its_own() {
    let mut observed = connected();
    observed.vpcs[0].tags.remove(tag::CONSUME);
    let vpc = note(Target::Ec2("vpc-c".to_owned()), None);
    assert_eq!(notes_of(CONSUMER, &observed, &[], &settings()), [vpc]);
    for (status, is_own) in [
        ("ready orders db-ORDERS on databases", true),
        ("ready orders db-BLUE on databases", true),
        ("ready sales db-ORDERS on databases", true),
        ("ready sales db-SALES on databases", false),
        ("hello", false),
    ] {
        observed.databases[0].tags = tags(&[(tag::STATUS, status)]);
        let expected =
            if is_own { vec![note(Target::Database(ORDERS.into()), None)] } else { vec![] };
        assert_eq!(notes_of(PROVIDER, &observed, &[], &settings()), expected, "{status}");
    }
    observed.databases[0].tags = ours("gateway vpc-p");
    assert_eq!(notes_of(PROVIDER, &observed, &[], &settings()), Vec::new(), "there is none");
}

#[test]
fn a_plan_says_how_far_it_goes() {
    let of = |observed: &Observed| {
        let decision = decide(PROVIDER, observed, &settings());
        let intents = decision.plan.intents.iter();
        let steps = intents.map(|intent| Taken {
            verb: intent.action.verb(),
            key: intent.key.clone(),
            error: None,
            is_mark: false,
        });
        outcome(PROVIDER, observed, steps.collect()).extent()
    };
    assert_eq!(of(&connected()), Extent::Nothing);
    let mut observed = connected();
    observed.rules.clear();
    assert_eq!(of(&observed), Extent::Changes);
    let mut observed = connected();
    observed.databases[0].tags = tags(&[(tag::EXPOSE, "off")]);
    assert_eq!(of(&observed), Extent::Removals);
    // What is to go once later readings agree.
    let mut observed = connected();
    observed.databases.clear();
    observed.answers.gone.insert(crate::observed::Thing::Database(ORDERS.into()));
    assert_eq!(of(&observed), Extent::Removals);
    // What waits for somebody else is not left to do.
    let mut observed = connected();
    observed.databases[0].tags.insert(tag::EXPOSE.to_owned(), "databases+others".to_owned());
    assert_eq!(of(&observed), Extent::Nothing);
}
