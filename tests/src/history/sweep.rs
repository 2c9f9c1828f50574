//! Every scenario with one thing more, at every moment of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::dice::law;
use super::mishap::{MISHAPS, Mishap, OMISSIONS};
use super::play::{Played, play};
use super::scenario::{acts, scenarios};
use super::{History, Timed, When, known};
use crate::laws::Dice;

/// So many calls after the last write may still matter: what comes then are settled passes.
const AFTER: u64 = 25;

/// A history, what it is called, and the run without the one thing more that it is held against.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is more in it than in the scenario.
    pub kind: &'static str,
    /// The name of the scenario.
    pub name: &'static str,
    /// The history.
    pub history: History,
    /// Whether as much has to be made and removed as without the mishaps.
    pub is_held_to_plain: bool,
}

/// How many of each kind were made, and how many are gone.
type Counts = BTreeMap<&'static str, (usize, usize)>;

/// What came of many histories.
#[derive(Debug, Default)]
pub struct Found {
    /// How many there were.
    pub runs: usize,
    /// How many of each kind.
    pub kinds: BTreeMap<&'static str, usize>,
    /// How many calls.
    pub calls: u64,
    /// In how many of them all that should happen did.
    pub hits: usize,
    /// Those that broke a law.
    pub broken: Vec<Broken>,
}

/// A history that broke a law.
#[derive(Debug)]
pub struct Broken {
    /// The history.
    pub case: Case,
    /// The laws.
    pub laws: Vec<String>,
    /// What was written meanwhile: the number of the call, the time and what it was.
    pub writes: Vec<(u64, String)>,
}

/// Every scenario as it is, with ten rings of the clock in the end.
pub fn plain() -> Vec<Case> {
    let sound = scenarios().into_iter().filter(|(name, _)| known::scenario(name).is_none());
    sound
        .map(|(name, history)| {
            let history = History { rest: 10, ..history };
            Case { kind: "nothing", name, history, is_held_to_plain: false }
        })
        .collect()
}

/// Every scenario with every mishap at every call.
pub fn mishaps() -> Vec<Case> {
    with_each("one mishap", &MISHAPS)
}

/// Every scenario with every omission in every listing.
pub fn omissions() -> Vec<Case> {
    with_each("one omission", &OMISSIONS)
}

fn with_each(kind: &'static str, mishaps: &[Mishap]) -> Vec<Case> {
    let mut cases = Vec::new();
    for Case { name, history, .. } in plain() {
        let last = play_once(name, &history).0 + AFTER;
        for at in 1..=last {
            for mishap in mishaps {
                let history = History { mishaps: vec![(at, *mishap)], rest: 1, ..history.clone() };
                cases.push(Case { kind, name, history, is_held_to_plain: true });
            }
        }
    }
    cases
}

/// Every scenario with every act just before every call.
pub fn moments() -> Vec<Case> {
    let acts: Vec<_> = acts().into_iter().filter(|act| known::act(act).is_none()).collect();
    let mut cases = Vec::new();
    for Case { name, history, .. } in plain() {
        let last = play_once(name, &history).0 + AFTER;
        for at in 1..=last {
            for act in &acts {
                let mut history = History { rest: 1, ..history.clone() };
                history.acts.push(Timed { when: When::AtCall(at), act: act.clone() });
                cases.push(Case { kind: "one act", name, history, is_held_to_plain: false });
            }
        }
    }
    cases
}

/// Every scenario with events that are lost, late and twice.
pub fn jumbles(seeds: u64) -> Vec<Case> {
    let with = |case: Case| {
        (0..seeds).map(move |seed| {
            let history = History { jumble: Some(seed), rest: 1, ..case.history.clone() };
            Case { kind: "events lost, late and twice", history, ..case.clone() }
        })
    };
    plain().into_iter().flat_map(with).collect()
}

