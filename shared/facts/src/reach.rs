//! What an endpoint says that can be reached through it.

use aws_sdk_ec2::types::{Filter, VpcEndpointAssociation, VpcEndpointType};

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{Refusal, done, equal, given, holds, word};
use crate::exposure::{Network, Offer};
use crate::stage::Stage;
use crate::test_vpc::{TestVpc, state};

cases! { Endpoint:
    an_endpoint_lists_each_configuration_of_its_network =>
        "EC2 API Reference, DescribeVpcEndpointAssociations",
    the_private_name_of_what_an_endpoint_reaches_is_the_databases_own =>
        "PrivateLink Guide, Access VPC resources; VpcEndpointAssociation, PrivateDnsEntry",
    the_public_name_of_what_an_endpoint_reaches_is_of_vpc_lattice =>
        "PrivateLink Guide, Access VPC resources; VpcEndpointAssociation, DnsEntry",
    what_is_associated_later_is_reached_too =>
        "PrivateLink Guide, Access a service network through a service-network endpoint",
    what_is_dissociated_is_no_longer_listed =>
        "PrivateLink Guide, Access a service network through a service-network endpoint",
    endpoint_associations_are_found_by_endpoint_network_and_configuration =>
        "EC2 API Reference, DescribeVpcEndpointAssociations, Filters",
    a_network_lists_its_endpoints =>
        "VPC Lattice API Reference, ListServiceNetworkVpcEndpointAssociations",
    one_configuration_is_not_reached_by_two_endpoints_with_private_dns =>
        "VPC Lattice User Guide, Resource configurations, private DNS",
}

/// A database offered on a network, and a place with an endpoint to it.
struct Way {
    offer: Offer,
    network: Network,
    association: String,
    endpoint: String,
    test_vpc: TestVpc,
}

async fn way(stage: &Stage<'_>) -> Result<Way, Trouble> {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    let association = stage.association(&network, &offer.configuration).await?;
    let test_vpc = stage.test_vpc().await?;
    let endpoint = stage.endpoint(&test_vpc, &network).await?;
    Ok(Way { offer, network, association, endpoint, test_vpc })
}

async fn listed(
    stage: &Stage<'_>,
    name: &str,
    value: &str,
) -> Result<Vec<VpcEndpointAssociation>, Trouble> {
    let filter = Filter::builder().name(name).values(value).build();
    let listing = stage.ec2.describe_vpc_endpoint_associations().filters(filter);
    let answer = done("listing endpoint associations", listing.send().await)?;
    Ok(answer.vpc_endpoint_associations.unwrap_or_default())
}

/// The endpoint's association for this configuration, once it is accessible.
pub(crate) async fn reached(
    stage: &Stage<'_>,
    endpoint: &str,
    configuration: &str,
) -> Result<VpcEndpointAssociation, Trouble> {
    stage
        .until("the configuration is accessible through the endpoint", || async {
            let mut rows = listed(stage, "vpc-endpoint-id", endpoint).await?.into_iter();
            Ok(rows.find(|row| {
                let accessible = word(row.associated_resource_accessibility());
                let accessible = accessible.to_ascii_lowercase();
                row.resource_configuration_group_arn() == Some(configuration)
                    && ["available", "accessible"].contains(&accessible.as_str())
            }))
        })
        .await
}

async fn an_endpoint_lists_each_configuration_of_its_network(stage: &Stage<'_>) -> Fact {
    let way = way(stage).await?;
    let row = reached(stage, &way.endpoint, &way.offer.configuration.arn).await?;
    equal("its endpoint", row.vpc_endpoint_id(), Some(way.endpoint.as_str()))?;
    equal("its network", row.service_network_arn(), Some(way.network.arn.as_str()))?;
    let child = crate::child::child(stage, &way.offer.configuration).await?;
    equal("what it associates", row.associated_resource_arn(), child.arn())?;
    HELD
}

async fn the_private_name_of_what_an_endpoint_reaches_is_the_databases_own(
    stage: &Stage<'_>,
) -> Fact {
    let way = way(stage).await?;
    let row = reached(stage, &way.endpoint, &way.offer.configuration.arn).await?;
    let private = row.private_dns_entry().and_then(|entry| entry.dns_name());
    equal("its private name", private, Some(way.offer.database.address.as_str()))?;
    HELD
}

