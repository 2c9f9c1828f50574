//! How rules of security groups come and go: authorized and revoked.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::Described;
use super::rule::{GroupRule, Peer};
use super::tag::{self, TagSpecification};
use super::{group, peering, prefix_list};
use crate::ec2::{Head, World};
use crate::kernel::call::Number;
use crate::kernel::{Call, Fault, Tags};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Permission {
    ip_protocol: String,
    #[serde(default)]
    from_port: Option<Number>,
    #[serde(default)]
    to_port: Option<Number>,
    #[serde(default)]
    ip_ranges: Vec<Range>,
    #[serde(default)]
    ipv6_ranges: Vec<Range>,
    #[serde(default)]
    prefix_list_ids: Vec<Range>,
    #[serde(default)]
    groups: Vec<Range>,
}

impl Permission {
    fn ranges(&self) -> impl Iterator<Item = &Range> {
        let lists = [&self.ip_ranges, &self.ipv6_ranges, &self.prefix_list_ids, &self.groups];
        lists.into_iter().flatten()
    }
}

/// A peer of a permission: one of the four, with a description.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Range {
    #[serde(default)]
    cidr_ip: Option<String>,
    #[serde(default)]
    cidr_ipv6: Option<String>,
    #[serde(default)]
    prefix_list_id: Option<String>,
    #[serde(default)]
    group_id: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
    #[serde(default)]
    vpc_id: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

