//! A security group rule between two groups on one TCP port: its key says everything about it.

use crate::action::{Delete, Target};
use crate::id::{GroupId, Port, RuleId};
use crate::item::{Item, Spec};
use crate::key::Key;
use crate::life::Life;
use crate::settings::Settings;
use crate::step::{Evidence, Owned};
use crate::tag::Tags;

/// Which way a rule lets traffic through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Into the group's members.
    Ingress,
    /// Out of them.
    Egress,
}

/// To or from whom a rule lets traffic through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The members of a group, on one TCP port.
    Group(GroupId, Port),
    /// Everybody, on every port and protocol: what AWS gives every new group as its egress.
    Everybody,
    /// Addresses, or a list of them, on the TCP ports from one to the other.
    Addresses(Port, Port),
    /// Anything else, which is none of ours.
    Other,
}

/// A security group rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// The group that it belongs to.
    pub group: GroupId,
    /// Which way.
    pub direction: Direction,
    /// To or from whom.
    pub peer: Peer,
    /// Its tags.
    pub tags: Tags,
}

/// A rule that is for this key, of either side.
///
/// A rule that somebody else made in a group of ours goes with the group; so only one of ours
/// stands in the way of the group that it belongs to. In any other group it does, whoever made it.
pub(crate) fn item(
    rule: &Rule,
    key: &Key,
    own: &Key,
    referred: Option<&Key>,
    settings: &Settings,
) -> Item {
    let is_ours = Owned::read(&rule.tags, key, &settings.deployment).is_some();
    let own = is_ours.then_some(own);
    Item {
        life: Life::Ready,
        evidence: Evidence::Tags(rule.tags.clone()),
        built_on: own.into_iter().chain(referred).cloned().collect(),
        is_in_use: false,
        spec: Spec::Rule,
        target: Some(Target::Ec2(rule.id.as_str().to_owned())),
        delete: Delete::Rule {
            group: rule.group.clone(),
            direction: rule.direction,
            rule: rule.id.clone(),
        },
    }
}
