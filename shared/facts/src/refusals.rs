//! Resource configurations that VPC Lattice refuses.

use aws_sdk_vpclattice::types::{ProtocolType, ResourceConfigDnsResolution};

use crate::case::{Fact, HELD, cases};
use crate::expect::{done, equal, given, holds, refused, refused_somehow, word};
use crate::stage::Stage;

cases! { Configuration:
    an_arn_configuration_takes_no_ports =>
        "VPC Lattice API Reference, CreateResourceConfiguration, portRanges",
    an_arn_configuration_takes_no_protocol =>
        "VPC Lattice API Reference, CreateResourceConfiguration, protocol",
    an_arn_configuration_needs_a_gateway =>
        "VPC Lattice API Reference, CreateResourceConfiguration, resourceGatewayIdentifier",
    a_configuration_on_an_unknown_gateway_is_refused =>
        "VPC Lattice API Reference, CreateResourceConfiguration: ResourceNotFoundException",
    only_rds_arns_are_taken =>
        "VPC Lattice User Guide, Resource configurations, Resource definition",
    a_public_database_is_refused =>
        "VPC Lattice User Guide, Resource configurations, Resource definition",
    a_gateway_that_resolves_in_its_vpc_carries_no_arn_configuration =>
        "VPC Lattice User Guide, Resource gateways in VPC Lattice",
    a_configuration_name_is_of_small_letters_digits_and_single_dashes =>
        "VPC Lattice API model, ResourceConfigurationName",
    a_configuration_name_is_used_once =>
        "VPC Lattice API Reference, CreateResourceConfiguration, name",
    the_same_token_makes_one_configuration =>
        "VPC Lattice API Reference, CreateResourceConfiguration, clientToken",
    the_same_token_for_another_configuration_is_refused =>
        "VPC Lattice API Reference, CreateResourceConfiguration, clientToken",
}

const INVALID: &[&str] = &["ValidationException"];

async fn an_arn_configuration_takes_no_ports(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (gateway, database) = (stage.gateway(&test_vpc).await?, stage.database(&test_vpc).await?);
    let made =
        stage.create_configuration(&gateway.id, &database.arn, |create| create.port_ranges("5432"));
    refused(made.await, INVALID)?;
    HELD
}

async fn an_arn_configuration_takes_no_protocol(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (gateway, database) = (stage.gateway(&test_vpc).await?, stage.database(&test_vpc).await?);
    let made = stage.create_configuration(&gateway.id, &database.arn, |create| {
        create.protocol(ProtocolType::Tcp)
    });
    refused(made.await, INVALID)?;
    HELD
}

async fn an_arn_configuration_needs_a_gateway(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let made = stage.create_configuration("", &database.arn, |create| {
        create.set_resource_gateway_identifier(None)
    });
    refused(made.await, INVALID)?;
    HELD
}

async fn a_configuration_on_an_unknown_gateway_is_refused(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let unknown = "rgw-0123456789abcdef0";
    let made = stage.create_configuration(unknown, &database.arn, |create| create).await;
    refused(made, &["ResourceNotFoundException"])?;
    HELD
}

async fn only_rds_arns_are_taken(stage: &Stage<'_>) -> Fact {
    let gateway = stage.gateway(&stage.test_vpc().await?).await?;
    let bucket = "arn:aws:s3:::a-bucket-is-no-database";
    let made = stage.create_configuration(&gateway.id, bucket, |create| create).await;
    refused(made, INVALID)?;
    HELD
}

/// The guide says that one cannot be created, not whether the call or the creation fails.
async fn a_public_database_is_refused(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let gateway = stage.gateway(&test_vpc).await?;
    let database =
        stage.database_with(&test_vpc, |create| create.publicly_accessible(true)).await?;
    let made = stage.create_configuration(&gateway.id, &database.arn, |create| create).await;
    let Ok(made) = made else {
        refused(made, INVALID)?;
        return HELD;
    };
    let settled = stage.settled_configuration(given("an id", made.id())?).await?;
    equal("its status", word(settled.status()), "CREATE_FAILED")?;
    HELD
}

async fn a_gateway_that_resolves_in_its_vpc_carries_no_arn_configuration(
    stage: &Stage<'_>,
) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let database = stage.database(&test_vpc).await?;
    let in_vpc = ResourceConfigDnsResolution::InVpc;
    let gateway = stage
        .create_gateway(&test_vpc, |create| create.resource_config_dns_resolution(in_vpc))
        .await;
    let gateway = done("such a gateway", gateway)?;
    let id = given("an id", gateway.id())?;
    stage.settled_gateway(id).await?;
    let made = stage.create_configuration(id, &database.arn, |create| create).await;
    refused_somehow("an ARN configuration on it", made)?;
    HELD
}

async fn a_configuration_name_is_of_small_letters_digits_and_single_dashes(
    stage: &Stage<'_>,
) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (gateway, database) = (stage.gateway(&test_vpc).await?, stage.database(&test_vpc).await?);
    let long = "a".repeat(41);
    for name in ["ab", "Orders", "or_ders", "rcfg-a", "-abc", "abc-", "a--b", &long] {
        let made =
            stage.create_configuration(&gateway.id, &database.arn, |create| create.name(name));
        refused(made.await, INVALID)?;
    }
    HELD
}

async fn a_configuration_name_is_used_once(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let (gateway, database) = (&offer.gateway, &offer.database);
    let made = stage.create_configuration(&gateway.id, &database.arn, |create| {
        create.name(&offer.configuration.name)
    });
    refused(made.await, &["ConflictException"])?;
    HELD
}

async fn the_same_token_makes_one_configuration(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (gateway, database) = (stage.gateway(&test_vpc).await?, stage.database(&test_vpc).await?);
    let (name, token) = (stage.name(), stage.name());
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = stage.create_configuration(&gateway.id, &database.arn, |create| {
            create.name(&name).client_token(&token)
        });
        ids.push(done("the same call", made.await)?.id);
    }
    holds(ids[0].is_some(), "an id", &ids)?;
    equal("the second id", &ids[1], &ids[0])?;
    HELD
}

async fn the_same_token_for_another_configuration_is_refused(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (gateway, database) = (stage.gateway(&test_vpc).await?, stage.database(&test_vpc).await?);
    let token = stage.name();
    let first = stage
        .create_configuration(&gateway.id, &database.arn, |create| create.client_token(&token));
    first.await?;
    let other = stage
        .create_configuration(&gateway.id, &database.arn, |create| create.client_token(&token));
    refused(other.await, &["ConflictException", "ValidationException"])?;
    HELD
}
