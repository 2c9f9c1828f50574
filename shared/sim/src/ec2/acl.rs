//! The default network ACL that every VPC has, and the attributes of the account, which Terraform
//! reads.
//!
//! An ACL cannot be changed here and lets everything pass: only groups decide.

use derive_more::{Deref, DerefMut};
use serde_json::{Value, json};

use super::Vpc;
use super::listing::{self, Described};
use crate::ec2::{Head, World};
use crate::kernel::{Call, Fault, Tags};

/// The default network ACL of a VPC.
#[derive(Deref, DerefMut)]
pub(super) struct Acl {
    #[deref]
    #[deref_mut]
    head: Head,
    vpc: String,
    subnets: Vec<String>,
}

/// `DescribeNetworkAcls`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    let acl_of = |vpc: &Vpc| {
        let subnets = world.ec2.subnets.values().filter(|subnet| subnet.vpc == vpc.id);
        Acl {
            head: Head {
                id: vpc.id.replacen("vpc", "acl", 1),
                created: vpc.created,
                tags: Tags::new(),
            },
            vpc: vpc.id.clone(),
            subnets: subnets.map(|subnet| subnet.id.clone()).collect(),
        }
    };
    let acls: Vec<Acl> = world.ec2.vpcs.values().map(acl_of).collect();
    listing::describe_these(world, call, &acls.iter().collect::<Vec<_>>())
}

impl Described for Acl {
    const TYPE: &'static str = "network-acl";
    const STEM: &'static str = "acl";
    const IDS: &'static str = "NetworkAclId";
    const SET: &'static str = "networkAclSet";
    const FILTERS: &'static [&'static str] =
        &["association.subnet-id", "default", "network-acl-id", "owner-id", "vpc-id"];

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        match filter {
            "association.subnet-id" => self.subnets.clone(),
            "default" => vec!["true".to_owned()],
            "owner-id" => vec![world.account.clone()],
            "vpc-id" => vec![self.vpc.clone()],
            _ => vec![self.id.clone()],
        }
    }

    fn show(&self, world: &World) -> Value {
        let entry = |number: u32, action: &str, is_egress: bool| {
            json!({
                "ruleNumber": number,
                "protocol": "-1",
                "ruleAction": action,
                "egress": is_egress,
                "cidrBlock": "0.0.0.0/0",
            })
        };
        let association = |subnet: &String| {
            json!({
                "networkAclAssociationId": subnet.replacen("subnet", "aclassoc", 1),
                "networkAclId": self.id,
                "subnetId": subnet,
            })
        };
        json!({
            "networkAclId": self.id,
            "vpcId": self.vpc,
            "ownerId": world.account,
            "default": true,
            "entrySet": {"item": [
                entry(100, "allow", true),
                entry(32767, "deny", true),
                entry(100, "allow", false),
                entry(32767, "deny", false),
            ]},
            "associationSet": {
                "item": self.subnets.iter().map(association).collect::<Vec<_>>(),
            },
            "tagSet": {"item": []},
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("The networkAcl ID '{id}' does not exist");
        Fault::new("InvalidNetworkAclID.NotFound", 400, message)
    }
}

/// `DescribeAccountAttributes`.
pub(crate) fn describe_account(world: &World, call: &Call) -> Result<Value, Fault> {
    let asked: Vec<String> =
        serde_json::from_value(call.members["AttributeName"].clone()).unwrap_or_default();
    let default = super::vpc::default(world).map_or("none", |vpc| vpc.id.as_str());
    let attributes = [("supported-platforms", "VPC"), ("default-vpc", default)];
    let shown = attributes
        .iter()
        .filter(|(name, _)| asked.is_empty() || asked.iter().any(|one| one == name))
        .map(|(name, value)| {
            json!({
                "attributeName": name,
                "attributeValueSet": {"item": [{"attributeValue": value}]},
            })
        })
        .collect();
    Ok(listing::set("accountAttributeSet", shown, None))
}
