//! What AWS does not document: either way is accepted, and the case says which one it found.

use std::time::Duration;

use aws_sdk_vpclattice::types::ServiceNetworkResourceAssociationSummary;

use crate::case::{Fact, Trouble, cases, found};
use crate::child::child;
use crate::copies::{blue_green, switch_over};
use crate::database::tagged;
use crate::expect::{Refusal, given, word};
use crate::exposure::{Offer, present};
use crate::reach::reached;
use crate::stage::Stage;
use crate::test_vpc::{state, with_group};

cases! { Unsure:
    a_configuration_after_its_database_was_deleted =>
        "undocumented; VPC Lattice User Guide, Resource configurations",
    a_create_with_the_token_of_something_deleted =>
        "undocumented; VPC Lattice API Reference, clientToken",
    the_addresses_that_a_configuration_takes_of_an_endpoint_subnet =>
        "undocumented; PrivateLink Guide, Access service networks",
    a_second_endpoint_to_the_same_network_in_one_vpc =>
        "undocumented; PrivateLink Guide, Access service networks",
    the_tags_of_a_green_instance =>
        "undocumented; RDS User Guide, Overview of Amazon RDS Blue/Green Deployments",
    the_addresses_that_a_gateway_takes_of_a_subnet =>
        "undocumented; VPC Lattice API Reference, ipv4AddressesPerEni",
    a_gateway_name_that_is_used_already =>
        "undocumented; VPC Lattice API Reference, CreateResourceGateway, name",
    a_gateway_in_a_subnet_without_room =>
        "undocumented; VPC Lattice User Guide, Resource gateways in VPC Lattice",
    a_configuration_of_a_database_that_is_not_there =>
        "undocumented; VPC Lattice User Guide, Resource configurations",
    a_configuration_after_a_switchover =>
        "undocumented; RDS User Guide, Overview of Amazon RDS Blue/Green Deployments",
    a_comma_in_a_tag_value_of_vpc_lattice =>
        "undocumented; VPC Lattice User Guide, tags",
    one_duplicate_among_several_new_rules =>
        "undocumented; EC2 API Reference, AuthorizeSecurityGroupIngress",
    the_name_of_a_managed_child =>
        "undocumented; the helper script of Secure Cross-VPC Connections Part 2 looks for \
         <configuration id>-<database identifier>",
    the_association_of_a_managed_child_in_a_plain_listing =>
        "VPC Lattice API Reference, ListServiceNetworkResourceAssociations, includeChildren; the \
         helper script of Secure Cross-VPC Connections Part 2 finds it without",
    the_private_name_in_the_databases_own_vpc =>
        "VPC Lattice User Guide, Resource configurations; undocumented in EC2",
}

/// Long enough for whatever follows from a change to have followed.
const A_WHILE: Duration = Duration::from_secs(10 * 60);

/// The status of the offer's configuration after a while.
async fn after_a_while(stage: &Stage<'_>, offer: &Offer) -> Result<String, Trouble> {
    stage.pause(A_WHILE).await;
    let get = stage.lattice.get_resource_configuration();
    let get = get.resource_configuration_identifier(&offer.configuration.id);
    let seen = present(get.send().await)?;
    Ok(match seen {
        Some(seen) => format!("it is {}", word(seen.status())),
        None => "it is gone".to_owned(),
    })
}

async fn a_configuration_after_its_database_was_deleted(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    stage.delete_instance(&offer.database.identifier).await?;
    found(after_a_while(stage, &offer).await?)
}

async fn a_create_with_the_token_of_something_deleted(stage: &Stage<'_>) -> Fact {
    let (name, token) = (stage.name(), stage.name());
    let first = stage.create_network(|create| create.name(&name).client_token(&token)).await?;
    let id = given("an id", first.id)?;
    stage.lattice.delete_service_network().service_network_identifier(&id).send().await?;

    let second = stage.create_network(|create| create.name(&name).client_token(&token)).await;
    found(match second {
        Ok(second) if second.id.as_ref() == Some(&id) => "it answers with what is deleted".into(),
        Ok(_) => "it makes another".to_owned(),
        Err(refusal) => refused_with(refusal)?,
    })
}

