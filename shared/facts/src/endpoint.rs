//! VPC endpoints of the type ServiceNetwork.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, Filter, ResourceType, Tag, TagSpecification, VpcEndpoint,
};

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{done, equal, given, holds, refused, refused_somehow};
use crate::exposure::Network;
use crate::stage::Stage;
use crate::test_vpc::state;

cases! { Endpoint:
    an_endpoint_is_pending_and_becomes_available =>
        "EC2 API Reference, CreateVpcEndpoint and DescribeVpcEndpoints",
    an_endpoint_without_groups_gets_the_default_group =>
        "EC2 API Reference, CreateVpcEndpoint, SecurityGroupIds",
    an_endpoint_changes_its_groups_in_place =>
        "EC2 API Reference, ModifyVpcEndpoint",
    an_endpoint_does_not_change_its_subnets =>
        "PrivateLink Guide, Manage service-network endpoints",
    two_endpoint_subnets_in_one_zone_are_refused =>
        "EC2 API Reference, Error codes: DuplicateSubnetsInSameZone",
    a_subnet_of_sixteen_addresses_carries_no_endpoint =>
        "PrivateLink Guide, Access a service network through a service-network endpoint",
    an_endpoint_takes_sixteen_addresses_of_each_subnet =>
        "PrivateLink Guide, Access a service network through a service-network endpoint",
    an_endpoint_with_private_dns_needs_dns_in_its_vpc =>
        "PrivateLink Guide, Access service networks, private DNS",
    an_endpoint_to_an_unknown_network_is_refused =>
        "EC2 API Reference, CreateVpcEndpoint, ServiceNetworkArn",
    an_endpoint_in_an_unknown_vpc_is_refused =>
        "EC2 API Reference, Error codes: InvalidVpcID.NotFound",
    the_same_token_makes_one_endpoint =>
        "EC2 API Reference, CreateVpcEndpoint, ClientToken",
    the_same_token_for_another_endpoint_is_refused =>
        "EC2 API Reference, Error codes: IdempotentParameterMismatch",
    endpoints_are_found_by_vpc_type_and_tag =>
        "EC2 API Reference, DescribeVpcEndpoints, Filters",
    an_unknown_endpoint_is_not_found =>
        "EC2 API Reference, Error codes: InvalidVpcEndpointId.NotFound",
    a_deleted_endpoint_is_deleting_and_then_gone =>
        "EC2 API Reference, DeleteVpcEndpoints",
    a_deleted_endpoint_gives_its_addresses_back =>
        "PrivateLink Guide, Access a service network through a service-network endpoint",
}

fn groups(endpoint: &VpcEndpoint) -> Vec<&str> {
    endpoint.groups().iter().filter_map(|group| group.group_id()).collect()
}

async fn look(stage: &Stage<'_>, id: &str) -> Result<VpcEndpoint, Trouble> {
    given("the endpoint", stage.look_at_endpoint(id).await?)
}

async fn an_endpoint_is_pending_and_becomes_available(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let made = stage.create_endpoint(&test_vpc, &network, |create| create).await;
    let made = done("an endpoint", made)?;
    equal("its state", state(&made).as_str(), "pending")?;
    let id = given("an id", made.vpc_endpoint_id())?;
    holds(id.starts_with("vpce-"), "its id starts with vpce-", id)?;

    let settled = stage.settled_endpoint(id).await?;
    equal("its state in the end", state(&settled).as_str(), "available")?;
    equal("its network", settled.service_network_arn(), Some(network.arn.as_str()))?;
    equal("its VPC", settled.vpc_id(), Some(test_vpc.vpc.as_str()))?;
    equal("whether private DNS is on", settled.private_dns_enabled(), Some(true))?;
    let mut subnets = (settled.subnet_ids().to_vec(), test_vpc.subnets);
    subnets.0.sort();
    subnets.1.sort();
    equal("its subnets", subnets.0, subnets.1)?;
    HELD
}

async fn an_endpoint_without_groups_gets_the_default_group(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let endpoint = look(stage, &stage.endpoint(&test_vpc, &network).await?).await?;
    let of_vpc = Filter::builder().name("vpc-id").values(&test_vpc.vpc).build();
    let default = Filter::builder().name("group-name").values("default").build();
    let listed = stage.ec2.describe_security_groups().filters(of_vpc).filters(default);
    let listed = listed.send().await?;
    let default = given("the default group", listed.security_groups().first())?.group_id();
    equal("its groups", groups(&endpoint), default.into_iter().collect())?;
    HELD
}

