//! Plays histories until the time is up or one breaks a law: by chance from a seed, or, with
//! `--sweep`, every scenario with one thing more at every moment of it.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use tests::history::History;
use tests::history::dice::{roll, shrink};
use tests::history::known;
use tests::history::play::play;
use tests::history::sweep::{
    jumbles, mishaps, moments, omissions, plain, spread, sweep, two_at_once,
};

/// Most of what a history costs is allocation.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Plays histories against the simulated AWS, and judges each after every call.
#[derive(Parser)]
struct Args {
    /// For how long; a sweep that is over earlier ends earlier.
    #[arg(long, default_value_t = 5)]
    minutes: u64,
    /// The seed of the first history by chance, of which each has the next; or of the order in
    /// which a sweep goes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many acts a history by chance has at most.
    #[arg(long, default_value_t = 6)]
    acts: usize,
    /// All scenarios with one thing more at every moment, in place of chance.
    #[arg(long)]
    sweep: bool,
    /// Of a sweep, only the kinds with this in their names.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let is_sound = if args.sweep { everything(&args) } else { soak(&args) };
    if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What every scenario with one thing more comes to: whether no law is broken.
fn everything(args: &Args) -> bool {
    let end = Instant::now() + Duration::from_secs(60 * args.minutes);
    let (mishaps, moments) = (mishaps(), moments());
    let mut cases = two_at_once("two mishaps", &mishaps, mishaps.len() / 20, args.seed);
    cases.extend(two_at_once("two acts", &moments, moments.len() / 20, args.seed));
    cases.extend(plain().into_iter().chain(jumbles(20)).chain(omissions()));
    cases.extend(mishaps.into_iter().chain(moments));
    cases.retain(|case| case.kind.contains(&args.only));
    let (all, began) = (cases.len(), Instant::now());
    let found = sweep(&spread(cases, args.seed), end.saturating_duration_since(began));
    println!("seed {}: {found}", args.seed);
    println!("{} of {all} histories in {:.0?}", found.runs, began.elapsed());
    found.broken.is_empty()
}

/// What is found by chance: whether nothing is.
fn soak(args: &Args) -> bool {
    let end = Instant::now() + Duration::from_secs(60 * args.minutes);
    let (next, calls) = (AtomicU64::new(args.seed), AtomicU64::new(0));
    let (is_over, found) = (AtomicBool::new(false), Mutex::new(Vec::<(u64, History)>::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while Instant::now() < end && !is_over.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let history = roll(seed, args.acts, |act| known::act(act).is_none());
                    let played = play(&history);
                    calls.fetch_add(played.calls, Ordering::Relaxed);
                    if !played.broken.is_empty() {
                        is_over.store(true, Ordering::Relaxed);
                        found.lock().expect("nobody panicked").push((seed, history));
                    }
                }
            });
        }
    });
    let last = next.load(Ordering::Relaxed);
    println!("seeds {} to {last}: {} calls", args.seed, calls.load(Ordering::Relaxed));
    let found = found.into_inner().expect("nobody panicked");
    for (seed, history) in &found {
        let (history, played) = shrink(history);
        println!("seed {seed} breaks {:#?}", played.broken);
        println!("as {history:#?} does");
    }
    found.is_empty()
}
