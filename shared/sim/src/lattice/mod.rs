//! VPC Lattice: gateways, configurations and their managed children, networks, associations.
//!
//! Creates, updates and deletes take time; meanwhile every other change is a conflict, and so is
//! deleting what something still depends on. Names are unique within the account. Listings carry
//! no tags, and no listing of gateways or configurations knows names or databases as a filter.
//!
//! | file | what is in it |
//! |---|---|
//! | `kind` `state` | the entities and their status values |
//! | `members` `check` | validation, errors |
//! | `gateway` `configuration` `network` `association` `vpc_association` | operations per kind |
//! | `by_type` `database` | what a type of configuration takes; what is special about type ARN |
//! | `children` | how what AWS manages comes and goes with its parents |
//! | `policy` | auth policies, which do nothing |
//! | `views` | what VPC Lattice shows of VPC endpoints |
//! | `tags` | tags of every kind |
//! | `place` | what tests put there or break, and what other services ask |

mod association;
mod by_type;
mod check;
mod children;
mod configuration;
mod database;
mod gateway;
mod kind;
mod members;
mod network;
mod place;
mod policy;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod views;
mod vpc_association;

pub(crate) use members::SHAPES;
pub(crate) use place::{Carried, database_gone};
pub(crate) use state::{Configuration, Gateway, Lattice, VpcAssociation};

use derive_more::{AsMut, Deref, DerefMut};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use self::check::{absent, conflict, denied, invalid};
use self::kind::Kind;
pub(crate) use self::kind::Status;
use self::state::{Entity, Gone};
use crate::kernel::{self, Call, Fault, Service, Tags};
use crate::rds;

/// The world as VPC Lattice sees it, on top of RDS and EC2.
#[derive(AsMut, Clone, Debug, Deref, DerefMut)]
pub struct World {
    #[as_mut(forward)]
    #[deref]
    #[deref_mut]
    below: rds::World,
    pub(crate) lattice: Lattice,
}

impl World {
    /// A world with nothing of VPC Lattice.
    pub(crate) fn new(kernel: kernel::World) -> World {
        World { below: rds::World::new(kernel), lattice: Lattice::default() }
    }
}

/// Answers one call to VPC Lattice.
pub(crate) fn answer(world: &mut World, call: &Call) -> Result<Value, Fault> {
    match call.action.as_str() {
        "CreateResourceGateway" => gateway::create(world, call),
        "GetResourceGateway" => gateway::get(world, call),
        "UpdateResourceGateway" => gateway::update(world, call),
        "DeleteResourceGateway" => gateway::delete(world, call),
        "ListResourceGateways" => gateway::list(world, call),
        "CreateResourceConfiguration" => configuration::create(world, call),
        "GetResourceConfiguration" => configuration::get(world, call),
        "UpdateResourceConfiguration" => configuration::update(world, call),
        "DeleteResourceConfiguration" => configuration::delete(world, call),
        "ListResourceConfigurations" => configuration::list(world, call),
        "CreateServiceNetwork" => network::create(world, call),
        "GetServiceNetwork" => network::get(world, call),
        "UpdateServiceNetwork" => network::update(world, call),
        "DeleteServiceNetwork" => network::delete(world, call),
        "ListServiceNetworks" => network::list(world, call),
        "PutAuthPolicy" => policy::put(world, call),
        "GetAuthPolicy" => policy::get(world, call),
        "DeleteAuthPolicy" => policy::delete(world, call),
        "CreateServiceNetworkResourceAssociation" => association::create(world, call),
        "GetServiceNetworkResourceAssociation" => association::get(world, call),
        "DeleteServiceNetworkResourceAssociation" => association::delete(world, call),
        "ListServiceNetworkResourceAssociations" => association::list(world, call),
        "CreateServiceNetworkVpcAssociation" => vpc_association::create(world, call),
        "GetServiceNetworkVpcAssociation" => vpc_association::get(world, call),
        "UpdateServiceNetworkVpcAssociation" => vpc_association::update(world, call),
        "DeleteServiceNetworkVpcAssociation" => vpc_association::delete(world, call),
        "ListServiceNetworkVpcAssociations" => vpc_association::list(world, call),
        "ListServiceNetworkVpcEndpointAssociations" => views::network_endpoints(world, call),
        "ListResourceEndpointAssociations" => views::resource_endpoints(world, call),
        "TagResource" => tags::tag(world, call),
        "UntagResource" => tags::untag(world, call),
        "ListTagsForResource" => tags::list(world, call),
        other => Err(Fault::new(
            "ValidationException",
            400,
            format!("The simulated VPC Lattice does not know the operation {other}."),
        )
        .with("reason", "unknownOperation")),
    }
}

