//! Connections: how each pair of VPC and network stands, before anything is planned.

use std::collections::{BTreeMap, BTreeSet};

use crate::claim::{Asker, Claim, claims};
use crate::id::{ConfigurationId, NetworkName, Port, SubnetId, VpcId};
use crate::item::Items;
use crate::key::Key;
use crate::name;
use crate::observed::{Association, Endpoint, Life, Observed, Vpc};
use crate::provider::known_tags;
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::settings::Settings;
use crate::subnet;
use crate::tag::{self, Asked, Place, Tags};

/// A VPC and a network, and how they stand; a new endpoint would go to these subnets.
pub(super) type Connection<'a> = Claim<&'a Vpc, BTreeSet<SubnetId>>;

/// Every connection that is asked for or there.
pub(super) fn connections<'a>(
    observed: &'a Observed,
    settings: &Settings,
    items: &Items,
) -> Vec<Connection<'a>> {
    let mut there: BTreeMap<&VpcId, BTreeMap<NetworkName, Tags>> = BTreeMap::new();
    for key in items.keys() {
        if let Key::Endpoint(vpc, network) = key {
            there.entry(vpc).or_default().insert(network.clone(), known_tags(key, items));
        }
    }
    let askers = observed.vpcs.iter().map(|vpc| Asker {
        subject: vpc,
        asked: match tag::asked(&vpc.tags, tag::CONSUME) {
            asked @ Asked::Networks(_) => via(&vpc.tags).map(|()| asked),
            asked => Ok(asked),
        },
        has: there.remove(&vpc.id).unwrap_or_default(),
    });
    let askers = askers.collect();
    claims(askers, tag::CONSUME, observed.at, settings, |vpc, network| {
        way(vpc, network, observed, settings, items)
    })
}

/// Only the endpoint pattern is built so far.
fn via(tags: &Tags) -> Result<(), Refusal> {
    match tags.get(tag::VIA).map(String::as_str) {
        None | Some("endpoint") => Ok(()),
        Some(pattern @ ("association" | "resource-endpoint")) => Err(Refusal::new(
            Code::Unsupported,
            format!("{}={pattern} is not supported yet: use endpoint", tag::VIA),
        )),
        Some(other) => Err(Refusal::new(
            Code::BadTag,
            format!("{}={other:?} is no pattern: use endpoint", tag::VIA),
        )),
    }
}

/// The subnets for an endpoint, or why there can be none.
fn way(
    vpc: &Vpc,
    network: &NetworkName,
    observed: &Observed,
    settings: &Settings,
    items: &Items,
) -> Result<BTreeSet<SubnetId>, State> {
    let refuse = |code, sentence: String| Err(State::Refused(Refusal::new(code, sentence)));
    if items.get(&Key::Network(network.clone())).is_none() {
        return Err(State::Waiting(format!("the service network {network}")));
    }
    if let Some((other, database)) = conflict(vpc, network, observed, settings) {
        return refuse(
            Code::DnsConflict,
            format!(
                "{database} is on {network} and on {other}, and its name can lead to one network \
                 only: consume one of them"
            ),
        );
    }
    if items.get(&Key::Endpoint(vpc.id.clone(), network.clone())).is_some() {
        return Ok(BTreeSet::new());
    }
    if let Some(endpoint) = rival(vpc, network, observed, settings) {
        return refuse(
            Code::Foreign,
            format!("{} leads to {network} already and is not ours: remove it", endpoint.id),
        );
    }
    if let Some(database) = taken(vpc, network, observed) {
        return Err(State::Waiting(format!("{database} to leave the other network of this VPC")));
    }
    if observed.answers.dns.get(&vpc.id) == Some(&false) {
        return refuse(
            Code::DnsOff,
            "switch enableDnsSupport and enableDnsHostnames on in this VPC: private names need \
             both"
                .to_owned(),
        );
    }
    let subnets = subnet::choose(observed, &vpc.id, Place::Endpoint, |_| true, subnet::has_block);
    if subnets.is_empty() {
        return refuse(
            Code::NoSubnet,
            "no subnet has room for an endpoint, which takes a free contiguous /28 in each: tag a \
             larger one trellis:subnet=endpoint"
                .to_owned(),
        );
    }
    match without_common_zone(network, &subnets, observed) {
        Some(database) => refuse(
            Code::NoCommonZone,
            format!(
                "the gateway of {database} lies in none of the zones of this VPC's subnets: tag \
                 subnets in a common zone"
            ),
        ),
        None => Ok(subnets),
    }
}

