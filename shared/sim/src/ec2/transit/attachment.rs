//! VPCs attached to transit gateways.

use derive_more::{Deref, DerefMut};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{TransitState, expect_available};
use crate::ec2::interface::{self, Addresses, NewInterface};
use crate::ec2::listing::{self, Described};
use crate::ec2::tag::{self, TagSpecification};
use crate::ec2::{Head, World, subnet, vpc};
use crate::kernel::{Call, Fault, Service, iso};

/// An attachment of a VPC to a transit gateway.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct Attachment {
    #[deref]
    #[deref_mut]
    head: Head,
    pub(crate) gateway: String,
    pub(crate) vpc: String,
    pub(super) state: TransitState,
    subnets: Vec<String>,
    pub(super) interfaces: Vec<String>,
}

/// The transit gateway that both VPCs are attached to, if there is one.
pub(crate) fn between<'a>(world: &'a World, one: &str, other: &str) -> Option<&'a str> {
    let of = |vpc: &str| {
        let vpc = vpc.to_owned();
        let all = world.ec2.attachments.values();
        all.filter(move |it| it.vpc == vpc && it.state == TransitState::Available)
    };
    of(one).map(|it| it.gateway.as_str()).find(|id| of(other).any(|it| it.gateway == *id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Attach {
    transit_gateway_id: String,
    vpc_id: String,
    subnet_ids: Vec<String>,
    #[serde(default, rename = "Options")]
    _options: Value,
    #[serde(default, rename = "TagSpecifications")]
    tags: Vec<TagSpecification>,
}

/// `CreateTransitGatewayVpcAttachment`: an interface in each of the subnets.
pub(crate) fn attach(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Attach = call.input()?;
    let tags = tag::on_create(&input.tags, "transit-gateway-attachment")?;
    expect_available(world, &input.transit_gateway_id)?;
    vpc::find(world, &input.vpc_id)?;
    for id in &input.subnet_ids {
        if subnet::find(world, id)?.vpc != input.vpc_id {
            let message = format!("Subnet '{id}' does not belong to VPC '{}'.", input.vpc_id);
            return Err(Fault::new("InvalidParameterValue", 400, message));
        }
    }
    let is_beside = |it: &Attachment| {
        it.gateway == input.transit_gateway_id
            && it.vpc == input.vpc_id
            && it.state != TransitState::Deleted
    };
    if let Some(other) = world.ec2.attachments.values().find(|it| is_beside(it)) {
        let message =
            format!("{} has an attachment to {}: {}", input.vpc_id, other.gateway, other.id);
        return Err(Fault::new("DuplicateTransitGatewayAttachment", 400, message));
    }
    let id = world.new_id("tgw-attach", 17);
    let interfaces = take_interfaces(world, &id, &input.subnet_ids)?;
    let attachment = Attachment {
        head: Head { id: id.clone(), created: world.now(), tags: tags.clone() },
        gateway: input.transit_gateway_id,
        vpc: input.vpc_id,
        state: TransitState::Pending,
        subnets: input.subnet_ids,
        interfaces,
    };
    let answer = json!({ "transitGatewayVpcAttachment": attachment.show(world) });
    world.ec2.attachments.insert(id.clone(), attachment);
    tag::created(world, "transit-gateway-attachment", &id, &tags);
    let attachment = world.switches.durations.attachment;
    world.ripens(Service::Ec2, &id, attachment);
    Ok(answer)
}

/// An interface in each subnet: in every one or in none.
fn take_interfaces(world: &mut World, id: &str, subnets: &[String]) -> Result<Vec<String>, Fault> {
    let mut taken = Vec::new();
    for subnet in subnets {
        let new = NewInterface {
            subnet,
            groups: &[],
            addresses: Addresses::Single(1),
            description: &format!("Network Interface for Transit Gateway Attachment {id}"),
            kind: "transit_gateway",
            requester: Some("amazon-vpc-transit-gateway"),
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Detach {
    transit_gateway_attachment_id: String,
}

/// `DeleteTransitGatewayVpcAttachment`.
pub(crate) fn detach(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let Detach { transit_gateway_attachment_id: id } = call.input()?;
    let attachment =
        world.ec2.attachments.get_mut(&id).ok_or_else(|| Attachment::not_found(&id))?;
    if attachment.state != TransitState::Available {
        let message = format!("{id} is in invalid state: {}", attachment.state.wire());
        return Err(Fault::new("IncorrectState", 400, message));
    }
    attachment.state = TransitState::Deleting;
    let tags = attachment.tags.clone();
    let attachment = world.switches.durations.attachment;
    world.ripens(Service::Ec2, &id, attachment);
    tag::deleted(world, "transit-gateway-attachment", &id, &tags);
    let attachment = &world.ec2.attachments[&id];
    Ok(json!({ "transitGatewayVpcAttachment": attachment.show(world) }))
}

/// `DescribeTransitGatewayVpcAttachments`.
pub(crate) fn describe_attachments(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.attachments)
}

impl Described for Attachment {
    const TYPE: &'static str = "transit-gateway-attachment";
    const STEM: &'static str = "tgw-attach";
    const IDS: &'static str = "TransitGatewayAttachmentIds";
    const SET: &'static str = "transitGatewayVpcAttachments";
    const FILTERS: &'static [&'static str] =
        &["state", "transit-gateway-attachment-id", "transit-gateway-id", "vpc-id"];

    fn field(&self, _: &World, filter: &str) -> Vec<String> {
        vec![match filter {
            "state" => self.state.wire().to_owned(),
            "transit-gateway-id" => self.gateway.clone(),
            "vpc-id" => self.vpc.clone(),
            _ => self.id.clone(),
        }]
    }

    fn show(&self, world: &World) -> Value {
        json!({
            "transitGatewayAttachmentId": self.id,
            "transitGatewayId": self.gateway,
            "vpcId": self.vpc,
            "vpcOwnerId": world.account,
            "state": self.state.wire(),
            "subnetIds": {"item": self.subnets},
            "creationTime": iso(self.created),
            "options": {
                "dnsSupport": "enable",
                "securityGroupReferencingSupport": "enable",
                "ipv6Support": "disable",
                "applianceModeSupport": "disable",
            },
            "tagSet": tag::show(&self.tags),
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("Transit Gateway Attachment {id} was deleted or does not exist.");
        Fault::new("InvalidTransitGatewayAttachmentID.NotFound", 400, message)
    }
}
