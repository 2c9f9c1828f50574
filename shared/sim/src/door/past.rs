//! The worlds as they were, for rules that answer late.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{Call, Fault, World};

/// The world of each region after each change that a call has made. In between it has changed by
/// itself alone, and would again: so it is known at every moment.
#[derive(Default)]
pub(crate) struct Past {
    /// For how long: nothing is remembered that nobody wants to know.
    kept: SignedDuration,
    worlds: BTreeMap<String, VecDeque<World>>,
}

impl Past {
    /// Remembers for this long at least.
    pub(crate) fn keep(&mut self, kept: SignedDuration) {
        self.kept = self.kept.max(kept);
    }

    /// The world may have changed.
    pub(crate) fn note(&mut self, world: &World) {
        if self.kept.is_zero() {
            return;
        }
        if !self.worlds.contains_key(&world.region) {
            self.worlds.insert(world.region.clone(), VecDeque::new());
        }
        let Some(worlds) = self.worlds.get_mut(&world.region) else { return };
        if worlds.back().is_some_and(|last| last.version() == world.version()) {
            return;
        }
        worlds.push_back(world.clone());
        let oldest = world.now() - self.kept;
        while worlds.get(1).is_some_and(|second| second.now() <= oldest) {
            worlds.pop_front();
        }
    }

    /// What a call would have been answered then, unhurried by any throttle.
    pub(crate) fn answer(
        &self,
        region: &str,
        call: &Call,
        then: Timestamp,
    ) -> Option<Result<Value, Fault>> {
        let worlds = self.worlds.get(region)?;
        let last = worlds.iter().rev().find(|world| world.now() <= then);
        let mut world = last.or(worlds.front())?.clone();
        world.advance_to(then);
        world.switches.throttling = false;
        Some(world.answer(call))
    }
}
