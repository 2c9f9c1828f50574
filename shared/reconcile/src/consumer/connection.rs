//! Connections: how each pair of VPC and network stands, before anything is planned.

use std::collections::{BTreeMap, BTreeSet};

use super::usage::{self, Usage};
use super::way::{Pattern, Placement, read};
use crate::deletion::{Base, Deletion};
use crate::freeze::Listing;
use crate::id::{NetworkName, VpcId};
use crate::key::Key;
use crate::observed::{Association, Configuration, Life, Thing, Vpc, Way};
use crate::passage;
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::request::{Request, Requester, Standing, Wish, requests};
use crate::tag::{self, Asked, Tags};
use crate::view::View;

/// A VPC that consumes, or did.
#[derive(Clone)]
pub(super) struct Consumer<'a> {
    pub(super) id: VpcId,
    /// `None`: the reading lacks it.
    pub(super) vpc: Option<&'a Vpc>,
}

/// A VPC and a network, and how they stand; its way goes to this placement.
pub(super) type Connection<'a> = Request<Consumer<'a>, Placement>;

/// Every connection that is asked for or there.
pub(super) fn connections<'a>(view: View<'a>) -> Vec<Connection<'a>> {
    let View { observed, settings, items } = view;
    let mut there: BTreeMap<&VpcId, BTreeMap<NetworkName, Tags>> = BTreeMap::new();
    for key in items.keys() {
        if let Key::Endpoint(vpc, network) = key {
            there.entry(vpc).or_default().insert(network.clone(), items.known_tags(key));
        }
    }
    let mut requesters: Vec<Requester<Consumer<'a>>> = Vec::new();
    for vpc in &observed.vpcs {
        let wish = match (tag::asked(&vpc.tags, tag::CONSUME), Pattern::of(&vpc.tags)) {
            (Asked::Networks(_), Err(refusal)) => Wish::Refused(refusal),
            (asked, _) => Wish::Tag(asked),
        };
        let has = there.remove(&vpc.id).unwrap_or_default();
        let known = has.keys().filter(|_| !usage::nothing_is_known(view));
        let unused = known.filter_map(|network| {
            let is_unused = usage::of_connection(&vpc.id, network, view) == Usage::Nobody;
            is_unused.then(|| (network.clone(), usage::deletion(&vpc.id, network, view)))
        });
        let unused = unused.collect();
        let subject = Consumer { id: vpc.id.clone(), vpc: Some(vpc) };
        requesters.push(Requester { subject, wish, has, unused });
    }
    for (id, has) in there {
        let is_gone = observed.answers.gone.contains(&Thing::Vpc(id.clone()));
        let wish = if is_gone { Wish::Gone } else { Wish::Absent };
        let subject = Consumer { id: id.clone(), vpc: None };
        requesters.push(Requester { subject, wish, has, unused: BTreeMap::new() });
    }
    let stands = |consumer: &Consumer<'_>, network: &NetworkName| match consumer.vpc {
        Some(vpc) => way(vpc, network, view),
        None => Err(State::Waiting("it to return".to_owned())),
    };
    let works = |consumer: &Consumer<'_>, network: &NetworkName| {
        items.ready(&Key::Endpoint(consumer.id.clone(), network.clone())).is_some()
    };
    let mut connections = requests(requesters, tag::CONSUME, observed.at, settings, stands, works);
    connections.iter_mut().for_each(|connection| leave_vpc(connection, view));
    connections
}

/// Whoever deletes a VPC in which nobody uses a connection gets all of it away, the groups too.
fn leave_vpc(connection: &mut Connection<'_>, view: View<'_>) {
    let Some(network) = &connection.network else { return };
    let vpc = &connection.subject.id;
    let is_there = view.items.get(&Key::Endpoint(vpc.clone(), network.clone())).is_some();
    let is_asked_for = matches!(connection.standing, Standing::Wanted(_) | Standing::Refused(_));
    if is_there || !is_asked_for {
        return;
    }
    if let Some(deletion @ Deletion { base: Base::Vpc(_), .. }) =
        usage::deletion(vpc, network, view)
        && usage::of_connection(vpc, network, view) == Usage::Nobody
    {
        let until = deletion.at + view.settings.hold_off;
        connection.standing = Standing::Withdrawn(State::Waiting(format!(
            "its deletion by {}, until {until:.0}",
            deletion.who()
        )));
    }
}

