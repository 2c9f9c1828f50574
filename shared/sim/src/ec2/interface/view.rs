//! Interfaces as EC2 describes them.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::Interface;
use crate::ec2::listing::{self, Described};
use crate::ec2::{World, tag};
use crate::kernel::{Call, Fault};

/// `DescribeNetworkInterfaces`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.interfaces)
}

impl Described for Interface {
    const TYPE: &'static str = "network-interface";
    const STEM: &'static str = "eni";
    const IDS: &'static str = "NetworkInterfaceId";
    const SET: &'static str = "networkInterfaceSet";
    const FILTERS: &'static [&'static str] = &[
        "addresses.private-ip-address",
        "availability-zone",
        "description",
        "group-id",
        "group-name",
        "interface-type",
        "network-interface-id",
        "owner-id",
        "private-ip-address",
        "requester-id",
        "requester-managed",
        "status",
        "subnet-id",
        "vpc-id",
    ];

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        let groups = || self.groups.iter().filter_map(|id| world.ec2.groups.get(id));
        let addresses = || self.addresses.iter().map(ToString::to_string);
        match filter {
            "addresses.private-ip-address" => addresses().collect(),
            "private-ip-address" => addresses().take(1).collect(),
            "group-id" => self.groups.clone(),
            "group-name" => groups().map(|group| group.name.clone()).collect(),
            "requester-id" => self.requester.iter().cloned().collect(),
            "requester-managed" => vec![self.requester.is_some().to_string()],
            "availability-zone" => vec![self.zone(world)],
            "description" => vec![self.description.clone()],
            "interface-type" => vec![self.kind.clone()],
            "network-interface-id" => vec![self.id.clone()],
            "owner-id" => vec![world.account.clone()],
            "status" => vec![self.status().to_owned()],
            "subnet-id" => vec![self.subnet.clone()],
            _ => vec![self.vpc.clone()],
        }
    }

    fn show(&self, world: &World) -> Value {
        let group = |id: &String| {
            let name = world.ec2.groups.get(id).map(|group| &group.name);
            json!({"groupId": id, "groupName": name})
        };
        let address = |(index, address): (usize, &Ipv4Addr)| {
            let address = address.to_string();
            json!({"privateIpAddress": address, "primary": index == 0})
        };
        json!({
            "networkInterfaceId": self.id,
            "subnetId": self.subnet,
            "vpcId": self.vpc,
            "availabilityZone": self.zone(world),
            "description": self.description,
            "ownerId": world.account,
            "requesterId": self.requester,
            "requesterManaged": self.requester.is_some(),
            "status": self.status(),
            "privateIpAddress": self.addresses.first().map(ToString::to_string),
            "sourceDestCheck": true,
            "interfaceType": self.kind,
            "groupSet": {"item": self.groups.iter().map(group).collect::<Vec<_>>()},
            "privateIpAddressesSet": {
                "item": self.addresses.iter().enumerate().map(address).collect::<Vec<_>>(),
            },
            "tagSet": tag::show(&self.tags),
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("The networkInterface ID '{id}' does not exist");
        Fault::new("InvalidNetworkInterfaceID.NotFound", 400, message)
    }
}

impl Interface {
    fn zone(&self, world: &World) -> String {
        world.ec2.subnets.get(&self.subnet).map(|subnet| subnet.zone.clone()).unwrap_or_default()
    }

    fn status(&self) -> &'static str {
        if self.requester.is_some() { "in-use" } else { "available" }
    }
}
