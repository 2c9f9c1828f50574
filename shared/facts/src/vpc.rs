//! VPCs, subnets, their attributes and their tags.

use aws_sdk_ec2::types::{Filter, Tag, VpcAttributeName};

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{done, equal, given, holds, refused, refused_somehow};
use crate::stage::Stage;

cases! { Vpc:
    a_vpc_is_described_with_its_tags =>
        "EC2 API Reference, DescribeVpcs",
    vpcs_are_found_by_a_tag_key =>
        "EC2 API Reference, DescribeVpcs, Filters",
    an_unknown_vpc_is_not_found =>
        "EC2 API Reference, Error codes: InvalidVpcID.NotFound",
    a_new_vpc_resolves_names_and_gives_none =>
        "EC2 API Reference, CreateVpc and DescribeVpcAttribute",
    a_vpc_attribute_is_described_one_per_call =>
        "EC2 API Reference, DescribeVpcAttribute",
    five_addresses_of_a_subnet_are_reserved =>
        "VPC User Guide, Subnet sizing",
    a_subnet_says_its_zone_by_name_and_by_id =>
        "EC2 API Reference, Subnet",
    an_unknown_subnet_is_not_found =>
        "EC2 API Reference, Error codes: InvalidSubnetID.NotFound",
    subnets_listed_in_pages_are_complete_and_without_doubles =>
        "EC2 API Reference, DescribeSubnets, MaxResults and NextToken",
    an_unknown_next_token_of_ec2_is_refused =>
        "EC2 API Reference, DescribeSubnets, NextToken",
    creating_a_tag_again_overwrites_its_value =>
        "EC2 API Reference, CreateTags",
    deleting_a_tag_with_another_value_leaves_it =>
        "EC2 API Reference, DeleteTags",
    deleting_a_tag_without_a_value_deletes_it_whatever_it_says =>
        "EC2 API Reference, DeleteTags",
    deleting_tags_without_naming_any_deletes_all =>
        "EC2 API Reference, DeleteTags",
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The VPC's tags, sorted.
async fn tags(stage: &Stage<'_>, vpc: &str) -> Result<Vec<(String, String)>, Trouble> {
    let listed = stage.ec2.describe_vpcs().vpc_ids(vpc).send().await?;
    let vpc = given("the VPC", listed.vpcs().first())?;
    let pair = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or("").to_owned()));
    let mut tags: Vec<_> = vpc.tags().iter().filter_map(pair).collect();
    tags.sort();
    Ok(tags)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn a_vpc_is_described_with_its_tags(stage: &Stage<'_>) -> Fact {
    let vpc = stage.bare_vpc().await?;
    let create = stage.ec2.create_tags().resources(&vpc);
    done("tagging a VPC", create.tags(tag("b", "2")).tags(tag("a", "1")).send().await)?;

    let listed = done("describing it", stage.ec2.describe_vpcs().vpc_ids(&vpc).send().await)?;
    let described = given("the VPC", listed.vpcs().first())?;
    equal("its id", described.vpc_id(), Some(vpc.as_str()))?;
    equal("its block", described.cidr_block(), Some("10.77.0.0/16"))?;
    equal("its tags", tags(stage, &vpc).await?, pairs(&[("a", "1"), ("b", "2")]))?;
    HELD
}

async fn vpcs_are_found_by_a_tag_key(stage: &Stage<'_>) -> Fact {
    let (with, without) = (stage.bare_vpc().await?, stage.bare_vpc().await?);
    let key = stage.name();
    stage.ec2.create_tags().resources(&with).tags(tag(&key, "x")).send().await?;
    stage.ec2.create_tags().resources(&without).tags(tag("other", "x")).send().await?;

    for filter in [filter("tag-key", &key), filter(&format!("tag:{key}"), "x")] {
        let listed = stage.ec2.describe_vpcs().filters(filter).send().await?;
        let ids: Vec<_> = listed.vpcs().iter().filter_map(|vpc| vpc.vpc_id()).collect();
        equal("the VPCs with the tag", ids, vec![with.as_str()])?;
    }
    let other = stage.ec2.describe_vpcs().filters(filter(&format!("tag:{key}"), "y"));
    equal("the VPCs with another value", other.send().await?.vpcs().len(), 0)?;
    HELD
}

async fn an_unknown_vpc_is_not_found(stage: &Stage<'_>) -> Fact {
    let described = stage.ec2.describe_vpcs().vpc_ids("vpc-0123456789abcdef0").send().await;
    refused(described, &["InvalidVpcID.NotFound"])?;
    HELD
}

async fn attribute(
    stage: &Stage<'_>,
    vpc: &str,
    name: VpcAttributeName,
) -> Result<(Option<bool>, Option<bool>), Trouble> {
    let described = stage.ec2.describe_vpc_attribute().vpc_id(vpc).attribute(name).send().await?;
    let support = described.enable_dns_support().and_then(|value| value.value());
    let hostnames = described.enable_dns_hostnames().and_then(|value| value.value());
    Ok((support, hostnames))
}

async fn a_new_vpc_resolves_names_and_gives_none(stage: &Stage<'_>) -> Fact {
    let vpc = stage.bare_vpc().await?;
    let (support, _) = attribute(stage, &vpc, VpcAttributeName::EnableDnsSupport).await?;
    let (_, hostnames) = attribute(stage, &vpc, VpcAttributeName::EnableDnsHostnames).await?;
    equal("enableDnsSupport", support, Some(true))?;
    equal("enableDnsHostnames", hostnames, Some(false))?;
    HELD
}

