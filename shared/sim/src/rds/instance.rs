//! DB instances: how they are made, described and removed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{
    FilterList, Flag, GroupList, Number, Paging, TagList, identifier, invalid, page, unfit,
};
use super::state::{Changes, Instance, Work};
use super::{begin, begin_delete, network, show, snapshot, subnet_group};
use crate::kernel::{Call, Fault, Tags};
use crate::rds::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Create {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
    #[serde(rename = "DBInstanceClass")]
    class: String,
    engine: String,
    engine_version: Option<String>,
    allocated_storage: Option<Number>,
    master_username: Option<String>,
    #[serde(rename = "MasterUserPassword")]
    _password: Option<String>,
    #[serde(rename = "ManageMasterUserPassword")]
    _manages_password: Option<Flag>,
    #[serde(rename = "DBName")]
    database: Option<String>,
    #[serde(rename = "DBSubnetGroupName")]
    subnet_group: Option<String>,
    #[serde(rename = "DBClusterIdentifier")]
    cluster: Option<String>,
    #[serde(default)]
    vpc_security_group_ids: GroupList,
    availability_zone: Option<String>,
    #[serde(rename = "MultiAZ")]
    multi_az: Option<Flag>,
    port: Option<Number>,
    publicly_accessible: Option<Flag>,
    #[serde(default)]
    tags: TagList,
    deletion_protection: Option<Flag>,
    copy_tags_to_snapshot: Option<Flag>,
    storage_encrypted: Option<Flag>,
    storage_type: Option<String>,
    backup_retention_period: Option<Number>,
    auto_minor_version_upgrade: Option<Flag>,
    #[serde(rename = "EnableIAMDatabaseAuthentication")]
    iam: Option<Flag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    #[serde(rename = "DBInstanceIdentifier")]
    id: Option<String>,
    #[serde(default)]
    filters: FilterList,
    max_records: Option<Number>,
    marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Delete {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
    skip_final_snapshot: Option<Flag>,
    #[serde(rename = "FinalDBSnapshotIdentifier")]
    final_snapshot: Option<String>,
    #[serde(rename = "DeleteAutomatedBackups")]
    _backups: Option<Flag>,
}

/// Engines, with the port that a database of theirs has by default and a version of theirs.
const ENGINES: [(&str, u16, &str); 11] = [
    ("postgres", 5432, "17.5"),
    ("mysql", 3306, "8.4.5"),
    ("mariadb", 3306, "11.8.3"),
    ("aurora-postgresql", 5432, "17.5"),
    ("aurora-mysql", 3306, "8.0.mysql_aurora.3.10.0"),
    ("oracle-ee", 1521, "19.0.0.0.ru-2025-04.rur-2025-04.r1"),
    ("oracle-se2", 1521, "19.0.0.0.ru-2025-04.rur-2025-04.r1"),
    ("sqlserver-se", 1433, "16.00.4210.1.v1"),
    ("neptune", 8182, "1.4.5.1"),
    ("docdb", 27017, "5.0.0"),
    ("custom-oracle-ee", 1521, "19.cdb"),
];

/// The default port and version of an engine.
pub(super) fn engine(name: &str) -> Result<(u16, &'static str), Fault> {
    let found = ENGINES.iter().find(|engine| engine.0 == name);
    found.map(|it| (it.1, it.2)).ok_or_else(|| invalid(format!("Invalid DB engine: {name}")))
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let id = identifier(&input.id)?;
    let (default_port, default_version) = engine(&input.engine)?;
    let tags = input.tags.checked()?;
    let cluster = match &input.cluster {
        Some(name) => Some(super::cluster::find(world, name)?.clone()),
        None => None,
    };
    if cluster.is_none() && input.master_username.is_none() {
        return Err(Fault::new("MissingParameter", 400, "MasterUsername must be provided"));
    }
    if cluster.as_ref().is_some_and(|cluster| cluster.engine != input.engine) {
        return Err(unfit("The engine of the instance is not that of its cluster"));
    }
    let port = port(input.port)?.unwrap_or(default_port);
    let named = input.subnet_group.clone();
    let group = named.or_else(|| cluster.as_ref().and_then(|it| it.subnet_group.clone()));
    let groups = match &cluster {
        Some(cluster) => cluster.groups.clone(),
        None => input.vpc_security_group_ids.ids,
    };
    let now = world.now();
    let template = Instance {
        id,
        resource_id: String::new(),
        arn: String::new(),
        class: input.class,
        engine: input.engine,
        engine_version: input.engine_version.unwrap_or_else(|| default_version.to_owned()),
        status: String::new(),
        work: None,
        due_at: now,
        master_username: cluster
            .as_ref()
            .map(|it| it.master_username.clone())
            .or(input.master_username)
            .unwrap_or_default(),
        database: input.database,
        port: cluster.as_ref().map_or(port, |cluster| cluster.port),
        address: None,
        subnet_group: group.map(|name| name.to_ascii_lowercase()),
        vpc: None,
        zone: input.availability_zone.unwrap_or_default(),
        secondary_zone: input.multi_az.filter(|it| it.0).map(|_| String::new()),
        is_public: input.publicly_accessible.is_some_and(|it| it.0),
        groups,
        // A cluster's storage is its members'.
        is_encrypted: cluster
            .as_ref()
            .map_or(input.storage_encrypted.is_some_and(|it| it.0), |it| it.is_encrypted),
        cluster: cluster.map(|it| it.id),
        storage: input.allocated_storage.map_or(20, |it| it.0),
        storage_type: input.storage_type.unwrap_or_else(|| "gp3".to_owned()),
        backup_days: input.backup_retention_period.map_or(1, |it| it.0),
        upgrades_itself: input.auto_minor_version_upgrade.is_none_or(|it| it.0),
        takes_iam: input.iam.is_some_and(|it| it.0),
        copies_tags: input.copy_tags_to_snapshot.is_some_and(|it| it.0),
        is_protected: input.deletion_protection.is_some_and(|it| it.0),
        tags,
        created: now,
        pending: Changes::default(),
        interface: None,
    };
    let resource_id = launch(world, template, None)?;
    Ok(shown(world, &resource_id))
}

/// A port that a database may have.
pub(super) fn port(port: Option<Number>) -> Result<Option<u16>, Fault> {
    let Some(Number(number)) = port else { return Ok(None) };
    match u16::try_from(number) {
        Ok(port) if port >= 1150 => Ok(Some(port)),
        _ => Err(invalid(format!("Invalid port {number}: 1150 to 65535"))),
    }
}

/// An instance like this one is being made. It gets an id, a zone and an interface; it has an
/// endpoint only once it is available. Returns its resource id.
pub(super) fn launch(
    world: &mut World,
    template: Instance,
    snapshot: Option<String>,
) -> Result<String, Fault> {
    if world.rds.instance(&template.id).is_some() {
        return Err(Fault::new("DBInstanceAlreadyExists", 400, "DB instance already exists"));
    }
    let resource_id = format!("db-{}", &world.new_hex()[..26].to_ascii_uppercase());
    let mut instance = Instance {
        resource_id: resource_id.clone(),
        arn: world.arn("rds", &format!("db:{}", template.id)),
        address: None,
        interface: None,
        vpc: None,
        pending: Changes::default(),
        created: world.now(),
        ..template
    };
    network::place(world, &mut instance)?;
    world.tag_changed("rds", "db", &instance.arn, &Tags::new(), &instance.tags);
    world.rds.instances.insert(resource_id.clone(), instance);
    let time = world.switches.durations.instance;
    begin(world, &resource_id, "creating", Work::Create(snapshot), time);
    Ok(resource_id)
}

pub(super) fn describe(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Describe = call.input()?;
    if let Some(name) = &input.id {
        let tree = show::instance(world, find(world, name)?);
        return Ok(json!({"DBInstances": {"DBInstance": [tree]}}));
    }
    let mut items = Vec::new();
    for (it, gone) in world.rds.instances.ever() {
        let both = |id: &str, arn: &str| vec![id.to_owned(), arn.to_owned()];
        let field = |name: &str| match name {
            "db-instance-id" => Some(both(&it.id, &it.arn)),
            "dbi-resource-id" => Some(vec![it.resource_id.clone()]),
            "engine" => Some(vec![it.engine.clone()]),
            "domain" => Some(Vec::new()),
            "db-cluster-id" => Some(
                it.cluster
                    .iter()
                    .flat_map(|id| {
                        let arn = world.rds.cluster(id).map(|cluster| cluster.arn.clone());
                        both(id, &arn.unwrap_or_default())
                    })
                    .collect(),
            ),
            _ => None,
        };
        if input.filters.pass(field)? && world.is_listed(it.created, gone) {
            items.push((it.id.clone(), show::instance(world, it)));
        }
    }
    let paging = Paging { max_records: input.max_records, marker: input.marker };
    let (items, marker) = page(world, call, items, &paging)?;
    Ok(show::listing("DBInstances", "DBInstance", items, marker))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Delete = call.input()?;
    let skips = input.skip_final_snapshot.is_some_and(|it| it.0);
    if skips && input.final_snapshot.is_some() {
        return Err(unfit("FinalDBSnapshotIdentifier with SkipFinalSnapshot"));
    }
    let instance = find(world, &input.id)?.clone();
    if instance.status == "deleting" {
        let message = format!("Instance {} is already being deleted.", instance.id);
        return Err(Fault::new("InvalidDBInstanceState", 400, message));
    }
    if instance.is_protected {
        return Err(unfit(
            "Cannot delete protected DB Instance, please disable deletion protection first.",
        ));
    }
    match &input.final_snapshot {
        None if !skips && instance.cluster.is_none() => {
            return Err(unfit("FinalDBSnapshotIdentifier or SkipFinalSnapshot is required"));
        }
        Some(name) => drop(snapshot::take(world, &instance, name, None)?),
        None => {}
    }
    begin_delete(world, &instance.resource_id);
    Ok(shown(world, &instance.resource_id))
}

/// The instance of this identifier or ARN.
pub(super) fn find<'a>(world: &'a World, name: &str) -> Result<&'a Instance, Fault> {
    world.rds.instance(name).ok_or_else(|| {
        Fault::new("DBInstanceNotFound", 404, format!("DBInstance {name} not found."))
    })
}

/// The instance, when it is available and nothing is on its way.
pub(super) fn find_available(world: &World, name: &str) -> Result<Instance, Fault> {
    let instance = find(world, name)?;
    if instance.status == "available" && instance.work.is_none() {
        return Ok(instance.clone());
    }
    let message = format!("Instance {} is not in available state.", instance.id);
    Err(Fault::new("InvalidDBInstanceState", 400, message))
}

/// `{"DBInstance": …}`.
pub(super) fn shown(world: &World, resource_id: &str) -> Value {
    let tree = world.rds.instances.get(resource_id).map(|it| show::instance(world, it));
    json!({"DBInstance": tree})
}

/// The endpoint's name of a database called so: it goes with the name, not with the instance.
pub(super) fn address(world: &World, id: &str) -> String {
    format!("{id}.{}.{}.rds.amazonaws.com", super::account_hash(world), world.region)
}

/// The subnet group, if the instance has one.
pub(super) fn group_of<'a>(
    world: &'a World,
    instance: &Instance,
) -> Result<Option<&'a super::state::SubnetGroup>, Fault> {
    instance.subnet_group.as_deref().map(|name| subnet_group::find(world, name)).transpose()
}
