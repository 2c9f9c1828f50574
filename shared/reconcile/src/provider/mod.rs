//! The provider side: databases onto networks.

mod consent;
mod desired;
mod exposure;
mod items;
mod marks;
mod networks;
mod questions;
mod report;

pub use desired::desired;
pub(crate) use exposure::known_tags;
pub use items::items;
pub(crate) use items::{group_item, rule_item};
pub use marks::marked_networks;
pub use questions::questions;

#[cfg(test)]
mod tests;
