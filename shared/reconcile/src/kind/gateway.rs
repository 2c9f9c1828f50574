//! A resource gateway: AWS updates its groups, and nothing else (VPC Lattice API,
//! UpdateResourceGateway). Its subnets are a choice made once.

use std::collections::BTreeSet;

use super::Difference;
use crate::action::{Delete, Target, Update};
use crate::id::{Arn, GatewayId, GroupId, SubnetId, VpcId};
use crate::item::{Item, Spec};
use crate::key::Key;
use crate::life::Life;
use crate::step::Evidence;

/// A resource gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    /// Its id.
    pub id: GatewayId,
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnets.
    pub subnets: BTreeSet<SubnetId>,
    /// Its groups.
    pub groups: BTreeSet<GroupId>,
    /// Where it is in its life.
    pub life: Life,
}

/// A gateway of ours, through these of our groups.
pub(crate) fn item(gateway: &Gateway, evidence: Evidence, through: BTreeSet<Key>) -> Item {
    Item {
        life: gateway.life.clone(),
        evidence,
        built_on: through,
        is_in_use: false,
        spec: Spec::Gateway { id: gateway.id.clone(), groups: gateway.groups.clone() },
        target: Some(Target::Lattice(gateway.arn.clone())),
        delete: Delete::Gateway(gateway.id.clone()),
    }
}

/// A group that somebody added stays: it can only let more through, and whoever added it meant it.
pub(super) fn difference(
    gateway: &GatewayId,
    groups: &BTreeSet<GroupId>,
    wanted: &BTreeSet<GroupId>,
) -> Difference {
    match wanted.is_subset(groups) {
        true => Difference::None,
        false => {
            let groups = groups.union(wanted).cloned().collect();
            Difference::InPlace(Update::GatewayGroups { gateway: gateway.clone(), groups })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_gateway_lacks_is_added_and_what_somebody_added_stays() {
        let ids = |groups: &[&str]| groups.iter().map(|id| GroupId::from(*id)).collect();
        let of =
            |groups: &[&str]| difference(&"rgw-1".into(), &ids(groups), &ids(&["sg-1", "sg-2"]));
        assert_eq!(of(&["sg-1", "sg-2", "sg-3"]), Difference::None);
        let groups = ids(&["sg-1", "sg-2", "sg-3"]);
        let update = Update::GatewayGroups { gateway: "rgw-1".into(), groups };
        assert_eq!(of(&["sg-1", "sg-3"]), Difference::InPlace(update));
    }
}
