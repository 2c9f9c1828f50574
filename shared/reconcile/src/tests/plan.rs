//! What can start now, and what waits for what.

use jiff::SignedDuration;

use crate::decide;
use crate::id::Port;
use crate::key::{Key, Side};
use crate::observed::{Binding, Life, Observed};
use crate::plan::{Plan, Wait};
use crate::step::{Action, IfForeign};
use crate::tag;

use super::{
    ORDERS, another, association, at, configuration, connected, endpoint, group, key, ours,
    settings, tags,
};

const PROVIDER: Side = Side::ExposeDatabase;
const CONSUMER: Side = Side::ConnectVpc;

fn plan(side: Side, observed: &Observed) -> Plan {
    decide(side, observed, &settings()).plan
}

/// What is begun, without the marks of gateway groups.
fn done(side: Side, observed: &Observed) -> Vec<String> {
    let begun = super::begun(side, observed, &settings()).into_iter();
    begun.filter(|it| it != "update gateway-group vpc-p").collect()
}

fn waits(side: Side, observed: &Observed) -> Vec<(String, Wait)> {
    let waiting = plan(side, observed).waiting.into_iter();
    waiting.map(|(key, on)| (key.to_string(), on)).collect()
}

fn of_orders(kind: &str) -> Key {
    key(&match kind {
        "association" => format!("association {ORDERS} databases"),
        kind => format!("{kind} {ORDERS}"),
    })
}

/// The same world so many seconds later, if all that is going was going all the time.
fn later(side: Side, observed: &Observed, seconds: i64) -> Observed {
    let memory = decide(side, observed, &settings()).memory;
    let at = observed.at + SignedDuration::from_secs(seconds);
    Observed { memory, at, ..observed.clone() }
}

/// Nobody asks for anything any more, and nothing is on a network.
fn unwanted() -> Observed {
    let mut observed = connected();
    observed.databases[0].tags.clear();
    observed.vpcs[0].tags.clear();
    observed.associations.clear();
    observed.ways.clear();
    observed.accesses.clear();
    observed
}

#[test]
fn nothing_is_deleted_before_readings_agree_for_half_a_minute() {
    let mut observed = unwanted();
    observed.ways = connected().ways;
    let agreement = (of_orders("configuration").to_string(), Wait::Going);
    assert!(waits(PROVIDER, &observed).contains(&agreement));
    let deleted = [format!("delete configuration {ORDERS}")];
    assert_eq!(done(PROVIDER, &later(PROVIDER, &observed, 29)), Vec::<String>::new());
    assert_eq!(done(PROVIDER, &later(PROVIDER, &observed, 30)), deleted);
    // A reading in between that shows it wanted begins anew.
    observed = later(PROVIDER, &observed, 20);
    observed.databases[0].tags = connected().databases[0].tags.clone();
    observed = later(PROVIDER, &observed, 1);
    observed.databases[0].tags.clear();
    observed = later(PROVIDER, &observed, 1);
    assert_eq!(done(PROVIDER, &later(PROVIDER, &observed, 28)), Vec::<String>::new());
    assert_eq!(done(PROVIDER, &later(PROVIDER, &observed, 29)), deleted);
}

#[test]
fn rules_under_an_endpoint_go_only_after_two_minutes() {
    let mut observed = connected();
    observed.associations.clear();
    observed.accesses.clear();
    let gone = |seconds| done(CONSUMER, &later(CONSUMER, &observed, seconds));
    let rules = [
        "delete client-rule vpc-c databases 5432",
        "delete endpoint-rule vpc-c databases sg-client 5432",
    ];
    assert_eq!(gone(119), Vec::<String>::new());
    assert_eq!(gone(120), rules);
}

#[test]
fn what_others_stand_on_goes_after_them() {
    let observed = unwanted();
    let waiting = waits(PROVIDER, &observed);
    let needed = |key: &str, by: Key| (key.to_owned(), Wait::NeededBy(by));
    assert!(waiting.contains(&needed("gateway vpc-p", of_orders("configuration"))));
    let group = waiting.iter().find(|(key, _)| key == "gateway-group vpc-p").expect("it waits");
    assert!(matches!(group.1, Wait::NeededBy(_)), "{group:?}");
    let mut observed = observed;
    observed.configurations.clear();
    observed.gateways.clear();
    observed.rules.retain(|rule| rule.group.as_str().starts_with("sg-e"));
    let last = ["delete gateway-group vpc-p"];
    let all_gone = |observed: &Observed| super::begun(PROVIDER, observed, &settings());
    assert_eq!(all_gone(&later(PROVIDER, &observed, 30)), ["delete network databases", last[0]]);
    let out = crate::observed::Direction::Egress;
    observed.rules.push(super::rule("sgr-9", "sg-x", out, "sg-gateway", tags(&[])));
    let waiting = waits(PROVIDER, &later(PROVIDER, &observed, 30));
    assert!(waiting.contains(&("gateway-group vpc-p".to_owned(), Wait::InUse)), "{waiting:?}");
}

