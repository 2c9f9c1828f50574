//! Both sides of Trellis at work through a history, with the events and the clock that ring them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use aws::trigger::{Told, triggers};
use aws::{Aws, Side};
use jiff::{SignedDuration, Timestamp};
use reconcile::name::Deployment;
use sim::{Clock, Sim, World};
use tokio::sync::Notify;

use super::cast::{Cast, make_quick};
use super::judge::{CLOCK, Judge, Seat};
use super::mishap::Bad;
use super::{History, Start, Timed, When};
use crate::laws::Dice;
use crate::policy;
use crate::scene::{allowing, on_virtual_time, sdk, start, time_out};

/// How long what lost its tag stays.
pub const GRACE: SignedDuration = SignedDuration::from_mins(4);
/// The networks that are allowed in the beginning.
pub const ALLOWED: &[&str] = &["databases", "reports"];
/// How often the bus is looked at while something goes on.
const TICK: Duration = Duration::from_millis(500);
/// How long a stranger may be reachable: an event and a pass.
const REACTION: SignedDuration = SignedDuration::from_secs(20);
/// No history is longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What came of a history.
#[derive(Clone, Debug)]
pub struct Played {
    /// The laws that were broken.
    pub broken: Vec<String>,
    /// How many calls there were.
    pub calls: u64,
    /// Those that could have changed something, with their numbers.
    pub writes: Vec<(u64, String)>,
    /// How many mishaps came to pass.
    pub hits: usize,
    /// What was made and removed, by kind.
    pub counts: BTreeMap<&'static str, (usize, usize)>,
    /// How it stands in the end.
    pub world: World,
}

/// A world to begin with, and who is in it.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The world.
    pub world: World,
    /// Who is in it.
    pub cast: Cast,
}

/// The world that a history begins with, made once.
///
/// # Panics
///
/// If Trellis does not bring it about.
pub fn stage(start: Start) -> &'static Stage {
    static STAGES: [OnceLock<Stage>; 3] = [const { OnceLock::new() }; 3];
    STAGES[start as usize].get_or_init(|| match super::scenario::opening(start) {
        None => fresh(2),
        Some((databases, opening)) => {
            let stage = fresh(databases);
            let played = play_on(&opening, &stage);
            assert!(played.broken.is_empty(), "{start:?}: {:#?}", played.broken);
            let mut world = played.world;
            world.events.clear();
            Stage { world, cast: stage.cast }
        }
    })
}

fn fresh(databases: usize) -> Stage {
    let mut world = World::new("us-east-1", start(), 1);
    let cast = Cast::build(&mut world, databases);
    make_quick(&mut world);
    Stage { world, cast }
}

/// Plays a history.
pub fn play(history: &History) -> Played {
    play_on(history, stage(history.start))
}

fn play_on(history: &History, stage: &Stage) -> Played {
    on_virtual_time(async {
        let sim = Sim::of(stage.world.clone(), Clock::virtual_from(stage.world.now()));
        Box::pin(Life::new(sim, history, stage).live(history)).await
    })
}

struct Life {
    sim: Sim,
    judge: Arc<Mutex<Judge>>,
    sides: RefCell<[Aws; 2]>,
    bells: [Notify; 2],
    at_work: Cell<usize>,
    hits: Arc<Mutex<usize>>,
    /// What each side hears when it goes to work next.
    heard: [RefCell<Vec<Told>>; 2],
    deployment: Deployment,
}

impl Life {
    fn new(sim: Sim, history: &History, stage: &Stage) -> Life {
        // With something gone wrong it may take a ring of the clock more.
        let is_smooth = history.mishaps.is_empty() && history.jumble.is_none();
        let reaction = if is_smooth { REACTION } else { REACTION + CLOCK };
        let mut judge = Judge::new(&stage.world, &stage.cast, ALLOWED, GRACE, reaction);
        judge.acts = history
            .acts
            .iter()
            .filter_map(|timed| match timed.when {
                When::AtCall(number) => Some((number, timed.act.clone())),
                When::After(_) => None,
            })
            .collect();
        let judge = Arc::new(Mutex::new(judge));
        sim.put_witness(Seat(judge.clone()));
        let hits = Arc::new(Mutex::new(0));
        sim.put_rule(Bad { mishaps: history.mishaps.clone(), hits: hits.clone() });
        let sides = RefCell::new(sides(&sim, ALLOWED));
        let bells = [Notify::new(), Notify::new()];
        let deployment = allowing(ALLOWED).deployment;
        Life {
            sim,
            judge,
            sides,
            bells,
            at_work: Cell::new(0),
            hits,
            heard: Default::default(),
            deployment,
        }
    }

    async fn live(self, history: &History) -> Played {
        // In this order, so that a history is the same each time.
        tokio::select! {
            biased;
            () = self.pump(history) => {}
            () = self.serve(0) => {}
            () = self.serve(1) => {}
        }
        let world = self.sim.world(|world| world.clone());
        let judge = self.judge();
        Played {
            broken: judge.broken.clone(),
            calls: self.sim.last_call(),
            writes: self.writes(),
            hits: *self.hits.lock().expect("nobody panicked"),
            counts: judge.told.counts(&world),
            world,
        }
    }

