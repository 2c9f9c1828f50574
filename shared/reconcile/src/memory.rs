//! What one process remembers from pass to pass: hints, never state.
//!
//! It decides how soon something is done again, and it holds what AWS said last, so that nothing
//! waits without its reason.
//!
//! # Guarantees
//!
//! - Forgetting all of it is safe at any moment: what is right depends on tags and on the live AWS
//!   resources alone (`every_scenario_keeps_every_law`, in which processes start anew).

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::action::Target;
use crate::concern::Concerns;
use crate::deletion::Deletions;
use crate::id::GroupId;
use crate::key::Key;
use crate::loss::Losses;
use crate::publication::Known;
use crate::refusal::Refusal;
use crate::report::Subject;
use crate::status::Status;

/// How long readings must agree that something is to go before it is deleted, unless the
/// [gate](crate::gate) let it go: one reading that lacks one thing, or shows an old one, must
/// not break anything. (VPC Lattice and EC2 are eventually consistent.)
pub const AGREEMENT: SignedDuration = SignedDuration::from_secs(30);
/// After a first step that came to nothing, doubled for each further one.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// The longest pause: that of a client token's life.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(10);

/// What was tried and is not done yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Try {
    /// When it was tried last.
    pub at: Timestamp,
    /// How often in a row.
    pub count: u32,
    /// What AWS said; `None` if it took the step.
    pub said: Option<String>,
    /// What that amounts to, if a person has to act.
    pub refusal: Option<Refusal>,
}

impl Try {
    /// Why it is not done, once that is a reason: a first step that AWS took is on its way.
    pub fn reason(&self) -> Option<String> {
        match (&self.said, self.count) {
            (Some(said), _) => Some(said.clone()),
            (None, 0..=1) => None,
            (None, count) => Some(format!("AWS took it {count} times and nothing came of it")),
        }
    }

    /// When it is worth another try.
    pub fn next(&self) -> Timestamp {
        let doublings = self.count.saturating_sub(1).min(10);
        let pause = FIRST_PAUSE * 2_i32.pow(doublings);
        self.at + pause.min(LONGEST_PAUSE)
    }
}

/// What a process remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Since when readings agree that this is to go.
    going: BTreeMap<Key, Timestamp>,
    /// What is wanted and lacks, since when, and whether it was there before.
    lacking: BTreeMap<Key, (Timestamp, bool)>,
    /// What was there at the last reading, to stay.
    staying: BTreeSet<Key>,
    tries: BTreeMap<(&'static str, Key), Try>,
    /// Deletions that AWS refused.
    pub deletions: Deletions,
    /// What somebody takes away again and again.
    pub losses: Losses,
    /// What concerns the deployment, by the last reading.
    pub concerns: Option<Concerns>,
    /// The parameters of the deployment, as this process knows them.
    pub published: Option<Known>,
    /// Groups of which AWS said that they take no more rules.
    full: BTreeSet<GroupId>,
    /// The status tags that this process has written: the last of each target, and how often.
    noted: BTreeMap<String, (String, u32)>,
    /// The status of each subject as it was said last; `None` before anything was.
    statuses: Option<BTreeMap<Subject, Status>>,
}

impl Memory {
    /// Since when readings agree that this is to go: since this one, for what was not seen going.
    pub fn going_since(&self, key: &Key, at: Timestamp) -> Timestamp {
        self.going.get(key).copied().unwrap_or(at)
    }

    /// What this reading found to be going, and nothing else is.
    pub fn sees_going(&mut self, going: &BTreeSet<Key>, at: Timestamp) {
        self.going.retain(|key, _| going.contains(key));
        for key in going {
            self.going.entry(key.clone()).or_insert(at);
        }
    }

    /// What this reading lacks of what is wanted, and what is there to stay.
    pub fn sees_lacking(&mut self, lacking: &BTreeSet<Key>, staying: BTreeSet<Key>, at: Timestamp) {
        self.lacking.retain(|key, _| lacking.contains(key));
        for key in lacking {
            let was_there = self.staying.contains(key);
            self.lacking.entry(key.clone()).or_insert((at, was_there));
        }
        self.staying = staying;
    }

