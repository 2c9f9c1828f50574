//! A small simulated AWS at the wire, as awkward as the real one.
//!
//! One implementation, two doors: in process as the SDK's HTTP client, and over TCP for every
//! other client. It knows AWS and nothing of Trellis: no code of the planner is in here.
//!
//! Read in this order: [`call`] (what arrives), [`fault`] (what is refused), [`world`] (what
//! there is, and time), `shape` (what a call must look like), [`bus`] (what it tells), then a
//! module per service (`ec2`, `rds`, `lattice`, `events`, `sts`), [`door`] with `front`, `clock`,
//! `record`, `client` and [`tcp`] (the two doors, on `wire`), [`awkward`] (rules to put in front,
//! with `past`), [`reach`] (what the network really lets through), [`truth`] (what there is) and
//! [`two_vpcs`] (a world to begin with).

pub mod awkward;
pub mod bus;
pub mod call;
mod client;
mod clock;
pub mod door;
mod ec2;
mod events;
pub mod fault;
mod front;
mod lattice;
mod page;
mod past;
mod rds;
pub mod reach;
mod record;
mod shape;
mod sts;
pub mod switches;
pub mod tcp;
mod throttle;
mod token;
pub mod truth;
pub mod two_vpcs;
mod wire;
pub mod world;

pub use bus::Event;
pub use call::{Call, Service};
pub use door::{Altering, Asked, CallRecord, Clock, Fate, Rule, Sim, Witness};
pub use fault::Fault;
pub use switches::Switches;
pub use world::{Tags, World};
