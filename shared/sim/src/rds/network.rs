//! Where an instance stands: zone, security groups, and the interface that the endpoint names.

use super::instance::group_of;
use super::state::Instance;
use crate::ec2::interface::{self, Addresses, NewInterface};
use crate::kernel::Fault;
use crate::rds::World;

/// The instance gets a zone of its subnet group (and another for its standby), the groups of its
/// VPC, and an interface. Without a subnet group it is in no VPC and has none of these.
pub(super) fn place(world: &mut World, instance: &mut Instance) -> Result<(), Fault> {
    let Some(group) = group_of(world, instance)? else {
        if instance.zone.is_empty() {
            instance.zone = format!("{}a", world.region);
        }
        return Ok(());
    };
    let vpc = group.vpc.clone();
    let zones: Vec<String> = group.subnets.iter().filter_map(|id| zone_of(world, id)).collect();
    if instance.zone.is_empty() {
        instance.zone = zones.first().cloned().unwrap_or_default();
    }
    if !zones.contains(&instance.zone) {
        return Err(unfit_network(format!("no subnet of the group is in {}", instance.zone)));
    }
    if instance.secondary_zone.is_some() {
        instance.secondary_zone = zones.iter().find(|zone| **zone != instance.zone).cloned();
    }
    if instance.groups.is_empty() {
        let groups = world.ec2.groups.values();
        let default = groups.filter(|it| it.vpc == vpc && it.is_default()).map(|it| it.id.clone());
        instance.groups = default.collect();
    }
    expect_groups(world, &instance.groups, &vpc)?;
    instance.vpc = Some(vpc);
    attach(world, instance)
}

/// The interface of the instance stands in the subnet of its zone.
pub(super) fn attach(world: &mut World, instance: &mut Instance) -> Result<(), Fault> {
    let Some(group) = group_of(world, instance)? else { return Ok(()) };
    let subnets = &group.subnets;
    let subnet = subnets.iter().find(|id| zone_of(world, id).as_ref() == Some(&instance.zone));
    let Some(subnet) = subnet.cloned() else { return Ok(()) };
    let new = NewInterface {
        subnet: &subnet,
        groups: &instance.groups,
        addresses: Addresses::Single(1),
        description: "RDSNetworkInterface",
        kind: "interface",
        requester: Some("amazon-rds"),
    };
    let attached = interface::attach(world, &new).map_err(|fault| unfit_network(fault.message))?;
    instance.interface = Some(attached);
    Ok(())
}

/// The interface is gone.
pub(super) fn detach(world: &mut World, instance: &mut Instance) {
    if let Some(id) = instance.interface.take() {
        interface::detach(world, &id);
    }
}

/// The groups are there, and in this VPC.
pub(super) fn expect_groups(world: &World, groups: &[String], vpc: &str) -> Result<(), Fault> {
    for id in groups {
        if world.ec2.groups.get(id).is_none_or(|group| group.vpc != vpc) {
            let message = format!("Invalid security group, groupId={id}, for VPC {vpc}.");
            return Err(Fault::new("InvalidParameterValue", 400, message));
        }
    }
    Ok(())
}

fn zone_of(world: &World, subnet: &str) -> Option<String> {
    world.ec2.subnets.get(subnet).map(|subnet| subnet.zone.clone())
}

fn unfit_network(message: String) -> Fault {
    Fault::new("InvalidVPCNetworkStateFault", 400, message)
}
