//! Service networks: made at once, without a status.
//!
//! A network of another account that is shared into this one through RAM is listed and can be
//! associated, by its ARN only ("Share your VPC Lattice entities"); its owner alone may change it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{conflict, denied, id_in, not_found, within};
use super::kind::Kind;
use super::state::Network;
use super::{listed, new_entity, page, remember};
use crate::kernel::token::once;
use crate::kernel::{Call, Fault, Tags, iso};
use crate::lattice::World;

const KIND: Kind = Kind::Network;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    name: String,
    auth_type: Option<String>,
    sharing_config: Option<Sharing>,
    client_token: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sharing {
    enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct One {
    service_network_identifier: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    service_network_identifier: String,
    auth_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    max_results: Option<String>,
    next_token: Option<String>,
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let token = input.client_token.clone();
    let show = |world: &World, id: &str| world.lattice.networks.get(id).map(created);
    once(world, call, token.as_deref(), show, move |world| make(world, input))
}

fn make(world: &mut World, input: Create) -> Result<(String, Value), Fault> {
    let own = || world.lattice.networks.values().filter(|it| it.entity.owner() == world.account);
    if let Some(other) = own().find(|other| other.name == input.name) {
        let message = format!("a service network named {} exists", input.name);
        return Err(conflict(KIND, &other.entity.id, message));
    }
    within(own().count(), 50, KIND, "L-9CAD07FB")?;
    let entity = new_entity(world, KIND, &input.tags);
    let id = entity.id.clone();
    let network = Network {
        entity,
        name: input.name,
        auth_type: input.auth_type.unwrap_or_else(|| "NONE".to_owned()),
        sharing: input.sharing_config.and_then(|sharing| sharing.enabled).unwrap_or(false),
        policy: None,
    };
    let answer = created(&network);
    world.lattice.networks.insert(id.clone(), network);
    Ok((id, answer))
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find(world, &input.service_network_identifier)?;
    let network = &world.lattice.networks[&id];
    let mut answer = created(network);
    answer["createdAt"] = iso(network.entity.created_at).into();
    answer["lastUpdatedAt"] = iso(network.entity.updated_at).into();
    answer["numberOfAssociatedVPCs"] = vpcs(world, &id).into();
    answer["numberOfAssociatedServices"] = 0.into();
    Ok(answer)
}

pub(super) fn update(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Update = call.input()?;
    let id = find_own(world, &input.service_network_identifier)?;
    let now = world.now();
    let Some(network) = world.lattice.networks.get_mut(&id) else {
        return Err(not_found(KIND, &id));
    };
    network.auth_type = input.auth_type;
    network.entity.updated_at = now;
    let mut answer = created(network);
    answer["sharingConfig"].take();
    Ok(super::without_nulls(answer))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find_own(world, &input.service_network_identifier)?;
    let refuse = |what: &str| {
        Err(conflict(KIND, &id, format!("ServiceNetwork {id} has {what} associated.")))
    };
    if vpcs(world, &id) > 0 {
        return refuse("VPC(s)");
    }
    if world.lattice.resource_associations.values().any(|it| it.network == id) {
        return refuse("resource(s)");
    }
    if super::views::endpoints_of(world, &id).next().is_some() {
        return refuse("VPC endpoint(s)");
    }
    if let Some(network) = world.lattice.networks.remove(&id) {
        remember(world, KIND, row(world, &network));
    }
    Ok(json!({}))
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: List = call.input()?;
    let rows = world.lattice.networks.values().map(|it| (it.entity.created_at, row(world, it)));
    let rows = listed(world, KIND, rows);
    page(world, call, rows, input.max_results.as_deref(), input.next_token.as_deref())
}

/// The id of the network of this identifier: one of another account answers to its ARN only.
pub(super) fn find(world: &World, identifier: &str) -> Result<String, Fault> {
    let id = id_in(KIND, "serviceNetworkIdentifier", identifier)?;
    let found = world.lattice.networks.get(id).filter(|it| {
        it.entity.arn == identifier || (id == identifier && it.entity.owner() == world.account)
    });
    found.map(|it| it.entity.id.clone()).ok_or_else(|| not_found(KIND, identifier))
}

/// The same, where only the owner may.
pub(super) fn find_own(world: &World, identifier: &str) -> Result<String, Fault> {
    let id = find(world, identifier)?;
    if world.lattice.networks[&id].entity.owner() != world.account {
        return Err(denied(format!("{identifier} belongs to another account")));
    }
    Ok(id)
}

/// `id`, `arn` and `name` of a network, as associations and endpoints show them.
pub(super) fn names(world: &World, id: &str) -> (String, String) {
    match world.lattice.networks.get(id) {
        Some(network) => (network.entity.arn.clone(), network.name.clone()),
        None => (id.to_owned(), id.to_owned()),
    }
}

fn vpcs(world: &World, id: &str) -> usize {
    world.lattice.vpc_associations.values().filter(|it| it.network == id).count()
}

fn created(network: &Network) -> Value {
    json!({
        "id": network.entity.id,
        "name": network.name,
        "arn": network.entity.arn,
        "authType": network.auth_type,
        "sharingConfig": {"enabled": network.sharing},
    })
}

fn row(world: &World, network: &Network) -> Value {
    let id = &network.entity.id;
    let resources = world.lattice.resource_associations.values();
    json!({
        "id": id,
        "name": network.name,
        "arn": network.entity.arn,
        "createdAt": iso(network.entity.created_at),
        "lastUpdatedAt": iso(network.entity.updated_at),
        "numberOfAssociatedVPCs": vpcs(world, id),
        "numberOfAssociatedServices": 0,
        "numberOfAssociatedResourceConfigurations":
            resources.filter(|it| it.network == *id && it.parent.is_none()).count(),
    })
}
