//! Tags of RDS instances.

use aws_sdk_rds::types::Tag;

use crate::case::{Fact, HELD, Trouble, cases};
use crate::database::tag;
use crate::expect::{done, equal, given, refused, refused_somehow, word};
use crate::stage::Stage;

cases! { Database:
    tags_of_an_instance_are_in_its_description =>
        "RDS API Reference, DBInstance, TagList",
    adding_a_tag_again_overwrites_its_value =>
        "RDS API Reference, AddTagsToResource",
    removing_a_tag_leaves_the_others =>
        "RDS API Reference, RemoveTagsFromResource",
    a_tag_value_with_a_comma_is_refused =>
        "RDS API Reference, Tag; RDS User Guide, Tagging Amazon RDS resources",
    a_tag_value_may_list_things_with_spaces_or_plus =>
        "RDS API Reference, Tag; RDS User Guide, Tagging Amazon RDS resources",
    a_tag_key_of_aws_is_refused =>
        "RDS User Guide, Tagging Amazon RDS resources",
    tags_of_an_unknown_instance_are_not_found =>
        "RDS API Reference, ListTagsForResource: DBInstanceNotFound",
}

/// The tags of a resource as `(key, value)`, sorted.
async fn tags(stage: &Stage<'_>, arn: &str) -> Result<Vec<(String, String)>, Trouble> {
    let listed = stage.rds.list_tags_for_resource().resource_name(arn).send().await?;
    Ok(sorted(listed.tag_list()))
}

fn sorted(tags: &[Tag]) -> Vec<(String, String)> {
    let pair = |tag: &Tag| (word(tag.key()).to_owned(), word(tag.value()).to_owned());
    let mut tags: Vec<_> = tags.iter().map(pair).collect();
    tags.sort();
    tags
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn tags_of_an_instance_are_in_its_description(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let add = stage.rds.add_tags_to_resource().resource_name(&database.arn);
    done("tagging it", add.tags(tag("a", "1")).tags(tag("b", "")).send().await)?;

    let stated = pairs(&[("a", "1"), ("b", "")]);
    equal("the tags listed", tags(stage, &database.arn).await?, stated.clone())?;
    let seen = given("it", stage.look_at_instance(&database.identifier).await?)?;
    equal("the tags described", sorted(seen.tag_list()), stated)?;
    HELD
}

async fn adding_a_tag_again_overwrites_its_value(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let add = stage.rds.add_tags_to_resource().resource_name(&database.arn);
    add.clone().tags(tag("a", "1")).tags(tag("b", "2")).send().await?;
    add.tags(tag("a", "3")).send().await?;
    equal("the tags", tags(stage, &database.arn).await?, pairs(&[("a", "3"), ("b", "2")]))?;
    HELD
}

async fn removing_a_tag_leaves_the_others(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let add = stage.rds.add_tags_to_resource().resource_name(&database.arn);
    add.tags(tag("a", "1")).tags(tag("b", "2")).send().await?;

    let remove = stage.rds.remove_tags_from_resource().resource_name(&database.arn);
    done("removing one", remove.clone().tag_keys("a").send().await)?;
    equal("the tags", tags(stage, &database.arn).await?, pairs(&[("b", "2")]))?;
    done("removing it again", remove.tag_keys("a").send().await)?;
    HELD
}

async fn a_tag_value_with_a_comma_is_refused(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let add = stage.rds.add_tags_to_resource().resource_name(&database.arn);
    let added = add.tags(tag("networks", "orders,reports")).send().await;
    refused_somehow("a tag value with a comma", added)?;
    equal("the tags", tags(stage, &database.arn).await?, pairs(&[]))?;
    HELD
}

async fn a_tag_value_may_list_things_with_spaces_or_plus(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let add = stage.rds.add_tags_to_resource().resource_name(&database.arn);
    let add = add.tags(tag("a:b", "orders+reports")).tags(tag("c", "orders reports"));
    done("tagging it", add.send().await)?;
    let stated = pairs(&[("a:b", "orders+reports"), ("c", "orders reports")]);
    equal("the tags", tags(stage, &database.arn).await?, stated)?;
    HELD
}

async fn a_tag_key_of_aws_is_refused(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    for key in ["aws:a", "rds:a"] {
        let add = stage.rds.add_tags_to_resource().resource_name(&database.arn);
        refused_somehow(&format!("the tag key {key}"), add.tags(tag(key, "1")).send().await)?;
    }
    HELD
}

async fn tags_of_an_unknown_instance_are_not_found(stage: &Stage<'_>) -> Fact {
    let caller = stage.sts.get_caller_identity().send().await?;
    let (account, region) = (word(caller.account()), stage.region());
    let arn = format!("arn:aws:rds:{region}:{account}:db:{}", stage.name());
    let listed = stage.rds.list_tags_for_resource().resource_name(&arn).send().await;
    refused(listed, &["DBInstanceNotFound"])?;
    let add = stage.rds.add_tags_to_resource().resource_name(&arn).tags(tag("a", "1"));
    refused(add.send().await, &["DBInstanceNotFound"])?;
    HELD
}
