//! Actions: what is done to AWS, call by call, with every detail.

use std::collections::BTreeSet;
use std::fmt;

use crate::id::{
    Arn, AssociationId, ConfigurationId, DatabaseArn, EndpointId, GatewayId, GroupId, NetworkId,
    NetworkName, Port, RuleId, SubnetId, VpcId,
};
use crate::observed::Direction;

/// Something to be made, with every detail. The fields are the members of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "AWS documents the members of its calls")]
pub enum Create {
    /// CreateServiceNetwork.
    Network { name: NetworkName },
    /// CreateSecurityGroup.
    Group { name: String, description: String, vpc: VpcId },
    /// AuthorizeSecurityGroupIngress or -Egress: one rule to or from a group on one TCP port.
    Rule { group: GroupId, direction: Direction, peer: GroupId, port: Port, description: String },
    /// CreateResourceGateway.
    Gateway {
        name: String,
        vpc: VpcId,
        subnets: BTreeSet<SubnetId>,
        groups: BTreeSet<GroupId>,
        addresses_per_interface: u8,
    },
    /// CreateResourceConfiguration of type ARN, shareable.
    Configuration { name: String, gateway: GatewayId, database: DatabaseArn },
    /// CreateServiceNetworkResourceAssociation.
    Association { configuration: ConfigurationId, network: Arn },
    /// CreateVpcEndpoint of type ServiceNetwork, private DNS on.
    Endpoint {
        vpc: VpcId,
        network: Arn,
        subnets: BTreeSet<SubnetId>,
        groups: BTreeSet<GroupId>,
        name: String,
    },
}

/// What a tag is put on or taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A VPC Lattice resource.
    Lattice(Arn),
    /// An EC2 resource, by its id.
    Ec2(String),
    /// An RDS database.
    Database(DatabaseArn),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Lattice(arn) => arn.fmt(f),
            Target::Ec2(id) => f.write_str(id),
            Target::Database(arn) => f.write_str(arn.identifier()),
        }
    }
}

/// A change in place. The fields are the members of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "AWS documents the members of its calls")]
pub enum Update {
    /// RevokeSecurityGroupEgress of the open egress that AWS gives a new group.
    CloseEgress { group: GroupId, rules: BTreeSet<RuleId> },
    /// UpdateResourceGateway.
    GatewayGroups { gateway: GatewayId, groups: BTreeSet<GroupId> },
    /// UpdateResourceConfiguration: it may be associated with a shared network.
    Share { configuration: ConfigurationId },
    /// ModifyVpcEndpoint.
    EndpointGroups { endpoint: EndpointId, add: BTreeSet<GroupId> },
    /// TagResource or CreateTags.
    Tag { target: Target, key: &'static str, value: String },
    /// UntagResource or DeleteTags.
    Untag { target: Target, key: &'static str },
}

/// Something to be removed. The fields are the members of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "AWS documents the members of its calls")]
pub enum Delete {
    /// DeleteServiceNetwork.
    Network(NetworkId),
    /// DeleteSecurityGroup.
    Group(GroupId),
    /// RevokeSecurityGroupIngress or -Egress, by the rule's id.
    Rule { group: GroupId, direction: Direction, rule: RuleId },
    /// DeleteResourceGateway.
    Gateway(GatewayId),
    /// DeleteResourceConfiguration.
    Configuration(ConfigurationId),
    /// DeleteServiceNetworkResourceAssociation.
    Association(AssociationId),
    /// DeleteVpcEndpoints, of one.
    Endpoint(EndpointId),
}

impl Delete {
    /// The id of what is removed.
    pub fn id(&self) -> &str {
        match self {
            Delete::Network(id) => id.as_str(),
            Delete::Group(id) => id.as_str(),
            Delete::Rule { rule, .. } => rule.as_str(),
            Delete::Gateway(id) => id.as_str(),
            Delete::Configuration(id) => id.as_str(),
            Delete::Association(id) => id.as_str(),
            Delete::Endpoint(id) => id.as_str(),
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Create it.
    Create(Create),
    /// Update it in place.
    Update(Update),
    /// Delete it.
    Delete(Delete),
}

impl Action {
    /// What it does, in one word.
    pub fn verb(&self) -> &'static str {
        match self {
            Action::Create(_) => "create",
            Action::Update(_) => "update",
            Action::Delete(_) => "delete",
        }
    }

    /// Whether it takes something away.
    pub fn takes_away(&self) -> bool {
        matches!(self, Action::Delete(_) | Action::Update(Update::CloseEgress { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_that_takes_nothing_away_neither_removes_nor_revokes() {
        let (group, rules) = (GroupId::from("sg-1"), [RuleId::from("sgr-1")].into());
        let create = Create::Network { name: "databases".into() };
        let share = Update::Share { configuration: "rcfg-1".into() };
        let close = Update::CloseEgress { group: group.clone(), rules };
        for (action, verb, takes_away) in [
            (Action::Create(create), "create", false),
            (Action::Update(share), "update", false),
            (Action::Update(close), "update", true),
            (Action::Delete(Delete::Group(group)), "delete", true),
        ] {
            assert_eq!((action.verb(), action.takes_away()), (verb, takes_away), "{action:?}");
        }
    }

    #[test]
    fn a_target_is_called_as_people_know_it() {
        let arn = DatabaseArn::from("arn:aws:rds:us-east-1:111122223333:db:orders");
        assert_eq!(Target::Database(arn).to_string(), "orders");
        assert_eq!(Target::Ec2("vpc-1".to_owned()).to_string(), "vpc-1");
        assert_eq!(Target::Lattice("arn:1".into()).to_string(), "arn:1");
    }
}
