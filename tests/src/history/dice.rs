//! Histories by chance, and how one that breaks a law gets shorter.

use super::act::Act;
use super::mishap::MISHAPS;
use super::play::{Played, play};
use super::scenario::acts;
use super::{History, Start, Timed, When};
use crate::laws::Dice;

/// A history of up to so many acts and a few mishaps.
pub fn roll(seed: u64, longest: usize, is_allowed: impl Fn(&Act) -> bool) -> History {
    let mut dice = Dice(seed);
    let start = [Start::Fresh, Start::Connected, Start::Connected][dice.below(3)];
    let known: Vec<Act> = acts().into_iter().filter(|act| is_allowed(act)).collect();
    let count = 1 + dice.below(longest);
    let mut acts = Vec::new();
    for _ in 0..count {
        let when = match dice.below(3) {
            0 => When::AtCall(1 + dice.below(150 * count) as u64),
            1 => When::After(dice.below(10) as i64),
            _ => When::After(dice.below(600) as i64),
        };
        acts.push(Timed { when, act: known[dice.below(known.len())].clone() });
    }
    let mishaps = (0..dice.below(2 * count + 1))
        .map(|_| (1 + dice.below(150 * count) as u64, MISHAPS[dice.below(MISHAPS.len())]));
    let mishaps = mishaps.collect();
    let jumble = (dice.below(3) == 0).then_some(seed);
    History { start, acts, mishaps, jumble, rest: 10 }
}

/// The history without what it does not need to break the same law, and what came of it.
pub fn shrink(history: &History) -> (History, Played) {
    let law = |played: &Played| played.broken.first().map(|it| law(it).to_owned());
    let mut best = (history.clone(), play(history));
    let broken = law(&best.1);
    loop {
        let mut shorter: Vec<History> = Vec::new();
        for at in 0..best.0.acts.len() {
            let mut one = best.0.clone();
            one.acts.remove(at);
            shorter.push(one);
        }
        shorter.extend(best.0.jumble.map(|_| History { jumble: None, ..best.0.clone() }));
        for at in 0..best.0.mishaps.len() {
            let mut one = best.0.clone();
            one.mishaps.remove(at);
            shorter.push(one);
        }
        let found = shorter.into_iter().find_map(|one| {
            let played = play(&one);
            (law(&played) == broken).then_some((one, played))
        });
        match found {
            Some(found) => best = found,
            None => return best,
        }
    }
}

/// The law that a line tells of.
pub fn law(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}
