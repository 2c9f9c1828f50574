//! Amazon EC2: VPCs, subnets with real addresses, groups and their rules, interfaces, endpoints.
//!
//! Read [`members`] for what calls may give, [`listing`] for how every Describe works, and
//! [`interface`] for what other services use to stand in a subnet. How endpoints come, follow
//! their service network and go is in [`crate::privatelink`].

mod acl;
pub(crate) mod endpoint;
pub(crate) mod group;
pub(crate) mod interface;
mod kinds;
pub(crate) mod listing;
mod members;
pub(crate) mod peering;
mod permission;
mod prefix_list;
mod rule;
pub(crate) mod subnet;
pub(crate) mod table;
pub(crate) mod tag;
#[cfg(test)]
mod tests;
pub(crate) mod transit;
pub(crate) mod vpc;
pub(crate) mod zone;

use std::borrow::Cow;

use derive_more::{AsMut, Deref, DerefMut};
use serde_json::Value;

use endpoint::Endpoint;
pub(crate) use group::Group;
use interface::Interface;
pub(crate) use listing::{Described, Head};
pub(crate) use members::SHAPES;
use peering::Peering;
pub(crate) use rule::{GroupRule, Peer};
pub(crate) use subnet::Subnet;
use table::Table;
pub(crate) use tag::identity;
use transit::{Attachment, TransitGateway};
pub(crate) use vpc::Vpc;

use crate::kernel::{self, Call, Fault, Things};

/// All that EC2 knows, by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ec2 {
    pub(crate) vpcs: Things<Vpc>,
    pub(crate) subnets: Things<Subnet>,
    pub(crate) groups: Things<Group>,
    pub(crate) rules: Things<GroupRule>,
    pub(crate) interfaces: Things<Interface>,
    pub(crate) endpoints: Things<Endpoint>,
    pub(crate) tables: Things<Table>,
    pub(crate) peerings: Things<Peering>,
    pub(crate) transit_gateways: Things<TransitGateway>,
    pub(crate) attachments: Things<Attachment>,
}

/// The world as EC2 sees it.
#[derive(AsMut, Clone, Debug, Deref, DerefMut)]
pub struct World {
    #[as_mut(forward)]
    #[deref]
    #[deref_mut]
    below: kernel::World,
    pub(crate) ec2: Ec2,
}

impl World {
    /// A world with nothing of EC2.
    pub(crate) fn new(kernel: kernel::World) -> World {
        World { below: kernel, ec2: Ec2::default() }
    }
}

/// The call without `DryRun`, or the refusal that says that it would have been answered.
pub(crate) fn in_earnest(call: &Call) -> Result<Cow<'_, Call>, Fault> {
    match call.members.get("DryRun").and_then(Value::as_str) {
        None => Ok(Cow::Borrowed(call)),
        Some("true") => {
            let message = "Request would have succeeded, but DryRun flag is set.";
            Err(Fault::new("DryRunOperation", 412, message))
        }
        Some(_) => {
            let mut call = call.clone();
            call.members.as_object_mut().and_then(|members| members.shift_remove("DryRun"));
            Ok(Cow::Owned(call))
        }
    }
}

/// Answers one call to EC2, unless `privatelink` does.
pub(crate) fn answer(world: &mut World, call: &Call) -> Result<Value, Fault> {
    match call.action.as_str() {
        "CreateVpc" => vpc::create(world, call),
        "CreateDefaultVpc" => vpc::create_default(world, call),
        "DeleteVpc" => vpc::delete(world, call),
        "DescribeVpcs" => vpc::describe(world, call),
        "DescribeVpcAttribute" => vpc::describe_attribute(world, call),
        "ModifyVpcAttribute" => vpc::modify_attribute(world, call),
        "CreateSubnet" => subnet::create(world, call),
        "DeleteSubnet" => subnet::delete(world, call),
        "DescribeSubnets" => subnet::describe(world, call),
        "DescribeAvailabilityZones" => zone::describe(world, call),
        "DescribeNetworkAcls" => acl::describe(world, call),
        "DescribeAccountAttributes" => acl::describe_account(world, call),
        "CreateRouteTable" => table::create(world, call),
        "DeleteRouteTable" => table::delete(world, call),
        "DescribeRouteTables" => table::describe(world, call),
        "AssociateRouteTable" => table::associate(world, call),
        "DisassociateRouteTable" => table::disassociate(world, call),
        "ReplaceRouteTableAssociation" => table::replace(world, call),
        "CreateRoute" => table::create_route(world, call),
        "DeleteRoute" => table::delete_route(world, call),
        "DescribePrefixLists" => prefix_list::describe(world, call),
        "DescribeManagedPrefixLists" => prefix_list::describe_managed(world, call),
        "GetManagedPrefixListEntries" => prefix_list::entries(world, call),
        "CreateSecurityGroup" => group::create(world, call),
        "DeleteSecurityGroup" => group::delete(world, call),
        "DescribeSecurityGroups" => group::describe(world, call),
        "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress" => {
            permission::authorize(world, call)
        }
        "RevokeSecurityGroupIngress" | "RevokeSecurityGroupEgress" => {
            permission::revoke(world, call)
        }
        "DescribeSecurityGroupRules" => rule::describe(world, call),
        "CreateTags" => tag::create(world, call),
        "DeleteTags" => tag::delete(world, call),
        "DescribeTags" => tag::describe(world, call),
        "CreateNetworkInterface" => interface::create(world, call),
        "ModifyNetworkInterfaceAttribute" => interface::modify(world, call),
        "DeleteNetworkInterface" => interface::delete(world, call),
        "DescribeNetworkInterfaces" => interface::describe(world, call),
        "DescribeVpcEndpoints" => endpoint::describe(world, call),
        "DescribeVpcEndpointAssociations" => endpoint::describe_links(world, call),
        "CreateVpcPeeringConnection" => peering::create(world, call),
        "AcceptVpcPeeringConnection" => peering::accept(world, call),
        "DeleteVpcPeeringConnection" => peering::delete(world, call),
        "DescribeVpcPeeringConnections" => peering::describe(world, call),
        "CreateTransitGateway" => transit::create(world, call),
        "DeleteTransitGateway" => transit::delete(world, call),
        "DescribeTransitGateways" => transit::describe(world, call),
        "CreateTransitGatewayVpcAttachment" => transit::attach(world, call),
        "DeleteTransitGatewayVpcAttachment" => transit::detach(world, call),
        "DescribeTransitGatewayVpcAttachments" => transit::describe_attachments(world, call),
        other => {
            let message = format!("The simulated EC2 does not know the action {other}.");
            Err(Fault::new("InvalidAction", 400, message))
        }
    }
}

/// A due moment of the thing with this id has come.
pub(crate) fn ripen(world: &mut World, id: &str) {
    match id.split('-').next().unwrap_or_default() {
        "eni" => interface::detach(world, id),
        "pcx" => peering::ripen(world, id),
        "tgw" => transit::ripen(world, id),
        _ => {}
    }
}

/// The names of the region's zones in which there is VPC Lattice.
pub(crate) fn lattice_zones(region: &str) -> Vec<String> {
    zone::all(region)
        .into_iter()
        .filter(|zone| !zone::WITHOUT_LATTICE.contains(&zone.id.as_str()))
        .map(|zone| zone.name)
        .collect()
}
