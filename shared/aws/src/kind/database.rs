//! Databases of RDS: DB instances and clusters, and the deployments that switch them over.

use std::collections::BTreeSet;

use aws_sdk_rds::types::{BlueGreenDeployment, DbCluster, DbInstance, VpcSecurityGroupMembership};
use reconcile::id::{DatabaseArn, GroupId, Port};
use reconcile::observed::{Database, DatabaseKind, Switchover};

use super::tags::from_rds;
use super::{is_known, promised};
use crate::{Aws, Error};

const INSTANCES: &str = "DescribeDBInstances";
const CLUSTERS: &str = "DescribeDBClusters";

impl Aws {
    /// All databases: instances and clusters.
    ///
    /// # Errors
    ///
    /// Of the first call that failed.
    pub async fn databases(&self) -> Result<Vec<Database>, Error> {
        let (mut all, clusters) = tokio::try_join!(self.instances(), self.clusters())?;
        all.extend(clusters);
        Ok(all)
    }

    /// All DB instances. Neptune's and DocumentDB's are among them: they use the same API.
    pub(crate) async fn instances(&self) -> Result<Vec<Database>, Error> {
        let mut pages = self.rds.describe_db_instances().into_paginator().items().send();
        let mut instances = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(INSTANCES, "all", error))?;
            instances.push(instance(&item)?);
        }
        Ok(instances)
    }

    /// All DB clusters. They have a say only if tagged, and then are refused so far.
    pub(crate) async fn clusters(&self) -> Result<Vec<Database>, Error> {
        let mut pages = self.rds.describe_db_clusters().into_paginator().items().send();
        let mut clusters = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(CLUSTERS, "all", error))?;
            clusters.push(cluster(&item)?);
        }
        Ok(clusters)
    }

    /// Whether there is a database, instance or cluster, of this ARN.
    pub(crate) async fn knows_database(&self, arn: &DatabaseArn) -> Result<bool, Error> {
        if arn.as_str().contains(":cluster:") {
            let call = self.rds.describe_db_clusters().db_cluster_identifier(arn.as_str());
            is_known(call.send().await.map_err(|error| Error::of(CLUSTERS, arn, error)))
        } else {
            let call = self.rds.describe_db_instances().db_instance_identifier(arn.as_str());
            is_known(call.send().await.map_err(|error| Error::of(INSTANCES, arn, error)))
        }
    }

    /// The blue/green deployments that were, or are being, switched over.
    pub(crate) async fn switchovers(&self) -> Result<Vec<Switchover>, Error> {
        const CALL: &str = "DescribeBlueGreenDeployments";
        let listing = self.rds.describe_blue_green_deployments();
        let mut pages = listing.into_paginator().items().send();
        let mut switchovers = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(CALL, "all", error))?;
            // AVAILABLE and PROVISIONING are before, INVALID_CONFIGURATION is never.
            if !item.status().is_some_and(|status| status.starts_with("SWITCHOVER_")) {
                continue;
            }
            switchovers.extend(pairs(&item));
        }
        Ok(switchovers)
    }
}

/// A deployment names each replica and each member of its source, with what takes its place: every
/// pair is a switchover of its own, whose other side is nobody else's.
fn pairs(item: &BlueGreenDeployment) -> Vec<Switchover> {
    let pair = |named: [Option<&str>; 2]| -> BTreeSet<DatabaseArn> {
        named.into_iter().flatten().map(Into::into).collect()
    };
    let details = item.switchover_details().iter();
    let mut pairs: Vec<_> =
        details.map(|it| pair([it.source_member(), it.target_member()])).collect();
    // The whole is one of them, maybe by the names that it had before.
    let whole = pair([item.source(), item.target()]);
    match pairs.iter_mut().find(|pair| !pair.is_disjoint(&whole)) {
        Some(pair) => pair.extend(whole),
        None => pairs.push(whole),
    }
    pairs.into_iter().map(|databases| Switchover { databases }).collect()
}

