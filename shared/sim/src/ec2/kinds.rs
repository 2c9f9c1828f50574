//! All kinds of things, where it does not matter which: tags are the same for each.

use super::{Described, Ec2, Head};
use crate::kernel::{Fault, Things};

/// The things of one kind.
pub(super) trait Kind {
    /// What their ids begin with.
    fn stem(&self) -> &'static str;
    /// The word for them in tags and ARNs.
    fn resource_type(&self) -> &'static str;
    /// What each of them has.
    fn heads(&self) -> Vec<&Head>;
    /// What the one with this id has.
    fn head(&self, id: &str) -> Option<&Head>;
    /// The same, to be changed, or the refusal of an id that is not there.
    fn head_mut(&mut self, id: &str) -> Result<&mut Head, Fault>;
}

impl<T: Described> Kind for Things<T> {
    fn stem(&self) -> &'static str {
        T::STEM
    }

    fn resource_type(&self) -> &'static str {
        T::TYPE
    }

    fn heads(&self) -> Vec<&Head> {
        self.values().map(|thing| &**thing).collect()
    }

    fn head(&self, id: &str) -> Option<&Head> {
        self.get(id).map(|thing| &**thing)
    }

    fn head_mut(&mut self, id: &str) -> Result<&mut Head, Fault> {
        self.get_mut(id).map(|thing| &mut **thing).ok_or_else(|| T::not_found(id))
    }
}

impl Ec2 {
    /// Everything that can be tagged.
    pub(super) fn kinds(&self) -> [&dyn Kind; 10] {
        [
            &self.vpcs,
            &self.subnets,
            &self.groups,
            &self.rules,
            &self.interfaces,
            &self.endpoints,
            &self.tables,
            &self.peerings,
            &self.transit_gateways,
            &self.attachments,
        ]
    }

    /// The same, to be changed.
    pub(super) fn kinds_mut(&mut self) -> [&mut dyn Kind; 10] {
        [
            &mut self.vpcs,
            &mut self.subnets,
            &mut self.groups,
            &mut self.rules,
            &mut self.interfaces,
            &mut self.endpoints,
            &mut self.tables,
            &mut self.peerings,
            &mut self.transit_gateways,
            &mut self.attachments,
        ]
    }
}
