//! The provider side: databases onto networks.

mod desired;
mod exposure;
mod items;
mod questions;

pub use desired::desired;
pub(crate) use exposure::known_tags;
pub use items::items;
pub(crate) use items::{group_item, rule_item};
pub use questions::questions;
