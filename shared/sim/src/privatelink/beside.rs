//! What a new endpoint may not stand beside: too many others, or one for the same names.

use super::follow;
use crate::ec2::endpoint::{Endpoint, Target};
use crate::kernel::Fault;
use crate::kernel::switches::SecondEndpoint;
use crate::lattice::World;

/// There is room for one more in the VPC and on the service network.
pub(super) fn check_limits(world: &World, vpc: &str, target: &Target) -> Result<(), Fault> {
    let Target::ServiceNetwork(arn) = target else { return Ok(()) };
    let all = || {
        let endpoints = world.ec2.endpoints.values();
        endpoints.filter(|endpoint| endpoint.is_here() && endpoint.network().is_some())
    };
    let quotas = &world.switches.quotas;
    let in_vpc = all().filter(|endpoint| endpoint.vpc == vpc).count();
    let on_network = all().filter(|endpoint| endpoint.network() == Some(arn)).count();
    if in_vpc >= quotas.endpoints_per_vpc || on_network >= quotas.endpoints_per_network {
        let message = "The maximum number of VPC endpoints has been reached.";
        return Err(Fault::new("VpcEndpointLimitExceeded", 400, message));
    }
    Ok(())
}

/// Endpoints in the VPC that lead to the same, or resolve the same names. Returns why the new
/// one will fail, if it is created all the same.
pub(super) fn check(world: &World, vpc: &str, target: &Target) -> Result<Option<String>, Fault> {
    let beside: Vec<&Endpoint> = world
        .ec2
        .endpoints
        .values()
        .filter(|endpoint| endpoint.is_here() && endpoint.vpc == vpc)
        .collect();
    let conflict = |name: &str| {
        format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain \
             for {name} in the VPC {vpc}"
        )
    };
    if target.network_arn().is_some() && beside.iter().any(|other| other.target == *target) {
        let message = conflict(target.network_arn().unwrap_or_default());
        return match world.switches.second_endpoint {
            SecondEndpoint::Refused => Err(Fault::new("InvalidParameter", 400, message)),
            SecondEndpoint::Fails => Ok(Some(message)),
            SecondEndpoint::Works => Ok(None),
        };
    }
    let names = follow::private_names(world, target, vpc);
    let taken = beside
        .iter()
        .filter(|other| other.target != *target)
        .flat_map(|other| other.links.values())
        .filter_map(|link| link.private_name.as_ref().filter(|_| link.failure.is_none()))
        .find(|name| names.contains(*name));
    match taken {
        Some(name) => Err(Fault::new("InvalidParameter", 400, conflict(name))),
        None => Ok(None),
    }
}
