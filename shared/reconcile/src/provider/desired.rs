//! What the databases' tags ask for, as keys.

use std::collections::{BTreeMap, BTreeSet};

use super::exposure::{Exposure, Ground, exposures};
use crate::claim::Stance;
use crate::desired::Desired;
use crate::grace::{self, Cause};
use crate::id::{DatabaseArn, NetworkName, SubnetId, VpcId};
use crate::item::{Item, Items};
use crate::key::Key;
use crate::observed::{Direction, Observed};
use crate::report::{Line, Report, State, Subject};
use crate::settings::Settings;
use crate::step::{Evidence, Make};
use crate::subnet;
use crate::tag::{self, Asked};

/// What the tags ask for on the provider side.
///
/// | exposure          | its network, groups, gateway, rules, configuration, association |
/// |-------------------|------------------------------------------------------------------|
/// | wanted            | made                                                             |
/// | kept              | as they are                                                      |
/// | withdrawn, refused| not wanted for its sake                                          |
pub fn desired(observed: &Observed, settings: &Settings, items: &Items) -> Desired {
    let exposures = exposures(observed, settings, items);
    let mut desired = Desired::default();
    let made = Making { observed, settings, items };
    made.named_networks(&mut desired);
    let mut subnets: BTreeMap<&VpcId, BTreeSet<SubnetId>> = BTreeMap::new();
    for exposure in &exposures {
        if let Stance::Wanted(ground) = &exposure.stance {
            subnets.entry(&ground.vpc).or_default().extend(ground.subnets.iter().cloned());
        }
    }
    for exposure in &exposures {
        let (Some(network), Stance::Wanted(ground)) = (&exposure.network, &exposure.stance) else {
            continue;
        };
        made.exposure(&exposure.arn, network, ground, &subnets[&ground.vpc], &mut desired);
    }
    for exposure in &exposures {
        if let (Some(network), Stance::Kept(_, deadline)) = (&exposure.network, &exposure.stance) {
            made.kept(&exposure.arn, network, &mut desired);
            let key = Key::Association(exposure.arn.clone(), network.clone());
            if let Some(deadline) = deadline {
                let cause = match exposure.database {
                    Some(_) => Cause::Vanished,
                    None => Cause::Gone,
                };
                let value = grace::value(*deadline, cause);
                desired.tag(&key, tag::WITHDRAW_AFTER, Some(value));
            }
        }
    }
    mark_groups(&exposures, items, &mut desired);
    desired.reports = reports(&exposures, items);
    desired
}

struct Making<'a> {
    observed: &'a Observed,
    settings: &'a Settings,
    items: &'a Items,
}

