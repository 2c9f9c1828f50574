//! Availability zones: a name that is each account's own, and an id that is the same for all.

use serde_json::{Value, json};

use super::listing::{self, Query};
use crate::ec2::World;
use crate::kernel::{Call, Fault, Tags};

/// A zone of the world's region.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    /// `us-east-1a`.
    pub(crate) name: String,
    /// `use1-az4`.
    pub(crate) id: String,
}

/// Zones in which VPC Lattice has no endpoints and gateways (Amazon VPC Lattice User Guide,
/// "Quotas for Amazon VPC Lattice").
pub(crate) const WITHOUT_LATTICE: [&str; 6] =
    ["use1-az3", "usw1-az2", "apne1-az3", "euw1-az4", "cac1-az3", "ilc1-az2"];

/// The region's zones. In us-east-1 the names are as shuffled as in a real account.
pub(crate) fn all(region: &str) -> Vec<Zone> {
    let numbers: &[u32] = if region == "us-east-1" { &[4, 6, 1, 2, 3, 5] } else { &[1, 2, 3] };
    let short = short_name(region);
    ('a'..)
        .zip(numbers)
        .map(|(letter, number)| Zone {
            name: format!("{region}{letter}"),
            id: format!("{short}-az{number}"),
        })
        .collect()
}

/// `use1` for `us-east-1`, `apne1` for `ap-northeast-1`.
fn short_name(region: &str) -> String {
    let parts: Vec<&str> = region.split('-').collect();
    let [area, side, number] = parts[..] else { return region.to_owned() };
    let side = match side {
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        other => other.get(..1).unwrap_or_default(),
    };
    format!("{area}{side}{number}")
}

/// The filters of `DescribeAvailabilityZones`.
pub(super) const FILTERS: &[&str] =
    &["opt-in-status", "region-name", "state", "zone-id", "zone-name", "zone-type", "group-name"];

/// `DescribeAvailabilityZones`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    let mut call = call.clone();
    let mut ids = Vec::new();
    if let Some(members) = call.members.as_object_mut() {
        members.shift_remove("AllAvailabilityZones");
        let value = members.shift_remove("ZoneId").unwrap_or_default();
        ids = serde_json::from_value::<Vec<String>>(value).unwrap_or_default();
    }
    let query = Query::read(&call, "ZoneName", (5, 1000))?;
    let zones = all(&world.region).into_iter().filter(|zone| {
        (query.ids.is_empty() || query.ids.contains(&zone.name))
            && (ids.is_empty() || ids.contains(&zone.id))
            && query.keeps(&Tags::new(), |filter| vec![field(world, zone, filter)])
    });
    let shown = zones.map(|zone| show(world, &zone)).collect();
    Ok(listing::set("availabilityZoneInfo", shown, None))
}

fn field(world: &World, zone: &Zone, filter: &str) -> String {
    match filter {
        "zone-id" => zone.id.clone(),
        "zone-name" => zone.name.clone(),
        "region-name" => world.region.clone(),
        "state" => "available".to_owned(),
        "zone-type" => "availability-zone".to_owned(),
        "opt-in-status" => "opt-in-not-required".to_owned(),
        _ => format!("{}-zg-1", world.region),
    }
}

fn show(world: &World, zone: &Zone) -> Value {
    json!({
        "zoneName": zone.name,
        "zoneId": zone.id,
        "regionName": world.region,
        "zoneState": "available",
        "zoneType": "availability-zone",
        "optInStatus": "opt-in-not-required",
        "groupName": format!("{}-zg-1", world.region),
        "networkBorderGroup": world.region,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_ids_are_those_of_the_region() {
        let first = |region: &str| all(region).remove(0).id;
        assert_eq!(first("us-east-1"), "use1-az4");
        assert_eq!(first("ap-northeast-1"), "apne1-az1");
        assert_eq!(first("eu-west-1"), "euw1-az1");
    }
}
