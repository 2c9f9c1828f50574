//! What is said about each database.

use std::collections::BTreeMap;

use super::exposure::{Exposure, Placement};
use crate::deletion::{Base, Deletion, HeldUp, Holder};
use crate::id::VpcId;
use crate::item::Spec;
use crate::key::Key;
use crate::kind::Gateway;
use crate::report::{Line, Report, State, Subject};
use crate::request::Standing;
use crate::subnet;
use crate::view::View;

/// How every database stands that is exposed, or asks for it, or was.
pub(super) fn reports(exposures: &[Exposure<'_>], view: View<'_>) -> Vec<Report> {
    let View { items, .. } = view;
    let mut reports: BTreeMap<Subject, Vec<Line>> = BTreeMap::new();
    for exposure in exposures {
        let id = exposure.subject.database.map(|database| database.resource_id.clone());
        let subject = Subject::Database(exposure.subject.arn.clone(), id);
        let (state, rests_on) = match &exposure.standing {
            Standing::Wanted(Placement { held: Some(refusal), .. }) => {
                (State::Refused(refusal.clone()), Vec::new())
            }
            Standing::Wanted(placement) => (State::Ready, rests_on(exposure, placement)),
            Standing::Kept(state, _) | Standing::Refused(state) => (state.clone(), Vec::new()),
            Standing::Withdrawn(state) => (state.clone(), carriers(exposure)),
        };
        let network = exposure.network.clone();
        let warnings = match &exposure.standing {
            Standing::Wanted(placement) => {
                let held_up = held_up(&placement.vpc, view).into_iter();
                let held_up = held_up.map(|it| format!("DELETION {it}"));
                held_up.chain(unserved_zones(placement, view)).collect()
            }
            _ => Vec::new(),
        };
        let line = Line { network, state, rests_on, warnings };
        reports.entry(subject).or_default().push(line);
    }
    // A configuration that outlived its associations is on its way out as well.
    for key in items.keys() {
        let Key::Configuration(arn) = key else { continue };
        if !exposures.iter().any(|exposure| exposure.subject.arn == *arn) {
            let line = Line::waiting(None, "its removal");
            reports.entry(Subject::Database(arn.clone(), None)).or_default().push(line);
        }
    }
    reports.into_iter().map(|(subject, lines)| Report { subject, lines }).collect()
}

/// The deletions of late in whose way the gateway of a VPC is. It goes for none of them: who is
/// connected through it may be in another account.
pub(super) fn held_up(vpc: &VpcId, view: View<'_>) -> Vec<HeldUp> {
    let View { observed, settings, .. } = view;
    let Some(gateway) = gateway(vpc, view) else { return Vec::new() };
    let late = observed.memory.deletions.of_late(observed.at, settings.hold_off);
    let concerns = |deletion: &&Deletion| match &deletion.base {
        Base::Subnet(id) => gateway.subnets.contains(id),
        Base::Vpc(id) => id == vpc,
        Base::Group(_) => false,
    };
    let held_up = late.filter(concerns).cloned().map(|deletion| {
        let holder = Holder::Gateway { gateway: gateway.id.clone() };
        HeldUp { deletion, vpc: vpc.clone(), holder }
    });
    held_up.collect()
}

/// The gateway of a VPC, as it was read.
fn gateway<'a>(vpc: &VpcId, view: View<'a>) -> Option<&'a Gateway> {
    let View { observed, items, .. } = view;
    let item = items.ready(&Key::Gateway(vpc.clone()))?;
    let Spec::Gateway { id, .. } = &item.spec else { return None };
    observed.gateways.iter().find(|found| found.id == *id)
}

/// A gateway's subnets are a choice made once: AWS changes none (VPC Lattice API,
/// UpdateResourceGateway). It reaches the database wherever that lies in the VPC; what is lost is
/// the way that does not depend on another zone.
fn unserved_zones(placement: &Placement, view: View<'_>) -> Option<String> {
    let gateway = gateway(&placement.vpc, view)?;
    let unserved = subnet::unserved(view.observed, &gateway.subnets, &placement.subnets)?;
    let id = &gateway.id;
    Some(format!(
        "ZONE {}: {id} was made before it had a subnet there; to serve it set trellis:expose to \
         off on all databases of the VPC and then back",
        unserved.join(" ")
    ))
}

/// What is to go when an exposure goes.
fn carriers(exposure: &Exposure<'_>) -> Vec<Key> {
    let arn = &exposure.subject.arn;
    let network = exposure.network.clone();
    let association = network.map(|network| Key::Association(arn.clone(), network));
    association.into_iter().chain([Key::Configuration(arn.clone())]).collect()
}

fn rests_on(exposure: &Exposure<'_>, placement: &Placement) -> Vec<Key> {
    let Placement { vpc, group, through, port, .. } = placement;
    let arn = &exposure.subject.arn;
    let network = exposure.network.clone().map(Key::Network);
    let association =
        exposure.network.clone().map(|network| Key::Association(arn.clone(), network));
    let shared = [
        Key::GatewayGroup(vpc.clone(), *through),
        Key::GatewayRule(vpc.clone(), group.clone(), *port),
        Key::DatabaseRule(vpc.clone(), group.clone(), *port),
        Key::Gateway(vpc.clone()),
        Key::Configuration(arn.clone()),
    ];
    network.into_iter().chain(shared).chain(association).collect()
}
