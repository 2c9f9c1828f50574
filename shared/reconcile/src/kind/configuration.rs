//! A resource configuration: bound to a database by its ARN. AWS updates whether it may be shared;
//! its gateway and its port are for ever.

use std::collections::BTreeSet;

use super::Difference;
use crate::action::{Delete, Target, Update};
use crate::id::{Arn, ConfigurationId, GatewayId, Port};
use crate::item::{Item, Spec};
use crate::key::Key;
use crate::life::Life;
use crate::name;
use crate::question::Binding;
use crate::step::Evidence;

/// A resource configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// Its id.
    pub id: ConfigurationId,
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// Its gateway.
    pub gateway: GatewayId,
    /// Where it is in its life.
    pub life: Life,
}

/// A configuration of ours with this port in its name, on these; what it is bound to, if that was
/// asked for.
pub(crate) fn item(
    configuration: &Configuration,
    port: Port,
    binding: Option<&Binding>,
    evidence: Evidence,
    built_on: BTreeSet<Key>,
) -> Item {
    Item {
        life: configuration.life.clone(),
        evidence,
        built_on,
        is_in_use: false,
        spec: Spec::Configuration {
            id: configuration.id.clone(),
            gateway: configuration.gateway.clone(),
            port,
            is_shareable: binding.map(|binding| binding.is_shareable),
        },
        target: Some(Target::Lattice(configuration.arn.clone())),
        delete: Delete::Configuration(configuration.id.clone()),
    }
}

/// What is there, against the gateway and the name that are wanted.
pub(super) fn difference(
    id: &ConfigurationId,
    (gateway, wanted): (&GatewayId, &GatewayId),
    (port, name): (Port, &str),
    is_shareable: Option<bool>,
) -> Difference {
    if gateway != wanted || Some(port) != name::port(name) {
        Difference::Replace
    } else if is_shareable == Some(false) {
        Difference::InPlace(Update::Share { configuration: id.clone() })
    } else {
        Difference::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_another_gateway_or_port_is_replaced_and_one_not_shareable_is_shared() {
        let of = |gateway: &str, port, is_shareable| {
            let name = "trellis-orders-5432-aaaaaaaaaa";
            let gateways = (&gateway.into(), &"rgw-1".into());
            difference(&"rcfg-1".into(), gateways, (Port(port), name), is_shareable)
        };
        assert_eq!(of("rgw-1", 5432, None), Difference::None);
        assert_eq!(of("rgw-1", 5432, Some(true)), Difference::None);
        let share = Update::Share { configuration: "rcfg-1".into() };
        assert_eq!(of("rgw-1", 5432, Some(false)), Difference::InPlace(share));
        assert_eq!(of("rgw-2", 5432, Some(false)), Difference::Replace);
        assert_eq!(of("rgw-1", 3306, Some(true)), Difference::Replace);
    }
}
