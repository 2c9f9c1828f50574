//! What surprises: each of these has cost somebody a day.

use crate::case::{Fact, HELD, cases};
use crate::expect::{done, equal, given, holds, refused, word};
use crate::stage::Stage;

cases! { Traps:
    the_state_of_an_endpoint_is_in_small_letters_on_the_wire =>
        "awslabs/aws-sdk-rust issue 619; EC2 API model, State",
    an_endpoint_to_a_network_has_no_dns_entries_of_its_own =>
        "PrivateLink Guide, Access service networks; terraform-provider-aws issue 41765",
    deleting_an_unknown_endpoint_succeeds_and_says_that_it_did_not =>
        "EC2 API Reference, DeleteVpcEndpoints, Unsuccessful",
    one_unknown_endpoint_does_not_keep_back_the_others =>
        "EC2 API Reference, DeleteVpcEndpoints, Unsuccessful",
    a_gateway_says_its_vpc_under_another_name_when_it_is_got =>
        "VPC Lattice API model, GetResourceGatewayResponse",
    a_create_repeated_without_a_token_is_another_create =>
        "AWS SDK for Rust, client tokens; VPC Lattice API Reference, clientToken",
    a_policy_of_a_network_is_no_part_of_a_connection_to_a_database =>
        "VPC Lattice User Guide, Auth policies",
    an_address_is_taken_for_each_configuration_in_every_endpoint_subnet =>
        "PrivateLink Guide, Access service networks",
    a_dissociated_configuration_gives_its_addresses_back =>
        "PrivateLink Guide, Access service networks",
    a_conflict_says_what_it_is_about =>
        "VPC Lattice API model, ConflictException",
}

async fn the_state_of_an_endpoint_is_in_small_letters_on_the_wire(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let id = stage.endpoint(&test_vpc, &network).await?;
    let seen = given("the endpoint", stage.look_at_endpoint(&id).await?)?;
    equal("its state", word(seen.state()), "available")?;
    HELD
}

async fn an_endpoint_to_a_network_has_no_dns_entries_of_its_own(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let id = stage.endpoint(&test_vpc, &network).await?;
    let seen = given("the endpoint", stage.look_at_endpoint(&id).await?)?;
    equal("the number of its DNS entries", seen.dns_entries().len(), 0)?;
    HELD
}

const UNKNOWN_ENDPOINT: &str = "vpce-0123456789abcdef0";

async fn deleting_an_unknown_endpoint_succeeds_and_says_that_it_did_not(stage: &Stage<'_>) -> Fact {
    let delete = stage.ec2.delete_vpc_endpoints().vpc_endpoint_ids(UNKNOWN_ENDPOINT);
    let answer = done("the call", delete.send().await)?;
    equal("the number that failed", answer.unsuccessful().len(), 1)?;
    let failed = &answer.unsuccessful()[0];
    equal("which one", failed.resource_id(), Some(UNKNOWN_ENDPOINT))?;
    let code = word(failed.error().and_then(|error| error.code()));
    let codes = ["InvalidVpcEndpoint.NotFound", "InvalidVpcEndpointId.NotFound"];
    holds(codes.contains(&code), "its code ends with .NotFound", code)?;
    HELD
}

async fn one_unknown_endpoint_does_not_keep_back_the_others(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let id = stage.endpoint(&test_vpc, &network).await?;
    let delete = stage.ec2.delete_vpc_endpoints().vpc_endpoint_ids(UNKNOWN_ENDPOINT);
    let answer = done("the call", delete.vpc_endpoint_ids(&id).send().await)?;
    equal("the number that failed", answer.unsuccessful().len(), 1)?;
    let seen = stage.look_at_endpoint(&id).await?;
    let state = seen.as_ref().map(crate::test_vpc::state).unwrap_or_else(|| "deleted".to_owned());
    holds(state.starts_with("delet"), "the other is deleting", state)?;
    HELD
}

