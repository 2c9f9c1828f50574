//! The ways from a VPC to a database in another one: through endpoints and VPC associations.

use ipnet::Ipv4Net;

use super::rules::Party;
use super::{Hop, Reachability};
use crate::World;
use crate::ec2::Group;
use crate::ec2::endpoint::{Endpoint, Link};
use crate::lattice::{Configuration, Status, VpcAssociation};
use crate::rds::Instance;

/// Where VPC Lattice answers in a VPC that is associated with a service network: addresses of its
/// own, not of the VPC.
const LATTICE_ADDRESSES: &str = "129.224.0.0/17";

/// Hops, one after the other, and the names that lead along them.
#[derive(Clone, Default)]
pub(super) struct Path {
    pub(super) names: Vec<String>,
    hops: Vec<Hop>,
}

impl Path {
    /// One hop more.
    pub(super) fn hop(&mut self, at: impl Into<String>, is_open: bool, why: impl Into<String>) {
        self.hops.push(Hop { at: at.into(), is_open, why: why.into() });
    }

    /// Whether every hop is.
    pub(super) fn is_open(&self) -> bool {
        self.hops.iter().all(|hop| hop.is_open)
    }

    /// How many hops there are before the first that is closed.
    pub(super) fn progress(&self) -> usize {
        self.hops.iter().take_while(|hop| hop.is_open).count()
    }

    /// What it comes to.
    pub(super) fn reachability(self) -> Reachability {
        let broken_at = self.hops.iter().find(|hop| !hop.is_open).map(|hop| hop.at.clone());
        let reachable = broken_at.is_none();
        let by = if reachable { self.names } else { Vec::new() };
        Reachability { reachable, by, broken_at, hops: self.hops }
    }
}

/// Every way through VPC Lattice; one that ends at once when there is none.
pub(super) fn through_lattice(
    world: &World,
    start: &Path,
    client: &Group,
    database: &Instance,
) -> Vec<Path> {
    let endpoints = world.ec2.endpoints.values();
    let mut ways: Vec<Path> = endpoints
        .filter(|endpoint| endpoint.vpc == client.vpc && endpoint.is_here())
        .map(|endpoint| by_endpoint(world, start.clone(), client, endpoint, database))
        .collect();
    let associations = world.lattice.vpc_associations.values();
    ways.extend(
        associations
            .filter(|association| association.vpc == client.vpc)
            .map(|association| by_association(world, start.clone(), client, association, database)),
    );
    if ways.is_empty() {
        let mut nowhere = start.clone();
        let at = format!("VPC {}", client.vpc);
        nowhere.hop(at, false, "it has no endpoint and no association with a service network");
        ways.push(nowhere);
    }
    ways
}

/// What answers for a name in this VPC in place of whom it belongs to: an endpoint whose private
/// zone has it, or an association of the VPC.
pub(super) fn claims(world: &World, vpc: &str, name: &str) -> Option<String> {
    let around = world.ec2.vpcs.get(vpc)?;
    if !around.dns_support || !around.dns_hostnames {
        return None;
    }
    let now = world.now();
    let endpoints = world.ec2.endpoints.values().filter(|it| it.vpc == vpc && it.is_here());
    let has_zone = |endpoint: &&Endpoint| {
        let mut links = endpoint.links.values();
        links.any(|link| link.is_accessible(now) && link.private_name.as_deref() == Some(name))
    };
    if let Some(endpoint) = endpoints.into_iter().find(has_zone) {
        return Some(format!("endpoint {}", endpoint.id));
    }
    let mut associations = world.lattice.vpc_associations.values().filter(|it| it.vpc == vpc);
    let carries = |association: &&VpcAssociation| {
        let carried = world.lattice.carried_by(&association.network);
        association.entity.status.carries()
            && carried.iter().any(|it| it.private_name.as_deref() == Some(name))
    };
    associations.find(carries).map(|it| format!("association {}", it.entity.id))
}

/// The configuration with the database's address, among these: the managed child of one of type
/// ARN for this very database.
fn is_of(world: &World, configuration: &str, database: &Instance) -> bool {
    let Some(child) = world.lattice.configurations.get(configuration) else { return false };
    let parent = child.group.as_ref().and_then(|id| world.lattice.configurations.get(id));
    child.domain_name() == database.address.as_deref()
        || parent.and_then(Configuration::database) == Some(database.arn.as_str())
}

fn by_endpoint(
    world: &World,
    mut path: Path,
    client: &Group,
    endpoint: &Endpoint,
    database: &Instance,
) -> Path {
    let at = format!("endpoint {}", endpoint.id);
    let is_available = endpoint.state.works();
    path.hop(at, is_available, endpoint.state.wire());
    let link = endpoint.links.values().find(|link| is_of(world, &link.configuration, database));
    let Some(link) = link else {
        let at = format!("association of {} with {}", endpoint.id, database.id);
        path.hop(at, false, "its service network does not carry the database");
        return path;
    };
    let why = match &link.failure {
        Some((code, reason)) => format!("{code}: {reason}"),
        None => "accessible once the names resolve".to_owned(),
    };
    path.hop(format!("association {}", link.id), link.is_accessible(world.now()), why);
    names(world, &mut path, client, link, database);
    let source = Party::of_group(world, &client.id);
    let target = Party::of_interfaces(world, &endpoint.id, &endpoint.groups, &endpoint.interfaces);
    path.passes(&source, &target, database.port, world);
    if let Some(association) = &link.association {
        carried(world, &mut path, association);
    }
    to_database(world, &mut path, &link.configuration, Some(endpoint), database);
    path
}

