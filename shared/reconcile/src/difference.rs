//! Differences: how what is there differs from what is wanted, and what AWS can update.

use crate::item::Spec;
use crate::step::{Change, Make};

/// How what is there differs from what is wanted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Difference {
    /// Not in what matters.
    None,
    /// In what AWS can update.
    InPlace(Change),
    /// In what AWS cannot update.
    Replace,
}

/// The one place that knows which members AWS can update. Only what breaks the exposure's purpose
/// is a difference: subnets, descriptions and names are not, nor is the network: what rests on an
/// ARN stays there.
pub(crate) fn difference(spec: &Spec, make: &Make) -> Difference {
    match (spec, make) {
        (Spec::Group { id, open }, Make::Group { .. }) if !open.is_empty() => {
            Difference::InPlace(Change::CloseEgress { group: id.clone(), rules: open.clone() })
        }
        // A group that somebody added stays, here and at the endpoint: it can only let more
        // through, and whoever added it meant it.
        (Spec::Gateway { id, groups }, Make::Gateway { groups: wanted, .. })
            if !wanted.is_subset(groups) =>
        {
            let groups = groups.union(wanted).cloned().collect();
            Difference::InPlace(Change::GatewayGroups { gateway: id.clone(), groups })
        }
        (
            Spec::Configuration { id, gateway, port, is_shareable },
            Make::Configuration { gateway: wanted, name, .. },
        ) => {
            if gateway != wanted || Some(*port) != crate::name::port(name) {
                Difference::Replace
            } else if *is_shareable == Some(false) {
                Difference::InPlace(Change::Share { configuration: id.clone() })
            } else {
                Difference::None
            }
        }
        (
            Spec::Association { configuration, .. },
            Make::Association { configuration: wanted, .. },
        ) if configuration != wanted => Difference::Replace,
        (Spec::Endpoint { id, groups, .. }, Make::Endpoint { groups: through, .. })
            if !through.is_subset(groups) =>
        {
            Difference::InPlace(Change::EndpointGroups {
                endpoint: id.clone(),
                add: through.difference(groups).cloned().collect(),
            })
        }
        _ => Difference::None,
    }
}
