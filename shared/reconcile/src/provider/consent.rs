//! Consent: AWS binds a configuration to an ARN, people consent to a database.
//!
//! Who stands at an exposed ARN with another resource id is the new side of a blue/green
//! deployment, or somebody that nobody tagged. The resource id that was consented to stands, as
//! digits, in the configuration's name; where another database was consented to since, its id is
//! the configuration's tag [`tag::DATABASE`].

use crate::gate;
use crate::id::DatabaseArn;
use crate::name;
use crate::observed::{Configuration, Database, Observed, Question, Switchover};
use crate::report;
use crate::tag::{self, Asked, Tags};

/// Whether its owner wants the database exposed that stands at a configuration's ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// It is the one that was exposed.
    Given,
    /// It is another one, which carries a tag of its own: its id is to be written down.
    Renewed,
    /// A blue/green switchover put it in the place of the one that was exposed.
    Switched,
    /// It is another one, which nobody tagged.
    Missing,
}

/// Whether this database may stand behind this configuration, or what must be asked first.
/// `carried` are the tags of the configuration's associations.
pub(super) fn consent<'a>(
    database: &Database,
    configuration: &Configuration,
    mut carried: impl Iterator<Item = &'a Tags>,
    observed: &Observed,
) -> Result<Consent, Question> {
    let told = name::digits(&configuration.name).and_then(|(_, id)| id);
    let is_told = |other: &Database| told == Some(&*name::id_digest(&other.resource_id));
    if is_told(database) {
        return Ok(Consent::Given);
    }
    let Some(tags) = observed.answers.tags.get(&configuration.arn) else {
        return Err(Question::Tags(configuration.arn.clone()));
    };
    let since = tags.get(tag::DATABASE);
    let is_since = |other: &Database| since.is_some_and(|id| id == other.resource_id.as_str());
    if is_since(database) {
        return Ok(Consent::Given);
    }
    let is_asking = tag::asked(&database.tags, tag::EXPOSE) != Asked::Nothing;
    if is_asking && !is_inherited(database, observed)? {
        return Ok(Consent::Renewed);
    }
    // The first version wrote no resource id: nothing tells that it is another one.
    if told.is_none() && since.is_none() {
        return Ok(Consent::Given);
    }
    if carried.any(|tags| gate::switched_to(tags).as_ref() == Some(&database.resource_id)) {
        return Ok(Consent::Switched);
    }
    let switchovers = observed.answers.switchovers.as_ref().ok_or(Question::Switchovers)?;
    let consented = |arn: &&DatabaseArn| {
        let found = observed.databases.iter().find(|other| other.arn == **arn);
        // The old one may be deleted by now.
        found.is_none_or(|other| is_told(other) || is_since(other))
    };
    let switched = |it: &&Switchover| {
        let mut others = it.databases.iter().filter(|arn| **arn != database.arn);
        it.databases.contains(&database.arn) && others.all(|arn| consented(&arn))
    };
    Ok(match switchovers.iter().find(switched) {
        Some(_) => Consent::Switched,
        None => Consent::Missing,
    })
}

