//! What changes route tables.

use ipnet::Ipv4Net;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Route, Table, find, new};
use crate::ec2::interface::Interface;
use crate::ec2::listing::Described;
use crate::ec2::peering::Peering;
use crate::ec2::tag::{self, TagSpecification};
use crate::ec2::transit::TransitGateway;
use crate::ec2::{World, prefix_list, subnet, vpc};
use crate::kernel::token::once;
use crate::kernel::{Call, Fault};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Create {
    vpc_id: String,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default, rename = "TagSpecification")]
    tags: Vec<TagSpecification>,
}

/// `CreateRouteTable`.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let tags = tag::on_create(&input.tags, "route-table")?;
    let answer = |world: &World, id: &str| {
        let table = world.ec2.tables.get(id)?;
        Some(json!({"routeTable": table.show(world), "clientToken": input.client_token}))
    };
    once(world, call, input.client_token.as_deref(), answer, |world| {
        let vpc = vpc::find(world, &input.vpc_id)?.clone();
        let id = world.new_id("rtb", 17);
        let table = new(world, &vpc, id.clone(), tags.clone());
        world.ec2.tables.insert(id.clone(), table);
        tag::created(world, "route-table", &id, &tags);
        let answer = answer(world, &id).unwrap_or_default();
        Ok((id, answer))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Delete {
    route_table_id: String,
}

/// `DeleteRouteTable`: not the main one, and not while a subnet has it.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let Delete { route_table_id: id } = call.input()?;
    let table = find(world, &id)?;
    let mut endpoints = world.ec2.endpoints.values();
    let is_used = table.is_main
        || !table.associations.is_empty()
        || endpoints.any(|it| it.is_here() && it.route_tables.contains(&id));
    if is_used {
        let message = format!("The routeTable '{id}' has dependencies and cannot be deleted.");
        return Err(Fault::new("DependencyViolation", 400, message));
    }
    let tags = table.tags.clone();
    world.ec2.tables.remove_at(world.now(), &id);
    tag::deleted(world, "route-table", &id, &tags);
    Ok(json!({"return": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Associate {
    route_table_id: String,
    subnet_id: String,
}

/// `AssociateRouteTable`, with a subnet that has none but the main one.
pub(crate) fn associate(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Associate = call.input()?;
    let table = find(world, &input.route_table_id)?;
    let subnet = subnet::find(world, &input.subnet_id)?;
    if subnet.vpc != table.vpc {
        let message = format!(
            "route table {} and subnet {} belong to different networks",
            input.route_table_id, input.subnet_id
        );
        return Err(Fault::new("InvalidParameterValue", 400, message));
    }
    let mut all = world.ec2.tables.values().flat_map(|table| &table.associations);
    if all.any(|(_, subnet)| *subnet == input.subnet_id) {
        let message = format!("the subnet {} is already associated", input.subnet_id);
        return Err(Fault::new("Resource.AlreadyAssociated", 400, message));
    }
    let id = put(world, &input.route_table_id, &input.subnet_id);
    Ok(json!({"associationId": id, "associationState": {"state": "associated"}}))
}

fn put(world: &mut World, table: &str, subnet: &str) -> String {
    let id = world.new_id("rtbassoc", 17);
    if let Some(table) = world.ec2.tables.get_mut(table) {
        table.associations.push((id.clone(), subnet.to_owned()));
    }
    id
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Disassociate {
    association_id: String,
}

/// `DisassociateRouteTable`: the subnet has the main table again.
pub(crate) fn disassociate(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Disassociate = call.input()?;
    take(world, &input.association_id)?;
    Ok(json!({"return": true}))
}

/// The subnet of an association, which is there no longer.
fn take(world: &mut World, id: &str) -> Result<String, Fault> {
    let mut taken = None;
    for table in world.ec2.tables.values_mut() {
        let at = table.associations.iter().position(|(other, _)| other == id);
        taken = taken.or(at.map(|at| table.associations.remove(at).1));
    }
    taken.ok_or_else(|| {
        let message = format!("The association ID '{id}' does not exist");
        Fault::new("InvalidAssociationID.NotFound", 400, message)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Replace {
    association_id: String,
    route_table_id: String,
}

/// `ReplaceRouteTableAssociation`: of a subnet; which table is the main one stays.
pub(crate) fn replace(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Replace = call.input()?;
    find(world, &input.route_table_id)?;
    let subnet = take(world, &input.association_id)?;
    let id = put(world, &input.route_table_id, &subnet);
    Ok(json!({"newAssociationId": id, "associationState": {"state": "associated"}}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct CreateRoute {
    route_table_id: String,
    #[serde(default)]
    destination_cidr_block: Option<String>,
    #[serde(default)]
    destination_prefix_list_id: Option<String>,
    #[serde(default)]
    gateway_id: Option<String>,
    #[serde(default)]
    nat_gateway_id: Option<String>,
    #[serde(default)]
    network_interface_id: Option<String>,
    #[serde(default)]
    transit_gateway_id: Option<String>,
    #[serde(default)]
    vpc_peering_connection_id: Option<String>,
}

/// `CreateRoute`: one destination and one target.
pub(crate) fn create_route(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: CreateRoute = call.input()?;
    let destination = destination(
        input.destination_cidr_block.as_deref(),
        input.destination_prefix_list_id.as_deref(),
    )?;
    let target = target(&input)?;
    let table = find(world, &input.route_table_id)?;
    check_destination(world, table, &destination)?;
    check_target(world, &target)?;
    let route = Route { destination, target };
    if let Some(table) = world.ec2.tables.get_mut(&input.route_table_id) {
        table.routes.push(route);
    }
    Ok(json!({"return": true}))
}

type Named = (&'static str, String);

fn destination(cidr: Option<&str>, list: Option<&str>) -> Result<Named, Fault> {
    match (cidr, list) {
        (Some(cidr), None) => Ok(("destinationCidrBlock", vpc::network(cidr)?.to_string())),
        (None, Some(list)) => Ok(("destinationPrefixListId", list.to_owned())),
        (None, None) => {
            let message = "The request must contain exactly one destination.";
            Err(Fault::new("MissingParameter", 400, message))
        }
        _ => {
            let message = "The request must contain exactly one destination.";
            Err(Fault::new("InvalidParameterCombination", 400, message))
        }
    }
}

fn target(input: &CreateRoute) -> Result<Named, Fault> {
    let given: Vec<Named> = [
        ("gatewayId", &input.gateway_id),
        ("natGatewayId", &input.nat_gateway_id),
        ("networkInterfaceId", &input.network_interface_id),
        ("transitGatewayId", &input.transit_gateway_id),
        ("vpcPeeringConnectionId", &input.vpc_peering_connection_id),
    ]
    .into_iter()
    .filter_map(|(member, value)| Some((member, value.clone()?)))
    .collect();
    match <[Named; 1]>::try_from(given) {
        Ok([target]) => Ok(target),
        Err(given) => {
            let code =
                if given.is_empty() { "MissingParameter" } else { "InvalidParameterCombination" };
            Err(Fault::new(code, 400, "The request must contain exactly one target."))
        }
    }
}

fn check_destination(world: &World, table: &Table, destination: &Named) -> Result<(), Fault> {
    let (member, text) = destination;
    if *member == "destinationPrefixListId" {
        prefix_list::find(world, text)?;
    }
    let is_local = text.parse().is_ok_and(|net: Ipv4Net| table.cidr.contains(&net));
    if is_local {
        let message = format!(
            "The destination CIDR block {text} is equal to or more specific than one of this \
             VPC's CIDR blocks."
        );
        return Err(Fault::new("InvalidParameterValue", 400, message));
    }
    if table.routes.iter().any(|route| route.destination == *destination) {
        let message = format!("The route identified by {text} already exists.");
        return Err(Fault::new("RouteAlreadyExists", 400, message));
    }
    Ok(())
}

/// What a route leads to is there; internet and NAT gateways never are, since nothing here leads
/// out of the account.
fn check_target(world: &World, (member, id): &Named) -> Result<(), Fault> {
    let ec2 = &world.ec2;
    let absent =
        |code: &str| Fault::new(code, 400, format!("The gateway ID '{id}' does not exist"));
    let fault = match *member {
        "networkInterfaceId" if ec2.interfaces.contains_key(id) => return Ok(()),
        "transitGatewayId" if ec2.transit_gateways.contains_key(id) => return Ok(()),
        "vpcPeeringConnectionId" if ec2.peerings.contains_key(id) => return Ok(()),
        "networkInterfaceId" => Interface::not_found(id),
        "transitGatewayId" => TransitGateway::not_found(id),
        "vpcPeeringConnectionId" => Peering::not_found(id),
        "natGatewayId" => absent("NatGatewayNotFound"),
        _ => absent("InvalidInternetGatewayID.NotFound"),
    };
    Err(fault)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DeleteRoute {
    route_table_id: String,
    #[serde(default)]
    destination_cidr_block: Option<String>,
    #[serde(default)]
    destination_prefix_list_id: Option<String>,
}

/// `DeleteRoute`.
pub(crate) fn delete_route(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: DeleteRoute = call.input()?;
    let destination = destination(
        input.destination_cidr_block.as_deref(),
        input.destination_prefix_list_id.as_deref(),
    )?;
    let id = &input.route_table_id;
    let table = world.ec2.tables.get_mut(id).ok_or_else(|| Table::not_found(id))?;
    let before = table.routes.len();
    table.routes.retain(|route| route.destination != destination);
    if table.routes.len() == before {
        let message = format!("no route with destination {} in {id}", destination.1);
        return Err(Fault::new("InvalidRoute.NotFound", 400, message));
    }
    Ok(json!({"return": true}))
}
