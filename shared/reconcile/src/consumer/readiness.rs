//! Readiness: what EC2 reports of each database behind an endpoint. Ready is read back.

use crate::freeze::Listing;
use crate::id::{ConfigurationId, NetworkName, VpcId};
use crate::item::Spec;
use crate::key::Key;
use crate::observed::{Life, Observed};
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::tag;
use crate::view::View;

/// What could not be read and must be, to know that a connection works.
pub(super) fn unread(network: &NetworkName, observed: &Observed) -> Option<State> {
    let listings = [Listing::Associations(network.clone()), Listing::Accesses];
    let why = listings.iter().find_map(|listing| observed.unknown.get(listing))?;
    Some(State::Waiting(format!("a complete reading: {why}")))
}

/// A database behind a ready endpoint that is not accessible.
pub(super) struct Lack<'a> {
    name: &'a str,
    failure: Option<&'a str>,
    /// Whether endpoint and gateway have no zone in common.
    is_apart: bool,
}

impl Lack<'_> {
    /// Whether AWS is still at it.
    pub(super) fn is_coming(&self) -> bool {
        self.failure.is_none() && !self.is_apart
    }

    /// How that is said.
    pub(super) fn state(&self) -> State {
        let name = self.name;
        match self.failure {
            _ if self.is_apart => State::Refused(Refusal::new(
                Code::NoCommonZone,
                format!(
                    "the gateway of {name} lies in none of the zones of this VPC's endpoint: set \
                     {} to off and tag subnets in a common zone first",
                    tag::CONSUME
                ),
            )),
            Some(failure) => State::Waiting(format!("{name} to be accessible: {failure}")),
            None => State::Waiting(format!("{name} to be accessible")),
        }
    }
}

/// What EC2 reports for each configuration behind the endpoint: ready is read back.
pub(super) fn lacking<'a>(vpc: &VpcId, network: &NetworkName, view: View<'a>) -> Option<Lack<'a>> {
    let View { observed, items, .. } = view;
    let way = items.ready(&Key::Endpoint(vpc.clone(), network.clone()))?;
    let Spec::Way { id, .. } = &way.spec else { return None };
    let endpoint = id.endpoint()?;
    let way = observed.ways.iter().find(|way| way.id == *id)?;
    for (configuration, name) in view.offered_on(network) {
        let Some(association) = observed
            .associations
            .iter()
            .find(|found| found.configuration == *configuration && found.life == Life::Ready)
        else {
            continue;
        };
        // A database of this very VPC gets no private zone: its plain name works directly.
        if gateway_vpc(configuration, observed) == Some(vpc) {
            continue;
        }
        let mut accesses = observed.accesses.iter().filter(|access| {
            access.endpoint == *endpoint && access.configuration == association.configuration_arn
        });
        let reached =
            accesses.clone().any(|access| access.is_accessible && access.private_name.is_some());
        if !reached {
            let failure = accesses.find_map(|access| access.failure.as_deref());
            let is_apart = view.is_apart(configuration, &way.subnets);
            return Some(Lack { name, failure, is_apart });
        }
    }
    None
}

fn gateway_vpc<'a>(configuration: &ConfigurationId, observed: &'a Observed) -> Option<&'a VpcId> {
    let found = observed.configurations.iter().find(|found| found.id == *configuration)?;
    observed.gateways.iter().find(|g| g.id == found.gateway).map(|gateway| &gateway.vpc)
}