/// Where the way of a VPC into a network goes, or why there can be none.
fn way(vpc: &Vpc, network: &NetworkName, view: View<'_>) -> Result<Placement, State> {
    let pattern = Pattern::of(&vpc.tags).map_err(State::Refused)?;
    let View { observed, settings, items } = view;
    let refuse = |code, sentence: String| Err(State::Refused(Refusal::new(code, sentence)));
    if items.get(&Key::Network(network.clone())).is_none() {
        return Err(match settings.makes(network) {
            true => State::Waiting(format!("the service network {network}")),
            false => passage::absent_network(network, observed),
        });
    }
    if let Some((other, database)) = conflict(vpc, network, view) {
        return refuse(
            Code::DnsConflict,
            format!(
                "{database} is on {network} and on {other}, and its name can lead to one network \
                 only: consume one of them"
            ),
        );
    }
    if items.get(&Key::Endpoint(vpc.id.clone(), network.clone())).is_some() {
        return Ok(pattern.placed());
    }
    if let Some(hold) = usage::held_off(&vpc.id, network, view) {
        let bases: Vec<String> = hold.bases.iter().map(ToString::to_string).collect();
        let (bases, until) = (bases.join(" "), hold.until);
        return Err(State::Waiting(format!(
            "the deletion of {bases}, for which it was let go, or until {until}"
        )));
    }
    if let Some(way) = foreign(vpc, network, view) {
        return refuse(
            Code::Foreign,
            format!("{} leads to {network} already and is not ours: remove it", way.id),
        );
    }
    if let Some(database) = taken(vpc, network, view) {
        return Err(State::Waiting(format!("{database} to leave the other network of this VPC")));
    }
    read(&[Listing::Gateways, Listing::Configurations], observed)?;
    if let Some(refusal) = taken_over(&vpc.id, network, view) {
        return Err(State::Refused(refusal));
    }
    if observed.answers.dns.get(&vpc.id) == Some(&false) {
        return refuse(
            Code::DnsOff,
            "switch enableDnsSupport and enableDnsHostnames on in this VPC: private names need \
             both"
                .to_owned(),
        );
    }
    pattern.place(vpc, network, view)
}

/// An earlier network of this VPC that offers a database which this one offers too, and that
/// database's configuration.
fn conflict<'a>(
    vpc: &Vpc,
    network: &NetworkName,
    view: View<'a>,
) -> Option<(NetworkName, &'a str)> {
    let View { settings, .. } = view;
    let Asked::Networks(named) = tag::asked(&vpc.tags, tag::CONSUME) else { return None };
    let mine = view.offered_on(network);
    let allowed = named.iter().filter_map(|name| settings.allowed(name));
    let earlier = allowed.filter(|other| *other < network);
    earlier
        .filter_map(|other| {
            let theirs = view.offered_on(other);
            let both = mine.iter().find(|(id, _)| theirs.contains_key(*id));
            both.map(|(_, name)| (other.clone(), *name))
        })
        .next()
}

/// A database of this network, or of none yet, that this VPC reaches another way. Databases of
/// other accounts cannot be looked into.
pub(super) fn taken_over(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> Option<Refusal> {
    let View { observed, .. } = view;
    let offered = view.offered_on(network);
    let concerned = observed
        .configurations
        .iter()
        .filter(|it| offered.contains_key(&it.id) || is_on_its_way(it, view));
    let gateways = concerned.filter_map(|it| observed.gateways.iter().find(|g| g.id == it.gateway));
    gateways.filter_map(|gateway| passage::takeover(vpc, &gateway.vpc, observed)).next()
}

/// Whether a configuration of ours is on no network yet.
pub(super) fn is_on_its_way(configuration: &Configuration, view: View<'_>) -> bool {
    let View { observed, settings, .. } = view;
    let is_its = |it: &Association| it.configuration == configuration.id;
    settings.deployment.may_have_named(&configuration.name)
        && !observed.associations.iter().any(is_its)
}

/// Somebody else's way into the same network. AWS does not say what a second one gets; its
/// private names would be the same ones, and two for one name is what AWS refuses elsewhere.
fn foreign<'a>(vpc: &Vpc, network: &NetworkName, view: View<'a>) -> Option<&'a Way> {
    let View { observed, settings, .. } = view;
    let arns = view.arns_of(network);
    let owner = settings.deployment.as_str();
    observed.ways.iter().find(|way| {
        way.vpc == vpc.id
            && arns.contains(&way.network)
            && !matches!(way.life, Life::Broken { .. })
            && way.tags.get(tag::OWNER).is_none_or(|found| found != owner)
    })
}

/// A database of this network whose name still leads to another network in this VPC: it has moved
/// from that one to this one, and AWS takes its time.
fn taken<'a>(vpc: &Vpc, network: &NetworkName, view: View<'a>) -> Option<&'a str> {
    let View { observed, .. } = view;
    let mine = view.offered_on(network);
    let beside: BTreeSet<_> = observed
        .ways
        .iter()
        .filter(|way| way.vpc == vpc.id)
        .filter_map(|way| way.id.endpoint())
        .collect();
    let held: BTreeSet<_> = observed
        .accesses
        .iter()
        .filter(|access| beside.contains(&access.endpoint) && access.failure.is_none())
        .map(|access| &access.configuration)
        .collect();
    let is_held = |found: &&Association| {
        mine.contains_key(&found.configuration) && held.contains(&found.configuration_arn)
    };
    observed.associations.iter().find(is_held).map(|found| found.configuration_name.as_str())
}
