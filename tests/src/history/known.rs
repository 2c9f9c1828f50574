//! What is known to break laws, and why: data, so that it can be switched on line by line.

use super::act::Act;
use super::{History, Timed};

/// A scenario by its name, or an act by how it is written, and why it breaks a law.
pub const KNOWN: &[(&str, &str)] = &[(
    "network",
    "within one VPC a name leads one way: a database that moves to another network is away while \
     its name moves",
)];

/// Why this scenario breaks a law, if it is known to.
pub fn scenario(name: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, why)| *why)
}

/// Why this act breaks a law, if it is known to.
pub fn act(act: &Act) -> Option<&'static str> {
    let name = format!("{act:?}");
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, why)| *why)
}

/// Whether nothing in it is known to break a law.
pub fn is_sound(history: &History) -> bool {
    history.acts.iter().all(|Timed { act: one, .. }| act(one).is_none())
}
