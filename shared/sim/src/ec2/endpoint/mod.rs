//! VPC endpoints: of services, of single resources, and of whole service networks.
//!
//! An endpoint is `pending`, then `available` or `failed`; deleted, it is `deleting`, then listed
//! as `deleted` for a while. What it does in between is in [`crate::privatelink`].

pub(crate) mod dns;
mod link;

use std::collections::BTreeMap;

use derive_more::{Deref, DerefMut};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) use dns::{DnsOptions, specifies_domains};
pub(crate) use link::{Link, describe_links};

use super::listing::{self, Described};
use super::tag;
use crate::ec2::{Head, World};
use crate::kernel::{Call, Fault, iso};

/// What an endpoint leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// An AWS service, through route tables, by its service name.
    Gateway(String),
    /// An AWS service, through interfaces, by its service name.
    Interface(String),
    /// A resource configuration, by its ARN.
    Resource(String),
    /// A service network, by its ARN.
    ServiceNetwork(String),
}

impl Target {
    /// The `VpcEndpointType`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Target::Gateway(_) => "Gateway",
            Target::Interface(_) => "Interface",
            Target::Resource(_) => "Resource",
            Target::ServiceNetwork(_) => "ServiceNetwork",
        }
    }

    pub(crate) fn network_arn(&self) -> Option<&str> {
        match self {
            Target::ServiceNetwork(arn) => Some(arn),
            _ => None,
        }
    }
}

const FULL_ACCESS: &str = "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\
                           \"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}";

/// Where an endpoint is in its life. On the wire these are in lower case, unlike in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointState {
    /// Being made.
    Pending,
    /// Of use.
    Available,
    /// Of use, but not in all of its parts.
    Partial,
    /// It could not be made.
    Failed,
    /// Whoever owns what it leads to does not want it.
    Rejected,
    /// Being removed.
    Deleting,
    /// Gone, and still listed.
    Deleted,
}

impl EndpointState {
    /// Whether connections get through it.
    pub(crate) fn works(self) -> bool {
        matches!(self, EndpointState::Available | EndpointState::Partial)
    }

    /// The value on the wire.
    pub(crate) fn wire(self) -> &'static str {
        match self {
            EndpointState::Pending => "pending",
            EndpointState::Available => "available",
            EndpointState::Partial => "partial",
            EndpointState::Failed => "failed",
            EndpointState::Rejected => "rejected",
            EndpointState::Deleting => "deleting",
            EndpointState::Deleted => "deleted",
        }
    }
}

/// A VPC endpoint.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct Endpoint {
    #[deref]
    #[deref_mut]
    pub(crate) head: Head,
    pub(crate) target: Target,
    pub(crate) vpc: String,
    pub(crate) state: EndpointState,
    pub(crate) subnets: Vec<String>,
    pub(crate) groups: Vec<String>,
    /// One per subnet, in their order.
    pub(crate) interfaces: Vec<String>,
    pub(crate) route_tables: Vec<String>,
    pub(crate) private_dns: bool,
    /// `DnsOptions` as given.
    pub(crate) dns_options: DnsOptions,
    pub(crate) policy: Option<String>,
    /// Why it will be, or is, `failed`.
    pub(crate) failure: Option<String>,
    /// When the work on its way is done; later work makes an earlier due moment void.
    pub(crate) due_at: Timestamp,
    /// What it reaches, by the id of the configuration with the address.
    pub(crate) links: BTreeMap<String, Link>,
}

impl Endpoint {
    /// Whether it is more than a row that is still listed.
    pub(crate) fn is_here(&self) -> bool {
        self.state != EndpointState::Deleted
    }

    /// The ARN of its service network, if it leads to one.
    pub(crate) fn network(&self) -> Option<&str> {
        self.target.network_arn()
    }

    /// The ARN of its resource configuration, if it leads to one.
    pub(crate) fn configuration(&self) -> Option<&str> {
        match &self.target {
            Target::Resource(arn) => Some(arn),
            _ => None,
        }
    }