/// An earlier network of this VPC that offers a database which this one offers too, and that
/// database's configuration.
fn conflict<'a>(
    vpc: &Vpc,
    network: &NetworkName,
    observed: &'a Observed,
    settings: &Settings,
) -> Option<(NetworkName, &'a str)> {
    let Asked::Networks(named) = tag::asked(&vpc.tags, tag::CONSUME) else { return None };
    let mine = offered(network, observed);
    let earlier = named.range(..network.clone()).filter(|name| settings.networks.contains(name));
    earlier
        .filter_map(|other| {
            let theirs = offered(other, observed);
            let both = mine.iter().find(|(id, _)| theirs.contains_key(*id));
            both.map(|(_, name)| (other.clone(), *name))
        })
        .next()
}

/// Somebody else's endpoint to the same network. AWS does not say what a second one gets; its
/// private names would be the same ones, and two for one name is what AWS refuses elsewhere.
fn rival<'a>(
    vpc: &Vpc,
    network: &NetworkName,
    observed: &'a Observed,
    settings: &Settings,
) -> Option<&'a Endpoint> {
    let arns: BTreeSet<_> =
        observed.networks.iter().filter(|n| n.name == *network).map(|n| &n.arn).collect();
    let owner = settings.deployment.as_str();
    observed.endpoints.iter().find(|endpoint| {
        endpoint.vpc == vpc.id
            && arns.contains(&endpoint.network)
            && !matches!(endpoint.life, Life::Broken { .. })
            && endpoint.tags.get(tag::OWNER).is_none_or(|found| found != owner)
    })
}

/// A database of this network whose name still leads to another network in this VPC: it has moved
/// from that one to this one, and AWS takes its time.
fn taken<'a>(vpc: &Vpc, network: &NetworkName, observed: &'a Observed) -> Option<&'a str> {
    let mine = offered(network, observed);
    let beside: BTreeSet<_> = observed
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.vpc == vpc.id)
        .map(|endpoint| &endpoint.id)
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

/// The configurations that a network offers, with their names.
pub(super) fn offered<'a>(
    network: &NetworkName,
    observed: &'a Observed,
) -> BTreeMap<&'a ConfigurationId, &'a str> {
    let ids: BTreeSet<_> =
        observed.networks.iter().filter(|n| n.name == *network).map(|n| &n.id).collect();
    observed
        .associations
        .iter()
        .filter(|found| ids.contains(&found.network) && found.life != Life::Leaving)
        .map(|found| (&found.configuration, found.configuration_name.as_str()))
        .collect()
}

/// A configuration of the network, of which the gateway shares no zone with these subnets. Those
/// of other accounts cannot be looked into; EC2 reports them once the endpoint is there.
fn without_common_zone<'a>(
    network: &NetworkName,
    subnets: &BTreeSet<SubnetId>,
    observed: &'a Observed,
) -> Option<&'a str> {
    let offered = offered(network, observed);
    // One database out of reach must not keep the VPC from all the others.
    let all_are_apart =
        !offered.is_empty() && offered.keys().all(|id| is_apart(id, subnets, observed));
    all_are_apart.then(|| offered.into_values().next()).flatten()
}

/// Whether the gateway of a configuration shares no zone with these subnets.
pub(super) fn is_apart(
    configuration: &ConfigurationId,
    subnets: &BTreeSet<SubnetId>,
    observed: &Observed,
) -> bool {
    let mine = subnet::zones(observed, subnets);
    let configuration = observed.configurations.iter().find(|found| found.id == *configuration);
    let gateway =
        configuration.and_then(|found| observed.gateways.iter().find(|g| g.id == found.gateway));
    gateway.is_some_and(|gateway| subnet::zones(observed, &gateway.subnets).is_disjoint(&mine))
}

/// The ports of the databases that a network offers.
pub(super) fn ports(network: &NetworkName, observed: &Observed) -> BTreeSet<Port> {
    offered(network, observed).into_values().filter_map(name::port).collect()
}
