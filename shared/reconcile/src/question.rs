//! Questions about single things, which no listing answers, and their answers.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{Arn, ConfigurationId, DatabaseArn, GroupId, InterfaceId, VpcId};
use crate::tag::Tags;

/// What cannot be told from a listing and is asked for single things, only when it matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The tags of a VPC Lattice resource, which listings do not carry.
    Tags(Arn),
    /// What a configuration is bound to, before a network is associated with it.
    Configuration(ConfigurationId),
    /// A VPC's DNS attributes, before it gets an endpoint.
    Dns(VpcId),
    /// The ways of VPCs into all networks, before a network is removed or offers another database.
    Ways,
    /// The blue/green deployments, where another database stands than the one exposed.
    Switchovers,
    /// The peering connections and transit gateways, before a name is captured in a VPC.
    Passages,
    /// Whether this is there, where a listing lacks it.
    Thing(Thing),
    /// The network interfaces that carry this group, before something goes that nobody uses.
    Members(GroupId),
    /// The parameters of the deployment, by a process that does not know them.
    Published,
}

/// What a listing can lack, by the name under which AWS is asked for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A database.
    Database(DatabaseArn),
    /// A VPC.
    Vpc(VpcId),
    /// A security group.
    Group(GroupId),
}

/// A database that a blue/green deployment switched over, or is switching over: the ARNs that it
/// has had on either side. Which of two is the old one after the switchover AWS does not say
/// clearly.
/// What else the deployment names, such as a read replica, is a switchover of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switchover {
    /// All ARNs that it names.
    pub databases: BTreeSet<DatabaseArn>,
}

/// A way between VPCs that needs no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The id of the peering connection or the transit gateway.
    pub id: String,
    /// The VPCs that it connects.
    pub vpcs: BTreeSet<VpcId>,
}

/// Answers to [`Question`]s. What is gone by the time it is asked for has no answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Tags by ARN.
    pub tags: BTreeMap<Arn, Tags>,
    /// Details of configurations.
    pub configurations: BTreeMap<ConfigurationId, Binding>,
    /// Whether both DNS attributes of a VPC are on.
    pub dns: BTreeMap<VpcId, bool>,
    /// Switched-over blue/green deployments, once they were asked for.
    pub switchovers: Option<Vec<Switchover>>,
    /// Ways between VPCs, once they were asked for.
    pub passages: Option<Vec<Passage>>,
    /// What AWS, asked by its name, says is gone.
    pub gone: BTreeSet<Thing>,
    /// The network interfaces that carry a group, of groups that were asked about.
    pub members: BTreeMap<GroupId, BTreeSet<InterfaceId>>,
    /// The parameters of the deployment, once they were asked for: values by name.
    pub published: Option<BTreeMap<String, String>>,
}

/// What a configuration is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The database.
    pub database: DatabaseArn,
    /// Whether it may be associated with a network that other accounts share.
    pub is_shareable: bool,
}
