//! Tags of every kind, by ARN. They are in no listing and in no answer to a create.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Checks, absent, denied, invalid};
use super::kind::Kind;
use crate::kernel::{Call, Fault, Tags};
use crate::lattice::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Tag {
    resource_arn: String,
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Untag {
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    resource_arn: String,
}

pub(super) fn tag(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Tag = call.input()?;
    change(world, &input.resource_arn, |tags| tags.extend(input.tags))
}

pub(super) fn untag(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Untag = call.input()?;
    change(world, &input.resource_arn, |tags| tags.retain(|key, _| !input.tag_keys.contains(key)))
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: List = call.input()?;
    let (_, id) = find(world, &input.resource_arn)?;
    Ok(json!({"tags": world.lattice.entity(&id).map(|entity| &entity.tags)}))
}

fn change(world: &mut World, arn: &str, change: impl FnOnce(&mut Tags)) -> Result<Value, Fault> {
    let (kind, id) = find(world, arn)?;
    let managed = world.lattice.configurations.get(&id).is_some_and(|it| it.amazon_managed)
        || world.lattice.resource_associations.get(&id).is_some_and(|it| it.managed);
    let Some(entity) = world.lattice.entity_mut(&id) else {
        return Err(absent(kind.resource_type(), arn));
    };
    let owner = entity.owner().to_owned();
    let before = entity.tags.clone();
    let mut after = before.clone();
    change(&mut after);
    if managed || owner != world.account {
        return Err(denied(format!("{arn} cannot be tagged by this account")));
    }
    let mut checks = Checks::default();
    checks.expect(after.len() <= 50, "tags", "at most 50 tags");
    checks.pass()?;
    if let Some(entity) = world.lattice.entity_mut(&id) {
        entity.tags = after.clone();
    }
    world.tag_changed("vpc-lattice", kind.event_type(), arn, &before, &after);
    Ok(json!({}))
}

/// What an ARN names.
fn find(world: &World, arn: &str) -> Result<(Kind, String), Fault> {
    let id = arn.rsplit('/').next().unwrap_or_default();
    if !arn.starts_with("arn:") || arn.split(':').nth(2) != Some("vpc-lattice") {
        return Err(invalid("resourceArn", "must be an ARN of VPC Lattice"));
    }
    let found = world.lattice.entity(id).filter(|entity| entity.arn == arn);
    match (Kind::of(id), found) {
        (Some(kind), Some(_)) => Ok((kind, id.to_owned())),
        (kind, _) => Err(absent(kind.map_or("RESOURCE", Kind::resource_type), arn)),
    }
}
