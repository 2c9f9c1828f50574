//! What was made and removed, counted where it is: in the world, not in answers.

use std::collections::{BTreeMap, BTreeSet};

use sim::World;

use super::ours;

/// What of ours there was at any time.
#[derive(Clone, Debug)]
pub struct Told {
    first: BTreeSet<String>,
    seen: BTreeMap<String, &'static str>,
}

impl Told {
    /// Begins with what is there.
    pub fn new(world: &World) -> Told {
        let things = world.things().filter(|(_, _, tags)| ours(Some(tags)));
        let seen: BTreeMap<String, &'static str> =
            things.map(|(kind, id, _)| (id.to_owned(), kind)).collect();
        Told { first: seen.keys().cloned().collect(), seen }
    }

    /// Sees what is new.
    pub fn look(&mut self, world: &World) {
        for (kind, id, tags) in world.things() {
            if !self.seen.contains_key(id) && ours(Some(tags)) {
                self.seen.insert(id.to_owned(), kind);
            }
        }
    }

    /// How many of each kind were made, and how many are gone.
    pub fn counts(&self, world: &World) -> BTreeMap<&'static str, (usize, usize)> {
        let here: BTreeSet<&str> = world.things().map(|(_, id, _)| id).collect();
        let mut counts: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
        for (id, kind) in &self.seen {
            let count = counts.entry(kind).or_default();
            count.0 += usize::from(!self.first.contains(id));
            count.1 += usize::from(!here.contains(id.as_str()));
        }
        counts
    }
}