async fn a_vpc_attribute_is_described_one_per_call(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let support = attribute(stage, &test_vpc.vpc, VpcAttributeName::EnableDnsSupport).await?;
    equal("what the call for DNS support says", support, (Some(true), None))?;
    let hostnames = attribute(stage, &test_vpc.vpc, VpcAttributeName::EnableDnsHostnames).await?;
    equal("what the call for DNS hostnames says", hostnames, (None, Some(true)))?;
    HELD
}

async fn five_addresses_of_a_subnet_are_reserved(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    equal("the free addresses of a /24", stage.free(&test_vpc.subnets[0]).await?, 251)?;
    let small = stage.subnet(&test_vpc.vpc, "10.77.9.0/28", &test_vpc.zones[0]).await?;
    equal("the free addresses of a /28", stage.free(&small).await?, 11)?;
    HELD
}

async fn a_subnet_says_its_zone_by_name_and_by_id(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let subnet = stage.look_at_subnet(&test_vpc.subnets[1]).await?;
    equal("its VPC", subnet.vpc_id(), Some(test_vpc.vpc.as_str()))?;
    equal("its zone", subnet.availability_zone(), Some(test_vpc.zones[1].as_str()))?;
    let id = given("a zone id", subnet.availability_zone_id())?;
    holds(id.contains("-az"), "a zone id looks like use1-az1", id)?;
    HELD
}

async fn an_unknown_subnet_is_not_found(stage: &Stage<'_>) -> Fact {
    let describe = stage.ec2.describe_subnets().subnet_ids("subnet-0123456789abcdef0");
    refused(describe.send().await, &["InvalidSubnetID.NotFound", "InvalidSubnetId.NotFound"])?;
    HELD
}

async fn subnets_listed_in_pages_are_complete_and_without_doubles(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let mut made = test_vpc.subnets.clone();
    for number in 10..15 {
        let block = format!("10.77.{number}.0/24");
        made.push(stage.subnet(&test_vpc.vpc, &block, &test_vpc.zones[number % 2]).await?);
    }
    made.sort();

    let listing = stage.ec2.describe_subnets().filters(filter("vpc-id", &test_vpc.vpc));
    let first = done("a page of five", listing.clone().max_results(5).send().await)?;
    holds(first.subnets().len() <= 5, "a page of at most five", first.subnets().len())?;
    given("a token for the next page", first.next_token())?;

    let pages = listing.into_paginator().page_size(5).items().send().collect::<Result<Vec<_>, _>>();
    let mut listed: Vec<_> = pages.await?.into_iter().filter_map(|it| it.subnet_id).collect();
    listed.sort();
    equal("the subnets of all pages", listed, made)?;
    HELD
}

async fn an_unknown_next_token_of_ec2_is_refused(stage: &Stage<'_>) -> Fact {
    let listing = stage.ec2.describe_subnets().max_results(5).next_token("nonsense");
    refused_somehow("a token that nobody gave", listing.send().await)?;
    HELD
}

async fn creating_a_tag_again_overwrites_its_value(stage: &Stage<'_>) -> Fact {
    let vpc = stage.bare_vpc().await?;
    let create = stage.ec2.create_tags().resources(&vpc);
    create.clone().tags(tag("a", "1")).tags(tag("b", "2")).send().await?;
    create.tags(tag("a", "3")).send().await?;
    equal("its tags", tags(stage, &vpc).await?, pairs(&[("a", "3"), ("b", "2")]))?;
    HELD
}

async fn deleting_a_tag_with_another_value_leaves_it(stage: &Stage<'_>) -> Fact {
    let vpc = stage.bare_vpc().await?;
    stage.ec2.create_tags().resources(&vpc).tags(tag("a", "1")).send().await?;

    let delete = stage.ec2.delete_tags().resources(&vpc);
    done("deleting it with another value", delete.clone().tags(tag("a", "2")).send().await)?;
    equal("its tags", tags(stage, &vpc).await?, pairs(&[("a", "1")]))?;
    done("deleting it with its value", delete.tags(tag("a", "1")).send().await)?;
    equal("its tags", tags(stage, &vpc).await?, pairs(&[]))?;
    HELD
}

async fn deleting_a_tag_without_a_value_deletes_it_whatever_it_says(stage: &Stage<'_>) -> Fact {
    let vpc = stage.bare_vpc().await?;
    let create = stage.ec2.create_tags().resources(&vpc);
    create.tags(tag("a", "1")).tags(tag("b", "2")).send().await?;

    let only_key = Tag::builder().key("a").build();
    let delete = stage.ec2.delete_tags().resources(&vpc).tags(only_key);
    done("deleting a tag by its key", delete.send().await)?;
    equal("its tags", tags(stage, &vpc).await?, pairs(&[("b", "2")]))?;
    HELD
}

async fn deleting_tags_without_naming_any_deletes_all(stage: &Stage<'_>) -> Fact {
    let vpc = stage.bare_vpc().await?;
    let create = stage.ec2.create_tags().resources(&vpc);
    create.tags(tag("a", "1")).tags(tag("b", "2")).send().await?;

    done("deleting all tags", stage.ec2.delete_tags().resources(&vpc).send().await)?;
    equal("its tags", tags(stage, &vpc).await?, pairs(&[]))?;
    HELD
}
