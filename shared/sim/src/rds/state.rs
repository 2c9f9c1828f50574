//! What RDS holds: subnet groups, instances, clusters, snapshots, blue/green deployments.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::{Tags, Things};

/// A DB subnet group.
#[derive(Clone, Debug)]
pub(crate) struct SubnetGroup {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) description: String,
    pub(crate) vpc: String,
    pub(crate) subnets: Vec<String>,
    pub(crate) tags: Tags,
}

/// What RDS is doing with an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Makes it, from the snapshot of this name or from nothing.
    Create(Option<String>),
    /// Brings these changes about.
    Modify(Changes),
    /// Restarts it, in the other zone or where it is.
    Reboot { fails_over: bool },
    /// Something that changes nothing, such as a backup.
    Upkeep,
    /// Stops it.
    Stop,
    /// Starts it.
    Start,
    /// Removes it.
    Delete,
}

/// Changes that take a while.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) id: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) groups: Option<Vec<String>>,
    pub(crate) is_public: Option<bool>,
    pub(crate) subnet_group: Option<String>,
    pub(crate) multi_az: Option<bool>,
    pub(crate) class: Option<String>,
    pub(crate) engine_version: Option<String>,
    pub(crate) storage: Option<u32>,
}

/// A DB instance.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// `DBInstanceIdentifier`, in lower case; a rename changes it.
    pub(crate) id: String,
    /// `DbiResourceId`, which stays for life.
    pub(crate) resource_id: String,
    /// The ARN, which goes with the identifier.
    pub(crate) arn: String,
    pub(crate) class: String,
    pub(crate) engine: String,
    pub(crate) engine_version: String,
    /// `available` and so on; an open set.
    pub(crate) status: String,
    pub(crate) work: Option<Work>,
    /// When the work is done; later work makes an earlier due moment void.
    pub(crate) due_at: Timestamp,
    pub(crate) master_username: String,
    pub(crate) database: Option<String>,
    pub(crate) port: u16,
    /// The name of its endpoint, absent while it is created for the first time.
    pub(crate) address: Option<String>,
    /// The name of its subnet group; an instance without one is in no VPC.
    pub(crate) subnet_group: Option<String>,
    pub(crate) vpc: Option<String>,
    pub(crate) zone: String,
    pub(crate) secondary_zone: Option<String>,
    pub(crate) is_public: bool,
    pub(crate) groups: Vec<String>,
    pub(crate) cluster: Option<String>,
    pub(crate) storage: u32,
    pub(crate) storage_type: String,
    pub(crate) is_encrypted: bool,
    pub(crate) backup_days: u32,
    pub(crate) upgrades_itself: bool,
    pub(crate) takes_iam: bool,
    pub(crate) copies_tags: bool,
    pub(crate) is_protected: bool,
    pub(crate) tags: Tags,
    pub(crate) created: Timestamp,
    /// What waits for the maintenance window.
    pub(crate) pending: Changes,
    /// Its network interface.
    pub(crate) interface: Option<String>,
}

/// A DB cluster.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub(crate) id: String,
    /// `DbClusterResourceId`.
    pub(crate) resource_id: String,
    pub(crate) arn: String,
    pub(crate) engine: String,
    pub(crate) engine_version: String,
    pub(crate) status: String,
    pub(crate) due_at: Timestamp,
    pub(crate) master_username: String,
    pub(crate) port: u16,
    /// The names of the writer's and the readers' endpoint.
    pub(crate) endpoint: String,
    pub(crate) reader_endpoint: String,
    pub(crate) subnet_group: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) is_public: bool,
    pub(crate) is_encrypted: bool,
    pub(crate) is_protected: bool,
    pub(crate) tags: Tags,
    pub(crate) created: Timestamp,
}

/// A DB snapshot.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) status: String,
    pub(crate) created: Timestamp,
    pub(crate) tags: Tags,
    /// The instance as it was.
    pub(crate) source: Instance,
}

/// A blue/green deployment.
#[derive(Clone, Debug)]
pub(crate) struct BlueGreen {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) created: Timestamp,
    /// The resource ids of the two instances.
    pub(crate) blue: String,
    pub(crate) green: String,
    /// The ARN of the blue instance when the deployment was made, which the green one has in the
    /// end.
    pub(crate) source: String,
    /// The ARNs of the two as they were last, for when they are deleted.
    pub(crate) last: (String, String),
    pub(crate) tags: Tags,
}

/// All of RDS in one account and region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rds {
    /// By name.
    pub(crate) subnet_groups: BTreeMap<String, SubnetGroup>,
    /// By resource id.
    pub(crate) instances: Things<Instance>,
    /// By resource id.
    pub(crate) clusters: Things<Cluster>,
    /// By identifier.
    pub(crate) snapshots: BTreeMap<String, Snapshot>,
    /// By id.
    pub(crate) blue_greens: BTreeMap<String, BlueGreen>,
    /// The ARNs of databases that are gone, until who builds on them has learnt of it.
    pub(super) news: Vec<String>,
}

impl Rds {
    /// The ARNs of the databases that are gone since this was asked last.
    pub(crate) fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    /// The instance of this identifier or ARN, whatever the case.
    pub(crate) fn instance(&self, name: &str) -> Option<&Instance> {
        self.instances.values().find(|it| is_named(name, &it.id, &it.arn))
    }

    /// The cluster of this identifier or ARN, whatever the case.
    pub(crate) fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.values().find(|it| is_named(name, &it.id, &it.arn))
    }
}

fn is_named(name: &str, id: &str, arn: &str) -> bool {
    name.eq_ignore_ascii_case(id) || name.eq_ignore_ascii_case(arn)
}
