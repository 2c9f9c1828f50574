//! Warnings: what works, and is not as its owner may believe.

use std::collections::BTreeSet;

use super::client::{Admission, lets_out};
use super::connection::taken_over;
use super::desired::Making;
use super::offer::ports;
use crate::claim::Stance;
use crate::id::{NetworkName, Port, VpcId};
use crate::item::{Items, Spec};
use crate::key::Key;
use crate::observed::Observed;
use crate::report::State;
use crate::subnet;
use crate::tag::Place;

/// What should be said about a connection that works, each cause once.
///
/// | code     | what it says                                                                  |
/// |----------|-------------------------------------------------------------------------------|
/// | `EGRESS` | a tagged group of clients lets nothing out to the endpoint (Terraform's do not)|
/// | `CLIENT` | a group's tag vanished, and what the group had stays for now                  |
/// | `ZONE`   | a zone in which the VPC has subnets has no interface of the endpoint          |
/// | others   | a group's tag is refused; a database is held for the sake of this VPC         |
pub(super) fn of_connection(vpc: &VpcId, network: &NetworkName, made: &Making<'_>) -> Vec<String> {
    let Making { observed, settings, items, admissions } = made;
    let mut warnings = Vec::new();
    let endpoint_group = items.group(&Key::EndpointGroup(vpc.clone(), network.clone()));
    let concerns = |it: &&Admission<'_>| {
        let is_named = |named: &NetworkName| {
            named.name() == network.name() || settings.allowed(&named.name().into()).is_none()
        };
        it.subject.vpc == *vpc && it.network.as_ref().is_none_or(is_named)
    };
    for admission in admissions.iter().filter(concerns) {
        let group = &admission.subject.id;
        match (&admission.stance, endpoint_group) {
            (Stance::Wanted(()), Some(to)) => {
                let ports = ports(network, observed);
                let closed: BTreeSet<&Port> =
                    ports.iter().filter(|port| !lets_out(group, to, **port, observed)).collect();
                if !closed.is_empty() {
                    let ports: Vec<String> = closed.iter().map(ToString::to_string).collect();
                    warnings.push(format!(
                        "EGRESS {group}: allow tcp {} out, or attach {}",
                        ports.join(" "),
                        settings.deployment.client_group(network)
                    ));
                }
            }
            (Stance::Kept(state, _) | Stance::Refused(state), _) => {
                warnings.push(match state {
                    State::Refused(refusal) => {
                        let short = refusal.sentence.split(": ").next().unwrap_or_default();
                        format!("{} {group}: {short}", refusal.code)
                    }
                    State::Waiting(what) => format!("CLIENT {group}: waiting for {what}"),
                    State::Ready => continue,
                });
            }
            _ => {}
        }
    }
    let takeover = taken_over(vpc, network, observed, settings);
    warnings.extend(takeover.map(|refusal| format!("{}: {}", refusal.code, refusal.sentence)));
    warnings.extend(unserved_zones(vpc, network, observed, items));
    warnings
}

/// An endpoint's subnets are a choice made once: AWS changes none (AWS PrivateLink Guide, Manage
/// service-network endpoints).
fn unserved_zones(
    vpc: &VpcId,
    network: &NetworkName,
    observed: &Observed,
    items: &Items,
) -> Option<String> {
    let endpoint = items.ready(&Key::Endpoint(vpc.clone(), network.clone()))?;
    let Spec::Endpoint { id, .. } = &endpoint.spec else { return None };
    let endpoint = observed.endpoints.iter().find(|found| found.id == *id)?;
    let chosen = subnet::choose(observed, vpc, Place::Endpoint, |_| true, subnet::has_block);
    let unserved = subnet::unserved(observed, &endpoint.subnets, &chosen)?;
    Some(format!(
        "ZONE {}: {id} was made before it had a subnet there; to serve it set trellis:consume to \
         off and back",
        unserved.join(" ")
    ))
}
