//! Clients: groups of a consumer VPC whose members may connect, because a tag says so.

use std::collections::BTreeMap;

use super::usage::{self, Usage};
use crate::deletion::Base;
use crate::gate;
use crate::id::{GroupId, NetworkName, Port, VpcId};
use crate::key::Key;
use crate::observed::{Direction, Group, Observed, Peer, Thing};
use crate::report::State;
use crate::request::{Request, Requester, Wish, requests};
use crate::tag::{self, Asked, Tags};
use crate::view::View;

/// A group of clients.
#[derive(Clone)]
pub(super) struct Client<'a> {
    pub(super) id: GroupId,
    pub(super) vpc: VpcId,
    /// `None`: the reading lacks it.
    pub(super) group: Option<&'a Group>,
}

/// A group of clients and a network, and how they stand.
pub(super) type Admission<'a> = Request<Client<'a>, ()>;

/// Every group of clients that is tagged or has a rule in an endpoint's group, but for our own
/// client groups. The deadline is that of any of its rules.
pub(super) fn clients<'a>(view: View<'a>) -> Vec<Requester<Client<'a>>> {
    let View { observed, settings, items } = view;
    let mut there: BTreeMap<(&VpcId, &GroupId), BTreeMap<NetworkName, Tags>> = BTreeMap::new();
    for (key, found) in items.iter() {
        let Key::EndpointRule(vpc, network, group, _) = key else { continue };
        let own = items.group(&Key::ClientGroup(vpc.clone(), network.clone()));
        let is_ours = found.iter().any(|item| !item.is_foreign(key, &settings.deployment));
        if own == Some(group) || !is_ours {
            continue;
        }
        let networks = there.entry((vpc, group)).or_default();
        let tags = networks.entry(network.clone()).or_default();
        if !gate::has_deadline(tags) {
            *tags = items.known_tags(key);
        }
    }
    let mut requesters = Vec::new();
    for group in &observed.groups {
        let has = there.remove(&(&group.vpc, &group.id)).unwrap_or_default();
        let asked = tag::asked(&group.tags, tag::CLIENT);
        if has.is_empty() && asked == Asked::Nothing {
            continue;
        }
        let mut unused = BTreeMap::new();
        if usage::of_group(&group.id, view) == Usage::Nobody {
            let deletion = usage::deletion_of_group(&group.id, view);
            unused.extend(has.keys().map(|network| (network.clone(), deletion.clone())));
        }
        let subject = Client { id: group.id.clone(), vpc: group.vpc.clone(), group: Some(group) };
        requesters.push(Requester { subject, wish: Wish::Tag(asked), has, unused });
    }
    for ((vpc, id), has) in there {
        let is_gone = observed.answers.gone.contains(&Thing::Group(id.clone()));
        let wish = if is_gone { Wish::Gone } else { Wish::Absent };
        let subject = Client { id: id.clone(), vpc: vpc.clone(), group: None };
        requesters.push(Requester { subject, wish, has, unused: BTreeMap::new() });
    }
    requesters
}

/// How each group of clients stands with each network that it names or has a rule for.
pub(super) fn admissions<'a>(view: View<'a>) -> Vec<Admission<'a>> {
    let View { observed, settings, items } = view;
    let has_rule = |client: &Client<'_>, network: &NetworkName| {
        items.keys().any(|key| match key {
            Key::EndpointRule(vpc, on, group, _) => {
                (vpc, on, group) == (&client.vpc, network, &client.id)
            }
            _ => false,
        })
    };
    let works = |client: &Client<'_>, network: &NetworkName| {
        let endpoint = Key::Endpoint(client.vpc.clone(), network.clone());
        items.ready(&endpoint).is_some() && has_rule(client, network)
    };
    // Let go for whoever deletes it, and not let in again before that is over or it has members.
    let stands = |client: &Client<'_>, network: &NetworkName| {
        let hold = usage::hold_off(&client.vpc, network, view);
        let base = Base::Group(client.id.clone());
        let hold = hold.filter(|hold| hold.bases.contains(&base) && !has_rule(client, network));
        match (hold, usage::of_group(&client.id, view)) {
            (Some(hold), Usage::Nobody | Usage::Unknown) => {
                Err(State::Waiting(format!("its deletion, until {}", hold.until)))
            }
            _ => Ok(()),
        }
    };
    let requesters = clients(view);
    requests(requesters, tag::CLIENT, observed.at, settings, stands, works)
}

/// Whether members of a group may send to the members of another on this port, as far as its rules
/// tell: those to addresses may mean any.
pub(super) fn lets_out(group: &GroupId, to: &GroupId, port: Port, observed: &Observed) -> bool {
    let egress = observed
        .rules
        .iter()
        .filter(|rule| rule.group == *group && rule.direction == Direction::Egress);
    egress.into_iter().any(|rule| match &rule.peer {
        Peer::Everybody => true,
        Peer::Addresses(from, up_to) => (*from..=*up_to).contains(&port),
        Peer::Group(peer, on) => peer == to && *on == port,
        Peer::Other => false,
    })
}
