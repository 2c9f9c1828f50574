//! The outcome of a pass: what was done, what it waits for, and how everything stands.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::Decision;
use crate::deletion::HeldUp;
use crate::key::{Key, Side};
use crate::memory::Memory;
use crate::observed::{Life, Observed};
use crate::plan::Wait;
use crate::refusal::Refusal;
use crate::report::{Report, State};
use crate::step::Step;

/// One step that was taken, or in a dry run would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// `create`, `update` or `delete`.
    pub verb: &'static str,
    /// What it is for.
    pub key: Key,
    /// What AWS said, if it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether it only puts a tag of ours on, or takes one off.
    #[serde(skip)]
    pub is_mark: bool,
}

impl Taken {
    /// This step, and what AWS said if it refused.
    pub fn of(step: &Step, error: Option<String>) -> Taken {
        Taken { verb: step.verb(), key: step.key().clone(), error, is_mark: step.is_mark() }
    }
}

/// A key that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The key.
    pub key: Key,
    /// What it waits for.
    pub on: Wait,
}

/// A key that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The key.
    pub key: Key,
    /// Why.
    pub refusal: Refusal,
}

/// How far a plan goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Nothing is left to do, and nothing of ours is on its way: what waits for somebody else, or
    /// is refused, is not ours to do.
    Nothing,
    /// Something would be created or updated, or is on its way.
    Changes,
    /// Something would be deleted, for good or to be made anew.
    Removals,
}

/// The outcome of one pass.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Whose pass.
    pub side: Side,
    /// When the world was read, by the clock of AWS.
    pub at: Timestamp,
    /// Whether nothing is left to do and nothing is on its way.
    pub is_settled: bool,
    /// What was done.
    pub steps: Vec<Taken>,
    /// What waits.
    pub waiting: Vec<Waiting>,
    /// What cannot be had.
    pub refused: Vec<Refused>,
    /// How each database or VPC stands.
    pub reports: Vec<Report>,
    /// Whose deletions a client is in the way of.
    #[serde(skip)]
    pub held_up: Vec<HeldUp>,
}

impl Outcome {
    /// The outcome of a decision, of which these steps were taken and these keys refused.
    /// `memory` is what is remembered now that they were.
    pub fn new(
        side: Side,
        observed: &Observed,
        decision: &Decision,
        memory: &Memory,
        steps: Vec<Taken>,
        refused: Vec<(Key, Refusal)>,
    ) -> Outcome {
        let reports = reports(observed.at, decision, memory, &refused);
        let waiting: Vec<Waiting> = decision
            .plan
            .waiting
            .iter()
            .filter(|(key, _)| key.side() == side)
            .map(|(key, on)| Waiting { key: key.clone(), on: on.clone() })
            .collect();
        let refused: Vec<Refused> =
            refused.into_iter().map(|(key, refusal)| Refused { key, refusal }).collect();
        let is_settled = steps.is_empty()
            && waiting.is_empty()
            && !reports.iter().any(|report| matches!(report.state(), State::Waiting(_)));
        let held_up = decision.desired.held_up.clone();
        Outcome { side, at: observed.at, is_settled, steps, waiting, refused, reports, held_up }
    }

    /// Whether another look soon is worth it: something that we started is on its way, or was
    /// started just now. What somebody else must finish has a bell of its own, and the clock.
    pub fn is_moving(&self) -> bool {
        let is_done = |taken: &Taken| taken.error.is_none();
        let is_busy = |waiting: &Waiting| match waiting.on {
            Wait::Coming | Wait::Leaving | Wait::Going | Wait::Lacking => true,
            Wait::Retry(next) => next < self.at + SOON,
            _ => false,
        };
        self.steps.iter().any(is_done) || self.waiting.iter().any(is_busy)
    }

    /// Whether nothing else is on its way than readings that must agree for a while.
    pub fn only_confirms(&self) -> bool {
        let confirms = |waiting: &Waiting| matches!(waiting.on, Wait::Going | Wait::Lacking);
        let is_on_its_way =
            |waiting: &Waiting| matches!(waiting.on, Wait::Coming | Wait::Leaving | Wait::Retry(_));
        !self.steps.iter().any(|taken| taken.error.is_none())
            && self.waiting.iter().any(confirms)
            && !self.waiting.iter().any(is_on_its_way)
    }

