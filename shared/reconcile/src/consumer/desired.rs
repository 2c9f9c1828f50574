//! What the VPCs' tags ask for, as keys.

use std::collections::{BTreeMap, BTreeSet};

use super::connection::{Connection, connections, is_apart, offered, ports};
use crate::claim::Stance;
use crate::desired::Desired;
use crate::id::{ConfigurationId, GroupId, NetworkName, Port, SubnetId, VpcId};
use crate::item::{Items, Spec};
use crate::key::Key;
use crate::observed::{Direction, Life, Observed};
use crate::refusal::{Code, Refusal};
use crate::report::{Line, Report, State, Subject};
use crate::settings::Settings;
use crate::step::Make;
use crate::tag::{self, Asked};

/// What the tags ask for on the consumer side.
///
/// | connection         | its groups, rules and endpoint |
/// |--------------------|---------------------------------|
/// | wanted             | made                            |
/// | kept               | as they are                     |
/// | withdrawn, refused | not wanted                      |
pub fn desired(observed: &Observed, settings: &Settings, items: &Items) -> Desired {
    let connections = connections(observed, settings, items);
    let mut desired = Desired::default();
    for network in &observed.networks {
        desired.keep(Key::Network(network.name.clone()));
    }
    let made = Making { observed, settings, items };
    for connection in &connections {
        let Some(network) = &connection.network else { continue };
        let vpc = &connection.subject.id;
        match &connection.stance {
            Stance::Wanted(subnets) => {
                made.connection(vpc, network, subnets, &mut desired);
                // Nothing rings when a name begins to resolve: it is looked for.
                if lacking(vpc, network, observed, items).is_some_and(|lack| lack.is_coming()) {
                    desired.coming.insert(Key::Endpoint(vpc.clone(), network.clone()));
                }
            }
            Stance::Kept(_, deadline) => {
                kept(vpc, network, items, &mut desired);
                if let Some(deadline) = deadline {
                    let key = Key::Endpoint(vpc.clone(), network.clone());
                    desired.tag(&key, tag::WITHDRAW_AFTER, Some(deadline.to_string()));
                }
            }
            Stance::Withdrawn | Stance::Refused(_) => {}
        }
    }
    desired.reports = reports(&made, &connections, &desired);
    desired
}

struct Making<'a> {
    observed: &'a Observed,
    settings: &'a Settings,
    items: &'a Items,
}

impl Making<'_> {
    fn connection(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
        subnets: &BTreeSet<SubnetId>,
        desired: &mut Desired,
    ) {
        let deployment = &self.settings.deployment;
        let client = Key::ClientGroup(vpc.clone(), network.clone());
        let make = Make::Group {
            name: deployment.client_group(network),
            description: format!("Attach it to workloads that use databases on {network}"),
            vpc: vpc.clone(),
        };
        desired.want(client.clone(), Vec::new(), Some(make));
        let endpoint = Key::EndpointGroup(vpc.clone(), network.clone());
        let make = Make::Group {
            name: deployment.endpoint_group(network),
            description: format!("Interfaces of the endpoint to {network}"),
            vpc: vpc.clone(),
        };
        desired.want(endpoint.clone(), Vec::new(), Some(make));
        for port in ports(network, self.observed) {
            self.rules(vpc, network, port, &client, &endpoint, desired);
        }
        self.endpoint(vpc, network, subnets, endpoint, desired);
    }

    fn endpoint(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
        subnets: &BTreeSet<SubnetId>,
        group: Key,
        desired: &mut Desired,
    ) {
        let key = Key::Endpoint(vpc.clone(), network.clone());
        let on = Key::Network(network.clone());
        let ids = self.items.group(&group).zip(self.items.network(&on));
        let make = ids.map(|(group, (_, arn))| Make::Endpoint {
            vpc: vpc.clone(),
            network: arn.clone(),
            subnets: subnets.clone(),
            groups: BTreeSet::from([group.clone()]),
            name: format!("{}-{network}", self.settings.deployment.as_str()),
            token: self.settings.deployment.token(
                &key,
                &[arn.as_str(), group.as_str()],
                self.observed.at,
            ),
        });
        desired.want(key.clone(), vec![group, on], make);
        // The tag has returned: a deadline must not outlive its reason.
        desired.tag(&key, tag::WITHDRAW_AFTER, None);
    }

    /// The rules for one port: from our client group, and from every group that is tagged.
    fn rules(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
        port: Port,
        client: &Key,
        endpoint: &Key,
        desired: &mut Desired,
    ) {
        let endpoint_id = self.items.group(endpoint);
        let client_id = self.items.group(client);
        let rule = |group: Option<&GroupId>, direction, peer: Option<&GroupId>| {
            let description = format!("{}: {network}", self.settings.deployment.as_str());
            let (group, peer) = (group?.clone(), peer?.clone());
            Some(Make::Rule { group, direction, peer, port, description })
        };
        desired.want(
            Key::ClientRule(vpc.clone(), network.clone(), port),
            vec![client.clone(), endpoint.clone()],
            rule(client_id, Direction::Egress, endpoint_id),
        );
        let tagged = self.observed.groups.iter().filter(|group| group.vpc == *vpc);
        let tagged = tagged.filter(|group| match tag::asked(&group.tags, tag::CLIENT) {
            Asked::Networks(named) => named.contains(network),
            _ => false,
        });
        let mut wanted = |group: &GroupId, needs| {
            desired.want(
                Key::EndpointRule(vpc.clone(), network.clone(), group.clone(), port),
                needs,
                rule(endpoint_id, Direction::Ingress, Some(group)),
            );
        };
        for group in tagged {
            wanted(&group.id, vec![endpoint.clone()]);
        }
        if let Some(id) = client_id {
            wanted(id, vec![endpoint.clone(), client.clone()]);
        }
    }
}

