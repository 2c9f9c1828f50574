//! `CreateVpcEndpoint`, and all that it refuses.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{beside, follow};
use crate::ec2::endpoint::dns::{self, DnsOptions};
use crate::ec2::endpoint::{Endpoint, EndpointState, Target};
use crate::ec2::interface::{self, Addresses, NewInterface};
use crate::ec2::tag::{self, TagSpecification};
use crate::ec2::{Described, Head, group, subnet, table, vpc, zone};
use crate::kernel::call::Flag;
use crate::kernel::token::once;
use crate::kernel::{Call, Fault, Service, Tags};
use crate::lattice::World;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Create {
    vpc_id: String,
    #[serde(default)]
    vpc_endpoint_type: Option<String>,
    #[serde(default)]
    service_name: Option<String>,
    #[serde(default)]
    service_region: Option<String>,
    #[serde(default)]
    service_network_arn: Option<String>,
    #[serde(default)]
    resource_configuration_arn: Option<String>,
    #[serde(default, rename = "SubnetId")]
    subnets: Vec<String>,
    #[serde(default, rename = "SecurityGroupId")]
    groups: Vec<String>,
    #[serde(default, rename = "RouteTableId")]
    route_tables: Vec<String>,
    #[serde(default)]
    private_dns_enabled: Option<Flag>,
    #[serde(default)]
    dns_options: DnsOptions,
    #[serde(default)]
    ip_address_type: Option<String>,
    #[serde(default)]
    policy_document: Option<String>,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default, rename = "TagSpecification")]
    tags: Vec<TagSpecification>,
}

/// `CreateVpcEndpoint`.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let tags = tag::on_create(&input.tags, "vpc-endpoint")?;
    let target = target(world, &input)?;
    input.dns_options.check(&target, input.private_dns_enabled)?;
    let token = input.client_token.clone();
    let show = |world: &World, id: &str| {
        let endpoint = world.ec2.endpoints.get(id).filter(|endpoint| endpoint.is_here())?;
        Some(answer(world, endpoint, input.client_token.as_deref()))
    };
    once(world, call, token.as_deref(), show, |world| make(world, &input, target, tags))
}

fn answer(world: &World, endpoint: &Endpoint, token: Option<&str>) -> Value {
    json!({"vpcEndpoint": endpoint.show(world), "clientToken": token})
}

fn make(
    world: &mut World,
    input: &Create,
    target: Target,
    tags: Tags,
) -> Result<(String, Value), Fault> {
    vpc::find(world, &input.vpc_id)?;
    expect_there(world, &target)?;
    check_subnets(world, input, &target)?;
    let groups = groups(world, input, &target)?;
    dns::check_private(world, &input.vpc_id, &target, input.private_dns_enabled)?;
    beside::check_limits(world, &input.vpc_id, &target)?;
    let failure = beside::check(world, &input.vpc_id, &target)?;
    let id = world.new_id("vpce", 17);
    let interfaces = take_interfaces(world, &id, input, &target, &groups)?;
    let endpoint = world.switches.durations.endpoint;
    let due_at = world.ripens(Service::Ec2, &id, endpoint);
    let endpoint = Endpoint {
        head: Head { id: id.clone(), created: world.now(), tags: tags.clone() },
        target,
        vpc: input.vpc_id.clone(),
        state: EndpointState::Pending,
        subnets: input.subnets.clone(),
        groups,
        interfaces,
        route_tables: input.route_tables.clone(),
        private_dns: input.private_dns_enabled == Some(Flag(true)),
        dns_options: input.dns_options.clone(),
        policy: input.policy_document.clone(),
        failure,
        due_at,
        links: BTreeMap::new(),
    };
    world.lattice.has_role |= endpoint.network().is_some();
    world.ec2.endpoints.insert(id.clone(), endpoint);
    tag::created(world, "vpc-endpoint", &id, &tags);
    follow::reaches_its_target(world, &id);
    let answer = answer(world, &world.ec2.endpoints[&id], input.client_token.as_deref());
    Ok((id, answer))
}

/// What the endpoint is to lead to: the type, and the one member that goes with it.
fn target(world: &World, input: &Create) -> Result<Target, Fault> {
    let given =
        [&input.service_name, &input.service_network_arn, &input.resource_configuration_arn];
    if given.iter().filter(|one| one.is_some()).count() > 1 {
        let message = "ServiceName, ServiceNetworkArn and ResourceConfigurationArn exclude each \
                       other.";
        return Err(Fault::new("InvalidParameterCombination", 400, message));
    }
    let is_elsewhere = input.service_region.as_ref().is_some_and(|one| *one != world.region);
    if input.ip_address_type.as_deref().unwrap_or("ipv4") != "ipv4" || is_elsewhere {
        let message = "The simulated EC2 has endpoints for IPv4 in their own region only.";
        return Err(Fault::new("UnsupportedOperation", 400, message));
    }
    match input.vpc_endpoint_type.as_deref().unwrap_or("Gateway") {
        "Gateway" => service(world, input, &["s3", "dynamodb"]).map(Target::Gateway),
        "Interface" => service(world, input, &[]).map(Target::Interface),
        "ServiceNetwork" => {
            let arn = needed("ServiceNetworkArn", input.service_network_arn.as_ref())?;
            Ok(Target::ServiceNetwork(arn.clone()))
        }
        "Resource" => {
            let arn =
                needed("ResourceConfigurationArn", input.resource_configuration_arn.as_ref())?;
            Ok(Target::Resource(arn.clone()))
        }
        other => {
            let message = format!("The simulated EC2 has no endpoints of type {other}.");
            Err(Fault::new("InvalidVpcEndpointType", 400, message))
        }
    }
}

