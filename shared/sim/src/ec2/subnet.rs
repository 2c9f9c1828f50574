//! Subnets, and which of their addresses are taken.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use derive_more::{Deref, DerefMut};
use ipnet::Ipv4Net;
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{self, Described};
use super::tag::{self, TagSpecification};
use super::{table, vpc, zone};
use crate::ec2::{Head, World};
use crate::kernel::{Call, Fault, Tags};

/// The contiguous /28 that VPC Lattice asks for.
const BLOCK: usize = 16;

/// A subnet.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct Subnet {
    #[deref]
    #[deref_mut]
    head: Head,
    pub(crate) vpc: String,
    pub(crate) cidr: Ipv4Net,
    /// `us-east-1a`.
    pub(crate) zone: String,
    /// `use1-az4`.
    pub(crate) zone_id: String,
    /// The one of its zone in which things stand that name none.
    pub(crate) is_default: bool,
    /// What interfaces have, beside the five addresses that AWS reserves.
    taken: BTreeSet<Ipv4Addr>,
}

impl Subnet {
    /// How many addresses are free.
    pub(crate) fn free_count(&self) -> usize {
        self.size() as usize - 5 - self.taken.len()
    }

    /// The lowest free addresses, taken.
    pub(crate) fn take(&mut self, count: usize) -> Result<Vec<Ipv4Addr>, Fault> {
        let free: Vec<_> = (4..self.size() - 1)
            .map(|offset| self.address(offset))
            .filter(|address| !self.taken.contains(address))
            .take(count)
            .collect();
        if free.len() < count {
            return Err(self.full());
        }
        self.taken.extend(&free);
        Ok(free)
    }

    /// The lowest 16 contiguous free addresses, taken. The reserved addresses are never among
    /// them: a /28 subnet has none, a /27 barely, and a fragmented one fails with plenty free.
    pub(crate) fn take_block(&mut self) -> Result<Vec<Ipv4Addr>, Fault> {
        let mut run = Vec::new();
        for offset in 4..self.size() - 1 {
            let address = self.address(offset);
            if self.taken.contains(&address) {
                run.clear();
                continue;
            }
            run.push(address);
            if run.len() == BLOCK {
                self.taken.extend(&run);
                return Ok(run);
            }
        }
        Err(self.full())
    }

    /// The address is free again.
    pub(crate) fn release(&mut self, address: Ipv4Addr) {
        self.taken.remove(&address);
    }

    fn size(&self) -> u32 {
        1 << (32 - self.cidr.prefix_len())
    }

    fn address(&self, offset: u32) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.cidr.network()) + offset)
    }

    fn full(&self) -> Fault {
        let message = format!("Insufficient free addresses in subnet '{}'.", self.id);
        Fault::new("InsufficientFreeAddressesInSubnet", 400, message)
    }
}

/// The subnet with this id.
pub(crate) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Subnet, Fault> {
    world.ec2.subnets.get(id).ok_or_else(|| Subnet::not_found(id))
}

