//! The account as its own describe calls show it, at one moment.
//!
//! It looks at a copy of the world, so that looking leaves no trace: no call in the records, no
//! token from a bucket.
//!
//! # Caveats
//!
//! One page of each listing: enough for a person to look at.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sim::{Call, Service, World};

/// Everything that is there.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The things, kind by kind.
    pub things: Vec<Thing>,
}

/// Something that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// The AWS word for it: `gateway`, `group`, `rule`.
    pub kind: &'static str,
    /// Its id; a database's identifier.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What AWS says of its state, in AWS's words; empty if AWS says nothing.
    pub status: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The thing as its listing shows it.
    pub shown: Value,
}

impl Thing {
    /// Whether Trellis made it, by its own tag.
    pub fn is_ours(&self) -> bool {
        self.tags.contains_key("trellis:owner")
    }

    /// A member of the listing, if it is text.
    pub fn text(&self, pointer: &str) -> &str {
        self.shown.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether AWS is at work on it.
    pub fn is_busy(&self) -> bool {
        let status = self.status.to_ascii_lowercase();
        ["progress", "pending", "deleting", "creating"].iter().any(|word| status.contains(word))
    }
}

/// How a kind is listed.
struct Listing {
    kind: &'static str,
    service: Service,
    action: &'static str,
    /// Where the list is in the answer.
    list: &'static str,
    /// The member with the id.
    id: &'static str,
    /// The member with the status, if there is one.
    status: &'static str,
}

const fn ec2(
    kind: &'static str,
    action: &'static str,
    list: &'static str,
    id: &'static str,
    status: &'static str,
) -> Listing {
    Listing { kind, service: Service::Ec2, action, list, id, status }
}

const fn lattice(kind: &'static str, action: &'static str, status: &'static str) -> Listing {
    Listing { kind, service: Service::Lattice, action, list: "/items", id: "id", status }
}

const LISTINGS: [Listing; 11] = [
    ec2("vpc", "DescribeVpcs", "/vpcSet/item", "vpcId", ""),
    ec2("subnet", "DescribeSubnets", "/subnetSet/item", "subnetId", ""),
    ec2("group", "DescribeSecurityGroups", "/securityGroupInfo/item", "groupId", ""),
    ec2(
        "rule",
        "DescribeSecurityGroupRules",
        "/securityGroupRuleSet/item",
        "securityGroupRuleId",
        "",
    ),
    ec2("endpoint", "DescribeVpcEndpoints", "/vpcEndpointSet/item", "vpcEndpointId", "state"),
    ec2(
        "link",
        "DescribeVpcEndpointAssociations",
        "/vpcEndpointAssociationSet/item",
        "id",
        "associatedResourceAccessibility",
    ),
    Listing {
        kind: "database",
        service: Service::Rds,
        action: "DescribeDBInstances",
        list: "/DBInstances/DBInstance",
        id: "DBInstanceIdentifier",
        status: "DBInstanceStatus",
    },
    lattice("network", "ListServiceNetworks", ""),
    lattice("gateway", "ListResourceGateways", "status"),
    lattice("configuration", "ListResourceConfigurations", "status"),
    lattice("association", "ListServiceNetworkResourceAssociations", "status"),
];

impl Look {
    /// Looks at a world.
    pub fn at(world: &World) -> Look {
        let mut copy = world.clone();
        copy.switches.throttling = false;
        let mut look = Look::default();
        for listing in &LISTINGS {
            let call = Call::new(listing.service, listing.action, json!({}));
            let Ok(answer) = copy.answer(&call) else { continue };
            let list = answer.pointer(listing.list).and_then(Value::as_array);
            for shown in list.into_iter().flatten() {
                look.things.push(thing(&mut copy, listing, shown));
            }
        }
        look
    }

    /// The things of one kind.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Thing> {
        self.things.iter().filter(move |thing| thing.kind == kind)
    }

    /// The thing of this kind with this id.
    pub fn find(&self, kind: &str, id: &str) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.kind == kind && thing.id == id)
    }

    /// What Trellis made.
    pub fn ours(&self) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(|thing| thing.is_ours())
    }

    /// Everything that is not ours, by kind and id: what must not have been touched.
    pub fn others(&self) -> BTreeMap<(&'static str, String), Value> {
        self.things
            .iter()
            .filter(|thing| !thing.is_ours())
            .map(|thing| ((thing.kind, thing.id.clone()), thing.shown.clone()))
            .collect()
    }
}

fn thing(world: &mut World, listing: &Listing, shown: &Value) -> Thing {
    let tags = match listing.service {
        Service::Lattice => lattice_tags(world, shown),
        Service::Rds => tags(&shown["TagList"]["Tag"], "Key", "Value"),
        _ => tags(&shown["tagSet"]["item"], "key", "value"),
    };
    let text = |member: &str| shown[member].as_str().unwrap_or_default().to_owned();
    Thing {
        kind: listing.kind,
        id: text(listing.id),
        name: name(shown, &tags),
        status: text(listing.status),
        tags,
        shown: shown.clone(),
    }
}

fn tags(list: &Value, key: &str, value: &str) -> BTreeMap<String, String> {
    let text = |tag: &Value, member: &str| tag[member].as_str().unwrap_or_default().to_owned();
    let list = list.as_array().into_iter().flatten();
    list.map(|tag| (text(tag, key), text(tag, value))).collect()
}

/// Listings of VPC Lattice carry no tags.
fn lattice_tags(world: &mut World, shown: &Value) -> BTreeMap<String, String> {
    let members = json!({ "resourceArn": shown["arn"] });
    let answer = world.answer(&Call::new(Service::Lattice, "ListTagsForResource", members));
    let tags = answer.map(|answer| answer["tags"].clone()).unwrap_or_default();
    serde_json::from_value(tags).unwrap_or_default()
}

fn name(shown: &Value, tags: &BTreeMap<String, String>) -> String {
    let named = tags.get("Name").map(String::as_str);
    let mut members = ["name", "groupName", "DBInstanceIdentifier"].iter();
    named.or_else(|| members.find_map(|it| shown[*it].as_str())).unwrap_or_default().to_owned()
}
