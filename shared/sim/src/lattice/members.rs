//! The inputs of VPC Lattice's operations, by its API model (2022-11-30); what it leaves open is
//! as CloudFormation's schemas of the same things have it.

use std::net::IpAddr;

use ipnet::IpNet;

use super::check::{is_arn, is_ec2_id, is_identifier, is_tag};
use super::kind::Kind;
use crate::kernel::shape::{Form, Member, Pattern, Shapes, may, need};

const fn like(fits: fn(&str) -> bool, such_as: &'static str) -> Form {
    Form::Like(Pattern { fits, such_as, code: None })
}

const GATEWAY: Form = like(|text| is_identifier(Kind::Gateway, text), "rgw-0a1b2c3d4e5f6a7b8");
const CONFIGURATION: Form =
    like(|text| is_identifier(Kind::Configuration, text), "rcfg-0a1b2c3d4e5f6a7b8");
const NETWORK: Form = like(|text| is_identifier(Kind::Network, text), "sn-0a1b2c3d4e5f6a7b8");
/// Services have one too, which are not imitated.
const WITH_POLICY: Form = like(
    |text| is_identifier(Kind::Network, text) || is_identifier(Kind::Configuration, text),
    "sn-0a1b2c3d4e5f6a7b8",
);
const POLICY: Form = like(
    |text| text.len() <= 102_400 && serde_json::from_str::<serde_json::Map<_, _>>(text).is_ok(),
    "{}",
);
const ASSOCIATION: Form =
    like(|text| is_identifier(Kind::ResourceAssociation, text), "snra-0a1b2c3d4e5f6a7b8");
const VPC_ASSOCIATION: Form =
    like(|text| is_identifier(Kind::VpcAssociation, text), "snva-0a1b2c3d4e5f6a7b8");
const ENDPOINT_ASSOCIATION: Form = like(
    |text| {
        let id = text.rsplit_once(":resourceendpointassociation/").map_or(text, |(_, id)| id);
        is_ec2_id(id, "rea-") && id.len() == 21
    },
    "rea-0a1b2c3d4e5f6a7b8",
);
const VPC: Form = like(|text| is_ec2_id(text, "vpc-"), "vpc-0a1b2c3d4e5f6a7b8");
const GROUP: Form = like(|text| is_ec2_id(text, "sg-"), "sg-0a1b2c3d4e5f6a7b8");
const ENDPOINT: Form = like(|text| is_ec2_id(text, "vpce-"), "vpce-0a1b2c3d4e5f6a7b8");
const ACCOUNT: Form =
    like(|text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()), "111122223333");
const ARN: Form = like(
    |text| is_arn(text) && text.split(':').nth(2) == Some("vpc-lattice") && text.len() <= 1224,
    "arn:aws:vpc-lattice:us-east-1:111122223333:servicenetwork/sn-0a1b2c3d4e5f6a7b8",
);
const ANY_ARN: Form = like(
    |text| is_arn(text) && (20..=2048).contains(&text.len()),
    "arn:aws:rds:us-east-1:111122223333:db:orders",
);
const DOMAIN: Form = like(
    |text| {
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._*".contains(&b);
        (3..=255).contains(&text.len()) && text.bytes().all(is_allowed)
    },
    "orders.example.com",
);
const ADDRESS: Form = like(|text| text.parse::<IpAddr>().is_ok(), "10.0.1.20");
const RANGE: Form = like(|text| text.parse::<IpNet>().is_ok(), "10.0.0.0/16");
const PORTS: Form = like(is_port_range, "5432");
const TOKEN: Form = like(
    |text| (1..=64).contains(&text.chars().count()) && text.bytes().any(|b| b.is_ascii_graphic()),
    "token-1",
);

