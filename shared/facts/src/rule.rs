//! Security group rules.

use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, ResourceType, SecurityGroupRule, Tag, TagSpecification,
};

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{done, equal, given, holds, refused, refused_somehow};
use crate::stage::Stage;
use crate::test_vpc::with_group;

cases! { Group:
    a_new_rule_is_answered_with_its_id =>
        "EC2 API Reference, AuthorizeSecurityGroupIngress",
    a_rule_says_the_group_that_it_refers_to =>
        "EC2 API Reference, DescribeSecurityGroupRules",
    a_rule_is_tagged_when_it_is_made_and_found_by_its_tag =>
        "EC2 API Reference, AuthorizeSecurityGroupEgress, TagSpecifications",
    the_same_rule_twice_is_refused =>
        "EC2 API Reference, Error codes: InvalidPermission.Duplicate",
    a_rule_inwards_and_the_same_outwards_are_two =>
        "EC2 API Reference, AuthorizeSecurityGroupEgress",
    a_rule_is_revoked_by_its_id =>
        "EC2 API Reference, RevokeSecurityGroupEgress",
    a_rule_is_revoked_by_its_properties =>
        "EC2 API Reference, RevokeSecurityGroupIngress",
    revoking_a_rule_that_is_not_there_is_refused =>
        "EC2 API Reference, RevokeSecurityGroupIngress: InvalidPermission.NotFound",
    revoking_an_unknown_rule_id_is_refused =>
        "EC2 API Reference, Error codes: InvalidSecurityGroupRuleId.NotFound",
    a_rule_for_an_unknown_group_is_refused =>
        "EC2 API Reference, Error codes: InvalidGroup.NotFound",
    rules_listed_in_pages_are_complete_and_without_doubles =>
        "EC2 API Reference, DescribeSecurityGroupRules, MaxResults and NextToken",
    a_page_of_fewer_than_five_rules_is_refused =>
        "EC2 API Reference, DescribeSecurityGroupRules, MaxResults",
}

fn of_group(group: &str) -> Filter {
    Filter::builder().name("group-id").values(group).build()
}

/// The group's rules of one direction, by id.
async fn rules(
    stage: &Stage<'_>,
    group: &str,
    outwards: bool,
) -> Result<Vec<SecurityGroupRule>, Trouble> {
    let listing = stage.ec2.describe_security_group_rules().filters(of_group(group));
    let listed = listing.send().await?.security_group_rules.unwrap_or_default();
    Ok(listed.into_iter().filter(|rule| rule.is_egress() == Some(outwards)).collect())
}

/// A group with one rule inwards on port 5432 from another group.
async fn pair(stage: &Stage<'_>) -> Result<(String, String, IpPermission), Trouble> {
    let test_vpc = stage.test_vpc().await?;
    let (group, from) = (stage.group(&test_vpc).await?, stage.group(&test_vpc).await?);
    let rule = with_group(5432, &from);
    let authorize = stage.ec2.authorize_security_group_ingress().group_id(&group);
    authorize.ip_permissions(rule.clone()).send().await?;
    Ok((group, from, rule))
}

async fn a_new_rule_is_answered_with_its_id(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (group, from) = (stage.group(&test_vpc).await?, stage.group(&test_vpc).await?);
    let authorize = stage.ec2.authorize_security_group_ingress().group_id(&group);
    let made = done("a rule", authorize.ip_permissions(with_group(5432, &from)).send().await)?;

    equal("how many rules were made", made.security_group_rules().len(), 1)?;
    let rule = &made.security_group_rules()[0];
    let id = given("a rule id", rule.security_group_rule_id())?;
    holds(id.starts_with("sgr-"), "a rule id starts with sgr-", id)?;
    equal("its group", rule.group_id(), Some(group.as_str()))?;
    equal("whether it is outwards", rule.is_egress(), Some(false))?;
    HELD
}

async fn a_rule_says_the_group_that_it_refers_to(stage: &Stage<'_>) -> Fact {
    let (group, from, _) = pair(stage).await?;
    let rules = rules(stage, &group, false).await?;
    equal("the number of rules inwards", rules.len(), 1)?;
    let rule = &rules[0];
    equal("its protocol", rule.ip_protocol(), Some("tcp"))?;
    equal("its ports", (rule.from_port(), rule.to_port()), (Some(5432), Some(5432)))?;
    let referred = rule.referenced_group_info().and_then(|info| info.group_id());
    equal("the group it refers to", referred, Some(from.as_str()))?;
    equal("its block", rule.cidr_ipv4(), None)?;
    HELD
}

async fn a_rule_is_tagged_when_it_is_made_and_found_by_its_tag(stage: &Stage<'_>) -> Fact {
    let (group, from, _) = pair(stage).await?;
    let value = stage.name();
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::SecurityGroupRule)
        .tags(Tag::builder().key("fact").value(&value).build())
        .build();
    let authorize = stage.ec2.authorize_security_group_egress().group_id(&group);
    let authorize = authorize.ip_permissions(with_group(5432, &from)).tag_specifications(tags);
    let made = done("a rule with a tag", authorize.send().await)?;
    let made = made.security_group_rules().first().and_then(|it| it.security_group_rule_id());

    let tagged = Filter::builder().name("tag:fact").values(&value).build();
    let found = stage.ec2.describe_security_group_rules().filters(tagged).send().await?;
    let rules = found.security_group_rules().iter();
    let ids: Vec<_> = rules.map(|rule| rule.security_group_rule_id()).collect();
    equal("the rules with the tag", ids, vec![made])?;
    let tags = found.security_group_rules()[0].tags();
    equal("its tag", tags.first().and_then(|tag| tag.value()), Some(value.as_str()))?;
    HELD
}