    fn service_name(&self) -> Option<&str> {
        match &self.target {
            Target::Gateway(name) | Target::Interface(name) => Some(name),
            _ => None,
        }
    }
}

/// The endpoint with this id, unless only its row is left.
pub(crate) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Endpoint, Fault> {
    let endpoint = world.ec2.endpoints.get(id).filter(|endpoint| endpoint.is_here());
    endpoint.ok_or_else(|| Endpoint::not_found(id))
}

/// `DescribeVpcEndpoints`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.endpoints)
}

impl Described for Endpoint {
    const TYPE: &'static str = "vpc-endpoint";
    const STEM: &'static str = "vpce";
    const IDS: &'static str = "VpcEndpointId";
    const SET: &'static str = "vpcEndpointSet";
    const FILTERS: &'static [&'static str] = &[
        "ip-address-type",
        "service-name",
        "service-region",
        "vpc-endpoint-id",
        "vpc-endpoint-state",
        "vpc-endpoint-type",
        "vpc-id",
    ];
    const SIZES: (usize, usize) = (1, 1000);

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        let value = match filter {
            "vpc-endpoint-id" => &self.id,
            "vpc-id" => &self.vpc,
            "vpc-endpoint-state" => self.state.wire(),
            "vpc-endpoint-type" => self.target.kind(),
            "service-name" => self.service_name().unwrap_or_default(),
            "service-region" => &world.region,
            _ => "ipv4",
        };
        vec![value.to_owned()]
    }

    fn show(&self, world: &World) -> Value {
        let group = |id: &String| {
            let name = world.ec2.groups.get(id).map(|group| &group.name);
            json!({"groupId": id, "groupName": name})
        };
        let error = self.failure.as_ref().filter(|_| self.state == EndpointState::Failed);
        json!({
            "vpcEndpointId": self.id,
            "vpcEndpointType": self.target.kind(),
            "vpcId": self.vpc,
            "serviceName": self.service_name(),
            "serviceNetworkArn": self.network(),
            "resourceConfigurationArn": self.configuration(),
            "state": self.state.wire(),
            "policyDocument": self.policy.as_deref().or(self.default_policy()),
            "routeTableIdSet": {"item": self.route_tables},
            "subnetIdSet": {"item": self.subnets},
            "groupSet": {"item": self.groups.iter().map(group).collect::<Vec<_>>()},
            "ipAddressType": "ipv4",
            "dnsOptions": self.dns_options.show(),
            "privateDnsEnabled": self.private_dns,
            "requesterManaged": false,
            "networkInterfaceIdSet": {"item": self.interfaces},
            "dnsEntrySet": {"item": self.dns_entries(world)},
            "creationTimestamp": iso(self.created),
            "ownerId": world.account,
            "failureReason": error,
            "lastError": error.map(|message| json!({"code": "InternalError", "message": message})),
            "tagSet": tag::show(&self.tags),
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("The Vpc Endpoint Id '{id}' does not exist");
        Fault::new("InvalidVpcEndpointId.NotFound", 400, message)
    }
}

impl Endpoint {
    /// The policy that an endpoint of a service has unless it is given one: full access.
    fn default_policy(&self) -> Option<&'static str> {
        self.service_name().map(|_| FULL_ACCESS)
    }

    /// Names of the endpoint itself. One for a service network has none: each of its
    /// associations has its own.
    fn dns_entries(&self, world: &World) -> Vec<Value> {
        let entry = |name: &str| json!({"dnsName": name, "hostedZoneId": "Z7HUB22UULQXV"});
        match &self.target {
            Target::Interface(service) => {
                let short = service.rsplit('.').next().unwrap_or_default();
                let own = format!("{}.{short}.{}.vpce.amazonaws.com", self.id, world.region);
                let private = self.private_dns.then(|| dns::service_name(service, &world.region));
                [own].into_iter().chain(private).map(|name| entry(&name)).collect()
            }
            Target::Resource(_) => {
                self.links.values().map(|link| entry(&link.public_name)).collect()
            }
            Target::Gateway(_) | Target::ServiceNetwork(_) => Vec::new(),
        }
    }
}