impl Making<'_> {
    fn token(&self, key: &Key, built_on: &[&str]) -> String {
        self.settings.deployment.token(key, built_on, self.observed.at)
    }

    fn network(&self, network: &NetworkName, desired: &mut Desired) {
        let key = Key::Network(network.clone());
        match self.settings.create_networks {
            true => {
                let token = self.token(&key, &[]);
                let make = Make::Network { name: network.clone(), token };
                desired.want(key, Vec::new(), Some(make));
            }
            false => desired.keep(key),
        }
    }

    /// A network is wanted as long as any tag names it, or an endpoint is left on it. A VPC's tag
    /// has it made; a database that is refused only keeps it.
    fn named_networks(&self, desired: &mut Desired) {
        let named = |tags, key| match tag::asked(tags, key) {
            Asked::Networks(named) => {
                named.intersection(&self.settings.networks).cloned().collect()
            }
            _ => BTreeSet::new(),
        };
        for vpc in &self.observed.vpcs {
            for network in named(&vpc.tags, tag::CONSUME) {
                self.network(&network, desired);
            }
        }
        for database in &self.observed.databases {
            for network in named(&database.tags, tag::EXPOSE) {
                desired.keep(Key::Network(network));
            }
        }
        for network in &self.observed.networks {
            if self.observed.endpoints.iter().any(|endpoint| endpoint.network == network.arn) {
                desired.keep(Key::Network(network.name.clone()));
            }
        }
    }

    fn exposure(
        &self,
        arn: &DatabaseArn,
        network: &NetworkName,
        ground: &Ground,
        subnets: &BTreeSet<SubnetId>,
        desired: &mut Desired,
    ) {
        let Ground { vpc, group, port, .. } = ground;
        self.network(network, desired);
        let gateway_group = self.gateway_group(vpc, desired);
        let id = self.items.group(&gateway_group);
        let rule = |direction, own: Option<_>, peer: Option<_>| {
            let description = format!("{}: {arn}", self.settings.deployment.as_str());
            Some(Make::Rule { group: own?, direction, peer: peer?, port: *port, description })
        };
        desired.want(
            Key::GatewayRule(vpc.clone(), group.clone(), *port),
            vec![gateway_group.clone()],
            rule(Direction::Egress, id.cloned(), Some(group.clone())),
        );
        let database_rule = Key::DatabaseRule(vpc.clone(), group.clone(), *port);
        match self.settings.database_rules {
            true => desired.want(
                database_rule,
                vec![gateway_group.clone()],
                rule(Direction::Ingress, Some(group.clone()), id.cloned()),
            ),
            false => desired.keep(database_rule),
        }
        let gateway = self.gateway(vpc, gateway_group, subnets, desired);
        self.association(arn, network, ground, gateway, desired);
    }

    fn gateway_group(&self, vpc: &VpcId, desired: &mut Desired) -> Key {
        let key = Key::GatewayGroup(vpc.clone());
        let name = self.settings.deployment.gateway_group();
        let description = "Interfaces of the VPC Lattice resource gateway".to_owned();
        let make = Make::Group { name, description, vpc: vpc.clone() };
        desired.want(key.clone(), Vec::new(), Some(make));
        key
    }

    fn gateway(
        &self,
        vpc: &VpcId,
        group: Key,
        subnets: &BTreeSet<SubnetId>,
        desired: &mut Desired,
    ) -> Key {
        let key = Key::Gateway(vpc.clone());
        let make = self.items.group(&group).map(|id| Make::Gateway {
            name: self.settings.deployment.gateway(vpc),
            vpc: vpc.clone(),
            subnets: subnet::one_per_zone(
                self.observed.subnets.iter().filter(|subnet| subnets.contains(&subnet.id)),
            ),
            groups: BTreeSet::from([id.clone()]),
            addresses_per_interface: self.settings.addresses_per_interface,
            token: self.token(&key, &[id.as_str()]),
        });
        desired.want(key.clone(), vec![group], make);
        key
    }

    fn association(
        &self,
        arn: &DatabaseArn,
        network: &NetworkName,
        ground: &Ground,
        gateway: Key,
        desired: &mut Desired,
    ) {
        let configuration = Key::Configuration(arn.clone());
        let make = self.items.gateway(&gateway).map(|id| Make::Configuration {
            name: self.settings.deployment.configuration(arn, ground.port),
            gateway: id.clone(),
            database: arn.clone(),
            token: self.token(&configuration, &[id.as_str()]),
        });
        desired.want(configuration.clone(), vec![gateway], make);
        let key = Key::Association(arn.clone(), network.clone());
        let network = Key::Network(network.clone());
        let ids = self.items.configuration(&configuration).zip(self.items.network(&network));
        let make = ids.map(|(configuration, (_, network))| Make::Association {
            configuration: configuration.clone(),
            network: network.clone(),
            token: self.token(&key, &[configuration.as_str(), network.as_str()]),
        });
        desired.want(key.clone(), vec![configuration, network], make);
        // The tag has returned: a deadline must not outlive its reason.
        desired.tag(&key, tag::WITHDRAW_AFTER, None);
    }

    /// Keeps everything that may carry this exposure. Which rules do cannot be told any more once
    /// the database is gone, so all of the VPC's stay.
    fn kept(&self, arn: &DatabaseArn, network: &NetworkName, desired: &mut Desired) {
        desired.keep(Key::Association(arn.clone(), network.clone()));
        desired.keep(Key::Configuration(arn.clone()));
        desired.keep(Key::Network(network.clone()));
        let Some(vpc) = vpc_of(arn, self.items) else { return };
        desired.keep(Key::Gateway(vpc.clone()));
        desired.keep(Key::GatewayGroup(vpc.clone()));
        for key in self.items.keys() {
            if matches!(key, Key::GatewayRule(of, ..) | Key::DatabaseRule(of, ..) if of == vpc) {
                desired.keep(key.clone());
            }
        }
    }
}