/// There is such a network or configuration.
fn expect_there(world: &World, target: &Target) -> Result<(), Fault> {
    match target {
        Target::ServiceNetwork(arn) if follow::network_of(world, arn).is_none() => {
            let message = format!("The service network '{arn}' does not exist.");
            Err(Fault::new("InvalidServiceNetworkArn.NotFound", 400, message))
        }
        Target::Resource(arn)
            if !world.lattice.configurations.values().any(|it| it.entity.arn == *arn) =>
        {
            let message = format!("The resource configuration '{arn}' does not exist.");
            Err(Fault::new("InvalidResourceConfigurationArn.NotFound", 400, message))
        }
        _ => Ok(()),
    }
}

fn needed<'a>(member: &str, value: Option<&'a String>) -> Result<&'a String, Fault> {
    value.ok_or_else(|| {
        let message = format!("The request must contain the parameter {member}");
        Fault::new("MissingParameter", 400, message)
    })
}

/// An AWS service's name in the region; one of `only`, unless that is empty.
fn service(world: &World, input: &Create, only: &[&str]) -> Result<String, Fault> {
    let name = needed("ServiceName", input.service_name.as_ref())?;
    let short = name.strip_prefix(&format!("com.amazonaws.{}.", world.region));
    match short {
        Some(short) if only.is_empty() || only.contains(&short) => Ok(name.clone()),
        _ => {
            let message = format!("The Vpc Endpoint Service '{name}' does not exist");
            Err(Fault::new("InvalidServiceName", 400, message))
        }
    }
}

/// One subnet per zone, all in the VPC, and none in a zone that VPC Lattice does not have.
fn check_subnets(world: &World, input: &Create, target: &Target) -> Result<(), Fault> {
    if let Target::Gateway(_) = target {
        if !input.subnets.is_empty() || !input.groups.is_empty() {
            let message = "Subnets and security groups are not for endpoints of type Gateway.";
            return Err(Fault::new("InvalidParameter", 400, message));
        }
        return table::check(world, &input.route_tables, &input.vpc_id);
    }
    if input.subnets.is_empty() {
        return Err(Fault::new("MissingParameter", 400, "At least one subnet must be specified."));
    }
    let is_lattice = matches!(target, Target::Resource(_) | Target::ServiceNetwork(_));
    let mut zones = BTreeSet::new();
    for id in &input.subnets {
        let subnet = subnet::find(world, id)?;
        if subnet.vpc != input.vpc_id {
            let message = format!("Subnet '{id}' does not belong to VPC '{}'.", input.vpc_id);
            return Err(Fault::new("InvalidParameter", 400, message));
        }
        if is_lattice && zone::WITHOUT_LATTICE.contains(&subnet.zone_id.as_str()) {
            let message = format!(
                "The Availability Zone {} of subnet '{id}' is not supported.",
                subnet.zone_id
            );
            return Err(Fault::new("InvalidParameter", 400, message));
        }
        if !zones.insert(&subnet.zone_id) {
            let message = format!("Found another VPC endpoint subnet in the zone of '{id}'.");
            return Err(Fault::new("DuplicateSubnetsInSameZone", 400, message));
        }
    }
    Ok(())
}

/// The groups as given, or else, silently, the VPC's default group.
fn groups(world: &World, input: &Create, target: &Target) -> Result<Vec<String>, Fault> {
    if let Target::Gateway(_) = target {
        return Ok(Vec::new());
    }
    for id in &input.groups {
        group::find_in(world, id, &input.vpc_id)?;
    }
    interface::check_groups(world, &input.groups)?;
    let default = group::default_of(world, &input.vpc_id).map(|group| group.id.clone());
    Ok(match input.groups.is_empty() {
        true => default.into_iter().collect(),
        false => input.groups.clone(),
    })
}

/// An interface in each subnet: in every one or in none.
fn take_interfaces(
    world: &mut World,
    id: &str,
    input: &Create,
    target: &Target,
    groups: &[String],
) -> Result<Vec<String>, Fault> {
    let addresses = match target {
        Target::ServiceNetwork(_) => Addresses::Block,
        _ => Addresses::Single(1),
    };
    let mut taken = Vec::new();
    for subnet in &input.subnets {
        let new = NewInterface {
            subnet,
            groups,
            addresses,
            description: &format!("VPC Endpoint Interface {id}"),
            kind: "vpc_endpoint",
            requester: Some("amazon-vpce"),
        };
        match interface::attach(world, &new) {
            Ok(interface) => taken.push(interface),
            Err(fault) => {
                taken.iter().for_each(|interface| interface::detach(world, interface));
                return Err(fault);
            }
        }
    }
    Ok(taken)
}