/// The same, to be changed.
pub(crate) fn find_mut<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Subnet, Fault> {
    world.ec2.subnets.get_mut(id).ok_or_else(|| Subnet::not_found(id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Create {
    vpc_id: String,
    cidr_block: String,
    #[serde(default)]
    availability_zone: Option<String>,
    #[serde(default)]
    availability_zone_id: Option<String>,
    #[serde(default, rename = "TagSpecification")]
    tags: Vec<TagSpecification>,
}

/// `CreateSubnet`.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let tags = tag::on_create(&input.tags, "subnet")?;
    let cidr = vpc::network(&input.cidr_block)?;
    let around = vpc::find(world, &input.vpc_id)?.cidr;
    if !around.contains(&cidr) || !(16..=28).contains(&cidr.prefix_len()) {
        let message = format!("The CIDR '{cidr}' is invalid.");
        return Err(Fault::new("InvalidSubnet.Range", 400, message));
    }
    let is_over = |other: &Subnet| {
        let other_cidr = other.cidr;
        other.vpc == input.vpc_id && (other_cidr.contains(&cidr) || cidr.contains(&other_cidr))
    };
    if world.ec2.subnets.values().any(is_over) {
        let message = format!("The CIDR '{cidr}' conflicts with another subnet");
        return Err(Fault::new("InvalidSubnet.Conflict", 400, message));
    }
    let zone = zone(world, &input)?;
    let subnet = Subnet {
        head: Head::new(world, "subnet", tags),
        vpc: input.vpc_id,
        cidr,
        zone: zone.name,
        zone_id: zone.id,
        is_default: false,
        taken: BTreeSet::new(),
    };
    tag::created(world, "subnet", &subnet.id, &subnet.tags);
    let answer = json!({ "subnet": subnet.show(world) });
    world.ec2.subnets.insert(subnet.id.clone(), subnet);
    Ok(answer)
}

/// The subnets of the default VPC: one in every zone.
pub(super) fn add_defaults(world: &mut World, vpc: &str) -> Result<(), Fault> {
    for (zone, number) in zone::all(&world.region).into_iter().zip(0..) {
        let subnet = Subnet {
            head: Head::new(world, "subnet", Tags::new()),
            vpc: vpc.to_owned(),
            cidr: vpc::network(&format!("172.31.{}.0/20", 16 * number))?,
            zone: zone.name,
            zone_id: zone.id,
            is_default: true,
            taken: BTreeSet::new(),
        };
        world.ec2.subnets.insert(subnet.id.clone(), subnet);
    }
    Ok(())
}

/// The zone asked for by name or by id, or else the region's first.
fn zone(world: &World, input: &Create) -> Result<zone::Zone, Fault> {
    let is_asked = |zone: &zone::Zone| match (&input.availability_zone, &input.availability_zone_id)
    {
        (Some(name), _) => zone.name == *name,
        (None, Some(id)) => zone.id == *id,
        (None, None) => true,
    };
    zone::all(&world.region).into_iter().find(is_asked).ok_or_else(|| {
        let message = "Subnets can currently only be created in the zones of the region.";
        Fault::new("InvalidParameterValue", 400, message)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Delete {
    subnet_id: String,
}

/// `DeleteSubnet`: only when no interface stands in it.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let Delete { subnet_id: id } = call.input()?;
    let tags = find(world, &id)?.tags.clone();
    if world.ec2.interfaces.values().any(|interface| interface.subnet == id) {
        let message = format!("The subnet '{id}' has dependencies and cannot be deleted.");
        return Err(Fault::new("DependencyViolation", 400, message));
    }
    table::subnet_gone(world, &id);
    world.ec2.subnets.remove_at(world.now(), &id);
    tag::deleted(world, "subnet", &id, &tags);
    Ok(json!({"return": true}))
}

/// `DescribeSubnets`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.subnets)
}

impl Described for Subnet {
    const TYPE: &'static str = "subnet";
    const STEM: &'static str = "subnet";
    const IDS: &'static str = "SubnetId";
    const SET: &'static str = "subnetSet";
    const FILTERS: &'static [&'static str] = &[
        "availability-zone",
        "availabilityZone",
        "availability-zone-id",
        "availabilityZoneId",
        "available-ip-address-count",
        "cidr",
        "cidr-block",
        "cidrBlock",
        "default-for-az",
        "owner-id",
        "state",
        "subnet-arn",
        "subnet-id",
        "vpc-id",
    ];

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        vec![match filter {
            "availability-zone" | "availabilityZone" => self.zone.clone(),
            "availability-zone-id" | "availabilityZoneId" => self.zone_id.clone(),
            "available-ip-address-count" => self.free_count().to_string(),
            "default-for-az" => self.is_default.to_string(),
            "owner-id" => world.account.clone(),
            "state" => "available".to_owned(),
            "subnet-arn" => world.arn("ec2", &format!("subnet/{}", self.id)),
            "subnet-id" => self.id.clone(),
            "vpc-id" => self.vpc.clone(),
            _ => self.cidr.to_string(),
        }]
    }

    fn show(&self, world: &World) -> Value {
        json!({
            "subnetId": self.id,
            "subnetArn": world.arn("ec2", &format!("subnet/{}", self.id)),
            "state": "available",
            "ownerId": world.account,
            "vpcId": self.vpc,
            "cidrBlock": self.cidr.to_string(),
            "availableIpAddressCount": self.free_count(),
            "availabilityZone": self.zone,
            "availabilityZoneId": self.zone_id,
            "defaultForAz": self.is_default,
            "mapPublicIpOnLaunch": self.is_default,
            "assignIpv6AddressOnCreation": false,
            "ipv6Native": false,
            "enableDns64": false,
            "tagSet": tag::show(&self.tags),
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("The subnet ID '{id}' does not exist");
        Fault::new("InvalidSubnetID.NotFound", 400, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(cidr: &str) -> Subnet {
        Subnet {
            head: Head {
                id: "subnet-1".to_owned(),
                created: jiff::Timestamp::UNIX_EPOCH,
                tags: Tags::new(),
            },
            vpc: "vpc-1".to_owned(),
            cidr: cidr.parse().expect("a network"),
            zone: "us-east-1a".to_owned(),
            zone_id: "use1-az4".to_owned(),
            is_default: false,
            taken: BTreeSet::new(),
        }
    }

    #[test]
    fn five_addresses_of_a_subnet_are_reserved() {
        let mut subnet = subnet("10.0.0.0/28");
        assert_eq!(subnet.free_count(), 11);
        let all = subnet.take(11).expect("all that are free");
        assert_eq!(all[0], Ipv4Addr::new(10, 0, 0, 4));
        assert_eq!(all[10], Ipv4Addr::new(10, 0, 0, 14));
        let refused = subnet.take(1).expect_err("none is left");
        assert_eq!(refused.code, "InsufficientFreeAddressesInSubnet");
        subnet.release(all[3]);
        assert_eq!(subnet.take(1).expect("one came back"), [all[3]]);
    }

    #[test]
    fn a_block_needs_sixteen_addresses_in_a_row() {
        assert!(subnet("10.0.0.0/28").take_block().is_err(), "a /28 never has one");
        let mut barely = subnet("10.0.0.0/27");
        assert_eq!(barely.take_block().expect("a /27 has one").len(), 16);
        assert!(barely.take_block().is_err(), "and no second");

        let mut fragmented = subnet("10.0.0.0/27");
        let all = fragmented.take(27).expect("all that are free");
        all.iter().filter(|address| address.octets()[3] != 17).for_each(|address| {
            fragmented.release(*address);
        });
        assert_eq!(fragmented.free_count(), 26);
        assert!(fragmented.take_block().is_err(), "13 and 13 are not 16");
        assert_eq!(fragmented.free_count(), 26, "what is refused takes nothing");
    }
}
