//! What VPC Lattice holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::kind::{Kind, Status};
use super::policy::Policy;
use crate::kernel::Tags;

/// What all entities have.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    /// Such as `rgw-0123456789abcdef0`.
    pub(crate) id: String,
    /// The ARN, which names the owner's account.
    pub(crate) arn: String,
    /// What it is doing.
    pub(crate) status: Status,
    /// Why it failed, if it did.
    pub(crate) failure: Option<String>,
    /// Its tags.
    pub(crate) tags: Tags,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// When it last changed.
    pub(crate) updated_at: Timestamp,
    /// When the work on its way is done; later work makes an earlier due moment void.
    pub(crate) due_at: Timestamp,
}

impl Entity {
    /// The account that owns it.
    pub(crate) fn owner(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }
}

/// A resource gateway.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    /// What all entities have.
    pub(crate) entity: Entity,
    /// Unique within the account.
    pub(crate) name: String,
    /// The VPC that it stands in.
    pub(crate) vpc: String,
    /// Where its interfaces are.
    pub(crate) subnets: Vec<String>,
    /// The groups of its interfaces; they control traffic to the resources.
    pub(crate) groups: Vec<String>,
    /// `IPV4`, `IPV6` or `DUALSTACK`.
    pub(crate) ip_address_type: String,
    /// How many addresses it asked for per interface.
    pub(crate) addresses_per_eni: u32,
    /// `PUBLIC` or `IN_VPC`.
    pub(crate) dns_resolution: String,
    /// Who manages it, when that is not its owner.
    pub(crate) managed_by: Option<String>,
    /// Its network interfaces, by id.
    pub(crate) interfaces: Vec<String>,
}

/// A resource configuration.
#[derive(Clone, Debug)]
pub(crate) struct Configuration {
    /// What all entities have.
    pub(crate) entity: Entity,
    /// Unique within the account.
    pub(crate) name: String,
    /// `SINGLE`, `GROUP`, `CHILD`, `ARN` or `CIDR`.
    pub(crate) kind: String,
    /// The id of its gateway.
    pub(crate) gateway: String,
    /// The id of its parent, when it is a child.
    pub(crate) group: Option<String>,
    /// The union as the API has it: `{"arnResource": {"arn": …}}`.
    pub(crate) definition: Option<Value>,
    /// `5432`, `1-1024`; empty for ARN configurations.
    pub(crate) port_ranges: Vec<String>,
    /// `TCP` or `TCP_UDP`; none for ARN configurations.
    pub(crate) protocol: Option<String>,
    /// Whether it may be associated with a network that is, or may be, shared.
    pub(crate) shareable: bool,
    /// A name of its owner's.
    pub(crate) custom_domain_name: Option<String>,
    /// The domain of a group's children.
    pub(crate) group_domain: Option<String>,
    /// Made by AWS for an ARN configuration.
    pub(crate) amazon_managed: bool,
}

impl Configuration {
    /// The ARN of the database that it stands for, when it is of type ARN.
    pub(crate) fn database(&self) -> Option<&str> {
        self.definition.as_ref()?.pointer("/arnResource/arn")?.as_str()
    }

    /// The domain name that it stands for, when it is given by one.
    pub(crate) fn domain_name(&self) -> Option<&str> {
        self.definition.as_ref()?.pointer("/dnsResource/domainName")?.as_str()
    }
}

/// A service network.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// What all entities have; a network has no status on the wire.
    pub(crate) entity: Entity,
    /// Unique within the account.
    pub(crate) name: String,
    /// `NONE` or `AWS_IAM`.
    pub(crate) auth_type: String,
    /// Whether it may be shared through RAM.
    pub(crate) sharing: bool,
    /// Its auth policy.
    pub(crate) policy: Option<Policy>,
}

