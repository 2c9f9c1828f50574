//! What is there: one reading of the world, in types of our own.
//!
//! # Guarantees
//!
//! - A listing that failed or was cut short is in [`Observed::unknown`], because unknown is not
//!   absent; one without which nothing can be decided fails the reading
//!   (`a_pass_that_misses_any_page_of_any_listing_does_nothing_for_it`).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::freeze::Listing;
pub use crate::kind::{
    Access, Association, Configuration, Database, DatabaseKind, Direction, Gateway, Group, Network,
    Peer, Rule, Subnet, Vpc, Way, WayId,
};
pub use crate::life::Life;
use crate::memory::Memory;
pub use crate::question::{Answers, Binding, Passage, Question, Switchover, Thing};

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
    /// Ways of VPCs into networks, without deleted ones.
    pub ways: Vec<Way>,
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

impl Observed {
    /// An account without anything of ours or of concern to us, read at this time.
    pub fn nothing(at: Timestamp) -> Observed {
        Observed {
            at,
            databases: Vec::new(),
            vpcs: Vec::new(),
            subnets: Vec::new(),
            groups: Vec::new(),
            rules: Vec::new(),
            networks: Vec::new(),
            gateways: Vec::new(),
            configurations: Vec::new(),
            associations: Vec::new(),
            ways: Vec::new(),
            accesses: Vec::new(),
            answers: Answers::default(),
            unknown: BTreeMap::new(),
            memory: Memory::default(),
        }
    }
}
