//! Where our interfaces go: one subnet in each zone.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{SubnetId, VpcId, ZoneId};
use crate::observed::{Observed, Subnet};
use crate::tag::{self, Place};

/// Zones in which VPC Lattice resources do not work (VPC Lattice User Guide, Quotas).
const UNSUPPORTED_ZONES: [&str; 6] =
    ["use1-az3", "usw1-az2", "apne1-az3", "euw1-az4", "cac1-az3", "ilc1-az2"];

/// The largest prefix of a subnet that can hold a contiguous /28 beside the five addresses which
/// AWS reserves (AWS PrivateLink Guide, Access service networks).
const LARGEST_PREFIX: u8 = 27;
/// Addresses in a /28.
const BLOCK: u32 = 16;

/// One subnet of the VPC in each zone, that with the most free addresses.
///
/// Where any subnet of the VPC is tagged for this place, only such are taken; else those that no
/// tag speaks of and that `is_candidate` lets through.
pub fn choose(
    observed: &Observed,
    vpc: &VpcId,
    place: Place,
    is_candidate: impl Fn(&Subnet) -> bool,
    has_room: impl Fn(&Subnet) -> bool,
) -> BTreeSet<SubnetId> {
    let all: Vec<&Subnet> = observed.subnets.iter().filter(|subnet| subnet.vpc == *vpc).collect();
    let is_tagged = |subnet: &&&Subnet| tag::place(&subnet.tags) == place;
    let chosen: Vec<&Subnet> = match all.iter().any(|subnet| is_tagged(&subnet)) {
        true => all.iter().filter(is_tagged).copied().collect(),
        false => {
            let is_free = |s: &&&Subnet| tag::place(&s.tags) == Place::Free && is_candidate(s);
            all.iter().filter(is_free).copied().collect()
        }
    };
    let usable = chosen
        .into_iter()
        .filter(|subnet| !UNSUPPORTED_ZONES.contains(&subnet.zone.as_str()) && has_room(subnet));
    one_per_zone(usable)
}

/// Of these subnets, that with the most free addresses in each zone.
pub fn one_per_zone<'a>(subnets: impl Iterator<Item = &'a Subnet>) -> BTreeSet<SubnetId> {
    let mut best: BTreeMap<&ZoneId, &Subnet> = BTreeMap::new();
    for subnet in subnets {
        let entry = best.entry(&subnet.zone).or_insert(subnet);
        if (subnet.free, &entry.id) > (entry.free, &subnet.id) {
            *entry = subnet;
        }
    }
    best.into_values().map(|subnet| subnet.id.clone()).collect()
}

/// Whether a service-network endpoint may find its contiguous /28 here. Fragmentation shows only
/// when AWS tries.
pub fn has_block(subnet: &Subnet) -> bool {
    subnet.prefix <= LARGEST_PREFIX && subnet.free >= BLOCK
}

/// The zones of the chosen subnets in which none of those is that something has been made in. All
/// of them have to be known: what a reading lacks is no zone that is not served.
pub fn unserved<'a>(
    observed: &'a Observed,
    made_in: &BTreeSet<SubnetId>,
    chosen: &BTreeSet<SubnetId>,
) -> Option<Vec<&'a str>> {
    let is_known = |id: &SubnetId| observed.subnets.iter().any(|subnet| subnet.id == *id);
    let zones = zones(observed, chosen);
    let served = self::zones(observed, made_in);
    let unserved: Vec<&str> = zones.difference(&served).map(|zone| zone.as_str()).collect();
    (made_in.iter().all(is_known) && !unserved.is_empty()).then_some(unserved)
}

/// The zones of these subnets.
pub fn zones<'a>(observed: &'a Observed, subnets: &BTreeSet<SubnetId>) -> BTreeSet<&'a ZoneId> {
    let found = observed.subnets.iter().filter(|subnet| subnets.contains(&subnet.id));
    found.map(|subnet| &subnet.zone).collect()
}
