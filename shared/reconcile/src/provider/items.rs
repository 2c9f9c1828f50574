//! What is there of the provider side, by key.

use std::collections::BTreeMap;

use super::networks;
use crate::id::{ConfigurationId, DatabaseArn, GatewayId, GroupId, NetworkId, VpcId};
use crate::item::Items;
use crate::key::Key;
use crate::kind;
use crate::name;
use crate::observed::{Configuration, Direction, Life, Network, Observed, Peer};
use crate::settings::Settings;
use crate::step::Evidence;
use crate::tag;

/// The items of the provider side.
pub fn items(observed: &Observed, settings: &Settings) -> Items {
    let mut items = Items::default();
    let groups = groups(observed, settings, &mut items);
    rules(observed, settings, &groups, &mut items);
    let gateways = gateways(observed, settings, &groups, &mut items);
    let databases = configurations(observed, settings, &gateways, &mut items);
    associations(observed, settings, &databases, &mut items);
    items
}

/// A gateway group's number, and its VPC.
type InVpc<'a> = (&'a VpcId, u8);

fn group_key((vpc, number): InVpc<'_>) -> Key {
    Key::GatewayGroup(vpc.clone(), number)
}

/// Gateway groups, by their ids.
fn groups<'a>(
    observed: &'a Observed,
    settings: &Settings,
    items: &mut Items,
) -> BTreeMap<&'a GroupId, InVpc<'a>> {
    let mut groups = BTreeMap::new();
    for group in &observed.groups {
        let Some(number) = settings.deployment.gateway_group_number(&group.name) else { continue };
        groups.insert(&group.id, (&group.vpc, number));
        items.add(group_key((&group.vpc, number)), kind::group::item(observed, group));
    }
    groups
}

fn rules(
    observed: &Observed,
    settings: &Settings,
    groups: &BTreeMap<&GroupId, InVpc<'_>>,
    items: &mut Items,
) {
    for rule in &observed.rules {
        let Peer::Group(peer, port) = &rule.peer else { continue };
        match (groups.get(&rule.group), groups.get(peer), rule.direction) {
            (Some(&own), None, Direction::Egress) => {
                let key = Key::GatewayRule(own.0.clone(), peer.clone(), *port);
                let item = kind::rule::item(rule, &key, &group_key(own), None, settings);
                items.add(key, item);
            }
            (None, Some(&referred), Direction::Ingress) => {
                let key = Key::DatabaseRule(referred.0.clone(), rule.group.clone(), *port);
                let group = group_key(referred);
                // The database's own group is none of ours; the gateway group is referred to.
                let item = kind::rule::item(rule, &key, &group, Some(&group), settings);
                items.add(key, item);
            }
            (None, Some(&referred), Direction::Egress) => items.hold(&group_key(referred)),
            _ => {}
        }
    }
}

/// Gateways of ours: their VPCs by their ids.
fn gateways<'a>(
    observed: &'a Observed,
    settings: &Settings,
    groups: &BTreeMap<&GroupId, InVpc<'_>>,
    items: &mut Items,
) -> BTreeMap<&'a GatewayId, &'a VpcId> {
    let mut gateways = BTreeMap::new();
    for gateway in &observed.gateways {
        if gateway.name != settings.deployment.gateway(&gateway.vpc) {
            for group in gateway.groups.iter().filter_map(|group| groups.get(group)) {
                items.hold(&group_key(*group));
            }
            continue;
        }
        gateways.insert(&gateway.id, &gateway.vpc);
        let through = gateway.groups.iter().filter_map(|group| groups.get(group));
        let through = through.map(|group| group_key(*group)).collect();
        let item = kind::gateway::item(gateway, evidence(observed, &gateway.arn), through);
        items.add(Key::Gateway(gateway.vpc.clone()), item);
    }
    gateways
}

