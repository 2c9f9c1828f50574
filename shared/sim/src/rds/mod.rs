//! Amazon RDS: instances with all of their life, and enough of clusters.
//!
//! An instance has a name, which a rename or a blue/green switchover changes, and a resource id
//! for life. ARN and endpoint go with the name. No listing filters by tag; every listing shows
//! the tags.
//!
//! | file | what is in it |
//! |---|---|
//! | `state` | what there is |
//! | `members` `input` | what calls may give, and how it is read |
//! | `instance` `modify` `network` | instances: made, described, changed, placed in a VPC |
//! | `snapshot` `blue_green` | copies of instances |
//! | `cluster` `subnet_group` | clusters, subnet groups |
//! | `tags` | tags, by ARN |
//! | `show` | things as trees |
//! | `notice` | the events that RDS sends |

mod blue_green;
mod cluster;
mod input;
mod instance;
mod members;
mod modify;
mod network;
mod notice;
mod show;
mod snapshot;
mod state;
mod subnet_group;
mod tags;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use members::SHAPES;
pub(crate) use state::{Instance, Rds};

use derive_more::{AsMut, Deref, DerefMut};
use jiff::SignedDuration;
use serde_json::Value;
use sha2::{Digest, Sha256};

use self::state::Work;
use crate::ec2;
use crate::kernel::{self, Call, Fault, Service, Tags};

/// The world as RDS sees it, on top of EC2.
#[derive(AsMut, Clone, Debug, Deref, DerefMut)]
pub struct World {
    #[as_mut(forward)]
    #[deref]
    #[deref_mut]
    below: ec2::World,
    pub(crate) rds: Rds,
}

impl World {
    /// A world with nothing of RDS.
    pub(crate) fn new(kernel: kernel::World) -> World {
        World { below: ec2::World::new(kernel), rds: Rds::default() }
    }
}

/// Answers one call to RDS.
pub(crate) fn answer(world: &mut World, call: &Call) -> Result<Value, Fault> {
    match call.action.as_str() {
        "CreateDBSubnetGroup" => subnet_group::create(world, call),
        "DescribeDBSubnetGroups" => subnet_group::describe(world, call),
        "ModifyDBSubnetGroup" => subnet_group::modify(world, call),
        "DeleteDBSubnetGroup" => subnet_group::delete(world, call),
        "CreateDBInstance" => instance::create(world, call),
        "DescribeDBInstances" => instance::describe(world, call),
        "DeleteDBInstance" => instance::delete(world, call),
        "ModifyDBInstance" => modify::modify(world, call),
        "RebootDBInstance" => modify::reboot(world, call),
        "StopDBInstance" => modify::stop(world, call),
        "StartDBInstance" => modify::start(world, call),
        "CreateDBSnapshot" => snapshot::create(world, call),
        "DescribeDBSnapshots" => snapshot::describe(world, call),
        "RestoreDBInstanceFromDBSnapshot" => snapshot::restore(world, call),
        "CreateBlueGreenDeployment" => blue_green::create(world, call),
        "DescribeBlueGreenDeployments" => blue_green::describe(world, call),
        "SwitchoverBlueGreenDeployment" => blue_green::switch_over(world, call),
        "DeleteBlueGreenDeployment" => blue_green::delete(world, call),
        "CreateDBCluster" => cluster::create(world, call),
        "DescribeDBClusters" => cluster::describe(world, call),
        "DeleteDBCluster" => cluster::delete(world, call),
        "AddTagsToResource" => tags::add(world, call),
        "RemoveTagsFromResource" => tags::remove(world, call),
        "ListTagsForResource" => tags::list(world, call),
        other => Err(Fault::new(
            "InvalidAction",
            400,
            format!("The simulated RDS does not know the action {other}."),
        )),
    }
}

/// A due moment of the thing with this id has come.
pub(crate) fn ripen(world: &mut World, id: &str) {
    if id.starts_with("db-") {
        ripen_instance(world, id);
    } else if id.starts_with("cluster-") {
        cluster::ripen(world, id);
    } else if id.starts_with("bgd-") {
        blue_green::ripen(world, id);
    } else if let Some(id) = id.strip_prefix(UNTAGGED) {
        lose_tags(world, id);
    } else if let Some(name) = id.strip_prefix("snapshot:") {
        snapshot::ripen(world, name);
    }
}

/// What VPC Lattice wants to know of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exposable {
    /// RDS proper: not Neptune, DocumentDB or RDS Custom, which share its ARNs.
    pub(crate) is_supported: bool,
    pub(crate) is_public: bool,
    /// The names of its endpoints, the writer's first; none while it is created or removed.
    pub(crate) names: Vec<String>,
    pub(crate) port: u16,
}

