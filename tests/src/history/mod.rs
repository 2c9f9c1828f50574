//! Histories: what people do and what goes wrong, one after the other, played from a settled world
//! until it has settled again, and judged after every call.
//!
//! | file | what is in it |
//! |---|---|
//! | `cast` | who plays |
//! | `act` | what people do |
//! | `mishap` | what goes wrong with one call |
//! | `wishes` | what the tags ask for, read without the planner |
//! | `judge` | what must hold after every call, and in the end |
//! | `proof` | whether a write is to what is ours |
//! | `told` | what was made and removed |
//! | `play` | both sides of Trellis at work, with events and the clock |
//! | `scenario` | the histories that there are names for |
//! | `sweep` | each of them with one thing more, at every moment |
//! | `dice` | histories by chance, and how one that fails gets shorter |
//! | `known` | what is known to break laws |

pub mod act;
pub mod cast;
pub mod dice;
pub mod judge;
pub mod known;
pub mod mishap;
pub mod play;
mod proof;
pub mod scenario;
pub mod sweep;
pub mod told;
pub mod wishes;

use act::Act;
use mishap::Mishap;
use sim::Tags;

/// When something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// So many seconds after the one before.
    After(i64),
    /// Just before the call with this number.
    AtCall(u64),
}

/// Something that happens at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// When.
    pub when: When,
    /// What.
    pub act: Act,
}

/// The world that a history begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    /// Two databases and a VPC, none of them tagged.
    Fresh,
    /// The first database and the first client, connected.
    Connected,
    /// Seven databases, of which all but one are exposed to the first client.
    Many,
}

/// A history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The world that it begins with.
    pub start: Start,
    /// What happens.
    pub acts: Vec<Timed>,
    /// What goes wrong with the calls of these numbers.
    pub mishaps: Vec<(u64, Mishap)>,
    /// The seed by which events are lost, late and twice, if they are.
    pub jumble: Option<u64>,
    /// How many rings of the clock it rests in the end.
    pub rest: i32,
}

/// Whether these tags say that a thing is Trellis'.
fn ours(tags: Option<&Tags>) -> bool {
    tags.and_then(|tags| tags.get("trellis:owner")).is_some_and(|owner| owner == "trellis")
}
