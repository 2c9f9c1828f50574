//! A service-network resource association: a configuration on a network. AWS updates nothing of it.

use super::Difference;
use crate::action::{Delete, Target};
use crate::id::{Arn, AssociationId, ConfigurationId, NetworkId};
use crate::item::{Item, Spec};
use crate::key::Key;
use crate::life::Life;
use crate::step::Evidence;

/// A service-network resource association.
#[derive(Clone, Debug, PartialEq)]
pub struct Association {
    /// Its id.
    pub id: AssociationId,
    /// Its ARN.
    pub arn: Arn,
    /// Its configuration.
    pub configuration: ConfigurationId,
    /// Its configuration's ARN, which names the account that offers it.
    pub configuration_arn: Arn,
    /// Its configuration's name, which tells the port if a Trellis made it.
    pub configuration_name: String,
    /// Its network.
    pub network: NetworkId,
    /// Where it is in its life. `PARTIAL` is usable and counts as ready.
    pub life: Life,
}

/// An association of ours, to the network with this ARN, on these two.
pub(crate) fn item(
    association: &Association,
    network: &Arn,
    evidence: Evidence,
    built_on: [Key; 2],
) -> Item {
    Item {
        life: association.life.clone(),
        evidence,
        built_on: built_on.into(),
        is_in_use: false,
        spec: Spec::Association {
            configuration: association.configuration.clone(),
            network: network.clone(),
        },
        target: Some(Target::Lattice(association.arn.clone())),
        delete: Delete::Association(association.id.clone()),
    }
}

/// The network does not count: what rests on an ARN stays there.
pub(super) fn difference(configuration: &ConfigurationId, wanted: &ConfigurationId) -> Difference {
    match configuration == wanted {
        true => Difference::None,
        false => Difference::Replace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Create;
    use crate::kind;

    #[test]
    fn an_association_stays_with_its_configuration_whatever_the_network() {
        let of = |configuration: &str| {
            let configuration: ConfigurationId = configuration.into();
            let spec = Spec::Association { configuration, network: "arn:1".into() };
            let (configuration, network) = ("rcfg-1".into(), "arn:2".into());
            kind::difference(&spec, &Create::Association { configuration, network })
        };
        assert_eq!(of("rcfg-1"), Difference::None);
        assert_eq!(of("rcfg-2"), Difference::Replace);
    }
}
