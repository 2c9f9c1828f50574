//! How endpoints follow what their service networks carry.

use std::net::Ipv4Addr;

use crate::ec2::endpoint::{Endpoint, EndpointState, Link, Target};
use crate::ec2::{Head, interface};
use crate::kernel::switches::AddressesPerConfiguration;
use crate::kernel::{Fault, Service, Tags};
use crate::lattice::{Carried, Gateway, World};

/// The endpoints of this service network reach what it carries now, and nothing else.
pub(crate) fn network_changed(world: &mut World, network: &str) {
    let Some(arn) = world.lattice.networks.get(network).map(|it| it.entity.arn.clone()) else {
        return;
    };
    let to_network = |endpoint: &&Endpoint| endpoint.network() == Some(&arn);
    let ids: Vec<String> =
        world.ec2.endpoints.values().filter(to_network).map(|one| one.id.clone()).collect();
    for id in ids {
        reaches_its_target(world, &id);
    }
}

/// The endpoint reaches what its target carries now, and nothing else.
pub(super) fn reaches_its_target(world: &mut World, id: &str) {
    let Some(endpoint) = world.ec2.endpoints.get(id) else { return };
    let is_working = endpoint.state == EndpointState::Pending || endpoint.state.works();
    let is_doomed = endpoint.failure.is_some();
    let carried = match is_working && !is_doomed {
        true => carried(world, &endpoint.target),
        false => Vec::new(),
    };
    let old: Vec<String> = endpoint
        .links
        .iter()
        .filter(|(_, link)| !carried.iter().any(|it| is_same(link, it)))
        .map(|(key, _)| key.clone())
        .collect();
    for key in old {
        remove(world, id, &key);
    }
    for resource in &carried {
        add(world, id, resource);
    }
    turn_accessible(world, id);
}

/// The id of the service network with this ARN.
pub(super) fn network_of<'a>(world: &'a World, arn: &str) -> Option<&'a str> {
    let network = world.lattice.networks.values().find(|network| network.entity.arn == arn)?;
    Some(&network.entity.id)
}

/// All that an endpoint with this target would reach now.
fn carried(world: &World, target: &Target) -> Vec<Carried> {
    match target {
        Target::ServiceNetwork(arn) => match network_of(world, arn) {
            Some(network) => world.lattice.carried_by(network),
            None => Vec::new(),
        },
        Target::Resource(arn) => carried_as(world, arn),
        Target::Gateway(_) | Target::Interface(_) => Vec::new(),
    }
}

/// The names that an endpoint with this target would resolve in this VPC.
pub(super) fn private_names(world: &World, target: &Target, vpc: &str) -> Vec<String> {
    let carried = carried(world, target);
    carried.iter().filter_map(|resource| private_name(world, resource, vpc)).collect()
}

/// The resource's own name, but for a VPC in which the resource itself is: there is no private
/// zone where the resource gateway is in the same VPC (Amazon VPC Lattice User Guide, "Resource
/// configurations").
fn private_name(world: &World, resource: &Carried, vpc: &str) -> Option<String> {
    let is_beside = gateway_of(world, resource).is_some_and(|gateway| gateway.vpc == vpc);
    resource.private_name.clone().filter(|_| !is_beside)
}

/// An endpoint has gone from the VPC: what was refused for the names that it had is tried again.
pub(super) fn names_are_free(world: &mut World, vpc: &str) {
    let beside = world.ec2.endpoints.values().filter(|endpoint| endpoint.vpc == vpc);
    let ids: Vec<String> = beside
        .filter(|endpoint| endpoint.links.values().any(|link| link.failure.is_some()))
        .map(|endpoint| endpoint.id.clone())
        .collect();
    for id in ids {
        reaches_its_target(world, &id);
    }
}

/// A link stands for one association: made anew, it is another.
fn is_same(link: &Link, carried: &Carried) -> bool {
    let association = Some(&carried.association).filter(|id| !id.is_empty());
    link.configuration == carried.configuration && link.association.as_ref() == association
}

/// What an endpoint of a single configuration reaches: its children, or else itself.
fn carried_as(world: &World, arn: &str) -> Vec<Carried> {
    let lattice = &world.lattice;
    let Some(one) = lattice.configurations.values().find(|it| it.entity.arn == arn) else {
        return Vec::new();
    };
    if !one.entity.status.carries() {
        return Vec::new();
    }
    let children: Vec<_> = lattice.children(&one.entity.id).collect();
    let all = if children.is_empty() { vec![one] } else { children };
    all.into_iter()
        .map(|it| Carried {
            association: String::new(),
            configuration: it.entity.id.clone(),
            parent: it.group.clone(),
            private_name: it.domain_name().map(str::to_owned),
        })
        .collect()
}

fn remove(world: &mut World, id: &str, key: &str) {
    let link = world.ec2.endpoints.get_mut(id).and_then(|endpoint| endpoint.links.remove(key));
    for (interface, address) in link.into_iter().flat_map(|link| link.addresses) {
        interface::remove_address(world, &interface, address);
    }
}

/// The endpoint reaches nothing any more.
pub(super) fn reaches_nothing(world: &mut World, id: &str) {
    let links = world.ec2.endpoints.get(id).map(|endpoint| endpoint.links.clone());
    for key in links.unwrap_or_default().keys() {
        remove(world, id, key);
    }
}

