//! What AWS does on bad days, as rules to put in front of the calls; each draws from its own seed.
//!
//! | rule | what it does to calls and answers |
//! |---|---|
//! | [`Omission`] | a listing leaves out an item that has long been there, once or for a while |
//! | [`Wandering`] | an item moves from one page to the next, or is on both |
//! | [`Late`] | answers, or the tags or attributes in them, are those of a while ago |
//! | [`Unsettled`] | what was just made is not found, by reads and by writes |
//! | [`Busy`] | a database is `backing-up` for minutes, and its tags cannot be changed |
//! | [`Spell`] | a service or an action is down, or throttles, for minutes |
//!
//! Others are switches: see [`crate::Switches`]. [`Kind`] names them all, [`set`] puts them there.
//!
//! Amazon EC2 says of all its Describe calls that they are eventually consistent and advises to
//! wait and to retry (Amazon EC2 Developer Guide, "Ensuring idempotency" and "Eventual
//! consistency"); the others say nothing, and are no better.

mod answers;
mod busy;
mod kind;
mod late;
mod listing;
mod spell;
#[cfg(test)]
mod tests;

pub use busy::Busy;
pub use kind::{Kind, set};
pub use late::{Late, Part, Unsettled};
pub use listing::{Omission, Wandering};
pub use spell::{Spell, Trouble};
