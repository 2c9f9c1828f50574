//! The consumer side: VPCs to networks.

mod client;
mod connection;
mod desired;
mod items;
mod offer;
mod questions;
mod readiness;
mod rules;
mod usage;
mod warnings;
mod way;

pub use desired::desired;
pub use items::items;
pub use questions::questions;

#[cfg(test)]
mod tests;