/// An association of a service network with a resource configuration.
#[derive(Clone, Debug)]
pub(crate) struct ResourceAssociation {
    /// What all entities have.
    pub(crate) entity: Entity,
    /// The id of the configuration.
    pub(crate) configuration: String,
    /// The id of the network.
    pub(crate) network: String,
    /// The parent association, when this is one that AWS made for a managed child.
    pub(crate) parent: Option<String>,
    /// Whether names of the resource resolve privately where the network is consumed.
    pub(crate) private_dns_enabled: bool,
    /// The public record of the resource in this network.
    pub(crate) dns_name: String,
    /// The name that resolves privately: the database's own endpoint.
    pub(crate) private_dns_name: Option<String>,
    /// Made by AWS.
    pub(crate) managed: bool,
}

/// An association of a service network with a VPC.
#[derive(Clone, Debug)]
pub(crate) struct VpcAssociation {
    /// What all entities have.
    pub(crate) entity: Entity,
    /// The id of the network.
    pub(crate) network: String,
    /// The VPC.
    pub(crate) vpc: String,
    /// Who in the VPC may use it.
    pub(crate) groups: Vec<String>,
    /// Whether names of the resources resolve in the VPC.
    pub(crate) private_dns_enabled: bool,
    /// Which names of the resources do.
    pub(crate) dns_options: Option<DnsOptions>,
}

/// For which domains of a network's resources there are private zones.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DnsOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) private_dns_preference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) private_dns_specified_domains: Option<Vec<String>>,
}

/// All of VPC Lattice in one account and region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lattice {
    /// Resource gateways by id.
    pub(crate) gateways: BTreeMap<String, Gateway>,
    /// Resource configurations by id, managed children among them.
    pub(crate) configurations: BTreeMap<String, Configuration>,
    /// Service networks by id, those shared into the account among them.
    pub(crate) networks: BTreeMap<String, Network>,
    /// Associations of networks with configurations by id, those of children among them.
    pub(crate) resource_associations: BTreeMap<String, ResourceAssociation>,
    /// Associations of networks with VPCs by id.
    pub(crate) vpc_associations: BTreeMap<String, VpcAssociation>,
    /// The last rows of what is gone and may still be listed.
    pub(crate) gone: Vec<Gone>,
    /// Whether the account has the service-linked role of VPC Lattice by now.
    pub(crate) has_role: bool,
    /// The ids of networks that carry something else, until who follows them has learnt of it.
    pub(super) news: Vec<String>,
}

/// What is gone, as listings showed it last.
#[derive(Clone, Debug)]
pub(crate) struct Gone {
    pub(crate) kind: Kind,
    pub(crate) row: Value,
    pub(crate) at: Timestamp,
}

impl Lattice {
    /// The ids of the networks that carry something else since this was asked last.
    pub(crate) fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    /// What the thing with this id has in common with all others.
    pub(crate) fn entity(&self, id: &str) -> Option<&Entity> {
        match Kind::of(id)? {
            Kind::Gateway => self.gateways.get(id).map(|thing| &thing.entity),
            Kind::Configuration => self.configurations.get(id).map(|thing| &thing.entity),
            Kind::Network => self.networks.get(id).map(|thing| &thing.entity),
            Kind::ResourceAssociation => {
                self.resource_associations.get(id).map(|thing| &thing.entity)
            }
            Kind::VpcAssociation => self.vpc_associations.get(id).map(|thing| &thing.entity),
        }
    }

    /// The same, to be changed.
    pub(crate) fn entity_mut(&mut self, id: &str) -> Option<&mut Entity> {
        match Kind::of(id)? {
            Kind::Gateway => self.gateways.get_mut(id).map(|thing| &mut thing.entity),
            Kind::Configuration => self.configurations.get_mut(id).map(|thing| &mut thing.entity),
            Kind::Network => self.networks.get_mut(id).map(|thing| &mut thing.entity),
            Kind::ResourceAssociation => {
                self.resource_associations.get_mut(id).map(|thing| &mut thing.entity)
            }
            Kind::VpcAssociation => {
                self.vpc_associations.get_mut(id).map(|thing| &mut thing.entity)
            }
        }
    }

    /// The children of a configuration.
    pub(crate) fn children<'a>(
        &'a self,
        parent: &'a str,
    ) -> impl Iterator<Item = &'a Configuration> {
        self.configurations.values().filter(move |child| child.group.as_deref() == Some(parent))
    }
}
