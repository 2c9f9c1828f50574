//! What is asked for single things, and that nothing else is.

use std::collections::BTreeSet;

use crate::id::Arn;
use crate::key::Side;
use crate::observed::{Life, Observed, Question, Thing};
use crate::tag;
use crate::tests::{
    ORDERS, another, association, configuration, connected, group, lattice, network, ours,
    settings, tags,
};

fn asks(observed: &Observed) -> BTreeSet<Question> {
    crate::questions(Side::ExposeDatabase, observed, &settings())
}

fn none() -> BTreeSet<Question> {
    BTreeSet::new()
}

fn of_configuration() -> Arn {
    lattice("resourceconfiguration", "rcfg-1")
}

fn of_association() -> Arn {
    lattice("servicenetworkresourceassociation", "snra-1")
}

/// A world in which the database's tag says this.
fn saying(value: &str) -> Observed {
    let mut observed = connected();
    observed.databases[0].tags = tags(&[(tag::EXPOSE, value)]);
    observed
}

#[test]
fn a_deadline_is_looked_for_where_a_network_is_not_asked_for_any_more() {
    let tags_of_it: BTreeSet<Question> = [Question::Tags(of_association())].into();
    assert_eq!(asks(&saying("databases")), none());
    assert_eq!(asks(&saying("off")), tags_of_it);
    assert_eq!(asks(&saying("others")), tags_of_it);
    let mut silent = connected();
    silent.databases[0].tags.clear();
    assert_eq!(asks(&silent), tags_of_it);
    // Of another network that is asked for as well.
    assert!(!asks(&saying("databases+reports")).contains(&Question::Tags(of_association())));
    assert!(asks(&saying("reports")).contains(&Question::Tags(of_association())));
}

#[test]
fn a_deadline_is_looked_for_in_vpcs_that_are_marked_with_grace() {
    let mut observed = connected();
    let marked = |owner: &str| tags(&[(tag::IN_GRACE, "yes"), (tag::OWNER, owner)]);
    observed.groups.push(group("sg-2", "trellis-gateway-2", "vpc-p", marked("trellis")));
    observed.groups.push(group("sg-3", "somebody", "vpc-p", marked("trellis")));
    observed.groups.push(group("sg-4", "trellis-gateway", "vpc-q", marked("trellis")));
    assert_eq!(asks(&observed), none());
    observed.groups[1].tags.insert(tag::IN_GRACE.to_owned(), "yes".to_owned());
    assert_eq!(asks(&observed), [Question::Tags(of_association())].into());
}

#[test]
fn what_a_reading_lacks_is_asked_for_by_its_tags_and_when_it_is_overdue_by_its_name() {
    let mut observed = connected();
    observed.databases.clear();
    observed.vpcs[0].tags = tags(&[(tag::CONSUME, "databases")]);
    assert_eq!(asks(&observed), [Question::Tags(of_configuration())].into());
    let own = ours(&format!("configuration {ORDERS}"));
    observed.answers.tags.insert(of_configuration(), own);
    assert_eq!(asks(&observed), [Question::Tags(of_association())].into());
    let thing = Question::Thing(Thing::Database(ORDERS.into()));
    for (deadline, is_asked) in [
        ("2026-11-24T11:59:00Z gone", true),
        ("2026-11-24T12:01:00Z gone", false),
        ("2026-11-24T11:59:00Z", false),
    ] {
        let mut found = ours(&format!("association {ORDERS} databases"));
        found.insert(tag::WITHDRAW_AFTER.to_owned(), deadline.to_owned());
        observed.answers.tags.insert(of_association(), found);
        assert_eq!(asks(&observed).contains(&thing), is_asked, "{deadline}");
        let mut listed = observed.clone();
        listed.databases = connected().databases;
        assert!(!asks(&listed).contains(&thing), "it is there");
    }
}

#[test]
fn before_a_database_is_put_on_a_network_its_binding_and_the_ways_to_it_are_asked_for() {
    let three: BTreeSet<Question> =
        [Question::Configuration("rcfg-1".into()), Question::Ways, Question::Passages].into();
    let mut observed = connected();
    observed.associations.clear();
    assert_eq!(asks(&observed), three);
    let mut second = saying("databases+reports");
    assert_eq!(asks(&second), three);
    second.networks.push(network("sn-2", "reports"));
    assert_eq!(asks(&second), three);
    let mut other = second.associations[0].clone();
    (other.id, other.network) = ("snra-2".into(), "sn-2".into());
    second.associations.push(other);
    assert_eq!(asks(&second), none());
    second.associations[1].configuration = "rcfg-9".into();
    assert_eq!(asks(&second), three, "another's on that network");
    observed.configurations[0].life = Life::Coming;
    assert_eq!(asks(&observed), none(), "not yet");
    // Another configuration that is ready changes nothing.
    observed.configurations.push(configuration("rcfg-2", &another("sales", "db-SALES")));
    observed.databases.push(another("sales", "db-SALES"));
    assert_eq!(asks(&observed), none());
    observed.databases[0].tags = tags(&[(tag::EXPOSE, "off")]);
    assert_eq!(asks(&observed), none(), "it asks for none");
}

