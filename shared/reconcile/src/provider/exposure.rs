//! Exposures: how each pair of database and network stands, before anything is planned.

use std::collections::{BTreeMap, BTreeSet};

use super::consent::{Consent, consent, is_inherited};
use super::desired::vpc_of;
use super::items::named;
use super::marks::is_in_grace;
use crate::freeze::Listing;
use crate::id::{DatabaseArn, GroupId, NetworkName, Port, SubnetId, VpcId};
use crate::item::{Item, Items, Spec};
use crate::key::Key;
use crate::name::GATEWAY_GROUPS;
use crate::observed::{Configuration, Database, DatabaseKind, Life, Subnet, Thing};
use crate::passage;
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::request::{Request, Requester, Wish, requests};
use crate::step::foreign;
use crate::subnet;
use crate::tag::{self, Asked, SubnetUse, Tags};
use crate::view::View;

/// A database, and a network, and how they stand.
pub(super) type Exposure<'a> = Request<Exposed<'a>, Placement>;

/// What is or was exposed.
#[derive(Clone)]
pub(super) struct Exposed<'a> {
    pub(super) arn: DatabaseArn,
    /// `None`: the reading lacks it.
    pub(super) database: Option<&'a Database>,
    pub(super) consent: Option<Consent>,
}

/// What an exposure stands on in its VPC.
#[derive(Clone)]
pub(super) struct Placement {
    pub(super) vpc: VpcId,
    /// The database's group that lets the gateway in.
    pub(super) group: GroupId,
    /// A group that the database is about to get, which lets it in before the others go.
    pub(super) next: Option<GroupId>,
    /// The number of the gateway group that lets the gateway out to it.
    pub(super) through: u8,
    pub(super) port: Port,
    /// Where a gateway would get its interfaces.
    pub(super) subnets: BTreeSet<SubnetId>,
    /// Why it must not be associated yet, although all else can be made.
    pub(super) held: Option<Refusal>,
}

/// Every exposure that is asked for or there.
pub(super) fn exposures<'a>(view: View<'a>) -> Vec<Exposure<'a>> {
    let View { observed, settings, items } = view;
    let mut there: BTreeMap<&DatabaseArn, BTreeMap<NetworkName, Tags>> = BTreeMap::new();
    for (key, found) in items.iter() {
        let is_ours = |item: &Item| !item.is_foreign(key, &settings.deployment);
        if let (Key::Association(database, network), true) = (key, found.iter().any(is_ours)) {
            let tags = items.known_tags(key);
            there.entry(database).or_default().insert(network.clone(), tags);
        }
    }
    let configurations = by_database(view);
    let mut requesters: Vec<Requester<Exposed<'a>>> = Vec::new();
    for database in &observed.databases {
        let has = there.remove(&database.arn).unwrap_or_default();
        let configuration = configurations.get(&database.arn).copied();
        let consent = configuration.and_then(|configuration| {
            consent(database, configuration, has.values(), observed).ok()
        });
        let has = without_stale_deadlines(has, &database.arn, items);
        let subject = Exposed { arn: database.arn.clone(), database: Some(database), consent };
        let wish = wish(&subject, database);
        requesters.push(Requester { subject, wish, has, unused: BTreeMap::new() });
    }
    for (arn, has) in there {
        let has = without_stale_deadlines(has, arn, items);
        let subject = Exposed { arn: arn.clone(), database: None, consent: None };
        let is_gone = observed.answers.gone.contains(&Thing::Database(arn.clone()));
        let wish = if is_gone { Wish::Gone } else { Wish::Absent };
        requesters.push(Requester { subject, wish, has, unused: BTreeMap::new() });
    }
    let works = |subject: &Exposed<'_>, network: &NetworkName| {
        let association = Key::Association(subject.arn.clone(), network.clone());
        // Where the configuration itself must be replaced, nothing can be made before it goes.
        items.ready(&association).is_some() || !fits(subject, items)
    };
    let stands = |subject: &Exposed<'_>, network: &NetworkName| {
        let database = subject.database.ok_or_else(|| State::Waiting("it to return".to_owned()))?;
        present(network, view)?;
        let mut placement = placement(database, view)?;
        let association = Key::Association(subject.arn.clone(), network.clone());
        if items.get(&association).is_none() {
            placement.held = takes_over(network, &placement.vpc, view);
        }
        Ok(placement)
    };
    requests(requesters, tag::EXPOSE, observed.at, settings, stands, works)
}

