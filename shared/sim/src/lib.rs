//! A small simulated AWS at the wire, as awkward as the real one.
//!
//! One implementation, two doors: in process as the SDK's HTTP client, and over TCP for every
//! other client. It knows AWS and nothing of Trellis: no code of the planner is in here.
//!
//! ```
//! use jiff::Timestamp;
//! use serde_json::json;
//! use sim::{Call, Service, World};
//!
//! let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 7);
//! let create = Call::new(Service::Ec2, "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
//! let vpc = world.answer(&create)?["vpc"]["vpcId"].clone();
//!
//! // It is as awkward as the real one: a subnet outside of the VPC is refused in AWS's words.
//! let outside = json!({"VpcId": vpc, "CidrBlock": "192.168.0.0/24"});
//! let refused = world.answer(&Call::new(Service::Ec2, "CreateSubnet", outside));
//! assert_eq!(refused.unwrap_err().code, "InvalidSubnet.Range");
//! # Ok::<(), sim::Fault>(())
//! ```
//!
//! It is built in layers, each of which knows only those before it:
//!
//! | layer | what is in it |
//! |---|---|
//! | `kernel` | [`call`], [`fault`], [`switches`], [`bus`], time, ids, tokens, shapes of inputs |
//! | `ec2` | VPCs, subnets, groups, interfaces, endpoints as EC2 shows them |
//! | `rds` | databases |
//! | `lattice` | gateways, configurations, networks, associations |
//! | `privatelink` | how endpoints come, follow what a network carries, and go |
//! | [`World`] | the whole account: hands calls and due moments down, and carries news up |
//! | [`door`] | how it is reached: in process and by [`tcp`], with a clock, rules and records |
//!
//! Beside them stand [`iam`] (what a caller may do), [`awkward`] (rules to put in front), [`reach`]
//! (what the network really lets through), [`truth`] (what there is) and [`two_vpcs`] (a world to
//! begin with).

pub mod awkward;
pub mod door;
mod ec2;
mod events;
pub mod iam;
mod kernel;
mod lattice;
mod privatelink;
mod rds;
pub mod reach;
mod ssm;
mod sts;
pub mod truth;
pub mod two_vpcs;
pub mod world;

pub use door::tcp;
pub use door::{Altering, Asked, CallRecord, Clock, Fate, Rule, Sim, Witness};
pub use kernel::{Call, Event, Fault, Service, Switches, Tags, bus, call, fault, switches};
pub use world::World;
