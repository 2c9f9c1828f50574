//! Resource gateways: where traffic leaves VPC Lattice into a provider VPC.
//!
//! A gateway takes addresses in its subnets when it is created. When a subnet has no room the
//! create call succeeds all the same, and the gateway turns `CREATE_FAILED`; the API has no
//! member for the reason.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{absent, conflict, id_in, invalid, not_found, within};
use super::kind::{Kind, Status};
use super::state::Gateway;
use super::{begin, expect_free, give_up, listed, new_entity, page, remember, settle};
use crate::ec2::interface::{self, Addresses, NewInterface};
use crate::ec2::zone::WITHOUT_LATTICE;
use crate::kernel::switches::GatewayAddresses;
use crate::kernel::token::once;
use crate::kernel::{Call, Fault, Tags, iso};
use crate::lattice::World;

const KIND: Kind = Kind::Gateway;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    name: String,
    vpc_identifier: String,
    subnet_ids: Vec<String>,
    #[serde(default)]
    security_group_ids: Vec<String>,
    ip_address_type: Option<String>,
    ipv4_addresses_per_eni: Option<u32>,
    resource_config_dns_resolution: Option<String>,
    client_token: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct One {
    resource_gateway_identifier: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    resource_gateway_identifier: String,
    security_group_ids: Option<Vec<String>>,
    resource_config_dns_resolution: Option<String>,
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
    let show = |world: &World, id: &str| world.lattice.gateways.get(id).map(created);
    once(world, call, token.as_deref(), show, move |world| make(world, input))
}

fn make(world: &mut World, input: Create) -> Result<(String, Value), Fault> {
    expect_network(world, &input)?;
    let gateways = &world.lattice.gateways;
    if let Some(other) = gateways.values().find(|other| other.name == input.name) {
        let message = format!("a resource gateway named {} exists", input.name);
        return Err(conflict(KIND, &other.entity.id, message));
    }
    let in_vpc = gateways.values().filter(|other| other.vpc == input.vpc_identifier).count();
    within(in_vpc, 500, KIND, "L-0DCA4434")?;
    let entity = new_entity(world, KIND, &input.tags);
    let id = entity.id.clone();
    let gateway = Gateway {
        entity,
        name: input.name,
        vpc: input.vpc_identifier,
        subnets: input.subnet_ids,
        groups: input.security_group_ids,
        ip_address_type: input.ip_address_type.unwrap_or_else(|| "IPV4".to_owned()),
        addresses_per_eni: input.ipv4_addresses_per_eni.unwrap_or(16),
        dns_resolution: input.resource_config_dns_resolution.unwrap_or_else(|| "PUBLIC".to_owned()),
        managed_by: None,
        interfaces: Vec::new(),
    };
    world.holds(&id, &gateway.groups);
    world.lattice.gateways.insert(id.clone(), gateway);
    take_interfaces(world, &id);
    begin(world, &id, Status::CreateInProgress, world.switches.durations.gateway);
    let answer = created(&world.lattice.gateways[&id]);
    Ok((id, answer))
}

/// The VPC is there, the subnets and groups are in it, the subnets in zones of their own.
fn expect_network(world: &World, input: &Create) -> Result<(), Fault> {
    let vpc = &input.vpc_identifier;
    if !world.ec2.vpcs.contains_key(vpc) {
        return Err(absent("VPC", vpc));
    }
    let mut zones = Vec::new();
    for id in &input.subnet_ids {
        let subnet = world.ec2.subnets.get(id).ok_or_else(|| absent("SUBNET", id))?;
        if subnet.vpc != *vpc {
            return Err(invalid("subnetIds", &format!("{id} is not in {vpc}")));
        }
        if WITHOUT_LATTICE.contains(&subnet.zone_id.as_str()) {
            let message = format!("VPC Lattice is not available in {}", subnet.zone_id);
            return Err(invalid("subnetIds", &message));
        }
        if zones.contains(&&subnet.zone) {
            return Err(invalid("subnetIds", "at most one subnet per Availability Zone"));
        }
        zones.push(&subnet.zone);
    }
    super::expect_groups(world, &input.security_group_ids, vpc)
}

/// Interfaces in every subnet or in none: then the gateway has no interface and will fail.
fn take_interfaces(world: &mut World, id: &str) {
    let Some(gateway) = world.lattice.gateways.get(id).cloned() else { return };
    let addresses = match world.switches.gateway_addresses {
        GatewayAddresses::Single => Addresses::Single(gateway.addresses_per_eni as usize),
        GatewayAddresses::Block => Addresses::Block,
    };
    let mut taken = Vec::new();
    for subnet in &gateway.subnets {
        let new = NewInterface {
            subnet,
            groups: &gateway.groups,
            addresses,
            description: &format!("VPC Lattice resource gateway {id}"),
            kind: "vpc_lattice",
            requester: Some("vpc-lattice"),
        };
        match interface::attach(world, &new) {
            Ok(interface) => taken.push(interface),
            Err(_) => {
                taken.drain(..).for_each(|interface| interface::detach(world, &interface));
                break;
            }
        }
    }
    if let Some(gateway) = world.lattice.gateways.get_mut(id) {
        gateway.interfaces = taken;
    }
}

