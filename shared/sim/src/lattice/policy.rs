//! Auth policies of service networks.
//!
//! They decide over requests to services, not over connections to resources such as databases
//! (Amazon VPC Lattice User Guide, "Auth policies"): here they are kept, and do nothing.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::network;
use super::state::Network;
use crate::kernel::{Call, Fault, iso};
use crate::lattice::World;

/// An auth policy.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    text: String,
    created: Timestamp,
    updated: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Put {
    resource_identifier: String,
    policy: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct One {
    resource_identifier: String,
}

pub(super) fn put(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Put = call.input()?;
    let now = world.now();
    let network = own(world, &input.resource_identifier)?;
    let created = network.policy.as_ref().map_or(now, |policy| policy.created);
    network.policy = Some(Policy { text: input.policy.clone(), created, updated: now });
    Ok(json!({"policy": input.policy, "state": state(network)}))
}

/// A network without a policy answers without one.
pub(super) fn get(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let network = own(world, &input.resource_identifier)?;
    let Some(policy) = &network.policy else { return Ok(json!({})) };
    Ok(json!({
        "policy": policy.text,
        "state": state(network),
        "createdAt": iso(policy.created),
        "lastUpdatedAt": iso(policy.updated),
    }))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    own(world, &input.resource_identifier)?.policy = None;
    Ok(json!({}))
}

/// A policy decides only where IAM does.
fn state(network: &Network) -> &'static str {
    if network.auth_type == "AWS_IAM" { "Active" } else { "Inactive" }
}

fn own<'a>(world: &'a mut World, identifier: &str) -> Result<&'a mut Network, Fault> {
    let id = network::find_own(world, identifier)?;
    let fault = super::check::not_found(super::kind::Kind::Network, identifier);
    world.lattice.networks.get_mut(&id).ok_or(fault)
}
