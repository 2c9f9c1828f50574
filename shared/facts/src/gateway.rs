//! Resource gateways.

use aws_sdk_ec2::types::Filter;

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{done, equal, given, holds, refused, refused_somehow, word};
use crate::exposure::present;
use crate::stage::Stage;
use crate::test_vpc::TestVpc;

cases! { Gateway:
    a_gateway_is_created_in_progress_and_becomes_active =>
        "VPC Lattice API Reference, CreateResourceGateway and GetResourceGateway",
    a_gateway_takes_sixteen_addresses_per_interface_unless_told =>
        "VPC Lattice API Reference, CreateResourceGateway, ipv4AddressesPerEni",
    a_gateway_asks_for_at_most_sixty_two_addresses =>
        "VPC Lattice API model, CreateResourceGatewayRequest, ipv4AddressesPerEni",
    a_gateway_needs_a_vpc_and_subnets =>
        "CloudFormation schema, AWS::VpcLattice::ResourceGateway, required",
    a_gateway_in_an_unknown_vpc_is_refused =>
        "VPC Lattice API Reference, CreateResourceGateway",
    a_gateway_name_is_of_small_letters_digits_and_single_dashes =>
        "VPC Lattice API model, ResourceGatewayName",
    the_same_token_makes_one_gateway =>
        "VPC Lattice API Reference, CreateResourceGateway, clientToken",
    the_same_token_for_another_gateway_is_refused =>
        "VPC Lattice API Reference, CreateResourceGateway, clientToken",
    a_gateway_is_named_by_its_arn_too =>
        "VPC Lattice API model, ResourceGatewayIdentifier",
    a_gateway_changes_its_groups_in_place =>
        "VPC Lattice API Reference, UpdateResourceGateway",
    a_gateway_has_at_most_five_groups =>
        "VPC Lattice API model, CreateResourceGatewayRequest, securityGroupIds",
    gateways_are_listed_with_vpc_subnets_and_groups =>
        "VPC Lattice API Reference, ListResourceGateways, ResourceGatewaySummary",
    gateways_listed_in_pages_are_complete_and_without_doubles =>
        "VPC Lattice API Reference, ListResourceGateways, maxResults and nextToken",
    a_page_of_more_than_a_hundred_gateways_is_refused =>
        "VPC Lattice API model, MaxResults",
    an_unknown_next_token_of_vpc_lattice_is_refused =>
        "VPC Lattice API Reference, ListResourceGateways, nextToken",
    an_unknown_gateway_is_not_found =>
        "VPC Lattice API Reference, GetResourceGateway: ResourceNotFoundException",
    a_gateway_with_configurations_is_not_deleted =>
        "VPC Lattice API Reference, DeleteResourceGateway: ConflictException",
    a_deleted_gateway_is_in_progress_and_then_unknown =>
        "VPC Lattice API Reference, DeleteResourceGateway",
    a_gateways_interfaces_bear_none_of_its_tags =>
        "VPC Lattice User Guide, API permissions, which names no condition for interfaces",
}

/// If they did, the permissions to make and change interfaces could demand our tag.
async fn a_gateways_interfaces_bear_none_of_its_tags(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let tagged = stage.create_gateway(&test_vpc, |create| create.tags("tried", "on interfaces"));
    let made = done("a gateway", tagged.await)?;
    stage.settled_gateway(given("an id", made.id())?).await?;
    let of_vpc = Filter::builder().name("vpc-id").values(&test_vpc.vpc).build();
    let listed = stage.ec2.describe_network_interfaces().filters(of_vpc).send().await?;
    let interfaces = listed.network_interfaces();
    equal("whether it has interfaces", interfaces.is_empty(), false)?;
    for interface in interfaces {
        let keys: Vec<_> = interface.tag_set().iter().filter_map(|tag| tag.key()).collect();
        equal("whether it bears the gateway's tag", keys.contains(&"tried"), false)?;
        equal("whether AWS manages it", interface.requester_managed(), Some(true))?;
    }
    HELD
}

const INVALID: &[&str] = &["ValidationException"];

async fn a_gateway_is_created_in_progress_and_becomes_active(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let made = done("a gateway", stage.create_gateway(&test_vpc, |create| create).await)?;
    equal("its status", word(made.status()), "CREATE_IN_PROGRESS")?;
    equal("its VPC", made.vpc_identifier(), Some(test_vpc.vpc.as_str()))?;
    let id = given("an id", made.id())?;
    holds(id.starts_with("rgw-"), "its id starts with rgw-", id)?;
    let arn = given("an ARN", made.arn())?;
    let ends = arn.ends_with(&format!(":resourcegateway/{id}"));
    holds(ends, "its ARN ends with :resourcegateway/<id>", arn)?;

    let settled = stage.settled_gateway(id).await?;
    equal("its status in the end", word(settled.status()), "ACTIVE")?;
    HELD
}

