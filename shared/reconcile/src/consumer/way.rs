//! How a VPC gets its way into a network: the pattern that `trellis:via` names, where a way of that
//! pattern goes, and what it is created from.

use std::collections::BTreeSet;

use crate::freeze::Listing;
use crate::id::{Arn, GroupId, NetworkName, SubnetId, VpcId};
use crate::observed::{Observed, Vpc};
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::step::Create;
use crate::subnet;
use crate::tag::{self, SubnetUse, Tags};
use crate::view::View;

/// A pattern of `trellis:via`. Only endpoints are built so far.
#[derive(Clone, Copy)]
pub(super) enum Pattern {
    Endpoint,
}

/// Where a way goes.
pub(super) enum Placement {
    /// An endpoint, to these subnets. One that is there stays in its own: they are a choice made
    /// once.
    Endpoint(BTreeSet<SubnetId>),
}

impl Pattern {
    /// What the tag of a VPC names.
    pub(super) fn of(tags: &Tags) -> Result<Pattern, Refusal> {
        match tags.get(tag::VIA).map(String::as_str) {
            None | Some("endpoint") => Ok(Pattern::Endpoint),
            Some(pattern @ ("association" | "resource-endpoint")) => Err(Refusal::new(
                Code::Unsupported,
                format!("{}={pattern} is not supported yet: use endpoint", tag::VIA),
            )),
            Some(other) => Err(Refusal::new(
                Code::BadTag,
                format!("{}={other:?} is not a pattern: use endpoint", tag::VIA),
            )),
        }
    }

    /// Where a way goes that is there.
    pub(super) fn placed(self) -> Placement {
        match self {
            Pattern::Endpoint => Placement::Endpoint(BTreeSet::new()),
        }
    }

    /// Where a new way of a VPC goes, or why there can be none.
    pub(super) fn place(
        self,
        vpc: &Vpc,
        network: &NetworkName,
        view: View<'_>,
    ) -> Result<Placement, State> {
        match self {
            Pattern::Endpoint => endpoint_subnets(vpc, network, view).map(Placement::Endpoint),
        }
    }
}

impl Placement {
    /// The call that creates a way of this VPC.
    pub(super) fn create(
        &self,
        vpc: &VpcId,
        network: &Arn,
        group: &GroupId,
        name: String,
    ) -> Create {
        let (vpc, network) = (vpc.clone(), network.clone());
        let groups = BTreeSet::from([group.clone()]);
        match self {
            Placement::Endpoint(subnets) => {
                Create::Endpoint { vpc, network, subnets: subnets.clone(), groups, name }
            }
        }
    }
}

/// What has to be read for a decision about something new.
pub(super) fn read(listings: &[Listing], observed: &Observed) -> Result<(), State> {
    match listings.iter().find_map(|listing| observed.unknown.get(listing)) {
        Some(why) => Err(State::Waiting(format!("a complete reading: {why}"))),
        None => Ok(()),
    }
}

/// The subnets for an endpoint.
fn endpoint_subnets(
    vpc: &Vpc,
    network: &NetworkName,
    view: View<'_>,
) -> Result<BTreeSet<SubnetId>, State> {
    read(&[Listing::Subnets], view.observed)?;
    let refuse = |code, sentence: String| Err(State::Refused(Refusal::new(code, sentence)));
    let subnets =
        subnet::choose(view.observed, &vpc.id, SubnetUse::Endpoint, |_| true, subnet::has_block);
    if subnets.is_empty() {
        return refuse(
            Code::NoSubnet,
            "no subnet has room for an endpoint, which takes a free contiguous /28 in each: tag a \
             larger one trellis:subnet=endpoint"
                .to_owned(),
        );
    }
    match without_common_zone(network, &subnets, view) {
        Some(database) => refuse(
            Code::NoCommonZone,
            format!(
                "the gateway of {database} lies in none of the zones of this VPC's subnets: tag \
                 subnets in a common zone"
            ),
        ),
        None => Ok(subnets),
    }
}

/// A configuration of the network, of which the gateway shares no zone with these subnets. Those
/// of other accounts cannot be looked into; EC2 reports them once the endpoint is there.
fn without_common_zone<'a>(
    network: &NetworkName,
    subnets: &BTreeSet<SubnetId>,
    view: View<'a>,
) -> Option<&'a str> {
    let offered = view.offered_on(network);
    // One database out of reach must not keep the VPC from all the others.
    let all_are_apart = !offered.is_empty() && offered.keys().all(|id| view.is_apart(id, subnets));
    all_are_apart.then(|| offered.into_values().next()).flatten()
}