    /// Whether it can be believed that this is not there: an earlier reading lacked it as well,
    /// and, if it was there before, all of them for [`AGREEMENT`].
    pub fn believes_lacking(&self, key: &Key, at: Timestamp) -> bool {
        match self.lacking.get(key) {
            Some((since, true)) => *since + AGREEMENT <= at,
            Some((_, false)) => true,
            None => false,
        }
    }

    /// For how long readings have lacked this.
    pub fn lacks_for(&self, key: &Key, at: Timestamp) -> SignedDuration {
        self.lacking.get(key).map_or(SignedDuration::ZERO, |(since, _)| at.duration_since(*since))
    }

    /// Whether what lacks of this was there before.
    pub fn was_there(&self, key: &Key) -> bool {
        matches!(self.lacking.get(key), Some((_, true)))
    }

    /// What was tried for this key and is not done yet.
    pub fn tried(&self, verb: &'static str, key: &Key) -> Option<&Try> {
        self.tries.get(&(verb, key.clone()))
    }

    /// What AWS said last about anything that was tried for this key.
    pub fn last_try(&self, key: &Key) -> Option<&Try> {
        let of_key = self.tries.iter().filter(|((_, other), _)| other == key);
        of_key.map(|(_, tried)| tried).max_by_key(|tried| tried.at)
    }

    /// A step was taken and is not seen to be done.
    pub fn tries(
        &mut self,
        verb: &'static str,
        key: &Key,
        at: Timestamp,
        said: Option<String>,
        refusal: Option<Refusal>,
    ) {
        let count = self.tried(verb, key).map_or(0, |tried| tried.count) + 1;
        if verb == "create" && said.is_none() && count == 1 && self.was_there(key) {
            self.losses.note(key, at);
        }
        self.tries.insert((verb, key.clone()), Try { at, count, said, refusal });
    }

    /// The steps that AWS has refused twice in a row or more, for a reason that a person must mend.
    pub fn failing(&self) -> usize {
        let fails = |tried: &&Try| tried.refusal.is_some() && tried.count > 1;
        self.tries.values().filter(fails).count()
    }

    /// The status that was said last of a subject.
    pub fn status(&self, subject: &Subject) -> Option<&Status> {
        self.statuses.as_ref()?.get(subject)
    }

    /// Whether any status has been said yet.
    pub fn has_said_anything(&self) -> bool {
        self.statuses.is_some()
    }

    /// These statuses are said, and no others.
    pub fn says(&mut self, statuses: BTreeMap<Subject, Status>) {
        self.statuses = Some(statuses);
    }

    /// This status tag is written.
    pub fn notes(&mut self, target: &Target, status: &str) {
        let noted = self.noted.entry(target.to_string()).or_default();
        let times = if noted.0 == status { noted.1 + 1 } else { 1 };
        *noted = (status.to_owned(), times);
    }

    /// The status tag that was written last on this, and how often.
    pub fn noted(&self, target: &Target) -> Option<(&str, u32)> {
        self.noted.get(&target.to_string()).map(|(status, times)| (status.as_str(), *times))
    }

