//! What a side sees when it decides: a reading, the same by key, and the deployment's settings.

use std::collections::BTreeSet;

use crate::id::{Arn, NetworkName};
use crate::item::Items;
use crate::observed::Observed;
use crate::settings::Settings;
use crate::tag::{self, Asked, Tags};

/// What a side sees.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What was read.
    pub observed: &'a Observed,
    /// The deployment's settings.
    pub settings: &'a Settings,
    /// What was read, by key.
    pub items: &'a Items,
}

impl<'a> View<'a> {
    /// The allowed networks that the tag with this key names.
    pub(crate) fn networks_named(&self, tags: &Tags, key: &str) -> BTreeSet<NetworkName> {
        let Asked::Networks(named) = tag::asked(tags, key) else { return BTreeSet::new() };
        named.iter().filter_map(|name| self.settings.allowed(name)).cloned().collect()
    }

    /// The ARNs under which a network is listed.
    pub(crate) fn arns_of(&self, network: &NetworkName) -> BTreeSet<&'a Arn> {
        let all = self.observed.networks.iter();
        all.filter(|it| it.name == *network).map(|it| &it.arn).collect()
    }
}
