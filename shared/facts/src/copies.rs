//! Instances that take over a name, tags or an endpoint: renamed, restored, switched over.

use aws_sdk_rds::types::{BlueGreenDeployment, DbInstance};

use crate::case::{Fact, HELD, Trouble, cases};
use crate::database::{Database, tag, tagged};
use crate::expect::{Refusal, done, equal, given, holds, word};
use crate::made::{Made, is_gone};
use crate::stage::Stage;
use crate::test_vpc::TestVpc;

cases! { Database:
    a_renamed_instance_keeps_its_resource_id_and_changes_its_arn_and_address =>
        "RDS User Guide, Renaming a DB instance; ModifyDBInstance, NewDBInstanceIdentifier",
    an_instance_restored_from_a_snapshot_has_the_tags_of_its_source =>
        "RDS User Guide, Restoring to a DB instance; Tagging Amazon RDS resources",
    an_instance_restored_with_tags_of_its_own_has_only_these =>
        "RDS User Guide, Restoring to a DB instance; Tagging Amazon RDS resources",
    an_instance_restored_under_its_old_name_has_its_old_arn_and_a_new_resource_id =>
        "RDS API Reference, DBInstance, DbiResourceId; RestoreDBInstanceFromDBSnapshot",
    a_green_instance_is_named_after_the_blue_one =>
        "RDS User Guide, Overview of Amazon RDS Blue/Green Deployments",
    a_switchover_keeps_name_arn_and_address_and_changes_the_resource_id =>
        "RDS User Guide, Overview of Amazon RDS Blue/Green Deployments",
    a_switchover_leaves_the_old_instance_under_another_name =>
        "RDS User Guide, Overview of Amazon RDS Blue/Green Deployments",
    a_deployment_names_both_instances_until_it_is_deleted =>
        "AWS CLI Command Reference, describe-blue-green-deployments, the examples",
}

async fn a_renamed_instance_keeps_its_resource_id_and_changes_its_arn_and_address(
    stage: &Stage<'_>,
) -> Fact {
    let database = stage.database(&stage.test_vpc().await?).await?;
    let name = stage.name();
    let modify = stage.rds.modify_db_instance().db_instance_identifier(&database.identifier);
    let modify = modify.new_db_instance_identifier(&name).apply_immediately(true);
    done("renaming it", modify.send().await)?;
    stage.keep(Made::Instance, Some(&name))?;

    let renamed = stage
        .until("the instance has its new name", || async {
            let seen = stage.look_at_instance(&name).await?;
            Ok(seen.filter(|seen| seen.db_instance_status() == Some("available")))
        })
        .await?;
    equal("its resource id", renamed.dbi_resource_id(), Some(database.resource_id.as_str()))?;
    let arn = given("an ARN", renamed.db_instance_arn())?;
    holds(arn.ends_with(&format!(":db:{name}")), "the ARN ends with the new name", arn)?;
    let address = renamed.endpoint().and_then(|endpoint| endpoint.address());
    let address = given("an address", address)?;
    let begins = address.starts_with(&format!("{name}."));
    holds(begins, "the address begins with the new name", address)?;
    let old = stage.look_at_instance(&database.identifier).await?;
    holds(old.is_none(), "the old name is unknown", old)?;
    HELD
}

/// A snapshot of the instance.
async fn snapshot(stage: &Stage<'_>, database: &Database) -> Result<String, Trouble> {
    let create = stage.rds.create_db_snapshot().db_instance_identifier(&database.identifier);
    let made = create.db_snapshot_identifier(stage.name()).send().await?;
    let made = made.db_snapshot().and_then(|snapshot| snapshot.db_snapshot_identifier());
    let name = stage.keep(Made::Snapshot, made)?;
    stage
        .until("the snapshot is available", || async {
            let describe = stage.rds.describe_db_snapshots().db_snapshot_identifier(&name);
            let listed = describe.send().await?;
            let status = listed.db_snapshots().first().and_then(|snapshot| snapshot.status());
            Ok(if status == Some("available") { Some(()) } else { None })
        })
        .await?;
    stage.available(&database.identifier).await?;
    Ok(name)
}

