//! Security groups of EC2. Their rules are a kind of their own.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, ResourceType};
use reconcile::id::{GroupId, InterfaceId, VpcId};
use reconcile::key::Key;
use reconcile::observed::Group;

use super::tags::{ec2_tags, from_ec2};
use super::{EC2_PAGE, New, finish, is_known, made, promised};
use crate::{Aws, Error};

const GROUPS: &str = "DescribeSecurityGroups";
const INTERFACES: &str = "DescribeNetworkInterfaces";

impl Aws {
    /// The network interfaces that carry a group, whoever made them.
    pub(crate) async fn members(&self, group: &GroupId) -> Result<BTreeSet<InterfaceId>, Error> {
        let filter = Filter::builder().name("group-id").values(group.as_str()).build();
        let listing = self.ec2.describe_network_interfaces().filters(filter);
        let mut pages = listing.into_paginator().page_size(EC2_PAGE).items().send();
        let mut members = BTreeSet::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(INTERFACES, group, error))?;
            let id = promised(INTERFACES, "networkInterfaceId", item.network_interface_id())?;
            members.insert(id.into());
        }
        Ok(members)
    }

    /// All groups.
    pub(crate) async fn groups(&self) -> Result<Vec<Group>, Error> {
        let mut pages =
            self.ec2.describe_security_groups().into_paginator().page_size(EC2_PAGE).items().send();
        let mut groups = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(GROUPS, "all", error))?;
            groups.push(Group {
                id: promised(GROUPS, "groupId", item.group_id())?.into(),
                name: item.group_name().unwrap_or_default().to_owned(),
                vpc: promised(GROUPS, "vpcId", item.vpc_id())?.into(),
                tags: from_ec2(item.tags()),
            });
        }
        Ok(groups)
    }

    /// Whether there is a group of this id.
    pub(crate) async fn knows_group(&self, id: &GroupId) -> Result<bool, Error> {
        let answer = self.ec2.describe_security_groups().group_ids(id.as_str()).send().await;
        is_known(answer.map_err(|error| Error::of(GROUPS, id, error)))
    }

    /// Creates a group in a VPC.
    pub(crate) async fn create_group(
        &self,
        new: New<'_>,
        name: &str,
        description: &str,
        vpc: &VpcId,
    ) -> Result<Option<String>, Error> {
        let call = self
            .ec2
            .create_security_group()
            .group_name(name)
            .description(description)
            .vpc_id(vpc.as_str())
            .tag_specifications(ec2_tags(ResourceType::SecurityGroup, new.tags, Some(name)));
        made("CreateSecurityGroup", new.key, call.send().await, |it| it.group_id())
    }

    /// Deletes a group of ours.
    pub(crate) async fn delete_group(&self, key: &Key, id: &GroupId) -> Result<(), Error> {
        let call = self.ec2.delete_security_group().group_id(id.as_str());
        finish("DeleteSecurityGroup", key, call.send().await)
    }
}
