//! What we believe about AWS, as cases that run against any endpoint.
//!
//! A case is a sentence that is true of AWS, the page or API model that says so, and a few calls
//! that show it. It is given SDK clients and a way to wait, and knows nothing of who answers: a
//! simulator in process, another one over TCP, or a real account. It makes what it needs under
//! names of its own and removes it again, whether it held or not.
//!
//! What AWS does not document is a case too: it accepts either way and says which one it found.
//!
//! ```
//! // Every case says where AWS says so.
//! let cases = facts::all();
//! let of_endpoints = cases.iter().filter(|case| case.area == facts::Area::Endpoint);
//! of_endpoints.for_each(|case| println!("{}: {}", case.name, case.source));
//! assert!(cases.iter().all(|case| !case.source.is_empty()));
//! ```
//!
//! Read in this order: [`case`](Case) (what a case is, and what comes out of it), `clients`,
//! `expect` (how a case says what must come back), `stage` and `made` (what a case stands on, and
//! how that is removed), `place`, `database` and `exposure` (what most cases stand on), and then
//! the cases, a module per area.
//!
//! # Caveats
//!
//! On a real account a run of everything makes and removes some dozens of databases and gateways:
//! it takes hours and costs a few dollars.

mod case;
mod clients;
mod database;
mod expect;
mod exposure;
mod made;
mod stage;
mod test_vpc;

mod account;
mod association;
mod between;
mod child;
mod configuration;
mod copies;
mod endpoint;
mod events;
mod gateway;
mod group;
mod instance;
mod labels;
mod network;
mod reach;
mod refusals;
mod rule;
mod tags;
mod traps;
mod unsure;
mod vpc;

pub use case::{Area, Case, Conformance};
pub use clients::Clients;

use stage::Stage;

/// Every case, area by area.
pub fn all() -> Vec<Case> {
    [
        account::cases(),
        vpc::cases(),
        between::cases(),
        group::cases(),
        rule::cases(),
        instance::cases(),
        labels::cases(),
        copies::cases(),
        gateway::cases(),
        configuration::cases(),
        child::cases(),
        refusals::cases(),
        network::cases(),
        association::cases(),
        endpoint::cases(),
        reach::cases(),
        tags::cases(),
        events::cases(),
        traps::cases(),
        unsure::cases(),
    ]
    .concat()
}

/// Runs one case, and removes what it made.
pub async fn run(case: &Case, clients: &Clients) -> Conformance {
    let stage = Stage::new(clients);
    let fact = (case.body)(&stage).await;
    let conformance = Conformance::from(fact);
    match stage.clear().await {
        Ok(()) => conformance,
        Err(left) => match conformance {
            Conformance::Held | Conformance::Found(_) => {
                Conformance::Failed(format!("it held, but this could not be removed: {left}"))
            }
            worse => worse,
        },
    }
}
