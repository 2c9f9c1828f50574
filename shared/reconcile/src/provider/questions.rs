//! What must be asked for single things, because listings do not tell it and it matters now.

use std::collections::{BTreeMap, BTreeSet};

use super::consent::{consent, is_inherited};
use super::exposure::by_database;
use super::items::{items, named};
use super::marks::is_in_grace;
use crate::gate;
use crate::id::{ConfigurationId, DatabaseArn, NetworkName, VpcId};
use crate::key::Key;
use crate::observed::{Association, Life, Observed, Question, Thing};
use crate::settings::{Settings, StatusTags};
use crate::step::Evidence;
use crate::tag::{self, Asked, Tags};
use crate::view::View;

/// The questions that this reading raises. In a settled world there are none: not one call is
/// spent on a single resource.
pub fn questions(observed: &Observed, settings: &Settings) -> BTreeSet<Question> {
    let items = items(observed, settings);
    let view = View { observed, settings, items: &items };
    let mut questions = BTreeSet::new();
    let mut databases = BTreeMap::new();
    for (configuration, database) in named(observed, settings) {
        match database {
            Some(database) => {
                // A new process does not know what it says.
                if settings.status_tags == StatusTags::Ours && !observed.memory.has_said_anything()
                {
                    questions.insert(Question::Tags(configuration.arn.clone()));
                }
                databases.insert(configuration.id.clone(), database);
            }
            // Its database is gone: only its tags still tell which it was.
            None => {
                questions.insert(Question::Tags(configuration.arn.clone()));
            }
        }
    }
    let asked: BTreeMap<_, _> = observed
        .databases
        .iter()
        .map(|database| (&database.arn, tag::asked(&database.tags, tag::EXPOSE)))
        .collect();
    let in_grace = in_grace(view);
    let names: BTreeMap<_, _> = observed.networks.iter().map(|n| (&n.id, &n.name)).collect();
    for association in &observed.associations {
        let Some(database) = databases.get(&association.configuration) else { continue };
        let is_wanted = match (asked.get(database), names.get(&association.network)) {
            (Some(Asked::Networks(named)), Some(&network)) => {
                named.iter().any(|name| settings.allowed(name) == Some(network))
            }
            _ => false,
        };
        // A deadline is looked for where a tag vanished, and where one may have returned.
        if !is_wanted || in_grace.contains(&association.configuration) {
            questions.insert(Question::Tags(association.arn.clone()));
        }
        if !asked.contains_key(database) && is_overdue(association, observed) {
            questions.insert(Question::Thing(Thing::Database(database.clone())));
        }
    }
    for (configuration, database) in &databases {
        let Some(Asked::Networks(named)) = asked.get(database) else { continue };
        if lacks_one(configuration, named, view) {
            questions.insert(Question::Configuration(configuration.clone()));
            questions.extend([Question::Ways, Question::Passages]);
        }
    }
    questions.extend(of_consent(&databases, view));
    for (key, found) in items.iter() {
        match (key, found) {
            // A gateway without our group was hardly made by us; know it before building for it.
            (Key::Gateway(vpc), [gateway, ..])
                if items.get(&Key::GatewayGroup(vpc.clone(), 1)).is_none() =>
            {
                if let Evidence::Ask(arn) = &gateway.evidence {
                    questions.insert(Question::Tags(arn.clone()));
                }
            }
            (Key::Network(network), [item, ..]) => {
                if is_idle(network, view) {
                    questions.insert(Question::Ways);
                }
                // Nothing but a mark tells of it, and the mark stays for what is ours.
                if let (false, Evidence::Ask(arn)) = (item.built_on.is_empty(), &item.evidence) {
                    questions.insert(Question::Tags(arn.clone()));
                }
            }
            _ => {}
        }
    }
    questions
}

fn is_overdue(association: &Association, observed: &Observed) -> bool {
    let tags = observed.answers.tags.get(&association.arn);
    tags.is_some_and(|tags| gate::is_overdue(tags, observed.at))
}

/// What must be asked to know whose database stands at each ARN.
fn of_consent(
    databases: &BTreeMap<ConfigurationId, DatabaseArn>,
    view: View<'_>,
) -> BTreeSet<Question> {
    let View { observed, .. } = view;
    let mut questions = BTreeSet::new();
    let configurations = by_database(view);
    for database in &observed.databases {
        if tag::asked(&database.tags, tag::EXPOSE) != Asked::Nothing {
            questions.extend(is_inherited(database, observed).err());
        }
        let Some(configuration) = configurations.get(&database.arn) else { continue };
        let of_it = observed
            .associations
            .iter()
            .filter(|it| databases.get(&it.configuration) == Some(&database.arn));
        let carried: Vec<&Tags> =
            of_it.filter_map(|it| observed.answers.tags.get(&it.arn)).collect();
        questions.extend(consent(database, configuration, carried.into_iter(), observed).err());
    }
    questions
}

/// Whether a ready configuration is about to be associated with one of these networks.
fn lacks_one(id: &ConfigurationId, named: &BTreeSet<NetworkName>, view: View<'_>) -> bool {
    let View { observed, settings, .. } = view;
    let is_ready = observed.configurations.iter().any(|c| c.id == *id && c.life == Life::Ready);
    let is_on = |name: &NetworkName| {
        let ids: BTreeSet<_> =
            observed.networks.iter().filter(|n| n.name == *name).map(|n| &n.id).collect();
        observed.associations.iter().any(|a| a.configuration == *id && ids.contains(&a.network))
    };
    let mut allowed = named.iter().filter_map(|name| settings.allowed(name));
    is_ready && allowed.any(|network| !is_on(network))
}

/// The configurations in VPCs whose gateway group is marked: some association there carries a
/// deadline.
fn in_grace(view: View<'_>) -> BTreeSet<ConfigurationId> {
    let View { observed, settings, .. } = view;
    let is_ours = |name: &str| settings.deployment.gateway_group_number(name) == Some(1);
    let marked: BTreeSet<&VpcId> = observed
        .groups
        .iter()
        .filter(|group| is_ours(&group.name) && is_in_grace(&group.tags))
        .map(|group| &group.vpc)
        .collect();
    let gateways: BTreeSet<_> =
        observed.gateways.iter().filter(|g| marked.contains(&g.vpc)).map(|g| &g.id).collect();
    let configurations = observed.configurations.iter();
    configurations.filter(|c| gateways.contains(&c.gateway)).map(|c| c.id.clone()).collect()
}

/// Whether no tag may name this network of our account, or none does, and nothing is associated
/// with it.
fn is_idle(network: &NetworkName, view: View<'_>) -> bool {
    let View { observed, settings, .. } = view;
    let own = observed.networks.iter().filter(|n| n.name == *network && !n.is_shared);
    let ids: BTreeSet<_> = own.map(|n| &n.id).collect();
    let is_it = |name: &NetworkName| settings.allowed(name) == Some(network);
    let names = |asked| matches!(asked, Asked::Networks(named) if named.iter().any(is_it));
    !ids.is_empty()
        && !observed.associations.iter().any(|a| ids.contains(&a.network))
        && !observed.databases.iter().any(|d| names(tag::asked(&d.tags, tag::EXPOSE)))
        && !observed.vpcs.iter().any(|vpc| names(tag::asked(&vpc.tags, tag::CONSUME)))
}