/// Configurations of ours: their databases by their ids.
fn configurations<'a>(
    observed: &'a Observed,
    settings: &Settings,
    gateways: &BTreeMap<&GatewayId, &VpcId>,
    items: &mut Items,
) -> BTreeMap<&'a ConfigurationId, DatabaseArn> {
    let mut databases = BTreeMap::new();
    let carries =
        |id: &ConfigurationId| observed.associations.iter().any(|it| it.configuration == *id);
    let mut named = named(observed, settings);
    // Of two, the one that carries something counts.
    named.sort_by_key(|(configuration, _)| !carries(&configuration.id));
    for (configuration, database) in named {
        let Some(database) = database else { continue };
        let Some(port) = name::port(&configuration.name) else { continue };
        databases.insert(&configuration.id, database.clone());
        let vpc = gateways.get(&configuration.gateway).map(|&vpc| Key::Gateway(vpc.clone()));
        let binding = observed.answers.configurations.get(&configuration.id);
        let evidence = evidence(observed, &configuration.arn);
        let on = vpc.into_iter().collect();
        let mut item = kind::configuration::item(configuration, port, binding, evidence, on);
        // Bound to another database under our name: useless, whoever did it.
        if let Some(binding) = binding.filter(|binding| binding.database != database) {
            item.life = Life::broken(format!("it is bound to {}", binding.database), None);
        }
        items.add(Key::Configuration(database), item);
    }
    let others = observed.configurations.iter().filter(|it| !databases.contains_key(&it.id));
    for vpc in others.filter_map(|it| gateways.get(&it.gateway)) {
        items.hold(&Key::Gateway((*vpc).clone()));
    }
    databases
}

/// Configurations with a name of ours, and the database that the name (a hash of its ARN) or, once
/// the database is gone, the tag `trellis:for` tells.
pub(crate) fn named<'a>(
    observed: &'a Observed,
    settings: &Settings,
) -> Vec<(&'a Configuration, Option<DatabaseArn>)> {
    let known: BTreeMap<String, &DatabaseArn> = observed
        .databases
        .iter()
        .map(|database| (name::digest(&database.arn), &database.arn))
        .collect();
    let ours = observed
        .configurations
        .iter()
        .filter(|found| settings.deployment.may_have_named(&found.name));
    ours.map(|configuration| {
        let digest = name::digits(&configuration.name).map_or("", |(arn, _)| arn);
        let by_name = known.get(digest).map(|&arn| arn.clone());
        let by_tag = || {
            let tags = observed.answers.tags.get(&configuration.arn)?;
            match Key::parse(tags.get(tag::FOR)?)? {
                Key::Configuration(database) if name::digest(&database) == digest => Some(database),
                _ => None,
            }
        };
        (configuration, by_name.or_else(by_tag))
    })
    .collect()
}

fn associations(
    observed: &Observed,
    settings: &Settings,
    databases: &BTreeMap<&ConfigurationId, DatabaseArn>,
    items: &mut Items,
) {
    let networks_by_id: BTreeMap<&NetworkId, &Network> =
        observed.networks.iter().map(|network| (&network.id, network)).collect();
    for association in &observed.associations {
        let database = databases.get(&association.configuration);
        let network = networks_by_id.get(&association.network);
        let (Some(database), Some(network)) = (database, network) else { continue };
        let built_on = [Key::Configuration(database.clone()), Key::Network(network.name.clone())];
        let evidence = evidence(observed, &association.arn);
        let item = kind::association::item(association, &network.arn, evidence, built_on);
        items.add(Key::Association(database.clone(), network.name.clone()), item);
    }
    networks::add(observed, settings, items);
    let others =
        observed.associations.iter().filter(|it| !databases.contains_key(&it.configuration));
    for network in others.filter_map(|it| networks_by_id.get(&it.network)) {
        items.hold(&Key::Network(network.name.clone()));
    }
}

pub(super) fn evidence(observed: &Observed, arn: &crate::id::Arn) -> Evidence {
    match observed.answers.tags.get(arn) {
        Some(tags) => Evidence::Tags(tags.clone()),
        None => Evidence::Ask(arn.clone()),
    }
}
