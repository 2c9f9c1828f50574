//! Security groups: how they are made, found and deleted.

use aws_sdk_ec2::types::{Filter, ResourceType, SecurityGroup, Tag, TagSpecification};

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{done, equal, given, refused, refused_somehow};
use crate::stage::Stage;
use crate::test_vpc::with_group;

cases! { Group:
    a_new_group_lets_everything_out_and_nothing_in =>
        "VPC User Guide, Default rules of a security group",
    a_group_name_is_used_once_in_a_vpc =>
        "EC2 API Reference, CreateSecurityGroup; Error codes: InvalidGroup.Duplicate",
    a_group_name_is_compared_without_case =>
        "EC2 API Reference, CreateSecurityGroup, GroupName",
    another_vpc_may_use_the_same_group_name =>
        "EC2 API Reference, CreateSecurityGroup, GroupName",
    a_group_name_does_not_start_like_an_id =>
        "EC2 API Reference, CreateSecurityGroup, GroupName",
    a_group_in_an_unknown_vpc_is_refused =>
        "EC2 API Reference, Error codes: InvalidVpcID.NotFound",
    a_group_is_tagged_when_it_is_made_and_found_by_its_tag =>
        "EC2 API Reference, CreateSecurityGroup, TagSpecifications",
    an_unknown_group_is_not_found =>
        "EC2 API Reference, Error codes: InvalidGroup.NotFound",
    a_deleted_group_is_gone_at_once =>
        "EC2 API Reference, DeleteSecurityGroup",
    a_group_that_another_refers_to_is_not_deleted =>
        "EC2 API Reference, DeleteSecurityGroup: DependencyViolation",
    a_group_in_use_by_an_endpoint_is_not_deleted =>
        "EC2 API Reference, DeleteSecurityGroup: DependencyViolation",
    a_group_in_use_by_a_gateway_is_not_deleted =>
        "EC2 API Reference, DeleteSecurityGroup: DependencyViolation",
}

async fn look(stage: &Stage<'_>, id: &str) -> Result<SecurityGroup, Trouble> {
    let listed = stage.ec2.describe_security_groups().group_ids(id).send().await?;
    given("the group", listed.security_groups.unwrap_or_default().into_iter().next())
}

async fn a_new_group_lets_everything_out_and_nothing_in(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let group = look(stage, &stage.group(&test_vpc).await?).await?;

    equal("the number of rules inwards", group.ip_permissions().len(), 0)?;
    equal("the number of rules outwards", group.ip_permissions_egress().len(), 1)?;
    let rule = &group.ip_permissions_egress()[0];
    equal("its protocol", rule.ip_protocol(), Some("-1"))?;
    let to: Vec<_> = rule.ip_ranges().iter().filter_map(|range| range.cidr_ip()).collect();
    equal("where it goes", to, vec!["0.0.0.0/0"])?;
    HELD
}

async fn a_group_name_is_used_once_in_a_vpc(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let name = stage.name();
    stage.create_group(&test_vpc.vpc, |create| create.group_name(&name)).await?;
    let again = stage.create_group(&test_vpc.vpc, |create| create.group_name(&name)).await;
    refused(again, &["InvalidGroup.Duplicate"])?;
    HELD
}

async fn a_group_name_is_compared_without_case(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let name = stage.name();
    stage.create_group(&test_vpc.vpc, |create| create.group_name(&name)).await?;
    let shouted = name.to_uppercase();
    let again = stage.create_group(&test_vpc.vpc, |create| create.group_name(shouted)).await;
    refused(again, &["InvalidGroup.Duplicate"])?;
    HELD
}

async fn another_vpc_may_use_the_same_group_name(stage: &Stage<'_>) -> Fact {
    let (one, other) = (stage.bare_vpc().await?, stage.bare_vpc().await?);
    let name = stage.name();
    stage.create_group(&one, |create| create.group_name(&name)).await?;
    let again = stage.create_group(&other, |create| create.group_name(&name)).await;
    done("the same name in another VPC", again)?;
    HELD
}