const CLIENT_TOKEN: Member = may("clientToken", TOKEN);
const TAGS: Form = Form::Map(is_tag, 50);
const GROUPS: Form = Form::List(&GROUP, 0, 5);
const DNS_RESOLUTION: Form = Form::OneOf(&["PUBLIC", "IN_VPC"]);
const AUTH_TYPE: Form = Form::OneOf(&["NONE", "AWS_IAM"]);
const PREFERENCE: Form = Form::OneOf(&[
    "VERIFIED_DOMAINS_ONLY",
    "ALL_DOMAINS",
    "VERIFIED_DOMAINS_AND_SPECIFIED_DOMAINS",
    "SPECIFIED_DOMAINS_ONLY",
]);
const DNS_OPTIONS: Member = may(
    "dnsOptions",
    Form::Structure(&[
        may("privateDnsPreference", PREFERENCE),
        may("privateDnsSpecifiedDomains", Form::List(&Form::Text(1, 255), 1, 10)),
    ]),
);
const FAMILIES: Form = Form::OneOf(&["IPV4", "IPV6", "DUALSTACK"]);
const DEFINITION: Member = may(
    "resourceConfigurationDefinition",
    Form::Union(&[
        may(
            "dnsResource",
            Form::Structure(&[need("domainName", DOMAIN), need("ipAddressType", FAMILIES)]),
        ),
        may("ipResource", Form::Structure(&[need("ipAddress", ADDRESS)])),
        may("arnResource", Form::Structure(&[need("arn", ANY_ARN)])),
        may("cidrResource", Form::Structure(&[need("cidrRanges", Form::List(&RANGE, 1, 10))])),
    ]),
);
const PORT_RANGES: Member = may("portRanges", Form::List(&PORTS, 0, 100));
const MAX_RESULTS: Member = may("maxResults", Form::NumberText(1, 100));
const NEXT_TOKEN: Member = may("nextToken", Form::PageToken);

const fn name(fits: fn(&str) -> bool) -> Member {
    need("name", like(fits, "orders"))
}

