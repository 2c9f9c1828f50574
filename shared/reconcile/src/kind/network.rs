//! A service network: known by its ARN, and never changed.

use std::collections::BTreeSet;

use crate::action::Delete;
use crate::id::{Arn, NetworkId, NetworkName};
use crate::item::{Item, Spec};
use crate::key::Key;
use crate::life::Life;
use crate::step::Evidence;

/// A service network.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// Its ARN, which names the account that owns it.
    pub arn: Arn,
    /// Its name.
    pub name: NetworkName,
    /// Whether another account owns it and shares it with ours.
    pub is_shared: bool,
}

/// A network, and what it cannot be without.
pub(crate) fn item(network: &Network, evidence: Evidence, built_on: BTreeSet<Key>) -> Item {
    Item {
        life: Life::Ready,
        evidence,
        built_on,
        is_in_use: false,
        spec: Spec::Network { id: network.id.clone(), arn: network.arn.clone() },
        target: None,
        delete: Delete::Network(network.id.clone()),
    }
}
