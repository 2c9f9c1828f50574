//! Service-network endpoints of EC2, and what is behind them.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{
    Filter, ResourceType, VpcEndpoint, VpcEndpointAssociation, VpcEndpointType,
};
use reconcile::id::{Arn, EndpointId, GroupId, SubnetId, VpcId};
use reconcile::key::Key;
use reconcile::observed::{Access, Life, Way, WayId};
use reconcile::tag::OWNER;

use super::life::timestamp;
use super::tags::{ec2_tags, from_ec2};
use super::{EC2_PAGE, New, finish, made, promised, texts};
use crate::{Aws, Error};

/// The largest page of DescribeVpcEndpointAssociations.
const SMALL_PAGE: i32 = 100;
/// How many values a filter takes.
const FILTER_VALUES: usize = 200;

const ENDPOINTS: &str = "DescribeVpcEndpoints";
const ACCESSES: &str = "DescribeVpcEndpointAssociations";

impl Aws {
    /// The endpoints of type ServiceNetwork. Deleted ones, which EC2 goes on listing for a while,
    /// are left out.
    pub(super) async fn endpoints(&self) -> Result<Vec<Way>, Error> {
        let kind = Filter::builder().name("vpc-endpoint-type").values("ServiceNetwork").build();
        let listing = self.ec2.describe_vpc_endpoints().filters(kind);
        let mut pages = listing.into_paginator().page_size(EC2_PAGE).items().send();
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
    pub(crate) async fn accesses(&self, ways: &[Way]) -> Result<Vec<Access>, Error> {
        let owner = self.settings.deployment.as_str();
        let is_ours = |way: &&Way| way.tags.get(OWNER).is_some_and(|found| found == owner);
        let ours: Vec<String> =
            texts(ways.iter().filter(is_ours).filter_map(|way| way.id.endpoint()));
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

    /// Creates an endpoint of type ServiceNetwork in a VPC.
    pub(crate) async fn create_endpoint(
        &self,
        new: New<'_>,
        vpc: &VpcId,
        network: &Arn,
        subnets: &BTreeSet<SubnetId>,
        groups: &BTreeSet<GroupId>,
        name: &str,
    ) -> Result<Option<String>, Error> {
        let call = self
            .ec2
            .create_vpc_endpoint()
            // Without a type EC2 makes a gateway endpoint.
            .vpc_endpoint_type(VpcEndpointType::ServiceNetwork)
            .vpc_id(vpc.as_str())
            .service_network_arn(network.as_str())
            .set_subnet_ids(Some(texts(subnets)))
            // Without a group EC2 attaches the VPC's default group, silently.
            .set_security_group_ids(Some(texts(groups)))
            .private_dns_enabled(true)
            // The SDK fills in tokens for Lattice, at random, and none for this call.
            .client_token(new.token)
            .tag_specifications(ec2_tags(ResourceType::VpcEndpoint, new.tags, Some(name)));
        made("CreateVpcEndpoint", new.key, call.send().await, |it| {
            it.vpc_endpoint()?.vpc_endpoint_id()
        })
    }

    /// Gives an endpoint these groups beside those that it has.
    pub(crate) async fn add_endpoint_groups(
        &self,
        key: &Key,
        endpoint: &EndpointId,
        add: &BTreeSet<GroupId>,
    ) -> Result<(), Error> {
        let call = self.ec2.modify_vpc_endpoint().vpc_endpoint_id(endpoint.as_str());
        let call = call.set_add_security_group_ids(Some(texts(add)));
        finish("ModifyVpcEndpoint", key, call.send().await)
    }

    /// Deletes an endpoint of ours. DeleteVpcEndpoints answers 200 even where it deleted nothing:
    /// the failures stand in the answer.
    pub(crate) async fn delete_endpoint(&self, key: &Key, id: &EndpointId) -> Result<(), Error> {
        const CALL: &str = "DeleteVpcEndpoints";
        let answer = self.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id.as_str()).send().await;
        let answer = answer.map_err(|error| Error::of(CALL, key, error))?;
        match answer.unsuccessful().first().and_then(|item| item.error()) {
            Some(error) => {
                Err(Error::partial(CALL, key, error.code(), error.message().unwrap_or_default()))
            }
            None => Ok(()),
        }
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

fn endpoint(item: &VpcEndpoint, life: Life) -> Result<Way, Error> {
    let groups: BTreeSet<_> =
        item.groups().iter().filter_map(|group| group.group_id().map(Into::into)).collect();
    Ok(Way {
        id: WayId::Endpoint(promised(ENDPOINTS, "vpcEndpointId", item.vpc_endpoint_id())?.into()),
        vpc: promised(ENDPOINTS, "vpcId", item.vpc_id())?.into(),
        network: promised(ENDPOINTS, "serviceNetworkArn", item.service_network_arn())?.into(),
        subnets: item.subnet_ids().iter().map(|id| id.as_str().into()).collect(),
        groups,
        tags: from_ec2(item.tags()),
        life,
    })
}

/// Accessibility is `AVAILABLE` in the API model and `Accessible` in the AWS PrivateLink Guide.
fn access(item: &VpcEndpointAssociation) -> Option<Access> {
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
