//! What the VPCs' tags ask for, as keys.

use std::collections::{BTreeMap, BTreeSet};

use super::client::{Admission, admissions};
use super::connection::{Connection, connections};
use super::offer::{may_carry, ports};
use super::readiness::{lacking, unread};
use super::warnings;
use crate::claim::Stance;
use crate::desired::Desired;
use crate::id::{GroupId, NetworkName, SubnetId, VpcId};
use crate::item::Items;
use crate::key::Key;
use crate::observed::{Direction, Observed};
use crate::report::{Line, Report, State, Subject};
use crate::settings::Settings;
use crate::step::Make;
use crate::tag;

/// What the tags ask for on the consumer side.
///
/// | connection         | its groups, rules and endpoint |
/// |--------------------|---------------------------------|
/// | wanted             | made                            |
/// | kept               | as they are, on every port      |
/// | withdrawn, refused | not wanted                      |
pub fn desired(observed: &Observed, settings: &Settings, items: &Items) -> Desired {
    let connections = connections(observed, settings, items);
    let admissions = admissions(observed, settings, items);
    let mut desired = Desired::default();
    for network in &observed.networks {
        desired.keep(Key::Network(network.name.clone()));
    }
    let made = Making { observed, settings, items, admissions: &admissions };
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
                made.kept(vpc, network, &mut desired);
                let key = Key::Endpoint(vpc.clone(), network.clone());
                desired.tag(&key, tag::WITHDRAW_AFTER, deadline.clone());
            }
            Stance::Withdrawn(_) => {
                parts(vpc, network, items).for_each(|key| desired.release(key.clone()));
            }
            // What is on its way is not torn down because it has to wait.
            Stance::Refused(_) => made.kept(vpc, network, &mut desired),
        }
    }
    desired.reports = reports(&made, &connections, &desired);
    desired
}

/// Everything that there is of a connection.
fn parts<'a>(
    vpc: &'a VpcId,
    network: &'a NetworkName,
    items: &'a Items,
) -> impl Iterator<Item = &'a Key> {
    items.keys().filter(move |key| match key {
        Key::ClientGroup(of, on) | Key::EndpointGroup(of, on) | Key::Endpoint(of, on) => {
            (of, on) == (vpc, network)
        }
        Key::ClientRule(of, on, _) | Key::EndpointRule(of, on, ..) => (of, on) == (vpc, network),
        _ => false,
    })
}