async fn a_gateway_takes_sixteen_addresses_per_interface_unless_told(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let made = stage.create_gateway(&test_vpc, |create| create.set_ipv4_addresses_per_eni(None));
    let made = done("a gateway", made.await)?;
    equal("the addresses per interface", made.ipv4_addresses_per_eni(), Some(16))?;
    equal("the type of addresses", word(made.ip_address_type()), "IPV4")?;

    let two = stage.create_gateway(&test_vpc, |create| create.ipv4_addresses_per_eni(2)).await?;
    let settled = stage.settled_gateway(given("an id", two.id())?).await?;
    equal("the addresses that were asked for", settled.ipv4_addresses_per_eni(), Some(2))?;
    HELD
}

async fn a_gateway_asks_for_at_most_sixty_two_addresses(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    for count in [0, 63] {
        let made = stage.create_gateway(&test_vpc, |create| create.ipv4_addresses_per_eni(count));
        refused(made.await, INVALID)?;
    }
    HELD
}

async fn a_gateway_needs_a_vpc_and_subnets(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let made = stage.create_gateway(&test_vpc, |create| create.set_subnet_ids(None)).await;
    refused_somehow("a gateway without subnets", made)?;
    let made = stage.create_gateway(&test_vpc, |create| create.set_vpc_identifier(None)).await;
    refused_somehow("a gateway without a VPC", made)?;
    HELD
}

async fn a_gateway_in_an_unknown_vpc_is_refused(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let made =
        stage.create_gateway(&test_vpc, |create| create.vpc_identifier("vpc-0123456789abcdef0"));
    refused(made.await, &["ValidationException", "ResourceNotFoundException"])?;
    HELD
}

async fn a_gateway_name_is_of_small_letters_digits_and_single_dashes(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let long = "a".repeat(41);
    for name in ["ab", "Databases", "data_bases", "rgw-a", "-abc", "abc-", "a--b", &long] {
        let made = stage.create_gateway(&test_vpc, |create| create.name(name)).await;
        refused(made, INVALID)?;
    }
    HELD
}

async fn the_same_token_makes_one_gateway(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (name, token) = (stage.name(), stage.name());
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made =
            stage.create_gateway(&test_vpc, |create| create.name(&name).client_token(&token));
        ids.push(done("the same call", made.await)?.id);
    }
    equal("the second id", &ids[1], &ids[0])?;
    HELD
}

async fn the_same_token_for_another_gateway_is_refused(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let token = stage.name();
    stage.create_gateway(&test_vpc, |create| create.client_token(&token)).await?;
    let other = stage.create_gateway(&test_vpc, |create| create.client_token(&token)).await;
    refused(other, &["ConflictException", "ValidationException"])?;
    HELD
}

async fn a_gateway_is_named_by_its_arn_too(stage: &Stage<'_>) -> Fact {
    let gateway = stage.gateway(&stage.test_vpc().await?).await?;
    let get = stage.lattice.get_resource_gateway().resource_gateway_identifier(&gateway.arn);
    let seen = done("getting it by its ARN", get.send().await)?;
    equal("its id", seen.id(), Some(gateway.id.as_str()))?;
    HELD
}

async fn a_gateway_changes_its_groups_in_place(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let gateway = stage.gateway(&test_vpc).await?;
    let group = stage.group(&test_vpc).await?;
    let update = stage.lattice.update_resource_gateway().security_group_ids(&group);
    let updated = update.resource_gateway_identifier(&gateway.id).send().await;
    done("another group for it", updated)?;

    let settled = stage.settled_gateway(&gateway.id).await?;
    equal("its status", word(settled.status()), "ACTIVE")?;
    equal("its groups", settled.security_group_ids(), &[group])?;
    HELD
}

async fn a_gateway_has_at_most_five_groups(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let mut groups = Vec::new();
    for _ in 0..6 {
        groups.push(stage.group(&test_vpc).await?);
    }
    let six = stage.create_gateway(&test_vpc, |create| create.set_security_group_ids(Some(groups)));
    refused(six.await, INVALID)?;
    HELD
}

