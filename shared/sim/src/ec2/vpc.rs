//! VPCs, their DNS attributes and what comes with a new one.

use derive_more::{Deref, DerefMut};
use ipnet::Ipv4Net;
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{self, Described};
use super::tag::{self, TagSpecification};
use super::{group, peering, rule, subnet, table};
use crate::ec2::{Head, World};
use crate::kernel::call::Flag;
use crate::kernel::{Call, Fault, Service, Tags};

/// A VPC.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct Vpc {
    #[deref]
    #[deref_mut]
    head: Head,
    pub(crate) cidr: Ipv4Net,
    /// `enableDnsSupport`.
    pub(crate) dns_support: bool,
    /// `enableDnsHostnames`: off in a new VPC.
    pub(crate) dns_hostnames: bool,
    pub(crate) address_metrics: bool,
    /// The one in which things stand that name none.
    pub(crate) is_default: bool,
}

/// The VPC with this id.
pub(crate) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Vpc, Fault> {
    world.ec2.vpcs.get(id).ok_or_else(|| Vpc::not_found(id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Create {
    cidr_block: String,
    #[serde(default)]
    instance_tenancy: Option<String>,
    #[serde(default)]
    amazon_provided_ipv6_cidr_block: Option<Flag>,
    #[serde(default, rename = "TagSpecification")]
    tags: Vec<TagSpecification>,
}

/// `CreateVpc`: with a default group, and DNS support but no DNS hostnames.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let cidr = network(&input.cidr_block)?;
    if !(16..=28).contains(&cidr.prefix_len()) {
        let message = format!("The CIDR '{cidr}' is invalid.");
        return Err(Fault::new("InvalidVpc.Range", 400, message));
    }
    let is_simple = input.amazon_provided_ipv6_cidr_block != Some(Flag(true))
        && input.instance_tenancy.as_deref().unwrap_or("default") == "default";
    if !is_simple {
        let message = "The simulated EC2 has VPCs of default tenancy and IPv4 only.";
        return Err(Fault::new("UnsupportedOperation", 400, message));
    }
    let tags = tag::on_create(&input.tags, "vpc")?;
    let vpc = Vpc {
        head: Head::new(world, "vpc", tags),
        cidr,
        dns_support: true,
        dns_hostnames: false,
        address_metrics: false,
        is_default: false,
    };
    let answer = json!({ "vpc": vpc.show(world) });
    add(world, vpc);
    Ok(answer)
}

/// The VPC is there, with a default group and a main route table.
fn add(world: &mut World, vpc: Vpc) {
    let (id, tags) = (vpc.id.clone(), vpc.tags.clone());
    table::add_main(world, &vpc);
    world.ec2.vpcs.insert(id.clone(), vpc);
    let default = group::add(world, &id, "default", "default VPC security group", Tags::new());
    rule::allow_members(world, &default);
    tag::created(world, "vpc", &id, &tags);
}

/// The default VPC, if there is one.
pub(crate) fn default(world: &World) -> Option<&Vpc> {
    world.ec2.vpcs.values().find(|vpc| vpc.is_default)
}

impl World {
    /// There is a default VPC, as in every new account; or there was one already.
    pub fn place_default_vpc(&mut self) {
        // Refused only if there is one.
        let _ = create_default(self, &Call::new(Service::Ec2, "CreateDefaultVpc", json!({})));
    }
}

/// `CreateDefaultVpc`: with a subnet in every zone, as every new account has one (Amazon VPC User
/// Guide, "Default VPCs").
pub(crate) fn create_default(world: &mut World, _: &Call) -> Result<Value, Fault> {
    if let Some(vpc) = default(world) {
        let message = format!("A Default VPC already exists for this account: {}", vpc.id);
        return Err(Fault::new("DefaultVpcAlreadyExists", 400, message));
    }
    let vpc = Vpc {
        head: Head::new(world, "vpc", Tags::new()),
        cidr: network("172.31.0.0/16")?,
        dns_support: true,
        dns_hostnames: true,
        address_metrics: false,
        is_default: true,
    };
    let answer = json!({ "vpc": vpc.show(world) });
    let id = vpc.id.clone();
    add(world, vpc);
    subnet::add_defaults(world, &id)?;
    Ok(answer)
}

/// An IPv4 network as calls give it.
pub(crate) fn network(text: &str) -> Result<Ipv4Net, Fault> {
    text.parse::<Ipv4Net>().map(|net| net.trunc()).map_err(|_| {
        let message = format!("Value ({text}) for parameter cidrBlock is invalid.");
        Fault::new("InvalidParameterValue", 400, message)
    })
}

/// Whether an address is in both.
pub(crate) fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Delete {
    vpc_id: String,
}

/// `DeleteVpc`: only when nothing stands in it but its default group.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let Delete { vpc_id: id } = call.input()?;
    let tags = find(world, &id)?.tags.clone();
    let is_used = world.ec2.subnets.values().any(|subnet| subnet.vpc == id)
        || world.ec2.interfaces.values().any(|interface| interface.vpc == id)
        || world.ec2.endpoints.values().any(|endpoint| endpoint.vpc == id && endpoint.is_here())
        || world.ec2.groups.values().any(|group| group.vpc == id && !group.is_default())
        || table::has_more(world, &id)
        || peering::holds(world, &id);
    if is_used {
        let message = format!("The vpc '{id}' has dependencies and cannot be deleted.");
        return Err(Fault::new("DependencyViolation", 400, message));
    }
    let default = world.ec2.groups.values().find(|group| group.vpc == id);
    if let Some(default) = default.map(|group| group.id.clone()) {
        group::remove(world, &default);
    }
    table::vpc_gone(world, &id);
    world.ec2.vpcs.remove_at(world.now(), &id);
    tag::deleted(world, "vpc", &id, &tags);
    Ok(json!({"return": true}))
}

/// `DescribeVpcs`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.vpcs)
}

