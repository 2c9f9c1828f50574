//! Whether anybody uses a connection: whether a network interface carries a group of its clients.
//!
//! It is asked only where something would go for it (see [`questions`](super::questions)), and
//! counts as used as long as AWS has not said otherwise of every group that may let somebody in.

use std::collections::BTreeSet;

use super::client::clients;
use super::desired::parts;
use crate::deletion::{Base, Deletion, HeldUp, HoldOff, Holder};
use crate::freeze::Listing;
use crate::id::{GroupId, InterfaceId, NetworkName, SubnetId, VpcId};
use crate::item::Spec;
use crate::key::Key;
use crate::observed::{Direction, Peer};
use crate::request::{Requester, Wish};
use crate::tag::{self, Asked};
use crate::view::View;

/// Who uses something, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// Nobody.
    Nobody,
    /// Whoever has this interface, which carries this group.
    Somebody(GroupId, InterfaceId),
    /// It cannot be told.
    Unknown,
}

/// Whether nobody's use is known, as in a settled world, where it is not asked.
pub(super) fn nothing_is_known(view: View<'_>) -> bool {
    view.observed.answers.members.is_empty()
}

/// Who carries a group.
pub(super) fn of_group(group: &GroupId, view: View<'_>) -> Usage {
    match view.observed.answers.members.get(group) {
        None => Usage::Unknown,
        Some(interfaces) => match interfaces.first() {
            Some(interface) => Usage::Somebody(group.clone(), interface.clone()),
            None => Usage::Nobody,
        },
    }
}

