//! Resource configurations: what a gateway gives access to.
//!
//! One of type ARN stands for an RDS database. Its ports come from RDS, and once it is active it
//! has a child for each endpoint of the database, which AWS manages and nobody else may touch.

use serde::Deserialize;
use serde_json::{Value, json};

use super::by_type::Create;
use super::check::{Checks, conflict, denied, id_in, invalid, not_found, within};
use super::kind::{Kind, Status};
use super::state::Configuration;
use super::{
    begin, children, database, expect_free, gateway, give_up, listed, new_entity, page, remember,
    settle,
};
use crate::kernel::token::once;
use crate::kernel::{Call, Fault, iso};
use crate::lattice::World;
use crate::rds;

const KIND: Kind = Kind::Configuration;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct One {
    resource_configuration_identifier: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    resource_configuration_identifier: String,
    resource_configuration_definition: Option<Value>,
    allow_association_to_shareable_service_network: Option<bool>,
    port_ranges: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    resource_gateway_identifier: Option<String>,
    resource_configuration_group_identifier: Option<String>,
    max_results: Option<String>,
    next_token: Option<String>,
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    input.check()?;
    let token = input.client_token.clone();
    let show = |world: &World, id: &str| world.lattice.configurations.get(id).map(created);
    once(world, call, token.as_deref(), show, move |world| make(world, input))
}

fn make(world: &mut World, input: Create) -> Result<(String, Value), Fault> {
    let configurations = &world.lattice.configurations;
    if let Some(other) = configurations.values().find(|other| other.name == input.name) {
        let message = format!("a resource configuration named {} exists", input.name);
        return Err(conflict(KIND, &other.entity.id, message));
    }
    let own = configurations.values().filter(|other| !other.amazon_managed).count();
    within(own, 2000, KIND, "L-5FF8F9B9")?;
    let group = match &input.resource_configuration_group_identifier {
        Some(identifier) => Some(parent(world, identifier)?),
        None => None,
    };
    let gateway = match (&group, &input.resource_gateway_identifier) {
        (Some(group), _) => world.lattice.configurations[group].gateway.clone(),
        (None, identifier) => usable_gateway(world, identifier.as_deref().unwrap_or_default())?,
    };
    if let Some(arn) = input.arn() {
        database::expect_exposable(world, arn, &gateway)?;
    }
    if input.r#type == "CIDR" && world.lattice.gateways[&gateway].dns_resolution != "IN_VPC" {
        let message = "type CIDR needs a gateway that resolves in its VPC";
        return Err(invalid("resourceGatewayIdentifier", message));
    }
    let entity = new_entity(world, KIND, &input.tags);
    let id = entity.id.clone();
    let takes_protocol = !matches!(input.r#type.as_str(), "ARN" | "CHILD");
    let configuration = Configuration {
        entity,
        name: input.name,
        kind: input.r#type,
        gateway,
        group,
        definition: input.resource_configuration_definition,
        port_ranges: input.port_ranges,
        protocol: takes_protocol.then(|| input.protocol.unwrap_or_else(|| "TCP".to_owned())),
        shareable: input.allow_association_to_shareable_service_network.unwrap_or(false),
        custom_domain_name: input.custom_domain_name,
        group_domain: input.group_domain,
        amazon_managed: false,
    };
    world.lattice.configurations.insert(id.clone(), configuration);
    begin(world, &id, Status::CreateInProgress, world.switches.durations.configuration);
    let answer = created(&world.lattice.configurations[&id]);
    Ok((id, answer))
}

/// The group that a child joins.
fn parent(world: &World, identifier: &str) -> Result<String, Fault> {
    let id = find(world, identifier)?;
    let group = &world.lattice.configurations[&id];
    if group.kind != "GROUP" {
        let message = "only a configuration of type GROUP takes children";
        return Err(invalid("resourceConfigurationGroupIdentifier", message));
    }
    if group.entity.status != Status::Active {
        return Err(conflict(KIND, &id, format!("{id} is not active")));
    }
    within(world.lattice.children(&id).count(), 60, KIND, "L-9BC96FEF")?;
    Ok(id)
}

/// The gateway, if it is ready to take a configuration.
fn usable_gateway(world: &World, identifier: &str) -> Result<String, Fault> {
    let id = gateway::find(world, identifier)?;
    let gateway = &world.lattice.gateways[&id].entity;
    if gateway.status != Status::Active {
        let message = format!("{id} is in status {}", gateway.status.wire());
        return Err(conflict(Kind::Gateway, &id, message));
    }
    Ok(id)
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find(world, &input.resource_configuration_identifier)?;
    let configuration = &world.lattice.configurations[&id];
    let mut answer = created(configuration);
    answer["amazonManaged"] = configuration.amazon_managed.into();
    answer["lastUpdatedAt"] = iso(configuration.entity.updated_at).into();
    Ok(answer)
}