/// The names that lead to the endpoint: the database's own where the VPC has both DNS attributes,
/// and the public one wherever names resolve at all.
fn names(world: &World, path: &mut Path, client: &Group, link: &Link, database: &Instance) {
    let vpc = world.ec2.vpcs.get(&client.vpc);
    let has_zones = vpc.is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames);
    if has_zones && link.private_name == database.address {
        path.names.extend(link.private_name.clone());
    }
    if vpc.is_some_and(|vpc| vpc.dns_support) {
        path.names.push(link.public_name.clone());
    }
    let at = format!("names in {}", client.vpc);
    path.hop(at, !path.names.is_empty(), "names resolve where the VPC has DNS support");
}

/// The association of service network and resource, and that of its parent.
fn carried(world: &World, path: &mut Path, id: &str) {
    let one = world.lattice.resource_associations.get(id);
    let parent = one.and_then(|one| one.parent.as_ref());
    let lead = parent.and_then(|id| world.lattice.resource_associations.get(id)).or(one);
    let status = lead.map(|lead| lead.entity.status);
    let at = format!("association {}", lead.map_or(id, |lead| &lead.entity.id));
    path.hop(at, status.is_some_and(Status::carries), status.map_or("absent", Status::wire));
}

fn by_association(
    world: &World,
    mut path: Path,
    client: &Group,
    association: &VpcAssociation,
    database: &Instance,
) -> Path {
    let entity = &association.entity;
    let at = format!("association {}", entity.id);
    path.hop(at, entity.status.carries(), entity.status.wire());
    let carries = world.lattice.carried_by(&association.network);
    let found = carries.iter().find(|it| is_of(world, &it.configuration, database));
    let Some(resource) = found else {
        let at = format!("service network {}", association.network);
        path.hop(at, false, "it does not carry the database");
        return path;
    };
    let vpc = world.ec2.vpcs.get(&client.vpc);
    if vpc.is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames)
        && resource.private_name == database.address
    {
        path.names.extend(resource.private_name.clone());
    }
    let at = format!("names in {}", client.vpc);
    path.hop(at, !path.names.is_empty(), "private names need both DNS attributes of the VPC");
    let source = Party::of_group(world, &client.id);
    let places: Vec<Ipv4Net> = LATTICE_ADDRESSES.parse().into_iter().collect();
    let target = Party { name: entity.id.clone(), groups: association.groups.clone(), places };
    path.passes(&source, &target, database.port, world);
    carried(world, &mut path, &resource.association);
    to_database(world, &mut path, &resource.configuration, None, database);
    path
}

/// From VPC Lattice into the database's VPC.
fn to_database(
    world: &World,
    path: &mut Path,
    configuration: &str,
    endpoint: Option<&Endpoint>,
    database: &Instance,
) {
    let Some(child) = world.lattice.configurations.get(configuration) else { return };
    let parent = child.group.as_ref().and_then(|id| world.lattice.configurations.get(id));
    let lead = parent.unwrap_or(child);
    let at = format!("configuration {}", lead.entity.id);
    path.hop(&at, lead.entity.status.carries(), lead.entity.status.wire());
    let leads_here = child.domain_name() == database.address.as_deref();
    let ports = child.port_ranges.join(",");
    let has_port = child.port_ranges.iter().any(|range| holds(range, database.port));
    let why = format!("leads to {} port {ports}", child.domain_name().unwrap_or_default());
    path.hop(at, leads_here && has_port, why);
    let Some(gateway) = world.lattice.gateways.get(&child.gateway) else {
        path.hop(format!("gateway {}", child.gateway), false, "absent");
        return;
    };
    let at = format!("gateway {}", gateway.entity.id);
    path.hop(&at, gateway.entity.status.carries(), gateway.entity.status.wire());
    path.hop(&at, Some(&gateway.vpc) == database.vpc.as_ref(), "in the VPC of the database");
    if let Some(endpoint) = endpoint {
        let ours = zones(world, &endpoint.subnets);
        let is_shared = zones(world, &gateway.subnets).iter().any(|zone| ours.contains(zone));
        path.hop(&at, is_shared, "has an Availability Zone in common with the endpoint");
    }
    let source =
        Party::of_interfaces(world, &gateway.entity.id, &gateway.groups, &gateway.interfaces);
    let target = Party::of_database(world, database);
    path.passes(&source, &target, database.port, world);
}

fn zones(world: &World, subnets: &[String]) -> Vec<String> {
    let subnets = subnets.iter().filter_map(|id| world.ec2.subnets.get(id));
    subnets.map(|subnet| subnet.zone_id.clone()).collect()
}

/// Whether a range such as `5432` or `1-1024` holds a port.
fn holds(range: &str, port: u16) -> bool {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    match (first.parse::<u16>(), last.parse::<u16>()) {
        (Ok(first), Ok(last)) => (first..=last).contains(&port),
        _ => false,
    }
}