/// Who uses a VPC's connection to a network.
pub(super) fn of_connection(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> Usage {
    let all: Vec<Usage> =
        groups(vpc, network, view).iter().map(|group| of_group(group, view)).collect();
    let somebody = all.iter().find(|usage| matches!(usage, Usage::Somebody(..)));
    let is_known = all.iter().all(|usage| *usage == Usage::Nobody);
    match somebody {
        Some(somebody) => somebody.clone(),
        None if is_known && !lets_others_in(vpc, network, view) => Usage::Nobody,
        None => Usage::Unknown,
    }
}

/// The groups whose members may use a connection: ours, those with a rule in the endpoint's group,
/// and those that a tag makes clients.
pub(super) fn groups(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> BTreeSet<GroupId> {
    let View { observed, items, .. } = view;
    let own = items.group(&Key::ClientGroup(vpc.clone(), network.clone()));
    let with_a_rule = parts(vpc, network, items).filter_map(|key| match key {
        Key::EndpointRule(_, _, group, _) => Some(group),
        _ => None,
    });
    let tagged = observed.groups.iter().filter(|group| {
        group.vpc == *vpc && view.networks_named(&group.tags, tag::CLIENT).contains(network)
    });
    own.into_iter().chain(with_a_rule).chain(tagged.map(|group| &group.id)).cloned().collect()
}

/// Whether somebody added a rule for addresses, or for a group of another VPC, to the endpoint's
/// group, or a group to the endpoint: then clients cannot be told by their groups.
fn lets_others_in(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> bool {
    let View { observed, items, .. } = view;
    let own = items.group(&Key::EndpointGroup(vpc.clone(), network.clone()));
    // A group of a peered VPC may be another account's, whose interfaces are not listed here.
    let is_here =
        |id: &GroupId| observed.groups.iter().any(|group| group.id == *id && group.vpc == *vpc);
    let admits = |peer: &Peer| !matches!(peer, Peer::Group(id, _) if is_here(id));
    let has_rule = observed.rules.iter().any(|rule| {
        Some(&rule.group) == own && rule.direction == Direction::Ingress && admits(&rule.peer)
    });
    let way = items.get(&Key::Endpoint(vpc.clone(), network.clone()));
    let has_group = way.is_some_and(|way| match &way.spec {
        Spec::Way { groups, .. } => groups.iter().any(|group| Some(group) != own),
        _ => true,
    });
    has_rule || has_group
}

/// The deletion for which a connection would go as a whole: of its VPC, or of a subnet in which
/// its endpoint lies.
pub(super) fn deletion(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> Option<Deletion> {
    let subnets = way_subnets(vpc, network, view);
    let concerns = |base: &Base| match base {
        Base::Vpc(id) => id == vpc,
        Base::Subnet(id) => subnets.contains(id),
        Base::Group(_) => false,
    };
    let hold = hold_off(vpc, network, view);
    known(view, hold).into_iter().find(|deletion| concerns(&deletion.base))
}

/// The deletion for which a group of clients would lose its rules.
pub(super) fn deletion_of_group(group: &GroupId, view: View<'_>) -> Option<Deletion> {
    let base = Base::Group(group.clone());
    known(view, None).into_iter().find(|deletion| deletion.base == base)
}

/// The deletions of late, and those that are held off although this process has not heard of them.
fn known(view: View<'_>, hold: Option<HoldOff>) -> Vec<Deletion> {
    let View { observed, settings, .. } = view;
    let heard = observed.memory.deletions.of_late(observed.at, settings.hold_off).cloned();
    let held = hold.into_iter().flat_map(|hold| {
        let at = hold.until - settings.hold_off;
        let by = "somebody".to_owned();
        hold.bases.into_iter().map(move |base| Deletion { base, by: by.clone(), at })
    });
    heard.chain(held).collect()
}

fn way_subnets<'a>(vpc: &VpcId, network: &NetworkName, view: View<'a>) -> BTreeSet<&'a SubnetId> {
    let View { observed, items, .. } = view;
    let way = items.get(&Key::Endpoint(vpc.clone(), network.clone()));
    let id = way.and_then(|way| match &way.spec {
        Spec::Way { id, .. } => Some(id),
        _ => None,
    });
    let ways = observed.ways.iter().filter(|way| Some(&way.id) == id);
    ways.flat_map(|way| &way.subnets).collect()
}

/// What is held off for this connection: what the mark of its endpoint group names and is still
/// there.
pub(super) fn hold_off(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> Option<HoldOff> {
    let View { observed, items, .. } = view;
    let tags = items.known_tags(&Key::EndpointGroup(vpc.clone(), network.clone()));
    let mut hold = HoldOff::read(&tags, observed.at)?;
    hold.bases.retain(|base| match base {
        Base::Subnet(id) => {
            let is_known = !observed.unknown.contains_key(&Listing::Subnets);
            !is_known || observed.subnets.iter().any(|subnet| subnet.id == *id)
        }
        Base::Group(id) => observed.groups.iter().any(|group| group.id == *id),
        Base::Vpc(_) => false,
    });
    (!hold.bases.is_empty()).then_some(hold)
}

/// Why no endpoint is made for now: a subnet of it is held off, and no client has come since.
pub(super) fn held_off(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> Option<HoldOff> {
    let mut hold = hold_off(vpc, network, view)?;
    hold.bases.retain(|base| matches!(base, Base::Subnet(_)));
    let is_wanted = matches!(of_connection(vpc, network, view), Usage::Somebody(..));
    (!hold.bases.is_empty() && !is_wanted).then_some(hold)
}

/// What the mark of the endpoint group should say: what is held off, and what is let go now.
pub(super) fn mark(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> Option<String> {
    let mut hold = hold_off(vpc, network, view);
    if nothing_is_known(view) {
        return hold.map(|hold| hold.to_string());
    }
    let period = view.settings.hold_off;
    let connection =
        deletion(vpc, network, view).filter(|_| of_connection(vpc, network, view) == Usage::Nobody);
    let of_client = |group: &GroupId| {
        deletion_of_group(group, view).filter(|_| of_group(group, view) == Usage::Nobody)
    };
    let mut groups = groups(vpc, network, view);
    let own = view.items.group(&Key::ClientGroup(vpc.clone(), network.clone()));
    groups.retain(|group| Some(group) != own);
    for deletion in connection.into_iter().chain(groups.iter().filter_map(of_client)) {
        hold = match deletion.base {
            // Nothing stays that could bear a mark: this process remembers.
            Base::Vpc(_) => hold,
            Base::Subnet(_) | Base::Group(_) => Some(HoldOff::and(hold, &deletion, period)),
        };
    }
    hold.map(|hold| hold.to_string())
}

/// The deletions of late in whose way a client of this connection is.
pub(super) fn held_up(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> Vec<HeldUp> {
    if nothing_is_known(view) {
        return Vec::new();
    }
    let of = |deletion: Option<Deletion>, usage: Usage| match (deletion, usage) {
        (Some(deletion), Usage::Somebody(group, interface)) => {
            let holder = Holder::Client { interface, group };
            Some(HeldUp { deletion, vpc: vpc.clone(), holder })
        }
        _ => None,
    };
    let connection = of(deletion(vpc, network, view), of_connection(vpc, network, view));
    let groups = groups(vpc, network, view);
    let groups =
        groups.iter().filter_map(|group| of(deletion_of_group(group, view), of_group(group, view)));
    connection.into_iter().chain(groups).collect()
}

/// The groups of which AWS is asked whether anybody carries them: what a connection or a group of
/// clients would lose, or does not get back, depends on it.
pub(super) fn in_question(view: View<'_>) -> BTreeSet<GroupId> {
    let View { observed, items, .. } = view;
    let mut connections: BTreeSet<(VpcId, NetworkName)> = BTreeSet::new();
    for key in items.keys() {
        if let Key::Endpoint(vpc, network) | Key::EndpointGroup(vpc, network) = key {
            connections.insert((vpc.clone(), network.clone()));
        }
    }
    let mut lost = BTreeSet::new();
    for vpc in &observed.vpcs {
        let named = view.networks_named(&vpc.tags, tag::CONSUME).into_iter();
        connections.extend(named.map(|network| (vpc.id.clone(), network)));
        if tag::asked(&vpc.tags, tag::CONSUME) == Asked::Nothing {
            lost.insert(&vpc.id);
        }
    }
    let mut asked = BTreeSet::new();
    for (vpc, network) in &connections {
        let has_endpoint = items.get(&Key::Endpoint(vpc.clone(), network.clone())).is_some();
        let is_in_question = has_endpoint && lost.contains(vpc)
            || deletion(vpc, network, view).is_some()
            || hold_off(vpc, network, view).is_some();
        if is_in_question {
            asked.extend(groups(vpc, network, view));
        }
    }
    for Requester { subject, wish, has, .. } in clients(view) {
        let is_lost = matches!(wish, Wish::Tag(Asked::Nothing));
        if !has.is_empty() && (is_lost || deletion_of_group(&subject.id, view).is_some()) {
            asked.insert(subject.id);
        }
    }
    asked
}