/// Whether the tags were written for another database, by the name and resource id in the status.
///
/// | its id | its name | what it is                                                            |
/// |--------|----------|-----------------------------------------------------------------------|
/// | yes    | yes      | itself                                                                |
/// | yes    | no       | itself, renamed, unless a blue/green deployment names it as the old   |
/// | no     | yes      | restored in its place, or switched over to                            |
/// | no     | no       | a copy, or a green one: inherited                                     |
pub(super) fn is_inherited(database: &Database, observed: &Observed) -> Result<bool, Question> {
    let Some((name, id)) = report::written_for(&database.tags) else { return Ok(false) };
    let own_name = database.arn.identifier();
    if own_name == name {
        return Ok(false);
    }
    if id != database.resource_id.as_str() {
        return Ok(true);
    }
    let switchovers = observed.answers.switchovers.as_ref().ok_or(Question::Switchovers)?;
    // AWS calls the old one by the name with "-old1" behind it (RDS User Guide, Switching a
    // blue/green deployment).
    let is_called_old = own_name.strip_prefix(name).is_some_and(|rest| rest.starts_with("-old"));
    Ok(switchovers.iter().any(|it| {
        let names = |name: &str| it.databases.iter().any(|arn| arn.identifier() == name);
        names(name) && (names(own_name) || is_called_old)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{ID, another, connected, lattice, orders, tags};

    /// The database at the ARN of `orders`, with another id and these tags.
    fn newcomer(pairs: &[(&str, &str)]) -> Database {
        Database { resource_id: "db-NEW".into(), tags: tags(pairs), ..orders() }
    }

    /// A world in which this database stands at the ARN of `orders`, and the tags of the
    /// configuration of `orders` are known.
    fn instead(database: &Database, found: &[(&str, &str)]) -> Observed {
        let mut observed = connected();
        observed.databases = vec![database.clone()];
        let arn = observed.configurations[0].arn.clone();
        observed.answers.tags.insert(arn, tags(found));
        observed
    }

    fn of(database: &Database, carried: &[Tags], observed: &Observed) -> Result<Consent, Question> {
        consent(database, &observed.configurations[0], carried.iter(), observed)
    }

    /// The answer that there are these blue/green deployments.
    fn switchovers(named: &[&[&str]]) -> Option<Vec<Switchover>> {
        let arn = |name: &&str| another(name, "").arn;
        let one = |names: &&[&str]| Switchover { databases: names.iter().map(arn).collect() };
        Some(named.iter().map(one).collect())
    }

    #[test]
    fn the_database_that_the_configuration_names_needs_no_question() {
        assert_eq!(of(&orders(), &[], &connected()), Ok(Consent::Given));
        let asking = newcomer(&[(tag::EXPOSE, "databases")]);
        let first = Question::Tags(lattice("resourceconfiguration", "rcfg-1"));
        assert_eq!(of(&asking, &[], &connected()), Err(first));
    }

    #[test]
    fn whoever_takes_the_name_is_exposed_by_a_tag_of_its_own_only() {
        let own = (tag::STATUS, "ready orders db-NEW on databases");
        let inherited = (tag::STATUS, "ready sales db-SALES on databases");
        let expose = (tag::EXPOSE, "databases");
        for (pairs, expected) in [
            (&[expose][..], Consent::Renewed),
            (&[expose, own], Consent::Renewed),
            (&[expose, inherited], Consent::Missing),
            (&[own], Consent::Missing),
            (&[], Consent::Missing),
        ] {
            let it = newcomer(pairs);
            let mut observed = instead(&it, &[]);
            observed.answers.switchovers = switchovers(&[]);
            assert_eq!(of(&it, &[], &observed), Ok(expected), "{pairs:?}");
        }
    }

    #[test]
    fn who_was_consented_to_since_stays_and_the_one_before_is_not_meant_any_more() {
        let silent = newcomer(&[]);
        let written = instead(&silent, &[(tag::DATABASE, "db-NEW")]);
        assert_eq!(of(&silent, &[], &written), Ok(Consent::Given));
        let written = instead(&silent, &[(tag::DATABASE, "db-OTHER")]);
        assert_eq!(of(&silent, &[], &written), Err(Question::Switchovers));
    }

    /// The first version wrote no resource id into the name.
    #[test]
    fn where_no_id_was_written_whoever_stands_there_is_taken_for_the_one() {
        let silent = newcomer(&[]);
        let mut observed = instead(&silent, &[]);
        let name = format!("trellis-orders-5432-{}", name::digest(&silent.arn));
        observed.configurations[0].name = name.clone();
        assert_eq!(of(&silent, &[], &observed), Ok(Consent::Given));
        let mut observed = instead(&silent, &[(tag::DATABASE, "db-OTHER")]);
        observed.configurations[0].name = name;
        assert_eq!(of(&silent, &[], &observed), Err(Question::Switchovers));
    }

    #[test]
    fn a_deadline_that_names_the_database_tells_of_a_switchover_that_is_forgotten_by_now() {
        let silent = newcomer(&[]);
        let mut observed = instead(&silent, &[]);
        observed.answers.switchovers = switchovers(&[]);
        let mark = |words: &str| tags(&[(tag::WITHDRAW_AFTER, words)]);
        let own = mark("2026-11-24T12:15:00Z switched db-NEW");
        let other = mark("2026-11-24T12:15:00Z switched db-OTHER");
        assert_eq!(of(&silent, &[other.clone(), own], &observed), Ok(Consent::Switched));
        assert_eq!(of(&silent, &[other, Tags::new()], &observed), Ok(Consent::Missing));
    }

    #[test]
    fn a_blue_green_deployment_counts_if_all_others_that_it_names_are_the_one_or_gone() {
        let silent = newcomer(&[]);
        let blue = another("orders-old1", ID);
        let other = another("orders-old1", "db-OTHER");
        let gone = another("sales", "db-SALES");
        for (named, beside, expected) in [
            (&[&["orders", "orders-old1"][..]][..], &blue, Consent::Switched),
            (&[&["orders", "orders-old1"]], &other, Consent::Missing),
            (&[&["orders", "orders-old1"]], &gone, Consent::Switched),
            (&[&["sales", "orders-old1"]], &blue, Consent::Missing),
            (&[&["orders-old1"], &["orders", "orders-old1"]], &blue, Consent::Switched),
            (&[&["orders", "orders-old1", "sales"]], &gone, Consent::Missing),
        ] {
            let mut observed = instead(&silent, &[]);
            observed.databases.push(beside.clone());
            observed.answers.switchovers = switchovers(named);
            assert_eq!(of(&silent, &[], &observed), Ok(expected), "{named:?} {}", beside.arn);
        }
        // The one that was consented to since is told by the tag.
        let mut observed = instead(&silent, &[(tag::DATABASE, "db-OTHER")]);
        observed.databases.push(other);
        observed.answers.switchovers = switchovers(&[&["orders", "orders-old1"]]);
        assert_eq!(of(&silent, &[], &observed), Ok(Consent::Switched));
    }

    #[test]
    fn tags_are_inherited_if_the_status_was_written_for_another_database() {
        let of = |name: &str, id: &str, status: &str, named: Option<Vec<Switchover>>| {
            let mut observed = connected();
            observed.answers.switchovers = named;
            let status = tags(&[(tag::STATUS, status)]);
            is_inherited(&Database { tags: status, ..another(name, id) }, &observed)
        };
        let status = "waiting orders db-ORDERS for its creation";
        let none = || switchovers(&[]);
        assert_eq!(of("orders", ID, "", none()), Ok(false), "it says nothing");
        assert_eq!(of("orders", ID, status, None), Ok(false), "itself");
        assert_eq!(of("orders", "db-NEW", status, None), Ok(false), "in its place");
        assert_eq!(of("copy", "db-NEW", status, None), Ok(true), "a copy");
        assert_eq!(of("sales", ID, status, None), Err(Question::Switchovers));
        assert_eq!(of("sales", ID, status, none()), Ok(false), "renamed");
        for (own, named, expected) in [
            ("sales", &["orders", "sales"][..], true),
            ("sales", &["orders"], false),
            ("sales", &["sales"], false),
            ("orders-old1", &["orders"], true),
            ("orders-old1", &["sales"], false),
            ("orderly", &["orders"], false),
        ] {
            let named = switchovers(&[&["another"], named]);
            let found = of(own, ID, status, named.clone());
            assert_eq!(found, Ok(expected), "{own} {named:?}");
        }
    }
}
