//! DB clusters: made, described, tagged and removed; their members are instances.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{FilterList, Flag, GroupList, Number, Paging, TagList, identifier, page, unfit};
use super::state::Cluster;
use super::{account_hash, instance, network, notice, show, subnet_group};
use crate::kernel::{Call, Fault, Service, Tags};
use crate::rds::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Create {
    #[serde(rename = "DBClusterIdentifier")]
    id: String,
    engine: String,
    engine_version: Option<String>,
    master_username: Option<String>,
    #[serde(rename = "MasterUserPassword")]
    _password: Option<String>,
    #[serde(rename = "ManageMasterUserPassword")]
    _manages_password: Option<Flag>,
    #[serde(rename = "DatabaseName")]
    _database: Option<String>,
    #[serde(rename = "DBSubnetGroupName")]
    subnet_group: Option<String>,
    #[serde(default)]
    vpc_security_group_ids: GroupList,
    port: Option<Number>,
    publicly_accessible: Option<Flag>,
    deletion_protection: Option<Flag>,
    storage_encrypted: Option<Flag>,
    #[serde(default)]
    tags: TagList,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    #[serde(rename = "DBClusterIdentifier")]
    id: Option<String>,
    #[serde(default)]
    filters: FilterList,
    max_records: Option<Number>,
    marker: Option<String>,
    #[serde(rename = "IncludeShared")]
    _include_shared: Option<Flag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Delete {
    #[serde(rename = "DBClusterIdentifier")]
    id: String,
    skip_final_snapshot: Option<Flag>,
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let id = identifier(&input.id)?;
    let (default_port, version) = instance::engine(&input.engine)?;
    let tags = input.tags.checked()?;
    if world.rds.cluster(&id).is_some() {
        let message = "DB Cluster already exists";
        return Err(Fault::new("DBClusterAlreadyExistsFault", 400, message));
    }
    let subnet_group = match &input.subnet_group {
        Some(name) => Some(subnet_group::find(world, name)?.name.clone()),
        None => None,
    };
    if let Some(name) = &subnet_group {
        let vpc = &world.rds.subnet_groups[name].vpc;
        network::expect_groups(world, &input.vpc_security_group_ids.ids, vpc)?;
    }
    let hash = account_hash(world);
    let resource_id = format!("cluster-{}", &world.new_hex()[..26].to_ascii_uppercase());
    let region = &world.region;
    let time = world.switches.durations.instance;
    let cluster = Cluster {
        arn: world.arn("rds", &format!("cluster:{id}")),
        endpoint: format!("{id}.cluster-{hash}.{region}.rds.amazonaws.com"),
        reader_endpoint: format!("{id}.cluster-ro-{hash}.{region}.rds.amazonaws.com"),
        id,
        resource_id: resource_id.clone(),
        engine: input.engine,
        engine_version: input.engine_version.unwrap_or_else(|| version.to_owned()),
        status: "creating".to_owned(),
        due_at: world.ripens(Service::Rds, &resource_id, time),
        master_username: input.master_username.unwrap_or_else(|| "admin".to_owned()),
        port: instance::port(input.port)?.unwrap_or(default_port),
        subnet_group,
        groups: input.vpc_security_group_ids.ids,
        is_public: input.publicly_accessible.is_some_and(|it| it.0),
        is_encrypted: input.storage_encrypted.is_some_and(|it| it.0),
        is_protected: input.deletion_protection.is_some_and(|it| it.0),
        tags,
        created: world.now(),
    };
    world.tag_changed("rds", "cluster", &cluster.arn, &Tags::new(), &cluster.tags);
    world.rds.clusters.insert(resource_id.clone(), cluster);
    Ok(shown(world, &resource_id))
}

pub(super) fn describe(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Describe = call.input()?;
    if let Some(name) = &input.id {
        let tree = show::cluster(world, find(world, name)?);
        return Ok(json!({"DBClusters": {"DBCluster": [tree]}}));
    }
    let mut items = Vec::new();
    for (it, gone) in world.rds.clusters.ever() {
        let field = |name: &str| match name {
            "db-cluster-id" => Some(vec![it.id.clone(), it.arn.clone()]),
            "db-cluster-resource-id" => Some(vec![it.resource_id.clone()]),
            "engine" => Some(vec![it.engine.clone()]),
            "domain" | "clone-group-id" => Some(Vec::new()),
            _ => None,
        };
        if input.filters.pass(field)? && world.is_listed(it.created, gone) {
            items.push((it.id.clone(), show::cluster(world, it)));
        }
    }
    let paging = Paging { max_records: input.max_records, marker: input.marker };
    let (items, marker) = page(world, call, items, &paging)?;
    Ok(show::listing("DBClusters", "DBCluster", items, marker))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Delete = call.input()?;
    if !input.skip_final_snapshot.is_some_and(|it| it.0) {
        return Err(unfit("The simulated RDS takes no final snapshots of clusters"));
    }
    let cluster = find(world, &input.id)?.clone();
    if cluster.is_protected {
        return Err(unfit("Cannot delete protected Cluster, please disable deletion protection"));
    }
    let mut instances = world.rds.instances.values();
    if instances.any(|it| it.cluster.as_ref() == Some(&cluster.id)) {
        let message = "Cluster cannot be deleted, it still contains DB instances.";
        return Err(Fault::new("InvalidDBClusterStateFault", 400, message));
    }
    let time = world.switches.durations.instance;
    let due_at = world.ripens(Service::Rds, &cluster.resource_id, time);
    if let Some(it) = world.rds.clusters.get_mut(&cluster.resource_id) {
        it.status = "deleting".to_owned();
        it.due_at = due_at;
    }
    Ok(shown(world, &cluster.resource_id))
}

/// A due moment of the cluster has come.
pub(super) fn ripen(world: &mut World, id: &str) {
    let now = world.now();
    let Some(it) = world.rds.clusters.get_mut(id).filter(|it| it.due_at <= now) else { return };
    match it.status.as_str() {
        "creating" => {
            it.status = "available".to_owned();
            notice::cluster(world, id, "creation", "DB cluster created.", "RDS-EVENT-0170");
        }
        "deleting" => {
            let it = it.clone();
            notice::cluster(world, id, "deletion", "DB cluster deleted.", "RDS-EVENT-0171");
            world.rds.clusters.remove_at(now, id);
            if world.switches.tag_event_on_delete {
                world.tag_changed("rds", "cluster", &it.arn, &it.tags, &Tags::new());
            }
            world.rds.news.push(it.arn);
        }
        _ => {}
    }
}

/// The cluster of this identifier or ARN.
pub(super) fn find<'a>(world: &'a World, name: &str) -> Result<&'a Cluster, Fault> {
    world.rds.cluster(name).ok_or_else(|| {
        Fault::new("DBClusterNotFoundFault", 404, format!("DBCluster {name} not found."))
    })
}

fn shown(world: &World, resource_id: &str) -> Value {
    let tree = world.rds.clusters.get(resource_id).map(|it| show::cluster(world, it));
    json!({"DBCluster": tree})
}