/// What is restored from the snapshot under this name, once it is available.
async fn restore(
    stage: &Stage<'_>,
    (snapshot, name, subnet_group): (&str, &str, &str),
    tags: Option<Vec<aws_sdk_rds::types::Tag>>,
) -> Result<DbInstance, Trouble> {
    let restored = stage
        .rds
        .restore_db_instance_from_db_snapshot()
        .db_snapshot_identifier(snapshot)
        .db_instance_identifier(name)
        .db_subnet_group_name(subnet_group)
        .publicly_accessible(false)
        .set_tags(tags)
        .send()
        .await;
    done("restoring it", restored)?;
    stage.keep(Made::Instance, Some(name))?;
    stage.available(name).await
}

async fn tagged_database(stage: &Stage<'_>) -> Result<Database, Trouble> {
    let test_vpc = stage.test_vpc().await?;
    let with_tags = stage
        .database_with(&test_vpc, |create| create.tags(tag("a", "1")).copy_tags_to_snapshot(true));
    with_tags.await
}

async fn an_instance_restored_from_a_snapshot_has_the_tags_of_its_source(
    stage: &Stage<'_>,
) -> Fact {
    let source = tagged_database(stage).await?;
    let snapshot = snapshot(stage, &source).await?;
    let name = stage.name();
    let restored = restore(stage, (&snapshot, &name, &source.subnet_group), None).await?;
    equal("its tag", tagged(restored.tag_list(), "a"), Some("1"))?;
    let id = given("a resource id", restored.dbi_resource_id())?;
    holds(id != source.resource_id, "its resource id is another", id)?;
    HELD
}

async fn an_instance_restored_with_tags_of_its_own_has_only_these(stage: &Stage<'_>) -> Fact {
    let source = tagged_database(stage).await?;
    let snapshot = snapshot(stage, &source).await?;
    let (name, tags) = (stage.name(), Some(vec![tag("b", "2")]));
    let restored = restore(stage, (&snapshot, &name, &source.subnet_group), tags).await?;
    equal("the source's tag", tagged(restored.tag_list(), "a"), None)?;
    equal("its own tag", tagged(restored.tag_list(), "b"), Some("2"))?;
    HELD
}

async fn an_instance_restored_under_its_old_name_has_its_old_arn_and_a_new_resource_id(
    stage: &Stage<'_>,
) -> Fact {
    let source = tagged_database(stage).await?;
    let snapshot = snapshot(stage, &source).await?;
    stage.delete_instance(&source.identifier).await?;

    let name = (snapshot.as_str(), source.identifier.as_str(), source.subnet_group.as_str());
    let restored = restore(stage, name, None).await?;
    equal("its ARN", restored.db_instance_arn(), Some(source.arn.as_str()))?;
    let address = restored.endpoint().and_then(|endpoint| endpoint.address());
    equal("its address", address, Some(source.address.as_str()))?;
    let id = given("a resource id", restored.dbi_resource_id())?;
    holds(id != source.resource_id, "its resource id is another", id)?;
    HELD
}

/// A blue/green deployment whose green instance is available.
pub(crate) struct BlueGreen {
    pub id: String,
    pub blue: Database,
    pub green: String,
}

/// A blue instance with the tag `a=1` and its green copy.
pub(crate) async fn blue_green(
    stage: &Stage<'_>,
    test_vpc: &TestVpc,
) -> Result<BlueGreen, Trouble> {
    // A deployment needs automatic backups.
    let blue = stage
        .database_with(test_vpc, |create| create.backup_retention_period(1).tags(tag("a", "1")));
    let blue = blue.await?;
    let create = stage.rds.create_blue_green_deployment().source(&blue.arn);
    let made = create.blue_green_deployment_name(stage.name()).send().await?;
    let made = given("a deployment", made.blue_green_deployment)?;
    let id = stage.keep(Made::BlueGreen, made.blue_green_deployment_identifier())?;

    let deployment = deployment_with(stage, &id, "AVAILABLE").await?;
    let target = given("a target", deployment.target())?;
    let green = given("the green instance", stage.look_at_instance(target).await?)?;
    let green = stage.keep(Made::Instance, green.db_instance_identifier())?;
    stage.available(&green).await?;
    Ok(BlueGreen { id, blue, green })
}

async fn deployment_with(
    stage: &Stage<'_>,
    id: &str,
    status: &str,
) -> Result<BlueGreenDeployment, Trouble> {
    let what = format!("the deployment is {status}");
    stage
        .until(&what, || async {
            let describe = stage.rds.describe_blue_green_deployments();
            let listed = describe.blue_green_deployment_identifier(id).send().await?;
            let deployment = listed.blue_green_deployments.unwrap_or_default().into_iter().next();
            Ok(deployment.filter(|deployment| deployment.status() == Some(status)))
        })
        .await
}

