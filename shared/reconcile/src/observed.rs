//! What is there: one reading of the world, in types of our own.
//!
//! *Guarantees*: a listing that failed or was cut short is in [`Observed::unknown`] and nowhere
//! else, because unknown is not absent; one without which nothing can be decided fails the reading.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::freeze::Listing;
use crate::id::{
    Arn, AssociationId, ConfigurationId, DatabaseArn, DatabaseResourceId, EndpointId, GatewayId,
    GroupId, NetworkId, NetworkName, Port, RuleId, SubnetId, VpcId, ZoneId,
};
pub use crate::life::Life;
use crate::memory::Memory;
pub use crate::question::{Answers, Binding, Passage, Question, Switchover, Thing};
use crate::tag::Tags;

/// One reading of the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// When it was read, by the clock of AWS.
    pub at: Timestamp,
    /// DB instances and clusters. Provider side.
    pub databases: Vec<Database>,
    /// VPCs.
    pub vpcs: Vec<Vpc>,
    /// Subnets.
    pub subnets: Vec<Subnet>,
    /// Security groups.
    pub groups: Vec<Group>,
    /// Security group rules that refer to a group, and the open egress that AWS gives new groups.
    pub rules: Vec<Rule>,
    /// Service networks, our account's own and those shared into it.
    pub networks: Vec<Network>,
    /// Resource gateways, without those that AWS manages.
    pub gateways: Vec<Gateway>,
    /// Resource configurations, without the children that AWS manages.
    pub configurations: Vec<Configuration>,
    /// Service-network resource associations of the allowed networks, without managed ones.
    pub associations: Vec<Association>,
    /// VPC endpoints of type ServiceNetwork, without deleted ones.
    pub endpoints: Vec<Endpoint>,
    /// What EC2 says about each configuration behind each endpoint. Consumer side.
    pub accesses: Vec<Access>,
    /// Answers to questions about single things, see [`Question`].
    pub answers: Answers,
    /// The listings that failed, and why: what rests on them is frozen.
    pub unknown: BTreeMap<Listing, String>,
    /// What earlier passes of this process found out. Nothing depends on it but how soon something
    /// is tried again, and what is said meanwhile.
    pub memory: Memory,
}

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
    /// The cluster that it is a member of.
    pub cluster: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A VPC.
#[derive(Clone, Debug, PartialEq)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// Its tags.
    pub tags: Tags,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its zone.
    pub zone: ZoneId,
    /// Its IPv4 prefix length.
    pub prefix: u8,
    /// How many IPv4 addresses are free, contiguous or not.
    pub free: u32,
    /// Its tags.
    pub tags: Tags,
}

/// A security group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name, unique in its VPC.
    pub name: String,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its tags.
    pub tags: Tags,
}

/// Which way a rule lets traffic through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Into the group's members.
    Ingress,
    /// Out of them.
    Egress,
}

/// To or from whom a rule lets traffic through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The members of a group, on one TCP port.
    Group(GroupId, Port),
    /// Everybody, on every port and protocol: what AWS gives every new group as its egress.
    Everybody,
    /// Addresses, or a list of them, on the TCP ports from one to the other.
    Addresses(Port, Port),
    /// Anything else, which is none of ours.
    Other,
}

/// A security group rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// The group that it belongs to.
    pub group: GroupId,
    /// Which way.
    pub direction: Direction,
    /// To or from whom.
    pub peer: Peer,
    /// Its tags.
    pub tags: Tags,
}

/// A service network.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// Its ARN, which names the account that owns it.
    pub arn: Arn,
    /// Its name.
    pub name: NetworkName,
    /// Whether another account owns it and shares it with ours.
    pub is_shared: bool,
}

/// A resource gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    /// Its id.
    pub id: GatewayId,
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnets.
    pub subnets: BTreeSet<SubnetId>,
    /// Its groups.
    pub groups: BTreeSet<GroupId>,
    /// Where it is in its life.
    pub life: Life,
}

/// A resource configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// Its id.
    pub id: ConfigurationId,
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// Its gateway.
    pub gateway: GatewayId,
    /// Where it is in its life.
    pub life: Life,
}

/// A service-network resource association.
#[derive(Clone, Debug, PartialEq)]
pub struct Association {
    /// Its id.
    pub id: AssociationId,
    /// Its ARN.
    pub arn: Arn,
    /// Its configuration.
    pub configuration: ConfigurationId,
    /// Its configuration's ARN, which names the account that offers it.
    pub configuration_arn: Arn,
    /// Its configuration's name, which tells the port if a Trellis made it.
    pub configuration_name: String,
    /// Its network.
    pub network: NetworkId,
    /// Where it is in its life. `PARTIAL` is usable and counts as ready.
    pub life: Life,
}

/// A VPC endpoint of type ServiceNetwork.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its network's ARN.
    pub network: Arn,
    /// Its subnets.
    pub subnets: BTreeSet<SubnetId>,
    /// Its groups.
    pub groups: BTreeSet<GroupId>,
    /// Its tags.
    pub tags: Tags,
    /// Where it is in its life.
    pub life: Life,
}

/// What EC2 says about one configuration behind one endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The ARN of the configuration that we made: the group of the managed child.
    pub configuration: Arn,
    /// Whether it is accessible.
    pub is_accessible: bool,
    /// Why not, if EC2 says so.
    pub failure: Option<String>,
    /// The private DNS name under which the database is reached.
    pub private_name: Option<String>,
}
