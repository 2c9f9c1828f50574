//! Differences: how what is there differs from what is wanted, and what AWS can update.

use crate::desired::Want;
use crate::item::{Item, Spec};
use crate::step::{Create, Evidence, Update};

/// How what is there differs from what is wanted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Difference {
    /// Not in what matters.
    None,
    /// In what AWS can update.
    InPlace(Update),
    /// In what AWS cannot update.
    Replace,
}

/// The one place that knows which members AWS can update. Only what breaks the exposure's purpose
/// is a difference: subnets, descriptions and names are not, nor is the network: what rests on an
/// ARN stays there.
pub(crate) fn difference(spec: &Spec, create: &Create) -> Difference {
    match (spec, create) {
        (Spec::Group { id, open }, Create::Group { .. }) if !open.is_empty() => {
            Difference::InPlace(Update::CloseEgress { group: id.clone(), rules: open.clone() })
        }
        // A group that somebody added stays, here and at the endpoint: it can only let more
        // through, and whoever added it meant it.
        (Spec::Gateway { id, groups }, Create::Gateway { groups: wanted, .. })
            if !wanted.is_subset(groups) =>
        {
            let groups = groups.union(wanted).cloned().collect();
            Difference::InPlace(Update::GatewayGroups { gateway: id.clone(), groups })
        }
        (
            Spec::Configuration { id, gateway, port, is_shareable },
            Create::Configuration { gateway: wanted, name, .. },
        ) => {
            if gateway != wanted || Some(*port) != crate::name::port(name) {
                Difference::Replace
            } else if *is_shareable == Some(false) {
                Difference::InPlace(Update::Share { configuration: id.clone() })
            } else {
                Difference::None
            }
        }
        (
            Spec::Association { configuration, .. },
            Create::Association { configuration: wanted, .. },
        ) if configuration != wanted => Difference::Replace,
        (Spec::Endpoint { id, groups, .. }, Create::Endpoint { groups: through, .. })
            if !through.is_subset(groups) =>
        {
            Difference::InPlace(Update::EndpointGroups {
                endpoint: id.clone(),
                add: through.difference(groups).cloned().collect(),
            })
        }
        _ => Difference::None,
    }
}

/// The tags to put on or take off, where the item's tags are known.
pub(crate) fn tag_changes(item: &Item, want: &Want) -> Vec<Update> {
    let (Some(target), Evidence::Tags(found)) = (&item.target, &item.evidence) else {
        return Vec::new();
    };
    let updates = want.tags.iter().filter_map(|(key, value)| match value {
        Some(value) if found.get(*key) != Some(value) => {
            Some(Update::Tag { target: target.clone(), key, value: value.clone() })
        }
        None if found.contains_key(*key) => Some(Update::Untag { target: target.clone(), key }),
        _ => None,
    });
    updates.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::id::{ConfigurationId, GroupId, Port, RuleId};

    fn group(open: &[&str]) -> Spec {
        let open: BTreeSet<RuleId> = open.iter().map(|id| RuleId::from(*id)).collect();
        Spec::Group { id: "sg-1".into(), open }
    }

    fn ids(groups: &[&str]) -> BTreeSet<GroupId> {
        groups.iter().map(|id| GroupId::from(*id)).collect()
    }

    #[test]
    fn a_group_has_its_open_egress_closed() {
        let (name, description) = ("trellis-gateway".to_owned(), String::new());
        let create = Create::Group { name, description, vpc: "vpc-1".into() };
        assert_eq!(difference(&group(&[]), &create), Difference::None);
        let update = Update::CloseEgress { group: "sg-1".into(), rules: ["sgr-1".into()].into() };
        assert_eq!(difference(&group(&["sgr-1"]), &create), Difference::InPlace(update));
    }

    #[test]
    fn what_a_gateway_or_an_endpoint_lacks_is_added_and_what_somebody_added_stays() {
        let gateway = |groups: &[&str]| {
            let spec = Spec::Gateway { id: "rgw-1".into(), groups: ids(groups) };
            let create = Create::Gateway {
                name: "trellis-vpc-1".to_owned(),
                vpc: "vpc-1".into(),
                subnets: BTreeSet::new(),
                groups: ids(&["sg-1", "sg-2"]),
                addresses_per_interface: 2,
            };
            difference(&spec, &create)
        };
        assert_eq!(gateway(&["sg-1", "sg-2", "sg-3"]), Difference::None);
        let groups = ids(&["sg-1", "sg-2", "sg-3"]);
        let update = Update::GatewayGroups { gateway: "rgw-1".into(), groups };
        assert_eq!(gateway(&["sg-1", "sg-3"]), Difference::InPlace(update));
        let endpoint = |groups: &[&str]| {
            let (id, network) = ("vpce-1".into(), "arn:1".into());
            let spec = Spec::Endpoint { id, network, groups: ids(groups) };
            let create = Create::Endpoint {
                vpc: "vpc-1".into(),
                network: "arn:other".into(),
                subnets: BTreeSet::new(),
                groups: ids(&["sg-1", "sg-2"]),
                name: String::new(),
            };
            difference(&spec, &create)
        };
        assert_eq!(endpoint(&["sg-1", "sg-2", "sg-3"]), Difference::None);
        let update = Update::EndpointGroups { endpoint: "vpce-1".into(), add: ids(&["sg-2"]) };
        assert_eq!(endpoint(&["sg-1", "sg-3"]), Difference::InPlace(update));
    }

    #[test]
    fn a_configuration_of_another_gateway_or_port_is_replaced_and_one_not_shareable_is_shared() {
        let of = |gateway: &str, port, is_shareable| {
            let (id, gateway) = ("rcfg-1".into(), gateway.into());
            let spec = Spec::Configuration { id, gateway, port: Port(port), is_shareable };
            let create = Create::Configuration {
                name: "trellis-orders-5432-aaaaaaaaaa".to_owned(),
                gateway: "rgw-1".into(),
                database: "arn:1".into(),
            };
            difference(&spec, &create)
        };
        assert_eq!(of("rgw-1", 5432, None), Difference::None);
        assert_eq!(of("rgw-1", 5432, Some(true)), Difference::None);
        let share = Update::Share { configuration: "rcfg-1".into() };
        assert_eq!(of("rgw-1", 5432, Some(false)), Difference::InPlace(share));
        assert_eq!(of("rgw-2", 5432, Some(false)), Difference::Replace);
        assert_eq!(of("rgw-1", 3306, Some(true)), Difference::Replace);
    }

    #[test]
    fn an_association_stays_with_its_configuration_whatever_the_network() {
        let of = |configuration: &str| {
            let configuration: ConfigurationId = configuration.into();
            let spec = Spec::Association { configuration, network: "arn:1".into() };
            let (configuration, network) = ("rcfg-1".into(), "arn:2".into());
            difference(&spec, &Create::Association { configuration, network })
        };
        assert_eq!(of("rcfg-1"), Difference::None);
        assert_eq!(of("rcfg-2"), Difference::Replace);
    }
}
