//! Tags, by the ARN of an instance, a cluster, a snapshot or a subnet group.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{FilterList, TagList, expect_few, invalid};
use super::show;
use crate::kernel::switches::TagsWhileBusy;
use crate::kernel::{Call, Fault, Tags};
use crate::rds::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Add {
    resource_name: String,
    tags: TagList,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Remove {
    resource_name: String,
    tag_keys: KeyList,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyList {
    #[serde(rename = "member", default)]
    keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct List {
    resource_name: String,
    #[serde(default)]
    filters: FilterList,
}

pub(super) fn add(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Add = call.input()?;
    let added = input.tags.checked()?;
    change(world, &input.resource_name, |tags| tags.extend(added))
}

pub(super) fn remove(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Remove = call.input()?;
    let keys = input.tag_keys.keys;
    change(world, &input.resource_name, |tags| tags.retain(|key, _| !keys.contains(key)))
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: List = call.input()?;
    input.filters.pass(|_| None)?;
    let tags = find(world, &input.resource_name)?;
    Ok(json!({"TagList": show::tags(tags)}))
}

fn change(world: &mut World, arn: &str, change: impl FnOnce(&mut Tags)) -> Result<Value, Fault> {
    expect_idle(world, arn)?;
    let tags = find(world, arn)?;
    let mut after = tags.clone();
    change(&mut after);
    expect_few(&after)?;
    let before = std::mem::replace(tags, after.clone());
    let kind = arn.split(':').nth(5).unwrap_or_default();
    world.tag_changed("rds", kind, arn, &before, &after);
    Ok(json!({}))
}

/// Nothing is on its way with the instance, where that matters.
fn expect_idle(world: &World, arn: &str) -> Result<(), Fault> {
    let busy = world.rds.instances.values().find(|it| it.arn == arn && it.status != "available");
    match busy {
        Some(it) if world.switches.tags_while_busy == TagsWhileBusy::Refused => {
            let message = format!("Instance {} is not in available state.", it.id);
            Err(Fault::new("InvalidDBInstanceState", 400, message))
        }
        _ => Ok(()),
    }
}

/// The tags of the thing that an ARN names.
fn find<'a>(world: &'a mut World, arn: &str) -> Result<&'a mut Tags, Fault> {
    let rds = &mut world.rds;
    let mut parts = arn.split(':');
    let kind = match (parts.next(), parts.next(), parts.next()) {
        (Some("arn"), Some(_), Some("rds")) => parts.nth(2).unwrap_or_default(),
        _ => return Err(invalid(format!("Invalid resource name: {arn}"))),
    };
    let (found, code) = match kind {
        "db" => {
            let it = rds.instances.values_mut().find(|it| it.arn == arn);
            (it.map(|it| &mut it.tags), "DBInstanceNotFound")
        }
        "cluster" => {
            let it = rds.clusters.values_mut().find(|it| it.arn == arn);
            (it.map(|it| &mut it.tags), "DBClusterNotFoundFault")
        }
        "snapshot" => {
            let it = rds.snapshots.values_mut().find(|it| it.arn == arn);
            (it.map(|it| &mut it.tags), "DBSnapshotNotFound")
        }
        "subgrp" => {
            let it = rds.subnet_groups.values_mut().find(|it| it.arn == arn);
            (it.map(|it| &mut it.tags), "DBSubnetGroupNotFoundFault")
        }
        _ => return Err(invalid(format!("The simulated RDS does not tag {arn}"))),
    };
    let name = arn.rsplit(':').next().unwrap_or_default();
    found.ok_or_else(|| Fault::new(code, 404, format!("{kind} {name} not found.")))
}