/// Switches over: the green instance takes the blue one's name.
pub(crate) async fn switch_over(stage: &Stage<'_>, both: &BlueGreen) -> Result<(), Trouble> {
    stage.keep(Made::Instance, Some(&format!("{}-old1", both.blue.identifier)))?;
    let switchover = stage.rds.switchover_blue_green_deployment();
    let switched = switchover.blue_green_deployment_identifier(&both.id).send().await;
    done("switching over", switched)?;
    deployment_with(stage, &both.id, "SWITCHOVER_COMPLETED").await?;
    stage.available(&both.blue.identifier).await?;
    Ok(())
}

async fn a_green_instance_is_named_after_the_blue_one(stage: &Stage<'_>) -> Fact {
    let both = blue_green(stage, &stage.test_vpc().await?).await?;
    let begins = both.green.starts_with(&format!("{}-green-", both.blue.identifier));
    holds(begins, "green is named <blue>-green-…", &both.green)?;
    let green = given("green", stage.look_at_instance(&both.green).await?)?;
    let id = word(green.dbi_resource_id());
    holds(id != both.blue.resource_id, "green has a resource id of its own", id)?;
    HELD
}

async fn a_switchover_keeps_name_arn_and_address_and_changes_the_resource_id(
    stage: &Stage<'_>,
) -> Fact {
    let both = blue_green(stage, &stage.test_vpc().await?).await?;
    let green = given("green", stage.look_at_instance(&both.green).await?)?;
    switch_over(stage, &both).await?;

    let now = given("the instance", stage.look_at_instance(&both.blue.identifier).await?)?;
    equal("its ARN", now.db_instance_arn(), Some(both.blue.arn.as_str()))?;
    let address = now.endpoint().and_then(|endpoint| endpoint.address());
    equal("its address", address, Some(both.blue.address.as_str()))?;
    equal("its resource id", now.dbi_resource_id(), green.dbi_resource_id())?;
    HELD
}

async fn a_switchover_leaves_the_old_instance_under_another_name(stage: &Stage<'_>) -> Fact {
    let both = blue_green(stage, &stage.test_vpc().await?).await?;
    switch_over(stage, &both).await?;

    let old = format!("{}-old1", both.blue.identifier);
    let old = given("the old instance", stage.look_at_instance(&old).await?)?;
    equal("its resource id", old.dbi_resource_id(), Some(both.blue.resource_id.as_str()))?;
    let green = stage.look_at_instance(&both.green).await?;
    holds(green.is_none(), "the green name is unknown", green)?;
    HELD
}

async fn a_deployment_names_both_instances_until_it_is_deleted(stage: &Stage<'_>) -> Fact {
    let both = blue_green(stage, &stage.test_vpc().await?).await?;
    let before = deployment_with(stage, &both.id, "AVAILABLE").await?;
    equal("the source before", before.source(), Some(both.blue.arn.as_str()))?;
    let target = given("a target", before.target())?;
    let ends = target.ends_with(&format!(":db:{}", both.green));
    holds(ends, "the target is the green instance", target)?;

    switch_over(stage, &both).await?;
    let after = deployment_with(stage, &both.id, "SWITCHOVER_COMPLETED").await?;
    let pair = given("a pair", after.switchover_details().first())?;
    let old = format!("{}-old1", both.blue.arn);
    equal("the source after", pair.source_member(), Some(old.as_str()))?;
    equal("the target after", pair.target_member(), Some(both.blue.arn.as_str()))?;
    equal("the status of the pair", pair.status(), Some("SWITCHOVER_COMPLETED"))?;

    let delete = stage.rds.delete_blue_green_deployment();
    let deleted = delete.blue_green_deployment_identifier(&both.id).send().await;
    done("deleting the deployment", deleted)?;
    stage
        .until("the deployment is gone", || async {
            let describe = stage.rds.describe_blue_green_deployments();
            let looked = describe.blue_green_deployment_identifier(&both.id).send().await;
            match looked.map_err(Refusal::from) {
                Ok(_) => Ok(None),
                Err(refusal) if is_gone(&refusal.code) => Ok(Some(())),
                Err(refusal) => Err(refusal.into()),
            }
        })
        .await?;
    given("the instance", stage.look_at_instance(&both.blue.identifier).await?)?;
    HELD
}
