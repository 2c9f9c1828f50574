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
pub use items::items;
pub(crate) use items::named;
pub use marks::marked_networks;
pub use questions::questions;

#[cfg(test)]
mod tests;
