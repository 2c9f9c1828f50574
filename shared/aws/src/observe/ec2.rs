//! EC2: VPCs, subnets, security groups and rules, service-network endpoints and what is behind
//! them.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, SecurityGroupRule, Tag, VpcEndpoint};
use reconcile::id::Port;
use reconcile::observed::{Access, Direction, Endpoint, Group, Life, Peer, Rule, Subnet, Vpc};
use reconcile::tag::{OWNER, Tags};

use super::{promised, timestamp};
use crate::{Aws, Error};

/// The largest page of every EC2 listing used here but that of endpoint associations. Paging also
/// matters to throttling: listings without it have a smaller token bucket (Amazon EC2 Developer
/// Guide, Request throttling).
const PAGE: i32 = 1000;
/// The largest page of DescribeVpcEndpointAssociations.
const SMALL_PAGE: i32 = 100;
/// How many values a filter takes.
const FILTER_VALUES: usize = 200;

const VPCS: &str = "DescribeVpcs";
const SUBNETS: &str = "DescribeSubnets";
const GROUPS: &str = "DescribeSecurityGroups";
const RULES: &str = "DescribeSecurityGroupRules";
const ENDPOINTS: &str = "DescribeVpcEndpoints";
const ACCESSES: &str = "DescribeVpcEndpointAssociations";

impl Aws {
    pub(super) async fn vpcs(&self) -> Result<Vec<Vpc>, Error> {
        let mut pages = self.ec2.describe_vpcs().into_paginator().page_size(PAGE).items().send();
        let mut vpcs = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(VPCS, "all", error))?;
            let id = promised(VPCS, "vpcId", item.vpc_id())?.into();
            vpcs.push(Vpc { id, tags: tags(item.tags()) });
        }
        Ok(vpcs)
    }

    pub(super) async fn subnets(&self) -> Result<Vec<Subnet>, Error> {
        let mut pages = self.ec2.describe_subnets().into_paginator().page_size(PAGE).items().send();
        let mut subnets = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(SUBNETS, "all", error))?;
            let prefix = item.cidr_block().and_then(|cidr| cidr.rsplit('/').next()?.parse().ok());
            let free = item.available_ip_address_count().and_then(|count| count.try_into().ok());
            subnets.push(Subnet {
                id: promised(SUBNETS, "subnetId", item.subnet_id())?.into(),
                vpc: promised(SUBNETS, "vpcId", item.vpc_id())?.into(),
                zone: promised(SUBNETS, "availabilityZoneId", item.availability_zone_id())?.into(),
                // A subnet without an IPv4 prefix has no room for our interfaces.
                prefix: prefix.unwrap_or(32),
                free: free.unwrap_or(0),
                tags: tags(item.tags()),
            });
        }
        Ok(subnets)
    }

    pub(super) async fn groups_and_rules(&self) -> Result<(Vec<Group>, Vec<Rule>), Error> {
        tokio::try_join!(self.groups(), self.rules())
    }

    async fn groups(&self) -> Result<Vec<Group>, Error> {
        let mut pages =
            self.ec2.describe_security_groups().into_paginator().page_size(PAGE).items().send();
        let mut groups = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(GROUPS, "all", error))?;
            groups.push(Group {
                id: promised(GROUPS, "groupId", item.group_id())?.into(),
                name: item.group_name().unwrap_or_default().to_owned(),
                vpc: promised(GROUPS, "vpcId", item.vpc_id())?.into(),
                tags: tags(item.tags()),
            });
        }
        Ok(groups)
    }

    async fn rules(&self) -> Result<Vec<Rule>, Error> {
        let listing = self.ec2.describe_security_group_rules();
        let mut pages = listing.into_paginator().page_size(PAGE).items().send();
        let mut rules = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(RULES, "all", error))?;
            rules.push(Rule {
                id: promised(RULES, "securityGroupRuleId", item.security_group_rule_id())?.into(),
                group: promised(RULES, "groupId", item.group_id())?.into(),
                direction: match item.is_egress() {
                    Some(true) => Direction::Egress,
                    _ => Direction::Ingress,
                },
                peer: peer(&item),
                tags: tags(item.tags()),
            });
        }
        Ok(rules)
    }

    /// The endpoints of type ServiceNetwork. Deleted ones, which EC2 goes on listing for a while,
    /// are left out.
    pub(crate) async fn endpoints(&self) -> Result<Vec<Endpoint>, Error> {
        let kind = Filter::builder().name("vpc-endpoint-type").values("ServiceNetwork").build();
        let listing = self.ec2.describe_vpc_endpoints().filters(kind);
        let mut pages = listing.into_paginator().page_size(PAGE).items().send();
        let mut endpoints = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(ENDPOINTS, "all", error))?;
            if let Some(life) = life(&item) {
                endpoints.push(endpoint(&item, life)?);
            }
        }
        Ok(endpoints)
    }

    /// What EC2 says about each configuration behind the endpoints of this deployment. The SDK
    /// has no paginator for this listing.
    pub(super) async fn accesses(&self, endpoints: &[Endpoint]) -> Result<Vec<Access>, Error> {
        let owner = self.settings.deployment.as_str();
        let is_ours =
            |endpoint: &&Endpoint| endpoint.tags.get(OWNER).is_some_and(|found| found == owner);
        let ours: Vec<String> =
            endpoints.iter().filter(is_ours).map(|endpoint| endpoint.id.to_string()).collect();
        let mut accesses = Vec::new();
        for ids in ours.chunks(FILTER_VALUES) {
            let of = Filter::builder().name("vpc-endpoint-id").set_values(Some(ids.to_vec()));
            let call = self
                .ec2
                .describe_vpc_endpoint_associations()
                .filters(of.build())
                .max_results(SMALL_PAGE);
            let mut token: Option<String> = None;
            loop {
                let page = call.clone().set_next_token(token.clone()).send().await;
                let page = page.map_err(|error| Error::of(ACCESSES, "our endpoints", error))?;
                accesses.extend(page.vpc_endpoint_associations().iter().filter_map(access));
                let next = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
                match next {
                    None => break,
                    // As the SDK's paginators do it: AWS would send us round for ever.
                    Some(next) if token.as_ref() == Some(&next) => {
                        return Err(Error::lacking(ACCESSES, "our endpoints", "a new next token"));
                    }
                    Some(next) => token = Some(next),
                }
            }
        }
        Ok(accesses)
    }
}

