//! RDS instances for cases to stand on.

use aws_sdk_rds::operation::create_db_instance::builders::CreateDBInstanceFluentBuilder;
use aws_sdk_rds::types::{DbInstance, Tag};

use crate::case::Trouble;
use crate::expect::{Refusal, equal, given, word};
use crate::made::{Made, is_gone};
use crate::stage::{Adjust, Stage};
use crate::test_vpc::TestVpc;

/// A private PostgreSQL instance that is available.
pub(crate) struct Database {
    pub identifier: String,
    pub arn: String,
    pub resource_id: String,
    pub address: String,
    pub subnet_group: String,
}

impl Stage<'_> {
    /// A subnet group of the place's subnets.
    pub(crate) async fn subnet_group(&self, test_vpc: &TestVpc) -> Result<String, Trouble> {
        let made = self
            .rds
            .create_db_subnet_group()
            .db_subnet_group_name(self.name())
            .db_subnet_group_description("a fact about AWS is tried here")
            .set_subnet_ids(Some(test_vpc.subnets.clone()))
            .send()
            .await?;
        let group = made.db_subnet_group().and_then(|group| group.db_subnet_group_name());
        self.keep(Made::SubnetGroup, group)
    }

    /// Creates a small private PostgreSQL instance, or what `adjust` makes of it.
    pub(crate) async fn create_instance(
        &self,
        subnet_group: &str,
        adjust: impl Adjust<CreateDBInstanceFluentBuilder>,
    ) -> Result<DbInstance, Refusal> {
        let create = self
            .rds
            .create_db_instance()
            .db_instance_identifier(self.name())
            .db_instance_class("db.t4g.micro")
            .engine("postgres")
            .allocated_storage(20)
            .master_username("facts")
            .master_user_password(self.name())
            .db_subnet_group_name(subnet_group)
            .publicly_accessible(false);
        let made = adjust(create).send().await?.db_instance;
        let made = made.unwrap_or_else(|| DbInstance::builder().build());
        let _ = self.keep(Made::Instance, made.db_instance_identifier());
        Ok(made)
    }

    /// A private instance in the place that is available.
    pub(crate) async fn database(&self, test_vpc: &TestVpc) -> Result<Database, Trouble> {
        self.database_with(test_vpc, |create| create).await
    }

    /// The same with something of its own.
    pub(crate) async fn database_with(
        &self,
        test_vpc: &TestVpc,
        adjust: impl Adjust<CreateDBInstanceFluentBuilder>,
    ) -> Result<Database, Trouble> {
        let subnet_group = self.subnet_group(test_vpc).await?;
        let made = self.create_instance(&subnet_group, adjust).await?;
        let identifier = given("an identifier", made.db_instance_identifier)?;
        let instance = self.available(&identifier).await?;
        let address = instance.endpoint().and_then(|endpoint| endpoint.address());
        Ok(Database {
            address: given("an endpoint", address)?.to_owned(),
            arn: given("an ARN", instance.db_instance_arn)?,
            resource_id: given("a resource id", instance.dbi_resource_id)?,
            identifier,
            subnet_group,
        })
    }

    /// The instance as it is once it is available.
    pub(crate) async fn available(&self, identifier: &str) -> Result<DbInstance, Trouble> {
        let instance = self
            .until("the instance is available", || async {
                let seen = self.look_at_instance(identifier).await?;
                Ok(seen.filter(|seen| {
                    let status = word(seen.db_instance_status());
                    status == "available" || status.contains("fail") || status.contains("incompat")
                }))
            })
            .await?;
        equal("the instance's status", word(instance.db_instance_status()), "available")?;
        Ok(instance)
    }

    /// The instance as it is described, by identifier or ARN, or `None` if nobody knows it.
    pub(crate) async fn look_at_instance(
        &self,
        identifier: &str,
    ) -> Result<Option<DbInstance>, Trouble> {
        let describe = self.rds.describe_db_instances().db_instance_identifier(identifier);
        match describe.send().await.map_err(Refusal::from) {
            Ok(listed) => Ok(listed.db_instances.unwrap_or_default().into_iter().next()),
            Err(refusal) if is_gone(&refusal.code) => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Deletes the instance and waits until nobody knows it.
    pub(crate) async fn delete_instance(&self, identifier: &str) -> Result<(), Trouble> {
        let delete = self.rds.delete_db_instance().db_instance_identifier(identifier);
        delete.skip_final_snapshot(true).send().await?;
        self.until("the instance is gone", || async {
            let seen = self.look_at_instance(identifier).await?;
            Ok(if seen.is_none() { Some(()) } else { None })
        })
        .await
    }
}

/// A tag for RDS.
pub(crate) fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// The value of a tag among those of an instance.
pub(crate) fn tagged<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(|tag| tag.value())
}