#[test]
fn whose_database_stands_at_an_arn_is_asked_step_by_step() {
    let mut observed = connected();
    observed.databases[0].resource_id = "db-NEW".into();
    observed.databases[0].tags.clear();
    let of_it = |observed: &Observed| {
        let mut asked = asks(observed);
        asked.remove(&Question::Tags(of_association()));
        asked
    };
    assert_eq!(of_it(&observed), [Question::Tags(of_configuration())].into());
    observed.answers.tags.insert(of_configuration(), tags(&[]));
    assert_eq!(of_it(&observed), [Question::Switchovers].into());
    // The association's own tag tells, and that of another database's does not.
    let mark = tags(&[(tag::WITHDRAW_AFTER, "2026-11-24T12:15:00Z switched db-NEW")]);
    let mut told = observed.clone();
    told.answers.tags.insert(of_association(), mark.clone());
    assert_eq!(of_it(&told), none());
    let sales = another("sales", "db-SALES");
    let rcfg = configuration("rcfg-2", &sales);
    let mut other = association("snra-2", &rcfg);
    other.arn = lattice("servicenetworkresourceassociation", "snra-2");
    observed.answers.tags.insert(other.arn.clone(), mark);
    observed.databases.push(sales);
    observed.configurations.push(rcfg);
    observed.associations.push(other);
    assert!(of_it(&observed).contains(&Question::Switchovers));
    observed.answers.switchovers = Some(Vec::new());
    assert!(!of_it(&observed).contains(&Question::Switchovers));
}

#[test]
fn whether_a_database_was_renamed_is_asked_if_it_asks_to_be_exposed() {
    let mut observed = saying("off");
    observed.databases = vec![another("sales", "db-ORDERS")];
    observed.configurations.clear();
    observed.associations.clear();
    observed.gateways.clear();
    let status = (tag::STATUS, "ready orders db-ORDERS on databases");
    observed.databases[0].tags = tags(&[status]);
    assert_eq!(asks(&observed), none());
    observed.databases[0].tags = tags(&[status, (tag::EXPOSE, "databases")]);
    assert_eq!(asks(&observed), [Question::Switchovers].into());
}

#[test]
fn a_gateway_without_our_group_is_asked_for_its_tags() {
    let mut observed = connected();
    let arn = lattice("resourcegateway", "rgw-1");
    observed.groups.retain(|group| group.id.as_str() != "sg-gateway");
    assert_eq!(asks(&observed), [Question::Tags(arn.clone())].into());
    observed.answers.tags.insert(arn, ours("gateway vpc-p"));
    assert_eq!(asks(&observed), none());
}

#[test]
fn before_a_network_goes_its_endpoints_are_asked_for() {
    let endpoints: BTreeSet<Question> = [Question::Ways].into();
    let mut idle = connected();
    idle.databases.clear();
    idle.configurations.clear();
    idle.associations.clear();
    idle.gateways.clear();
    idle.vpcs[0].tags.clear();
    assert_eq!(asks(&idle), endpoints);
    let mut shared = idle.clone();
    shared.networks[0].is_shared = true;
    assert_eq!(asks(&shared), none(), "another account's");
    let mut consumed = idle.clone();
    consumed.vpcs[1].tags = tags(&[(tag::CONSUME, "reports+databases")]);
    assert_eq!(asks(&consumed), none());
    consumed.vpcs[1].tags = tags(&[(tag::CONSUME, "reports")]);
    assert_eq!(asks(&consumed), endpoints);
    let mut exposed = idle.clone();
    exposed.databases = connected().databases;
    assert_eq!(asks(&exposed), none());
    exposed.databases[0].tags = tags(&[(tag::EXPOSE, "reports")]);
    assert_eq!(asks(&exposed), endpoints);
    let mut associated = idle.clone();
    associated.associations = connected().associations;
    assert_eq!(asks(&associated), none());
    associated.associations[0].network = "sn-9".into();
    assert_eq!(asks(&associated), endpoints);
}
