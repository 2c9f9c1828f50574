//! Deciding: from one reading to what can start now.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::concern::Concerns;
use crate::desired::Desired;
use crate::freeze::Listing;
use crate::item::Items;
use crate::key::{Key, Side};
use crate::memory::Memory;
use crate::observed::{Observed, Question};
use crate::plan::{Context, Plan, Wait};
use crate::settings::{Mode, Settings};
use crate::step::Intent;
use crate::tag::{self, Tags};
use crate::view::View;
use crate::{consumer, freeze, plan, provider};

/// What one reading of the world leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What is there, by key.
    pub items: Items,
    /// What is wanted.
    pub desired: Desired,
    /// What can start now.
    pub plan: Plan,
    /// What is remembered, before anything of the plan is done.
    pub memory: Memory,
}

/// What must still be asked about single things before this side can decide.
pub fn questions(side: Side, observed: &Observed, settings: &Settings) -> BTreeSet<Question> {
    let observed = &*as_asked(observed, settings);
    match side {
        Side::ExposeDatabase => provider::questions(observed, settings),
        Side::ConnectVpc => consumer::questions(observed, settings),
    }
}

/// The reading as the mode has it. Withdrawing is as if every tag said `off`: so it goes in the
/// order, and with the care, with which anything goes that nobody wants any more.
fn as_asked<'a>(observed: &'a Observed, settings: &Settings) -> Cow<'a, Observed> {
    if settings.mode != Mode::Withdraw {
        return Cow::Borrowed(observed);
    }
    let mut observed = observed.clone();
    let off = |tags: &mut Tags, key: &str| drop(tags.insert(key.to_owned(), tag::OFF.to_owned()));
    observed.databases.iter_mut().for_each(|it| off(&mut it.tags, tag::EXPOSE));
    observed.vpcs.iter_mut().for_each(|it| off(&mut it.tags, tag::CONSUME));
    Cow::Owned(observed)
}

/// Decides for one side.
///
/// # Guarantees
///
/// - It settles: once its plan is done there is nothing left to do
///   (`every_small_provider_settles_and_is_treated_well`,
///   `every_small_consumer_settles_and_is_treated_well`).
/// - What is asked for before and after a change is never removed for the change's sake
///   (`what_is_asked_for_before_and_after_a_change_is_never_removed`).
/// - A reading that lacks one thing costs nothing that works
///   (`a_reading_that_lacks_one_thing_costs_nothing_that_works`).
///
/// # Assumptions
///
/// What [`questions`] names has been asked, and the answers are in `observed`.
pub fn decide(side: Side, observed: &Observed, settings: &Settings) -> Decision {
    let observed = &*as_asked(observed, settings);
    let items = match side {
        Side::ExposeDatabase => provider::items(observed, settings),
        Side::ConnectVpc => consumer::items(observed, settings),
    };
    let view = View { observed, settings, items: &items };
    let desired = match side {
        Side::ExposeDatabase => provider::desired(view),
        Side::ConnectVpc => consumer::desired(view),
    };
    let Observed { at, memory, unknown, .. } = observed;
    let context = Context { deployment: &settings.deployment, at: *at, memory };
    let mut plan = plan::plan(&items, &desired, &context);
    let mut memory = memory.clone();
    memory.deletions.forget(*at, settings.hold_off);
    memory.concerns = Some(Concerns::of(observed, &items));
    let going = plan::going(&items, &desired, *at);
    memory.sees_going(&going, *at);
    let wanted = desired.iter().map(|(key, _)| key);
    let lacking = wanted.filter(|key| items.get(key).is_none()).cloned().collect();
    let staying = items.keys().filter(|key| !going.contains(*key)).cloned().collect();
    memory.sees_lacking(&lacking, staying, *at);
    memory.keep_tries(|verb, key| {
        let is_paused = |(other, on): &(Key, Wait)| other == key && matches!(on, Wait::Retry(_));
        let is_planned = |it: &Intent| it.action.verb() == verb && it.key == *key;
        plan.intents.iter().any(is_planned) || plan.waiting.iter().any(is_paused)
    });
    bound(side, settings.mode, unknown, &mut plan);
    Decision { items, desired, plan, memory }
}

/// Takes out of a plan what rests on a listing that failed, and what the deployment's mode does
/// not allow: whatever the plan came from, there is no other way out of here.
fn bound(side: Side, mode: Mode, unknown: &BTreeMap<Listing, String>, plan: &mut Plan) {
    let intents = std::mem::take(&mut plan.intents);
    for intent in intents {
        match freeze::frozen(side, unknown, &intent) {
            Some(listing) => {
                plan.waiting.push((intent.key, Wait::Unknown(unknown[listing].clone())));
            }
            None if mode == Mode::CreateOnly && intent.action.takes_away() => {}
            None => plan.intents.push(intent),
        }
    }
}
