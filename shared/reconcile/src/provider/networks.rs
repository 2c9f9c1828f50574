//! Networks: those that tags may name, those that carry something of ours, and those that left the
//! deployment's list.
//!
//! One that we made and that left the list goes when nothing is on it any more. No listing tells
//! whose a network is, and strangers' networks are not asked about; so the marks of gateway groups,
//! which name what their VPC's databases are offered on, stay until it is gone, and the groups with
//! them. One on which no database was offered has no such mark, and is left to a person; so is one
//! of more networks than a mark can name.

use std::collections::BTreeSet;

use super::items::evidence;
use crate::id::NetworkName;
use crate::item::Items;
use crate::key::Key;
use crate::kind;
use crate::observed::{Network, Observed};
use crate::settings::Settings;
use crate::step::{Evidence, Owned};
use crate::tag::{self, Tags};

/// Adds the networks. Endpoints are known only when it was asked for them, which is before a
/// network is removed.
pub(super) fn add(observed: &Observed, settings: &Settings, items: &mut Items) {
    let used: BTreeSet<NetworkName> = items
        .keys()
        .filter_map(|key| match key {
            Key::Association(_, network) => Some(network.clone()),
            _ => None,
        })
        .collect();
    for network in &observed.networks {
        let key = Key::Network(network.name.clone());
        let is_named =
            settings.networks.contains_key(&network.name) || used.contains(&network.name);
        let marking = match is_named {
            true => BTreeSet::new(),
            false => marking(network, observed, settings),
        };
        if (!is_named && marking.is_empty()) || items.get(&key).is_some() {
            continue;
        }
        let evidence = match network.is_shared {
            true => Evidence::Tags(Tags::new()),
            false => evidence(observed, &network.arn),
        };
        items.add(key, kind::network::item(network, evidence, marking));
    }
}

/// The gateway groups without whose marks nobody would know of this network of ours.
fn marking(network: &Network, observed: &Observed, settings: &Settings) -> BTreeSet<Key> {
    let deployment = &settings.deployment;
    let key = Key::Network(network.name.clone());
    let tags = observed.answers.tags.get(&network.arn);
    let is_ours = tags.is_none_or(|tags| Owned::read(tags, &key, deployment).is_some());
    if network.is_shared || !is_ours {
        return BTreeSet::new();
    }
    let names_it = |tags: &Tags| {
        let marked = tags.get(tag::NETWORKS).map(String::as_str).unwrap_or_default();
        marked.split('+').any(|name| name == network.name.as_str())
    };
    let keys = observed.groups.iter().filter(|group| names_it(&group.tags)).filter_map(|group| {
        let number = deployment.gateway_group_number(&group.name)?;
        let key = Key::GatewayGroup(group.vpc.clone(), number);
        Owned::read(&group.tags, &key, deployment).map(|_| key)
    });
    keys.collect()
}
