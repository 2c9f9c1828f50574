//! Exposures: how each pair of database and network stands, before anything is planned.

use std::collections::{BTreeMap, BTreeSet};

use crate::claim::{Asker, Stance, claims};
use crate::grace::{self, Cause, Verdict};
use crate::id::{DatabaseArn, GroupId, NetworkName, Port, SubnetId, VpcId};
use crate::item::Items;
use crate::key::Key;
use crate::observed::{Database, DatabaseKind, Direction, Observed, Subnet};
use crate::refusal::{Code, Refusal};
use crate::report::{self, State};
use crate::settings::Settings;
use crate::step::{Evidence, foreign};
use crate::subnet;
use crate::tag::{self, Place, Tags};

/// Inbound rules that a security group holds by default (Amazon VPC quotas).
const RULES_PER_GROUP: usize = 60;

/// A database and a network, and how they stand.
pub(super) struct Exposure<'a> {
    pub(super) arn: DatabaseArn,
    /// `None`: the database is gone.
    pub(super) database: Option<&'a Database>,
    /// `None`: what is said concerns the database as a whole.
    pub(super) network: Option<NetworkName>,
    pub(super) stance: Stance<Ground>,
}

/// What an exposure stands on in its VPC.
#[derive(Clone)]
pub(super) struct Ground {
    pub(super) vpc: VpcId,
    /// The database's group that lets the gateway in.
    pub(super) group: GroupId,
    pub(super) port: Port,
    /// Where a gateway would get its interfaces.
    pub(super) subnets: BTreeSet<SubnetId>,
}

/// Every exposure that is asked for or there.
pub(super) fn exposures<'a>(
    observed: &'a Observed,
    settings: &Settings,
    items: &Items,
) -> Vec<Exposure<'a>> {
    let mut there: BTreeMap<&DatabaseArn, BTreeMap<NetworkName, Tags>> = BTreeMap::new();
    for key in items.keys() {
        if let Key::Association(database, network) = key {
            let tags = known_tags(key, items);
            there.entry(database).or_default().insert(network.clone(), tags);
        }
    }
    let askers = observed.databases.iter().map(|database| Asker {
        subject: database,
        asked: Ok(tag::asked(&database.tags, tag::EXPOSE)),
        has: there.remove(&database.arn).unwrap_or_default(),
    });
    let askers = askers.collect();
    let claims = claims(askers, tag::EXPOSE, observed.at, settings, |database, network| {
        present(network, settings, items)?;
        ground(database, observed, settings, items)
    });
    let exposures = claims.into_iter().map(|claim| Exposure {
        arn: claim.subject.arn.clone(),
        database: Some(claim.subject),
        network: claim.network,
        stance: claim.stance,
    });
    let gone = there.into_iter().flat_map(|(arn, networks)| {
        networks.into_iter().map(|(network, tags)| gone(arn, network, &tags, observed))
    });
    exposures.chain(gone).collect()
}

/// An exposure whose database is gone.
fn gone<'a>(
    arn: &DatabaseArn,
    network: NetworkName,
    tags: &Tags,
    observed: &Observed,
) -> Exposure<'a> {
    let stance = match grace::verdict(tags, observed.at, grace::CONFIRMATION, Cause::Gone) {
        Verdict::Now => Stance::Withdrawn,
        Verdict::Until(deadline) => Stance::Kept(
            State::Waiting(format!("the database to return or its withdrawal after {deadline}")),
            Some(deadline),
        ),
    };
    Exposure { arn: arn.clone(), database: None, network: Some(network), stance }
}

/// A network that this deployment does not make must be there before anything is built for it.
fn present(network: &NetworkName, settings: &Settings, items: &Items) -> Result<(), State> {
    match settings.create_networks || items.get(&Key::Network(network.clone())).is_some() {
        true => Ok(()),
        false => Err(State::Waiting(format!(
            "the service network {network}: this deployment makes none, so make it or share it \
             with this account"
        ))),
    }
}

/// What the database can be exposed on, or why it cannot.
fn ground(
    database: &Database,
    observed: &Observed,
    settings: &Settings,
    items: &Items,
) -> Result<Ground, State> {
    if let Some(refusal) = unfit(database, observed, settings) {
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
    for key in [Key::GatewayGroup(vpc.clone()), Key::Gateway(vpc.clone())] {
        if items.get(&key).is_some_and(|item| item.is_foreign(&key, &settings.deployment)) {
            return Err(State::Refused(foreign(&key, &settings.deployment)));
        }
    }
    if database.groups.is_empty() {
        return Err(State::Waiting("one of its security groups to be active".to_owned()));
    }
    let Some(group) = group(database, &vpc, *port, observed, items) else {
        return refuse(
            Code::RulesFull,
            "none of its security groups has room for another inbound rule",
        );
    };
    let subnets = subnet::choose(
        observed,
        &vpc,
        Place::Gateway,
        |subnet: &Subnet| database.subnets.contains(&subnet.id),
        |subnet| subnet.free >= u32::from(settings.addresses_per_interface),
    );
    if subnets.is_empty() && items.get(&Key::Gateway(vpc.clone())).is_none() {
        return refuse(
            Code::NoSubnet,
            "none of its subnets has free addresses for the gateway: tag one of the VPC \
             trellis:subnet=gateway",
        );
    }
    Ok(Ground { vpc, group, port: *port, subnets })
}

/// Why a database of this kind cannot be exposed, whatever its state.
fn unfit(database: &Database, observed: &Observed, settings: &Settings) -> Option<Refusal> {
    let engine = &database.engine;
    let (code, sentence) = if !settings.expose_restored && is_inherited(database, observed) {
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

/// The tags of what carries a claim, as far as they are known, of either side.
pub(crate) fn known_tags(key: &Key, items: &Items) -> Tags {
    match items.get(key).map(|item| &item.evidence) {
        Some(Evidence::Tags(tags)) => tags.clone(),
        _ => Tags::new(),
    }
}

/// Whether the tags were written for another database, by the name and resource id in the status.
///
/// | its name | its id | another has the name | what it is                                     |
/// |----------|--------|----------------------|------------------------------------------------|
/// | yes      | either | -                    | itself, restored in its place, switched over to |
/// | no       | yes    | no                   | renamed                                        |
/// | no       | yes    | yes                  | inherited: the old one after a switchover      |
/// | no       | no     | either               | inherited: a copy, a green one                 |
fn is_inherited(database: &Database, observed: &Observed) -> bool {
    let Some((name, id)) = report::written_for(&database.tags) else { return false };
    let has_name = |other: &Database| other.kind == database.kind && other.arn.identifier() == name;
    !has_name(database)
        && (id != database.resource_id.as_str() || observed.databases.iter().any(has_name))
}

/// The group that lets the gateway in: the one that already does, else the first with room.
fn group(
    database: &Database,
    vpc: &VpcId,
    port: Port,
    observed: &Observed,
    items: &Items,
) -> Option<GroupId> {
    let lets_in = |group: &&GroupId| {
        items.get(&Key::DatabaseRule(vpc.clone(), (*group).clone(), port)).is_some()
    };
    let has_room = |group: &&GroupId| {
        let rules = observed
            .rules
            .iter()
            .filter(|rule| rule.group == **group && rule.direction == Direction::Ingress);
        rules.count() < RULES_PER_GROUP
    };
    let groups = &database.groups;
    groups.iter().find(lets_in).or_else(|| groups.iter().find(has_room)).cloned()
}
