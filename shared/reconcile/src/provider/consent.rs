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
