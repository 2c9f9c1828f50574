//! DB snapshots, and instances restored from them.
//!
//! A restored instance gets the tags of its source unless the call gives others ("Restoring to a
//! DB instance"): a copy of an exposed database looks as exposed as the database.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{FilterList, Flag, GroupList, Number, Paging, TagList, identifier, page};
use super::state::{Instance, Snapshot};
use super::{instance, show, subnet_group};
use crate::kernel::{Call, Fault, Service, Tags};
use crate::rds::World;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    #[serde(rename = "DBSnapshotIdentifier")]
    id: String,
    #[serde(rename = "DBInstanceIdentifier")]
    instance: String,
    #[serde(rename = "Tags")]
    tags: Option<TagList>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    #[serde(rename = "DBSnapshotIdentifier")]
    id: Option<String>,
    #[serde(rename = "DBInstanceIdentifier")]
    instance: Option<String>,
    #[serde(default)]
    filters: FilterList,
    max_records: Option<Number>,
    marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Restore {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
    #[serde(rename = "DBSnapshotIdentifier")]
    snapshot: String,
    #[serde(rename = "DBInstanceClass")]
    class: Option<String>,
    #[serde(rename = "DBSubnetGroupName")]
    subnet_group: Option<String>,
    vpc_security_group_ids: Option<GroupList>,
    availability_zone: Option<String>,
    #[serde(rename = "MultiAZ")]
    multi_az: Option<Flag>,
    port: Option<Number>,
    publicly_accessible: Option<Flag>,
    tags: Option<TagList>,
    deletion_protection: Option<Flag>,
    copy_tags_to_snapshot: Option<Flag>,
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let source = instance::find_available(world, &input.instance)?;
    let tags = input.tags.as_ref().map(TagList::checked).transpose()?;
    let id = take(world, &source, &input.id, tags)?;
    Ok(json!({"DBSnapshot": show::snapshot(&world.rds.snapshots[&id])}))
}

/// A snapshot of the instance is being made. Returns its identifier.
pub(super) fn take(
    world: &mut World,
    source: &Instance,
    name: &str,
    tags: Option<Tags>,
) -> Result<String, Fault> {
    let id = identifier(name)?;
    if world.rds.snapshots.contains_key(&id) {
        let message = format!("Cannot create the snapshot because {id} already exists.");
        return Err(Fault::new("DBSnapshotAlreadyExists", 400, message));
    }
    let copied = if source.copies_tags { source.tags.clone() } else { Tags::new() };
    let snapshot = Snapshot {
        arn: world.arn("rds", &format!("snapshot:{id}")),
        id: id.clone(),
        status: "creating".to_owned(),
        created: world.now(),
        tags: tags.unwrap_or(copied),
        source: source.clone(),
    };
    world.tag_changed("rds", "snapshot", &snapshot.arn, &Tags::new(), &snapshot.tags);
    world.rds.snapshots.insert(id.clone(), snapshot);
    let time = world.switches.durations.modification;
    world.ripens(Service::Rds, &format!("snapshot:{id}"), time);
    Ok(id)
}

/// The snapshot is complete.
pub(super) fn ripen(world: &mut World, id: &str) {
    if let Some(snapshot) = world.rds.snapshots.get_mut(id) {
        snapshot.status = "available".to_owned();
    }
}

pub(super) fn describe(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Describe = call.input()?;
    if let Some(name) = &input.id {
        find(world, name)?;
    }
    let mut items = Vec::new();
    for it in world.rds.snapshots.values() {
        let field = |name: &str| match name {
            "db-instance-id" => Some(vec![it.source.id.clone(), it.source.arn.clone()]),
            "db-snapshot-id" => Some(vec![it.id.clone(), it.arn.clone()]),
            "dbi-resource-id" => Some(vec![it.source.resource_id.clone()]),
            "engine" => Some(vec![it.source.engine.clone()]),
            "snapshot-type" => Some(vec!["manual".to_owned()]),
            _ => None,
        };
        let named = |name: &Option<String>, id: &str| {
            name.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(id))
        };
        let is_wanted = (named(&input.id, &it.id) || named(&input.id, &it.arn))
            && named(&input.instance, &it.source.id);
        if input.filters.pass(field)? && is_wanted {
            items.push((it.id.clone(), show::snapshot(it)));
        }
    }
    let paging = Paging { max_records: input.max_records, marker: input.marker };
    let (items, marker) = page(world, call, items, &paging)?;
    Ok(show::listing("DBSnapshots", "DBSnapshot", items, marker))
}

pub(super) fn restore(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Restore = call.input()?;
    let snapshot = find(world, &input.snapshot)?.clone();
    if snapshot.status != "available" {
        let message = format!("Snapshot {} is not available.", snapshot.id);
        return Err(Fault::new("InvalidDBSnapshotState", 400, message));
    }
    let source = snapshot.source;
    let subnet_group = match &input.subnet_group {
        Some(name) => Some(subnet_group::find(world, name)?.name.clone()),
        None => source.subnet_group.clone(),
    };
    let tags = match &input.tags {
        Some(list) => list.checked()?,
        None => source.tags.clone(),
    };
    let template = Instance {
        id: identifier(&input.id)?,
        class: input.class.unwrap_or(source.class.clone()),
        subnet_group,
        groups: input.vpc_security_group_ids.map(|list| list.ids).unwrap_or_default(),
        zone: input.availability_zone.unwrap_or_default(),
        secondary_zone: input.multi_az.filter(|it| it.0).map(|_| String::new()),
        port: instance::port(input.port)?.unwrap_or(source.port),
        is_public: input.publicly_accessible.is_some_and(|it| it.0),
        tags,
        is_protected: input.deletion_protection.is_some_and(|it| it.0),
        copies_tags: input.copy_tags_to_snapshot.map_or(source.copies_tags, |it| it.0),
        cluster: None,
        ..source
    };
    let resource_id = instance::launch(world, template, Some(snapshot.id))?;
    Ok(instance::shown(world, &resource_id))
}

/// The snapshot of this identifier or ARN.
pub(super) fn find<'a>(world: &'a World, name: &str) -> Result<&'a Snapshot, Fault> {
    let mut all = world.rds.snapshots.values();
    let found = all.find(|it| name.eq_ignore_ascii_case(&it.id) || name == it.arn);
    found.ok_or_else(|| {
        Fault::new("DBSnapshotNotFound", 404, format!("DBSnapshot {name} not found."))
    })
}