async fn an_endpoint_changes_its_groups_in_place(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let (old, new) = (stage.group(&test_vpc).await?, stage.group(&test_vpc).await?);
    let made = stage.create_endpoint(&test_vpc, &network, |create| create.security_group_ids(&old));
    let id = given("an id", made.await?.vpc_endpoint_id)?;
    stage.settled_endpoint(&id).await?;

    let modify = stage.ec2.modify_vpc_endpoint().vpc_endpoint_id(&id);
    let modify = modify.add_security_group_ids(&new).remove_security_group_ids(&old);
    equal("the answer", done("changing them", modify.send().await)?.r#return(), Some(true))?;
    let settled = stage.settled_endpoint(&id).await?;
    equal("its groups", groups(&settled), vec![new.as_str()])?;
    equal("its state", state(&settled).as_str(), "available")?;
    HELD
}

async fn an_endpoint_does_not_change_its_subnets(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let one = stage.create_endpoint(&test_vpc, &network, |create| {
        create.set_subnet_ids(Some(vec![test_vpc.subnets[0].clone()]))
    });
    let id = given("an id", one.await?.vpc_endpoint_id)?;
    stage.settled_endpoint(&id).await?;
    let modify = stage.ec2.modify_vpc_endpoint().vpc_endpoint_id(&id);
    let modified = modify.add_subnet_ids(&test_vpc.subnets[1]).send().await;
    refused_somehow("another subnet for it", modified)?;
    HELD
}

async fn two_endpoint_subnets_in_one_zone_are_refused(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let second = stage.subnet(&test_vpc.vpc, "10.77.9.0/24", &test_vpc.zones[0]).await?;
    let made = stage.create_endpoint(&test_vpc, &network, |create| create.subnet_ids(second)).await;
    refused(made, &["DuplicateSubnetsInSameZone"])?;
    HELD
}

/// The guide says that it cannot be, not whether the call or the creation fails.
async fn a_subnet_of_sixteen_addresses_carries_no_endpoint(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let small = stage.subnet(&test_vpc.vpc, "10.77.9.0/28", &test_vpc.zones[0]).await?;
    let made = stage
        .create_endpoint(&test_vpc, &network, |create| create.set_subnet_ids(Some(vec![small])));
    let made = match made.await {
        Ok(made) => made,
        refusal => {
            refused(refusal, &["InsufficientFreeAddressesInSubnet"])?;
            return HELD;
        }
    };
    let settled = stage.settled_endpoint(&given("an id", made.vpc_endpoint_id)?).await?;
    equal("its state", state(&settled).as_str(), "failed")?;
    HELD
}

async fn an_endpoint_takes_sixteen_addresses_of_each_subnet(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let before = (stage.free(&test_vpc.subnets[0]).await?, stage.free(&test_vpc.subnets[1]).await?);
    stage.endpoint(&test_vpc, &network).await?;
    let after = (stage.free(&test_vpc.subnets[0]).await?, stage.free(&test_vpc.subnets[1]).await?);
    equal("the addresses taken", (before.0 - after.0, before.1 - after.1), (16, 16))?;
    HELD
}

async fn an_endpoint_with_private_dns_needs_dns_in_its_vpc(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let off = AttributeBooleanValue::builder().value(false).build();
    let modify = stage.ec2.modify_vpc_attribute().vpc_id(&test_vpc.vpc);
    modify.enable_dns_hostnames(off.clone()).send().await?;
    let made = stage.create_endpoint(&test_vpc, &network, |create| create).await;
    refused_somehow("an endpoint without DNS hostnames", made)?;

    let modify = stage.ec2.modify_vpc_attribute().vpc_id(&test_vpc.vpc);
    modify.enable_dns_support(off).send().await?;
    let made = stage.create_endpoint(&test_vpc, &network, |create| create).await;
    refused_somehow("an endpoint without DNS support", made)?;
    HELD
}

async fn an_endpoint_to_an_unknown_network_is_refused(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let unknown = network.arn.replace(&network.id, "sn-0123456789abcdef0");
    for arn in [unknown.as_str(), network.id.as_str()] {
        let made =
            stage.create_endpoint(&test_vpc, &network, |create| create.service_network_arn(arn));
        refused_somehow("an endpoint to what is not there", made.await)?;
    }
    HELD
}

async fn an_endpoint_in_an_unknown_vpc_is_refused(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let made =
        stage.create_endpoint(&test_vpc, &network, |create| create.vpc_id("vpc-0123456789abcdef0"));
    refused(made.await, &["InvalidVpcID.NotFound", "InvalidVpcId.NotFound"])?;
    HELD
}

async fn the_same_token_makes_one_endpoint(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let token = stage.name();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = stage.create_endpoint(&test_vpc, &network, |create| create.client_token(&token));
        ids.push(given("an id", done("the same call", made.await)?.vpc_endpoint_id)?);
    }
    equal("the second id", &ids[1], &ids[0])?;
    HELD
}

