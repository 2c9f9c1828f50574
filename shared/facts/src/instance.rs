//! RDS instances: their life, and how they are found.

use crate::case::{Fact, HELD, cases};
use crate::database::{tag, tagged};
use crate::expect::{done, equal, given, holds, refused, word};
use crate::stage::Stage;

cases! { Database:
    a_new_instance_has_tags_before_it_has_an_endpoint =>
        "RDS User Guide, Viewing DB instance status; RDS API Reference, DBInstance",
    an_instance_says_its_vpc_its_subnets_and_their_zones =>
        "RDS API Reference, DBSubnetGroup",
    an_instance_says_its_groups_and_whether_it_is_public =>
        "RDS API Reference, DBInstance",
    an_instance_is_described_by_its_identifier_in_any_case_or_its_arn =>
        "RDS API Reference, DescribeDBInstances, DBInstanceIdentifier",
    an_identifier_is_used_once =>
        "RDS API Reference, CreateDBInstance: DBInstanceAlreadyExists",
    an_unknown_instance_is_not_found =>
        "RDS API Reference, DescribeDBInstances: DBInstanceNotFound",
    an_unknown_cluster_is_not_found =>
        "RDS API Reference, DescribeDBClusters: DBClusterNotFoundFault",
    clusters_are_listed =>
        "RDS API Reference, DescribeDBClusters",
    instances_listed_in_pages_are_complete_and_without_doubles =>
        "RDS API Reference, DescribeDBInstances, Marker",
    a_page_of_fewer_than_twenty_instances_is_refused =>
        "RDS API Reference, DescribeDBInstances, MaxRecords",
    an_instance_that_is_being_created_is_not_modified =>
        "RDS API Reference, ModifyDBInstance: InvalidDBInstanceState",
    a_deleted_instance_is_deleting_and_then_unknown =>
        "RDS API Reference, DeleteDBInstance",
    a_failover_changes_the_zone_and_nothing_else =>
        "RDS User Guide, Multi-AZ DB instance deployments; RebootDBInstance, ForceFailover",
}

async fn a_new_instance_has_tags_before_it_has_an_endpoint(stage: &Stage<'_>) -> Fact {
    let subnet_group = stage.subnet_group(&stage.test_vpc().await?).await?;
    let made = stage.create_instance(&subnet_group, |create| create.tags(tag("a", "1"))).await;
    let made = done("creating an instance", made)?;
    let identifier = given("an identifier", made.db_instance_identifier())?;

    let early = given("the instance", stage.look_at_instance(identifier).await?)?;
    equal("its status", word(early.db_instance_status()), "creating")?;
    let endpoint = early.endpoint().and_then(|endpoint| endpoint.address());
    equal("its endpoint", endpoint, None)?;
    equal("its tag", tagged(early.tag_list(), "a"), Some("1"))?;

    let late = stage.available(identifier).await?;
    let endpoint = given("an endpoint", late.endpoint())?;
    let address = given("an address", endpoint.address())?;
    let begins = address.starts_with(&format!("{identifier}."));
    holds(begins, "the address begins with the identifier", address)?;
    equal("its port", endpoint.port(), Some(5432))?;
    equal("its tag", tagged(late.tag_list(), "a"), Some("1"))?;
    HELD
}

async fn an_instance_says_its_vpc_its_subnets_and_their_zones(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let database = stage.database(&test_vpc).await?;
    let instance = given("it", stage.look_at_instance(&database.identifier).await?)?;
    let group = given("a subnet group", instance.db_subnet_group())?;
    equal("its VPC", group.vpc_id(), Some(test_vpc.vpc.as_str()))?;

    let subnets = group.subnets().iter();
    let mut found: Vec<_> = subnets
        .map(|subnet| {
            let zone = subnet.subnet_availability_zone().and_then(|zone| zone.name());
            (word(subnet.subnet_identifier()).to_owned(), word(zone).to_owned())
        })
        .collect();
    let mut stated: Vec<_> = test_vpc.subnets.into_iter().zip(test_vpc.zones).collect();
    found.sort();
    stated.sort();
    equal("its subnets and their zones", found, stated)?;
    HELD
}

async fn an_instance_says_its_groups_and_whether_it_is_public(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let group = stage.group(&test_vpc).await?;
    let adjusted = stage.database_with(&test_vpc, |create| create.vpc_security_group_ids(&group));
    let identifier = adjusted.await?.identifier;
    let instance = given("it", stage.look_at_instance(&identifier).await?)?;

    let groups = instance.vpc_security_groups().iter();
    let groups: Vec<_> = groups.map(|it| (it.vpc_security_group_id(), it.status())).collect();
    equal("its groups", groups, vec![(Some(group.as_str()), Some("active"))])?;
    equal("whether it is public", instance.publicly_accessible(), Some(false))?;
    equal("its cluster", instance.db_cluster_identifier(), None)?;
    equal("its engine", instance.engine(), Some("postgres"))?;
    HELD
}