#[test]
fn what_aws_is_at_work_on_is_waited_for_and_left_alone() {
    let deadline = ("trellis:withdraw-after", "2026-11-24T12:15:00Z");
    let found = |it: &mut Observed| {
        let mut own = ours(&of_orders("association").to_string());
        own.extend(tags(&[deadline]));
        it.answers.tags.insert(it.associations[0].arn.clone(), own);
    };
    let mut observed = connected();
    found(&mut observed);
    let untag = [format!("update association {ORDERS} databases")];
    assert_eq!(done(PROVIDER, &observed), untag);
    for (life, wait) in [(Life::Coming, Wait::Coming), (Life::Leaving, Wait::Leaving)] {
        observed.associations[0].life = life;
        assert_eq!(done(PROVIDER, &observed), Vec::<String>::new());
        let expected = (of_orders("association").to_string(), wait.clone());
        assert_eq!(waits(PROVIDER, &observed), std::slice::from_ref(&expected));
        let mut off = observed.clone();
        off.databases[0].tags = tags(&[(tag::EXPOSE, "off")]);
        assert_eq!(done(PROVIDER, &off), Vec::<String>::new());
        assert!(waits(PROVIDER, &off).contains(&expected));
    }
    // What failed goes, and is not repaired before.
    observed.associations[0].life = Life::broken("no room", None);
    assert_eq!(done(PROVIDER, &observed), Vec::<String>::new());
    let gone = [format!("delete association {ORDERS} databases")];
    assert_eq!(done(PROVIDER, &later(PROVIDER, &observed, 30)), gone);
}

#[test]
fn what_failed_a_moment_ago_is_neither_repaired_nor_made_anew() {
    let mut observed = connected();
    observed.gateways[0].groups = ["sg-x".into()].into();
    assert_eq!(done(PROVIDER, &observed), ["update gateway vpc-p"]);
    let made = at() - SignedDuration::from_mins(1);
    observed.gateways[0].life = Life::broken("no room", Some(made));
    assert_eq!(done(PROVIDER, &later(PROVIDER, &observed, 60)), Vec::<String>::new());
    let waiting = waits(PROVIDER, &later(PROVIDER, &observed, 540));
    let configuration = Wait::NeededBy(of_orders("configuration"));
    assert!(waiting.contains(&("gateway vpc-p".to_owned(), configuration)), "{waiting:?}");
}

#[test]
fn what_is_built_on_something_that_goes_or_is_at_work_is_not_made_yet() {
    let needs = |observed: &Observed, key: &str| {
        let expected = Wait::Needs(super::key(key));
        let found = waits(PROVIDER, observed);
        let waiting = found.iter().find(|(it, _)| *it == of_orders("association").to_string());
        assert_eq!(waiting.map(|(_, on)| on), Some(&expected), "{found:?}");
        assert!(!done(PROVIDER, observed).iter().any(|it| it.starts_with("create association")));
    };
    let mut observed = connected();
    observed.associations.clear();
    assert_eq!(done(PROVIDER, &observed), [format!("create association {ORDERS} databases")]);
    let mut replaced = observed.clone();
    replaced.databases[0].endpoint = Some(("orders.example".to_owned(), Port(3306)));
    needs(&replaced, &format!("configuration {ORDERS}"));
    let mut busy = observed.clone();
    busy.gateways[0].groups.clear();
    needs(&busy, "gateway vpc-p");
    assert_eq!(done(PROVIDER, &busy), ["update gateway vpc-p"]);
    let binding = Binding { database: ORDERS.into(), is_shareable: false };
    observed.answers.configurations.insert("rcfg-1".into(), binding);
    needs(&observed, &format!("configuration {ORDERS}"));
    assert_eq!(done(PROVIDER, &observed), [format!("update configuration {ORDERS}")]);
}

#[test]
fn what_is_made_rests_on_bases_that_are_proven_and_on_rules_and_networks_of_anybody() {
    let mut observed = connected();
    observed.associations.clear();
    let plan = plan(PROVIDER, &observed);
    let made = plan.intents.iter().find(|it| it.key == of_orders("association")).expect("it is");
    let proven: Vec<String> = made.evidence.iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(proven, [format!("configuration {ORDERS}"), "gateway vpc-p".to_owned()]);
    assert_eq!(made.if_foreign, IfForeign::Refuse);
}

#[test]
fn a_configuration_on_another_gateway_goes_and_takes_its_association_along() {
    let mut observed = connected();
    observed.configurations[0].gateway = "rgw-9".into();
    let later = later(PROVIDER, &observed, 30);
    assert_eq!(done(PROVIDER, &later), [format!("delete association {ORDERS} databases")]);
    let waiting = waits(PROVIDER, &later);
    let needed = Wait::NeededBy(of_orders("association"));
    assert_eq!(waiting, [(of_orders("configuration").to_string(), needed)]);
}

