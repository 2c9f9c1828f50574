//! Tags of everything that EC2 has: on create, later, and the event that tells of it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{self, Query};
use crate::ec2::World;
use crate::kernel::{Call, Fault, Tags};

/// A tag of the wire.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    #[serde(default)]
    value: Option<String>,
}

/// Tags for what a call creates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct TagSpecification {
    resource_type: String,
    #[serde(default, rename = "Tag")]
    tags: Vec<Tag>,
}

/// The tags that a create gives to a thing of this type, which is the only one it creates.
pub(crate) fn on_create(given: &[TagSpecification], resource_type: &str) -> Result<Tags, Fault> {
    if let Some(other) = given.iter().find(|one| one.resource_type != resource_type) {
        let message = format!(
            "'{}' is not a valid taggable resource type for this operation.",
            other.resource_type
        );
        return Err(Fault::new("InvalidParameterValue", 400, message));
    }
    let mut tags = Tags::new();
    for tag in given.iter().flat_map(|one| &one.tags) {
        let value = tag.value.clone().unwrap_or_default();
        if tags.insert(tag.key.clone(), value).is_some() {
            let message = format!("Duplicate tag key '{}' specified.", tag.key);
            return Err(Fault::new("InvalidParameterValue", 400, message));
        }
    }
    check(&tags)?;
    Ok(tags)
}

/// Up to 50 tags, with keys of 1 to 128 and values of up to 256 characters, and none of AWS's own.
fn check(tags: &Tags) -> Result<(), Fault> {
    if tags.len() > 50 {
        let message = "The maximum number of Tags for a resource has been reached.";
        return Err(Fault::new("TagLimitExceeded", 400, message));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 {
            let message = format!("Tag key '{key}' must have 1 to 128 characters.");
            return Err(Fault::new("InvalidParameterValue", 400, message));
        }
        if value.chars().count() > 256 {
            let message = "Tag value exceeds the maximum length of 256 characters.";
            return Err(Fault::new("InvalidParameterValue", 400, message));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            let message = "Tag keys starting with 'aws:' are reserved for internal use";
            return Err(Fault::new("InvalidParameterValue", 400, message));
        }
    }
    Ok(())
}

/// Tags as answers show them.
pub(crate) fn show(tags: &Tags) -> Value {
    let items: Vec<Value> =
        tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    json!({ "item": items })
}

/// Tells of the tags that a thing was created with.
pub(crate) fn created(world: &mut World, resource_type: &str, id: &str, tags: &Tags) {
    changed(world, resource_type, id, &Tags::new(), tags);
}

/// Tells of the end of a thing, where tag events do so.
pub(crate) fn deleted(world: &mut World, resource_type: &str, id: &str, tags: &Tags) {
    if world.switches.tag_event_on_delete {
        changed(world, resource_type, id, tags, &Tags::new());
    }
}

fn changed(world: &mut World, resource_type: &str, id: &str, before: &Tags, after: &Tags) {
    let arn = world.arn("ec2", &format!("{resource_type}/{id}"));
    world.tag_changed("ec2", resource_type, &arn, before, after);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateTags {
    #[serde(rename = "ResourceId")]
    resources: Vec<String>,
    #[serde(rename = "Tag")]
    tags: Vec<Tag>,
}

/// `CreateTags`: merges.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: CreateTags = call.input()?;
    let given: Tags =
        input.tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect();
    check(&given)?;
    for id in &input.resources {
        let mut after = find(world, id)?.1.clone();
        after.extend(given.clone());
        check(&after)?;
    }
    for id in &input.resources {
        change(world, id, |tags| tags.extend(given.clone()))?;
    }
    Ok(json!({"return": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteTags {
    #[serde(rename = "ResourceId")]
    resources: Vec<String>,
    #[serde(default, rename = "Tag")]
    tags: Vec<Tag>,
}

/// `DeleteTags`: a key without a value goes whatever its value, one with a value only if it has
/// that value, and without any key all go.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: DeleteTags = call.input()?;
    for id in &input.resources {
        find(world, id)?;
    }
    for id in &input.resources {
        change(world, id, |tags| {
            if input.tags.is_empty() {
                tags.clear();
            }
            for tag in &input.tags {
                if tag.value.is_none() || tag.value.as_ref() == tags.get(&tag.key) {
                    tags.remove(&tag.key);
                }
            }
        })?;
    }
    Ok(json!({"return": true}))
}

fn change(world: &mut World, id: &str, edit: impl FnOnce(&mut Tags)) -> Result<(), Fault> {
    let (resource_type, tags) = find(world, id)?;
    let before = tags.clone();
    edit(tags);
    let after = tags.clone();
    changed(world, resource_type, id, &before, &after);
    Ok(())
}

/// The type and the tags of the thing with this id.
fn find<'a>(world: &'a mut World, id: &str) -> Result<(&'static str, &'a mut Tags), Fault> {
    let stem = id.rsplit_once('-').map_or(id, |(stem, _)| stem);
    let kind = world.ec2.kinds_mut().into_iter().find(|kind| kind.stem() == stem);
    let kind =
        kind.ok_or_else(|| Fault::new("InvalidID", 400, format!("The ID '{id}' is not valid")))?;
    let resource_type = kind.resource_type();
    Ok((resource_type, &mut kind.head_mut(id)?.tags))
}

/// The ARN and the tags of the thing with this id; no tags for one that is not there.
pub(crate) fn identity(world: &World, id: &str) -> (String, Option<Tags>) {
    let stem = id.rsplit_once('-').map_or(id, |(stem, _)| stem);
    let kinds = world.ec2.kinds();
    let kind = kinds.iter().find(|kind| kind.stem() == stem);
    let resource_type = kind.map_or("unknown", |kind| kind.resource_type());
    let head = kind.and_then(|kind| kind.head(id));
    let tags = head.map(|head| head.tags.clone());
    (world.arn("ec2", &format!("{resource_type}/{id}")), tags)
}

/// The filters of `DescribeTags`.
pub(super) const FILTERS: &[&str] = &["key", "resource-id", "resource-type", "value"];

/// `DescribeTags`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    let query = Query::read(call, "", (5, 1000))?;
    let kinds = world.ec2.kinds();
    let all = kinds.iter().flat_map(|kind| {
        kind.heads().into_iter().map(|head| (kind.resource_type(), &head.id, &head.tags))
    });
    let rows: Vec<[String; 4]> = all
        .flat_map(|(kind, id, tags)| {
            tags.iter()
                .map(move |(key, value)| [kind.to_owned(), id.clone(), key.clone(), value.clone()])
        })
        .filter(|[kind, id, key, value]| {
            query.keeps(&Tags::from([(key.clone(), value.clone())]), |filter| {
                let field = match filter {
                    "key" => key,
                    "resource-id" => id,
                    "resource-type" => kind,
                    _ => value,
                };
                vec![field.clone()]
            })
        })
        .collect();
    let page = world.page(call, rows, |row| row.join("/"), query.size, query.token.as_deref())?;
    let show = |[kind, id, key, value]: &[String; 4]| {
        json!({
            "resourceType": kind, "resourceId": id, "key": key, "value": value,
        })
    };
    Ok(listing::set("tagSet", page.items.iter().map(show).collect(), page.next))
}
