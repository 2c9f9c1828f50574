//! Items: what was observed, by what it is for.
//!
//! This is where raw readings get their keys: by a deterministic name, by the group that a rule
//! belongs to, or by the tag `trellis:for` where nothing else tells.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{Arn, ConfigurationId, GatewayId, GroupId, NetworkId, Port, RuleId};
use crate::key::Key;
use crate::name::Deployment;
use crate::observed::{Life, WayId};
use crate::step::{Delete, Evidence, Owned, Target};
use crate::tag::Tags;

/// One observed resource that is, or looks like, one of ours.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Where it is in its life.
    pub life: Life,
    /// How to tell whose it is.
    pub evidence: Evidence,
    /// The keys of the observed things that it cannot be without.
    pub built_on: BTreeSet<Key>,
    /// Whether something that is none of ours stands on it, so that AWS would not remove it.
    pub is_in_use: bool,
    /// What can differ from what is wanted.
    pub spec: Spec,
    /// Where its tags are, if Trellis keeps more than ownership in them.
    pub target: Option<Target>,
    /// How it is removed.
    pub delete: Delete,
}

impl Item {
    /// Whether its tags, which may be among those that were read for it, speak of this deployment.
    pub fn is_ours(&self, key: &Key, read: &BTreeMap<Arn, Tags>, deployment: &Deployment) -> bool {
        let tags = self.evidence.tags(read);
        tags.is_some_and(|tags| Owned::read(tags, key, deployment).is_some())
    }

    /// Whether its tags are known, and speak of somebody else or of nobody.
    pub(crate) fn is_foreign(&self, key: &Key, deployment: &Deployment) -> bool {
        match &self.evidence {
            Evidence::Tags(tags) => Owned::read(tags, key, deployment).is_none(),
            Evidence::Ask(_) => false,
        }
    }
}

/// What can differ from what is wanted, and the ids that others need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spec {
    /// A service network.
    Network {
        /// Its id.
        id: NetworkId,
        /// Its ARN.
        arn: Arn,
    },
    /// A security group.
    Group {
        /// Its id.
        id: GroupId,
        /// The open egress rules that AWS gave it.
        open: BTreeSet<RuleId>,
    },
    /// A rule: its key says everything about it.
    Rule,
    /// A resource gateway. Its subnets are a choice made once: they do not count.
    Gateway {
        /// Its id.
        id: GatewayId,
        /// Its groups.
        groups: BTreeSet<GroupId>,
    },
    /// A resource configuration.
    Configuration {
        /// Its id.
        id: ConfigurationId,
        /// Its gateway.
        gateway: GatewayId,
        /// The port in its name.
        port: Port,
        /// Whether it may be associated with a shared network, where that was asked for.
        is_shareable: Option<bool>,
    },
    /// A service-network resource association.
    Association {
        /// Its configuration.
        configuration: ConfigurationId,
        /// Its network, by the ARN, which is how another account's is known.
        network: Arn,
    },
    /// A VPC's way into a network. Its subnets are a choice made once: they do not count.
    Way {
        /// What it is, and its id.
        id: WayId,
        /// Its groups.
        groups: BTreeSet<GroupId>,
    },
}

/// All items, by key; the first of each is the one that counts, see [`Items::add`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Items(BTreeMap<Key, Vec<Item>>);

impl Items {
    /// Adds an item. Of several with one key (a lost reply can make a second endpoint) the ready
    /// one counts before one that is coming, that before one that is leaving or broken, and the
    /// earlier added before the later.
    pub fn add(&mut self, key: Key, item: Item) {
        let items = self.0.entry(key).or_default();
        items.push(item);
        items.sort_by_key(|item| match item.life {
            Life::Ready => 0,
            Life::Coming => 1,
            Life::Leaving => 2,
            Life::Broken { .. } => 3,
        });
    }

    /// Something that is none of ours stands on what this key is for.
    pub(crate) fn hold(&mut self, key: &Key) {
        self.0.get_mut(key).into_iter().flatten().for_each(|item| item.is_in_use = true);
    }

    /// The item that counts for this key.
    pub fn get(&self, key: &Key) -> Option<&Item> {
        self.0.get(key).and_then(|items| items.first())
    }

    /// The item for this key, if it does its work.
    pub fn ready(&self, key: &Key) -> Option<&Item> {
        self.get(key).filter(|item| item.life == Life::Ready)
    }

    /// Every key with the items that it has.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &[Item])> {
        self.0.iter().map(|(key, items)| (key, items.as_slice()))
    }

    /// The keys that have an item.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.keys()
    }

    /// The tags of what is there for this key, as far as they are known.
    pub(crate) fn known_tags(&self, key: &Key) -> Tags {
        match self.get(key).map(|item| &item.evidence) {
            Some(Evidence::Tags(tags)) => tags.clone(),
            _ => Tags::new(),
        }
    }

    /// The id of the group for this key.
    pub fn group(&self, key: &Key) -> Option<&GroupId> {
        match &self.get(key)?.spec {
            Spec::Group { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The group that holds the rule for this key.
    pub fn group_of_rule(&self, key: &Key) -> Option<&GroupId> {
        match &self.get(key)?.delete {
            Delete::Rule { group, .. } => Some(group),
            _ => None,
        }
    }

    /// The id and ARN of the network for this key.
    pub fn network(&self, key: &Key) -> Option<(&NetworkId, &Arn)> {
        match &self.get(key)?.spec {
            Spec::Network { id, arn } => Some((id, arn)),
            _ => None,
        }
    }

    /// The id of the gateway for this key.
    pub fn gateway(&self, key: &Key) -> Option<&GatewayId> {
        match &self.get(key)?.spec {
            Spec::Gateway { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The id of the configuration for this key.
    pub fn configuration(&self, key: &Key) -> Option<&ConfigurationId> {
        match &self.get(key)?.spec {
            Spec::Configuration { id, .. } => Some(id),
            _ => None,
        }
    }
}