/// The VPC whose gateway carries a database's configuration.
fn vpc_of<'a>(arn: &DatabaseArn, items: &'a Items) -> Option<&'a VpcId> {
    items.get(&Key::Configuration(arn.clone()))?.built_on.iter().find_map(|key| match key {
        Key::Gateway(vpc) => Some(vpc),
        _ => None,
    })
}

/// Marks the gateway groups of VPCs in which an association has a deadline, or gets one.
fn mark_groups(exposures: &[Exposure<'_>], items: &Items, desired: &mut Desired) {
    let mut marked: BTreeSet<VpcId> = BTreeSet::new();
    for exposure in exposures {
        let Some(network) = &exposure.network else { continue };
        let key = Key::Association(exposure.arn.clone(), network.clone());
        let has_deadline = items.get(&key).is_some_and(carries_deadline);
        if matches!(exposure.stance, Stance::Kept(_, Some(_))) || has_deadline {
            marked.extend(vpc_of(&exposure.arn, items).cloned());
        }
    }
    let groups: Vec<Key> = desired
        .iter()
        .map(|(key, _)| key.clone())
        .filter(|key| matches!(key, Key::GatewayGroup(_)))
        .collect();
    for key in groups {
        let Key::GatewayGroup(vpc) = &key else { continue };
        let mark = marked.contains(vpc).then(|| "yes".to_owned());
        desired.tag(&key, tag::GRACE, mark);
    }
}

fn carries_deadline(item: &Item) -> bool {
    matches!(&item.evidence, Evidence::Tags(tags) if grace::deadline(tags).is_some())
}

fn reports(exposures: &[Exposure<'_>], items: &Items) -> Vec<Report> {
    let mut reports: BTreeMap<Subject, Vec<Line>> = BTreeMap::new();
    for exposure in exposures {
        let id = exposure.database.map(|database| database.resource_id.clone());
        let subject = Subject::Database(exposure.arn.clone(), id);
        let (state, rests_on) = match &exposure.stance {
            Stance::Wanted(ground) => (State::Ready, rests_on(exposure, ground)),
            Stance::Kept(state, _) | Stance::Refused(state) => (state.clone(), Vec::new()),
            Stance::Withdrawn => (State::Waiting("its removal".to_owned()), Vec::new()),
        };
        let network = exposure.network.clone();
        reports.entry(subject).or_default().push(Line { network, state, rests_on });
    }
    // A configuration that outlived its associations is on its way out as well.
    for key in items.keys() {
        let Key::Configuration(arn) = key else { continue };
        if !exposures.iter().any(|exposure| exposure.arn == *arn) {
            let state = State::Waiting("its removal".to_owned());
            let line = Line { network: None, state, rests_on: Vec::new() };
            reports.entry(Subject::Database(arn.clone(), None)).or_default().push(line);
        }
    }
    reports.into_iter().map(|(subject, lines)| Report { subject, lines }).collect()
}

fn rests_on(exposure: &Exposure<'_>, ground: &Ground) -> Vec<Key> {
    let Ground { vpc, group, port, .. } = ground;
    let network = exposure.network.clone().map(Key::Network);
    let association =
        exposure.network.clone().map(|network| Key::Association(exposure.arn.clone(), network));
    let shared = [
        Key::GatewayGroup(vpc.clone()),
        Key::GatewayRule(vpc.clone(), group.clone(), *port),
        Key::DatabaseRule(vpc.clone(), group.clone(), *port),
        Key::Gateway(vpc.clone()),
        Key::Configuration(exposure.arn.clone()),
    ];
    network.into_iter().chain(shared).chain(association).collect()
}
