//! The program `trellis`: the main job on a laptop, with the functions' own processes.
//!
//! The simulated AWS ([`sim`]) sends events; the rules, queues and functions of `template.yaml`
//! decide what becomes of them. Nothing in here knows what Trellis does with a database: that is
//! the functions' business, which run as they do in AWS.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use trellis::template::Template;
//!
//! // What runs locally is what the template deploys.
//! let parameters = BTreeMap::from([("Networks".to_owned(), "databases+reports".to_owned())]);
//! let template = Template::built_in(&parameters)?;
//! let function = template.function("connect-vpc").expect("it is deployed");
//! let networks = function.environment.iter().find(|(name, _)| *name == "TRELLIS_NETWORKS");
//! assert_eq!(networks.map(|(_, value)| value.as_str()), Some("databases+reports"));
//! # Ok::<(), trellis::template::TemplateError>(())
//! ```
//!
//! Read in this order: [`template`] (what runs where), [`bus`] and [`queue`] (how a bell gets to a
//! function), [`runtime`] and [`process`] (how a function gets its work), [`lab`] (all of it
//! together), `admin` (what it answers about itself), `awkward` (how it is made so), [`journal`]
//! and [`look`] (what happens, and what is there), then [`demo`], [`serve`], [`invoke`],
//! [`export`] and [`facts_table`], the commands of [`args`], with `account` for those that
//! read one, and `show`, `picture` and `words` for the screen.

mod account;
mod admin;
pub mod args;
mod awkward;
pub mod bus;
pub mod connection;
pub mod demo;
pub mod export;
pub mod facts_table;
pub mod invoke;
pub mod journal;
pub mod lab;
pub mod look;
mod picture;
pub mod process;
pub mod queue;
mod reply;
pub mod runtime;
pub mod serve;
mod show;
pub mod template;
pub mod wait;
mod words;
pub mod yaml;

/// The account that the simulated AWS is.
pub const ACCOUNT: &str = "111122223333";

/// The region that it is in, unless a request is signed for another.
pub const REGION: &str = "us-east-1";
