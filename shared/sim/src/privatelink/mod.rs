//! AWS PrivateLink: how VPC endpoints come, follow what VPC Lattice carries, and go.
//!
//! The endpoints themselves, and what EC2 shows of them, are in `ec2::endpoint`. One for a service
//! network takes a contiguous /28 in each of its subnets, and in [`follow`] an address more for
//! every resource of the network.

mod beside;
mod change;
mod create;
mod follow;

use serde_json::Value;

pub(crate) use follow::network_changed;

use crate::kernel::{Call, Fault};
use crate::lattice::World;

/// Answers one call to EC2, if it makes, changes or removes endpoints.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Result<Value, Fault>> {
    Some(match call.action.as_str() {
        "CreateVpcEndpoint" => create::create(world, call),
        "ModifyVpcEndpoint" => change::modify(world, call),
        "DeleteVpcEndpoints" => change::delete(world, call),
        _ => return None,
    })
}

/// A due moment of the thing with this id has come. Returns whether it is an endpoint.
pub(crate) fn ripen(world: &mut World, id: &str) -> bool {
    let is_endpoint = id.starts_with("vpce-");
    if is_endpoint {
        change::ripen(world, id);
    }
    is_endpoint
}