fn peer(item: &SecurityGroupRule) -> Peer {
    let referred = item.referenced_group_info().and_then(|group| group.group_id());
    match (referred, item.ip_protocol(), item.from_port(), item.to_port()) {
        (Some(group), Some("tcp" | "6"), Some(from), Some(to)) if from == to => {
            match u16::try_from(from) {
                Ok(port) => Peer::Group(group.into(), Port(port)),
                Err(_) => Peer::Other,
            }
        }
        (None, Some("-1"), ..)
            if item.cidr_ipv4() == Some("0.0.0.0/0") || item.cidr_ipv6() == Some("::/0") =>
        {
            Peer::Everybody
        }
        (None, Some("-1"), ..) => Peer::Addresses(Port(0), Port(u16::MAX)),
        (None, Some("tcp" | "6"), Some(from), Some(to)) => {
            let port = |number: i32| u16::try_from(number).ok().map(Port);
            match (port(from), port(to)) {
                (Some(from), Some(to)) => Peer::Addresses(from, to),
                _ => Peer::Other,
            }
        }
        _ => Peer::Other,
    }
}

/// The state as EC2 sends it, in whichever case: the model says `Available`, the wire `available`,
/// so the SDK's enum knows neither (awslabs/aws-sdk-rust issue 619). An unknown state is taken for
/// one that changes by itself: hands off. `None` for what is deleted.
fn life(item: &VpcEndpoint) -> Option<Life> {
    let state = item.state().map(|state| state.as_str().to_ascii_lowercase());
    Some(match state.as_deref() {
        Some("available" | "partial") => Life::Ready,
        Some("deleting") => Life::Leaving,
        Some("deleted") => return None,
        Some(state @ ("failed" | "rejected" | "expired")) => {
            let error = item.last_error().and_then(|error| error.message());
            let why = error.or(item.failure_reason()).unwrap_or(state);
            Life::broken(why, timestamp(item.creation_timestamp()))
        }
        _ => Life::Coming,
    })
}

fn endpoint(item: &VpcEndpoint, life: Life) -> Result<Endpoint, Error> {
    let groups: BTreeSet<_> =
        item.groups().iter().filter_map(|group| group.group_id().map(Into::into)).collect();
    Ok(Endpoint {
        id: promised(ENDPOINTS, "vpcEndpointId", item.vpc_endpoint_id())?.into(),
        vpc: promised(ENDPOINTS, "vpcId", item.vpc_id())?.into(),
        network: promised(ENDPOINTS, "serviceNetworkArn", item.service_network_arn())?.into(),
        subnets: item.subnet_ids().iter().map(|id| id.as_str().into()).collect(),
        groups,
        tags: tags(item.tags()),
        life,
    })
}

/// Accessibility is `AVAILABLE` in the API model and `Accessible` in the AWS PrivateLink Guide.
fn access(item: &aws_sdk_ec2::types::VpcEndpointAssociation) -> Option<Access> {
    let word = item.associated_resource_accessibility().map(str::to_ascii_lowercase);
    // The resource is the child that AWS manages; its group is the configuration that we made.
    let configuration =
        item.resource_configuration_group_arn().or(item.associated_resource_arn())?;
    let failure = item.failure_reason().or(item.failure_code());
    Some(Access {
        endpoint: item.vpc_endpoint_id()?.into(),
        configuration: configuration.into(),
        is_accessible: matches!(word.as_deref(), Some("accessible" | "available")),
        failure: failure.filter(|text| !text.is_empty()).map(str::to_owned),
        private_name: item
            .private_dns_entry()
            .and_then(|entry| entry.dns_name())
            .map(str::to_owned),
    })
}

fn tags(list: &[Tag]) -> Tags {
    let pairs = list.iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default())));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
