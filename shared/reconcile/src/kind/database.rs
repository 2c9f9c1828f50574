//! A DB instance or cluster: what is exposed. Trellis writes nothing to it but its status tag.

use std::collections::BTreeSet;

use crate::id::{DatabaseArn, DatabaseResourceId, GroupId, Port, SubnetId, VpcId};
use crate::tag::Tags;

/// Instance or cluster: two kinds of RDS database with ARNs of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A DB instance.
    Instance,
    /// A DB cluster.
    Cluster,
}

/// An RDS database.
#[derive(Clone, Debug, PartialEq)]
pub struct Database {
    /// Its ARN.
    pub arn: DatabaseArn,
    /// `DbiResourceId` or `DbClusterResourceId`.
    pub resource_id: DatabaseResourceId,
    /// Instance or cluster.
    pub kind: DatabaseKind,
    /// The engine, as RDS names it.
    pub engine: String,
    /// The status, an open set of words (RDS User Guide, Viewing DB instance status).
    pub status: String,
    /// Host name and port; absent while it is being created.
    pub endpoint: Option<(String, Port)>,
    /// The VPC of its subnet group.
    pub vpc: Option<VpcId>,
    /// The subnets of its subnet group.
    pub subnets: BTreeSet<SubnetId>,
    /// Whether it is publicly accessible.
    pub is_public: bool,
    /// Its active security groups.
    pub groups: BTreeSet<GroupId>,
    /// Those that RDS is about to put in force.
    pub adding: BTreeSet<GroupId>,
    /// Those that RDS is about to take out of force, and which are in force until then.
    pub removing: BTreeSet<GroupId>,
    /// The cluster that it is a member of.
    pub cluster: Option<String>,
    /// Its tags.
    pub tags: Tags,
}
