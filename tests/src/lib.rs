//! What the tests share: a simulated AWS in process, both sides of Trellis on it, and users.
//!
//! ```
//! use jiff::SignedDuration;
//! use reconcile::tag;
//! use tests::scene::{scene, settings};
//! use tests::users::User;
//!
//! scene(settings(), 7, async |scene| {
//!     let (person, there) = (User(&scene.sim), &scene.two_vpcs);
//!     person.tag_database(&there.database_arn, tag::EXPOSE, "databases");
//!     person.tag(&there.consumer_vpc, tag::CONSUME, "databases");
//!     person.tag(&there.client_group, tag::CLIENT, "databases");
//!     scene.live(SignedDuration::from_mins(5)).await;
//!     assert!(scene.reachable().reachable);
//! });
//! ```
//!
//! Time is virtual and jumps: a run of an hour takes as long as its calls. Nothing here asserts;
//! the suites under `tests/` do.

pub mod cloudwatch;
pub mod history;
pub mod hostile;
pub mod laws;
pub mod log;
pub mod policy;
pub mod scene;
pub mod story;
pub mod tree;
pub mod users;
pub mod wire;