async fn gateways_are_listed_with_vpc_subnets_and_groups(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let group = stage.group(&test_vpc).await?;
    let made = stage.create_gateway(&test_vpc, |create| create.security_group_ids(&group)).await?;
    let id = given("an id", made.id())?;
    stage.settled_gateway(id).await?;

    let pages = stage.lattice.list_resource_gateways().into_paginator().items().send();
    let listed = pages.collect::<Result<Vec<_>, _>>().await?;
    let listed = listed.into_iter().find(|gateway| gateway.id() == Some(id));
    let summary = given("the gateway in the listing", listed)?;
    equal("its status", word(summary.status()), "ACTIVE")?;
    equal("its name", summary.name(), made.name())?;
    equal("its VPC", summary.vpc_identifier(), Some(test_vpc.vpc.as_str()))?;
    equal("its groups", summary.security_group_ids(), &[group])?;
    let mut subnets = (summary.subnet_ids().to_vec(), test_vpc.subnets);
    subnets.0.sort();
    subnets.1.sort();
    equal("its subnets", subnets.0, subnets.1)?;
    HELD
}

/// The ids of three gateways on their way, sorted.
async fn three(stage: &Stage<'_>, test_vpc: &TestVpc) -> Result<Vec<String>, Trouble> {
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(given("an id", stage.create_gateway(test_vpc, |create| create).await?.id)?);
    }
    ids.sort();
    Ok(ids)
}

async fn gateways_listed_in_pages_are_complete_and_without_doubles(stage: &Stage<'_>) -> Fact {
    let made = three(stage, &stage.test_vpc().await?).await?;
    let listing = stage.lattice.list_resource_gateways();
    let first = done("a page of one", listing.clone().max_results(1).send().await)?;
    equal("the size of a page of one", first.items().len(), 1)?;
    given("a token for the next page", first.next_token())?;

    let pages = listing.into_paginator().page_size(1).items().send();
    let listed = pages.collect::<Result<Vec<_>, _>>().await?;
    let mut ids: Vec<_> = listed.into_iter().filter_map(|it| it.id).collect();
    ids.retain(|id| made.contains(id));
    ids.sort();
    equal("the gateways on all pages", ids, made)?;
    HELD
}

async fn a_page_of_more_than_a_hundred_gateways_is_refused(stage: &Stage<'_>) -> Fact {
    let listing = stage.lattice.list_resource_gateways().max_results(101);
    refused(listing.send().await, INVALID)?;
    HELD
}

async fn an_unknown_next_token_of_vpc_lattice_is_refused(stage: &Stage<'_>) -> Fact {
    let listing = stage.lattice.list_resource_gateways().next_token("nonsense");
    refused(listing.send().await, INVALID)?;
    HELD
}

async fn an_unknown_gateway_is_not_found(stage: &Stage<'_>) -> Fact {
    let (unknown, codes) = ("rgw-0123456789abcdef0", &["ResourceNotFoundException"]);
    let get = stage.lattice.get_resource_gateway().resource_gateway_identifier(unknown);
    let refusal = refused(get.send().await, codes)?;
    equal("the HTTP status", refusal.status, Some(404))?;
    let update = stage.lattice.update_resource_gateway().resource_gateway_identifier(unknown);
    refused(update.send().await, codes)?;
    let delete = stage.lattice.delete_resource_gateway().resource_gateway_identifier(unknown);
    refused(delete.send().await, codes)?;
    HELD
}

async fn a_gateway_with_configurations_is_not_deleted(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let delete = stage.lattice.delete_resource_gateway();
    let deleted = delete.resource_gateway_identifier(&offer.gateway.id).send().await;
    let refusal = refused(deleted, &["ConflictException"])?;
    equal("the HTTP status", refusal.status, Some(409))?;
    HELD
}

async fn a_deleted_gateway_is_in_progress_and_then_unknown(stage: &Stage<'_>) -> Fact {
    let gateway = stage.gateway(&stage.test_vpc().await?).await?;
    let delete = stage.lattice.delete_resource_gateway();
    let deleted = delete.resource_gateway_identifier(&gateway.id).send().await;
    equal("its status", word(done("deleting it", deleted)?.status()), "DELETE_IN_PROGRESS")?;
    stage
        .until("the gateway is unknown", || async {
            let get = stage.lattice.get_resource_gateway().resource_gateway_identifier(&gateway.id);
            let seen = present(get.send().await)?;
            Ok(if seen.is_none() { Some(()) } else { None })
        })
        .await?;
    HELD
}
