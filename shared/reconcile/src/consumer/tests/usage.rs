//! What is let go when nobody uses it, and when that is known.

use crate::id::Port;
use crate::key::Side;
use crate::observed::{Direction, Observed, Peer};
use crate::tag;
use crate::tests::{connected, rule, settings, tags};

use super::{done, told};

/// Nobody carries a group of clients.
fn nobody_there(observed: &mut Observed) {
    observed.answers.members.insert("sg-client".into(), [].into());
}

#[test]
fn what_nobody_uses_goes_within_one_invocation() {
    let waits = |observed: &Observed| {
        let plan = crate::tests::planned(Side::ConnectVpc, observed, &settings());
        let endpoint = crate::tests::key("endpoint vpc-c databases");
        plan.waiting.contains(&(endpoint, crate::plan::Wait::Going))
    };
    let mut observed = connected();
    observed.vpcs[0].tags.remove(tag::CONSUME);
    assert!(told(&observed).ends_with("its withdrawal after 2026-11-24T12:15:00Z"));
    assert!(!waits(&observed), "a quarter of an hour is left to the clock");
    nobody_there(&mut observed);
    let said = "its withdrawal after 2026-11-24T12:01:00Z: nobody uses it";
    assert!(told(&observed).ends_with(said), "{}", told(&observed));
    assert!(!waits(&observed), "it is not written yet");
    let mark = (tag::WITHDRAW_AFTER, "2026-11-24T12:01:00Z unused");
    observed.ways[0].tags.extend(tags(&[mark]));
    assert!(waits(&observed));
    let mark = (tag::WITHDRAW_AFTER, "2026-11-24T12:00:00Z unused");
    observed.ways[0].tags.extend(tags(&[mark]));
    assert!(done(&observed).contains(&"delete endpoint vpc-c databases".to_owned()));
    // A client that came meanwhile has the whole grace.
    observed.answers.members.insert("sg-client".into(), ["eni-1".into()].into());
    assert_eq!(done(&observed), ["update endpoint vpc-c databases"]);
    assert!(told(&observed).ends_with("its withdrawal after 2026-11-24T12:15:00Z"));
}

#[test]
fn who_cannot_be_told_by_a_group_counts_as_a_client() {
    let is_used = |change: &dyn Fn(&mut Observed)| {
        let mut observed = connected();
        observed.vpcs[0].tags.remove(tag::CONSUME);
        nobody_there(&mut observed);
        change(&mut observed);
        !told(&observed).ends_with("nobody uses it")
    };
    assert!(!is_used(&|_| {}));
    assert!(is_used(&|it| it.answers.members.clear()), "AWS has not said");
    assert!(is_used(&|it| {
        let mut rule = rule("sgr-9", "sg-endpoint", Direction::Ingress, "x", tags(&[]));
        rule.peer = Peer::Addresses(Port(5432), Port(5432));
        it.rules.push(rule);
    }));
    assert!(is_used(&|it| {
        let peered = rule("sgr-9", "sg-endpoint", Direction::Ingress, "sg-peered", tags(&[]));
        it.rules.push(peered);
        it.answers.members.insert("sg-peered".into(), [].into());
    }));
    assert!(is_used(&|it| {
        it.ways[0].groups.insert("sg-theirs".into());
    }));
    assert!(is_used(&|it| {
        let theirs = rule("sgr-9", "sg-endpoint", Direction::Ingress, "sg-app", tags(&[]));
        it.rules.push(theirs);
    }));
}

#[test]
fn a_vpc_that_is_just_being_made_gets_its_endpoint_in_all_its_zones() {
    let mut observed = connected();
    observed.ways.clear();
    observed.accesses.clear();
    observed.answers.dns.insert("vpc-c".into(), true);
    observed.answers.passages = Some(Vec::new());
    let second = observed.subnets.iter().position(|it| it.id.as_str() == "subnet-c2");
    let second = observed.subnets.remove(second.expect("it has two"));
    let create = "create endpoint vpc-c databases".to_owned();
    let after = |observed: &Observed, seconds: i64| {
        let memory = crate::decide(Side::ConnectVpc, observed, &settings()).memory;
        let at = observed.at + jiff::SignedDuration::from_secs(seconds);
        Observed { memory, at, ..observed.clone() }
    };
    assert!(!done(&after(&observed, 50)).contains(&create), "another may come");
    assert!(done(&after(&observed, 60)).contains(&create), "it has one zone");
    let mut both = after(&observed, 1);
    both.subnets.push(second);
    assert!(done(&both).contains(&create));
}
