//! RDS: DB instances and clusters.

use std::collections::BTreeSet;

use aws_sdk_rds::types::{DbCluster, DbInstance, Tag, VpcSecurityGroupMembership};
use reconcile::id::{GroupId, Port};
use reconcile::observed::{Database, DatabaseKind};
use reconcile::tag::Tags;

use super::promised;
use crate::{Aws, Error};

const INSTANCES: &str = "DescribeDBInstances";
const CLUSTERS: &str = "DescribeDBClusters";

impl Aws {
    /// All DB instances. Neptune's and DocumentDB's are among them: they use the same API.
    pub(super) async fn instances(&self) -> Result<Vec<Database>, Error> {
        let mut pages = self.rds.describe_db_instances().into_paginator().items().send();
        let mut instances = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(INSTANCES, "all", error))?;
            instances.push(instance(&item)?);
        }
        Ok(instances)
    }

    /// All DB clusters. They have a say only if tagged, and then are refused so far.
    pub(super) async fn clusters(&self) -> Result<Vec<Database>, Error> {
        let mut pages = self.rds.describe_db_clusters().into_paginator().items().send();
        let mut clusters = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(CLUSTERS, "all", error))?;
            clusters.push(cluster(&item)?);
        }
        Ok(clusters)
    }
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
        groups: active(item.vpc_security_groups()),
        cluster: item.db_cluster_identifier().map(str::to_owned),
        tags: tags(item.tag_list()),
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
        groups: active(item.vpc_security_groups()),
        cluster: None,
        tags: tags(item.tag_list()),
    })
}

fn active(groups: &[VpcSecurityGroupMembership]) -> BTreeSet<GroupId> {
    let active = groups.iter().filter(|group| group.status() == Some("active"));
    active.filter_map(|group| group.vpc_security_group_id().map(Into::into)).collect()
}

fn tags(list: &[Tag]) -> Tags {
    let pairs = list.iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default())));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
