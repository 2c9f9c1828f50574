//! A security group: one name in each VPC, and nothing of it changes but its rules.

use std::collections::BTreeSet;

use super::{Difference, Direction, Peer};
use crate::action::{Delete, Target, Update};
use crate::id::{GroupId, RuleId, VpcId};
use crate::item::{Item, Spec};
use crate::life::Life;
use crate::observed::Observed;
use crate::step::Evidence;
use crate::tag::Tags;

/// A security group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name, unique in its VPC.
    pub name: String,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its tags.
    pub tags: Tags,
}

/// A group of ours, of either side.
pub(crate) fn item(observed: &Observed, group: &Group) -> Item {
    let open = observed.rules.iter().filter(|rule| {
        rule.group == group.id
            && rule.direction == Direction::Egress
            && rule.peer == Peer::Everybody
    });
    Item {
        life: Life::Ready,
        evidence: Evidence::Tags(group.tags.clone()),
        built_on: BTreeSet::new(),
        is_in_use: false,
        spec: Spec::Group { id: group.id.clone(), open: open.map(|r| r.id.clone()).collect() },
        target: Some(Target::Ec2(group.id.as_str().to_owned())),
        delete: Delete::Group(group.id.clone()),
    }
}

/// A new group lets everything out: that is closed.
pub(super) fn difference(group: &GroupId, open: &BTreeSet<RuleId>) -> Difference {
    match open.is_empty() {
        true => Difference::None,
        false => {
            Difference::InPlace(Update::CloseEgress { group: group.clone(), rules: open.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_its_open_egress_closed() {
        assert_eq!(difference(&"sg-1".into(), &[].into()), Difference::None);
        let update = Update::CloseEgress { group: "sg-1".into(), rules: ["sgr-1".into()].into() };
        let found = difference(&"sg-1".into(), &["sgr-1".into()].into());
        assert_eq!(found, Difference::InPlace(update));
    }
}
