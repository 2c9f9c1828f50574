//! What a listing that failed freezes: all that rests on it, and nothing else.
//!
//! | listing that failed      | provider side                      | consumer side              |
//! |--------------------------|------------------------------------|----------------------------|
//! | DB clusters              | nothing: they are only refused     | -                          |
//! | VPCs                     | no network is removed              | (the reading fails)        |
//! | subnets                  | no gateway is made                 | no endpoint is made        |
//! | gateways, configurations | (the reading fails)                | no endpoint is made        |
//! | associations of one      | what is keyed by it; no removal of | what is keyed by it        |
//! | network                  | what another exposure may rest on  |                            |
//! | what is behind endpoints | -                                  | no rule goes; none is ready|
//!
//! Without any other listing nothing can be decided, and the reading fails.

use std::collections::BTreeMap;

use crate::id::NetworkName;
use crate::key::{Key, Side};
use crate::step::{Deed, Intent};

/// A listing that a pass can do without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listing {
    /// DescribeDBClusters.
    Clusters,
    /// DescribeVpcs.
    Vpcs,
    /// DescribeSubnets.
    Subnets,
    /// ListResourceGateways.
    Gateways,
    /// ListResourceConfigurations.
    Configurations,
    /// ListServiceNetworkResourceAssociations of this network.
    Associations(NetworkName),
    /// DescribeVpcEndpointAssociations.
    Accesses,
}

/// Whether an intent of this side rests on a listing that failed, and on which.
pub fn frozen<'a>(
    side: Side,
    unknown: &'a BTreeMap<Listing, String>,
    intent: &Intent,
) -> Option<&'a Listing> {
    unknown.keys().find(|listing| rests(side, listing, intent))
}

fn rests(side: Side, listing: &Listing, intent: &Intent) -> bool {
    let removes = matches!(intent.deed, Deed::Remove(_));
    let makes = matches!(intent.deed, Deed::Make(_));
    match (side, listing) {
        (_, Listing::Clusters) => false,
        (_, Listing::Vpcs) => removes && matches!(intent.key, Key::Network(_)),
        (_, Listing::Subnets) => makes && matches!(intent.key, Key::Gateway(_) | Key::Endpoint(..)),
        (_, Listing::Gateways | Listing::Configurations) => {
            makes && matches!(intent.key, Key::Endpoint(..))
        }
        (Side::ExposeDatabase, Listing::Associations(network)) => match intent.key.network() {
            Some(other) => other == network,
            None => removes,
        },
        (Side::ConnectVpc, Listing::Associations(network)) => intent.key.network() == Some(network),
        (_, Listing::Accesses) => {
            removes && matches!(intent.key, Key::ClientRule(..) | Key::EndpointRule(..))
        }
    }
}
