//! The inputs of operations on what leads out of a VPC: route tables and what they name, peering
//! connections, transit gateways.

use super::{CIDR, FREE, SUBNET, TABLE, TAGS, TEXT, TOKEN, VPC, describe, ids};
use crate::ec2::listing::Described;
use crate::ec2::peering::Peering;
use crate::ec2::prefix_list::{Managed, PrefixList};
use crate::ec2::table::Table;
use crate::ec2::transit::{Attachment, TransitGateway};
use crate::kernel::shape::{Form, Shapes, may, need};

const PEERING: Form = Form::Id("pcx");
const ASSOCIATION: Form = Form::Id("rtbassoc");
const LIST: Form = Form::Id("pl");
const GATEWAY: Form = Form::Id("tgw");
const SWITCH: Form = Form::OneOf(&["enable", "disable"]);

/// Every operation's input, by the operation's name.
#[rustfmt::skip]
pub(super) const SHAPES: Shapes = &[
    ("CreateRouteTable", &[need("VpcId", VPC), TOKEN, TAGS]),
    ("DeleteRouteTable", &[need("RouteTableId", TABLE)]),
    ("DescribeRouteTables", describe!(Table, 100)),
    ("AssociateRouteTable", &[
        need("RouteTableId", TABLE),
        // Not required by the model, which knows tables of gateways too.
        need("SubnetId", SUBNET),
    ]),
    ("DisassociateRouteTable", &[need("AssociationId", ASSOCIATION)]),
    ("ReplaceRouteTableAssociation", &[
        need("AssociationId", ASSOCIATION), need("RouteTableId", TABLE),
    ]),
    ("CreateRoute", &[
        need("RouteTableId", TABLE),
        may("DestinationCidrBlock", CIDR),
        may("DestinationPrefixListId", LIST),
        may("GatewayId", Form::Id("igw")),
        may("NatGatewayId", Form::Id("nat")),
        may("NetworkInterfaceId", Form::Id("eni")),
        may("TransitGatewayId", GATEWAY),
        may("VpcPeeringConnectionId", PEERING),
    ]),
    ("DeleteRoute", &[
        need("RouteTableId", TABLE),
        may("DestinationCidrBlock", CIDR),
        may("DestinationPrefixListId", LIST),
    ]),
    ("DescribePrefixLists", describe!(PrefixList, i64::MAX)),
    ("DescribeManagedPrefixLists", describe!(Managed, 100)),
    ("GetManagedPrefixListEntries", &[
        need("PrefixListId", LIST),
        may("TargetVersion", Form::NumberText(1, i64::MAX)),
        may("MaxResults", Form::NumberText(1, 100)),
        may("NextToken", Form::PageToken),
    ]),
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
    ("DescribeVpcPeeringConnections", describe!(Peering, 1000)),
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
    ("DescribeTransitGateways", describe!(TransitGateway, 1000)),
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
    ("DescribeTransitGatewayVpcAttachments", describe!(Attachment, 1000)),
];
