//! Resource configurations of type ARN: their life, and how they are found and changed.

use crate::case::{Fact, HELD, cases};
use crate::expect::{done, equal, given, holds, refused, refused_somehow, word};
use crate::exposure::{Configuration, for_arn, present};
use crate::stage::Stage;

cases! { Configuration:
    a_configuration_is_created_in_progress_and_becomes_active =>
        "VPC Lattice API Reference, CreateResourceConfiguration and GetResourceConfiguration",
    a_configuration_says_its_database =>
        "VPC Lattice API Reference, GetResourceConfiguration, resourceConfigurationDefinition",
    configurations_are_listed_by_gateway =>
        "VPC Lattice API Reference, ListResourceConfigurations, resourceGatewayIdentifier",
    configurations_listed_in_pages_are_complete_and_without_doubles =>
        "VPC Lattice API Reference, ListResourceConfigurations, maxResults and nextToken",
    a_configuration_may_be_opened_to_shareable_networks_later =>
        "VPC Lattice API Reference, UpdateResourceConfiguration",
    the_database_of_a_configuration_is_not_changed =>
        "CloudFormation template reference, AWS::VpcLattice::ResourceConfiguration ArnResource",
    an_unknown_configuration_is_not_found =>
        "VPC Lattice API Reference, GetResourceConfiguration: ResourceNotFoundException",
    a_configuration_with_associations_is_not_deleted =>
        "VPC Lattice API Reference, DeleteResourceConfiguration: ConflictException",
    a_deleted_configuration_goes_and_is_then_unknown =>
        "VPC Lattice API Reference, DeleteResourceConfiguration",
    a_gateway_carries_several_configurations =>
        "VPC Lattice User Guide, Resource gateways in VPC Lattice",
}

