//! Makes things, each with our tags on it from the first moment.

use std::collections::HashMap;

use aws_sdk_ec2::types::{
    IpPermission, ResourceType, Tag, TagSpecification, UserIdGroupPair, VpcEndpointType,
};
use aws_sdk_vpclattice::types::{
    ArnResource, ResourceConfigurationDefinition, ResourceConfigurationType,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use reconcile::id::{GroupId, Port};
use reconcile::key::Key;
use reconcile::observed::Direction;
use reconcile::step::Create;
use reconcile::tag::Tags;

use crate::{Aws, Error};

impl Aws {
    pub(super) async fn create(
        &self,
        key: &Key,
        create: &Create,
        tags: &Tags,
        token: &str,
    ) -> Result<(), Error> {
        match create {
            Create::Network { name } => {
                let call = self.lattice.create_service_network().name(name.as_str());
                let call = call.client_token(token).set_tags(Some(lattice_tags(tags)));
                finish("CreateServiceNetwork", key, call.send().await)
            }
            Create::Gateway { name, vpc, subnets, groups, addresses_per_interface } => {
                let call = self
                    .lattice
                    .create_resource_gateway()
                    .name(name)
                    .vpc_identifier(vpc.as_str())
                    .set_subnet_ids(Some(texts(subnets)))
                    .set_security_group_ids(Some(texts(groups)))
                    .ipv4_addresses_per_eni(i32::from(*addresses_per_interface))
                    .client_token(token)
                    .set_tags(Some(lattice_tags(tags)));
                finish("CreateResourceGateway", key, call.send().await)
            }
            Create::Configuration { name, gateway, database } => {
                let arn = ArnResource::builder().arn(database.as_str()).build();
                let call = self
                    .lattice
                    .create_resource_configuration()
                    .name(name)
                    .r#type(ResourceConfigurationType::Arn)
                    .resource_gateway_identifier(gateway.as_str())
                    .resource_configuration_definition(
                        ResourceConfigurationDefinition::ArnResource(arn),
                    )
                    // The network may be, or become, one that is shared through RAM.
                    .allow_association_to_shareable_service_network(true)
                    .client_token(token)
                    .set_tags(Some(lattice_tags(tags)));
                finish("CreateResourceConfiguration", key, call.send().await)
            }
            Create::Association { configuration, network } => {
                let call = self
                    .lattice
                    .create_service_network_resource_association()
                    .resource_configuration_identifier(configuration.as_str())
                    // The ARN, since another account's network is known by that only.
                    .service_network_identifier(network.as_str())
                    .client_token(token)
                    .set_tags(Some(lattice_tags(tags)));
                finish("CreateServiceNetworkResourceAssociation", key, call.send().await)
            }
            Create::Group { name, description, vpc } => {
                let call = self
                    .ec2
                    .create_security_group()
                    .group_name(name)
                    .description(description)
                    .vpc_id(vpc.as_str())
                    .tag_specifications(ec2_tags(ResourceType::SecurityGroup, tags, Some(name)));
                finish("CreateSecurityGroup", key, call.send().await)
            }
            Create::Rule { group, direction, peer, port, description } => {
                let permission = permission(peer, *port, description);
                let tags = ec2_tags(ResourceType::SecurityGroupRule, tags, None);
                self.make_rule(key, group, *direction, permission, tags).await
            }
            Create::Endpoint { vpc, network, subnets, groups, name } => {
                let call = self
                    .ec2
                    .create_vpc_endpoint()
                    // Without a type EC2 makes a gateway endpoint.
                    .vpc_endpoint_type(VpcEndpointType::ServiceNetwork)
                    .vpc_id(vpc.as_str())
                    .service_network_arn(network.as_str())
                    .set_subnet_ids(Some(texts(subnets)))
                    // Without a group EC2 attaches the VPC's default group, silently.
                    .set_security_group_ids(Some(texts(groups)))
                    .private_dns_enabled(true)
                    // The SDK fills in tokens for Lattice, at random, and none for this call.
                    .client_token(token)
                    .tag_specifications(ec2_tags(ResourceType::VpcEndpoint, tags, Some(name)));
                finish("CreateVpcEndpoint", key, call.send().await)
            }
        }
    }

    /// One rule a call: a duplicate makes the whole call fail.
    async fn make_rule(
        &self,
        key: &Key,
        group: &GroupId,
        direction: Direction,
        permission: IpPermission,
        tags: TagSpecification,
    ) -> Result<(), Error> {
        match direction {
            Direction::Ingress => {
                let call = self.ec2.authorize_security_group_ingress().group_id(group.as_str());
                let call = call.ip_permissions(permission).tag_specifications(tags);
                finish("AuthorizeSecurityGroupIngress", key, call.send().await)
            }
            Direction::Egress => {
                let call = self.ec2.authorize_security_group_egress().group_id(group.as_str());
                let call = call.ip_permissions(permission).tag_specifications(tags);
                finish("AuthorizeSecurityGroupEgress", key, call.send().await)
            }
        }
    }
}

/// Names the call and what it was for in the error.
pub(super) fn finish<T, E>(
    call: &'static str,
    key: &Key,
    answer: Result<T, SdkError<E, HttpResponse>>,
) -> Result<(), Error>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    answer.map(drop).map_err(|error| Error::of(call, key, error))
}

pub(super) fn texts<T: ToString>(ids: impl IntoIterator<Item = T>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}

fn permission(peer: &GroupId, port: Port, description: &str) -> IpPermission {
    // A rule's description takes up to 255 characters (EC2 API, UserIdGroupPair).
    let description: String = description.chars().take(255).collect();
    let pair = UserIdGroupPair::builder().group_id(peer.as_str()).description(description).build();
    IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(i32::from(port.0))
        .to_port(i32::from(port.0))
        .user_id_group_pairs(pair)
        .build()
}

fn lattice_tags(tags: &Tags) -> HashMap<String, String> {
    tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn ec2_tags(kind: ResourceType, tags: &Tags, name: Option<&str>) -> TagSpecification {
    let ours = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let name = name.map(|name| Tag::builder().key("Name").value(name).build());
    let all = ours.chain(name).collect();
    TagSpecification::builder().resource_type(kind).set_tags(Some(all)).build()
}
