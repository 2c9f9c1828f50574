//! The child configuration that AWS makes for an ARN configuration.

use aws_sdk_vpclattice::types::ResourceConfigurationSummary;

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{equal, given, holds, refused_somehow, word};
use crate::exposure::{Configuration, present};
use crate::stage::Stage;

cases! { Configuration:
    an_arn_configuration_gets_a_child_managed_by_aws =>
        "VPC Lattice User Guide, Resource configurations, Types; ResourceConfigurationSummary",
    a_child_is_listed_among_all_configurations =>
        "VPC Lattice API Reference, ListResourceConfigurations",
    a_managed_child_is_not_deleted_by_its_owner =>
        "VPC Lattice User Guide, Resource configurations, Types",
    a_child_goes_with_its_parent =>
        "VPC Lattice User Guide, Resource configurations, Types",
}

/// The first child that appears: AWS does not say that it is there when the parent is active.
pub(crate) async fn child(
    stage: &Stage<'_>,
    parent: &Configuration,
) -> Result<ResourceConfigurationSummary, Trouble> {
    stage
        .until("a child appears", || async {
            let listing = stage.lattice.list_resource_configurations();
            let listing = listing.resource_configuration_group_identifier(&parent.id);
            Ok(listing.send().await?.items.unwrap_or_default().into_iter().next())
        })
        .await
}

async fn an_arn_configuration_gets_a_child_managed_by_aws(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let child = child(stage, &offer.configuration).await?;
    equal("its type", word(child.r#type()), "CHILD")?;
    equal("whether AWS manages it", child.amazon_managed(), Some(true))?;
    let parent = child.resource_configuration_group_id();
    equal("its parent", parent, Some(offer.configuration.id.as_str()))?;
    let id = child.id();
    holds(id != Some(offer.configuration.id.as_str()), "it has an id of its own", id)?;
    HELD
}

async fn a_child_is_listed_among_all_configurations(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let child = child(stage, &offer.configuration).await?;
    let pages = stage.lattice.list_resource_configurations().into_paginator().items().send();
    let listed = pages.collect::<Result<Vec<_>, _>>().await?;
    let seen = given("the child", listed.iter().find(|seen| seen.id() == child.id()))?;
    equal("its type", word(seen.r#type()), "CHILD")?;
    HELD
}

async fn a_managed_child_is_not_deleted_by_its_owner(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let child = child(stage, &offer.configuration).await?;
    let delete = stage.lattice.delete_resource_configuration();
    let delete = delete.resource_configuration_identifier(given("an id", child.id())?);
    refused_somehow("deleting a managed child", delete.send().await)?;
    HELD
}

async fn a_child_goes_with_its_parent(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let child = child(stage, &offer.configuration).await?;
    let delete = stage.lattice.delete_resource_configuration();
    delete.resource_configuration_identifier(&offer.configuration.id).send().await?;
    stage
        .until("the child is unknown", || async {
            let get = stage.lattice.get_resource_configuration();
            let get = get.resource_configuration_identifier(word(child.id()));
            let seen = present(get.send().await)?;
            Ok(if seen.is_none() { Some(()) } else { None })
        })
        .await?;
    HELD
}
