//! Transit gateways and the VPCs attached to them, with the default route table alone: every
//! attachment is associated with it and propagates its VPC's addresses to it.
//!
//! Where two attached VPCs have overlapping addresses, nothing is routed between them (Amazon VPC
//! Transit Gateways, "Routing": an overlapping CIDR is not propagated).

mod attachment;

use derive_more::{Deref, DerefMut};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) use attachment::{Attachment, attach, between, describe_attachments, detach};

use super::interface;
use super::listing::{self, Described};
use super::tag::{self, TagSpecification};
use crate::ec2::{Head, World};
use crate::kernel::{Call, Fault, Service, iso};

/// Where a transit gateway or an attachment is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransitState {
    /// Being made.
    Pending,
    /// Of use.
    Available,
    /// Being removed.
    Deleting,
    /// Gone, and still listed.
    Deleted,
}

impl TransitState {
    /// The value on the wire.
    fn wire(self) -> &'static str {
        match self {
            TransitState::Pending => "pending",
            TransitState::Available => "available",
            TransitState::Deleting => "deleting",
            TransitState::Deleted => "deleted",
        }
    }

    /// Where it is after what is on its way; `None` when nothing is left of it.
    fn next(self) -> Option<TransitState> {
        match self {
            TransitState::Pending | TransitState::Available => Some(TransitState::Available),
            TransitState::Deleting => Some(TransitState::Deleted),
            TransitState::Deleted => None,
        }
    }
}

/// A transit gateway.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct TransitGateway {
    #[deref]
    #[deref_mut]
    head: Head,
    description: String,
    state: TransitState,
    /// `Options` as given.
    options: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Create {
    #[serde(default)]
    description: String,
    #[serde(default)]
    options: Value,
    #[serde(default, rename = "TagSpecification")]
    tags: Vec<TagSpecification>,
}

/// `CreateTransitGateway`.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let tags = tag::on_create(&input.tags, "transit-gateway")?;
    let gateway = TransitGateway {
        head: Head::new(world, "tgw", tags.clone()),
        description: input.description,
        state: TransitState::Pending,
        options: input.options,
    };
    let id = gateway.id.clone();
    let answer = json!({ "transitGateway": gateway.show(world) });
    world.ec2.transit_gateways.insert(id.clone(), gateway);
    tag::created(world, "transit-gateway", &id, &tags);
    let attachment = world.switches.durations.attachment;
    world.ripens(Service::Ec2, &id, attachment);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Delete {
    transit_gateway_id: String,
}

/// `DeleteTransitGateway`: not while anything is attached.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let Delete { transit_gateway_id: id } = call.input()?;
    expect_available(world, &id)?;
    let mut attachments = world.ec2.attachments.values();
    if attachments.any(|it| it.gateway == id && it.state != TransitState::Deleted) {
        let message = format!("{id} has non-deleted VPC Attachments");
        return Err(Fault::new("IncorrectState", 400, message));
    }
    if let Some(gateway) = world.ec2.transit_gateways.get_mut(&id) {
        gateway.state = TransitState::Deleting;
    }
    let attachment = world.switches.durations.attachment;
    world.ripens(Service::Ec2, &id, attachment);
    let gateway = &world.ec2.transit_gateways[&id];
    Ok(json!({ "transitGateway": gateway.show(world) }))
}

fn expect_available(world: &World, id: &str) -> Result<(), Fault> {
    let found = world.ec2.transit_gateways.get(id);
    let gateway = found.ok_or_else(|| TransitGateway::not_found(id))?;
    if gateway.state == TransitState::Available {
        return Ok(());
    }
    let message = format!("{id} is in invalid state: {}", gateway.state.wire());
    Err(Fault::new("IncorrectState", 400, message))
}

/// A due moment of the transit gateway or attachment has come.
pub(super) fn ripen(world: &mut World, id: &str) {
    let listed = world.switches.durations.deleted_endpoint_listed;
    let ec2 = &mut world.ec2;
    let mut interfaces = Vec::new();
    let next = if let Some(it) = ec2.attachments.get_mut(id) {
        if it.state == TransitState::Deleting {
            interfaces = std::mem::take(&mut it.interfaces);
        }
        it.state.next().inspect(|next| it.state = *next)
    } else if let Some(it) = ec2.transit_gateways.get_mut(id) {
        it.state.next().inspect(|next| it.state = *next)
    } else {
        return;
    };
    interfaces.iter().for_each(|interface| interface::leave(world, interface));
    match next {
        Some(TransitState::Deleted) => drop(world.ripens(Service::Ec2, id, listed)),
        Some(_) => {}
        None => {
            world.ec2.attachments.remove(id);
            world.ec2.transit_gateways.remove(id);
        }
    }
}

/// `DescribeTransitGateways`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.transit_gateways)
}

impl Described for TransitGateway {
    const TYPE: &'static str = "transit-gateway";
    const STEM: &'static str = "tgw";
    const IDS: &'static str = "TransitGatewayIds";
    const SET: &'static str = "transitGatewaySet";
    const FILTERS: &'static [&'static str] = &["owner-id", "state", "transit-gateway-id"];

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        vec![match filter {
            "owner-id" => world.account.clone(),
            "state" => self.state.wire().to_owned(),
            _ => self.id.clone(),
        }]
    }

    fn show(&self, world: &World) -> Value {
        let option =
            |name: &str, default: &str| self.options[name].as_str().unwrap_or(default).to_owned();
        let table = self.id.replacen("tgw", "tgw-rtb", 1);
        json!({
            "transitGatewayId": self.id,
            "transitGatewayArn": world.arn("ec2", &format!("transit-gateway/{}", self.id)),
            "state": self.state.wire(),
            "ownerId": world.account,
            "description": self.description,
            "creationTime": iso(self.created),
            "options": {
                "amazonSideAsn": option("AmazonSideAsn", "64512"),
                "autoAcceptSharedAttachments": option("AutoAcceptSharedAttachments", "disable"),
                "defaultRouteTableAssociation": option("DefaultRouteTableAssociation", "enable"),
                "associationDefaultRouteTableId": table,
                "defaultRouteTablePropagation": option("DefaultRouteTablePropagation", "enable"),
                "propagationDefaultRouteTableId": table,
                "vpnEcmpSupport": option("VpnEcmpSupport", "enable"),
                "dnsSupport": option("DnsSupport", "enable"),
                "securityGroupReferencingSupport":
                    option("SecurityGroupReferencingSupport", "disable"),
                "multicastSupport": option("MulticastSupport", "disable"),
            },
            "tagSet": tag::show(&self.tags),
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("Transit Gateway {id} was deleted or does not exist.");
        Fault::new("InvalidTransitGatewayID.NotFound", 400, message)
    }
}