/// Every operation's input, by the operation's name.
#[rustfmt::skip]
pub(crate) const SHAPES: &[Shapes] = &[&[
    ("CreateResourceGateway", &[
        name(|text| is_name(text, 40) && !text.starts_with("rgw-")),
        need("vpcIdentifier", VPC),
        need("subnetIds", Form::List(&Form::Text(5, 200), 1, 16)),
        may("securityGroupIds", GROUPS),
        may("ipAddressType", FAMILIES),
        may("ipv4AddressesPerEni", Form::Number(1, 62)),
        may("resourceConfigDnsResolution", DNS_RESOLUTION),
        CLIENT_TOKEN,
        may("tags", TAGS),
    ]),
    ("GetResourceGateway", &[need("resourceGatewayIdentifier", GATEWAY)]),
    ("UpdateResourceGateway", &[
        need("resourceGatewayIdentifier", GATEWAY),
        may("securityGroupIds", GROUPS),
        may("resourceConfigDnsResolution", DNS_RESOLUTION),
    ]),
    ("DeleteResourceGateway", &[need("resourceGatewayIdentifier", GATEWAY)]),
    ("ListResourceGateways", &[MAX_RESULTS, NEXT_TOKEN]),
    ("CreateResourceConfiguration", &[
        name(|text| is_name(text, 40) && !text.starts_with("rcfg-")),
        need("type", Form::OneOf(&["GROUP", "CHILD", "SINGLE", "ARN", "CIDR"])),
        may("resourceGatewayIdentifier", GATEWAY),
        may("resourceConfigurationGroupIdentifier", CONFIGURATION),
        DEFINITION,
        PORT_RANGES,
        may("protocol", Form::OneOf(&["TCP", "TCP_UDP"])),
        may("allowAssociationToShareableServiceNetwork", Form::Flag),
        may("customDomainName", DOMAIN),
        may("groupDomain", DOMAIN),
        CLIENT_TOKEN,
        may("tags", TAGS),
    ]),
    ("GetResourceConfiguration", &[need("resourceConfigurationIdentifier", CONFIGURATION)]),
    ("UpdateResourceConfiguration", &[
        need("resourceConfigurationIdentifier", CONFIGURATION),
        DEFINITION,
        may("allowAssociationToShareableServiceNetwork", Form::Flag),
        PORT_RANGES,
    ]),
    ("DeleteResourceConfiguration", &[need("resourceConfigurationIdentifier", CONFIGURATION)]),
    ("ListResourceConfigurations", &[
        may("resourceGatewayIdentifier", GATEWAY),
        may("resourceConfigurationGroupIdentifier", CONFIGURATION),
        MAX_RESULTS,
        NEXT_TOKEN,
    ]),
    ("CreateServiceNetwork", &[
        name(|text| is_name(text, 63)),
        may("authType", AUTH_TYPE),
        may("sharingConfig", Form::Structure(&[may("enabled", Form::Flag)])),
        CLIENT_TOKEN,
        may("tags", TAGS),
    ]),
    ("GetServiceNetwork", &[need("serviceNetworkIdentifier", NETWORK)]),
    ("UpdateServiceNetwork", &[
        need("serviceNetworkIdentifier", NETWORK),
        need("authType", AUTH_TYPE),
    ]),
    ("DeleteServiceNetwork", &[need("serviceNetworkIdentifier", NETWORK)]),
    ("ListServiceNetworks", &[MAX_RESULTS, NEXT_TOKEN]),
    ("PutAuthPolicy", &[need("resourceIdentifier", WITH_POLICY), need("policy", POLICY)]),
    ("GetAuthPolicy", &[need("resourceIdentifier", WITH_POLICY)]),
    ("DeleteAuthPolicy", &[need("resourceIdentifier", WITH_POLICY)]),
    ("CreateServiceNetworkResourceAssociation", &[
        need("resourceConfigurationIdentifier", CONFIGURATION),
        need("serviceNetworkIdentifier", NETWORK),
        may("privateDnsEnabled", Form::Flag),
        CLIENT_TOKEN,
        may("tags", TAGS),
    ]),
    ("GetServiceNetworkResourceAssociation", &[
        need("serviceNetworkResourceAssociationIdentifier", ASSOCIATION),
    ]),
    ("DeleteServiceNetworkResourceAssociation", &[
        need("serviceNetworkResourceAssociationIdentifier", ASSOCIATION),
    ]),
    ("ListServiceNetworkResourceAssociations", &[
        may("serviceNetworkIdentifier", NETWORK),
        may("resourceConfigurationIdentifier", CONFIGURATION),
        may("includeChildren", Form::FlagText),
        MAX_RESULTS,
        NEXT_TOKEN,
    ]),
    ("CreateServiceNetworkVpcAssociation", &[
        need("serviceNetworkIdentifier", NETWORK),
        need("vpcIdentifier", VPC),
        may("securityGroupIds", GROUPS),
        may("privateDnsEnabled", Form::Flag),
        DNS_OPTIONS,
        CLIENT_TOKEN,
        may("tags", TAGS),
    ]),
    ("GetServiceNetworkVpcAssociation", &[
        need("serviceNetworkVpcAssociationIdentifier", VPC_ASSOCIATION),
    ]),
    ("UpdateServiceNetworkVpcAssociation", &[
        need("serviceNetworkVpcAssociationIdentifier", VPC_ASSOCIATION),
        // Once there were any, all of them cannot be taken away.
        may("securityGroupIds", Form::List(&GROUP, 1, 5)),
        may("privateDnsEnabled", Form::Flag),
        DNS_OPTIONS,
    ]),
    ("DeleteServiceNetworkVpcAssociation", &[
        need("serviceNetworkVpcAssociationIdentifier", VPC_ASSOCIATION),
    ]),
    ("ListServiceNetworkVpcAssociations", &[
        may("serviceNetworkIdentifier", NETWORK),
        may("vpcIdentifier", VPC),
        MAX_RESULTS,
        NEXT_TOKEN,
    ]),
    ("ListServiceNetworkVpcEndpointAssociations", &[
        need("serviceNetworkIdentifier", NETWORK),
        MAX_RESULTS,
        NEXT_TOKEN,
    ]),
    ("ListResourceEndpointAssociations", &[
        need("resourceConfigurationIdentifier", CONFIGURATION),
        may("resourceEndpointAssociationIdentifier", ENDPOINT_ASSOCIATION),
        may("vpcEndpointId", ENDPOINT),
        may("vpcEndpointOwner", ACCOUNT),
        MAX_RESULTS,
        NEXT_TOKEN,
    ]),
    ("TagResource", &[need("resourceArn", ARN), need("tags", TAGS)]),
    ("UntagResource", &[
        need("resourceArn", ARN),
        need("tagKeys", Form::List(&Form::Text(1, 128), 0, 200)),
    ]),
    ("ListTagsForResource", &[need("resourceArn", ARN)]),
]];

/// Lower-case letters, digits and single dashes inside.
fn is_name(name: &str, longest: usize) -> bool {
    (3..=longest).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

/// A port, or a range of ports.
fn is_port_range(range: &str) -> bool {
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    match range.split_once('-') {
        Some((low, high)) => matches!((port(low), port(high)), (Some(l), Some(h)) if l <= h),
        None => port(range).is_some(),
    }
}
