//! The inputs of operations on what leads out of a VPC: peering connections, transit gateways.

use super::{FREE, SUBNET, TAGS, TEXT, VPC, describe, ids};
use crate::ec2::listing::Described;
use crate::ec2::peering::Peering;
use crate::ec2::transit::{Attachment, TransitGateway};
use crate::shape::{Form, Shapes, may, need};

const PEERING: Form = Form::Id("pcx");
const GATEWAY: Form = Form::Id("tgw");
const SWITCH: Form = Form::OneOf(&["enable", "disable"]);

/// Every operation's input, by the operation's name.
#[rustfmt::skip]
pub(super) const SHAPES: Shapes = &[
    ("CreateVpcPeeringConnection", &[
        need("VpcId", VPC),
        // Not required by the model, and refused without.
        need("PeerVpcId", VPC),
        may("PeerOwnerId", TEXT),
        may("PeerRegion", TEXT),
        TAGS,
    ]),
    ("AcceptVpcPeeringConnection", &[need("VpcPeeringConnectionId", PEERING)]),
    ("DeleteVpcPeeringConnection", &[need("VpcPeeringConnectionId", PEERING)]),
    ("DescribeVpcPeeringConnections", describe!(Peering, "pcx", 1000)),
    ("CreateTransitGateway", &[
        may("Description", FREE),
        may("Options", Form::Structure(&[
            may("AmazonSideAsn", Form::NumberText(1, 4_294_967_294)),
            may("AutoAcceptSharedAttachments", SWITCH),
            may("DefaultRouteTableAssociation", SWITCH),
            may("DefaultRouteTablePropagation", SWITCH),
            may("DnsSupport", SWITCH),
            may("MulticastSupport", SWITCH),
            may("SecurityGroupReferencingSupport", SWITCH),
            may("VpnEcmpSupport", SWITCH),
        ])),
        TAGS,
    ]),
    ("DeleteTransitGateway", &[need("TransitGatewayId", GATEWAY)]),
    ("DescribeTransitGateways", describe!(TransitGateway, "tgw", 1000)),
    ("CreateTransitGatewayVpcAttachment", &[
        need("TransitGatewayId", GATEWAY),
        need("VpcId", VPC),
        need("SubnetIds", ids(&SUBNET)),
        may("Options", Form::Structure(&[
            may("ApplianceModeSupport", SWITCH),
            may("DnsSupport", SWITCH),
            may("Ipv6Support", SWITCH),
            may("SecurityGroupReferencingSupport", SWITCH),
        ])),
        may("TagSpecifications", super::TAG_LIST),
    ]),
    ("DeleteTransitGatewayVpcAttachment", &[
        need("TransitGatewayAttachmentId", Form::Id("tgw-attach")),
    ]),
    ("DescribeTransitGatewayVpcAttachments", describe!(Attachment, "tgw-attach", 1000)),
];
