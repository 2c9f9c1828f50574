//! What is there of the provider side, by key.

use std::collections::{BTreeMap, BTreeSet};

use super::networks;
use crate::id::{ConfigurationId, DatabaseArn, GatewayId, GroupId, NetworkId, VpcId};
use crate::item::{Item, Items, Spec};
use crate::key::Key;
use crate::name;
use crate::observed::{Configuration, Direction, Life, Network, Observed, Peer, Rule};
use crate::settings::Settings;
use crate::step::{Delete, Evidence, Owned, Target};
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
        items.add(group_key((&group.vpc, number)), group_item(observed, group));
    }
    groups
}

/// A group of ours, of either side.
pub(crate) fn group_item(observed: &Observed, group: &crate::observed::Group) -> Item {
    let open = observed.rules.iter().filter(|rule| {
        rule.group == group.id
            && rule.direction == Direction::Egress
            && rule.peer == Peer::Everybody
    });
    Item {
        life: Life::Ready,
        evidence: Evidence::Tags(group.tags.clone()),
        built_on: BTreeSet::new(),
        is_in_use: false,
        spec: Spec::Group { id: group.id.clone(), open: open.map(|r| r.id.clone()).collect() },
        target: Some(Target::Ec2(group.id.as_str().to_owned())),
        delete: Delete::Group(group.id.clone()),
    }
}

/// A rule that is for this key, of either side.
///
/// A rule that somebody else made in a group of ours goes with the group; so only one of ours
/// stands in the way of the group that it belongs to. In any other group it does, whoever made it.
pub(crate) fn rule_item(
    rule: &Rule,
    key: &Key,
    own: &Key,
    referred: Option<&Key>,
    settings: &Settings,
) -> Item {
    let is_ours = Owned::read(&rule.tags, key, &settings.deployment).is_some();
    let own = is_ours.then_some(own);
    Item {
        life: Life::Ready,
        evidence: Evidence::Tags(rule.tags.clone()),
        built_on: own.into_iter().chain(referred).cloned().collect(),
        is_in_use: false,
        spec: Spec::Rule,
        target: Some(Target::Ec2(rule.id.as_str().to_owned())),
        delete: Delete::Rule {
            group: rule.group.clone(),
            direction: rule.direction,
            rule: rule.id.clone(),
        },
    }
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
                let item = rule_item(rule, &key, &group_key(own), None, settings);
                items.add(key, item);
            }
            (None, Some(&referred), Direction::Ingress) => {
                let key = Key::DatabaseRule(referred.0.clone(), rule.group.clone(), *port);
                let group = group_key(referred);
                // The database's own group is none of ours; the gateway group is referred to.
                let item = rule_item(rule, &key, &group, Some(&group), settings);
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
        let item = Item {
            life: gateway.life.clone(),
            evidence: evidence(observed, &gateway.arn),
            built_on: through.map(|group| group_key(*group)).collect(),
            is_in_use: false,
            spec: Spec::Gateway { id: gateway.id.clone(), groups: gateway.groups.clone() },
            target: Some(Target::Lattice(gateway.arn.clone())),
            delete: Delete::Gateway(gateway.id.clone()),
        };
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
        // Bound to another database under our name: useless, whoever did it.
        let life = match binding {
            Some(binding) if binding.database != database => {
                Life::broken(format!("it is bound to {}", binding.database), None)
            }
            _ => configuration.life.clone(),
        };
        let item = Item {
            life,
            evidence: evidence(observed, &configuration.arn),
            built_on: vpc.into_iter().collect(),
            is_in_use: false,
            spec: Spec::Configuration {
                id: configuration.id.clone(),
                gateway: configuration.gateway.clone(),
                port,
                is_shareable: binding.map(|binding| binding.is_shareable),
            },
            target: Some(Target::Lattice(configuration.arn.clone())),
            delete: Delete::Configuration(configuration.id.clone()),
        };
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
pub(super) fn named<'a>(
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
        let item = Item {
            life: association.life.clone(),
            evidence: evidence(observed, &association.arn),
            built_on: built_on.into(),
            is_in_use: false,
            spec: Spec::Association {
                configuration: association.configuration.clone(),
                network: network.arn.clone(),
            },
            target: Some(Target::Lattice(association.arn.clone())),
            delete: Delete::Association(association.id.clone()),
        };
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