fn free_interfaces(world: &mut World, id: &str) {
    let Some(gateway) = world.lattice.gateways.get_mut(id) else { return };
    let interfaces = std::mem::take(&mut gateway.interfaces);
    interfaces.iter().for_each(|interface| interface::leave(world, interface));
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find(world, &input.resource_gateway_identifier)?;
    let gateway = &world.lattice.gateways[&id];
    let mut answer = created(gateway);
    answer["vpcId"] = answer["vpcIdentifier"].take();
    answer["serviceManaged"] = gateway.managed_by.is_some().into();
    answer["managedBy"] = gateway.managed_by.clone().into();
    answer["createdAt"] = iso(gateway.entity.created_at).into();
    answer["lastUpdatedAt"] = iso(gateway.entity.updated_at).into();
    Ok(super::without_nulls(answer))
}

pub(super) fn update(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Update = call.input()?;
    let id = find(world, &input.resource_gateway_identifier)?;
    expect_changeable(world, &id)?;
    let vpc = world.lattice.gateways[&id].vpc.clone();
    super::expect_groups(world, input.security_group_ids.as_deref().unwrap_or_default(), &vpc)?;
    if let Some(groups) = &input.security_group_ids {
        world.holds(&id, groups);
    }
    if let Some(gateway) = world.lattice.gateways.get_mut(&id) {
        if let Some(groups) = input.security_group_ids {
            gateway.groups = groups;
        }
        if let Some(dns) = input.resource_config_dns_resolution {
            gateway.dns_resolution = dns;
        }
    }
    begin(world, &id, Status::UpdateInProgress, world.switches.durations.gateway);
    let mut answer = created(&world.lattice.gateways[&id]);
    answer["vpcId"] = answer["vpcIdentifier"].take();
    answer["ipv4AddressesPerEni"].take();
    Ok(super::without_nulls(answer))
}

fn expect_changeable(world: &World, id: &str) -> Result<(), Fault> {
    expect_free(world, KIND, id)?;
    let gateway = &world.lattice.gateways[id];
    if gateway.managed_by.is_some() {
        return Err(super::denied(format!("{id} is managed by an AWS service")));
    }
    if matches!(gateway.entity.status, Status::CreateFailed | Status::DeleteFailed) {
        return Err(conflict(KIND, id, format!("{id} has failed and can only be deleted")));
    }
    Ok(())
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find(world, &input.resource_gateway_identifier)?;
    if world.lattice.gateways[&id].managed_by.is_some() {
        return Err(super::denied(format!("{id} is managed by an AWS service")));
    }
    expect_free(world, KIND, &id)?;
    if world.lattice.configurations.values().any(|configuration| configuration.gateway == id) {
        return Err(conflict(KIND, &id, format!("{id} has resource configurations")));
    }
    begin(world, &id, Status::DeleteInProgress, world.switches.durations.gateway);
    let gateway = &world.lattice.gateways[&id];
    Ok(json!({
        "id": id,
        "arn": gateway.entity.arn,
        "name": gateway.name,
        "status": gateway.entity.status.wire(),
    }))
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: List = call.input()?;
    let rows = world.lattice.gateways.values().map(|it| (it.entity.created_at, row(it)));
    let rows = listed(world, KIND, rows);
    page(world, call, rows, input.max_results.as_deref(), input.next_token.as_deref())
}

/// The work on its way is done.
pub(super) fn ripen(world: &mut World, id: &str) {
    let Some(gateway) = world.lattice.gateways.get(id).cloned() else { return };
    match gateway.entity.status {
        Status::CreateInProgress if gateway.interfaces.is_empty() => {
            give_up(world, id, Status::CreateFailed, "no room in a subnet");
        }
        Status::UpdateInProgress => {
            let changed = gateway
                .interfaces
                .iter()
                .all(|interface| interface::set_groups(world, interface, &gateway.groups).is_ok());
            let status = if changed { Status::Active } else { Status::UpdateFailed };
            settle(world, id, status);
        }
        Status::DeleteInProgress => {
            free_interfaces(world, id);
            remember(world, KIND, row(&gateway));
            world.lattice.gateways.remove(id);
            world.lets_go(id);
        }
        _ => settle(world, id, Status::Active),
    }
}

/// The gateway's interfaces are gone, as when its creation fails.
pub(super) fn fails(world: &mut World, id: &str) {
    free_interfaces(world, id);
}

/// The id of the gateway of this identifier.
pub(super) fn find(world: &World, identifier: &str) -> Result<String, Fault> {
    let id = id_in(KIND, "resourceGatewayIdentifier", identifier)?;
    match world.lattice.gateways.get(id) {
        Some(it) if id == identifier || it.entity.arn == identifier => Ok(id.to_owned()),
        _ => Err(not_found(KIND, identifier)),
    }
}

/// The answer to its creation, which listings and `Get` build on.
fn created(gateway: &Gateway) -> Value {
    json!({
        "name": gateway.name,
        "id": gateway.entity.id,
        "arn": gateway.entity.arn,
        "status": gateway.entity.status.wire(),
        "vpcIdentifier": gateway.vpc,
        "subnetIds": gateway.subnets,
        "securityGroupIds": gateway.groups,
        "ipAddressType": gateway.ip_address_type,
        "ipv4AddressesPerEni": gateway.addresses_per_eni,
        "resourceConfigDnsResolution": gateway.dns_resolution,
    })
}

fn row(gateway: &Gateway) -> Value {
    let mut row = created(gateway);
    row["createdAt"] = iso(gateway.entity.created_at).into();
    row["lastUpdatedAt"] = iso(gateway.entity.updated_at).into();
    row
}
