//! A set of things by id that remembers for a while what has been removed from it.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use jiff::{SignedDuration, Timestamp};

/// No listing lags more than this.
const KEPT: SignedDuration = SignedDuration::from_mins(30);

/// What there is, and what a lagging listing may still show.
#[derive(Clone, Debug)]
pub(crate) struct Things<T> {
    here: BTreeMap<String, T>,
    gone: Vec<(Timestamp, T)>,
}

impl<T> Things<T> {
    /// The thing is there no longer.
    pub(crate) fn remove_at(&mut self, now: Timestamp, id: &str) -> bool {
        self.gone.retain(|(at, _)| now.duration_since(*at) < KEPT);
        let removed = self.here.remove(id);
        let was_there = removed.is_some();
        self.gone.extend(removed.map(|thing| (now, thing)));
        was_there
    }

    /// What there is, and what is gone with the time at which it went.
    pub(crate) fn ever(&self) -> impl Iterator<Item = (&T, Option<Timestamp>)> {
        let here = self.here.values().map(|thing| (thing, None));
        here.chain(self.gone.iter().map(|(at, thing)| (thing, Some(*at))))
    }
}

impl<T> Default for Things<T> {
    fn default() -> Things<T> {
        Things { here: BTreeMap::new(), gone: Vec::new() }
    }
}

impl<T> Deref for Things<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &BTreeMap<String, T> {
        &self.here
    }
}

impl<T> DerefMut for Things<T> {
    fn deref_mut(&mut self) -> &mut BTreeMap<String, T> {
        &mut self.here
    }
}
