//! What calls to VPC Lattice ask for.

use serde_json::Value;

use super::Asked;
use crate::Tags;
use crate::iam::{Context, Need, of_keys, of_request, of_resource};

/// What AWS does with interfaces in the caller's name (VPC Lattice User Guide, "Amazon VPC Lattice
/// API permissions").
const TO_MAKE_A_GATEWAY: &[&str] = &[
    "ec2:AssignIpv6Addresses",
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
];
const TO_CHANGE_A_GATEWAY: &[&str] =
    &["ec2:ModifyNetworkInterfaceAttribute", "ec2:UnassignPrivateIpAddresses"];
const TO_CONFIGURE: &[&str] =
    &["ec2:DescribeSubnets", "rds:DescribeDBClusters", "rds:DescribeDBInstances"];
const TO_ASSOCIATE: &[&str] = &[
    "ec2:AssignIpv6Addresses",
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DescribeNetworkInterfaces",
];
const TO_ASSOCIATE_A_VPC: &[&str] = &["ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"];

impl Asked<'_> {
    pub(super) fn of_lattice(&mut self) {
        let action = self.action();
        let there = |it: &mut Self, member: &str| it.there_in_lattice(member, &Context::new());
        match self.call.action.as_str() {
            "CreateResourceGateway" => {
                let vpc = vec![self.text("vpcIdentifier").to_owned()];
                self.made_by_lattice(
                    "resourcegateway",
                    [("vpc-lattice:VpcId".to_owned(), vpc)].into(),
                );
                self.anywhere(TO_MAKE_A_GATEWAY);
            }
            "UpdateResourceGateway" => {
                there(self, "resourceGatewayIdentifier");
                self.anywhere(TO_MAKE_A_GATEWAY);
                self.anywhere(TO_CHANGE_A_GATEWAY);
            }
            "DeleteResourceGateway" => {
                there(self, "resourceGatewayIdentifier");
                self.anywhere(&["ec2:DeleteNetworkInterface"]);
            }
            "CreateResourceConfiguration" => {
                self.made_by_lattice("resourceconfiguration", Context::new());
                there(self, "resourceGatewayIdentifier");
                self.anywhere(TO_CONFIGURE);
            }
            "CreateServiceNetwork" => self.made_by_lattice("servicenetwork", Context::new()),
            "CreateServiceNetworkResourceAssociation" => {
                self.made_by_lattice("servicenetworkresourceassociation", Context::new());
                there(self, "resourceConfigurationIdentifier");
                there(self, "serviceNetworkIdentifier");
                self.anywhere(TO_ASSOCIATE);
            }
            "CreateServiceNetworkVpcAssociation" => {
                let vpc = vec![self.text("vpcIdentifier").to_owned()];
                let context = [("vpc-lattice:VpcId".to_owned(), vpc)].into();
                self.made_by_lattice("servicenetworkvpcassociation", context);
                there(self, "serviceNetworkIdentifier");
                self.anywhere(TO_ASSOCIATE_A_VPC);
            }
            "TagResource" => {
                let tags = of_request(&tags_in(&self.call.members["tags"]));
                self.there_in_lattice("resourceArn", &tags);
            }
            "UntagResource" => {
                let keys = of_keys(self.texts("tagKeys")).into_iter().collect();
                self.there_in_lattice("resourceArn", &keys);
            }
            "ListTagsForResource" => self.anywhere(&[&action]),
            other if other.starts_with("List") => self.anywhere(&[&action]),
            _ => {
                let members = self.call.members.as_object().into_iter().flatten();
                let named = members.filter(|(name, _)| name.ends_with("Identifier"));
                let named: Vec<String> = named.map(|(name, _)| name.clone()).collect();
                // What names nothing that is known here still needs its own action.
                if named.is_empty() {
                    self.anywhere(&[&action]);
                }
                named.iter().for_each(|name| there(self, name));
            }
        }
    }

    /// What the call makes, and its tags.
    fn made_by_lattice(&mut self, segment: &str, more: Context) {
        let tags = tags_in(&self.call.members["tags"]);
        let arn = self.world.arn("vpc-lattice", &format!("{segment}/*"));
        let mut context = of_request(&tags);
        context.extend(more);
        self.need(&self.action(), arn.clone(), context.clone());
        if !tags.is_empty() {
            context.insert("vpc-lattice:CreateAction".to_owned(), vec![self.call.action.clone()]);
            self.need("vpc-lattice:TagResource", arn, context);
        }
        self.service_linked_role();
    }

    /// What a member names, by its own tags.
    fn there_in_lattice(&mut self, member: &str, more: &Context) {
        let identifier = self.text(member).to_owned();
        let id = identifier.rsplit('/').next().unwrap_or_default();
        let entity = self.world.lattice.entity(id);
        let arn = entity.map_or(identifier.clone(), |it| it.arn.clone());
        let mut context = entity.map(|it| of_resource(&it.tags)).unwrap_or_default();
        context.extend(more.clone());
        let (action, is_there) = (self.action(), entity.is_some());
        self.needs.push(Need { action, resource: arn, context, is_there });
    }

    /// The first resource of VPC Lattice in an account has its service-linked role made, in the
    /// caller's name (VPC Lattice User Guide, "Using service-linked roles").
    pub(super) fn service_linked_role(&mut self) {
        if self.world.lattice.has_role {
            return;
        }
        let service = "vpc-lattice.amazonaws.com";
        let role = format!("role/aws-service-role/{service}/AWSServiceRoleForVpcLattice");
        let arn = format!("arn:aws:iam::{}:{role}", self.world.account);
        let context = [("iam:AWSServiceName".to_owned(), vec![service.to_owned()])].into();
        self.need("iam:CreateServiceLinkedRole", arn, context);
    }
}

/// Tags as VPC Lattice is given them: a map.
fn tags_in(map: &Value) -> Tags {
    let members = map.as_object().into_iter().flatten();
    members
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}
