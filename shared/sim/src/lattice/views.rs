//! What VPC Lattice shows of VPC endpoints, which are EC2's.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{configuration, network, page};
use crate::ec2::endpoint::Endpoint;
use crate::kernel::{Call, Fault, iso};
use crate::lattice::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfNetwork {
    service_network_identifier: String,
    max_results: Option<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfConfiguration {
    resource_configuration_identifier: String,
    resource_endpoint_association_identifier: Option<String>,
    vpc_endpoint_id: Option<String>,
    vpc_endpoint_owner: Option<String>,
    max_results: Option<String>,
    next_token: Option<String>,
}

/// The endpoints of a service network: which VPCs reach it.
pub(super) fn network_endpoints(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: OfNetwork = call.input()?;
    let id = network::find(world, &input.service_network_identifier)?;
    let rows = endpoints_of(world, &id)
        .map(|endpoint| {
            json!({
                "vpcEndpointId": endpoint.id,
                "vpcId": endpoint.vpc,
                "vpcEndpointOwnerId": world.account,
                "id": endpoint.id,
                "state": endpoint.state.wire(),
                "serviceNetworkArn": endpoint.network(),
                "createdAt": iso(endpoint.created),
            })
        })
        .collect();
    page(world, call, rows, input.max_results.as_deref(), input.next_token.as_deref())
}

/// The endpoints of a single configuration.
pub(super) fn resource_endpoints(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: OfConfiguration = call.input()?;
    let id = configuration::find(world, &input.resource_configuration_identifier)?;
    let configuration = &world.lattice.configurations[&id];
    let mut rows: Vec<Value> = endpoints_to(world, &id)
        .map(|endpoint| {
            let association = endpoint.id.replace("vpce-", "rea-");
            let suffix = format!("resourceendpointassociation/{association}");
            json!({
                "id": association,
                "arn": world.arn("vpc-lattice", &suffix),
                "resourceConfigurationId": id,
                "resourceConfigurationArn": configuration.entity.arn,
                "resourceConfigurationName": configuration.name,
                "vpcEndpointId": endpoint.id,
                "vpcEndpointOwner": world.account,
                "createdBy": world.account,
                "createdAt": iso(endpoint.created),
            })
        })
        .collect();
    rows.retain(|row| {
        let is = |member: &str, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| row[member] == **wanted)
        };
        let association = &input.resource_endpoint_association_identifier;
        (is("id", association) || is("arn", association))
            && is("vpcEndpointId", &input.vpc_endpoint_id)
            && is("vpcEndpointOwner", &input.vpc_endpoint_owner)
    });
    page(world, call, rows, input.max_results.as_deref(), input.next_token.as_deref())
}

/// The endpoints of the network with this id that are not gone.
pub(super) fn endpoints_of<'a>(world: &'a World, id: &str) -> impl Iterator<Item = &'a Endpoint> {
    let arn = world.lattice.networks.get(id).map(|network| network.entity.arn.as_str());
    endpoints(world).filter(move |it| arn.is_some() && it.network() == arn)
}

/// The endpoints of the configuration with this id that are not gone.
pub(super) fn endpoints_to<'a>(world: &'a World, id: &str) -> impl Iterator<Item = &'a Endpoint> {
    let found = world.lattice.configurations.get(id);
    let arn = found.map(|configuration| configuration.entity.arn.as_str());
    endpoints(world).filter(move |it| arn.is_some() && it.configuration() == arn)
}

fn endpoints(world: &World) -> impl Iterator<Item = &Endpoint> {
    world.ec2.endpoints.values().filter(|endpoint| endpoint.is_here())
}