    /// What this plan comes to: what is to go, once later readings agree, goes; and what is to be
    /// made anew goes first.
    pub fn extent(&self) -> Extent {
        let goes = |taken: &Taken| taken.verb == "delete";
        let is_going = |waiting: &Waiting| matches!(waiting.on, Wait::Going | Wait::NeededBy(_));
        if self.steps.iter().any(goes) || self.waiting.iter().any(is_going) {
            return Extent::Removals;
        }
        match self.steps.is_empty() && !self.is_moving() {
            true => Extent::Nothing,
            false => Extent::Changes,
        }
    }

    /// What a person must look at now, a sentence each.
    pub fn alarms(&self) -> Vec<String> {
        let mut alarms = Vec::new();
        for report in &self.reports {
            for line in &report.lines {
                match &line.state {
                    State::Refused(refusal) if refusal.code.is_alarming() => {
                        alarms.push(format!("{}: {refusal}", report.subject.name()));
                    }
                    _ => {}
                }
            }
        }
        alarms
    }
}

/// What will be tried again within this time is worth staying for.
const SOON: SignedDuration = SignedDuration::from_secs(45);

/// The reports, each line held against what it rests on.
fn reports(
    at: Timestamp,
    decision: &Decision,
    memory: &Memory,
    refused: &[(Key, Refusal)],
) -> Vec<Report> {
    let mut reports = decision.desired.reports.clone();
    for line in reports.iter_mut().flat_map(|report| &mut report.lines) {
        let contested = line.rests_on.iter().filter_map(|key| memory.losses.warning(key, at));
        line.warnings.extend(contested);
        match &line.state {
            State::Ready => line.state = held_against(&line.rests_on, decision, memory, refused),
            State::Waiting(what) => {
                let reason = line.rests_on.iter().find_map(|key| memory.last_try(key)?.reason());
                if let Some(reason) = reason {
                    line.state = State::Waiting(format!("{what}: {reason}"));
                }
            }
            State::Refused(_) => {}
        }
    }
    reports
}

/// How a line stands that rests on these keys and lacks nothing else.
fn held_against(
    rests_on: &[Key],
    decision: &Decision,
    memory: &Memory,
    refused: &[(Key, Refusal)],
) -> State {
    for key in rests_on {
        let foreign = refused.iter().find(|(other, _)| other == key).map(|(_, refusal)| refusal);
        let tried = memory.last_try(key).and_then(|tried| tried.refusal.as_ref());
        if let Some(refusal) = foreign.or(tried) {
            return State::Refused(refusal.clone());
        }
    }
    match rests_on.iter().find(|key| !stands(key, decision)) {
        None => State::Ready,
        Some(key) => {
            let lacking = lacking(key, decision);
            let unknown = decision.plan.waiting.iter().find_map(|(other, on)| match on {
                Wait::Unknown(why) if other == key => Some(why.clone()),
                _ => None,
            });
            // What it waits for may wait for something else, of which AWS said why.
            let tried = || rests_on.iter().find_map(|key| memory.last_try(key)?.reason());
            let reason = unknown.or_else(tried);
            State::Waiting(match reason {
                Some(reason) => format!("{lacking}: {reason}"),
                None => lacking,
            })
        }
    }
}

/// Whether this key's item does its work and nothing is to be done about it.
fn stands(key: &Key, decision: &Decision) -> bool {
    decision.items.ready(key).is_some()
        && !decision.plan.intents.iter().any(|intent| intent.key == *key)
        && !decision.plan.waiting.iter().any(|(other, _)| other == key)
}

fn lacking(key: &Key, decision: &Decision) -> String {
    let kind = key.kind();
    match (decision.items.get(key).map(|item| &item.life), key) {
        (Some(Life::Leaving), _) => format!("the {kind} to be removed before it is made anew"),
        (Some(Life::Broken { why, .. }), _) => {
            format!("the {kind} to be made anew: it failed: {why}")
        }
        // Somebody else's to make, where the deployment writes no rules on databases' groups.
        (_, Key::DatabaseRule(_, group, port)) => format!("the {kind} on {group} for tcp {port}"),
        _ => format!("the {kind}"),
    }
}