fn add(world: &mut World, id: &str, resource: &Carried) {
    let Some(endpoint) = world.ec2.endpoints.get(id) else { return };
    if endpoint.links.get(&resource.configuration).is_some_and(|link| link.failure.is_none()) {
        return;
    }
    let endpoint = endpoint.clone();
    remove(world, id, &resource.configuration);
    let private_name = private_name(world, resource, &endpoint.vpc);
    let mut failure = obstacle(world, &endpoint, resource, private_name.as_deref());
    let mut addresses = Vec::new();
    if failure.is_none() {
        addresses = take_addresses(world, &endpoint).unwrap_or_else(|fault| {
            failure = Some(("INSUFFICIENT_FREE_ADDRESSES", fault.message));
            Vec::new()
        });
    }
    let association =
        Some(resource.association.clone()).filter(|association| !association.is_empty());
    let arn = |id: &String| world.lattice.configurations.get(id).map(|it| it.entity.arn.clone());
    let network = endpoint.network().and_then(|arn| {
        let network = world.lattice.networks.values().find(|it| it.entity.arn == arn)?;
        Some((arn.to_owned(), network.name.clone()))
    });
    let (resource_arn, group_arn) =
        (arn(&resource.configuration), resource.parent.as_ref().and_then(arn));
    let link = Link {
        head: Head::new(world, "vpce-rsc-asc", Tags::new()),
        network,
        resource_arn,
        group_arn,
        endpoint: id.to_owned(),
        configuration: resource.configuration.clone(),
        public_name: public_name(world, id, resource),
        association,
        private_name,
        addresses,
        accessible_at: None,
        failure,
    };
    if let Some(endpoint) = world.ec2.endpoints.get_mut(id) {
        endpoint.links.insert(resource.configuration.clone(), link);
    }
}

fn gateway_of<'a>(world: &'a World, resource: &Carried) -> Option<&'a Gateway> {
    let configuration = world.lattice.configurations.get(&resource.configuration)?;
    world.lattice.gateways.get(&configuration.gateway)
}

/// Why the resource cannot be reached, however long one waits.
fn obstacle(
    world: &World,
    endpoint: &Endpoint,
    resource: &Carried,
    private_name: Option<&str>,
) -> Option<(&'static str, String)> {
    let zones = |subnets: &[String]| -> Vec<String> {
        let subnets = subnets.iter().filter_map(|id| world.ec2.subnets.get(id));
        subnets.map(|subnet| subnet.zone_id.clone()).collect()
    };
    let gateway = gateway_of(world, resource).map(|gateway| zones(&gateway.subnets));
    let ours = zones(&endpoint.subnets);
    if !gateway.unwrap_or_default().iter().any(|zone| ours.contains(zone)) {
        let message = "The endpoint and the resource gateway have no Availability Zone in common.";
        return Some(("AZ_MISMATCH", message.to_owned()));
    }
    let name = private_name?;
    let other = world.ec2.endpoints.values().find(|other| {
        other.vpc == endpoint.vpc
            && other.id != endpoint.id
            && other.target != endpoint.target
            && other
                .links
                .values()
                .any(|link| link.failure.is_none() && link.private_name.as_deref() == Some(name))
    })?;
    let message = format!("The DNS domain {name} is already taken by {} in the VPC.", other.id);
    Some(("DNS_CONFLICT", message))
}

/// An address in each subnet for the resource; the first ones of an endpoint of a single
/// resource are its own.
fn take_addresses(
    world: &mut World,
    endpoint: &Endpoint,
) -> Result<Vec<(String, Ipv4Addr)>, Fault> {
    let per_subnet = match (&endpoint.target, world.switches.addresses_per_configuration) {
        (Target::Resource(_), _) => 0,
        (_, AddressesPerConfiguration::PerChild) => 1,
        (_, AddressesPerConfiguration::ParentAndChildren) => 2,
    };
    let mut taken = Vec::new();
    for interface in endpoint.interfaces.iter().flat_map(|id| std::iter::repeat_n(id, per_subnet)) {
        match interface::add_address(world, interface) {
            Ok(address) => taken.push((interface.clone(), address)),
            Err(fault) => {
                for (interface, address) in taken {
                    interface::remove_address(world, &interface, address);
                }
                return Err(fault);
            }
        }
    }
    Ok(taken)
}

fn public_name(world: &World, endpoint: &str, resource: &Carried) -> String {
    match world.lattice.resource_associations.get(&resource.association) {
        Some(association) => format!("{endpoint}-{}", association.dns_name),
        None => {
            format!("{endpoint}.{}.vpc-lattice-rsc.{}.on.aws", resource.configuration, world.region)
        }
    }
}

/// What can be accessible soon will be, once its names resolve.
fn turn_accessible(world: &mut World, id: &str) {
    let waits = |link: &Link| link.accessible_at.is_none();
    let Some(endpoint) = world.ec2.endpoints.get(id) else { return };
    if !endpoint.state.works() || !endpoint.links.values().any(waits) {
        return;
    }
    let private_dns = world.switches.durations.private_dns;
    let at = world.ripens(Service::Ec2, id, private_dns);
    if let Some(endpoint) = world.ec2.endpoints.get_mut(id) {
        for link in endpoint.links.values_mut().filter(|link| waits(link)) {
            link.accessible_at = Some(at);
        }
    }
}
