//! What the tests share: a simulated AWS in process, both sides of Trellis on it, and users.
//!
//! Time is virtual and jumps: a run of an hour takes as long as its calls. Nothing here asserts;
//! the suites under `tests/` do.

pub mod history;
pub mod hostile;
pub mod laws;
pub mod policy;
pub mod scene;
pub mod story;
pub mod tree;
pub mod users;
pub mod wire;
