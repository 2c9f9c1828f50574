//! VPCs of EC2, their subnets, and the ways from one VPC to another.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, VpcAttributeName};
use reconcile::id::VpcId;
use reconcile::observed::{Passage, Subnet, Vpc};

use super::tags::from_ec2;
use super::{EC2_PAGE, is_known, promised};
use crate::{Aws, Error};

const VPCS: &str = "DescribeVpcs";
const SUBNETS: &str = "DescribeSubnets";

impl Aws {
    /// All VPCs.
    ///
    /// # Errors
    ///
    /// Of the first call that failed.
    pub async fn vpcs(&self) -> Result<Vec<Vpc>, Error> {
        let mut pages =
            self.ec2.describe_vpcs().into_paginator().page_size(EC2_PAGE).items().send();
        let mut vpcs = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(VPCS, "all", error))?;
            let id = promised(VPCS, "vpcId", item.vpc_id())?.into();
            vpcs.push(Vpc { id, tags: from_ec2(item.tags()) });
        }
        Ok(vpcs)
    }

    /// All subnets.
    pub(crate) async fn subnets(&self) -> Result<Vec<Subnet>, Error> {
        let mut pages =
            self.ec2.describe_subnets().into_paginator().page_size(EC2_PAGE).items().send();
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
                tags: from_ec2(item.tags()),
            });
        }
        Ok(subnets)
    }

    /// Whether there is a VPC of this id.
    pub(crate) async fn knows_vpc(&self, id: &VpcId) -> Result<bool, Error> {
        let answer = self.ec2.describe_vpcs().vpc_ids(id.as_str()).send().await;
        is_known(answer.map_err(|error| Error::of(VPCS, id, error)))
    }

    /// Whether both DNS attributes are on. DescribeVpcAttribute tells one at a time.
    pub(crate) async fn has_dns(&self, vpc: &VpcId) -> Result<bool, Error> {
        let ask = async |attribute: VpcAttributeName| {
            let call = self.ec2.describe_vpc_attribute().vpc_id(vpc.as_str()).attribute(attribute);
            call.send().await.map_err(|error| Error::of("DescribeVpcAttribute", vpc, error))
        };
        let (support, hostnames) = tokio::try_join!(
            ask(VpcAttributeName::EnableDnsSupport),
            ask(VpcAttributeName::EnableDnsHostnames)
        )?;
        let support = support.enable_dns_support().and_then(|value| value.value());
        let hostnames = hostnames.enable_dns_hostnames().and_then(|value| value.value());
        Ok(support == Some(true) && hostnames == Some(true))
    }

    /// Active peering connections, and what is attached to the same transit gateway.
    pub(crate) async fn passages(&self) -> Result<Vec<Passage>, Error> {
        let (mut passages, attached) =
            tokio::try_join!(self.peering_connections(), self.transit_gateways())?;
        passages.extend(attached);
        Ok(passages)
    }

    async fn peering_connections(&self) -> Result<Vec<Passage>, Error> {
        const CALL: &str = "DescribeVpcPeeringConnections";
        let active = Filter::builder().name("status-code").values("active").build();
        let listing = self.ec2.describe_vpc_peering_connections().filters(active);
        let mut pages = listing.into_paginator().items().send();
        let mut passages = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(CALL, "all", error))?;
            let ends = [item.requester_vpc_info(), item.accepter_vpc_info()].into_iter().flatten();
            passages.push(Passage {
                id: item.vpc_peering_connection_id().unwrap_or_default().to_owned(),
                vpcs: ends.filter_map(|end| end.vpc_id().map(Into::into)).collect(),
            });
        }
        Ok(passages)
    }

    async fn transit_gateways(&self) -> Result<Vec<Passage>, Error> {
        const CALL: &str = "DescribeTransitGatewayVpcAttachments";
        let available = Filter::builder().name("state").values("available").build();
        let listing = self.ec2.describe_transit_gateway_vpc_attachments().filters(available);
        let mut pages = listing.into_paginator().items().send();
        let mut attached: BTreeMap<String, BTreeSet<VpcId>> = BTreeMap::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(CALL, "all", error))?;
            let (Some(gateway), Some(vpc)) = (item.transit_gateway_id(), item.vpc_id()) else {
                continue;
            };
            attached.entry(gateway.to_owned()).or_default().insert(vpc.into());
        }
        Ok(attached.into_iter().map(|(id, vpcs)| Passage { id, vpcs }).collect())
    }
}
