//! What is there of the consumer side, by key.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{Arn, GroupId, NetworkName, VpcId};
use crate::item::Items;
use crate::key::Key;
use crate::kind;
use crate::observed::{Direction, Observed, Peer};
use crate::settings::Settings;
use crate::step::Evidence;
use crate::tag::{self, Tags};

/// The items of the consumer side.
pub fn items(observed: &Observed, settings: &Settings) -> Items {
    let mut items = Items::default();
    networks(observed, &mut items);
    let groups = groups(observed, settings, &mut items);
    rules(observed, settings, &groups, &mut items);
    ways(observed, settings, &groups, &mut items);
    items
}

/// Networks are the provider side's; here they are only built on.
fn networks(observed: &Observed, items: &mut Items) {
    for network in &observed.networks {
        let item = kind::network::item(network, Evidence::Tags(Tags::new()), BTreeSet::new());
        items.add(Key::Network(network.name.clone()), item);
    }
}

/// The key of a group with one of our names. AWS allows no two names that differ by case alone.
fn group_key(name: &str, vpc: &VpcId, settings: &Settings) -> Option<Key> {
    let name = name.to_ascii_lowercase();
    let rest = name.strip_prefix(settings.deployment.as_str())?.strip_prefix('-')?;
    let network = |text: &str| {
        let network = NetworkName::from(text);
        tag::is_network_name(network.name()).then_some(network)
    };
    if let Some(text) = rest.strip_prefix("client-") {
        return Some(Key::ClientGroup(vpc.clone(), network(text)?));
    }
    Some(Key::EndpointGroup(vpc.clone(), network(rest.strip_prefix("endpoint-")?)?))
}

fn groups<'a>(
    observed: &'a Observed,
    settings: &Settings,
    items: &mut Items,
) -> BTreeMap<&'a GroupId, Key> {
    let mut groups = BTreeMap::new();
    for group in &observed.groups {
        let Some(key) = group_key(&group.name, &group.vpc, settings) else { continue };
        groups.insert(&group.id, key.clone());
        items.add(key, kind::group::item(observed, group));
    }
    groups
}

fn rules(
    observed: &Observed,
    settings: &Settings,
    groups: &BTreeMap<&GroupId, Key>,
    items: &mut Items,
) {
    for rule in &observed.rules {
        let Peer::Group(peer, port) = &rule.peer else { continue };
        let (own, referred) = (groups.get(&rule.group), groups.get(peer));
        let key = match (own, rule.direction) {
            (Some(Key::ClientGroup(vpc, network)), Direction::Egress)
                if referred == Some(&Key::EndpointGroup(vpc.clone(), network.clone())) =>
            {
                Key::ClientRule(vpc.clone(), network.clone(), *port)
            }
            (Some(Key::EndpointGroup(vpc, network)), Direction::Ingress) => {
                Key::EndpointRule(vpc.clone(), network.clone(), peer.clone(), *port)
            }
            _ => {
                referred.filter(|_| referred != own).into_iter().for_each(|it| items.hold(it));
                continue;
            }
        };
        let Some(own) = own else { continue };
        let item = kind::rule::item(rule, &key, own, referred, settings);
        items.add(key, item);
    }
}

/// Ways have no name: the tag tells which are ours, and what for. A way of somebody else can thus
/// never be taken for ours.
fn ways(
    observed: &Observed,
    settings: &Settings,
    groups: &BTreeMap<&GroupId, Key>,
    items: &mut Items,
) {
    let names: BTreeMap<&Arn, &NetworkName> =
        observed.networks.iter().map(|network| (&network.arn, &network.name)).collect();
    for way in &observed.ways {
        let is_ours =
            way.tags.get(tag::OWNER).is_some_and(|owner| owner == settings.deployment.as_str());
        let key = way.tags.get(tag::FOR).and_then(|text| Key::parse(text));
        let key = match key.filter(|_| is_ours) {
            // By its ARN, if that is listed: the first version wrote no owner into the tag.
            Some(Key::Endpoint(vpc, network)) if vpc == way.vpc => {
                let listed = names.get(&way.network).map(|&name| name.clone());
                Key::Endpoint(vpc, listed.unwrap_or(network))
            }
            _ => {
                let through = way.groups.iter().filter_map(|group| groups.get(group));
                through.for_each(|it| items.hold(it));
                continue;
            }
        };
        let own_groups = way.groups.iter().filter_map(|group| groups.get(group).cloned());
        let on = names.get(&way.network).map(|&name| Key::Network(name.clone()));
        let item = kind::way::item(way, own_groups.chain(on).collect());
        items.add(key, item);
    }
}
