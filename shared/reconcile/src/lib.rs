//! Decides: from what is there and what the tags ask for to what can be done now.
//!
//! Pure: no AWS crate, no runtime, no clock, no randomness. The time of the reading is part of
//! [`observed::Observed`]. It cannot fail: what it cannot do is a reason in its answer.
//!
//! ```
//! use reconcile::key::Side;
//! use reconcile::name::Deployment;
//! use reconcile::observed::{Observed, Vpc};
//! use reconcile::settings::Settings;
//! use reconcile::{decide, tag};
//!
//! let settings = Settings::new(Deployment::new("trellis")?, ["databases".into()]);
//! let tags = [(tag::CONSUME.to_owned(), "databases".to_owned())].into();
//! let mut observed = Observed::nothing("2026-11-24T12:00:00Z".parse()?);
//! observed.vpcs.push(Vpc { id: "vpc-1".into(), tags });
//!
//! // The provider side makes the network that the VPC's tag names, once a second reading lacks it.
//! let decision = decide(Side::ExposeDatabase, &observed, &settings);
//! assert_eq!(decision.plan.intents[0].key.to_string(), "network databases");
//!
//! // The consumer side says what it waits for.
//! let decision = decide(Side::ConnectVpc, &observed, &settings);
//! let report = &decision.desired.reports[0];
//! assert_eq!(report.state().to_string(), "waiting for the service network databases");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Read in this order: [`tag`] (what people write), [`key`] (what a resource is for),
//! [`kind`] (a room for each kind of resource), [`observed`] (what is there), [`item`] (that, by
//! key), [`provider`] and [`consumer`] (what the tags ask for, as [`desired`]; by `request`, which
//! both share), [`gate`] (when what is no longer asked for goes),
//! [`deletion`] (what somebody else wants gone), [`mod@plan`] (the table),
//! [`freeze`] and [`memory`] (what holds it back), [`loss`] (what somebody takes away),
//! [`decide()`] (all of that), [`step`] (what is done, with proof), [`outcome`], [`report`],
//! [`status`], [`telling`], [`news`] and [`publication`] (what is said).

pub mod action;
pub mod answer;
pub mod concern;
pub mod connection;
pub mod consumer;
mod decide;
pub mod deletion;
pub mod desired;
pub mod freeze;
pub mod gate;
pub mod id;
pub mod item;
pub mod key;
pub mod kind;
pub mod life;
pub mod loss;
pub mod memory;
pub mod name;
pub mod news;
pub mod observed;
pub mod outcome;
mod passage;
mod request;

pub mod plan;
pub mod provider;
pub mod publication;
pub mod question;
pub mod refusal;
pub mod report;
pub mod settings;
pub mod status;
pub mod step;
pub mod subnet;
pub mod tag;
pub mod telling;
pub mod view;
pub mod wait;

pub use decide::{Decision, decide, questions};

#[cfg(test)]
mod tests;
