//! What happens to an endpoint after its creation: it ripens, its groups change, it goes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::follow;
use crate::ec2::endpoint::{Endpoint, EndpointState, Target, find};
use crate::ec2::{Described, interface, tag};
use crate::kernel::{Call, Fault, Service};
use crate::lattice::World;

/// The endpoint's due moment has come.
pub(crate) fn ripen(world: &mut World, id: &str) {
    let now = world.now();
    let Some(endpoint) = world.ec2.endpoints.get(id) else { return };
    if endpoint.due_at > now {
        return;
    }
    match endpoint.state {
        EndpointState::Pending if endpoint.failure.is_some() => {
            follow::reaches_nothing(world, id);
            leave_subnets(world, id);
            turn(world, id, EndpointState::Failed);
        }
        EndpointState::Pending => {
            let chance = world.switches.chances.partial_endpoint;
            let is_partial = world.happens(chance);
            turn(
                world,
                id,
                if is_partial { EndpointState::Partial } else { EndpointState::Available },
            );
            if is_partial {
                due_after(world, id, world.switches.durations.endpoint);
            }
            follow::reaches_its_target(world, id);
        }
        EndpointState::Partial => turn(world, id, EndpointState::Available),
        EndpointState::Deleting => {
            let vpc = endpoint.vpc.clone();
            follow::reaches_nothing(world, id);
            leave_subnets(world, id);
            turn(world, id, EndpointState::Deleted);
            due_after(world, id, world.switches.durations.deleted_endpoint_listed);
            follow::names_are_free(world, &vpc);
        }
        EndpointState::Deleted => {
            world.ec2.endpoints.remove(id);
        }
        EndpointState::Available | EndpointState::Failed | EndpointState::Rejected => {}
    }
}

fn turn(world: &mut World, id: &str, state: EndpointState) {
    if let Some(endpoint) = world.ec2.endpoints.get_mut(id) {
        endpoint.state = state;
    }
}

fn due_after(world: &mut World, id: &str, delay: jiff::SignedDuration) {
    let due_at = world.ripens(Service::Ec2, id, delay);
    if let Some(endpoint) = world.ec2.endpoints.get_mut(id) {
        endpoint.due_at = due_at;
    }
}

fn leave_subnets(world: &mut World, id: &str) {
    let Some(endpoint) = world.ec2.endpoints.get_mut(id) else { return };
    for interface in std::mem::take(&mut endpoint.interfaces) {
        interface::leave(world, &interface);
    }
}

impl World {
    /// A part of the endpoint stops working, until [`World::endpoint_heals`]. Returns whether there
    /// is such an endpoint and it was of use.
    pub fn endpoint_turns_partial(&mut self, id: &str) -> bool {
        match self.ec2.endpoints.get_mut(id).filter(|endpoint| endpoint.state.works()) {
            Some(endpoint) => {
                endpoint.state = EndpointState::Partial;
                endpoint.due_at = jiff::Timestamp::MAX;
            }
            None => return false,
        }
        true
    }

    /// All of the endpoint works again. Returns whether there is such an endpoint.
    pub fn endpoint_heals(&mut self, id: &str) -> bool {
        match self.ec2.endpoints.get_mut(id).filter(|endpoint| endpoint.state.works()) {
            Some(endpoint) => endpoint.state = EndpointState::Available,
            None => return false,
        }
        true
    }

    /// Whoever owns the network or configuration rejects the endpoint, which carries nothing from
    /// now on. Returns whether there is such an endpoint.
    pub fn endpoint_is_rejected(&mut self, id: &str) -> bool {
        match self.ec2.endpoints.get_mut(id).filter(|endpoint| endpoint.is_here()) {
            Some(endpoint) => endpoint.state = EndpointState::Rejected,
            None => return false,
        }
        follow::reaches_nothing(self, id);
        true
    }

