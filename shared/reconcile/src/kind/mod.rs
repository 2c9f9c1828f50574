//! A room for each kind of resource: what is observed of it, how it is told by key, what a
//! difference is, and which of them AWS can update.
//!
//! | kind                | AWS updates                    | made anew for                       |
//! |---------------------|--------------------------------|-------------------------------------|
//! | [`network`]         | nothing that matters           | nothing                             |
//! | [`gateway`]         | its groups                     | nothing: its subnets are a choice   |
//! | [`configuration`]   | whether it may be shared       | another gateway or port             |
//! | [`association`]     | nothing                        | another configuration               |
//! | [`way`] into a network, by an [`endpoint`] | its groups | nothing: its subnets are a choice |
//! | [`group`]           | its rules                      | nothing                             |
//! | [`rule`]            | nothing: its key is all of it  | nothing                             |
//! | [`database`], [`vpc`] | not ours: read, and their status written | -                     |

pub mod association;
pub mod configuration;
pub mod database;
pub mod endpoint;
pub mod gateway;
pub mod group;
pub mod network;
pub mod rule;
pub mod vpc;
pub mod way;

pub use association::Association;
pub use configuration::Configuration;
pub use database::{Database, DatabaseKind};
pub use endpoint::Access;
pub use gateway::Gateway;
pub use group::Group;
pub use network::Network;
pub use rule::{Direction, Peer, Rule};
pub use vpc::{Subnet, Vpc};
pub use way::{Way, WayId};

use crate::action::{Create, Update};
use crate::desired::Want;
use crate::item::{Item, Spec};
use crate::step::Evidence;

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

/// What differs of what there is. Only what breaks the exposure's purpose is a difference: subnets,
/// descriptions and names are not, nor is the network: what rests on an ARN stays there.
pub(crate) fn difference(spec: &Spec, create: &Create) -> Difference {
    match (create, spec) {
        (Create::Group { .. }, Spec::Group { id, open }) => group::difference(id, open),
        (Create::Gateway { groups: wanted, .. }, Spec::Gateway { id, groups }) => {
            gateway::difference(id, groups, wanted)
        }
        (
            Create::Configuration { gateway: wanted, name, .. },
            Spec::Configuration { id, gateway, port, is_shareable },
        ) => configuration::difference(id, (gateway, wanted), (*port, name), *is_shareable),
        (
            Create::Association { configuration: wanted, .. },
            Spec::Association { configuration, .. },
        ) => association::difference(configuration, wanted),
        (
            Create::Endpoint { groups: wanted, .. },
            Spec::Way { id: WayId::Endpoint(id), groups },
        ) => endpoint::difference(id, groups, wanted),
        // Their keys say all that counts; or it is there, but as something else.
        (
            Create::Network { .. }
            | Create::Rule { .. }
            | Create::Group { .. }
            | Create::Gateway { .. }
            | Create::Configuration { .. }
            | Create::Association { .. }
            | Create::Endpoint { .. },
            _,
        ) => Difference::None,
    }
}

/// The tags to put on or take off, where the item's tags are known.
pub(crate) fn tag_updates(item: &Item, want: &Want) -> Vec<Update> {
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
