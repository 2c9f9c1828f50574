//! Network interfaces: what stands in a subnet with addresses and groups.
//!
//! Every service that puts something into a VPC does it through here: so subnets really run out
//! of addresses, and a group in use cannot be deleted.

mod view;

use std::net::Ipv4Addr;

use derive_more::{Deref, DerefMut};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::Described;
use super::tag::{self, TagSpecification};
use super::{group, subnet};
use crate::ec2::{Head, World};
use crate::kernel::token::once;
use crate::kernel::{Call, Fault, Service, Tags};
pub(crate) use view::describe;

/// A network interface.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct Interface {
    #[deref]
    #[deref_mut]
    head: Head,
    pub(crate) subnet: String,
    pub(crate) vpc: String,
    pub(crate) groups: Vec<String>,
    /// The first is the primary one.
    pub(crate) addresses: Vec<Ipv4Addr>,
    pub(crate) description: String,
    /// EC2's `interfaceType`: `interface`, `vpc_endpoint`, `vpc_lattice` …
    pub(crate) kind: String,
    /// The service that manages it, such as `amazon-rds`; `None` for a customer's own.
    pub(crate) requester: Option<String>,
}

/// What a new interface asks of its subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// This many, wherever they are free.
    Single(usize),
    /// A free, aligned /28.
    Block,
}

/// What an interface is made of.
#[derive(Clone, Debug)]
pub(crate) struct NewInterface<'a> {
    pub(crate) subnet: &'a str,
    pub(crate) groups: &'a [String],
    pub(crate) addresses: Addresses,
    pub(crate) description: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) requester: Option<&'a str>,
}

/// A new interface stands in the subnet. Returns its id.
///
/// Refused when the subnet or a group is not there, or the subnet has too few free addresses.
pub(crate) fn attach(world: &mut World, new: &NewInterface) -> Result<String, Fault> {
    let vpc = subnet::find(world, new.subnet)?.vpc.clone();
    for id in new.groups {
        group::find_in(world, id, &vpc)?;
    }
    check_groups(world, new.groups)?;
    if world.ec2.interfaces.len() >= world.switches.quotas.interfaces {
        let message = "The maximum number of network interfaces has been reached.";
        return Err(Fault::new("NetworkInterfaceLimitExceeded", 400, message));
    }
    let subnet = subnet::find_mut(world, new.subnet)?;
    let addresses = match new.addresses {
        Addresses::Single(count) => subnet.take(count)?,
        Addresses::Block => subnet.take_block()?,
    };
    let id = world.new_id("eni", 17);
    // Not listed before it counts as created.
    let later = world.switches.durations.interface;
    let later = if new.requester.is_some() { world.about(later) } else { SignedDuration::ZERO };
    let interface = Interface {
        head: Head { id: id.clone(), created: world.now() + later, tags: Tags::new() },
        subnet: new.subnet.to_owned(),
        vpc,
        groups: new.groups.to_vec(),
        addresses,
        description: new.description.to_owned(),
        kind: new.kind.to_owned(),
        requester: new.requester.map(str::to_owned),
    };
    world.ec2.interfaces.insert(id.clone(), interface);
    Ok(id)
}

/// The interface is gone and its addresses are free again.
pub(crate) fn detach(world: &mut World, id: &str) {
    let Some(interface) = world.ec2.interfaces.get(id).cloned() else { return };
    world.ec2.interfaces.remove_at(world.now(), id);
    if let Some(subnet) = world.ec2.subnets.get_mut(&interface.subnet) {
        interface.addresses.iter().for_each(|address| subnet.release(*address));
    }
}

/// What the interface was there for is gone: it follows, at once or later. Until then it keeps its
/// addresses and groups.
pub(crate) fn leave(world: &mut World, id: &str) {
    let later = world.switches.durations.interface;
    match later.is_zero() {
        true => detach(world, id),
        false => drop(world.ripens(Service::Ec2, id, later)),
    }
}