async fn the_same_token_for_another_endpoint_is_refused(stage: &Stage<'_>) -> Fact {
    let (test_vpc, token) = (stage.test_vpc().await?, stage.name());
    let (one, other): (Network, Network) = (stage.network().await?, stage.network().await?);
    stage.create_endpoint(&test_vpc, &one, |create| create.client_token(&token)).await?;
    let made = stage.create_endpoint(&test_vpc, &other, |create| create.client_token(&token)).await;
    refused(made, &["IdempotentParameterMismatch"])?;
    HELD
}

async fn endpoints_are_found_by_vpc_type_and_tag(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::VpcEndpoint)
        .tags(Tag::builder().key("fact").value(&test_vpc.vpc).build())
        .build();
    let made = stage.create_endpoint(&test_vpc, &network, |create| create.tag_specifications(tags));
    let id = given("an id", done("an endpoint with a tag", made.await)?.vpc_endpoint_id)?;

    let filters = [
        ("vpc-id", test_vpc.vpc.as_str()),
        ("vpc-endpoint-type", "ServiceNetwork"),
        ("tag:fact", test_vpc.vpc.as_str()),
    ];
    let filters = filters.map(|(name, value)| Filter::builder().name(name).values(value).build());
    let listing = stage.ec2.describe_vpc_endpoints().set_filters(Some(filters.to_vec()));
    let listed = listing.send().await?;
    let ids: Vec<_> = listed.vpc_endpoints().iter().map(|it| it.vpc_endpoint_id()).collect();
    equal("the endpoints found", ids, vec![Some(id.as_str())])?;
    let tag = listed.vpc_endpoints()[0].tags().first().and_then(|tag| tag.value());
    equal("its tag", tag, Some(test_vpc.vpc.as_str()))?;

    let gateways = Filter::builder().name("vpc-endpoint-type").values("Gateway").build();
    let in_vpc = Filter::builder().name("vpc-id").values(&test_vpc.vpc).build();
    let listing = stage.ec2.describe_vpc_endpoints().filters(gateways).filters(in_vpc);
    equal("the gateway endpoints", listing.send().await?.vpc_endpoints().len(), 0)?;
    HELD
}

async fn an_unknown_endpoint_is_not_found(stage: &Stage<'_>) -> Fact {
    let unknown = "vpce-0123456789abcdef0";
    let codes = &["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"];
    let described = stage.ec2.describe_vpc_endpoints().vpc_endpoint_ids(unknown).send().await;
    refused(described, codes)?;
    let modify = stage.ec2.modify_vpc_endpoint().vpc_endpoint_id(unknown);
    let modify = modify.add_security_group_ids("sg-0123456789abcdef0");
    refused(modify.send().await, codes)?;
    HELD
}

/// Deletes the endpoint and waits until it is gone.
async fn delete(stage: &Stage<'_>, id: &str) -> Result<(), Trouble> {
    let deleted = stage.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id).send().await;
    equal("what was not deleted", done("deleting it", deleted)?.unsuccessful().len(), 0)?;
    equal("its state", state(&look(stage, id).await?).as_str(), "deleting")?;
    stage
        .until("the endpoint is gone", || async {
            let seen = stage.look_at_endpoint(id).await?;
            Ok(if seen.is_none_or(|seen| state(&seen) == "deleted") { Some(()) } else { None })
        })
        .await
}

async fn a_deleted_endpoint_is_deleting_and_then_gone(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let id = stage.endpoint(&test_vpc, &network).await?;
    delete(stage, &id).await?;
    HELD
}

async fn a_deleted_endpoint_gives_its_addresses_back(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let before = stage.free(&test_vpc.subnets[0]).await?;
    let id = stage.endpoint(&test_vpc, &network).await?;
    delete(stage, &id).await?;
    equal("the free addresses", stage.free(&test_vpc.subnets[0]).await?, before)?;
    HELD
}