/// Two of these mishaps, or of these moments, at once: every case with another of its scenario.
pub fn two_at_once(kind: &'static str, cases: &[Case], count: usize, seed: u64) -> Vec<Case> {
    let mut dice = Dice(seed);
    let mut pairs = Vec::new();
    while pairs.len() < count {
        let first = &cases[dice.below(cases.len())];
        let second = &cases[dice.below(cases.len())];
        if first.name != second.name {
            continue;
        }
        let mut case = first.clone();
        case.history.mishaps.extend(second.history.mishaps.iter().cloned());
        let late = second.history.acts.iter();
        let late = late.filter(|timed| matches!(timed.when, When::AtCall(_)));
        case.history.acts.extend(late.cloned());
        case.kind = kind;
        case.is_held_to_plain = first.is_held_to_plain && second.is_held_to_plain;
        pairs.push(case);
    }
    pairs
}

/// Plays cases on all cores, until they are over or the time is: what came of them.
pub fn sweep(cases: &[Case], time: Duration) -> Found {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Found::default()));
    let (began, cores) = (Instant::now(), std::thread::available_parallelism());
    std::thread::scope(|scope| {
        for _ in 0..cores.map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if began.elapsed() > time {
                        break;
                    }
                    let played = play(&case.history);
                    let laws = broken(case, &played);
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found.runs += 1;
                    *found.kinds.entry(case.kind).or_default() += 1;
                    found.calls += played.calls;
                    let wanted = case.history.mishaps.len();
                    found.hits += usize::from(played.hits >= wanted);
                    if !laws.is_empty() {
                        let (case, writes) = (case.clone(), played.writes);
                        found.broken.push(Broken { case, laws, writes });
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The laws that a case breaks.
fn broken(case: &Case, played: &Played) -> Vec<String> {
    let mut broken = played.broken.clone();
    if case.is_held_to_plain && broken.is_empty() {
        let few = play_once(case.name, &case.history).1;
        let zero = (0, 0);
        let is_more = |(kind, it): (&&str, &(usize, usize))| {
            let most = few.get(*kind).unwrap_or(&zero);
            it.0 > most.0 || it.1 > most.1
        };
        if played.counts.iter().any(is_more) {
            broken.push(format!("TWICE {:?}, not {few:?}", played.counts));
        }
    }
    broken
}

/// What a scenario by itself comes to: its last write, and what is made and removed.
type Plain = (u64, Counts);

/// The run of a scenario by itself, played once.
fn play_once(name: &'static str, history: &History) -> Plain {
    static PLAYED: Mutex<BTreeMap<&'static str, Plain>> = Mutex::new(BTreeMap::new());
    let known = PLAYED.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
    known.unwrap_or_else(|| {
        let played = play(&History { mishaps: Vec::new(), jumble: None, ..history.clone() });
        let plain = (played.writes.last().map_or(0, |it| it.0), played.counts);
        PLAYED.lock().unwrap_or_else(PoisonError::into_inner).insert(name, plain.clone());
        plain
    })
}

/// The cases in an order of which any part is spread over all of them.
pub fn spread(mut cases: Vec<Case>, seed: u64) -> Vec<Case> {
    let mut dice = Dice(seed);
    for last in (1..cases.len()).rev() {
        cases.swap(last, dice.below(last + 1));
    }
    cases
}

/// Every n-th case, so that there are about this many.
pub fn sample(cases: Vec<Case>, count: usize) -> Vec<Case> {
    // Odd, so that it goes through all kinds.
    let step = cases.len().div_ceil(count) | 1;
    cases.into_iter().step_by(step).collect()
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Found { runs, kinds, calls, hits, broken } = self;
        kinds.iter().try_for_each(|(kind, runs)| writeln!(f, "{runs:>8} with {kind}"))?;
        writeln!(f, "{runs} runs, {hits} with all that should happen, {calls} calls")?;
        writeln!(f, "{} broke a law", broken.len())?;
        let mut told: Vec<(&str, &str)> = Vec::new();
        for Broken { case, laws, writes } in broken {
            let key = (case.name, laws.first().map_or("", |line| law(line)));
            let count = told.iter().filter(|it| **it == key).count();
            told.push(key);
            if count < 2 {
                writeln!(f, "{}: {:?} {:?}", case.name, case.history.mishaps, case.history.acts)?;
                laws.iter().try_for_each(|line| writeln!(f, "    {line}"))?;
                writes.iter().try_for_each(|(at, what)| writeln!(f, "        {at} {what}"))?;
            }
        }
        Ok(())
    }
}
