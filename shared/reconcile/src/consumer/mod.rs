//! The consumer side: VPCs to networks.

mod connection;
mod desired;
mod items;
mod questions;

pub use desired::desired;
pub use items::items;
pub use questions::questions;