impl Described for Vpc {
    const TYPE: &'static str = "vpc";
    const STEM: &'static str = "vpc";
    const IDS: &'static str = "VpcId";
    const SET: &'static str = "vpcSet";
    const FILTERS: &'static [&'static str] = &[
        "cidr",
        "cidr-block",
        "cidr-block-association.cidr-block",
        "dhcp-options-id",
        "is-default",
        "isDefault",
        "owner-id",
        "state",
        "vpc-id",
    ];

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        vec![match filter {
            "vpc-id" => self.id.clone(),
            "owner-id" => world.account.clone(),
            "state" => "available".to_owned(),
            "is-default" | "isDefault" => self.is_default.to_string(),
            "dhcp-options-id" => "default".to_owned(),
            _ => self.cidr.to_string(),
        }]
    }

    fn show(&self, world: &World) -> Value {
        json!({
            "vpcId": self.id,
            "ownerId": world.account,
            "state": "available",
            "cidrBlock": self.cidr.to_string(),
            "cidrBlockAssociationSet": {"item": [{
                "cidrBlock": self.cidr.to_string(),
                "associationId": self.id.replacen("vpc", "vpc-cidr-assoc", 1),
                "cidrBlockState": {"state": "associated"},
            }]},
            "dhcpOptionsId": "default",
            "instanceTenancy": "default",
            "isDefault": self.is_default,
            "tagSet": tag::show(&self.tags),
        })
    }

    fn not_found(id: &str) -> Fault {
        Fault::new("InvalidVpcID.NotFound", 400, format!("The vpc ID '{id}' does not exist"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DescribeAttribute {
    vpc_id: String,
    attribute: String,
}

/// `DescribeVpcAttribute`: one attribute per call.
pub(crate) fn describe_attribute(world: &World, call: &Call) -> Result<Value, Fault> {
    let input: DescribeAttribute = call.input()?;
    let vpc = find(world, &input.vpc_id)?;
    let value = match input.attribute.as_str() {
        "enableDnsSupport" => vpc.dns_support,
        "enableDnsHostnames" => vpc.dns_hostnames,
        "enableNetworkAddressUsageMetrics" => vpc.address_metrics,
        other => {
            let message = format!("Value ({other}) for parameter attribute is invalid.");
            return Err(Fault::new("InvalidParameterValue", 400, message));
        }
    };
    let mut answer = json!({ "vpcId": vpc.id });
    answer[&input.attribute] = json!({ "value": value });
    Ok(answer)
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attribute {
    #[serde(rename = "Value")]
    value: Flag,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ModifyAttribute {
    vpc_id: String,
    #[serde(default)]
    enable_dns_support: Option<Attribute>,
    #[serde(default)]
    enable_dns_hostnames: Option<Attribute>,
    #[serde(default)]
    enable_network_address_usage_metrics: Option<Attribute>,
}

/// `ModifyVpcAttribute`: one attribute per call.
pub(crate) fn modify_attribute(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: ModifyAttribute = call.input()?;
    let given = [
        input.enable_dns_support,
        input.enable_dns_hostnames,
        input.enable_network_address_usage_metrics,
    ];
    if given.iter().flatten().count() != 1 {
        let message = "Exactly one attribute may be modified per call.";
        return Err(Fault::new("InvalidParameterCombination", 400, message));
    }
    find(world, &input.vpc_id)?;
    if let Some(vpc) = world.ec2.vpcs.get_mut(&input.vpc_id) {
        let [support, hostnames, metrics] = given;
        vpc.dns_support = support.map_or(vpc.dns_support, |one| one.value.0);
        vpc.dns_hostnames = hostnames.map_or(vpc.dns_hostnames, |one| one.value.0);
        vpc.address_metrics = metrics.map_or(vpc.address_metrics, |one| one.value.0);
    }
    Ok(json!({"return": true}))
}
