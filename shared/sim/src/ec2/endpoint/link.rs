//! What an endpoint reaches: one association per resource of its service network, each with an
//! address in every subnet and a name.

use std::net::Ipv4Addr;

use derive_more::{Deref, DerefMut};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Endpoint;
use crate::ec2::listing::{self, Described};
use crate::ec2::{Head, World};
use crate::kernel::{Call, Fault};

/// The hosted zone of the names that VPC Lattice gives.
const HOSTED_ZONE: &str = "Z00000000LATTICE0RSC";

/// An endpoint's association with a resource.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct Link {
    #[deref]
    #[deref_mut]
    pub(crate) head: Head,
    pub(crate) endpoint: String,
    /// The configuration with the address: the managed child for type ARN.
    pub(crate) configuration: String,
    /// Its ARN.
    pub(crate) resource_arn: Option<String>,
    /// The ARN of the parent configuration, for type ARN.
    pub(crate) group_arn: Option<String>,
    /// The ARN and the name of the service network, unless the endpoint is of one resource.
    pub(crate) network: Option<(String, String)>,
    /// The association of service network and resource, unless the endpoint is of one resource.
    pub(crate) association: Option<String>,
    /// The name that resolves everywhere, to the endpoint.
    pub(crate) public_name: String,
    /// The resource's own name, which leads to the endpoint from within the VPC.
    pub(crate) private_name: Option<String>,
    /// The addresses that the link takes, by interface.
    pub(crate) addresses: Vec<(String, Ipv4Addr)>,
    /// From when on it is accessible, once that is known.
    pub(crate) accessible_at: Option<Timestamp>,
    /// Why it never will be.
    pub(crate) failure: Option<(&'static str, String)>,
}

impl Link {
    /// Whether connections get through by now.
    pub(crate) fn is_accessible(&self, now: Timestamp) -> bool {
        self.failure.is_none() && self.accessible_at.is_some_and(|at| at <= now)
    }
}

/// `DescribeVpcEndpointAssociations`.
pub(crate) fn describe_links(world: &World, call: &Call) -> Result<Value, Fault> {
    let endpoints: Vec<String> =
        serde_json::from_value(call.members["VpcEndpointId"].clone()).unwrap_or_default();
    for id in &endpoints {
        super::find(world, id)?;
    }
    let links: Vec<&Link> = world
        .ec2
        .endpoints
        .values()
        .filter(|endpoint| endpoints.is_empty() || endpoints.contains(&endpoint.id))
        .flat_map(|endpoint| endpoint.links.values())
        .filter(|link| world.is_listed(link.created, None))
        .collect();
    let mut call = call.clone();
    if let Some(members) = call.members.as_object_mut() {
        members.shift_remove("VpcEndpointId");
    }
    listing::describe_these(world, &call, &links)
}

impl Described for Link {
    const TYPE: &'static str = "vpc-endpoint-association";
    const STEM: &'static str = "vpce-rsc-asc";
    const IDS: &'static str = "AssociationId";
    const SET: &'static str = "vpcEndpointAssociationSet";
    const FILTERS: &'static [&'static str] = &[
        "associated-resource-accessibility",
        "associated-resource-id",
        "association-id",
        "resource-configuration-group-arn",
        "service-network-arn",
        "vpc-endpoint-id",
    ];
    const SIZES: (usize, usize) = (1, 100);

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        let value = match filter {
            "association-id" => Some(self.id.clone()),
            "vpc-endpoint-id" => Some(self.endpoint.clone()),
            "associated-resource-id" => Some(self.configuration.clone()),
            "associated-resource-accessibility" => Some(self.accessibility(world).to_owned()),
            "service-network-arn" => self.network.as_ref().map(|(arn, _)| arn.clone()),
            _ => self.group_arn.clone(),
        };
        value.into_iter().collect()
    }

    fn show(&self, world: &World) -> Value {
        let entry = |name: &str| json!({"dnsName": name, "hostedZoneId": HOSTED_ZONE});
        let network = self.network.as_ref();
        let is_named = self.is_accessible(world.now());
        json!({
            "id": self.id,
            "vpcEndpointId": self.endpoint,
            "serviceNetworkArn": network.map(|(arn, _)| arn),
            "serviceNetworkName": network.map(|(_, name)| name),
            "associatedResourceAccessibility": self.accessibility(world),
            "failureReason": self.failure.as_ref().map(|(_, reason)| reason),
            "failureCode": self.failure.as_ref().map(|(code, _)| code),
            "dnsEntry": entry(&self.public_name),
            "privateDnsEntry": self.private_name.as_deref().filter(|_| is_named).map(entry),
            "associatedResourceArn": self.resource_arn,
            "resourceConfigurationGroupArn": self.group_arn,
            "tagSet": {"item": []},
        })
    }

    fn not_found(id: &str) -> Fault {
        Endpoint::not_found(id)
    }
}

impl Link {
    /// As the documentation's sample writes it, which is not as the API model does.
    fn accessibility(&self, world: &World) -> &'static str {
        match &self.failure {
            Some(_) => "FAILED",
            None if self.is_accessible(world.now()) => "Accessible",
            None => "Pending",
        }
    }
}