async fn an_instance_is_described_by_its_identifier_in_any_case_or_its_arn(
    stage: &Stage<'_>,
) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    for name in [&database.identifier, &database.identifier.to_uppercase(), &database.arn] {
        let seen = given("the instance", stage.look_at_instance(name).await?)?;
        equal("its ARN", seen.db_instance_arn(), Some(database.arn.as_str()))?;
        equal("its name", seen.db_instance_identifier(), Some(database.identifier.as_str()))?;
    }
    HELD
}

async fn an_identifier_is_used_once(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let again = stage.create_instance(&database.subnet_group, |create| {
        create.db_instance_identifier(&database.identifier)
    });
    refused(again.await, &["DBInstanceAlreadyExists"])?;
    HELD
}

async fn an_unknown_instance_is_not_found(stage: &Stage<'_>) -> Fact {
    let describe = stage.rds.describe_db_instances().db_instance_identifier(stage.name());
    let refusal = refused(describe.send().await, &["DBInstanceNotFound"])?;
    equal("the HTTP status", refusal.status, Some(404))?;
    HELD
}

async fn an_unknown_cluster_is_not_found(stage: &Stage<'_>) -> Fact {
    let describe = stage.rds.describe_db_clusters().db_cluster_identifier(stage.name());
    let refusal = refused(describe.send().await, &["DBClusterNotFoundFault"])?;
    equal("the HTTP status", refusal.status, Some(404))?;
    HELD
}

async fn clusters_are_listed(stage: &Stage<'_>) -> Fact {
    let listed = done("listing clusters", stage.rds.describe_db_clusters().send().await)?;
    let named = listed.db_clusters().iter().all(|cluster| cluster.db_cluster_arn().is_some());
    holds(named, "every cluster has an ARN", "one without")?;
    HELD
}

async fn instances_listed_in_pages_are_complete_and_without_doubles(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let subnet_group = stage.subnet_group(&test_vpc).await?;
    let mut made = Vec::new();
    for _ in 0..2 {
        let instance = stage.create_instance(&subnet_group, |create| create).await?;
        made.push(given("an ARN", instance.db_instance_arn)?);
    }

    let pages = stage.rds.describe_db_instances().into_paginator().page_size(20).items();
    let listed = pages.send().collect::<Result<Vec<_>, _>>().await?;
    let mut arns: Vec<_> = listed.into_iter().filter_map(|it| it.db_instance_arn).collect();
    for arn in &made {
        holds(arns.contains(arn), "every instance is on some page", arn)?;
    }
    let all = arns.len();
    arns.sort();
    arns.dedup();
    equal("the number of different instances", arns.len(), all)?;
    HELD
}

async fn a_page_of_fewer_than_twenty_instances_is_refused(stage: &Stage<'_>) -> Fact {
    let listing = stage.rds.describe_db_instances().max_records(19);
    refused(listing.send().await, &["InvalidParameterValue"])?;
    HELD
}

async fn an_instance_that_is_being_created_is_not_modified(stage: &Stage<'_>) -> Fact {
    let subnet_group = stage.subnet_group(&stage.test_vpc().await?).await?;
    let made = stage.create_instance(&subnet_group, |create| create).await?;
    let identifier = given("an identifier", made.db_instance_identifier)?;
    let modify = stage.rds.modify_db_instance().db_instance_identifier(&identifier);
    let modify = modify.new_db_instance_identifier(stage.name()).apply_immediately(true);
    refused(modify.send().await, &["InvalidDBInstanceState"])?;
    HELD
}

async fn a_deleted_instance_is_deleting_and_then_unknown(stage: &Stage<'_>) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let delete = stage.rds.delete_db_instance().db_instance_identifier(&database.identifier);
    done("deleting it", delete.skip_final_snapshot(true).send().await)?;

    let seen = given("it", stage.look_at_instance(&database.identifier).await?)?;
    equal("its status", word(seen.db_instance_status()), "deleting")?;
    stage
        .until("the instance is unknown", || async {
            let seen = stage.look_at_instance(&database.identifier).await?;
            Ok(if seen.is_none() { Some(()) } else { None })
        })
        .await?;
    HELD
}

async fn a_failover_changes_the_zone_and_nothing_else(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let database = stage.database_with(&test_vpc, |create| create.multi_az(true)).await?;
    let before = given("it", stage.look_at_instance(&database.identifier).await?)?;

    let reboot = stage.rds.reboot_db_instance().db_instance_identifier(&database.identifier);
    done("a failover", reboot.force_failover(true).send().await)?;
    let after = stage
        .until("the instance is in the other zone", || async {
            let seen = stage.look_at_instance(&database.identifier).await?;
            Ok(seen.filter(|seen| seen.availability_zone() != before.availability_zone()))
        })
        .await?;
    equal("its zone", after.availability_zone(), before.secondary_availability_zone())?;
    equal("its ARN", after.db_instance_arn(), Some(database.arn.as_str()))?;
    equal("its resource id", after.dbi_resource_id(), Some(database.resource_id.as_str()))?;
    let address = after.endpoint().and_then(|endpoint| endpoint.address());
    equal("its address", address, Some(database.address.as_str()))?;
    HELD
}