/// The instance or cluster of this ARN.
pub(crate) fn exposable(world: &World, arn: &str) -> Option<Exposable> {
    let is_supported =
        |engine: &str| !engine.starts_with("custom-") && !matches!(engine, "neptune" | "docdb");
    if let Some(it) = world.rds.instances.values().find(|it| it.arn == arn) {
        let is_there = it.work != Some(Work::Delete) && it.status != "failed";
        return Some(Exposable {
            is_supported: is_supported(&it.engine),
            is_public: it.is_public,
            names: it.address.iter().filter(|_| is_there).cloned().collect(),
            port: it.port,
        });
    }
    let it = world.rds.clusters.values().find(|it| it.arn == arn)?;
    let is_there = it.status == "available";
    Some(Exposable {
        is_supported: is_supported(&it.engine),
        is_public: it.is_public,
        names: [&it.endpoint, &it.reader_endpoint]
            .into_iter()
            .filter(|_| is_there)
            .cloned()
            .collect(),
        port: it.port,
    })
}

impl World {
    /// The tags of the instance or cluster of this ARN.
    pub(crate) fn database_tags(&self, arn: &str) -> Option<&Tags> {
        let instance = self.rds.instance(arn).map(|it| &it.tags);
        instance.or_else(|| self.rds.cluster(arn).map(|it| &it.tags))
    }

    /// The database has this status from now on, whatever it was doing: `storage-full`,
    /// `incompatible-network`, `failed`. Returns whether there is such a database.
    pub fn database_turns(&mut self, name: &str, status: &str) -> bool {
        let Some(id) = self.rds.instance(name).map(|it| it.resource_id.clone()) else {
            return false;
        };
        if let Some(it) = self.rds.instances.get_mut(&id) {
            status.clone_into(&mut it.status);
            it.work = None;
        }
        true
    }

    /// The available database is `backing-up`, `modifying`, `maintenance` for so long, and works
    /// meanwhile. Returns whether there is such a database.
    pub fn database_is_busy(&mut self, name: &str, status: &str, time: SignedDuration) -> bool {
        let Ok(it) = instance::find_available(self, name) else { return false };
        begin(self, &it.resource_id, status, Work::Upkeep, time);
        true
    }
}

/// RDS is at work on the instance, and done after `time`.
fn begin(world: &mut World, resource_id: &str, status: &str, work: Work, time: SignedDuration) {
    let due_at = world.ripens(Service::Rds, resource_id, time);
    if let Some(it) = world.rds.instances.get_mut(resource_id) {
        status.clone_into(&mut it.status);
        it.work = Some(work);
        it.due_at = due_at;
    }
}

/// RDS removes the instance.
fn begin_delete(world: &mut World, resource_id: &str) {
    let durations = world.switches.durations;
    begin(world, resource_id, "deleting", Work::Delete, durations.instance);
    if !durations.untagged.is_zero() {
        let left = (durations.instance - durations.untagged).max(SignedDuration::ZERO);
        world.ripens(Service::Rds, &format!("{UNTAGGED}{resource_id}"), left);
    }
}

/// RDS is done with what it was doing to the instance.
fn ripen_instance(world: &mut World, id: &str) {
    let now = world.now();
    let Some(it) = world.rds.instances.get_mut(id) else { return };
    if it.due_at > now {
        return;
    }
    let Some(work) = it.work.take() else { return };
    it.status = if work == Work::Stop { "stopped" } else { "available" }.to_owned();
    match work {
        Work::Create(snapshot) => {
            let name = it.id.clone();
            let address = instance::address(world, &name);
            if let Some(it) = world.rds.instances.get_mut(id) {
                it.address = Some(address);
            }
            notice::created(world, id, snapshot.as_deref());
        }
        Work::Modify(changes) => {
            let old = it.id.clone();
            modify::apply(world, id, changes);
            notice::renamed(world, id, &old);
        }
        Work::Reboot { fails_over: true } => {
            modify::fail_over(world, id);
            notice::failed_over(world, id);
        }
        Work::Reboot { fails_over: false } | Work::Upkeep => {}
        Work::Stop => notice::stopped(world, id),
        Work::Start => notice::started(world, id),
        Work::Delete => gone(world, id),
    }
}

/// In front of the resource id of an instance that loses its tags.
const UNTAGGED: &str = "untagged:";

/// An instance on its way out has lost its tags already.
fn lose_tags(world: &mut World, id: &str) {
    let leaving = world.rds.instances.get_mut(id).filter(|it| it.work == Some(Work::Delete));
    let Some(it) = leaving else { return };
    let (arn, tags) = (it.arn.clone(), std::mem::take(&mut it.tags));
    if world.switches.tag_event_on_delete {
        world.tag_changed("rds", "db", &arn, &tags, &Tags::new());
    }
}

/// The instance is there no longer.
fn gone(world: &mut World, id: &str) {
    let Some(mut it) = world.rds.instances.get(id).cloned() else { return };
    network::detach(world, &mut it);
    notice::deleted(world, id);
    let now = world.now();
    world.rds.instances.remove_at(now, id);
    if world.switches.tag_event_on_delete {
        world.tag_changed("rds", "db", &it.arn, &it.tags, &Tags::new());
    }
    world.rds.news.push(it.arn);
}

/// The part of endpoint names that an account has in a region.
fn account_hash(world: &World) -> String {
    let digest = Sha256::digest(format!("{}/{}", world.account, world.region));
    let letters: String = digest.iter().take(11).map(|byte| char::from(b'a' + byte % 26)).collect();
    format!("c{letters}")
}
