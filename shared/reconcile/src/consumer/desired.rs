//! What the VPCs' tags ask for, as keys.

use std::collections::BTreeMap;

use super::client::{Admission, admissions};
use super::connection::{Connection, connections};
use super::readiness::{lacking, unread};
use super::way::Placement;
use super::{usage, warnings};
use crate::deletion::Base;
use crate::desired::Desired;
use crate::id::{NetworkName, VpcId};
use crate::item::Items;
use crate::key::Key;
use crate::report::{Line, Report, State, Subject};
use crate::request::Standing;
use crate::step::Create;
use crate::tag;
use crate::view::View;

/// What the tags ask for on the consumer side.
///
/// | connection         | its groups, rules and way in   |
/// |--------------------|---------------------------------|
/// | wanted             | made                            |
/// | kept               | as they are, on every port      |
/// | withdrawn, refused | not wanted                      |
pub fn desired(view: View<'_>) -> Desired {
    let View { observed, settings, items } = view;
    let connections = connections(view);
    let admissions = admissions(view);
    let mut desired = Desired::default();
    for network in &observed.networks {
        desired.keep(Key::Network(network.name.clone()));
    }
    let made = Making { view, admissions: &admissions };
    for connection in &connections {
        let Some(network) = &connection.network else { continue };
        let vpc = &connection.subject.id;
        desired.held_up.extend(usage::held_up(vpc, network, view));
        match &connection.standing {
            Standing::Wanted(placement) => {
                made.connection(vpc, network, placement, &mut desired);
                // Nothing rings when a name begins to resolve: it is looked for.
                if lacking(vpc, network, view).is_some_and(|lack| lack.is_coming()) {
                    desired.coming.insert(Key::Endpoint(vpc.clone(), network.clone()));
                }
            }
            Standing::Kept(_, deadline) => {
                made.kept(vpc, network, &mut desired);
                made.mark(vpc, network, &mut desired);
                let key = Key::Endpoint(vpc.clone(), network.clone());
                desired.tag(&key, tag::WITHDRAW_AFTER, deadline.clone());
            }
            Standing::Withdrawn(_) if made.makes_room(connection) => {
                desired.release(Key::Endpoint(vpc.clone(), network.clone()));
                let stays = |key: &Key| !matches!(key, Key::Endpoint(..));
                made.held(vpc, network, stays, &mut desired);
                made.mark(vpc, network, &mut desired);
            }
            Standing::Withdrawn(_) => {
                parts(vpc, network, items).for_each(|key| desired.release(key.clone()));
            }
            // Its endpoint has gone, and the network is not coming back: what is left goes too.
            Standing::Refused(_) if !settings.networks.contains_key(network) => {}
            // What is on its way is not torn down because it has to wait.
            Standing::Refused(_) => {
                made.kept(vpc, network, &mut desired);
                made.mark(vpc, network, &mut desired);
            }
        }
    }
    desired.reports = reports(&made, &connections, &desired);
    desired
}

/// Everything that there is of a connection.
pub(super) fn parts<'a>(
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
    pub(super) view: View<'a>,
    pub(super) admissions: &'a [Admission<'a>],
}

impl Making<'_> {
    fn connection(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
        placement: &Placement,
        desired: &mut Desired,
    ) {
        let deployment = &self.view.settings.deployment;
        let client = Key::ClientGroup(vpc.clone(), network.clone());
        let create = Create::Group {
            name: deployment.client_group(network),
            description: format!("Attach it to workloads that use databases on {network}"),
            vpc: vpc.clone(),
        };
        desired.want(client, Vec::new(), Some(create));
        let endpoint = Key::EndpointGroup(vpc.clone(), network.clone());
        let create = Create::Group {
            name: deployment.endpoint_group(network),
            description: format!("Interfaces of the endpoint to {network}"),
            vpc: vpc.clone(),
        };
        desired.want(endpoint.clone(), Vec::new(), Some(create));
        self.rules(vpc, network, &self.let_in(vpc, network), desired);
        // A port that may still be in use.
        let stays = |key: &Key| match key {
            Key::ClientRule(.., port) | Key::EndpointRule(.., port) => {
                self.view.may_carry(*port, vpc, network)
            }
            _ => false,
        };
        self.held(vpc, network, stays, desired);
        self.way(vpc, network, placement, endpoint, desired);
        self.mark(vpc, network, desired);
    }

    /// Whether a connection that is still asked for only makes room for the deletion of a subnet:
    /// then its groups stay, to which others may refer.
    fn makes_room(&self, connection: &Connection<'_>) -> bool {
        let (Some(network), Some(vpc)) = (&connection.network, connection.subject.vpc) else {
            return false;
        };
        let deletion = usage::deletion(&vpc.id, network, self.view);
        self.view.networks_named(&vpc.tags, tag::CONSUME).contains(network)
            && deletion.is_some_and(|deletion| matches!(deletion.base, Base::Subnet(_)))
    }

    fn mark(&self, vpc: &VpcId, network: &NetworkName, desired: &mut Desired) {
        let key = Key::EndpointGroup(vpc.clone(), network.clone());
        desired.tag(&key, tag::HELD_OFF, usage::mark(vpc, network, self.view));
    }

    fn way(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
        placement: &Placement,
        group: Key,
        desired: &mut Desired,
    ) {
        let key = Key::Endpoint(vpc.clone(), network.clone());
        let on = Key::Network(network.clone());
        let ids = self.view.items.group(&group).zip(self.view.items.network(&on));
        let name = format!("{}-{network}", self.view.settings.deployment.as_str());
        let create = ids.map(|(group, (_, arn))| placement.create(vpc, arn, group, name));
        desired.want(key.clone(), vec![group, on], create);
        // The tag has returned: a deadline must not outlive its reason.
        desired.tag(&key, tag::WITHDRAW_AFTER, None);
    }
}

fn reports(made: &Making<'_>, connections: &[Connection<'_>], desired: &Desired) -> Vec<Report> {
    let view = made.view;
    let View { observed, settings, items } = view;
    let mut reports: BTreeMap<Subject, Vec<Line>> = BTreeMap::new();
    for connection in connections {
        let network = connection.network.clone();
        let vpc = &connection.subject.id;
        let mut warnings = Vec::new();
        let (state, rests_on) = match (&connection.standing, &network) {
            (Standing::Wanted(_), Some(network)) => {
                warnings = warnings::of_connection(vpc, network, made);
                let state = unread(network, observed)
                    .or_else(|| lacking(vpc, network, view).map(|lack| lack.state()));
                (state.unwrap_or(State::Ready), rests_on(vpc, network, desired))
            }
            (Standing::Kept(state, _) | Standing::Refused(state), _) => (state.clone(), Vec::new()),
            (Standing::Withdrawn(state), Some(network)) => {
                (state.clone(), parts(vpc, network, items).cloned().collect())
            }
            (Standing::Withdrawn(state), None) => (state.clone(), Vec::new()),
            (Standing::Wanted(_), None) => continue,
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