/// The interface has one more address.
pub(crate) fn add_address(world: &mut World, id: &str) -> Result<Ipv4Addr, Fault> {
    let subnet = find(world, id)?.subnet.clone();
    let address = subnet::find_mut(world, &subnet)?.take(1)?[0];
    find_mut(world, id)?.addresses.push(address);
    Ok(address)
}

/// The interface has this address no longer.
pub(crate) fn remove_address(world: &mut World, id: &str, address: Ipv4Addr) {
    let Some(interface) = world.ec2.interfaces.get_mut(id) else { return };
    interface.addresses.retain(|other| *other != address);
    if let Some(subnet) = world.ec2.subnets.get_mut(&interface.subnet) {
        subnet.release(address);
    }
}

/// The interface has these groups and no others.
pub(crate) fn set_groups(world: &mut World, id: &str, groups: &[String]) -> Result<(), Fault> {
    let vpc = find(world, id)?.vpc.clone();
    for group in groups {
        group::find_in(world, group, &vpc)?;
    }
    check_groups(world, groups)?;
    find_mut(world, id)?.groups = groups.to_vec();
    Ok(())
}

/// An interface may not have more groups than this.
pub(crate) fn check_groups(world: &World, groups: &[String]) -> Result<(), Fault> {
    if groups.len() > world.switches.quotas.groups_per_interface {
        let message = "The maximum number of security groups per interface has been reached.";
        return Err(Fault::new("SecurityGroupsPerInterfaceLimitExceeded", 400, message));
    }
    Ok(())
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a Interface, Fault> {
    world.ec2.interfaces.get(id).ok_or_else(|| Interface::not_found(id))
}

fn find_mut<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Interface, Fault> {
    world.ec2.interfaces.get_mut(id).ok_or_else(|| Interface::not_found(id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Create {
    subnet_id: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, rename = "SecurityGroupId")]
    groups: Vec<String>,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default, rename = "TagSpecification")]
    tags: Vec<TagSpecification>,
}

/// `CreateNetworkInterface`.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let answer = |world: &World, id: &str| {
        let interface = world.ec2.interfaces.get(id)?;
        Some(json!({
            "networkInterface": interface.show(world),
            "clientToken": input.client_token,
        }))
    };
    once(world, call, input.client_token.as_deref(), answer, |world| {
        let tags = tag::on_create(&input.tags, "network-interface")?;
        let vpc = subnet::find(world, &input.subnet_id)?.vpc.clone();
        let mut groups = input.groups.clone();
        if groups.is_empty() {
            groups.extend(group::default_of(world, &vpc).map(|group| group.id.clone()));
        }
        let id = attach(
            world,
            &NewInterface {
                subnet: &input.subnet_id,
                groups: &groups,
                addresses: Addresses::Single(1),
                description: input.description.as_deref().unwrap_or_default(),
                kind: "interface",
                requester: None,
            },
        )?;
        find_mut(world, &id)?.tags = tags.clone();
        tag::created(world, "network-interface", &id, &tags);
        let answer = answer(world, &id).unwrap_or_default();
        Ok((id, answer))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Modify {
    network_interface_id: String,
    #[serde(rename = "SecurityGroupId")]
    groups: Vec<String>,
}

/// `ModifyNetworkInterfaceAttribute`: the groups, of those that are a customer's own.
pub(crate) fn modify(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Modify = call.input()?;
    let id = &input.network_interface_id;
    if find(world, id)?.requester.is_some() {
        let message = format!("You do not have permission to access the resource: {id}");
        return Err(Fault::new("AuthFailure", 400, message));
    }
    set_groups(world, id, &input.groups)?;
    Ok(json!({"return": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Delete {
    network_interface_id: String,
}

/// `DeleteNetworkInterface`: not those that a service manages.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Delete = call.input()?;
    if find(world, &input.network_interface_id)?.requester.is_some() {
        let message =
            format!("Network interface '{}' is currently in use.", input.network_interface_id);
        return Err(Fault::new("InvalidParameterValue", 400, message));
    }
    detach(world, &input.network_interface_id);
    Ok(json!({"return": true}))
}