    /// What happens outside of Trellis, until the history is over.
    async fn pump(&self, history: &History) {
        let begin = self.sim.now();
        let is_after = |it: &&Timed| matches!(it.when, When::After(_));
        let mut acts = history.acts.iter().filter(is_after).peekable();
        let (mut last, mut next_clock) = (begin, begin + CLOCK);
        let mut hits = 0;
        // Where events may be lost, the clock is what tells each side of the other's doing.
        let clocks = if history.jumble.is_some() { 4 } else { 2 };
        let (mut jumble, mut late) = (history.jumble.map(Dice), Vec::new());
        // The last call before the rest began, and when that was.
        let mut rest: Option<(u64, Timestamp)> = None;
        let (mut is_judged, mut trouble) = (false, begin);
        loop {
            let now = self.sim.now();
            for event in self.sim.take_events() {
                match jumble.as_mut().map_or(2, |dice| dice.below(4)) {
                    // It is lost, or comes with another.
                    0 => {}
                    1 => late.push(event),
                    _ => {
                        late.drain(..).for_each(|event| self.ring(&event.envelope));
                        self.ring(&event.envelope);
                    }
                }
            }
            let due = |when: When| match when {
                When::After(seconds) => last + SignedDuration::from_secs(seconds),
                When::AtCall(_) => Timestamp::MAX,
            };
            let next = acts.peek().map(|it| due(it.when));
            if next.is_some_and(|next| next <= now) {
                let Timed { act, .. } = acts.next().expect("it was peeked at");
                self.sim.world(|world| self.judge().act(act, world));
                last = now;
                continue;
            }
            self.redeploy();
            if now >= next_clock {
                next_clock += CLOCK;
                self.bells.iter().for_each(Notify::notify_one);
            }
            let all_hits = *self.hits.lock().expect("nobody panicked");
            if all_hits > hits {
                hits = all_hits;
                self.judge().trouble = now;
            }
            // Something has happened while it rested.
            if self.judge().trouble > trouble {
                (is_judged, rest, trouble) = (false, None, self.judge().trouble);
            }
            let is_idle = self.at_work.get() == 0;
            match rest {
                None if next.is_none() && is_idle && !is_judged && now >= self.over(clocks) => {
                    let denials = self.sim.denials();
                    self.sim.world(|world| {
                        let mut judge = self.judge();
                        denials.into_iter().for_each(|it| judge.report("DENIED", world, it));
                        judge.end(world);
                    });
                    is_judged = true;
                }
                // What rested on what has gone may go a ring of the clock later.
                None if next.is_none() && is_idle && now >= self.over(clocks + 1) => {
                    rest = Some((self.sim.last_call(), now));
                }
                Some((before, since)) if is_idle && now >= since + CLOCK * history.rest => {
                    let after = self.sim.calls_since(before);
                    let written: Vec<String> = after
                        .iter()
                        .filter(|call| call.is_write())
                        .map(|call| format!("{} {}", call.at.strftime("%T"), call.action))
                        .collect();
                    if !written.is_empty() {
                        let what = format!("{written:?} after the end");
                        self.sim.world(|world| self.judge().report("REST", world, what));
                    }
                    return;
                }
                _ => {}
            }
            assert!(now < begin + LONGEST, "it never ends: {history:?}");
            self.wait(is_idle, now, next, next_clock).await;
        }
    }

    /// When everything has to be as the tags ask for.
    fn over(&self, clocks: i32) -> Timestamp {
        let judge = self.judge();
        let trouble = judge.pending().map_or(judge.trouble, |it| it.max(judge.trouble));
        trouble + CLOCK * clocks + SignedDuration::from_secs(30)
    }

    async fn wait(&self, is_idle: bool, now: Timestamp, next: Option<Timestamp>, clock: Timestamp) {
        let next = [Some(clock), next, self.sim.next_due()].into_iter().flatten().min();
        let until = next.unwrap_or(clock).duration_since(now).unsigned_abs();
        let pause = if is_idle { until.max(Duration::from_millis(1)) } else { TICK };
        tokio::time::sleep(pause).await;
    }

    /// As the rules of the template do it: our own events ring the consumer side, all others both.
    fn ring(&self, envelope: &serde_json::Value) {
        let heard = triggers(envelope.clone(), &self.deployment);
        if heard.iter().all(Result::is_err) {
            return;
        }
        for call in heard.into_iter().filter_map(|it| it.ok()?.call) {
            self.heard.iter().for_each(|heard| heard.borrow_mut().push(call.clone()));
        }
        self.bells[1].notify_one();
        if envelope["source"] != aws::announce::SOURCE {
            self.bells[0].notify_one();
        }
    }

    /// The functions run with new parameters from now on.
    fn redeploy(&self) {
        let redeployed = self.judge().redeployed.take();
        if let Some(networks) = redeployed {
            *self.sides.borrow_mut() = sides(&self.sim, networks);
        }
    }

    async fn serve(&self, number: usize) {
        let side = [Side::ExposeDatabase, Side::ConnectVpc][number];
        loop {
            self.bells[number].notified().await;
            self.at_work.update(|n| n + 1);
            let aws = self.sides.borrow()[number].clone();
            self.heard[number].take().iter().for_each(|call| aws.hear(side, call));
            // What it could not do the next ring will.
            let _ = Box::pin(aws.settle(side, time_out())).await;
            self.at_work.update(|n| n - 1);
        }
    }

    fn writes(&self) -> Vec<(u64, String)> {
        let all = self.sim.calls_since(0);
        let writes = all.iter().filter(|call| call.is_write());
        let told =
            writes.map(|call| (call.number, format!("{} {}", call.at.strftime("%T"), call.action)));
        told.collect()
    }

    fn judge(&self) -> MutexGuard<'_, Judge> {
        self.judge.lock().expect("nobody panicked")
    }
}

fn sides(sim: &Sim, networks: &[&str]) -> [Aws; 2] {
    let mut settings = allowing(networks);
    (settings.grace, settings.hold_off) = (GRACE, GRACE);
    policy::restrict(sim, &settings);
    ["expose-database", "connect-vpc"].map(|it| Aws::new(&sdk(sim, it), settings.clone()))
}