/// Whether the configuration that is there can carry another association.
fn fits(exposed: &Exposed<'_>, items: &Items) -> bool {
    let Some(item) = items.get(&Key::Configuration(exposed.arn.clone())) else { return true };
    let (Some(database), Spec::Configuration { gateway, port, .. }) =
        (exposed.database, &item.spec)
    else {
        return true;
    };
    let own = database.vpc.clone().and_then(|vpc| items.get(&Key::Gateway(vpc)));
    let is_broken = |item: &Item| matches!(item.life, Life::Broken { .. });
    let is_own = |own: &Item| matches!(&own.spec, Spec::Gateway { id, .. } if id == gateway);
    database.endpoint.as_ref().is_none_or(|(_, own)| own == port)
        && own.is_none_or(|own| is_own(own) && !is_broken(own))
        && !is_broken(item)
}

/// Leaves out deadlines of an earlier grace period. The mark of the VPC's gateway group is there
/// before any deadline and goes after all that a reading shows; one that outlives it was written
/// before its tag returned, and on what that reading lacked.
fn without_stale_deadlines(
    mut has: BTreeMap<NetworkName, Tags>,
    arn: &DatabaseArn,
    items: &Items,
) -> BTreeMap<NetworkName, Tags> {
    let group = vpc_of(arn, items).map(|vpc| Key::GatewayGroup(vpc.clone(), 1));
    let is_there = |group: &Key| items.get(group).is_some();
    if group.filter(is_there).is_some_and(|group| !is_in_grace(&items.known_tags(&group))) {
        has.values_mut().for_each(|tags| drop(tags.remove(tag::WITHDRAW_AFTER)));
    }
    has
}

/// The configurations of ours, by their databases.
pub(super) fn by_database<'a>(view: View<'a>) -> BTreeMap<DatabaseArn, &'a Configuration> {
    let View { observed, settings, .. } = view;
    let named = named(observed, settings).into_iter();
    named.filter_map(|(configuration, database)| Some((database?, configuration))).collect()
}

fn wish(subject: &Exposed<'_>, database: &Database) -> Wish {
    let asked = tag::asked(&database.tags, tag::EXPOSE);
    match (subject.consent, &asked) {
        (_, Asked::Off) => Wish::Tag(Asked::Off),
        (Some(Consent::Missing), _) => Wish::Replaced(Refusal::new(
            Code::Replaced,
            format!(
                "it is not the database that was exposed under this name: to expose it too {}",
                match asked {
                    Asked::Nothing => format!("tag it {}", tag::EXPOSE),
                    // They were written for another one.
                    _ => format!("take its tag {} off", tag::STATUS),
                }
            ),
        )),
        (Some(Consent::Switched), Asked::Nothing) => Wish::Switched(database.resource_id.clone()),
        _ => Wish::Tag(asked),
    }
}

/// A network that this deployment does not make must be there before anything is built for it.
fn present(network: &NetworkName, view: View<'_>) -> Result<(), State> {
    let View { observed, settings, items } = view;
    match settings.makes(network) || items.get(&Key::Network(network.clone())).is_some() {
        true => Ok(()),
        false => Err(passage::absent_network(network, observed)),
    }
}

/// Why the database must not be associated: a VPC on the network reaches it another way, and must
/// not lose it to our private DNS.
fn takes_over(network: &NetworkName, provider: &VpcId, view: View<'_>) -> Option<Refusal> {
    let View { observed, items, .. } = view;
    let (_, arn) = items.network(&Key::Network(network.clone()))?;
    let endpoints = observed.ways.iter();
    let mut consumers = endpoints.filter(|it| it.network == *arn && it.life != Life::Leaving);
    consumers.find_map(|consumer| passage::takeover(&consumer.vpc, provider, observed))
}