async fn a_group_name_does_not_start_like_an_id(stage: &Stage<'_>) -> Fact {
    let vpc = stage.bare_vpc().await?;
    let made = stage.create_group(&vpc, |create| create.group_name("sg-databases")).await;
    refused_somehow("a group named sg-…", made)?;
    HELD
}

async fn a_group_in_an_unknown_vpc_is_refused(stage: &Stage<'_>) -> Fact {
    let made = stage.create_group("vpc-0123456789abcdef0", |create| create).await;
    refused(made, &["InvalidVpcID.NotFound"])?;
    HELD
}

async fn a_group_is_tagged_when_it_is_made_and_found_by_its_tag(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let value = stage.name();
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::SecurityGroup)
        .tags(Tag::builder().key("fact").value(&value).build())
        .build();
    let made = stage.create_group(&test_vpc.vpc, |create| create.tag_specifications(tags)).await;
    let id = given("a group id", done("a group with a tag", made)?.group_id)?;
    stage.group(&test_vpc).await?;

    let of_vpc = Filter::builder().name("vpc-id").values(&test_vpc.vpc).build();
    let of_tag = Filter::builder().name("tag:fact").values(&value).build();
    let found = stage.ec2.describe_security_groups().filters(of_vpc).filters(of_tag);
    let found = found.send().await?;
    let ids: Vec<_> = found.security_groups().iter().filter_map(|it| it.group_id()).collect();
    equal("the groups with the tag", ids, vec![id.as_str()])?;
    HELD
}

async fn an_unknown_group_is_not_found(stage: &Stage<'_>) -> Fact {
    let unknown = "sg-0123456789abcdef0";
    let described = stage.ec2.describe_security_groups().group_ids(unknown).send().await;
    refused(described, &["InvalidGroup.NotFound"])?;
    let deleted = stage.ec2.delete_security_group().group_id(unknown).send().await;
    refused(deleted, &["InvalidGroup.NotFound"])?;
    let rule = with_group(5432, unknown);
    let authorize = stage.ec2.authorize_security_group_ingress().group_id(unknown);
    refused(authorize.ip_permissions(rule).send().await, &["InvalidGroup.NotFound"])?;
    HELD
}

async fn a_deleted_group_is_gone_at_once(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let group = stage.group(&test_vpc).await?;
    let delete = stage.ec2.delete_security_group().group_id(&group);
    done("deleting it", delete.send().await)?;
    let described = stage.ec2.describe_security_groups().group_ids(&group).send().await;
    refused(described, &["InvalidGroup.NotFound"])?;
    HELD
}

async fn a_group_that_another_refers_to_is_not_deleted(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let (named, naming) = (stage.group(&test_vpc).await?, stage.group(&test_vpc).await?);
    let rule = with_group(5432, &named);
    let authorize = stage.ec2.authorize_security_group_ingress().group_id(&naming);
    authorize.ip_permissions(rule.clone()).send().await?;

    let delete = stage.ec2.delete_security_group().group_id(&named);
    refused(delete.clone().send().await, &["DependencyViolation"])?;

    let revoke = stage.ec2.revoke_security_group_ingress().group_id(&naming);
    revoke.ip_permissions(rule).send().await?;
    done("deleting it once the rule is gone", delete.send().await)?;
    HELD
}

async fn a_group_in_use_by_an_endpoint_is_not_deleted(stage: &Stage<'_>) -> Fact {
    let (test_vpc, network) = (stage.test_vpc().await?, stage.network().await?);
    let group = stage.group(&test_vpc).await?;
    stage.create_endpoint(&test_vpc, &network, |create| create.security_group_ids(&group)).await?;
    let delete = stage.ec2.delete_security_group().group_id(&group);
    refused(delete.send().await, &["DependencyViolation"])?;
    HELD
}

async fn a_group_in_use_by_a_gateway_is_not_deleted(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let group = stage.group(&test_vpc).await?;
    let made = stage.create_gateway(&test_vpc, |create| create.security_group_ids(&group)).await?;
    stage.settled_gateway(&given("an id", made.id)?).await?;
    let delete = stage.ec2.delete_security_group().group_id(&group);
    refused(delete.send().await, &["DependencyViolation"])?;
    HELD
}