fn instance(item: &DbInstance) -> Result<Database, Error> {
    let group = item.db_subnet_group();
    let endpoint = item.endpoint().and_then(|endpoint| {
        let port = u16::try_from(endpoint.port()?).ok().filter(|port| *port > 0)?;
        Some((endpoint.address()?.to_owned(), Port(port)))
    });
    Ok(Database {
        arn: promised(INSTANCES, "DBInstanceArn", item.db_instance_arn())?.into(),
        resource_id: promised(INSTANCES, "DbiResourceId", item.dbi_resource_id())?.into(),
        kind: DatabaseKind::Instance,
        engine: item.engine().unwrap_or_default().to_owned(),
        status: item.db_instance_status().unwrap_or_default().to_owned(),
        endpoint,
        vpc: group.and_then(|group| group.vpc_id()).map(Into::into),
        subnets: group
            .map(|group| group.subnets())
            .unwrap_or_default()
            .iter()
            .filter_map(|subnet| subnet.subnet_identifier().map(Into::into))
            .collect(),
        is_public: item.publicly_accessible() == Some(true),
        groups: in_state(item.vpc_security_groups(), "active"),
        adding: in_state(item.vpc_security_groups(), "adding"),
        removing: in_state(item.vpc_security_groups(), "removing"),
        cluster: item.db_cluster_identifier().map(str::to_owned),
        tags: from_rds(item.tag_list()),
    })
}

fn cluster(item: &DbCluster) -> Result<Database, Error> {
    Ok(Database {
        arn: promised(CLUSTERS, "DBClusterArn", item.db_cluster_arn())?.into(),
        resource_id: promised(CLUSTERS, "DbClusterResourceId", item.db_cluster_resource_id())?
            .into(),
        kind: DatabaseKind::Cluster,
        engine: item.engine().unwrap_or_default().to_owned(),
        status: item.status().unwrap_or_default().to_owned(),
        endpoint: None,
        vpc: None,
        subnets: BTreeSet::new(),
        is_public: item.publicly_accessible() == Some(true),
        groups: in_state(item.vpc_security_groups(), "active"),
        adding: in_state(item.vpc_security_groups(), "adding"),
        removing: in_state(item.vpc_security_groups(), "removing"),
        cluster: None,
        tags: from_rds(item.tag_list()),
    })
}

/// The groups in this state (RDS API, VpcSecurityGroupMembership: the only one that it names is
/// `active`).
fn in_state(groups: &[VpcSecurityGroupMembership], state: &str) -> BTreeSet<GroupId> {
    let found = groups.iter().filter(|group| group.status() == Some(state));
    found.filter_map(|group| group.vpc_security_group_id().map(Into::into)).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::types::SwitchoverDetail;

    use super::*;

    #[test]
    fn a_deployment_is_a_switchover_for_each_pair_that_it_names() {
        let arn = |name: &str| format!("arn:aws:rds:us-east-1:111122223333:db:{name}");
        let detail = |source: &str, target: &str| {
            let detail = SwitchoverDetail::builder();
            detail.source_member(arn(source)).target_member(arn(target)).build()
        };
        let item = BlueGreenDeployment::builder()
            .source(arn("orders"))
            .target(arn("orders-green-1"))
            .switchover_details(detail("orders-old1", "orders"))
            .switchover_details(detail("reader-old1", "reader"))
            .build();
        let named: Vec<Vec<String>> = pairs(&item)
            .iter()
            .map(|it| it.databases.iter().map(|arn| arn.identifier().to_owned()).collect())
            .collect();
        let whole = ["orders", "orders-green-1", "orders-old1"].map(str::to_owned).to_vec();
        let replica = ["reader", "reader-old1"].map(str::to_owned).to_vec();
        assert_eq!(named, [whole, replica]);
        assert_eq!(pairs(&BlueGreenDeployment::builder().source(arn("orders")).build()).len(), 1);
    }
}
