//! What holds what: a thing that something holds cannot be deleted.

use std::collections::BTreeMap;

use super::World;

/// What each holder holds, by the holder's id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders(BTreeMap<String, Vec<String>>);

impl World {
    /// From now on the holder holds these things, and no others.
    pub(crate) fn holds(&mut self, holder: &str, held: &[String]) {
        self.holders.0.insert(holder.to_owned(), held.to_vec());
    }

    /// The holder is gone, and holds nothing.
    pub(crate) fn lets_go(&mut self, holder: &str) {
        self.holders.0.remove(holder);
    }

    /// Whether anything holds the thing with this id.
    pub(crate) fn is_held(&self, id: &str) -> bool {
        self.holders.0.values().flatten().any(|held| held == id)
    }
}
