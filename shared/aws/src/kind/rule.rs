//! Rules of security groups, of EC2.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{IpPermission, ResourceType, SecurityGroupRule, UserIdGroupPair};
use reconcile::id::{GroupId, Port, RuleId};
use reconcile::key::Key;
use reconcile::observed::{Direction, Peer, Rule};

use super::tags::{ec2_tags, from_ec2};
use super::{EC2_PAGE, New, finish, made, promised, texts};
use crate::{Aws, Error};

const RULES: &str = "DescribeSecurityGroupRules";

impl Aws {
    /// All rules, of all groups.
    pub(crate) async fn rules(&self) -> Result<Vec<Rule>, Error> {
        let listing = self.ec2.describe_security_group_rules();
        let mut pages = listing.into_paginator().page_size(EC2_PAGE).items().send();
        let mut rules = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(RULES, "all", error))?;
            rules.push(Rule {
                id: promised(RULES, "securityGroupRuleId", item.security_group_rule_id())?.into(),
                group: promised(RULES, "groupId", item.group_id())?.into(),
                direction: match item.is_egress() {
                    Some(true) => Direction::Egress,
                    _ => Direction::Ingress,
                },
                peer: peer(&item),
                tags: from_ec2(item.tags()),
            });
        }
        Ok(rules)
    }

    /// Creates a rule. One rule a call: a duplicate makes the whole call fail.
    pub(crate) async fn create_rule(
        &self,
        new: New<'_>,
        group: &GroupId,
        direction: Direction,
        peer: &GroupId,
        port: Port,
        description: &str,
    ) -> Result<Option<String>, Error> {
        let permission = permission(peer, port, description);
        let tags = ec2_tags(ResourceType::SecurityGroupRule, new.tags, None);
        match direction {
            Direction::Ingress => {
                let call = self.ec2.authorize_security_group_ingress().group_id(group.as_str());
                let call = call.ip_permissions(permission).tag_specifications(tags);
                const CALL: &str = "AuthorizeSecurityGroupIngress";
                made(CALL, new.key, call.send().await, |it| {
                    it.security_group_rules().first()?.security_group_rule_id()
                })
            }
            Direction::Egress => {
                let call = self.ec2.authorize_security_group_egress().group_id(group.as_str());
                let call = call.ip_permissions(permission).tag_specifications(tags);
                const CALL: &str = "AuthorizeSecurityGroupEgress";
                made(CALL, new.key, call.send().await, |it| {
                    it.security_group_rules().first()?.security_group_rule_id()
                })
            }
        }
    }

    /// Revokes the open egress that AWS gives a new group.
    pub(crate) async fn close_egress(
        &self,
        key: &Key,
        group: &GroupId,
        rules: &BTreeSet<RuleId>,
    ) -> Result<(), Error> {
        let call = self.ec2.revoke_security_group_egress().group_id(group.as_str());
        let call = call.set_security_group_rule_ids(Some(texts(rules)));
        finish("RevokeSecurityGroupEgress", key, call.send().await)
    }

    /// Deletes a rule of ours.
    pub(crate) async fn delete_rule(
        &self,
        key: &Key,
        group: &GroupId,
        direction: Direction,
        rule: &RuleId,
    ) -> Result<(), Error> {
        match direction {
            Direction::Ingress => {
                let call = self.ec2.revoke_security_group_ingress().group_id(group.as_str());
                let answer = call.security_group_rule_ids(rule.as_str()).send().await;
                finish("RevokeSecurityGroupIngress", key, answer)
            }
            Direction::Egress => {
                let call = self.ec2.revoke_security_group_egress().group_id(group.as_str());
                let answer = call.security_group_rule_ids(rule.as_str()).send().await;
                finish("RevokeSecurityGroupEgress", key, answer)
            }
        }
    }
}

fn permission(peer: &GroupId, port: Port, description: &str) -> IpPermission {
    // A rule's description takes up to 255 characters (EC2 API, UserIdGroupPair).
    let description: String = description.chars().take(255).collect();
    let pair = UserIdGroupPair::builder().group_id(peer.as_str()).description(description).build();
    IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(i32::from(port.0))
        .to_port(i32::from(port.0))
        .user_id_group_pairs(pair)
        .build()
}

fn peer(item: &SecurityGroupRule) -> Peer {
    let referred = item.referenced_group_info().and_then(|group| group.group_id());
    match (referred, item.ip_protocol(), item.from_port(), item.to_port()) {
        (Some(group), Some("tcp" | "6"), Some(from), Some(to)) if from == to => {
            match u16::try_from(from) {
                Ok(port) => Peer::Group(group.into(), Port(port)),
                Err(_) => Peer::Other,
            }
        }
        (None, Some("-1"), ..)
            if item.cidr_ipv4() == Some("0.0.0.0/0") || item.cidr_ipv6() == Some("::/0") =>
        {
            Peer::Everybody
        }
        (None, Some("-1"), ..) => Peer::Addresses(Port(0), Port(u16::MAX)),
        (None, Some("tcp" | "6"), Some(from), Some(to)) => {
            let port = |number: i32| u16::try_from(number).ok().map(Port);
            match (port(from), port(to)) {
                (Some(from), Some(to)) => Peer::Addresses(from, to),
                _ => Peer::Other,
            }
        }
        _ => Peer::Other,
    }
}