impl Range {
    fn peer(&self, world: &World, vpc: &str) -> Result<Peer, Fault> {
        let malformed = |text: &str| {
            let message = format!("CIDR block {text} is malformed");
            Fault::new("InvalidParameterValue", 400, message)
        };
        if let Some(text) = &self.cidr_ip {
            return text
                .parse()
                .map(|net: Ipv4Net| Peer::V4(net.trunc()))
                .map_err(|_| malformed(text));
        }
        if let Some(text) = &self.cidr_ipv6 {
            return text
                .parse()
                .map(|net: Ipv6Net| Peer::V6(net.trunc()))
                .map_err(|_| malformed(text));
        }
        if let Some(id) = &self.prefix_list_id {
            prefix_list::find(world, id)?;
            return Ok(Peer::PrefixList(id.clone()));
        }
        let id = self.group_id.as_deref().unwrap_or_default();
        let group = group::find(world, id)?;
        let is_other = self.user_id.as_ref().is_some_and(|user| *user != world.account)
            || self.vpc_id.as_ref().is_some_and(|other| *other != group.vpc);
        if is_other {
            return Err(<group::Group as Described>::not_found(id));
        }
        if peering::between(world, &group.vpc, vpc).is_none() {
            group::find_in(world, id, vpc)?;
        }
        Ok(Peer::Group(id.to_owned()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Change {
    group_id: String,
    #[serde(default)]
    ip_permissions: Vec<Permission>,
    #[serde(default, rename = "SecurityGroupRuleId")]
    rules: Vec<String>,
    #[serde(default, rename = "TagSpecification")]
    tags: Vec<TagSpecification>,
}

/// `AuthorizeSecurityGroupIngress` and `…Egress`: all of the rules or, when there is already one
/// of them, none.
pub(crate) fn authorize(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Change = call.input()?;
    let is_egress = call.action.ends_with("Egress");
    let tags = tag::on_create(&input.tags, "security-group-rule")?;
    let new = asked(world, &input, is_egress)?;
    for (index, rule) in new.iter().enumerate() {
        let is_there = |other: &GroupRule| other.is_same(rule);
        if new[..index].iter().any(is_there) {
            let message = "The same permission must not appear multiple times";
            return Err(Fault::new("InvalidParameterValue", 400, message));
        }
        if world.ec2.rules.values().any(is_there) {
            let message = "the specified rule already exists";
            return Err(Fault::new("InvalidPermission.Duplicate", 400, message));
        }
    }
    let is_beside = |rule: &&GroupRule| rule.group == input.group_id && rule.is_egress == is_egress;
    let most = world.switches.quotas.rules_per_group;
    if world.ec2.rules.values().filter(is_beside).count() + new.len() > most {
        let message = "The maximum number of rules per security group has been reached.";
        return Err(Fault::new("RulesPerSecurityGroupLimitExceeded", 400, message));
    }
    let mut shown = Vec::new();
    for mut rule in new {
        rule.id = world.new_id("sgr", 17);
        rule.tags = tags.clone();
        shown.push(rule.show(world));
        tag::created(world, "security-group-rule", &rule.id, &tags);
        world.ec2.rules.insert(rule.id.clone(), rule);
    }
    Ok(json!({"return": true, "securityGroupRuleSet": {"item": shown}}))
}

/// `RevokeSecurityGroupIngress` and `…Egress`, by id or by the exact properties.
pub(crate) fn revoke(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Change = call.input()?;
    let is_egress = call.action.ends_with("Egress");
    check(&input)?;
    let mut ids = Vec::new();
    for id in &input.rules {
        let rule = world.ec2.rules.get(id);
        let is_it = |rule: &&GroupRule| rule.group == input.group_id && rule.is_egress == is_egress;
        ids.push(rule.filter(is_it).ok_or_else(|| GroupRule::not_found(id))?.id.clone());
    }
    for rule in asked(world, &input, is_egress)? {
        let found = world.ec2.rules.values().find(|other| other.is_same(&rule));
        let found = found.ok_or_else(|| {
            let message = "The specified rule does not exist in this security group.";
            Fault::new("InvalidPermission.NotFound", 400, message)
        })?;
        ids.push(found.id.clone());
    }
    for id in ids {
        world.ec2.rules.remove_at(world.now(), &id);
    }
    Ok(json!({"return": true}))
}

/// The permissions are well formed, whether or not there is what they name.
fn check(input: &Change) -> Result<(), Fault> {
    if input.ip_permissions.is_empty() && input.rules.is_empty() {
        return Err(Fault::new("MissingParameter", 400, "Source group or cidr must be specified."));
    }
    for permission in &input.ip_permissions {
        ports(permission)?;
        let descriptions = permission.ranges().filter_map(|range| range.description.as_deref());
        for text in descriptions.filter(|text| !text.is_empty()) {
            group::check_text("Description", text)?;
        }
    }
    Ok(())
}

/// The rules that a call spells out, still without ids.
fn asked(world: &World, input: &Change, is_egress: bool) -> Result<Vec<GroupRule>, Fault> {
    check(input)?;
    let vpc = group::find(world, &input.group_id)?.vpc.clone();
    let mut rules = Vec::new();
    for permission in &input.ip_permissions {
        let (protocol, from_port, to_port) = ports(permission)?;
        for range in permission.ranges() {
            rules.push(GroupRule {
                head: Head { id: String::new(), created: world.now(), tags: Tags::new() },
                group: input.group_id.clone(),
                is_egress,
                protocol: protocol.clone(),
                from_port,
                to_port,
                peer: range.peer(world, &vpc)?,
                description: range.description.clone(),
            });
        }
    }
    Ok(rules)
}

/// The protocol by its name, and its ports: all of them are -1 to -1.
fn ports(permission: &Permission) -> Result<(String, i64, i64), Fault> {
    let protocol = match permission.ip_protocol.to_ascii_lowercase().as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        other => other.to_owned(),
    };
    let number = |port: Option<Number>| port.map(|port| port.0);
    match (protocol.as_str(), number(permission.from_port), number(permission.to_port)) {
        ("tcp" | "udp", Some(from), Some(to)) if (0..=to).contains(&from) && to <= 65535 => {
            Ok((protocol, from, to))
        }
        ("icmp" | "icmpv6", from, to) => Ok((protocol, from.unwrap_or(-1), to.unwrap_or(-1))),
        ("tcp" | "udp", _, _) => {
            let message = "Invalid value for portRange. Must specify both from and to ports with \
                           TCP/UDP, from 0 to 65535.";
            Err(Fault::new("InvalidParameterValue", 400, message))
        }
        (number, _, _) if number == "-1" || number.parse::<u8>().is_ok() => Ok((protocol, -1, -1)),
        _ => {
            let message = format!("Invalid value '{protocol}' for IP protocol. Unknown protocol.");
            Err(Fault::new("InvalidParameterValue", 400, message))
        }
    }
}