/// A refusal as a finding.
fn refused_with(refusal: Refusal) -> Result<String, Trouble> {
    match refusal.code.as_str() {
        "" => Err(refusal.into()),
        code => Ok(format!("it is refused with {code}")),
    }
}

async fn the_addresses_that_a_configuration_takes_of_an_endpoint_subnet(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let endpoint = stage.endpoint(&test_vpc, &network).await?;
    let before = stage.free(&test_vpc.subnets[0]).await?;
    let offer = stage.offer().await?;
    stage.association(&network, &offer.configuration).await?;
    reached(stage, &endpoint, &offer.configuration.arn).await?;
    found(format!("it takes {}", before - stage.free(&test_vpc.subnets[0]).await?))
}

async fn a_second_endpoint_to_the_same_network_in_one_vpc(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    stage.association(&network, &offer.configuration).await?;
    let test_vpc = stage.test_vpc().await?;
    let first = stage.endpoint(&test_vpc, &network).await?;
    reached(stage, &first, &offer.configuration.arn).await?;

    let second = match stage.create_endpoint(&test_vpc, &network, |create| create).await {
        Ok(second) => given("an id", second.vpc_endpoint_id)?,
        Err(refusal) => return found(refused_with(refusal)?),
    };
    let settled = stage.settled_endpoint(&second).await?;
    found(format!("it is {}", state(&settled)))
}

async fn the_tags_of_a_green_instance(stage: &Stage<'_>) -> Fact {
    let both = blue_green(stage, &stage.test_vpc().await?).await?;
    let green = given("green", stage.look_at_instance(&both.green).await?)?;
    if tagged(green.tag_list(), "a").is_some() {
        return found("it has them when it is created");
    }
    switch_over(stage, &both).await?;
    let now = given("the instance", stage.look_at_instance(&both.blue.identifier).await?)?;
    found(match tagged(now.tag_list(), "a") {
        Some(_) => "it has them once it is switched over",
        None => "it never has them",
    })
}

async fn the_addresses_that_a_gateway_takes_of_a_subnet(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let before = stage.free(&test_vpc.subnets[0]).await?;
    let made = stage.create_gateway(&test_vpc, |create| create.ipv4_addresses_per_eni(2)).await?;
    stage.settled_gateway(&given("an id", made.id)?).await?;
    found(format!("it takes {} for 2", before - stage.free(&test_vpc.subnets[0]).await?))
}

async fn a_gateway_name_that_is_used_already(stage: &Stage<'_>) -> Fact {
    let (test_vpc, name) = (stage.test_vpc().await?, stage.name());
    stage.create_gateway(&test_vpc, |create| create.name(&name)).await?;
    let again = stage.create_gateway(&test_vpc, |create| create.name(&name)).await;
    found(match again {
        Ok(_) => "it is used twice".to_owned(),
        Err(refusal) => refused_with(refusal)?,
    })
}

async fn a_gateway_in_a_subnet_without_room(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let small = stage.subnet(&test_vpc.vpc, "10.77.9.0/28", &test_vpc.zones[0]).await?;
    let made = stage.create_gateway(&test_vpc, |create| {
        create.set_subnet_ids(Some(vec![small])).ipv4_addresses_per_eni(16)
    });
    let made = match made.await {
        Ok(made) => made,
        Err(refusal) => return found(refused_with(refusal)?),
    };
    let settled = stage.settled_gateway(&given("an id", made.id)?).await?;
    found(format!("it is {}", word(settled.status())))
}

