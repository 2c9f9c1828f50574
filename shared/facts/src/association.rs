//! Associations of a service network with a resource configuration.

use aws_sdk_vpclattice::types::ServiceNetworkResourceAssociationSummary;

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{done, equal, given, holds, refused, word};
use crate::exposure::{Configuration, Network};
use crate::stage::Stage;

cases! { Association:
    an_association_is_created_in_progress_and_becomes_active =>
        "VPC Lattice API Reference, CreateServiceNetworkResourceAssociation",
    an_association_says_what_it_associates =>
        "VPC Lattice API Reference, GetServiceNetworkResourceAssociation",
    private_dns_is_on_for_an_arn_configuration_whatever_is_asked =>
        "VPC Lattice User Guide, Resource configurations, custom domain names",
    the_private_name_of_an_association_is_the_databases_own =>
        "VPC Lattice API Reference, GetServiceNetworkResourceAssociation, privateDnsEntry",
    an_association_needs_an_active_configuration =>
        "VPC Lattice API Reference, CreateServiceNetworkResourceAssociation: ConflictException",
    a_pair_is_associated_once =>
        "VPC Lattice API Reference, CreateServiceNetworkResourceAssociation: ConflictException",
    the_same_token_makes_one_association =>
        "VPC Lattice API Reference, CreateServiceNetworkResourceAssociation, clientToken",
    the_same_token_for_another_association_is_refused =>
        "VPC Lattice API Reference, CreateServiceNetworkResourceAssociation, clientToken",
    a_configuration_is_associated_with_several_networks =>
        "VPC Lattice User Guide, Manage the associations for a service network",
    associations_are_listed_by_network_and_by_configuration =>
        "VPC Lattice API Reference, ListServiceNetworkResourceAssociations",
    associations_listed_in_pages_are_complete_and_without_doubles =>
        "VPC Lattice API Reference, ListServiceNetworkResourceAssociations, maxResults",
    an_association_with_something_unknown_is_refused =>
        "VPC Lattice API Reference, CreateServiceNetworkResourceAssociation",
    an_unknown_association_is_not_found =>
        "VPC Lattice API Reference, GetServiceNetworkResourceAssociation",
    a_deleted_association_is_in_progress_and_then_unknown =>
        "VPC Lattice API Reference, DeleteServiceNetworkResourceAssociation",
    a_pair_may_be_associated_again =>
        "VPC Lattice API Reference, CreateServiceNetworkResourceAssociation",
}

async fn an_association_is_created_in_progress_and_becomes_active(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    let made = stage.create_association(&network, &offer.configuration.id, |create| create).await;
    let made = done("an association", made)?;
    equal("its status", word(made.status()), "CREATE_IN_PROGRESS")?;
    let id = given("an id", made.id())?;
    holds(id.starts_with("snra-"), "its id starts with snra-", id)?;
    let arn = given("an ARN", made.arn())?;
    let ends = arn.ends_with(&format!(":servicenetworkresourceassociation/{id}"));
    holds(ends, "its ARN ends with :servicenetworkresourceassociation/<id>", arn)?;
    let settled = stage.settled_association(id).await?;
    equal("its status in the end", word(settled.status()), "ACTIVE")?;
    HELD
}

async fn an_association_says_what_it_associates(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    let id = stage.association(&network, &offer.configuration).await?;
    let seen = stage.settled_association(&id).await?;
    equal("its network", seen.service_network_id(), Some(network.id.as_str()))?;
    let (id, arn) = (seen.resource_configuration_id(), seen.resource_configuration_arn());
    equal("its configuration", id, Some(offer.configuration.id.as_str()))?;
    equal("its configuration's ARN", arn, Some(offer.configuration.arn.as_str()))?;
    let managed = seen.is_managed_association();
    holds(managed != Some(true), "it is not managed by AWS", managed)?;
    equal("its failure", seen.failure_code(), None)?;
    HELD
}

/// The flag is immutable; the guide does not say whether asking for another is refused.
async fn private_dns_is_on_for_an_arn_configuration_whatever_is_asked(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    let silent = stage.association(&network, &offer.configuration).await?;
    let seen = stage.settled_association(&silent).await?;
    equal("whether private DNS is on", seen.private_dns_enabled(), Some(true))?;

    let other = stage.network().await?;
    let made = stage.create_association(&other, &offer.configuration.id, |create| {
        create.private_dns_enabled(false)
    });
    let made = match made.await {
        Ok(made) => made,
        refusal => {
            refused(refusal, &["ValidationException"])?;
            return HELD;
        }
    };
    let seen = stage.settled_association(&given("an id", made.id)?).await?;
    equal("whether private DNS is on", seen.private_dns_enabled(), Some(true))?;
    HELD
}

async fn the_private_name_of_an_association_is_the_databases_own(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    let id = stage.association(&network, &offer.configuration).await?;
    let seen = stage.settled_association(&id).await?;
    let private = seen.private_dns_entry().and_then(|entry| entry.domain_name());
    equal("its private name", private, Some(offer.database.address.as_str()))?;
    HELD
}

async fn an_association_needs_an_active_configuration(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let (gateway, database) = (stage.gateway(&test_vpc).await?, stage.database(&test_vpc).await?);
    let new = stage.create_configuration(&gateway.id, &database.arn, |create| create).await?;
    let made = stage.create_association(&network, word(new.id()), |create| create).await;
    refused(made, &["ConflictException", "ValidationException"])?;
    HELD
}

async fn a_pair_is_associated_once(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    stage.association(&network, &offer.configuration).await?;
    let again = stage.create_association(&network, &offer.configuration.id, |create| create);
    refused(again.await, &["ConflictException"])?;
    HELD
}

