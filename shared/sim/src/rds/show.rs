//! Things of RDS as trees: an array under a key is that element, repeated.

use serde_json::{Map, Value, json};

use super::state::{BlueGreen, Changes, Cluster, Instance, Snapshot, SubnetGroup, Work};
use crate::kernel::switches::GroupMembership;
use crate::kernel::{Tags, iso};
use crate::rds::World;

/// The id of the hosted zone of a region's endpoints.
const HOSTED_ZONE: &str = "Z2R2ITUGPM61AM";

/// A page of things, with the marker for the next.
pub(super) fn listing(list: &str, item: &str, items: Vec<Value>, marker: Option<String>) -> Value {
    let mut answer = Map::new();
    answer.insert(list.to_owned(), json!({item: items}));
    if let Some(marker) = marker {
        answer.insert("Marker".to_owned(), marker.into());
    }
    answer.into()
}

pub(super) fn tags(tags: &Tags) -> Value {
    let tags: Vec<_> =
        tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    json!({"Tag": tags})
}

pub(super) fn subnet_group(world: &World, group: &SubnetGroup) -> Value {
    let subnets: Vec<_> = group
        .subnets
        .iter()
        .map(|id| {
            let zone = world.ec2.subnets.get(id).map(|subnet| subnet.zone.clone());
            json!({
                "SubnetIdentifier": id,
                "SubnetAvailabilityZone": {"Name": zone.unwrap_or_default()},
                "SubnetStatus": "Active",
            })
        })
        .collect();
    json!({
        "DBSubnetGroupName": group.name,
        "DBSubnetGroupDescription": group.description,
        "VpcId": group.vpc,
        "SubnetGroupStatus": "Complete",
        "Subnets": {"Subnet": subnets},
        "DBSubnetGroupArn": group.arn,
        "SupportedNetworkTypes": {"member": ["IPV4"]},
    })
}

pub(super) fn instance(world: &World, it: &Instance) -> Value {
    let group = it.subnet_group.as_ref().and_then(|name| world.rds.subnet_groups.get(name));
    let endpoint = it
        .address
        .as_ref()
        .map(|address| json!({"Address": address, "Port": it.port, "HostedZoneId": HOSTED_ZONE}));
    without_nulls(json!({
        "DBInstanceIdentifier": it.id,
        "DBInstanceClass": it.class,
        "Engine": it.engine,
        "DBInstanceStatus": it.status,
        "MasterUsername": it.master_username,
        "DBName": it.database,
        "Endpoint": endpoint,
        "AllocatedStorage": it.storage,
        "InstanceCreateTime": it.address.as_ref().map(|_| iso(it.created)),
        "BackupRetentionPeriod": it.backup_days,
        "VpcSecurityGroups": security_groups(&it.groups, changing(world, it)),
        "AvailabilityZone": it.zone,
        "DBSubnetGroup": group.map(|group| subnet_group(world, group)),
        "PendingModifiedValues": pending(&it.pending),
        "MultiAZ": it.secondary_zone.is_some(),
        "EngineVersion": it.engine_version,
        "AutoMinorVersionUpgrade": it.upgrades_itself,
        "SecondaryAvailabilityZone": it.secondary_zone,
        "PubliclyAccessible": it.is_public,
        "StorageType": it.storage_type,
        "DbInstancePort": 0,
        "DBClusterIdentifier": it.cluster,
        "StorageEncrypted": it.is_encrypted,
        "DbiResourceId": it.resource_id,
        "CopyTagsToSnapshot": it.copies_tags,
        "DBInstanceArn": it.arn,
        "IAMDatabaseAuthenticationEnabled": it.takes_iam,
        "DeletionProtection": it.is_protected,
        "TagList": tags(&it.tags),
        "NetworkType": "IPV4",
    }))
}

/// What waits for the maintenance window.
fn pending(changes: &Changes) -> Value {
    without_nulls(json!({
        "DBInstanceClass": changes.class,
        "AllocatedStorage": changes.storage,
        "Port": changes.port,
        "MultiAZ": changes.multi_az,
        "EngineVersion": changes.engine_version,
        "DBInstanceIdentifier": changes.id,
        "DBSubnetGroupName": changes.subnet_group,
    }))
}