async fn the_public_name_of_what_an_endpoint_reaches_is_of_vpc_lattice(stage: &Stage<'_>) -> Fact {
    let way = way(stage).await?;
    let row = reached(stage, &way.endpoint, &way.offer.configuration.arn).await?;
    let name = given("a name", row.dns_entry().and_then(|entry| entry.dns_name()))?;
    let begins = name.starts_with(&format!("{}-snra-", way.endpoint));
    holds(begins, "it begins with the endpoint's and an association's id", name)?;
    let ends = name.ends_with(&format!(".vpc-lattice-rsc.{}.on.aws", stage.region()));
    holds(ends, "it ends with .vpc-lattice-rsc.<region>.on.aws", name)?;
    HELD
}

async fn what_is_associated_later_is_reached_too(stage: &Stage<'_>) -> Fact {
    let way = way(stage).await?;
    let second = stage.database(&way.offer.test_vpc).await?;
    let second = stage.configuration(&way.offer.gateway, &second).await?;
    stage.association(&way.network, &second).await?;
    reached(stage, &way.endpoint, &second.arn).await?;
    reached(stage, &way.endpoint, &way.offer.configuration.arn).await?;
    HELD
}

async fn what_is_dissociated_is_no_longer_listed(stage: &Stage<'_>) -> Fact {
    let way = way(stage).await?;
    reached(stage, &way.endpoint, &way.offer.configuration.arn).await?;
    let delete = stage.lattice.delete_service_network_resource_association();
    delete.service_network_resource_association_identifier(&way.association).send().await?;
    stage
        .until("nothing is listed", || async {
            let rows = listed(stage, "vpc-endpoint-id", &way.endpoint).await?;
            Ok(if rows.is_empty() { Some(()) } else { None })
        })
        .await?;
    let endpoint = given("the endpoint", stage.look_at_endpoint(&way.endpoint).await?)?;
    equal("the endpoint's state", state(&endpoint).as_str(), "available")?;
    HELD
}

async fn endpoint_associations_are_found_by_endpoint_network_and_configuration(
    stage: &Stage<'_>,
) -> Fact {
    let way = way(stage).await?;
    let row = reached(stage, &way.endpoint, &way.offer.configuration.arn).await?;
    let filters = [
        ("vpc-endpoint-id", way.endpoint.as_str()),
        ("service-network-arn", way.network.arn.as_str()),
        ("resource-configuration-group-arn", way.offer.configuration.arn.as_str()),
    ];
    for (name, value) in filters {
        let rows = listed(stage, name, value).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id()).collect();
        equal(&format!("the associations by {name}"), ids, vec![row.id()])?;
    }
    let other = stage.network().await?;
    let none = listed(stage, "service-network-arn", &other.arn).await?.len();
    equal("those of another network", none, 0)?;
    HELD
}

async fn a_network_lists_its_endpoints(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let endpoint = stage.endpoint(&test_vpc, &network).await?;
    let listing = stage.lattice.list_service_network_vpc_endpoint_associations();
    let listing = listing.service_network_identifier(&network.id).send().await;
    let listed = done("listing them", listing)?;
    equal("how many there are", listed.items().len(), 1)?;
    let seen = &listed.items()[0];
    equal("its endpoint", seen.vpc_endpoint_id(), Some(endpoint.as_str()))?;
    equal("its VPC", seen.vpc_id(), Some(test_vpc.vpc.as_str()))?;
    HELD
}

async fn one_configuration_is_not_reached_by_two_endpoints_with_private_dns(
    stage: &Stage<'_>,
) -> Fact {
    let way = way(stage).await?;
    reached(stage, &way.endpoint, &way.offer.configuration.arn).await?;
    let made = stage.create_endpoint(&way.test_vpc, &way.network, |create| {
        create
            .vpc_endpoint_type(VpcEndpointType::Resource)
            .set_service_network_arn(None)
            .resource_configuration_arn(&way.offer.configuration.arn)
    });
    let made = match made.await {
        Ok(made) => made,
        Err(refusal) if refusal.code.starts_with("Invalid") => return HELD,
        Err(refusal) => return Err(Refusal::into(refusal)),
    };
    let settled = stage.settled_endpoint(&given("an id", made.vpc_endpoint_id)?).await?;
    equal("its state", state(&settled).as_str(), "failed")?;
    HELD
}
