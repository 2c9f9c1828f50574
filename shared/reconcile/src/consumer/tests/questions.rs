//! What is asked for single VPCs and groups, and that nothing else is.

use std::collections::BTreeSet;

use crate::key::Side;
use crate::observed::{Direction, Observed, Question, Thing};
use crate::tag;
use crate::tests::{connected, ours, rule, settings, tags};

use super::asked;

fn asks(observed: &Observed) -> BTreeSet<Question> {
    crate::questions(Side::ConnectVpc, observed, &settings())
}

fn none() -> BTreeSet<Question> {
    BTreeSet::new()
}

#[test]
fn before_a_name_is_captured_dns_and_other_ways_are_asked_for() {
    let both: BTreeSet<Question> = [Question::Dns("vpc-c".into()), Question::Passages].into();
    let mut observed = asked();
    assert_eq!(asks(&observed), both);
    observed.vpcs[0].tags = tags(&[(tag::CONSUME, "others")]);
    assert_eq!(asks(&observed), none(), "not allowed");
    observed.vpcs[0].tags = tags(&[(tag::CONSUME, "off")]);
    assert_eq!(asks(&observed), none());
    let pigeon = (tag::VIA, "carrier-pigeon");
    observed.vpcs[0].tags = tags(&[(tag::CONSUME, "databases"), pigeon]);
    assert_eq!(asks(&observed), none(), "it is refused whatever the answer");
    let mut observed = connected();
    observed.vpcs[0].tags = tags(&[(tag::CONSUME, "databases+reports")]);
    assert_eq!(asks(&observed), both, "it has one of two");
}

#[test]
fn other_ways_are_asked_for_where_a_database_may_be_held_for_a_vpc() {
    let mut observed = connected();
    observed.associations.clear();
    assert_eq!(asks(&observed), [Question::Passages].into());
    observed.ways.clear();
    observed.vpcs[0].tags.clear();
    assert_eq!(asks(&observed), none(), "there is no VPC to hold it for");
    let mut observed = connected();
    observed.associations.clear();
    observed.configurations[0].name = "somebody-elses".to_owned();
    assert_eq!(asks(&observed), none());
}

#[test]
fn a_vpc_that_a_reading_lacks_is_asked_for_when_it_is_overdue() {
    let thing = |vpc: &str| BTreeSet::from([Question::Thing(Thing::Vpc(vpc.into()))]);
    for (deadline, is_asked) in [
        ("2026-11-24T11:59:00Z gone", true),
        ("2026-11-24T12:01:00Z gone", false),
        ("2026-11-24T11:59:00Z", false),
    ] {
        let mut observed = connected();
        let mark = (tag::WITHDRAW_AFTER, deadline);
        observed.ways[0].tags.extend(tags(&[mark]));
        assert_eq!(asks(&observed), none(), "it is listed");
        observed.vpcs.remove(0);
        let expected = if is_asked { thing("vpc-c") } else { none() };
        assert_eq!(asks(&observed), expected, "{deadline}");
    }
}

#[test]
fn a_group_that_a_reading_lacks_is_asked_for_when_it_is_overdue() {
    for (deadline, is_asked) in
        [("2026-11-24T11:59:00Z gone", true), ("2026-11-24T12:01:00Z gone", false)]
    {
        let mut observed = connected();
        let mut found = ours("endpoint-rule vpc-c databases sg-app 5432");
        found.insert(tag::WITHDRAW_AFTER.to_owned(), deadline.to_owned());
        observed.rules.push(rule("sgr-5", "sg-endpoint", Direction::Ingress, "sg-app", found));
        let members = BTreeSet::from([Question::Members("sg-app".into())]);
        assert_eq!(asks(&observed), members, "it is listed, and its tag has vanished");
        observed.groups.retain(|group| group.id.as_str() != "sg-app");
        let thing = Question::Thing(Thing::Group("sg-app".into()));
        assert_eq!(asks(&observed).contains(&thing), is_asked, "{deadline}");
    }
}