/// What a connection is made from.
pub(super) struct Making<'a> {
    pub(super) observed: &'a Observed,
    pub(super) settings: &'a Settings,
    pub(super) items: &'a Items,
    pub(super) admissions: &'a [Admission<'a>],
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
        desired.want(client, Vec::new(), Some(make));
        let endpoint = Key::EndpointGroup(vpc.clone(), network.clone());
        let make = Make::Group {
            name: deployment.endpoint_group(network),
            description: format!("Interfaces of the endpoint to {network}"),
            vpc: vpc.clone(),
        };
        desired.want(endpoint.clone(), Vec::new(), Some(make));
        self.rules(vpc, network, &self.let_in(vpc, network), desired);
        // A port that may still be in use.
        let stays = |key: &Key| match key {
            Key::ClientRule(.., port) | Key::EndpointRule(.., port) => {
                may_carry(*port, vpc, network, self.observed)
            }
            _ => false,
        };
        self.held(vpc, network, stays, desired);
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
        });
        desired.want(key.clone(), vec![group, on], make);
        // The tag has returned: a deadline must not outlive its reason.
        desired.tag(&key, tag::WITHDRAW_AFTER, None);
    }

    /// The rules for every port that is offered: out of our client group, and in from these.
    fn rules(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
        groups: &BTreeMap<GroupId, Option<String>>,
        desired: &mut Desired,
    ) {
        let client = Key::ClientGroup(vpc.clone(), network.clone());
        let endpoint = Key::EndpointGroup(vpc.clone(), network.clone());
        let (client_id, endpoint_id) = (self.items.group(&client), self.items.group(&endpoint));
        let rule = |group: Option<&GroupId>, direction, peer: Option<&GroupId>, port| {
            let description = format!("{}: {network}", self.settings.deployment.as_str());
            let (group, peer) = (group?.clone(), peer?.clone());
            Some(Make::Rule { group, direction, peer, port, description })
        };
        for port in ports(network, self.observed) {
            desired.want(
                Key::ClientRule(vpc.clone(), network.clone(), port),
                vec![client.clone(), endpoint.clone()],
                rule(client_id, Direction::Egress, endpoint_id, port),
            );
            for (group, deadline) in groups {
                let key = Key::EndpointRule(vpc.clone(), network.clone(), group.clone(), port);
                let make = rule(endpoint_id, Direction::Ingress, Some(group), port);
                let own = (client_id == Some(group)).then(|| client.clone());
                desired.want(
                    key.clone(),
                    [endpoint.clone()].into_iter().chain(own).collect(),
                    make,
                );
                desired.tag(&key, tag::WITHDRAW_AFTER, deadline.clone());
            }
        }
    }

    fn admissions_to(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
    ) -> impl Iterator<Item = &Admission<'_>> {
        let all = self.admissions.iter();
        all.filter(move |it| it.subject.vpc == *vpc && it.network.as_ref() == Some(network))
    }

    /// The groups that are let in, and until when: ours, those whose tag asks for it, and those
    /// that are kept although it does not.
    fn let_in(&self, vpc: &VpcId, network: &NetworkName) -> BTreeMap<GroupId, Option<String>> {
        let tagged = self.admissions_to(vpc, network).filter_map(|it| match &it.stance {
            Stance::Wanted(()) => Some((it.subject.id.clone(), None)),
            Stance::Kept(_, deadline) => Some((it.subject.id.clone(), deadline.clone())),
            Stance::Withdrawn(_) | Stance::Refused(_) => None,
        });
        let own = self.items.group(&Key::ClientGroup(vpc.clone(), network.clone()));
        tagged.chain(own.map(|id| (id.clone(), None))).collect()
    }

    /// Keeps a connection that is there: it works on, whatever becomes of its databases' ports and
    /// of its clients' tags. Nobody new is let in.
    fn kept(&self, vpc: &VpcId, network: &NetworkName, desired: &mut Desired) {
        let mut groups = self.let_in(vpc, network);
        let has_rule = |group: &GroupId| {
            parts(vpc, network, self.items)
                .any(|key| matches!(key, Key::EndpointRule(_, _, of, _) if of == group))
        };
        groups.retain(|group, _| has_rule(group));
        if !groups.is_empty() {
            self.rules(vpc, network, &groups, desired);
        }
        self.held(vpc, network, |_| true, desired);
    }

    /// Keeps those parts that nothing else asks for and that stay, but lets the rules go of clients
    /// that have passed the gate themselves.
    fn held(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
        stays: impl Fn(&Key) -> bool,
        desired: &mut Desired,
    ) {
        let stance = |key: &Key| {
            let Key::EndpointRule(_, _, group, _) = key else { return None };
            self.admissions_to(vpc, network).find(|it| it.subject.id == *group)
        };
        for key in parts(vpc, network, self.items) {
            match stance(key).map(|it| &it.stance) {
                Some(Stance::Withdrawn(_)) => desired.release(key.clone()),
                Some(Stance::Kept(_, deadline)) => {
                    desired.keep(key.clone());
                    desired.tag(key, tag::WITHDRAW_AFTER, deadline.clone());
                }
                _ if stays(key) => desired.keep(key.clone()),
                _ => {}
            }
        }
    }
}

fn reports(made: &Making<'_>, connections: &[Connection<'_>], desired: &Desired) -> Vec<Report> {
    let Making { observed, settings, items, .. } = made;
    let mut reports: BTreeMap<Subject, Vec<Line>> = BTreeMap::new();
    for connection in connections {
        let network = connection.network.clone();
        let vpc = &connection.subject.id;
        let mut warnings = Vec::new();
        let (state, rests_on) = match (&connection.stance, &network) {
            (Stance::Wanted(_), Some(network)) => {
                warnings = warnings::of_connection(vpc, network, made);
                let state = unread(network, observed)
                    .or_else(|| lacking(vpc, network, observed, items).map(|lack| lack.state()));
                (state.unwrap_or(State::Ready), rests_on(vpc, network, desired))
            }
            (Stance::Kept(state, _) | Stance::Refused(state), _) => (state.clone(), Vec::new()),
            (Stance::Withdrawn(state), Some(network)) => {
                (state.clone(), parts(vpc, network, items).cloned().collect())
            }
            (Stance::Withdrawn(state), None) => (state.clone(), Vec::new()),
            (Stance::Wanted(_), None) => continue,
        };
        let line = Line { network, state, rests_on, warnings };
        reports.entry(Subject::Vpc(vpc.clone())).or_default().push(line);
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
            let mut line = Line::waiting(Some(network.clone()), "its removal");
            line.rests_on.push(key.clone());
            lines.push(line);
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
