//! A VPC's way into a service network, by whichever pattern of `trellis:via`: what all of them have
//! in common. A way has one key, whatever it is made of, so that a VPC has one to a network.

use std::collections::BTreeSet;
use std::fmt;

use crate::action::{Delete, Target};
use crate::id::{Arn, EndpointId, GroupId, SubnetId, VpcId};
use crate::item::{Item, Spec};
use crate::key::Key;
use crate::life::Life;
use crate::step::Evidence;
use crate::tag::Tags;

/// A VPC's way into a service network.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// What it is, and its id.
    pub id: WayId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its network's ARN.
    pub network: Arn,
    /// Its subnets, if it lies in some.
    pub subnets: BTreeSet<SubnetId>,
    /// Its groups.
    pub groups: BTreeSet<GroupId>,
    /// Its tags.
    pub tags: Tags,
    /// Where it is in its life.
    pub life: Life,
}

/// What a way is, and its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WayId {
    /// A VPC endpoint of type ServiceNetwork.
    Endpoint(EndpointId),
}

impl WayId {
    /// The endpoint, if it is one: EC2 reports of each database behind it, see
    /// [`Access`](super::Access).
    pub fn endpoint(&self) -> Option<&EndpointId> {
        match self {
            WayId::Endpoint(id) => Some(id),
        }
    }

    /// Its id, as AWS writes it.
    pub fn as_str(&self) -> &str {
        match self {
            WayId::Endpoint(id) => id.as_str(),
        }
    }

    /// Where its tags are.
    fn target(&self) -> Target {
        match self {
            WayId::Endpoint(id) => Target::Ec2(id.as_str().to_owned()),
        }
    }

    /// How it is removed.
    fn delete(&self) -> Delete {
        match self {
            WayId::Endpoint(id) => Delete::Endpoint(id.clone()),
        }
    }
}

impl fmt::Display for WayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A way of ours, on these groups and this network.
pub(crate) fn item(way: &Way, built_on: BTreeSet<Key>) -> Item {
    Item {
        life: way.life.clone(),
        evidence: Evidence::Tags(way.tags.clone()),
        built_on,
        is_in_use: false,
        spec: Spec::Way { id: way.id.clone(), groups: way.groups.clone() },
        target: Some(way.id.target()),
        delete: way.id.delete(),
    }
}
