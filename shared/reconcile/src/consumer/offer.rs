//! What a network offers: which configurations, on which ports, in which zones.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{ConfigurationId, NetworkName, Port, SubnetId, VpcId};
use crate::name;
use crate::observed::{Life, Way};
use crate::subnet;
use crate::view::View;

impl<'a> View<'a> {
    /// The configurations that a network offers, with their names.
    pub(super) fn offered_on(
        &self,
        network: &NetworkName,
    ) -> BTreeMap<&'a ConfigurationId, &'a str> {
        let observed = self.observed;
        let ids: BTreeSet<_> =
            observed.networks.iter().filter(|n| n.name == *network).map(|n| &n.id).collect();
        observed
            .associations
            .iter()
            .filter(|found| ids.contains(&found.network) && found.life != Life::Leaving)
            .map(|found| (&found.configuration, found.configuration_name.as_str()))
            .collect()
    }

    /// Whether the gateway of a configuration shares no zone with these subnets.
    pub(super) fn is_apart(
        &self,
        configuration: &ConfigurationId,
        subnets: &BTreeSet<SubnetId>,
    ) -> bool {
        let observed = self.observed;
        let mine = subnet::zones(observed, subnets);
        let configuration = observed.configurations.iter().find(|found| found.id == *configuration);
        let gateway = configuration
            .and_then(|found| observed.gateways.iter().find(|g| g.id == found.gateway));
        gateway.is_some_and(|gateway| subnet::zones(observed, &gateway.subnets).is_disjoint(&mine))
    }

    /// The ports of the databases that a network offers and that are associated by now.
    pub(super) fn ports_on(&self, network: &NetworkName) -> BTreeSet<Port> {
        let observed = self.observed;
        let ids: BTreeSet<_> =
            observed.networks.iter().filter(|n| n.name == *network).map(|n| &n.id).collect();
        let ready = observed
            .associations
            .iter()
            .filter(|found| ids.contains(&found.network) && found.life == Life::Ready);
        ready.filter_map(|found| name::port(&found.configuration_name)).collect()
    }

    /// Whether a port may still be in use behind a VPC's endpoint, although nothing says that it is
    /// offered: its association is on its way, or EC2 shows something behind the endpoint that the
    /// listing of associations lacks.
    pub(super) fn may_carry(&self, port: Port, consumer: &VpcId, network: &NetworkName) -> bool {
        let observed = self.observed;
        if self.offered_on(network).into_values().any(|name| name::port(name) == Some(port)) {
            return true;
        }
        let known: BTreeSet<_> =
            observed.associations.iter().map(|it| &it.configuration_arn).collect();
        let arns: BTreeSet<_> =
            observed.networks.iter().filter(|n| n.name == *network).map(|n| &n.arn).collect();
        let is_ours =
            |it: &&Way| it.vpc == *consumer && (arns.is_empty() || arns.contains(&it.network));
        let ways = observed.ways.iter().filter(is_ours);
        let endpoints: BTreeSet<_> = ways.filter_map(|it| it.id.endpoint()).collect();
        let mut accesses = observed.accesses.iter().filter(|it| endpoints.contains(&it.endpoint));
        accesses.any(|it| !known.contains(&it.configuration))
    }
}