async fn a_configuration_of_a_database_that_is_not_there(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let gateway = stage.gateway(&test_vpc).await?;
    let caller = stage.sts.get_caller_identity().send().await?;
    let (account, region) = (word(caller.account()), stage.region());
    let arn = format!("arn:aws:rds:{region}:{account}:db:{}", stage.name());
    let made = match stage.create_configuration(&gateway.id, &arn, |create| create).await {
        Ok(made) => made,
        Err(refusal) => return found(refused_with(refusal)?),
    };
    let settled = stage.settled_configuration(&given("an id", made.id)?).await?;
    found(format!("it is {}", word(settled.status())))
}

async fn a_configuration_after_a_switchover(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let both = blue_green(stage, &test_vpc).await?;
    let gateway = stage.gateway(&test_vpc).await?;
    let configuration = stage.configuration(&gateway, &both.blue).await?;
    switch_over(stage, &both).await?;
    let offer = Offer { test_vpc, database: both.blue, gateway, configuration };
    found(after_a_while(stage, &offer).await?)
}

async fn a_comma_in_a_tag_value_of_vpc_lattice(stage: &Stage<'_>) -> Fact {
    let network = stage.network().await?;
    let tagging = stage.lattice.tag_resource().resource_arn(&network.arn);
    let tagged = tagging.tags("networks", "orders,reports").send().await;
    found(match tagged.map_err(Refusal::from) {
        Ok(_) => "it is taken".to_owned(),
        Err(refusal) => refused_with(refusal)?,
    })
}

async fn one_duplicate_among_several_new_rules(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (group, from) = (stage.group(&test_vpc).await?, stage.group(&test_vpc).await?);
    let authorize = stage.ec2.authorize_security_group_ingress().group_id(&group);
    authorize.clone().ip_permissions(with_group(5432, &from)).send().await?;

    let both = authorize.ip_permissions(with_group(3306, &from));
    let both = both.ip_permissions(with_group(5432, &from)).send().await;
    let answer = match both.map_err(Refusal::from) {
        Ok(_) => "the call is done".to_owned(),
        Err(refusal) => refused_with(refusal)?,
    };
    let listed = stage.ec2.describe_security_groups().group_ids(&group).send().await?;
    let rules = given("the group", listed.security_groups().first())?.ip_permissions();
    let new = rules.iter().any(|rule| rule.from_port() == Some(3306));
    let new = if new { "made" } else { "not made" };
    found(format!("{answer}; the new rule is {new}"))
}

async fn the_private_name_in_the_databases_own_vpc(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    stage.association(&network, &offer.configuration).await?;
    let endpoint = stage.endpoint(&offer.test_vpc, &network).await?;
    let row = reached(stage, &endpoint, &offer.configuration.arn).await?;
    found(match row.private_dns_entry().and_then(|entry| entry.dns_name()) {
        Some(_) => "the association has one",
        None => "the association has none",
    })
}

async fn the_name_of_a_managed_child(stage: &Stage<'_>) -> Fact {
    let offer = stage.offer().await?;
    let child = child(stage, &offer.configuration).await?;
    let of_both = format!("{}-{}", offer.configuration.id, offer.database.identifier);
    found(match word(child.name()) == of_both {
        true => "it is the configuration's id and the database's identifier",
        false => "it is something of its own",
    })
}

async fn the_association_of_a_managed_child_in_a_plain_listing(stage: &Stage<'_>) -> Fact {
    let (offer, network) = (stage.offer().await?, stage.network().await?);
    stage.association(&network, &offer.configuration).await?;
    let child = child(stage, &offer.configuration).await?;
    let listing = stage.lattice.list_service_network_resource_associations();
    let listing = listing.service_network_identifier(&network.id);
    let with_children = listing.clone().include_children(true);
    let is_of_child = |seen: &ServiceNetworkResourceAssociationSummary| {
        seen.resource_configuration_id() == child.id()
    };
    stage
        .until("the listing with children has the child's", || async {
            let seen = with_children.clone().send().await?;
            Ok(seen.items().iter().any(is_of_child).then_some(()))
        })
        .await?;
    let plain = listing.send().await?;
    found(match plain.items().iter().any(is_of_child) {
        true => "it is listed, asked for or not",
        false => "it is listed when it is asked for",
    })
}
