//! Where our interfaces go: one subnet in each zone.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{SubnetId, VpcId, ZoneId};
use crate::observed::{Observed, Subnet};
use crate::tag::{self, SubnetUse};

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
    place: SubnetUse,
    is_candidate: impl Fn(&Subnet) -> bool,
    has_room: impl Fn(&Subnet) -> bool,
) -> BTreeSet<SubnetId> {
    let all: Vec<&Subnet> = observed.subnets.iter().filter(|subnet| subnet.vpc == *vpc).collect();
    let is_tagged = |subnet: &&&Subnet| tag::subnet_use(&subnet.tags) == place;
    let chosen: Vec<&Subnet> = match all.iter().any(|subnet| is_tagged(&subnet)) {
        true => all.iter().filter(is_tagged).copied().collect(),
        false => {
            let is_free =
                |s: &&&Subnet| tag::subnet_use(&s.tags) == SubnetUse::Free && is_candidate(s);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{connected, subnet, tags};

    /// What is chosen for an endpoint in `vpc-c` of these subnets: id, zone, free addresses, tag.
    fn chosen(subnets: &[(&str, &str, u32, Option<&str>)]) -> Vec<String> {
        let mut observed = connected();
        observed.subnets.retain(|subnet| subnet.vpc.as_str() == "vpc-p");
        observed.subnets.extend(subnets.iter().map(|(id, zone, free, place)| {
            let mut it = subnet(id, "vpc-c", zone);
            it.free = *free;
            it.tags = place.map(|place| tags(&[(tag::SUBNET, place)])).unwrap_or_default();
            it
        }));
        let is_candidate = |subnet: &Subnet| subnet.id.as_str() != "subnet-x";
        let vpc = "vpc-c".into();
        let chosen = choose(&observed, &vpc, SubnetUse::Endpoint, is_candidate, has_block);
        chosen.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn one_subnet_in_each_zone_is_taken_and_of_two_the_one_with_more_room() {
        let (one, other) = ("use1-az1", "use1-az2");
        let found = chosen(&[("a", one, 20, None), ("b", one, 30, None), ("c", other, 16, None)]);
        assert_eq!(found, ["b", "c"]);
        assert_eq!(chosen(&[("b", one, 20, None), ("a", one, 20, None)]), ["a"]);
        assert_eq!(chosen(&[("a", one, 20, None), ("b", one, 20, None)]), ["a"]);
        assert_eq!(chosen(&[("a", one, 30, None), ("b", one, 20, None)]), ["a"]);
    }

    #[test]
    fn a_tag_overrules_every_choice_of_ours() {
        let one = "use1-az1";
        let found = chosen(&[("a", one, 90, None), ("b", "use1-az2", 20, Some("endpoint"))]);
        assert_eq!(found, ["b"]);
        let tagged = chosen(&[("subnet-x", one, 20, Some("endpoint")), ("b", one, 90, None)]);
        assert_eq!(tagged, ["subnet-x"], "even what we would not have taken");
        let found = chosen(&[("a", one, 90, Some("off")), ("b", one, 20, None)]);
        assert_eq!(found, ["b"]);
        let found = chosen(&[("a", one, 90, Some("gateway")), ("subnet-x", one, 80, None)]);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_zone_in_which_lattice_does_not_work_and_a_subnet_without_room_are_passed_over() {
        assert_eq!(chosen(&[("a", "use1-az3", 90, None)]), Vec::<String>::new());
        assert_eq!(chosen(&[("a", "use1-az1", 15, None)]), Vec::<String>::new());
        let of = |prefix, free| has_block(&Subnet { prefix, free, ..subnet("a", "vpc-c", "z") });
        assert!(of(27, 16) && of(16, 60_000));
        assert!(!of(28, 16) && !of(27, 15));
    }

    #[test]
    fn only_subnets_that_are_listed_tell_their_zones() {
        let observed = connected();
        let subnets = ["subnet-c1".into(), "subnet-9".into()].into();
        assert_eq!(zones(&observed, &subnets), [&"use1-az1".into()].into());
    }
}