    /// Only these are still to be done.
    pub fn keep_tries(&mut self, is_open: impl Fn(&'static str, &Key) -> bool) {
        self.tries.retain(|(verb, key), _| is_open(verb, key));
    }

    /// AWS said that this group takes no more rules.
    pub fn is_full(&mut self, group: GroupId) {
        self.full.insert(group);
    }

    /// Whether AWS said that this group takes no more rules.
    pub fn knows_full(&self, group: &GroupId) -> bool {
        self.full.contains(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("in range")
    }

    #[test]
    fn readings_that_disagree_begin_anew() {
        let (one, other) = (Key::Gateway("vpc-1".into()), Key::Gateway("vpc-2".into()));
        let mut memory = Memory::default();
        memory.sees_going(&[one.clone(), other.clone()].into(), at(0));
        memory.sees_going(&[one.clone()].into(), at(10));
        memory.sees_going(&[one.clone(), other.clone()].into(), at(20));
        assert_eq!(memory.going_since(&one, at(20)), at(0));
        assert_eq!(memory.going_since(&other, at(20)), at(20));
    }

    #[test]
    fn one_reading_that_lacks_a_thing_is_not_believed() {
        let key = Key::Gateway("vpc-1".into());
        let (here, nowhere) = (BTreeSet::from([key.clone()]), BTreeSet::new());
        let mut memory = Memory::default();
        assert!(!memory.believes_lacking(&key, at(0)), "no reading lacked it");
        memory.sees_lacking(&here, nowhere.clone(), at(0));
        assert!(memory.believes_lacking(&key, at(1)), "it was never there");
        memory.sees_lacking(&nowhere, here.clone(), at(10));
        memory.sees_lacking(&here, nowhere.clone(), at(20));
        memory.sees_lacking(&here, nowhere, at(30));
        assert!(!memory.believes_lacking(&key, at(49)), "it was there a moment ago");
        assert!(memory.believes_lacking(&key, at(50)));
    }

    #[test]
    fn what_comes_to_nothing_is_tried_less_and_less_often() {
        let key = Key::Gateway("vpc-1".into());
        let mut memory = Memory::default();
        let mut time = at(0);
        let mut tries = 0;
        while time < at(900) && tries < 99 {
            memory.tries("create", &key, time, None, None);
            tries += 1;
            time = memory.last_try(&key).expect("it was tried").next();
        }
        assert_eq!(tries, 8);
        memory.keep_tries(|_, _| false);
        assert_eq!(memory.last_try(&key), None);
    }

    #[test]
    fn the_pause_doubles_from_five_seconds_to_ten_minutes() {
        let next = |count| Try { at: at(0), count, said: None, refusal: None }.next();
        let pauses = [5, 5, 10, 20, 40, 80, 160, 320, 600, 600];
        for (count, pause) in (0..).zip(pauses) {
            assert_eq!(next(count), at(pause), "{count}");
        }
        assert_eq!(next(u32::MAX), at(600));
    }

    #[test]
    fn what_aws_said_is_the_reason_and_its_silence_only_after_a_second_time() {
        let reason = |count, said: Option<&str>| {
            Try { at: at(0), count, said: said.map(str::to_owned), refusal: None }.reason()
        };
        assert_eq!(reason(1, None), None, "it is on its way");
        let silence = "AWS took it 2 times and nothing came of it".to_owned();
        assert_eq!(reason(2, None), Some(silence));
        assert_eq!(reason(1, Some("no room")), Some("no room".to_owned()));
        assert_eq!(reason(9, Some("no room")), Some("no room".to_owned()));
    }

    #[test]
    fn of_all_that_was_tried_for_a_key_the_last_counts_and_each_verb_by_itself() {
        let (key, other) = (Key::Gateway("vpc-1".into()), Key::Gateway("vpc-2".into()));
        let mut memory = Memory::default();
        let said = |text: &str| Some(text.to_owned());
        memory.tries("delete", &key, at(0), said("first"), None);
        memory.tries("create", &key, at(20), said("second"), None);
        memory.tries("create", &other, at(30), said("third"), None);
        memory.tries("update", &key, at(10), said("fourth"), None);
        memory.tries("update", &key, at(11), said("fifth"), None);
        assert_eq!(memory.last_try(&key).and_then(Try::reason), said("second"));
        let count = |verb, key| memory.tried(verb, key).map(|tried| tried.count);
        assert_eq!(count("delete", &key), Some(1));
        assert_eq!(count("update", &key), Some(2));
        assert_eq!(count("delete", &other), None);
        memory.keep_tries(|verb, _| verb == "delete");
        assert_eq!(memory.last_try(&key).and_then(Try::reason), said("first"));
    }

    #[test]
    fn a_group_is_full_once_aws_said_so() {
        let mut memory = Memory::default();
        memory.is_full("sg-1".into());
        assert!(memory.knows_full(&"sg-1".into()));
        assert!(!memory.knows_full(&"sg-2".into()));
    }
}
