//! Tags of VPC Lattice resources.

use std::collections::{BTreeMap, HashMap};

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{done, equal, given, refused};
use crate::stage::Stage;

cases! { Tags:
    a_network_is_tagged_when_it_is_made =>
        "VPC Lattice API Reference, CreateServiceNetwork, tags; ListTagsForResource",
    a_gateway_is_tagged_when_it_is_made =>
        "VPC Lattice API Reference, CreateResourceGateway, tags; ListTagsForResource",
    a_configuration_and_its_association_are_tagged_when_they_are_made =>
        "VPC Lattice API Reference, CreateServiceNetworkResourceAssociation, tags",
    tagging_overwrites_and_leaves_the_others =>
        "VPC Lattice API Reference, TagResource",
    untagging_leaves_the_others =>
        "VPC Lattice API Reference, UntagResource",
    an_arn_fits_into_a_tag_value =>
        "VPC Lattice API model, TagValue",
    a_tag_value_of_more_than_256_is_refused =>
        "VPC Lattice API model, TagValue",
    tags_of_something_unknown_are_not_found =>
        "VPC Lattice API Reference, ListTagsForResource: ResourceNotFoundException",
}

async fn tags(stage: &Stage<'_>, arn: &str) -> Result<BTreeMap<String, String>, Trouble> {
    let listed = stage.lattice.list_tags_for_resource().resource_arn(arn).send().await?;
    Ok(listed.tags.unwrap_or_default().into_iter().collect())
}

fn these<M: FromIterator<(String, String)>>(pairs: &[(&str, &str)]) -> M {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

const TWO: [(&str, &str); 2] = [("fact:a", "1"), ("b", "two words")];

async fn a_network_is_tagged_when_it_is_made(stage: &Stage<'_>) -> Fact {
    let made = stage.create_network(|create| create.set_tags(Some(these(&TWO)))).await;
    let arn = given("an ARN", done("a network with tags", made)?.arn)?;
    equal("its tags", tags(stage, &arn).await?, these(&TWO))?;
    HELD
}

async fn a_gateway_is_tagged_when_it_is_made(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let made = stage.create_gateway(&test_vpc, |create| create.set_tags(Some(these(&TWO)))).await;
    let arn = given("an ARN", done("a gateway with tags", made)?.arn)?;
    equal("its tags", tags(stage, &arn).await?, these(&TWO))?;
    HELD
}

async fn a_configuration_and_its_association_are_tagged_when_they_are_made(
    stage: &Stage<'_>,
) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let (gateway, database) = (stage.gateway(&test_vpc).await?, stage.database(&test_vpc).await?);
    let made = stage.create_configuration(&gateway.id, &database.arn, |create| {
        create.set_tags(Some(these(&TWO)))
    });
    let made = done("a configuration with tags", made.await)?;
    let id = given("an id", made.id)?;
    equal("its tags", tags(stage, &given("an ARN", made.arn)?).await?, these(&TWO))?;
    stage.settled_configuration(&id).await?;

    let made = stage.create_association(&network, &id, |create| create.set_tags(Some(these(&TWO))));
    let arn = given("an ARN", done("an association with tags", made.await)?.arn)?;
    equal("its tags", tags(stage, &arn).await?, these(&TWO))?;
    HELD
}

async fn tagging_overwrites_and_leaves_the_others(stage: &Stage<'_>) -> Fact {
    let made = stage.create_network(|create| create.set_tags(Some(these(&TWO)))).await?;
    let arn = given("an ARN", made.arn)?;
    let tagging = stage.lattice.tag_resource().resource_arn(&arn).tags("b", "3").tags("c", "4");
    done("tagging it", tagging.send().await)?;
    let stated = these(&[("fact:a", "1"), ("b", "3"), ("c", "4")]);
    equal("its tags", tags(stage, &arn).await?, stated)?;
    HELD
}

async fn untagging_leaves_the_others(stage: &Stage<'_>) -> Fact {
    let made = stage.create_network(|create| create.set_tags(Some(these(&TWO)))).await?;
    let arn = given("an ARN", made.arn)?;
    let untagging = stage.lattice.untag_resource().resource_arn(&arn).tag_keys("fact:a");
    done("untagging it", untagging.send().await)?;
    equal("its tags", tags(stage, &arn).await?, these(&TWO[1..]))?;
    HELD
}

async fn an_arn_fits_into_a_tag_value(stage: &Stage<'_>) -> Fact {
    let network = stage.network().await?;
    let tagging = stage.lattice.tag_resource().resource_arn(&network.arn);
    done("such a tag", tagging.tags("for", &network.arn).send().await)?;
    let found = tags(stage, &network.arn).await?;
    equal("its value", found.get("for"), Some(&network.arn))?;
    HELD
}

async fn a_tag_value_of_more_than_256_is_refused(stage: &Stage<'_>) -> Fact {
    let network = stage.network().await?;
    let tagging = stage.lattice.tag_resource().resource_arn(&network.arn);
    let tagged = tagging.tags("a", "v".repeat(257)).send().await;
    refused(tagged, &["ValidationException"])?;
    let tagging = stage.lattice.tag_resource().resource_arn(&network.arn);
    done("a value of 256", tagging.tags("a", "v".repeat(256)).send().await)?;
    HELD
}

async fn tags_of_something_unknown_are_not_found(stage: &Stage<'_>) -> Fact {
    let (network, codes) = (stage.network().await?, &["ResourceNotFoundException"]);
    let unknown = network.arn.replace(&network.id, "sn-0123456789abcdef0");
    let listed = stage.lattice.list_tags_for_resource().resource_arn(&unknown).send().await;
    refused(listed, codes)?;
    let tagging = stage.lattice.tag_resource().resource_arn(&unknown);
    let tags: HashMap<_, _> = these(&TWO);
    refused(tagging.set_tags(Some(tags)).send().await, codes)?;
    let untagging = stage.lattice.untag_resource().resource_arn(&unknown).tag_keys("b");
    refused(untagging.send().await, codes)?;
    HELD
}
