//! The inputs of EC2's operations, by its API model (2016-11-15), whose members are named here as
//! they are on the wire.
//!
//! The model has few patterns; codes and forms of ids are those of the API reference ("Error codes
//! for the Amazon EC2 API").

mod ways;

use ipnet::{Ipv4Net, Ipv6Net};

use crate::ec2::acl::Acl;
use crate::ec2::endpoint::{Endpoint, Link};
use crate::ec2::interface::Interface;
use crate::ec2::listing::Described;
use crate::ec2::{Group, GroupRule, Subnet, Vpc};
use crate::kernel::shape::{Form, Member, Pattern, Shape, Shapes, may, need};

const fn like(fits: fn(&str) -> bool, such_as: &'static str, code: Option<&'static str>) -> Form {
    Form::Like(Pattern { fits, such_as, code })
}

const VPC: Form = Form::Id("vpc");
const SUBNET: Form = Form::Id("subnet");
const GROUP: Form = Form::Id("sg");
const RULE: Form = Form::Id("sgr");
const ENDPOINT: Form = Form::Id("vpce");
const TABLE: Form = Form::Id("rtb");
/// Any thing that can have tags.
const RESOURCE: Form = like(is_resource, "vpc-0a1b2c3d4e5f6a7b8", Some("InvalidID"));

const CIDR: Form = like(|text| text.parse::<Ipv4Net>().is_ok(), "10.0.0.0/16", None);
const CIDR_V6: Form = like(|text| text.parse::<Ipv6Net>().is_ok(), "2001:db8::/56", None);
const ARN: Form = like(
    is_lattice_arn,
    "arn:aws:vpc-lattice:us-east-1:111122223333:servicenetwork/sn-0a1b2c3d4e5f6a7b8",
    Some("InvalidServiceNetworkArn.Malformed"),
);
const CONFIGURATION_ARN: Form = like(
    is_lattice_arn,
    "arn:aws:vpc-lattice:us-east-1:111122223333:resourceconfiguration/rcfg-0a1b2c3d4e5f6a7b8",
    Some("InvalidResourceConfigurationArn.Malformed"),
);
const POLICY: Form = like(
    |text| serde_json::from_str::<serde_json::Map<_, _>>(text).is_ok(),
    "{}",
    Some("InvalidPolicyDocument"),
);
const TOKEN: Member =
    may("ClientToken", like(|text| text.len() <= 64 && text.is_ascii(), "token-1", None));
const TEXT: Form = Form::Text(1, 255);
/// What is checked for its characters where it is used.
const FREE: Form = Form::Text(0, usize::MAX);
const PORT: Form = Form::NumberText(-1, 65535);

const NO_TAG: Form = Form::Structure(&[need("Key", FREE), may("Value", FREE)]);
const TAG: Form = Form::Structure(&[
    need("Key", like(is_tag_key, "stage", None)),
    may("Value", Form::Text(0, 256)),
]);
const TAG_LIST: Form = Form::List(
    &Form::Structure(&[need("ResourceType", TEXT), may("Tag", Form::List(&TAG, 0, 1000))]),
    0,
    100,
);
const TAGS: Member = may("TagSpecification", TAG_LIST);
const ATTRIBUTE: Form = Form::Structure(&[need("Value", Form::FlagText)]);
const DESCRIPTION: Member = may("Description", FREE);
const PERMISSION: Form = Form::Structure(&[
    need("IpProtocol", TEXT),
    may("FromPort", PORT),
    may("ToPort", PORT),
    may("IpRanges", peers(&Form::Structure(&[need("CidrIp", CIDR), DESCRIPTION]))),
    may("Ipv6Ranges", peers(&Form::Structure(&[need("CidrIpv6", CIDR_V6), DESCRIPTION]))),
    may(
        "PrefixListIds",
        peers(&Form::Structure(&[need("PrefixListId", Form::Id("pl")), DESCRIPTION])),
    ),
    may(
        "Groups",
        peers(&Form::Structure(&[
            need("GroupId", GROUP),
            may("UserId", TEXT),
            may("VpcId", VPC),
            DESCRIPTION,
        ])),
    ),
]);
const PERMISSIONS: Member = may("IpPermissions", Form::List(&PERMISSION, 0, 1000));
const DNS_OPTIONS: Member = may(
    "DnsOptions",
    Form::Structure(&[
        may("DnsRecordIpType", Form::OneOf(&["ipv4", "dualstack", "ipv6", "service-defined"])),
        may("PrivateDnsOnlyForInboundResolverEndpoint", Form::FlagText),
        may(
            "PrivateDnsPreference",
            Form::OneOf(&[
                "VERIFIED_DOMAINS_ONLY",
                "ALL_DOMAINS",
                "VERIFIED_DOMAINS_AND_SPECIFIED_DOMAINS",
                "SPECIFIED_DOMAINS_ONLY",
            ]),
        ),
        may("PrivateDnsSpecifiedDomain", Form::List(&TEXT, 1, 10)),
    ]),
);

