//! Every scenario, and every scenario with something else at any moment of it: here a sample, all
//! of them in `trellis-soak`.

use std::time::Duration;

use tests::history::dice::{roll, shrink};
use tests::history::known;
use tests::history::play::play;
use tests::history::sweep::{Case, jumbles, mishaps, moments, plain, sample, sweep};

/// How long any of these may take on a slow machine.
const LONG: Duration = Duration::from_secs(90);

fn expect_sound(what: &str, all: Vec<Case>, count: usize) {
    let total = all.len();
    let found = sweep(&sample(all, count), LONG);
    println!("{what}: {found}of {total}");
    assert!(found.broken.is_empty(), "{what}: {found}");
    assert!(found.runs > 0 && found.hits * 10 >= found.runs * 9, "{what}: {found}");
}

#[test]
fn every_scenario_keeps_every_law() {
    expect_sound("scenarios", plain(), usize::MAX / 2);
}

#[test]
fn one_mishap_at_any_call_breaks_no_law() {
    expect_sound("mishaps", mishaps(), 100);
}

#[test]
fn one_act_at_any_moment_breaks_no_law() {
    expect_sound("moments", moments(), 100);
}

#[test]
fn events_may_be_lost_late_and_twice() {
    expect_sound("jumbles", jumbles(3), 40);
}

#[test]
fn histories_by_chance_break_no_law() {
    let seeds = 0..10;
    println!("seeds {seeds:?}");
    for seed in seeds {
        let history = roll(seed, 4, |act| known::act(act).is_none());
        let played = play(&history);
        if !played.broken.is_empty() {
            let (history, played) = shrink(&history);
            panic!("seed {seed}: {history:#?} breaks {:#?}", played.broken);
        }
    }
}
