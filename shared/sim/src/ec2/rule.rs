//! Rules of security groups, and how they are described.

use derive_more::{Deref, DerefMut};
use ipnet::{Ipv4Net, Ipv6Net};
use serde_json::{Value, json};

use super::listing::{self, Described};
use super::{peering, tag};
use crate::ec2::{Head, World};
use crate::kernel::{Call, Fault, Tags};

/// Where traffic comes from or goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Addresses.
    V4(Ipv4Net),
    /// IPv6 addresses.
    V6(Ipv6Net),
    /// Members of a group of the same VPC or of a peered one.
    Group(String),
    /// A managed list of addresses.
    PrefixList(String),
}

/// A rule of a security group.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct GroupRule {
    #[deref]
    #[deref_mut]
    pub(super) head: Head,
    pub(crate) group: String,
    pub(crate) is_egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, another number, or `-1` for all.
    pub(crate) protocol: String,
    pub(crate) from_port: i64,
    pub(crate) to_port: i64,
    pub(crate) peer: Peer,
    pub(crate) description: Option<String>,
}

impl GroupRule {
    /// Whether it names this group as the peer.
    pub(crate) fn refers_to(&self, group: &str) -> bool {
        matches!(&self.peer, Peer::Group(other) if other == group)
    }

    /// Whether two rules let the same through.
    pub(super) fn is_same(&self, other: &GroupRule) -> bool {
        self.group == other.group
            && self.is_egress == other.is_egress
            && self.protocol == other.protocol
            && self.from_port == other.from_port
            && self.to_port == other.to_port
            && self.peer == other.peer
    }

    /// What the filters `ip-permission.*` of groups compare.
    pub(super) fn field(&self, part: &str) -> Option<String> {
        match (part, &self.peer) {
            ("cidr", Peer::V4(net)) => Some(net.to_string()),
            ("group-id", Peer::Group(id)) => Some(id.clone()),
            ("protocol", _) => Some(self.protocol.clone()),
            ("from-port", _) if self.protocol != "-1" => Some(self.from_port.to_string()),
            ("to-port", _) if self.protocol != "-1" => Some(self.to_port.to_string()),
            _ => None,
        }
    }
}

/// The rule of a new group: everything may go out.
pub(super) fn allow_all_egress(world: &mut World, group: &str) {
    let everywhere = Peer::V4(Ipv4Net::default());
    let rule = everything(world, group, true, everywhere);
    world.ec2.rules.insert(rule.id.clone(), rule);
}

/// The rule of a default group: its members reach each other.
pub(super) fn allow_members(world: &mut World, group: &str) {
    let rule = everything(world, group, false, Peer::Group(group.to_owned()));
    world.ec2.rules.insert(rule.id.clone(), rule);
}

fn everything(world: &mut World, group: &str, is_egress: bool, peer: Peer) -> GroupRule {
    GroupRule {
        head: Head::new(world, "sgr", Tags::new()),
        group: group.to_owned(),
        is_egress,
        protocol: "-1".to_owned(),
        from_port: -1,
        to_port: -1,
        peer,
        description: None,
    }
}

/// Rules as the listing of groups shows them.
pub(super) fn permissions(world: &World, rules: &[&GroupRule]) -> Value {
    let mut items: Vec<Value> = Vec::new();
    for rule in rules {
        let mut permission = json!({"ipProtocol": rule.protocol});
        if rule.protocol != "-1" {
            permission["fromPort"] = rule.from_port.into();
            permission["toPort"] = rule.to_port.into();
        }
        let is_it = |item: &Value| {
            ["ipProtocol", "fromPort", "toPort"]
                .iter()
                .all(|key| item.get(key) == permission.get(key))
        };
        let item = match items.iter().position(is_it) {
            Some(index) => &mut items[index],
            None => {
                for list in ["groups", "ipRanges", "ipv6Ranges", "prefixListIds"] {
                    permission[list] = json!({"item": []});
                }
                items.push(permission);
                let last = items.len() - 1;
                &mut items[last]
            }
        };
        let (list, mut peer) = match &rule.peer {
            Peer::V4(net) => ("ipRanges", json!({"cidrIp": net.to_string()})),
            Peer::V6(net) => ("ipv6Ranges", json!({"cidrIpv6": net.to_string()})),
            Peer::PrefixList(id) => ("prefixListIds", json!({"prefixListId": id})),
            Peer::Group(id) => ("groups", json!({"groupId": id, "userId": world.account})),
        };
        if let Some(text) = &rule.description {
            peer["description"] = text.clone().into();
        }
        if let Some(peers) = item[list]["item"].as_array_mut() {
            peers.push(peer);
        }
    }
    json!({ "item": items })
}

/// `DescribeSecurityGroupRules`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.rules)
}

impl Described for GroupRule {
    const TYPE: &'static str = "security-group-rule";
    const STEM: &'static str = "sgr";
    const IDS: &'static str = "SecurityGroupRuleId";
    const SET: &'static str = "securityGroupRuleSet";
    const FILTERS: &'static [&'static str] = &["group-id", "security-group-rule-id"];

    fn field(&self, _: &World, filter: &str) -> Vec<String> {
        vec![if filter == "group-id" { self.group.clone() } else { self.id.clone() }]
    }

    fn show(&self, world: &World) -> Value {
        let mut shown = json!({
            "securityGroupRuleId": self.id,
            "groupId": self.group,
            "groupOwnerId": world.account,
            "isEgress": self.is_egress,
            "ipProtocol": self.protocol,
            "fromPort": self.from_port,
            "toPort": self.to_port,
            "description": self.description,
            "securityGroupRuleArn": world.arn("ec2", &format!("security-group-rule/{}", self.id)),
            "tagSet": tag::show(&self.tags),
        });
        match &self.peer {
            Peer::V4(net) => shown["cidrIpv4"] = net.to_string().into(),
            Peer::V6(net) => shown["cidrIpv6"] = net.to_string().into(),
            Peer::PrefixList(id) => shown["prefixListId"] = id.clone().into(),
            Peer::Group(id) => {
                let vpc = |id: &str| world.ec2.groups.get(id).map(|group| group.vpc.as_str());
                let (own, other) = (vpc(&self.group), vpc(id));
                let peering = own.zip(other).and_then(|(own, other)| {
                    peering::between(world, own, other).map(|peering| &peering.id)
                });
                shown["referencedGroupInfo"] = json!({
                    "groupId": id,
                    "userId": world.account,
                    "vpcId": other,
                    "vpcPeeringConnectionId": peering,
                    "peeringStatus": peering.map(|_| "active"),
                });
            }
        }
        shown
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("The security group rule ID '{id}' does not exist");
        Fault::new("InvalidSecurityGroupRuleId.NotFound", 400, message)
    }
}
