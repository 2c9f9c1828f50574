//! Listings that do not show what is there.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::answers;
use crate::{Altering, Asked, Fault, Rule};

/// What has been listed for so long counts as old.
const OLD: SignedDuration = SignedDuration::from_mins(1);

/// No omission lasts longer.
const LONGEST_SECONDS: i64 = 60;

/// A listing leaves out things that have long been there.
#[derive(Debug)]
pub struct Omission {
    dice: Rng,
    /// When each thing was listed first.
    seen: BTreeMap<String, Timestamp>,
    /// Until when a listing omits a thing.
    hidden: BTreeMap<(String, String), Timestamp>,
}

impl Omission {
    /// Of every eight listings one omits something old: half of the time once, else for up to a
    /// minute.
    pub fn seeded(seed: u64) -> Omission {
        let dice = Rng::with_seed(seed);
        Omission { dice, seen: BTreeMap::new(), hidden: BTreeMap::new() }
    }

    /// The next listing by this action that would show the thing of this id, name or ARN omits it;
    /// so do those after it, for so long. It is once where that is no time.
    pub fn of(action: &str, name: &str, lasts: SignedDuration) -> impl Rule + use<> {
        let (action, name) = (action.to_owned(), name.to_owned());
        let mut until: Option<Timestamp> = None;
        Altering(move |asked: &Asked<'_>, answer: &mut Result<Value, Fault>| {
            let Some(rows) = rows(asked, answer).filter(|_| asked.call.action == action) else {
                return;
            };
            let shows = rows.iter().any(|row| answers::is_called(row, &name));
            if shows && until.is_none_or(|until| asked.now < until) {
                rows.retain(|row| !answers::is_called(row, &name));
                until.get_or_insert(asked.now + lasts);
            }
        })
    }
}

impl Rule for Omission {
    fn alter(&mut self, asked: &Asked<'_>, answer: &mut Result<Value, Fault>) {
        if answers::names_things(asked.call) {
            return;
        }
        let Some(rows) = rows(asked, answer) else { return };
        let (now, action) = (asked.now, asked.call.action.as_str());
        self.hidden.retain(|_, until| now < *until);
        let mut old = Vec::new();
        for id in rows.iter().filter_map(answers::id) {
            let first = *self.seen.entry(id.clone()).or_insert(now);
            if now.duration_since(first) >= OLD {
                old.push(id);
            }
        }
        let mut omitted = None;
        if self.dice.u8(..8) == 0 && !old.is_empty() {
            let id = old.swap_remove(self.dice.usize(..old.len()));
            let lasts = if self.dice.bool() { 0 } else { self.dice.i64(1..=LONGEST_SECONDS) };
            let until = now + SignedDuration::from_secs(lasts);
            self.hidden.insert((action.to_owned(), id.clone()), until);
            omitted = Some(id);
        }
        let hides = |id: &String| {
            omitted.as_ref() == Some(id)
                || self
                    .hidden
                    .iter()
                    .any(|((of, it), until)| of == action && it == id && now < *until)
        };
        rows.retain(|row| !answers::id(row).is_some_and(|id| hides(&id)));
    }
}

/// The rows of an answer, if it is a listing.
fn rows<'a>(asked: &Asked<'_>, answer: &'a mut Result<Value, Fault>) -> Option<&'a mut Vec<Value>> {
    answer.as_mut().ok().filter(|_| answers::is_listing(asked.call)).and_then(answers::rows)
}

/// Things move from one page of a listing to the next while somebody reads it.
#[derive(Debug)]
pub struct Wandering {
    dice: Rng,
    /// What each action owes to its next page.
    owed: BTreeMap<String, Vec<Value>>,
}

impl Wandering {
    /// On half of the pages that another follows, an item is moved to that one, or is on both.
    pub fn seeded(seed: u64) -> Wandering {
        Wandering { dice: Rng::with_seed(seed), owed: BTreeMap::new() }
    }
}

impl Rule for Wandering {
    fn alter(&mut self, asked: &Asked<'_>, answer: &mut Result<Value, Fault>) {
        let is_continued = answer.as_ref().is_ok_and(answers::is_continued);
        let Some(rows) = rows(asked, answer) else { return };
        let action = asked.call.action.clone();
        let owed = self.owed.remove(&action).unwrap_or_default();
        if answers::continues(asked.call) {
            rows.extend(owed);
        }
        if is_continued && !rows.is_empty() && self.dice.bool() {
            let index = self.dice.usize(..rows.len());
            let row = if self.dice.bool() { rows.remove(index) } else { rows[index].clone() };
            self.owed.insert(action, vec![row]);
        }
    }
}
