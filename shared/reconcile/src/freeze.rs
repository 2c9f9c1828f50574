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
use crate::step::{Action, Intent};

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
    let removes = matches!(intent.action, Action::Delete(_));
    let makes = matches!(intent.action, Action::Create(_));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Create, Delete, IfForeign};
    use crate::tests::key;

    const KEYS: [&str; 12] = [
        "network databases",
        "gateway-group vpc-p",
        "gateway-rule vpc-p sg-1 5432",
        "gateway vpc-p",
        "database-rule vpc-p sg-1 5432",
        "configuration arn:1",
        "association arn:1 databases",
        "client-group vpc-c databases",
        "endpoint-group vpc-c databases",
        "client-rule vpc-c databases 5432",
        "endpoint-rule vpc-c databases sg-1 5432",
        "endpoint vpc-c databases",
    ];

    fn intent(text: &str, action: Action) -> Intent {
        let (key, if_foreign) = (key(text), IfForeign::Leave);
        Intent { key, action, tags: [].into(), evidence: Vec::new(), if_foreign }
    }

    /// The keys of which this listing freezes what is made, or what is removed.
    fn frozen_by(side: Side, listing: &Listing) -> (Vec<&'static str>, Vec<&'static str>) {
        let unknown = BTreeMap::from([(listing.clone(), "it failed".to_owned())]);
        let create = Action::Create(Create::Network { name: "x".into() });
        let delete = Action::Delete(Delete::Group("sg-1".into()));
        let by = |action: &Action| {
            let is_frozen = |text: &&str| {
                let found = frozen(side, &unknown, &intent(text, action.clone()));
                assert!(found.is_none_or(|found| found == listing));
                found.is_some()
            };
            KEYS.into_iter().filter(is_frozen).collect()
        };
        (by(&create), by(&delete))
    }

    #[test]
    fn a_listing_that_failed_freezes_what_rests_on_it_and_nothing_else() {
        use Side::{ConnectVpc, ExposeDatabase};
        let none: [&str; 0] = [];
        let endpoint = ["endpoint vpc-c databases"];
        for side in [ExposeDatabase, ConnectVpc] {
            let by = |listing| frozen_by(side, &listing);
            let expected = |makes: &[&'static str], removes: &[&'static str]| {
                (makes.to_vec(), removes.to_vec())
            };
            assert_eq!(by(Listing::Clusters), expected(&none, &none));
            assert_eq!(by(Listing::Vpcs), expected(&none, &["network databases"]));
            let both = ["gateway vpc-p", "endpoint vpc-c databases"];
            assert_eq!(by(Listing::Subnets), expected(&both, &none));
            assert_eq!(by(Listing::Gateways), expected(&endpoint, &none));
            assert_eq!(by(Listing::Configurations), expected(&endpoint, &none));
            let rules =
                ["client-rule vpc-c databases 5432", "endpoint-rule vpc-c databases sg-1 5432"];
            assert_eq!(by(Listing::Accesses), expected(&none, &rules));
        }
    }

    #[test]
    fn associations_that_could_not_be_read_freeze_their_network_and_what_else_may_carry_it() {
        let of_network: Vec<&str> =
            KEYS.into_iter().filter(|text| text.contains("databases")).collect();
        let of_none = || KEYS.into_iter().filter(|text| !text.contains("databases"));
        let (own, other) = ("databases", "reports");
        let by = |side, network: &str| frozen_by(side, &Listing::Associations(network.into()));
        assert_eq!(by(Side::ExposeDatabase, own), (of_network.clone(), KEYS.to_vec()));
        assert_eq!(by(Side::ExposeDatabase, other), (Vec::new(), of_none().collect()));
        assert_eq!(by(Side::ConnectVpc, own), (of_network.clone(), of_network));
        assert_eq!(by(Side::ConnectVpc, other), (Vec::new(), Vec::new()));
    }

    #[test]
    fn where_all_could_be_read_nothing_is_frozen() {
        let delete = intent(KEYS[0], Action::Delete(Delete::Network("sn-1".into())));
        assert_eq!(frozen(Side::ExposeDatabase, &BTreeMap::new(), &delete), None);
    }
}
