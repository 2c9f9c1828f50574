//! What people read: the states, the reasons behind them, and the status tags.

use crate::decide;
use crate::freeze::Listing;
use crate::id::NetworkName;
use crate::key::{Key, Side};
use crate::observed::{Database, Life, Observed};
use crate::outcome::Outcome;
use crate::plan::Wait;
use crate::refusal::{Code, Refusal};
use crate::report::{Line, Report, State, Subject, written_for};
use crate::tag::{self, Tags};

use super::{ORDERS, another, at, connected, group, key, ours, settings, subnet, tags};

/// The status of `orders`, where this was tried or refused in the same pass.
fn told_after(
    observed: &Observed,
    tries: &[(&'static str, &str, Option<&str>, Option<Refusal>)],
    refused: &[(&str, Refusal)],
) -> String {
    let decision = decide(Side::ExposeDatabase, observed, &settings());
    let mut memory = decision.memory.clone();
    for (verb, on, said, refusal) in tries {
        let said = said.map(str::to_owned);
        memory.tries(verb, &key(on), at(), said, refusal.clone());
    }
    let refused = refused.iter().map(|(on, refusal)| (key(on), refusal.clone())).collect();
    let outcome =
        Outcome::new(Side::ExposeDatabase, observed, &decision, &memory, Vec::new(), refused);
    outcome.reports[0].status(&Tags::new())
}

fn told(observed: &Observed) -> String {
    told_after(observed, &[], &[])
}

fn quota() -> Refusal {
    Refusal::new(Code::Quota, "have it raised")
}

#[test]
fn what_aws_said_of_anything_that_it_rests_on_stands_behind_the_wait() {
    let mut observed = connected();
    observed.associations.clear();
    let association = format!("association {ORDERS} databases");
    let waiting = "waiting orders db-ORDERS for the resource association";
    assert_eq!(told(&observed), waiting);
    let said = Some("it is busy");
    let of = |on: &str| told_after(&observed, &[("create", on, said, None)], &[]);
    assert_eq!(of(&association), format!("{waiting}: it is busy"));
    assert_eq!(of("gateway vpc-p"), format!("{waiting}: it is busy"));
    assert_eq!(of("gateway vpc-q"), waiting, "it does not rest on that");
    let mut beside = observed.clone();
    let expose = tags(&[(tag::EXPOSE, "databases")]);
    beside.databases.push(Database {
        vpc: Some("vpc-q".into()),
        subnets: ["subnet-q".into()].into(),
        tags: expose,
        ..another("sales", "db-SALES")
    });
    beside.subnets.push(subnet("subnet-q", "vpc-q", "use1-az1"));
    let own = ours("gateway-group vpc-q");
    beside.groups.push(group("sg-q", "trellis-gateway", "vpc-q", own));
    beside.unknown.insert(Listing::Subnets, "throttled".to_owned());
    let plan = decide(Side::ExposeDatabase, &beside, &settings()).plan;
    let frozen = (key("gateway vpc-q"), Wait::Unknown("throttled".to_owned()));
    assert!(plan.waiting.contains(&frozen), "{:?}", plan.waiting);
    assert_eq!(told(&beside), waiting, "another VPC's gateway");
    let listing = Listing::Associations("databases".into());
    observed.unknown.insert(listing, "throttled".to_owned());
    let tries = [("create", association.as_str(), said, None)];
    assert_eq!(told_after(&observed, &tries, &[]), format!("{waiting}: throttled"));
}

#[test]
fn a_refusal_of_anything_that_it_rests_on_is_the_refusal_of_the_whole() {
    let mut observed = connected();
    let refused = "refused QUOTA orders db-ORDERS have it raised";
    assert_eq!(told_after(&observed, &[], &[("gateway vpc-p", quota())]), refused);
    let ready = "ready orders db-ORDERS on databases";
    assert_eq!(told_after(&observed, &[], &[("gateway vpc-q", quota())]), ready);
    let tries = [("update", "gateway vpc-p", Some("no"), Some(quota()))];
    assert_eq!(told_after(&observed, &tries, &[]), refused);
    let tries = [("update", "gateway vpc-q", Some("no"), Some(quota()))];
    assert_eq!(told_after(&observed, &tries, &[]), ready);
    observed.databases[0].is_public = true;
    let status = told_after(&observed, &[], &[("gateway vpc-p", quota())]);
    assert!(status.starts_with("refused PUBLIC"), "it was refused before: {status}");
}

#[test]
fn what_is_missing_leaving_or_broken_is_called_so() {
    let mut observed = connected();
    observed.associations[0].life = Life::Leaving;
    let waiting = "waiting orders db-ORDERS for the resource association";
    assert_eq!(told(&observed), format!("{waiting} to be removed before it is made anew"));
    observed.associations[0].life = Life::broken("no room", Some(at()));
    assert_eq!(told(&observed), format!("{waiting} to be made anew: it failed: no room"));
    observed.associations[0].life = Life::Coming;
    assert_eq!(told(&observed), waiting);
    let mut observed = connected();
    observed.rules.remove(1);
    let rule = "waiting orders db-ORDERS for the database rule on sg-orders for tcp 5432";
    assert_eq!(told(&observed), rule);
    // What is ready and yet to be changed is not ready, and neither is what waits.
    let mut observed = connected();
    observed.gateways[0].groups.clear();
    assert_eq!(told(&observed), "waiting orders db-ORDERS for the resource gateway");
    let paused = [("update", "gateway vpc-p", None, None)];
    assert!(told_after(&observed, &paused, &[]).ends_with("for the resource gateway"));
    observed.memory.tries("update", &key("gateway vpc-p"), at(), None, None);
    assert_eq!(told(&observed), "waiting orders db-ORDERS for the resource gateway");
}

fn line(network: &str, state: State) -> Line {
    let network = Some(NetworkName::from(network));
    Line { network, state, warnings: Vec::new(), rests_on: Vec::<Key>::new() }
}

fn waiting(what: &str) -> State {
    State::Waiting(what.to_owned())
}

#[test]
fn of_several_networks_the_refused_is_spoken_of_first_then_what_waits() {
    let subject = || Subject::Vpc("vpc-c".into());
    let of = |lines: Vec<Line>| Report { subject: subject(), lines }.status(&Tags::new());
    let (ready, rain) = (line("a-b", State::Ready), line("b-c", waiting("rain")));
    let refused = line("c-d", State::Refused(quota()));
    assert_eq!(of(vec![]), "ready on");
    assert_eq!(of(vec![ready.clone(), line("c-d", State::Ready)]), "ready on a-b c-d");
    assert_eq!(of(vec![ready.clone(), rain.clone()]), "waiting for rain");
    assert_eq!(of(vec![ready, rain, refused]), "refused QUOTA have it raised");
    assert_eq!(subject().name(), "vpc-c");
    let database = Subject::Database(ORDERS.into(), None);
    assert_eq!(database.name(), "orders");
    let gone = Report { subject: database, lines: vec![line("a-b", waiting("its removal"))] };
    assert_eq!(gone.status(&Tags::new()), "waiting orders gone for its removal");
}

#[test]
fn each_warning_is_told_once() {
    let mut lines = vec![line("a-b", State::Ready), line("b-c", State::Ready)];
    lines[0].warnings = vec!["EGRESS sg-1: allow it".to_owned(), "ZONE z: none".to_owned()];
    lines[1].warnings = vec!["EGRESS sg-1: allow it".to_owned()];
    let mut report = Report { subject: Subject::Vpc("vpc-c".into()), lines };
    let expected = "ready on a-b b-c (warn EGRESS sg-1: allow it; ZONE z: none)";
    assert_eq!(report.status(&Tags::new()), expected);
    report.subject = Subject::Database(ORDERS.into(), Some("db-ORDERS".into()));
    let plain = "ready orders db-ORDERS on a-b b-c - warn EGRESS sg-1: allow it - ZONE z: none";
    assert_eq!(report.status(&Tags::new()), plain, "RDS takes no parentheses and no semicolons");
    report.lines[0].state = State::Waiting("a, \"b\"; é_*".to_owned());
    assert_eq!(report.status(&Tags::new()), "waiting orders db-ORDERS for a b - ___");
    report.subject = Subject::Vpc("vpc-c".into());
    assert_eq!(report.status(&Tags::new()), "waiting for a, b; ___");
}

#[test]
fn a_status_goes_on_naming_the_database_that_it_was_written_for_until_this_one_is_ready() {
    let status = |state: State, found: &str| {
        let subject = Subject::Database(ORDERS.into(), Some("db-ORDERS".into()));
        let report = Report { subject, lines: vec![line("a-b", state)] };
        report.status(&tags(&[(tag::STATUS, found)]))
    };
    let other = "ready sales db-SALES on a-b";
    assert_eq!(status(State::Ready, other), "ready orders db-ORDERS on a-b");
    assert_eq!(status(waiting("rain"), other), "waiting sales db-SALES for rain");
    let refused = "refused QUOTA sales db-SALES have it raised";
    assert_eq!(status(State::Refused(quota()), other), refused);
    assert_eq!(status(waiting("rain"), "hello"), "waiting orders db-ORDERS for rain");
}

#[test]
fn a_status_tells_the_database_that_it_was_written_for() {
    let of = |status: &str| {
        let found = tags(&[(tag::STATUS, status)]);
        written_for(&found).map(|(name, id)| (name.to_owned(), id.to_owned()))
    };
    let orders = Some(("orders".to_owned(), "db-1".to_owned()));
    assert_eq!(of("ready orders db-1 on databases"), orders);
    assert_eq!(of("waiting orders db-1 for rain"), orders);
    assert_eq!(of("refused QUOTA orders db-1 have it raised"), orders);
    for status in ["", "ready", "ready orders", "refused QUOTA orders", "broken orders db-1"] {
        assert_eq!(of(status), None, "{status}");
    }
    assert_eq!(written_for(&Tags::new()), None);
}
