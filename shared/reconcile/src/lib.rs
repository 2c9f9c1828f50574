//! Decides: from what is there and what the tags ask for to what can be done now.
//!
//! Pure: no AWS crate, no runtime, no clock, no randomness. The time of the reading is part of
//! [`observed::Observed`]. It cannot fail: what it cannot do is a reason in its answer.
//!
//! Read in this order: [`tag`] (what people write), [`key`] (what a resource is for),
//! [`observed`] (what is there), [`item`] (that, by key), [`provider`] and [`consumer`] (what the
//! tags ask for, as [`desired`]; by `claim`, which both share), [`grace`] (when what is no longer
//! asked for goes), [`mod@plan`] (the table), [`step`] (what is done, with proof), [`outcome`] and
//! [`report`] (what is said).

mod claim;
pub mod consumer;
pub mod desired;
pub mod grace;
pub mod id;
pub mod item;
pub mod key;
pub mod life;
pub mod name;
pub mod observed;
pub mod outcome;
pub mod plan;
pub mod provider;
pub mod refusal;
pub mod report;
pub mod settings;
pub mod step;
pub mod subnet;
pub mod tag;

use std::collections::BTreeSet;

use desired::Desired;
use item::Items;
use key::Side;
use observed::{Observed, Question};
use plan::Plan;
use settings::Settings;

/// What one reading of the world leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What is there, by key.
    pub items: Items,
    /// What is wanted.
    pub desired: Desired,
    /// What can start now.
    pub plan: Plan,
}

/// What must still be asked about single things before this side can decide.
pub fn questions(side: Side, observed: &Observed, settings: &Settings) -> BTreeSet<Question> {
    match side {
        Side::ExposeDatabase => provider::questions(observed, settings),
        Side::ConnectVpc => consumer::questions(observed, settings),
    }
}

/// Decides for one side.
pub fn decide(side: Side, observed: &Observed, settings: &Settings) -> Decision {
    let (items, desired) = match side {
        Side::ExposeDatabase => {
            let items = provider::items(observed, settings);
            let desired = provider::desired(observed, settings, &items);
            (items, desired)
        }
        Side::ConnectVpc => {
            let items = consumer::items(observed, settings);
            let desired = consumer::desired(observed, settings, &items);
            (items, desired)
        }
    };
    let plan = plan::plan(&items, &desired, &settings.deployment, observed.at);
    Decision { items, desired, plan }
}
