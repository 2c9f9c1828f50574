//! DB subnet groups.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{FilterList, Number, Paging, TagList, invalid, page};
use super::show;
use super::state::SubnetGroup;
use crate::kernel::{Call, Fault};
use crate::rds::World;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubnetList {
    #[serde(rename = "SubnetIdentifier", alias = "member", default)]
    ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    #[serde(rename = "DBSubnetGroupName")]
    name: String,
    #[serde(rename = "DBSubnetGroupDescription")]
    description: String,
    #[serde(rename = "SubnetIds")]
    subnets: SubnetList,
    #[serde(rename = "Tags", default)]
    tags: TagList,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Modify {
    #[serde(rename = "DBSubnetGroupName")]
    name: String,
    #[serde(rename = "DBSubnetGroupDescription")]
    description: Option<String>,
    #[serde(rename = "SubnetIds")]
    subnets: SubnetList,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    #[serde(rename = "DBSubnetGroupName")]
    name: Option<String>,
    #[serde(default)]
    filters: FilterList,
    max_records: Option<Number>,
    marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    #[serde(rename = "DBSubnetGroupName")]
    name: String,
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let tags = input.tags.checked()?;
    let name = input.name.to_ascii_lowercase();
    if name.is_empty() || name.len() > 255 || name == "default" {
        return Err(invalid("Invalid DBSubnetGroupName"));
    }
    if world.rds.subnet_groups.contains_key(&name) {
        let message = format!("The DB subnet group '{name}' already exists.");
        return Err(Fault::new("DBSubnetGroupAlreadyExists", 400, message));
    }
    let vpc = vpc_of(world, &input.subnets.ids)?;
    let group = SubnetGroup {
        arn: world.arn("rds", &format!("subgrp:{name}")),
        name: name.clone(),
        description: input.description,
        vpc,
        subnets: input.subnets.ids,
        tags,
    };
    let answer = show::subnet_group(world, &group);
    world.rds.subnet_groups.insert(name, group);
    Ok(json!({"DBSubnetGroup": answer}))
}

/// The VPC of these subnets, if a group can be made of them.
fn vpc_of(world: &World, subnets: &[String]) -> Result<String, Fault> {
    let mut zones = BTreeSet::new();
    let mut vpcs = BTreeSet::new();
    for id in subnets {
        let found = world.ec2.subnets.get(id).ok_or_else(|| {
            let message = format!("Some input subnets in :[{id}] are invalid.");
            Fault::new("InvalidSubnet", 400, message)
        })?;
        zones.insert(found.zone.clone());
        vpcs.insert(found.vpc.clone());
    }
    if vpcs.len() > 1 {
        return Err(Fault::new("InvalidSubnet", 400, "The subnets are not in one VPC."));
    }
    if zones.len() < 2 {
        let message = "The DB subnet group doesn't meet Availability Zone (AZ) coverage \
                       requirement: it must cover at least two.";
        return Err(Fault::new("DBSubnetGroupDoesNotCoverEnoughAZs", 400, message));
    }
    Ok(vpcs.into_iter().next().unwrap_or_default())
}

/// `ModifyDBSubnetGroup`: a subnet in which a database has its interface stays.
pub(super) fn modify(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Modify = call.input()?;
    let mut group = find(world, &input.name)?.clone();
    if vpc_of(world, &input.subnets.ids)? != group.vpc {
        return Err(Fault::new("InvalidSubnet", 400, "The subnets are in another VPC."));
    }
    let users = world.rds.instances.values();
    let users = users.filter(|it| it.subnet_group.as_deref() == Some(&*group.name));
    let interfaces = users.filter_map(|it| it.interface.as_ref());
    let mut used = interfaces.filter_map(|id| world.ec2.interfaces.get(id)).map(|it| &it.subnet);
    if let Some(subnet) = used.find(|subnet| !input.subnets.ids.contains(subnet)) {
        let message = format!("Some of the subnets to be deleted are currently in use: {subnet}");
        return Err(Fault::new("SubnetAlreadyInUse", 400, message));
    }
    group.description = input.description.unwrap_or(group.description);
    group.subnets = input.subnets.ids;
    let answer = show::subnet_group(world, &group);
    world.rds.subnet_groups.insert(group.name.clone(), group);
    Ok(json!({"DBSubnetGroup": answer}))
}

pub(super) fn describe(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Describe = call.input()?;
    input.filters.pass(|_| None)?;
    if let Some(name) = &input.name {
        let group = find(world, name)?;
        let tree = show::subnet_group(world, group);
        return Ok(json!({"DBSubnetGroups": {"DBSubnetGroup": [tree]}}));
    }
    let groups = world.rds.subnet_groups.values();
    let items = groups.map(|it| (it.name.clone(), show::subnet_group(world, it))).collect();
    let paging = Paging { max_records: input.max_records, marker: input.marker };
    let (items, marker) = page(world, call, items, &paging)?;
    Ok(show::listing("DBSubnetGroups", "DBSubnetGroup", items, marker))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Delete = call.input()?;
    let name = find(world, &input.name)?.name.clone();
    let instances = world.rds.instances.values().filter_map(|it| it.subnet_group.as_ref());
    let clusters = world.rds.clusters.values().filter_map(|it| it.subnet_group.as_ref());
    if instances.chain(clusters).any(|used| *used == name) {
        let message = format!("Cannot delete the subnet group '{name}': databases use it.");
        return Err(Fault::new("InvalidDBSubnetGroupStateFault", 400, message));
    }
    world.rds.subnet_groups.remove(&name);
    Ok(json!({}))
}

/// The subnet group of this name.
pub(super) fn find<'a>(world: &'a World, name: &str) -> Result<&'a SubnetGroup, Fault> {
    world.rds.subnet_groups.get(&name.to_ascii_lowercase()).ok_or_else(|| {
        let message = format!("DB subnet group '{name}' does not exist.");
        Fault::new("DBSubnetGroupNotFoundFault", 404, message)
    })
}
