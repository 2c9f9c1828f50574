//! The events of RDS ("Amazon RDS event categories and event messages").
//!
//! They carry the tags of the moment at which they are sent. `SourceIdentifier` has a prefix
//! when an instance is created, as real events have been seen to, so that only the ARN is to be
//! relied on; a rename has no `EventID`.

use serde_json::{Value, json};

use super::state::Instance;
use crate::kernel::iso;
use crate::rds::World;

/// Made, from the snapshot of this name or from nothing.
pub(super) fn created(world: &mut World, id: &str, snapshot: Option<&str>) {
    match snapshot {
        Some(name) => {
            let message = format!("Restored from snapshot {name}.");
            tell(world, id, "", "restoration", &message, Some("RDS-EVENT-0043"));
        }
        None => {
            let message = "DB instance created.";
            tell(world, id, "rds:", "creation", message, Some("RDS-EVENT-0005"));
        }
    }
}

/// Removed: sent while the tags are still known.
pub(super) fn deleted(world: &mut World, id: &str) {
    tell(world, id, "", "deletion", "DB instance deleted.", Some("RDS-EVENT-0003"));
}

/// Its name was `old`, if it is another now.
pub(super) fn renamed(world: &mut World, id: &str, old: &str) {
    let Some(new) = world.rds.instances.get(id).map(|it| it.id.clone()) else { return };
    if new != old {
        let message = format!("Renamed instance from {old} to {new}");
        tell(world, id, "", "configuration change", &message, None);
    }
}

/// Its standby took over.
pub(super) fn failed_over(world: &mut World, id: &str) {
    let message = "Multi-AZ instance failover completed";
    tell(world, id, "", "failover", message, Some("RDS-EVENT-0049"));
}

/// A blue/green deployment was switched over.
pub(super) fn switched_over(world: &mut World, deployment: &str) {
    let arn = world.arn("rds", &format!("deployment:{deployment}"));
    let detail = json!({
        "EventCategories": ["notification"],
        "SourceType": "BLUE_GREEN_DEPLOYMENT",
        "SourceArn": arn,
        "Date": iso(world.now()),
        "Message": "Switchover completed on blue/green deployment.",
        "SourceIdentifier": deployment,
        "EventID": "RDS-EVENT-0248",
    });
    world.emit("aws.rds", "RDS Blue Green Deployment Event", &[&arn], detail);
}

/// Stopped.
pub(super) fn stopped(world: &mut World, id: &str) {
    tell(world, id, "", "notification", "DB instance stopped", Some("RDS-EVENT-0087"));
}

/// Started.
pub(super) fn started(world: &mut World, id: &str) {
    tell(world, id, "", "notification", "DB instance started", Some("RDS-EVENT-0088"));
}

/// A cluster came or went.
pub(super) fn cluster(world: &mut World, id: &str, category: &str, message: &str, event: &str) {
    let Some(it) = world.rds.clusters.get(id).cloned() else { return };
    let detail = json!({
        "EventCategories": [category],
        "SourceType": "CLUSTER",
        "SourceArn": it.arn,
        "Date": iso(world.now()),
        "Message": message,
        "SourceIdentifier": it.id,
        "EventID": event,
        "Tags": it.tags,
    });
    world.emit("aws.rds", "RDS DB Cluster Event", &[&it.arn], detail);
}

fn tell(
    world: &mut World,
    id: &str,
    prefix: &str,
    category: &str,
    message: &str,
    event: Option<&str>,
) {
    let Some(it) = world.rds.instances.get(id).cloned() else { return };
    let detail = detail(world, &it, &format!("{prefix}{}", it.id), category, message, event);
    world.emit("aws.rds", "RDS DB Instance Event", &[&it.arn], detail);
}

fn detail(
    world: &World,
    it: &Instance,
    identifier: &str,
    category: &str,
    message: &str,
    event: Option<&str>,
) -> Value {
    let mut detail = json!({
        "EventCategories": [category],
        "SourceType": "DB_INSTANCE",
        "SourceArn": it.arn,
        "Date": iso(world.now()),
        "Message": message,
        "SourceIdentifier": identifier,
        "Tags": it.tags,
    });
    if let Some(event) = event {
        detail["EventID"] = event.into();
    }
    detail
}