fn kept(vpc: &VpcId, network: &NetworkName, items: &Items, desired: &mut Desired) {
    for key in items.keys() {
        let is_part = match key {
            Key::ClientGroup(of, on) | Key::EndpointGroup(of, on) | Key::Endpoint(of, on) => {
                (of, on) == (vpc, network)
            }
            Key::ClientRule(of, on, _) | Key::EndpointRule(of, on, ..) => {
                (of, on) == (vpc, network)
            }
            _ => false,
        };
        if is_part {
            desired.keep(key.clone());
        }
    }
}

fn reports(made: &Making<'_>, connections: &[Connection<'_>], desired: &Desired) -> Vec<Report> {
    let Making { observed, settings, items } = made;
    let mut reports: BTreeMap<Subject, Vec<Line>> = BTreeMap::new();
    for connection in connections {
        let network = connection.network.clone();
        let (state, rests_on) = match (&connection.stance, &network) {
            (Stance::Wanted(_), Some(network)) => {
                let vpc = &connection.subject.id;
                let lack = lacking(vpc, network, observed, items);
                let state = lack.map_or(State::Ready, |lack| lack.state());
                (state, rests_on(vpc, network, desired))
            }
            (Stance::Kept(state, _) | Stance::Refused(state), _) => (state.clone(), Vec::new()),
            _ => (State::Waiting("its removal".to_owned()), Vec::new()),
        };
        let line = Line { network, state, rests_on };
        reports.entry(Subject::Vpc(connection.subject.id.clone())).or_default().push(line);
    }
    // Groups can outlive their endpoint: a workload may still carry the client group.
    for (key, found) in items.iter() {
        let (Key::ClientGroup(vpc, network) | Key::EndpointGroup(vpc, network)) = key else {
            continue;
        };
        // Somebody else's goes nowhere, and is no reason to speak of a VPC that asks for nothing.
        if found.iter().all(|item| item.is_foreign(key, &settings.deployment)) {
            continue;
        }
        let lines = reports.entry(Subject::Vpc(vpc.clone())).or_default();
        if !lines.iter().any(|line| line.network.as_ref() == Some(network)) {
            let state = State::Waiting("its removal".to_owned());
            lines.push(Line { network: Some(network.clone()), state, rests_on: Vec::new() });
        }
    }
    reports.into_iter().map(|(subject, lines)| Report { subject, lines }).collect()
}

fn rests_on(vpc: &VpcId, network: &NetworkName, desired: &Desired) -> Vec<Key> {
    let mut keys = vec![
        Key::Network(network.clone()),
        Key::ClientGroup(vpc.clone(), network.clone()),
        Key::EndpointGroup(vpc.clone(), network.clone()),
    ];
    let rules = desired.iter().map(|(key, _)| key).filter(|key| match key {
        Key::ClientRule(of, on, _) | Key::EndpointRule(of, on, ..) => (of, on) == (vpc, network),
        _ => false,
    });
    keys.extend(rules.cloned());
    keys.push(Key::Endpoint(vpc.clone(), network.clone()));
    keys
}

/// A database behind a ready endpoint that is not accessible.
struct Lack<'a> {
    name: &'a str,
    failure: Option<&'a str>,
    /// Whether endpoint and gateway have no zone in common.
    is_apart: bool,
}

impl Lack<'_> {
    fn is_coming(&self) -> bool {
        self.failure.is_none() && !self.is_apart
    }

    fn state(&self) -> State {
        let name = self.name;
        match self.failure {
            _ if self.is_apart => State::Refused(Refusal::new(
                Code::NoCommonZone,
                format!(
                    "the gateway of {name} lies in none of the zones of this VPC's endpoint: set \
                     {} to off and tag subnets in a common zone first",
                    tag::CONSUME
                ),
            )),
            Some(failure) => State::Waiting(format!("{name} to be accessible: {failure}")),
            None => State::Waiting(format!("{name} to be accessible")),
        }
    }
}

/// What EC2 reports for each configuration behind the endpoint: ready is read back.
fn lacking<'a>(
    vpc: &VpcId,
    network: &NetworkName,
    observed: &'a Observed,
    items: &Items,
) -> Option<Lack<'a>> {
    let endpoint = items.ready(&Key::Endpoint(vpc.clone(), network.clone()));
    let Spec::Endpoint { id, .. } = &endpoint?.spec else { return None };
    let endpoint = observed.endpoints.iter().find(|endpoint| endpoint.id == *id)?;
    for (configuration, name) in offered(network, observed) {
        let Some(association) = observed
            .associations
            .iter()
            .find(|found| found.configuration == *configuration && found.life == Life::Ready)
        else {
            continue;
        };
        // A database of this very VPC gets no private zone: its plain name works directly.
        if gateway_vpc(configuration, observed) == Some(vpc) {
            continue;
        }
        let mut accesses = observed.accesses.iter().filter(|access| {
            access.endpoint == *id && access.configuration == association.configuration_arn
        });
        let reached =
            accesses.clone().any(|access| access.is_accessible && access.private_name.is_some());
        if !reached {
            let failure = accesses.find_map(|access| access.failure.as_deref());
            let is_apart = is_apart(configuration, &endpoint.subnets, observed);
            return Some(Lack { name, failure, is_apart });
        }
    }
    None
}

fn gateway_vpc<'a>(configuration: &ConfigurationId, observed: &'a Observed) -> Option<&'a VpcId> {
    let found = observed.configurations.iter().find(|found| found.id == *configuration)?;
    observed.gateways.iter().find(|g| g.id == found.gateway).map(|gateway| &gateway.vpc)
}