async fn the_same_token_makes_one_association(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    let token = stage.name();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = stage.create_association(&network, &offer.configuration.id, |create| {
            create.client_token(&token)
        });
        ids.push(given("an id", done("the same call", made.await)?.id)?);
    }
    equal("the second id", &ids[1], &ids[0])?;
    HELD
}

async fn the_same_token_for_another_association_is_refused(stage: &Stage<'_>) -> Fact {
    let (offer, token) = (stage.offer().await?, stage.name());
    let (one, other) = (stage.network().await?, stage.network().await?);
    let first = stage
        .create_association(&one, &offer.configuration.id, |create| create.client_token(&token));
    first.await?;
    let second = stage
        .create_association(&other, &offer.configuration.id, |create| create.client_token(&token));
    refused(second.await, &["ConflictException", "ValidationException"])?;
    HELD
}

async fn a_configuration_is_associated_with_several_networks(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    for _ in 0..2 {
        let network = stage.network().await?;
        let made = stage.create_association(&network, &offer.configuration.id, |create| create);
        let id = given("an id", done("an association", made.await)?.id)?;
        let settled = stage.settled_association(&id).await?;
        equal("its status", word(settled.status()), "ACTIVE")?;
    }
    HELD
}

type Summaries = Vec<ServiceNetworkResourceAssociationSummary>;

async fn by_network(stage: &Stage<'_>, network: &Network) -> Result<Summaries, Trouble> {
    let listing = stage.lattice.list_service_network_resource_associations();
    let pages = listing.service_network_identifier(&network.id).into_paginator().items().send();
    Ok(pages.collect::<Result<Vec<_>, _>>().await?)
}

async fn by_configuration(
    stage: &Stage<'_>,
    configuration: &Configuration,
) -> Result<Summaries, Trouble> {
    let listing = stage.lattice.list_service_network_resource_associations();
    let listing = listing.resource_configuration_identifier(&configuration.id);
    Ok(listing.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await?)
}

async fn associations_are_listed_by_network_and_by_configuration(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let (one, other) = (stage.network().await?, stage.network().await?);
    let first = stage.association(&one, &offer.configuration).await?;
    let second = stage.association(&other, &offer.configuration).await?;

    let listed = by_network(stage, &one).await?;
    equal("the number in the network", listed.len(), 1)?;
    equal("its id", listed[0].id(), Some(first.as_str()))?;
    equal("its status", word(listed[0].status()), "ACTIVE")?;
    let (name, arn) = (listed[0].resource_configuration_name(), listed[0].service_network_arn());
    equal("its configuration", name, Some(offer.configuration.name.as_str()))?;
    equal("its network", arn, Some(one.arn.as_str()))?;

    let listed = by_configuration(stage, &offer.configuration).await?;
    let mut ids: Vec<_> = listed.iter().filter_map(|seen| seen.id()).collect();
    let mut made = vec![first.as_str(), second.as_str()];
    ids.sort();
    made.sort();
    equal("those of the configuration", ids, made)?;
    HELD
}

async fn associations_listed_in_pages_are_complete_and_without_doubles(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(stage.association(&stage.network().await?, &offer.configuration).await?);
    }
    made.sort();
    let listing = stage.lattice.list_service_network_resource_associations();
    let listing = listing.resource_configuration_identifier(&offer.configuration.id);
    let first = done("a page of one", listing.clone().max_results(1).send().await)?;
    equal("the size of a page of one", first.items().len(), 1)?;
    let pages = listing.into_paginator().page_size(1).items().send();
    let listed = pages.collect::<Result<Vec<_>, _>>().await?;
    let mut ids: Vec<_> = listed.into_iter().filter_map(|it| it.id).collect();
    ids.sort();
    equal("the associations on all pages", ids, made)?;
    HELD
}

async fn an_association_with_something_unknown_is_refused(stage: &Stage<'_>) -> Fact {
    let network = stage.network().await?;
    let made = stage.create_association(&network, "rcfg-0123456789abcdef0", |create| create).await;
    refused(made, &["ResourceNotFoundException"])?;
    HELD
}

async fn an_unknown_association_is_not_found(stage: &Stage<'_>) -> Fact {
    let (unknown, codes) = ("snra-0123456789abcdef0", &["ResourceNotFoundException"]);
    let get = stage.lattice.get_service_network_resource_association();
    let get = get.service_network_resource_association_identifier(unknown);
    refused(get.send().await, codes)?;
    let delete = stage.lattice.delete_service_network_resource_association();
    let delete = delete.service_network_resource_association_identifier(unknown);
    refused(delete.send().await, codes)?;
    HELD
}

/// Deletes the association and waits until nobody knows it.
async fn dissociate(stage: &Stage<'_>, id: &str) -> Result<(), Trouble> {
    let delete = stage.lattice.delete_service_network_resource_association();
    let deleted = delete.service_network_resource_association_identifier(id).send().await;
    equal("its status", word(done("deleting it", deleted)?.status()), "DELETE_IN_PROGRESS")?;
    stage
        .until("the association is unknown", || async {
            let seen = stage.look_at_association(id).await?;
            Ok(if seen.is_none() { Some(()) } else { None })
        })
        .await
}

async fn a_deleted_association_is_in_progress_and_then_unknown(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    let id = stage.association(&network, &offer.configuration).await?;
    dissociate(stage, &id).await?;
    equal("how many are listed", by_network(stage, &network).await?.len(), 0)?;
    HELD
}

async fn a_pair_may_be_associated_again(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    let first = stage.association(&network, &offer.configuration).await?;
    dissociate(stage, &first).await?;
    let second = stage.association(&network, &offer.configuration).await?;
    holds(first != second, "another id", second)?;
    HELD
}