pub(super) fn update(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Update = call.input()?;
    let id = find(world, &input.resource_configuration_identifier)?;
    expect_own(world, &id)?;
    let before = &world.lattice.configurations[&id];
    let mut checks = Checks::default();
    let is_arn = before.kind == "ARN";
    let definition = input.resource_configuration_definition;
    let keeps = definition.is_none() || before.definition == definition;
    let member = "resourceConfigurationDefinition";
    checks.expect(!is_arn || keeps, member, "the ARN of a configuration cannot change");
    checks.expect(!is_arn || input.port_ranges.is_none(), "portRanges", "not of type ARN");
    checks.pass()?;
    if matches!(before.entity.status, Status::CreateFailed | Status::DeleteFailed) {
        return Err(conflict(KIND, &id, format!("{id} has failed and can only be deleted")));
    }
    if let Some(configuration) = world.lattice.configurations.get_mut(&id) {
        configuration.definition = definition.or(configuration.definition.take());
        if let Some(shareable) = input.allow_association_to_shareable_service_network {
            configuration.shareable = shareable;
        }
        if let Some(ports) = input.port_ranges {
            configuration.port_ranges = ports;
        }
    }
    begin(world, &id, Status::UpdateInProgress, world.switches.durations.configuration);
    let mut answer = created(&world.lattice.configurations[&id]);
    answer["createdAt"].take();
    Ok(super::without_nulls(answer))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find(world, &input.resource_configuration_identifier)?;
    expect_own(world, &id)?;
    if world.lattice.resource_associations.values().any(|it| it.configuration == id) {
        return Err(conflict(KIND, &id, format!("{id} is associated with a service network")));
    }
    if super::views::endpoints_to(world, &id).next().is_some() {
        return Err(conflict(KIND, &id, format!("{id} has resource endpoints")));
    }
    if world.lattice.children(&id).any(|child| !child.amazon_managed) {
        return Err(conflict(KIND, &id, format!("{id} has child configurations")));
    }
    begin(world, &id, Status::DeleteInProgress, world.switches.durations.configuration);
    Ok(json!({}))
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: List = call.input()?;
    let gateway = match &input.resource_gateway_identifier {
        Some(identifier) => {
            Some(id_in(Kind::Gateway, "resourceGatewayIdentifier", identifier)?.to_owned())
        }
        None => None,
    };
    let group = match &input.resource_configuration_group_identifier {
        Some(identifier) => {
            Some(id_in(KIND, "resourceConfigurationGroupIdentifier", identifier)?.to_owned())
        }
        None => None,
    };
    let rows = world.lattice.configurations.values().map(|it| (it.entity.created_at, row(it)));
    let mut rows = listed(world, KIND, rows);
    rows.retain(|row| {
        gateway.as_ref().is_none_or(|id| row["resourceGatewayId"] == **id)
            && group.as_ref().is_none_or(|id| row["resourceConfigurationGroupId"] == **id)
    });
    page(world, call, rows, input.max_results.as_deref(), input.next_token.as_deref())
}

/// The work on its way is done.
pub(super) fn ripen(world: &mut World, id: &str) {
    let Some(configuration) = world.lattice.configurations.get(id).cloned() else { return };
    match configuration.entity.status {
        Status::CreateInProgress if configuration.kind == "ARN" => {
            let database = rds::exposable(world, configuration.database().unwrap_or_default());
            match database.filter(|database| !database.names.is_empty()) {
                Some(_) => {
                    settle(world, id, Status::Active);
                    children::bear(world, id);
                }
                None => give_up(world, id, Status::CreateFailed, "the database does not exist"),
            }
        }
        Status::DeleteInProgress => remove(world, &configuration),
        _ => settle(world, id, Status::Active),
    }
}

/// It is gone, and so are its children, at once or later.
fn remove(world: &mut World, configuration: &Configuration) {
    let id = &configuration.entity.id;
    let children: Vec<_> = world.lattice.children(id).cloned().collect();
    let children = children::orphan(world, children, |child| &child.entity.id);
    for gone in children.iter().chain([configuration]) {
        remember(world, KIND, row(gone));
        world.lattice.configurations.remove(&gone.entity.id);
    }
}

/// It is not one that AWS manages, and nothing is on its way.
pub(super) fn expect_own(world: &World, id: &str) -> Result<(), Fault> {
    if world.lattice.configurations[id].amazon_managed {
        return Err(denied(format!("{id} is managed by AWS")));
    }
    expect_free(world, KIND, id)
}

/// The id of the configuration of this identifier.
pub(super) fn find(world: &World, identifier: &str) -> Result<String, Fault> {
    let id = id_in(KIND, "resourceConfigurationIdentifier", identifier)?;
    match world.lattice.configurations.get(id) {
        Some(it) if id == identifier || it.entity.arn == identifier => Ok(id.to_owned()),
        _ => Err(not_found(KIND, identifier)),
    }
}

/// The answer to its creation, which `Get` builds on.
fn created(configuration: &Configuration) -> Value {
    let has_ports = !configuration.port_ranges.is_empty();
    super::without_nulls(json!({
        "id": configuration.entity.id,
        "name": configuration.name,
        "arn": configuration.entity.arn,
        "resourceGatewayId": configuration.gateway,
        "resourceConfigurationGroupId": configuration.group,
        "type": configuration.kind,
        "portRanges": has_ports.then_some(&configuration.port_ranges),
        "protocol": configuration.protocol,
        "status": configuration.entity.status.wire(),
        "resourceConfigurationDefinition": configuration.definition,
        "allowAssociationToShareableServiceNetwork": configuration.shareable,
        "createdAt": iso(configuration.entity.created_at),
        "failureReason": configuration.entity.failure,
        "customDomainName": configuration.custom_domain_name,
        "groupDomain": configuration.group_domain,
    }))
}

fn row(configuration: &Configuration) -> Value {
    super::without_nulls(json!({
        "id": configuration.entity.id,
        "name": configuration.name,
        "arn": configuration.entity.arn,
        "resourceGatewayId": configuration.gateway,
        "resourceConfigurationGroupId": configuration.group,
        "type": configuration.kind,
        "status": configuration.entity.status.wire(),
        "amazonManaged": configuration.amazon_managed,
        "createdAt": iso(configuration.entity.created_at),
        "lastUpdatedAt": iso(configuration.entity.updated_at),
        "customDomainName": configuration.custom_domain_name,
        "groupDomain": configuration.group_domain,
    }))
}