/// A due moment of the thing with this id has come.
pub(crate) fn ripen(world: &mut World, id: &str) {
    if let Some(parent) = id.strip_prefix(children::DUE) {
        return children::come(world, parent);
    }
    let now = world.now();
    let Some(entity) = world.lattice.entity(id) else { return };
    if !entity.status.is_busy() || entity.due_at > now {
        return;
    }
    match Kind::of(id) {
        Some(Kind::Gateway) => gateway::ripen(world, id),
        Some(Kind::Configuration) => configuration::ripen(world, id),
        Some(Kind::ResourceAssociation) => association::ripen(world, id),
        Some(Kind::VpcAssociation) => vpc_association::ripen(world, id),
        Some(Kind::Network) | None => {}
    }
}

/// A new entity of this account. What takes time is told so with [`begin`].
fn new_entity(world: &mut World, kind: Kind, tags: &Tags) -> Entity {
    world.lattice.has_role = true;
    let id = world.new_id(kind.stem(), 17);
    let arn = world.arn("vpc-lattice", &format!("{}/{id}", kind.segment()));
    world.tag_changed("vpc-lattice", kind.event_type(), &arn, &Tags::new(), tags);
    Entity {
        id,
        arn,
        status: Status::Active,
        failure: None,
        tags: tags.clone(),
        created_at: world.now(),
        updated_at: world.now(),
        due_at: world.now(),
    }
}

/// AWS is at work on it, and done after `time`.
fn begin(world: &mut World, id: &str, status: Status, time: SignedDuration) {
    if world.lattice.entity(id).is_none() {
        return;
    }
    let due_at = world.ripens(Service::Lattice, id, time);
    let now = world.now();
    if let Some(entity) = world.lattice.entity_mut(id) {
        entity.status = status;
        entity.failure = None;
        entity.updated_at = now;
        entity.due_at = due_at;
    }
}

/// AWS is done with it: it is of use.
fn settle(world: &mut World, id: &str, status: Status) {
    let now = world.now();
    if let Some(entity) = world.lattice.entity_mut(id) {
        entity.status = status;
        entity.updated_at = now;
    }
}

/// AWS gave up.
fn give_up(world: &mut World, id: &str, status: Status, why: &str) {
    settle(world, id, status);
    if let Some(entity) = world.lattice.entity_mut(id) {
        entity.failure = Some(why.to_owned());
    }
}

/// It may be changed or removed now: nothing is on its way, and it is the account's own.
fn expect_free(world: &World, kind: Kind, id: &str) -> Result<(), Fault> {
    let Some(entity) = world.lattice.entity(id) else { return Ok(()) };
    if entity.owner() != world.account {
        return Err(denied(format!("{} belongs to another account", entity.arn)));
    }
    if entity.status.is_busy() {
        let message = format!("{id} is in status {}", entity.status.wire());
        return Err(conflict(kind, id, message));
    }
    Ok(())
}

/// The groups are there, and in this VPC.
fn expect_groups(world: &World, groups: &[String], vpc: &str) -> Result<(), Fault> {
    for id in groups {
        let group = world.ec2.groups.get(id).ok_or_else(|| absent("SECURITY_GROUP", id))?;
        if group.vpc != vpc {
            return Err(invalid("securityGroupIds", &format!("{id} is not in {vpc}")));
        }
    }
    Ok(())
}

/// Remembers the row of what goes, for listings that lag.
fn remember(world: &mut World, kind: Kind, row: Value) {
    let at = world.now();
    let lag = world.switches.listing_lag;
    world.lattice.gone.retain(|gone| gone.at + lag > at);
    if !lag.is_zero() {
        world.lattice.gone.push(Gone { kind, row, at });
    }
}

/// The rows of a kind that a listing shows: `rows` with their times of creation, and what is
/// gone but still listed.
fn listed(
    world: &World,
    kind: Kind,
    rows: impl Iterator<Item = (jiff::Timestamp, Value)>,
) -> Vec<Value> {
    let mut shown: Vec<Value> =
        rows.filter(|(created, _)| world.is_listed(*created, None)).map(|(_, row)| row).collect();
    let gone = world.lattice.gone.iter().filter(|gone| gone.kind == kind);
    shown.extend(
        gone.filter(|gone| world.is_listed(gone.at - world.switches.listing_lag, Some(gone.at)))
            .map(|gone| gone.row.clone()),
    );
    shown
}

/// One page of a listing: `{"items": […], "nextToken": …}`.
fn page(
    world: &World,
    call: &Call,
    rows: Vec<Value>,
    max_results: Option<&str>,
    token: Option<&str>,
) -> Result<Value, Fault> {
    let size = max_results.and_then(|size| size.parse().ok()).unwrap_or(100);
    let key = |row: &Value| row["id"].as_str().unwrap_or_default().to_owned();
    let page = world.page(call, rows, key, size, token)?;
    let mut answer = Map::new();
    answer.insert("items".to_owned(), page.items.into());
    if let Some(next) = page.next {
        answer.insert("nextToken".to_owned(), next.into());
    }
    Ok(answer.into())
}

/// Leaves out the members that are null: AWS does not write what is not there.
fn without_nulls(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

/// `{domainName, hostedZoneId}`.
fn dns_entry(name: &str) -> Value {
    json!({"domainName": name, "hostedZoneId": "Z00000000LATTICE0RSC"})
}
