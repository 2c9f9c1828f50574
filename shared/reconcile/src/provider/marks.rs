//! What listings do not tell, kept where they do: marks on gateway groups; and the rules of
//! configurations of which nothing else tells that they are still in use.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::vpc_of;
use super::exposure::{Exposure, known_tags};
use super::items::named;
use crate::claim::Stance;
use crate::desired::Desired;
use crate::freeze::Listing;
use crate::gate;
use crate::id::{DatabaseArn, NetworkName, Port, VpcId};
use crate::item::{Item, Items};
use crate::key::Key;
use crate::name;
use crate::observed::Observed;
use crate::settings::Settings;
use crate::step::Evidence;
use crate::tag::{self, Tags};

/// The longest value of a tag (Amazon EC2 User Guide, Tag restrictions).
const LONGEST_VALUE: usize = 256;

/// What the mark says where the networks are too many for a tag.
const EVERY_NETWORK: &str = "every";

/// Marks the gateway groups of VPCs in which an association has a deadline, or gets one, and with
/// the networks that the VPC's databases are offered on.
pub(super) fn mark_groups(
    exposures: &[Exposure<'_>],
    observed: &Observed,
    items: &Items,
    desired: &mut Desired,
) {
    let mut in_grace: BTreeSet<VpcId> = BTreeSet::new();
    let mut networks: BTreeMap<VpcId, BTreeSet<NetworkName>> = BTreeMap::new();
    for exposure in exposures {
        let Some(network) = &exposure.network else { continue };
        let key = Key::Association(exposure.subject.arn.clone(), network.clone());
        let found = items.get(&key);
        let vpc = match &exposure.stance {
            Stance::Wanted(ground) => Some(&ground.vpc),
            _ => vpc_of(&exposure.subject.arn, items),
        };
        let Some(vpc) = vpc else { continue };
        if matches!(exposure.stance, Stance::Kept(_, Some(_))) || found.is_some_and(has_deadline) {
            in_grace.insert(vpc.clone());
        }
        if matches!(exposure.stance, Stance::Wanted(_)) || found.is_some() {
            networks.entry(vpc.clone()).or_default().insert(network.clone());
        }
    }
    let groups = desired.iter().map(|(key, _)| key.clone());
    let groups: Vec<Key> = groups.filter(|key| matches!(key, Key::GatewayGroup(_, 1))).collect();
    for key in groups {
        let Key::GatewayGroup(vpc, _) = &key else { continue };
        let mark = in_grace.contains(vpc).then(|| "yes".to_owned());
        desired.tag(&key, tag::GRACE, mark);
        let mut networks = networks.remove(vpc).unwrap_or_default();
        networks.extend(unread(known_tags(&key, items), observed));
        networks.extend(marked_by(&key, items));
        let names: Vec<&str> = networks.iter().map(NetworkName::as_str).collect();
        let value = match names.join("+") {
            value if value.is_empty() => None,
            value if value.len() > LONGEST_VALUE => Some(EVERY_NETWORK.to_owned()),
            value => Some(value),
        };
        desired.tag(&key, tag::NETWORKS, value);
    }
}

/// The networks that are to go and that nothing but this group's mark tells of.
fn marked_by(group: &Key, items: &Items) -> BTreeSet<NetworkName> {
    let is_it = |found: &[Item]| found.iter().any(|item| item.built_on.contains(group));
    let networks = items.iter().filter_map(|(key, found)| match key {
        Key::Network(network) if is_it(found) => Some(network.clone()),
        _ => None,
    });
    networks.collect()
}

/// The networks that a mark names and of which nothing can be said now: a reading lacks them, or
/// their associations could not be read.
fn unread(tags: Tags, observed: &Observed) -> BTreeSet<NetworkName> {
    let is_read = |network: &NetworkName| {
        observed.networks.iter().any(|listed| listed.name == *network)
            && !observed.unknown.contains_key(&Listing::Associations(network.clone()))
    };
    let marked = tags.get(tag::NETWORKS).map(String::as_str).unwrap_or_default();
    let marked = marked.split('+').filter(|name| !name.is_empty() && *name != EVERY_NETWORK);
    marked.map(NetworkName::from).filter(|network| !is_read(network)).collect()
}

/// The networks that the marks of our gateway groups name, beside the deployment's list; `None` if
/// they may be any.
pub fn marked_networks(observed: &Observed, settings: &Settings) -> Option<BTreeSet<NetworkName>> {
    let owner = settings.deployment.as_str();
    let ours = observed.groups.iter().filter(|group| {
        settings.deployment.gateway_group_number(&group.name) == Some(1)
            && group.tags.get(tag::OWNER).is_some_and(|found| found == owner)
    });
    let mut networks = BTreeSet::new();
    for value in ours.filter_map(|group| group.tags.get(tag::NETWORKS)) {
        if value == EVERY_NETWORK {
            return None;
        }
        networks.extend(value.split('+').map(NetworkName::from));
    }
    Some(networks)
}

fn has_deadline(item: &Item) -> bool {
    matches!(&item.evidence, Evidence::Tags(tags) if gate::has_deadline(tags))
}

/// Keeps the rules behind configurations that no exposure is wanted for, until they are gone: a
/// listing that lacks an association must not cost it its rules.
pub(super) fn hold_rules(
    exposures: &[Exposure<'_>],
    observed: &Observed,
    settings: &Settings,
    items: &Items,
    desired: &mut Desired,
) {
    let wanted: BTreeSet<&DatabaseArn> = exposures
        .iter()
        .filter(|exposure| matches!(exposure.stance, Stance::Wanted(_)))
        .map(|exposure| &exposure.subject.arn)
        .collect();
    let mut held: Vec<(Port, Option<&VpcId>)> = Vec::new();
    for (configuration, database) in named(observed, settings) {
        let is_wanted = database.is_some_and(|arn| wanted.contains(&arn));
        let gateway = observed.gateways.iter().find(|it| it.id == configuration.gateway);
        let is_ours = |name: &str, vpc| name == settings.deployment.gateway(vpc);
        if is_wanted || gateway.is_some_and(|it| !is_ours(&it.name, &it.vpc)) {
            continue;
        }
        held.extend(name::port(&configuration.name).map(|port| (port, gateway.map(|it| &it.vpc))));
    }
    // A listing may lack the configuration, too.
    let is_listed = |id| observed.configurations.iter().any(|it| it.id == id);
    for association in &observed.associations {
        let is_ours = settings.deployment.may_have_named(&association.configuration_name)
            && association.configuration_arn.account() == association.arn.account();
        if is_ours && !is_listed(association.configuration.clone()) {
            held.extend(name::port(&association.configuration_name).map(|port| (port, None)));
        }
    }
    for key in items.keys() {
        let (Key::GatewayRule(of, _, at) | Key::DatabaseRule(of, _, at)) = key else { continue };
        if held.iter().any(|(port, vpc)| port == at && vpc.is_none_or(|vpc| vpc == of)) {
            desired.keep(key.clone());
        }
    }
}