/// What the database can be exposed on, or why it cannot.
fn placement(database: &Database, view: View<'_>) -> Result<Placement, State> {
    let View { observed, settings, items } = view;
    if let Some(refusal) = unfit(database, view) {
        return Err(State::Refused(refusal));
    }
    let refuse = |code, sentence: &str| Err(State::Refused(Refusal::new(code, sentence)));
    let is_busy = ["creating", "deleting", "delete-precheck", "failed", "restore-error"]
        .contains(&database.status.as_str())
        || database.status.starts_with("incompatible-");
    let Some((_, port)) = database.endpoint.as_ref().filter(|_| !is_busy) else {
        let status = &database.status;
        return Err(State::Waiting(format!("the database to be available: it is {status}")));
    };
    let Some(vpc) = database.vpc.clone() else {
        return refuse(Code::NoVpc, "it lies in no VPC");
    };
    for key in [Key::GatewayGroup(vpc.clone(), 1), Key::Gateway(vpc.clone())] {
        if items.get(&key).is_some_and(|item| item.is_foreign(&key, &settings.deployment)) {
            return Err(State::Refused(foreign(&key, &settings.deployment)));
        }
    }
    let all = [&database.groups, &database.removing, &database.adding];
    if all.iter().all(|groups| groups.is_empty()) {
        return Err(State::Waiting("one of its security groups to be active".to_owned()));
    }
    let Some(group) = group(database, &vpc, *port, view) else {
        return refuse(
            Code::RulesFull,
            "none of its security groups has room for another inbound rule",
        );
    };
    let Some(through) = gateway_group(&vpc, &group, *port, view) else {
        return refuse(
            Code::RulesFull,
            "all gateway groups of its VPC are full: have the quota of rules per security group \
             raised",
        );
    };
    let subnets = subnet::choose(
        observed,
        &vpc,
        SubnetUse::Gateway,
        |subnet: &Subnet| database.subnets.contains(&subnet.id),
        |subnet| subnet.free >= u32::from(settings.addresses_per_interface),
    );
    if subnets.is_empty() && items.get(&Key::Gateway(vpc.clone())).is_none() {
        if let Some(why) = observed.unknown.get(&Listing::Subnets) {
            return Err(State::Waiting(format!("the subnets to be listed: {why}")));
        }
        return refuse(
            Code::NoSubnet,
            "none of its subnets has free addresses for the gateway: tag one of the VPC \
             trellis:subnet=gateway",
        );
    }
    let has_room = |group: &&GroupId| !observed.memory.knows_full(group);
    let next = database.adding.iter().find(has_room).filter(|next| **next != group).cloned();
    Ok(Placement { vpc, group, next, through, port: *port, subnets, held: None })
}

/// Why a database of this kind cannot be exposed, whatever its state.
fn unfit(database: &Database, view: View<'_>) -> Option<Refusal> {
    let View { observed, settings, .. } = view;
    let engine = &database.engine;
    // Where it could not be asked, nothing tells that the tags are its own.
    let is_inherited = || is_inherited(database, observed).unwrap_or(true);
    let (code, sentence) = if !settings.expose_restored && is_inherited() {
        let sentence = "its tags were written for another database: remove the tag trellis:status \
                        to expose this one too";
        (Code::Restored, sentence.to_owned())
    } else if let Some(cluster) = &database.cluster {
        (Code::Member, format!("tag its cluster {cluster} instead of the member"))
    } else if database.kind == DatabaseKind::Cluster {
        (Code::Unsupported, "clusters are not supported yet: tag an RDS instance".to_owned())
    } else if ["neptune", "docdb", "custom-"].iter().any(|other| engine.starts_with(other)) {
        let sentence = format!("VPC Lattice makes no ARN configuration for the engine {engine}");
        (Code::Unsupported, sentence)
    } else if database.is_public {
        let sentence = "it is publicly accessible and VPC Lattice exposes private databases only: \
                        switch public access off";
        (Code::Public, sentence.to_owned())
    } else {
        return None;
    };
    Some(Refusal::new(code, sentence))
}

/// The group that lets the gateway in: the one that already does, else the first that takes
/// another rule. How many it takes is a quota that can be raised, so AWS is asked by trying.
fn group(database: &Database, vpc: &VpcId, port: Port, view: View<'_>) -> Option<GroupId> {
    let View { observed, items, .. } = view;
    let lets_in = |group: &&GroupId| {
        items.get(&Key::DatabaseRule(vpc.clone(), (*group).clone(), port)).is_some()
    };
    let has_room = |group: &&GroupId| !observed.memory.knows_full(group);
    let groups = || database.groups.iter().chain(&database.removing).chain(&database.adding);
    groups().find(lets_in).or_else(|| groups().find(has_room)).cloned()
}

/// The number of the gateway group that lets the gateway out to a database's group, likewise.
fn gateway_group(vpc: &VpcId, group: &GroupId, port: Port, view: View<'_>) -> Option<u8> {
    let View { observed, items, .. } = view;
    let holds = items.group_of_rule(&Key::GatewayRule(vpc.clone(), group.clone(), port));
    let id = |number: &u8| items.group(&Key::GatewayGroup(vpc.clone(), *number));
    let has_room = |number: &u8| id(number).is_none_or(|id| !observed.memory.knows_full(id));
    let lets_out = |number: &u8| holds.is_some() && id(number) == holds;
    (1..=GATEWAY_GROUPS).find(lets_out).or_else(|| (1..=GATEWAY_GROUPS).find(has_room))
}