pub(super) fn cluster(world: &World, it: &Cluster) -> Value {
    let members: Vec<_> = world
        .rds
        .instances
        .values()
        .filter(|member| member.cluster.as_ref() == Some(&it.id))
        .enumerate()
        .map(|(index, member)| {
            json!({
                "DBInstanceIdentifier": member.id,
                "IsClusterWriter": index == 0,
                "DBClusterParameterGroupStatus": "in-sync",
                "PromotionTier": 1,
            })
        })
        .collect();
    without_nulls(json!({
        "DBClusterIdentifier": it.id,
        "DBSubnetGroup": it.subnet_group,
        "Status": it.status,
        "Endpoint": it.endpoint,
        "ReaderEndpoint": it.reader_endpoint,
        "MultiAZ": members.len() > 1,
        "Engine": it.engine,
        "EngineVersion": it.engine_version,
        "EngineMode": "provisioned",
        "Port": it.port,
        "MasterUsername": it.master_username,
        "DBClusterMembers": {"DBClusterMember": members},
        "VpcSecurityGroups": security_groups(&it.groups, &it.groups),
        "HostedZoneId": HOSTED_ZONE,
        "StorageEncrypted": it.is_encrypted,
        "DbClusterResourceId": it.resource_id,
        "DBClusterArn": it.arn,
        "ClusterCreateTime": iso(it.created),
        "PubliclyAccessible": it.is_public.then_some(true),
        "DeletionProtection": it.is_protected,
        "TagList": tags(&it.tags),
        "NetworkType": "IPV4",
        "VPCNetworkingEnabled": it.subnet_group.is_some(),
    }))
}

pub(super) fn snapshot(it: &Snapshot) -> Value {
    without_nulls(json!({
        "DBSnapshotIdentifier": it.id,
        "DBInstanceIdentifier": it.source.id,
        "SnapshotCreateTime": iso(it.created),
        "Engine": it.source.engine,
        "EngineVersion": it.source.engine_version,
        "AllocatedStorage": it.source.storage,
        "Status": it.status,
        "Port": it.source.port,
        "AvailabilityZone": it.source.zone,
        "VpcId": it.source.vpc,
        "InstanceCreateTime": iso(it.source.created),
        "MasterUsername": it.source.master_username,
        "SnapshotType": "manual",
        "PercentProgress": if it.status == "available" { 100 } else { 0 },
        "Encrypted": it.source.is_encrypted,
        "DBSnapshotArn": it.arn,
        "DbiResourceId": it.source.resource_id,
        "TagList": tags(&it.tags),
    }))
}

pub(super) fn blue_green(world: &World, it: &BlueGreen) -> Value {
    let arn = |id: &str| world.rds.instances.get(id).map(|instance| instance.arn.clone());
    let (blue, green) = (arn(&it.blue), arn(&it.green));
    let status = match (&blue, &green) {
        (None, _) => "MISSING_SOURCE",
        (_, None) => "MISSING_TARGET",
        _ => it.status.as_str(),
    };
    let is_over = it.status == "SWITCHOVER_COMPLETED";
    let source = if is_over { blue } else { Some(it.source.clone()) };
    let source = source.unwrap_or_else(|| it.last.0.clone());
    let target = green.unwrap_or_else(|| it.last.1.clone());
    let is_made = it.status != "PROVISIONING";
    without_nulls(json!({
        "BlueGreenDeploymentIdentifier": it.id,
        "BlueGreenDeploymentName": it.name,
        "Source": source,
        "Target": target,
        "SwitchoverDetails": {"member": [{
            "SourceMember": source,
            "TargetMember": target,
            "Status": status,
        }]},
        "Tasks": {"member": [{
            "Name": "CREATING_READ_REPLICA_OF_SOURCE",
            "Status": if is_made { "COMPLETED" } else { "IN_PROGRESS" },
        }]},
        "Status": it.status,
        "CreateTime": iso(it.created),
        "TagList": tags(&it.tags),
    }))
}

/// The groups that the instance is about to have.
fn changing<'a>(world: &World, it: &'a Instance) -> &'a [String] {
    match &it.work {
        Some(Work::Modify(Changes { groups: Some(groups), .. }))
            if world.switches.group_membership == GroupMembership::Changing =>
        {
            groups
        }
        _ => &it.groups,
    }
}

/// Groups before and after a change.
fn security_groups(before: &[String], after: &[String]) -> Value {
    let coming = after.iter().filter(|id| !before.contains(id)).map(|id| (id, "adding"));
    let status = |id: &String| if after.contains(id) { "active" } else { "removing" };
    let there = before.iter().map(|id| (id, status(id)));
    let groups: Vec<_> = there
        .chain(coming)
        .map(|(id, status)| json!({"VpcSecurityGroupId": id, "Status": status}))
        .collect();
    json!({"VpcSecurityGroupMembership": groups})
}

/// Leaves out what is not there.
fn without_nulls(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}
