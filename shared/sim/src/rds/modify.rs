//! What changes an instance, and the work that this is.
//!
//! Groups, public accessibility, protection and port are changed at once, whatever
//! `ApplyImmediately` says; a new name, subnet group, class or standby waits for the maintenance
//! window without it, and is shown in `PendingModifiedValues` until a later call applies it.

use serde::Deserialize;
use serde_json::Value;

use super::input::{Flag, GroupList, Number, identifier, unfit};
use super::instance::{find_available, port, shown};
use super::network;
use super::state::{Changes, Instance, Work};
use super::{begin, instance, subnet_group};
use crate::kernel::{Call, Fault};
use crate::rds::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Modify {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
    #[serde(rename = "NewDBInstanceIdentifier")]
    new_id: Option<String>,
    #[serde(rename = "DBPortNumber")]
    port: Option<Number>,
    vpc_security_group_ids: Option<GroupList>,
    publicly_accessible: Option<Flag>,
    #[serde(rename = "DBSubnetGroupName")]
    subnet_group: Option<String>,
    #[serde(rename = "MultiAZ")]
    multi_az: Option<Flag>,
    #[serde(rename = "DBInstanceClass")]
    class: Option<String>,
    engine_version: Option<String>,
    allocated_storage: Option<Number>,
    deletion_protection: Option<Flag>,
    copy_tags_to_snapshot: Option<Flag>,
    #[serde(rename = "MasterUserPassword")]
    _password: Option<String>,
    backup_retention_period: Option<Number>,
    auto_minor_version_upgrade: Option<Flag>,
    apply_immediately: Option<Flag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Reboot {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
    force_failover: Option<Flag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
}

pub(super) fn modify(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Modify = call.input()?;
    let before = find_available(world, &input.id)?;
    let (at_once, later) = changes(world, &before, &input)?;
    let applies = input.apply_immediately.is_some_and(|it| it.0);
    let Some(it) = world.rds.instances.get_mut(&before.resource_id) else {
        return Err(Fault::new("DBInstanceNotFound", 404, "DBInstance not found."));
    };
    if let Some(Flag(protected)) = input.deletion_protection {
        it.is_protected = protected;
    }
    it.backup_days = input.backup_retention_period.map_or(it.backup_days, |it| it.0);
    it.upgrades_itself = input.auto_minor_version_upgrade.map_or(it.upgrades_itself, |it| it.0);
    if let Some(Flag(copies)) = input.copy_tags_to_snapshot {
        it.copies_tags = copies;
    }
    let pending = merge(std::mem::take(&mut it.pending), later);
    let work = if applies {
        merge(pending, at_once)
    } else {
        it.pending = pending;
        at_once
    };
    if work != Changes::default() {
        let status = if work.id.is_some() { "renaming" } else { "modifying" };
        let time = world.switches.durations.modification;
        begin(world, &before.resource_id, status, Work::Modify(work), time);
    }
    Ok(shown(world, &before.resource_id))
}

/// What is asked for: what changes at once, and what can wait.
fn changes(world: &World, before: &Instance, input: &Modify) -> Result<(Changes, Changes), Fault> {
    let id = input.new_id.as_deref().map(identifier).transpose()?;
    let id = id.filter(|id| *id != before.id);
    if id.as_ref().is_some_and(|id| world.rds.instance(id).is_some()) {
        return Err(Fault::new("DBInstanceAlreadyExists", 400, "DB instance already exists"));
    }
    let subnet_group = match &input.subnet_group {
        Some(name) => Some(subnet_group::find(world, name)?.name.clone()),
        None => None,
    };
    let subnet_group = subnet_group.filter(|name| Some(name) != before.subnet_group.as_ref());
    let groups = input.vpc_security_group_ids.as_ref().map(|list| list.ids.clone());
    if let (Some(groups), None, Some(vpc)) = (&groups, &subnet_group, &before.vpc) {
        network::expect_groups(world, groups, vpc)?;
    }
    if before.cluster.is_some() && groups.is_some() {
        return Err(unfit("The security groups of a cluster's member are those of the cluster"));
    }
    let at_once = Changes {
        port: port(input.port)?.filter(|port| *port != before.port),
        groups: groups.filter(|groups| *groups != before.groups),
        is_public: input.publicly_accessible.map(|it| it.0).filter(|it| *it != before.is_public),
        ..Changes::default()
    };
    let later = Changes {
        id,
        subnet_group,
        multi_az: input.multi_az.map(|it| it.0),
        class: input.class.clone(),
        engine_version: input.engine_version.clone(),
        storage: input.allocated_storage.map(|it| it.0),
        ..Changes::default()
    };
    Ok((at_once, later))
}

/// Both, the newer where they differ.
fn merge(older: Changes, newer: Changes) -> Changes {
    Changes {
        id: newer.id.or(older.id),
        port: newer.port.or(older.port),
        groups: newer.groups.or(older.groups),
        is_public: newer.is_public.or(older.is_public),
        subnet_group: newer.subnet_group.or(older.subnet_group),
        multi_az: newer.multi_az.or(older.multi_az),
        class: newer.class.or(older.class),
        engine_version: newer.engine_version.or(older.engine_version),
        storage: newer.storage.or(older.storage),
    }
}

/// The changes are made.
pub(super) fn apply(world: &mut World, resource_id: &str, changes: Changes) {
    let Some(mut it) = world.rds.instances.get(resource_id).cloned() else { return };
    if let Some(id) = changes.id {
        rename(world, &mut it, &id);
    }
    it.port = changes.port.unwrap_or(it.port);
    it.is_public = changes.is_public.unwrap_or(it.is_public);
    it.class = changes.class.unwrap_or(it.class);
    it.engine_version = changes.engine_version.unwrap_or(it.engine_version);
    it.storage = changes.storage.unwrap_or(it.storage);
    if let Some(multi_az) = changes.multi_az {
        it.secondary_zone = multi_az.then(|| it.secondary_zone.take().unwrap_or_default());
    }
    if let Some(groups) = changes.groups {
        it.groups = groups;
    }
    if let Some(name) = changes.subnet_group {
        let vpc = world.rds.subnet_groups.get(&name).map(|group| group.vpc.clone());
        if vpc != it.vpc {
            it.groups.retain(|id| world.ec2.groups.get(id).map(|group| &group.vpc) == vpc.as_ref());
        }
        it.zone = String::new();
        it.subnet_group = Some(name);
    }
    network::detach(world, &mut it);
    if network::place(world, &mut it).is_err() {
        it.status = "incompatible-network".to_owned();
    }
    world.rds.instances.insert(resource_id.to_owned(), it);
}

/// The instance has another name, and with it another ARN and another endpoint.
pub(super) fn rename(world: &World, it: &mut Instance, id: &str) {
    id.clone_into(&mut it.id);
    it.arn = world.arn("rds", &format!("db:{id}"));
    it.address = it.address.as_ref().map(|_| instance::address(world, id));
}

pub(super) fn reboot(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Reboot = call.input()?;
    let it = find_available(world, &input.id)?;
    let fails_over = input.force_failover.is_some_and(|it| it.0);
    if fails_over && it.secondary_zone.is_none() {
        return Err(unfit("ForceFailover cannot be specified since the instance is not MultiAZ"));
    }
    let time = world.switches.durations.modification;
    begin(world, &it.resource_id, "rebooting", Work::Reboot { fails_over }, time);
    Ok(shown(world, &it.resource_id))
}

/// The standby is the primary now, in its own zone and subnet; the endpoint's name stays.
pub(super) fn fail_over(world: &mut World, resource_id: &str) {
    let Some(mut it) = world.rds.instances.get(resource_id).cloned() else { return };
    let Some(zone) = it.secondary_zone.take() else { return };
    it.secondary_zone = Some(std::mem::replace(&mut it.zone, zone));
    network::detach(world, &mut it);
    if network::attach(world, &mut it).is_err() {
        it.status = "incompatible-network".to_owned();
    }
    world.rds.instances.insert(resource_id.to_owned(), it);
}

pub(super) fn stop(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let it = find_available(world, &input.id)?;
    let time = world.switches.durations.modification;
    begin(world, &it.resource_id, "stopping", Work::Stop, time);
    Ok(shown(world, &it.resource_id))
}

pub(super) fn start(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let it = instance::find(world, &input.id)?.clone();
    if it.status != "stopped" {
        let message = format!("Instance {} is not in stopped state.", it.id);
        return Err(Fault::new("InvalidDBInstanceState", 400, message));
    }
    let time = world.switches.durations.modification;
    begin(world, &it.resource_id, "starting", Work::Start, time);
    Ok(shown(world, &it.resource_id))
}