async fn a_configuration_is_created_in_progress_and_becomes_active(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (gateway, database) = (stage.gateway(&test_vpc).await?, stage.database(&test_vpc).await?);
    let made = stage.create_configuration(&gateway.id, &database.arn, |create| create).await;
    let made = done("a configuration", made)?;
    equal("its status", word(made.status()), "CREATE_IN_PROGRESS")?;
    equal("its gateway", made.resource_gateway_id(), Some(gateway.id.as_str()))?;
    let id = given("an id", made.id())?;
    holds(id.starts_with("rcfg-"), "its id starts with rcfg-", id)?;
    let arn = given("an ARN", made.arn())?;
    let ends = arn.ends_with(&format!(":resourceconfiguration/{id}"));
    holds(ends, "its ARN ends with :resourceconfiguration/<id>", arn)?;

    let settled = stage.settled_configuration(id).await?;
    equal("its status in the end", word(settled.status()), "ACTIVE")?;
    equal("its type", word(settled.r#type()), "ARN")?;
    equal("its failure", settled.failure_reason(), None)?;
    HELD
}

async fn a_configuration_says_its_database(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let seen = stage.settled_configuration(&offer.configuration.id).await?;
    let definition = seen.resource_configuration_definition();
    equal("its definition", definition, Some(&for_arn(&offer.database.arn)))?;
    let shareable = seen.allow_association_to_shareable_service_network();
    equal("whether shareable networks may have it", shareable.unwrap_or(false), false)?;
    holds(seen.amazon_managed() != Some(true), "it is not managed by AWS", seen.amazon_managed())?;
    HELD
}

async fn configurations_are_listed_by_gateway(stage: &Stage<'_>) -> Fact {
    let (one, other) = (stage.offer().await?, stage.offer().await?);
    for (offer, other_offer) in [(&one, &other), (&other, &one)] {
        let listing = stage.lattice.list_resource_configurations();
        let listing = listing.resource_gateway_identifier(&offer.gateway.id);
        let listed = listing.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await?;
        let ours = |configuration: &Configuration| {
            listed.iter().find(|seen| seen.id() == Some(configuration.id.as_str()))
        };
        let seen = given("the gateway's configuration", ours(&offer.configuration))?;
        equal("its name", seen.name(), Some(offer.configuration.name.as_str()))?;
        equal("its type", word(seen.r#type()), "ARN")?;
        equal("its status", word(seen.status()), "ACTIVE")?;
        equal("its gateway", seen.resource_gateway_id(), Some(offer.gateway.id.as_str()))?;
        let other_offer = ours(&other_offer.configuration);
        holds(other_offer.is_none(), "no configuration of another gateway", other_offer)?;
    }
    HELD
}

async fn configurations_listed_in_pages_are_complete_and_without_doubles(
    stage: &Stage<'_>,
) -> Fact {
    let offer = stage.offer().await?;
    let mut made = vec![offer.configuration.id.clone()];
    let second = stage.database(&offer.test_vpc).await?;
    made.push(stage.configuration(&offer.gateway, &second).await?.id);
    made.sort();

    let listing = stage.lattice.list_resource_configurations();
    let first = done("a page of one", listing.clone().max_results(1).send().await)?;
    equal("the size of a page of one", first.items().len(), 1)?;
    let pages = listing.into_paginator().page_size(1).items().send();
    let listed = pages.collect::<Result<Vec<_>, _>>().await?;
    let mut ids: Vec<_> = listed.into_iter().filter_map(|it| it.id).collect();
    ids.retain(|id| made.contains(id));
    ids.sort();
    equal("the configurations on all pages", ids, made)?;
    HELD
}

async fn a_configuration_may_be_opened_to_shareable_networks_later(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let update = stage.lattice.update_resource_configuration();
    let update = update.resource_configuration_identifier(&offer.configuration.id);
    let updated = update.allow_association_to_shareable_service_network(true).send().await;
    done("allowing it", updated)?;
    let settled = stage.settled_configuration(&offer.configuration.id).await?;
    equal("its status", word(settled.status()), "ACTIVE")?;
    let shareable = settled.allow_association_to_shareable_service_network();
    equal("whether shareable networks may have it", shareable, Some(true))?;
    HELD
}

async fn the_database_of_a_configuration_is_not_changed(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let other = stage.database(&offer.test_vpc).await?;
    let update = stage.lattice.update_resource_configuration();
    let update = update.resource_configuration_identifier(&offer.configuration.id);
    let updated = update.resource_configuration_definition(for_arn(&other.arn)).send().await;
    refused_somehow("another database for it", updated)?;
    HELD
}

async fn an_unknown_configuration_is_not_found(stage: &Stage<'_>) -> Fact {
    let (unknown, codes) = ("rcfg-0123456789abcdef0", &["ResourceNotFoundException"]);
    let lattice = &stage.lattice;
    let get = lattice.get_resource_configuration().resource_configuration_identifier(unknown);
    refused(get.send().await, codes)?;
    let update = lattice.update_resource_configuration();
    let update = update.resource_configuration_identifier(unknown);
    let update = update.allow_association_to_shareable_service_network(true);
    refused(update.send().await, codes)?;
    let delete = lattice.delete_resource_configuration();
    refused(delete.resource_configuration_identifier(unknown).send().await, codes)?;
    HELD
}

async fn a_configuration_with_associations_is_not_deleted(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    stage.association(&network, &offer.configuration).await?;
    let delete = stage.lattice.delete_resource_configuration();
    let delete = delete.resource_configuration_identifier(&offer.configuration.id);
    let refusal = refused(delete.send().await, &["ConflictException"])?;
    equal("the HTTP status", refusal.status, Some(409))?;
    let seen = stage.settled_configuration(&offer.configuration.id).await?;
    equal("its status", word(seen.status()), "ACTIVE")?;
    HELD
}

async fn a_deleted_configuration_goes_and_is_then_unknown(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let id = &offer.configuration.id;
    let delete = stage.lattice.delete_resource_configuration();
    done("deleting it", delete.resource_configuration_identifier(id).send().await)?;
    stage
        .until("the configuration is unknown", || async {
            let get = stage.lattice.get_resource_configuration();
            let seen = present(get.resource_configuration_identifier(id).send().await)?;
            let Some(seen) = seen else { return Ok(Some(())) };
            equal("its status until then", word(seen.status()), "DELETE_IN_PROGRESS")?;
            Ok(None)
        })
        .await?;
    HELD
}

async fn a_gateway_carries_several_configurations(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let second = stage.database(&offer.test_vpc).await?;
    let made = stage.create_configuration(&offer.gateway.id, &second.arn, |create| create).await;
    let made = done("a second configuration", made)?;
    let settled = stage.settled_configuration(given("an id", made.id())?).await?;
    equal("its status", word(settled.status()), "ACTIVE")?;
    HELD
}