#[test]
fn what_was_let_go_goes_first_and_at_once() {
    let mut observed = connected();
    observed.databases[0].tags = tags(&[(tag::EXPOSE, "off")]);
    let mut sales = another("aaa", "db-AAA");
    sales.tags = tags(&[(tag::EXPOSE, "databases")]);
    observed.databases.push(sales);
    let first = format!("delete association {ORDERS} databases");
    let done = done(PROVIDER, &observed);
    assert_eq!((&done[0], done.len()), (&first, 2), "{done:?}");
    assert!(done[1].starts_with("create configuration"));
}

#[test]
fn what_came_to_nothing_is_left_for_later() {
    let mut observed = connected();
    observed.associations.clear();
    let key = of_orders("association");
    let tried = |seconds, verb| {
        let mut observed = observed.clone();
        let then = at() - SignedDuration::from_secs(seconds);
        observed.memory.tries(verb, &key, then, None, None);
        observed
    };
    let retry = Wait::Retry(at() + SignedDuration::from_secs(1));
    assert_eq!(waits(PROVIDER, &tried(4, "create")), [(key.to_string(), retry)]);
    let made = [format!("create association {ORDERS} databases")];
    assert_eq!(done(PROVIDER, &tried(4, "create")), Vec::<String>::new());
    assert_eq!(done(PROVIDER, &tried(5, "create")), made);
    assert_eq!(done(PROVIDER, &tried(4, "delete")), made, "something else was tried");
}

#[test]
fn of_two_for_one_purpose_the_second_goes_whatever_stands_on_the_first() {
    let mut observed = connected();
    let mut second = endpoint("vpce-2");
    second.life = Life::Coming;
    observed.ways.insert(0, second);
    let coming = ("endpoint vpc-c databases".to_owned(), Wait::Coming);
    assert_eq!(waits(CONSUMER, &observed), [coming]);
    assert_eq!(done(CONSUMER, &observed), Vec::<String>::new());
    observed.ways[0].life = Life::Ready;
    let plan = plan(CONSUMER, &observed);
    assert_eq!(plan.intents.len(), 1, "{plan:?}");
    assert_eq!(plan.intents[0].if_foreign, IfForeign::Leave, "nobody asks for a second");
    // A second configuration, though an association stands on the first.
    let mut observed = connected();
    let double = configuration("rcfg-2", &another("orders", "db-OTHER"));
    observed.associations.push(association("snra-2", &double));
    observed.associations.pop();
    observed.configurations.push(double);
    let deleted = [format!("delete configuration {ORDERS}")];
    assert_eq!(done(PROVIDER, &observed), deleted);
    // One that is known to be somebody else's is left alone.
    let arn = observed.configurations[1].arn.clone();
    observed.answers.tags.insert(arn, tags(&[]));
    assert_eq!(done(PROVIDER, &observed), Vec::<String>::new());
}

#[test]
fn a_stranger_in_the_way_is_refused_and_one_that_nobody_asks_for_left_alone() {
    let mut observed = connected();
    observed.groups.push(group("sg-9", "trellis-client-reports", "vpc-c", tags(&[])));
    assert_eq!(done(CONSUMER, &later(CONSUMER, &observed, 30)), Vec::<String>::new());
    observed.groups[5].tags = ours("client-group vpc-c reports");
    let agreed = later(CONSUMER, &observed, 30);
    assert_eq!(done(CONSUMER, &agreed), ["delete client-group vpc-c reports"]);
    assert_eq!(plan(CONSUMER, &agreed).intents[0].if_foreign, IfForeign::Leave);
    let mut wanted = connected();
    wanted.configurations[0].gateway = "rgw-9".into();
    wanted.associations.clear();
    wanted.answers.tags.insert(wanted.configurations[0].arn.clone(), tags(&[]));
    let plan = plan(PROVIDER, &later(PROVIDER, &wanted, 30));
    let refused = plan.intents.iter().find(|it| matches!(it.action, Action::Delete(_)));
    assert_eq!(refused.map(|it| it.if_foreign), Some(IfForeign::Refuse), "{plan:?}");
}

#[test]
fn what_aws_would_make_twice_is_made_once_a_second_reading_lacks_it() {
    let mut observed = connected();
    observed.configurations.clear();
    observed.associations.clear();
    let create = format!("create configuration {ORDERS}");
    let first = decide(PROVIDER, &observed, &settings());
    assert!(first.plan.intents.iter().all(|it| it.key != of_orders("configuration")));
    assert!(
        waits(PROVIDER, &observed)
            .contains(&(of_orders("configuration").to_string(), Wait::Lacking))
    );
    assert_eq!(done(PROVIDER, &observed), std::slice::from_ref(&create));
    // It was there a moment ago.
    observed.memory = decide(PROVIDER, &connected(), &settings()).memory;
    assert_eq!(done(PROVIDER, &observed), Vec::<String>::new());
    assert_eq!(done(PROVIDER, &later(PROVIDER, &observed, 30)), [create]);
}
