//! Answers of a while ago.

use fastrand::Rng;
use jiff::SignedDuration;
use serde_json::Value;

use super::answers::{self, TAGS};
use crate::kernel::call::is_write;
use crate::{Asked, Fate, Fault, Rule};

/// What of an answer is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The tags of the things in it.
    Tags,
    /// Of each thing in it that has changed, one attribute.
    Attributes,
}

/// Reads are answered, in whole or in part, as they would have been a while ago.
#[derive(Debug)]
pub struct Late {
    part: Part,
    only: Option<String>,
    /// One in so many reads.
    rarity: u8,
    longest: SignedDuration,
    dice: Rng,
}

impl Late {
    /// Of every four reads one is up to half a minute late.
    pub fn seeded(seed: u64, part: Part) -> Late {
        let longest = SignedDuration::from_secs(30);
        Late { part, only: None, rarity: 4, longest, dice: Rng::with_seed(seed) }
    }

    /// Every read by this action is so late.
    pub fn of(action: &str, part: Part, by: SignedDuration) -> Late {
        let only = Some(action.to_owned());
        Late { part, only, rarity: 1, longest: by, dice: Rng::with_seed(0) }
    }

    fn by(&mut self) -> SignedDuration {
        match self.only {
            Some(_) => self.longest,
            None => SignedDuration::from_secs(self.dice.i64(1..=self.longest.as_secs().max(1))),
        }
    }
}

impl Rule for Late {
    fn alter(&mut self, asked: &Asked<'_>, answer: &mut Result<Value, Fault>) {
        let action = asked.call.action.as_str();
        let is_meant = self.only.as_ref().is_none_or(|only| only == action);
        if is_write(action) || !is_meant || answer.is_err() || self.dice.u8(..self.rarity) != 0 {
            return;
        }
        let by = self.by();
        let Some(then) = asked.answered_then(by) else { return };
        match (self.part, answer, then) {
            (Part::Whole, answer, then) => *answer = then,
            (part, Ok(answer), Ok(mut then)) => {
                let dice = &mut self.dice;
                let mut age = |new: &mut Value, old: &Value| match part {
                    Part::Tags => copy_tags(new, old),
                    _ => copy_attribute(new, old, dice),
                };
                match answers::is_listing(asked.call) {
                    true => each_thing(answer, &mut then, age),
                    false => age(answer, &then),
                }
            }
            _ => {}
        }
    }

    fn looks_back(&self) -> SignedDuration {
        self.longest
    }
}

/// Does it to every row that is in both listings.
fn each_thing(new: &mut Value, old: &mut Value, mut age: impl FnMut(&mut Value, &Value)) {
    let (Some(new), Some(old)) = (answers::rows(new), answers::rows(old)) else { return };
    for row in new {
        let id = answers::id(row);
        if let Some(old) = old.iter().find(|old| id.is_some() && answers::id(old) == id) {
            age(row, old);
        }
    }
}

fn copy_tags(new: &mut Value, old: &Value) {
    for name in TAGS {
        if let (Some(new), Some(old)) = (new.get_mut(name), old.get(name)) {
            new.clone_from(old);
        }
    }
}

/// One member that differs is as it was, or is not there if it was not.
fn copy_attribute(new: &mut Value, old: &Value, dice: &mut Rng) {
    let Some(members) = new.as_object_mut() else { return };
    let names = members.keys().chain(old.as_object().into_iter().flat_map(|old| old.keys()));
    let mut differing: Vec<String> =
        names.filter(|name| !TAGS.contains(&name.as_str())).cloned().collect();
    differing.retain(|name| members.get(name) != old.get(name));
    if differing.is_empty() {
        return;
    }
    let name = differing.swap_remove(dice.usize(..differing.len()));
    match old.get(&name) {
        Some(value) => drop(members.insert(name, value.clone())),
        None => drop(members.shift_remove(&name)),
    }
}

/// What was made a moment ago is not found, by reads that name it and by writes.
#[derive(Debug)]
pub struct Unsettled {
    rarity: u8,
    lasts: SignedDuration,
    dice: Rng,
}

impl Unsettled {
    /// Of every two calls that name what is less than five seconds old, one does not find it.
    pub fn seeded(seed: u64) -> Unsettled {
        let lasts = SignedDuration::from_secs(5);
        Unsettled { rarity: 2, lasts, dice: Rng::with_seed(seed) }
    }

    /// Nothing is found before it is so old.
    pub fn until(age: SignedDuration) -> Unsettled {
        Unsettled { rarity: 1, lasts: age, dice: Rng::with_seed(0) }
    }
}

impl Rule for Unsettled {
    fn judge(&mut self, asked: &Asked<'_>) -> Fate {
        if !answers::names_things(asked.call) || self.dice.u8(..self.rarity) != 0 {
            return Fate::Pass;
        }
        match asked.answered_then(self.lasts) {
            Some(Err(fault)) if fault.code.contains("NotFound") => Fate::Refuse(fault),
            _ => Fate::Pass,
        }
    }

    fn looks_back(&self) -> SignedDuration {
        self.lasts
    }
}