async fn the_same_rule_twice_is_refused(stage: &Stage<'_>) -> Fact {
    let (group, _, rule) = pair(stage).await?;
    let authorize = stage.ec2.authorize_security_group_ingress().group_id(&group);
    refused(authorize.ip_permissions(rule).send().await, &["InvalidPermission.Duplicate"])?;
    equal("the number of rules", rules(stage, &group, false).await?.len(), 1)?;
    HELD
}

async fn a_rule_inwards_and_the_same_outwards_are_two(stage: &Stage<'_>) -> Fact {
    let (group, _, rule) = pair(stage).await?;
    let authorize = stage.ec2.authorize_security_group_egress().group_id(&group);
    done("the same rule outwards", authorize.ip_permissions(rule).send().await)?;
    equal("the number of rules inwards", rules(stage, &group, false).await?.len(), 1)?;
    // Beside the one that lets everything out.
    equal("the number of rules outwards", rules(stage, &group, true).await?.len(), 2)?;
    HELD
}

async fn a_rule_is_revoked_by_its_id(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let group = stage.group(&test_vpc).await?;
    let default = rules(stage, &group, true).await?;
    equal("the number of rules outwards", default.len(), 1)?;
    let id = given("a rule id", default[0].security_group_rule_id())?;

    let revoke = stage.ec2.revoke_security_group_egress().group_id(&group);
    done("revoking it", revoke.security_group_rule_ids(id).send().await)?;
    equal("the number of rules outwards", rules(stage, &group, true).await?.len(), 0)?;
    HELD
}

async fn a_rule_is_revoked_by_its_properties(stage: &Stage<'_>) -> Fact {
    let (group, _, rule) = pair(stage).await?;
    let revoke = stage.ec2.revoke_security_group_ingress().group_id(&group);
    done("revoking it", revoke.ip_permissions(rule).send().await)?;
    equal("the number of rules", rules(stage, &group, false).await?.len(), 0)?;
    HELD
}

async fn revoking_a_rule_that_is_not_there_is_refused(stage: &Stage<'_>) -> Fact {
    let (group, from, _) = pair(stage).await?;
    let revoke = stage.ec2.revoke_security_group_ingress().group_id(&group);
    let revoked = revoke.ip_permissions(with_group(3306, &from)).send().await;
    refused(revoked, &["InvalidPermission.NotFound"])?;
    HELD
}

async fn revoking_an_unknown_rule_id_is_refused(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let group = stage.group(&test_vpc).await?;
    let revoke = stage.ec2.revoke_security_group_ingress().group_id(&group);
    let revoked = revoke.security_group_rule_ids("sgr-0123456789abcdef0").send().await;
    refused(revoked, &["InvalidSecurityGroupRuleId.NotFound"])?;
    HELD
}

async fn a_rule_for_an_unknown_group_is_refused(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let group = stage.group(&test_vpc).await?;
    let rule = with_group(5432, "sg-0123456789abcdef0");
    let authorize = stage.ec2.authorize_security_group_ingress().group_id(&group);
    refused(authorize.ip_permissions(rule).send().await, &["InvalidGroup.NotFound"])?;
    HELD
}

/// A group with twelve rules, of which eleven are inwards.
async fn many(stage: &Stage<'_>) -> Result<String, Trouble> {
    let test_vpc = stage.test_vpc().await?;
    let group = stage.group(&test_vpc).await?;
    for number in 1..12 {
        let range = IpRange::builder().cidr_ip(format!("10.77.{number}.0/24")).build();
        let rule = IpPermission::builder().ip_protocol("tcp").from_port(5432).to_port(5432);
        let authorize = stage.ec2.authorize_security_group_ingress().group_id(&group);
        authorize.ip_permissions(rule.ip_ranges(range).build()).send().await?;
    }
    Ok(group)
}

async fn rules_listed_in_pages_are_complete_and_without_doubles(stage: &Stage<'_>) -> Fact {
    let group = many(stage).await?;
    let listing = stage.ec2.describe_security_group_rules().filters(of_group(&group));
    let first = done("a page of five", listing.clone().max_results(5).send().await)?;
    let count = first.security_group_rules().len();
    holds(count <= 5, "a page of at most five", count)?;
    given("a token for the next page", first.next_token())?;

    let pages = listing.into_paginator().page_size(5).items().send().collect::<Result<Vec<_>, _>>();
    let rules = pages.await?.into_iter();
    let mut ids: Vec<_> = rules.filter_map(|rule| rule.security_group_rule_id).collect();
    equal("the number of rules on all pages", ids.len(), 12)?;
    ids.sort();
    ids.dedup();
    equal("the number of different rules", ids.len(), 12)?;
    HELD
}

async fn a_page_of_fewer_than_five_rules_is_refused(stage: &Stage<'_>) -> Fact {
    let listing = stage.ec2.describe_security_group_rules().max_results(4);
    refused_somehow("a page of four", listing.send().await)?;
    HELD
}