const fn peers(form: &'static Form) -> Form {
    Form::List(form, 0, 1000)
}

const fn ids(form: &'static Form) -> Form {
    Form::List(form, 1, 1000)
}

/// The input of a Describe, with pages of up to so many.
macro_rules! describe {
    ($kind:ty, $most:expr) => {
        &[
            may(<$kind>::IDS, ids(&Form::Id(<$kind>::STEM))),
            may("Filter", Form::Filters(<$kind>::FILTERS)),
            may("MaxResults", Form::NumberText(<$kind>::SIZES.0 as i64, $most)),
            may("NextToken", Form::PageToken),
        ]
    };
}

use describe;

const ZONES: Shape = &[
    may("ZoneName", ids(&TEXT)),
    may("ZoneId", ids(&TEXT)),
    may("AllAvailabilityZones", Form::FlagText),
    may("Filter", Form::Filters(crate::ec2::zone::FILTERS)),
];

/// Every operation's input, by the operation's name.
pub(crate) const SHAPES: &[Shapes] = &[INSIDE, ways::SHAPES];

/// The operations on what stands in a VPC.
#[rustfmt::skip]
const INSIDE: Shapes = &[
    ("CreateVpc", &[
        need("CidrBlock", CIDR),
        may("InstanceTenancy", Form::OneOf(&["default", "dedicated", "host"])),
        may("AmazonProvidedIpv6CidrBlock", Form::FlagText),
        TAGS,
    ]),
    ("CreateDefaultVpc", &[]),
    ("DeleteVpc", &[need("VpcId", VPC)]),
    ("DescribeVpcs", describe!(Vpc, 1000)),
    ("DescribeVpcAttribute", &[
        need("VpcId", VPC),
        need("Attribute", Form::OneOf(&[
            "enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics",
        ])),
    ]),
    ("ModifyVpcAttribute", &[
        need("VpcId", VPC),
        may("EnableDnsSupport", ATTRIBUTE),
        may("EnableDnsHostnames", ATTRIBUTE),
        may("EnableNetworkAddressUsageMetrics", ATTRIBUTE),
    ]),
    ("CreateSubnet", &[
        need("VpcId", VPC),
        need("CidrBlock", CIDR),
        may("AvailabilityZone", TEXT),
        may("AvailabilityZoneId", TEXT),
        TAGS,
    ]),
    ("DeleteSubnet", &[need("SubnetId", SUBNET)]),
    ("DescribeSubnets", describe!(Subnet, 1000)),
    ("DescribeAvailabilityZones", ZONES),
    ("DescribeNetworkAcls", describe!(Acl, 1000)),
    ("DescribeAccountAttributes", &[
        may("AttributeName", ids(&Form::OneOf(&["supported-platforms", "default-vpc"]))),
    ]),
    ("CreateSecurityGroup", &[
        need("GroupName", FREE),
        need("GroupDescription", FREE),
        may("VpcId", VPC),
        TAGS,
    ]),
    ("DeleteSecurityGroup", &[need("GroupId", GROUP)]),
    ("DescribeSecurityGroups", describe!(Group, 1000)),
    ("AuthorizeSecurityGroupIngress", &[need("GroupId", GROUP), PERMISSIONS, TAGS]),
    ("AuthorizeSecurityGroupEgress", &[need("GroupId", GROUP), PERMISSIONS, TAGS]),
    ("RevokeSecurityGroupIngress", &[
        need("GroupId", GROUP),
        PERMISSIONS,
        may("SecurityGroupRuleId", ids(&RULE)),
    ]),
    ("RevokeSecurityGroupEgress", &[
        need("GroupId", GROUP),
        PERMISSIONS,
        may("SecurityGroupRuleId", ids(&RULE)),
    ]),
    ("DescribeSecurityGroupRules", describe!(GroupRule, 1000)),
    ("CreateTags", &[need("ResourceId", ids(&RESOURCE)), need("Tag", Form::List(&TAG, 1, 1000))]),
    ("DeleteTags", &[need("ResourceId", ids(&RESOURCE)), may("Tag", Form::List(&NO_TAG, 0, 1000))]),
    ("DescribeTags", &[
        may("Filter", Form::Filters(crate::ec2::tag::FILTERS)),
        may("MaxResults", Form::NumberText(5, i64::MAX)),
        may("NextToken", Form::PageToken),
    ]),
    ("CreateNetworkInterface", &[
        need("SubnetId", SUBNET),
        may("Description", FREE),
        may("SecurityGroupId", ids(&GROUP)),
        TOKEN,
        TAGS,
    ]),
    ("ModifyNetworkInterfaceAttribute", &[
        need("NetworkInterfaceId", Form::Id("eni")),
        may("SecurityGroupId", ids(&GROUP)),
    ]),
    ("DeleteNetworkInterface", &[need("NetworkInterfaceId", Form::Id("eni"))]),
    ("DescribeNetworkInterfaces", describe!(Interface, 1000)),
    ("CreateVpcEndpoint", &[
        need("VpcId", VPC),
        may("VpcEndpointType", Form::OneOf(&[
            "Interface", "Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork", "Tunnel",
        ])),
        may("ServiceName", TEXT),
        may("ServiceRegion", TEXT),
        may("ServiceNetworkArn", ARN),
        may("ResourceConfigurationArn", CONFIGURATION_ARN),
        may("SubnetId", ids(&SUBNET)),
        may("SecurityGroupId", ids(&GROUP)),
        may("RouteTableId", ids(&TABLE)),
        may("PrivateDnsEnabled", Form::FlagText),
        DNS_OPTIONS,
        may("IpAddressType", Form::OneOf(&["ipv4", "dualstack", "ipv6"])),
        may("PolicyDocument", POLICY),
        TOKEN,
        TAGS,
    ]),
    ("ModifyVpcEndpoint", &[
        need("VpcEndpointId", ENDPOINT),
        may("AddSecurityGroupId", Form::List(&GROUP, 0, 1000)),
        may("RemoveSecurityGroupId", Form::List(&GROUP, 0, 1000)),
        may("AddSubnetId", ids(&SUBNET)),
        may("RemoveSubnetId", ids(&SUBNET)),
        may("PrivateDnsEnabled", Form::FlagText),
        DNS_OPTIONS,
        may("PolicyDocument", POLICY),
    ]),
    ("DeleteVpcEndpoints", &[need("VpcEndpointId", ids(&ENDPOINT))]),
    // A page may be asked for as large as one likes, and has a thousand.
    ("DescribeVpcEndpoints", describe!(Endpoint, i64::MAX)),
    ("DescribeVpcEndpointAssociations", &[
        may("VpcEndpointId", ids(&ENDPOINT)),
        may("Filter", Form::Filters(Link::FILTERS)),
        may("MaxResults", Form::NumberText(1, 100)),
        may("NextToken", Form::PageToken),
    ]),
];

/// Keys of 1 to 128 characters, and none of AWS's own ("Tag restrictions" in the Amazon EC2 User
/// Guide).
fn is_tag_key(key: &str) -> bool {
    (1..=128).contains(&key.chars().count()) && !key.to_ascii_lowercase().starts_with("aws:")
}

fn is_resource(id: &str) -> bool {
    let digits = id.rsplit_once('-').map_or("", |(_, digits)| digits);
    matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_lattice_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.split(':').nth(2) == Some("vpc-lattice")
}
