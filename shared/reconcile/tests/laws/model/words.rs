//! What people and Trellis write on things, and the lives of these.

use reconcile::id::{DatabaseArn, DatabaseResourceId};
use reconcile::key::Key;
use reconcile::observed::Life;
use reconcile::tag::{self, Tags};

use super::small::{Asks, NETWORK, State};
use State::{Broken, Coming, Foreign, Leaving};

/// The resource id of the database at this ARN.
pub(super) fn resource_id(arn: &DatabaseArn) -> DatabaseResourceId {
    format!("db-{}", arn.identifier()).into()
}

/// The tags of a person who asks for this.
pub(crate) fn asking(key: &str, asks: Asks) -> Tags {
    let value = match asks {
        Asks::Nothing | Asks::Gone => return Tags::new(),
        Asks::Off => "off",
        Asks::Here => NETWORK,
        Asks::Elsewhere => "reports",
    };
    Tags::from([(key.to_owned(), value.to_owned())])
}

pub(super) fn tags(state: State, key: &Key) -> Tags {
    if state == Foreign { Tags::new() } else { ours(key) }
}

pub(super) fn ours(key: &Key) -> Tags {
    Tags::from([
        (tag::OWNER.to_owned(), "trellis".to_owned()),
        (tag::FOR.to_owned(), key.to_string()),
    ])
}

pub(super) fn life(state: State) -> Life {
    match state {
        Coming => Life::Coming,
        Leaving => Life::Leaving,
        Broken => Life::broken("it failed", None),
        _ => Life::Ready,
    }
}