async fn a_gateway_says_its_vpc_under_another_name_when_it_is_got(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let made = stage.create_gateway(&test_vpc, |create| create).await?;
    equal("vpcIdentifier of the create", made.vpc_identifier(), Some(test_vpc.vpc.as_str()))?;
    let got = stage.settled_gateway(given("an id", made.id())?).await?;
    equal("vpcId of the get", got.vpc_id(), Some(test_vpc.vpc.as_str()))?;
    HELD
}

/// The SDK makes up a token for each call, so a repeated call meets the name that it gave.
async fn a_create_repeated_without_a_token_is_another_create(stage: &Stage<'_>) -> Fact {
    let name = stage.name();
    stage.create_network(|create| create.name(&name)).await?;
    let again = stage.create_network(|create| create.name(&name)).await;
    refused(again, &["ConflictException"])?;
    HELD
}

async fn a_policy_of_a_network_is_no_part_of_a_connection_to_a_database(stage: &Stage<'_>) -> Fact {
    use aws_sdk_vpclattice::types::AuthType;

    let made = stage.create_network(|create| create.auth_type(AuthType::AwsIam)).await?;
    let network = crate::exposure::Network {
        id: given("an id", made.id)?,
        arn: given("an ARN", made.arn)?,
        name: given("a name", made.name)?,
    };
    let (offer, test_vpc) = (stage.offer().await?, stage.test_vpc().await?);
    stage.association(&network, &offer.configuration).await?;
    let endpoint = stage.endpoint(&test_vpc, &network).await?;
    crate::reach::reached(stage, &endpoint, &offer.configuration.arn).await?;
    HELD
}

async fn an_address_is_taken_for_each_configuration_in_every_endpoint_subnet(
    stage: &Stage<'_>,
) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let endpoint = stage.endpoint(&test_vpc, &network).await?;
    let before = (stage.free(&test_vpc.subnets[0]).await?, stage.free(&test_vpc.subnets[1]).await?);
    let offer = stage.offer().await?;
    stage.association(&network, &offer.configuration).await?;
    crate::reach::reached(stage, &endpoint, &offer.configuration.arn).await?;
    let after = (stage.free(&test_vpc.subnets[0]).await?, stage.free(&test_vpc.subnets[1]).await?);
    let taken = (before.0 - after.0, before.1 - after.1);
    holds(taken.0 >= 1 && taken.0 == taken.1, "as many in each subnet, at least one", taken)?;
    HELD
}

async fn a_dissociated_configuration_gives_its_addresses_back(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let endpoint = stage.endpoint(&test_vpc, &network).await?;
    let before = stage.free(&test_vpc.subnets[0]).await?;
    let offer = stage.offer().await?;
    let association = stage.association(&network, &offer.configuration).await?;
    crate::reach::reached(stage, &endpoint, &offer.configuration.arn).await?;

    let delete = stage.lattice.delete_service_network_resource_association();
    delete.service_network_resource_association_identifier(&association).send().await?;
    stage
        .until("the addresses are free again", || async {
            let free = stage.free(&test_vpc.subnets[0]).await?;
            Ok(if free == before { Some(()) } else { None })
        })
        .await?;
    HELD
}

async fn a_conflict_says_what_it_is_about(stage: &Stage<'_>) -> Fact {
    let network = stage.network().await?;
    let create = stage.lattice.create_service_network().name(&network.name);
    let Err(error) = create.send().await else {
        return crate::expect::differs("a conflict", "it was done");
    };
    let error = error.into_service_error();
    let aws_sdk_vpclattice::operation::create_service_network::CreateServiceNetworkError
        ::ConflictException(conflict) = error
    else {
        return crate::expect::differs("a ConflictException", format!("{error:?}"));
    };
    holds(!conflict.resource_type().is_empty(), "it names the type of resource", &conflict)?;
    holds(!conflict.resource_id().is_empty(), "it names the resource", &conflict)?;
    HELD
}