    /// The endpoint breaks: one on its way turns `failed` at the end of it, any other at once.
    /// Returns whether there is such an endpoint.
    pub fn endpoint_fails(&mut self, id: &str, reason: &str) -> bool {
        let Some(endpoint) = self.ec2.endpoints.get_mut(id) else { return false };
        endpoint.failure = Some(reason.to_owned());
        if endpoint.state.works() {
            endpoint.state = EndpointState::Failed;
        }
        true
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Modify {
    vpc_endpoint_id: String,
    #[serde(default, rename = "AddSecurityGroupId")]
    add: Vec<String>,
    #[serde(default, rename = "RemoveSecurityGroupId")]
    remove: Vec<String>,
    #[serde(default, rename = "AddSubnetId")]
    add_subnets: Vec<String>,
    #[serde(default, rename = "RemoveSubnetId")]
    remove_subnets: Vec<String>,
    #[serde(default)]
    private_dns_enabled: Option<Value>,
    #[serde(default)]
    dns_options: Option<Value>,
    #[serde(default)]
    policy_document: Option<String>,
}

/// `ModifyVpcEndpoint`. The shape has more members than an endpoint lets be modified: "After
/// creation only security groups and tags can be modified" (AWS PrivateLink Guide, "Access a
/// service network through a service-network endpoint").
pub(crate) fn modify(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Modify = call.input()?;
    let endpoint = find(world, &input.vpc_endpoint_id)?;
    let is_more = !input.add_subnets.is_empty()
        || !input.remove_subnets.is_empty()
        || input.private_dns_enabled.is_some()
        || input.dns_options.is_some()
        || input.policy_document.is_some();
    if is_more || matches!(endpoint.target, Target::Gateway(_)) {
        let message = format!(
            "Only the security groups of an endpoint of type {} can be modified.",
            endpoint.target.kind()
        );
        return Err(Fault::new("InvalidParameter", 400, message));
    }
    if !endpoint.state.works() {
        let message = format!(
            "VPC endpoint '{}' cannot be modified while it is {}.",
            endpoint.id,
            endpoint.state.wire()
        );
        return Err(Fault::new("IncorrectState", 400, message));
    }
    let groups = changed_groups(endpoint, &input);
    if groups.is_empty() {
        let message = "An endpoint must have at least one security group.";
        return Err(Fault::new("InvalidParameter", 400, message));
    }
    for interface in endpoint.interfaces.clone() {
        interface::set_groups(world, &interface, &groups)?;
    }
    if let Some(endpoint) = world.ec2.endpoints.get_mut(&input.vpc_endpoint_id) {
        endpoint.groups = groups;
    }
    Ok(json!({"return": true}))
}

fn changed_groups(endpoint: &Endpoint, input: &Modify) -> Vec<String> {
    let mut groups = endpoint.groups.clone();
    groups.retain(|group| !input.remove.contains(group));
    for group in &input.add {
        if !groups.contains(group) {
            groups.push(group.clone());
        }
    }
    groups
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    #[serde(rename = "VpcEndpointId")]
    endpoints: Vec<String>,
}

/// `DeleteVpcEndpoints`: succeeds also where it fails, and says so in `unsuccessful`.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Delete = call.input()?;
    let mut unsuccessful = Vec::new();
    for id in &input.endpoints {
        match find(world, id) {
            Ok(endpoint) => begin_delete(world, &endpoint.clone()),
            Err(_) => {
                let fault = Endpoint::not_found(id);
                unsuccessful.push(json!({
                    "resourceId": id,
                    "error": {"code": "InvalidVpcEndpoint.NotFound", "message": fault.message},
                }));
            }
        }
    }
    Ok(json!({"unsuccessful": {"item": unsuccessful}}))
}

fn begin_delete(world: &mut World, endpoint: &Endpoint) {
    if endpoint.state == EndpointState::Deleting {
        return;
    }
    turn(world, &endpoint.id, EndpointState::Deleting);
    due_after(world, &endpoint.id, world.switches.durations.endpoint);
    tag::deleted(world, "vpc-endpoint", &endpoint.id, &endpoint.tags);
}
