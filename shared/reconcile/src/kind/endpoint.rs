//! A VPC endpoint of type ServiceNetwork, and what EC2 says of each configuration behind it. AWS
//! updates its groups, and no subnet (AWS PrivateLink Guide, Manage service-network endpoints).

use std::collections::BTreeSet;

use super::Difference;
use crate::action::Update;
use crate::id::{Arn, EndpointId, GroupId};

/// What EC2 says about one configuration behind one endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The ARN of the configuration that we made: the group of the managed child.
    pub configuration: Arn,
    /// Whether it is accessible.
    pub is_accessible: bool,
    /// Why not, if EC2 says so.
    pub failure: Option<String>,
    /// The private DNS name under which the database is reached.
    pub private_name: Option<String>,
}

/// A group that somebody added stays, as at a gateway.
pub(super) fn difference(
    endpoint: &EndpointId,
    groups: &BTreeSet<GroupId>,
    wanted: &BTreeSet<GroupId>,
) -> Difference {
    match wanted.is_subset(groups) {
        true => Difference::None,
        false => Difference::InPlace(Update::EndpointGroups {
            endpoint: endpoint.clone(),
            add: wanted.difference(groups).cloned().collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_endpoint_lacks_is_added_and_what_somebody_added_stays() {
        let ids = |groups: &[&str]| groups.iter().map(|id| GroupId::from(*id)).collect();
        let of =
            |groups: &[&str]| difference(&"vpce-1".into(), &ids(groups), &ids(&["sg-1", "sg-2"]));
        assert_eq!(of(&["sg-1", "sg-2", "sg-3"]), Difference::None);
        let update = Update::EndpointGroups { endpoint: "vpce-1".into(), add: ids(&["sg-2"]) };
        assert_eq!(of(&["sg-1", "sg-3"]), Difference::InPlace(update));
    }
}
