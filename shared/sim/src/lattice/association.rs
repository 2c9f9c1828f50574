//! Associations of service networks with resource configurations.
//!
//! One of an ARN configuration has a child for each managed child configuration, made when it
//! becomes active and listed with `includeChildren`. There is no update: all of it is given at
//! creation.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{conflict, denied, id_in, invalid, not_found, within};
use super::kind::{Kind, Status};
use super::state::{Configuration, ResourceAssociation};
use super::{
    begin, children, configuration, dns_entry, listed, network, new_entity, page, remember, settle,
};
use crate::kernel::switches::ChildAssociations;
use crate::kernel::token::once;
use crate::kernel::{Call, Fault, Tags, iso};
use crate::lattice::World;
use crate::rds;

const KIND: Kind = Kind::ResourceAssociation;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    resource_configuration_identifier: String,
    service_network_identifier: String,
    private_dns_enabled: Option<bool>,
    client_token: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct One {
    service_network_resource_association_identifier: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    service_network_identifier: Option<String>,
    resource_configuration_identifier: Option<String>,
    include_children: Option<String>,
    max_results: Option<String>,
    next_token: Option<String>,
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let token = input.client_token.clone();
    let show = |world: &World, id: &str| {
        world.lattice.resource_associations.get(id).map(|it| created(world, it))
    };
    once(world, call, token.as_deref(), show, move |world| make(world, input))
}

fn make(world: &mut World, input: Create) -> Result<(String, Value), Fault> {
    let configuration = configuration::find(world, &input.resource_configuration_identifier)?;
    let network = network::find(world, &input.service_network_identifier)?;
    let configuration = world.lattice.configurations[&configuration].clone();
    expect_associable(world, &configuration, &network, input.private_dns_enabled)?;
    let name = private_name(world, &configuration);
    expect_free_name(world, &configuration.entity.id, &network, name.as_deref())?;
    let parents = world.lattice.resource_associations.values().filter(|it| it.parent.is_none());
    let count = parents.filter(|it| it.network == network).count();
    within(count, 500, Kind::Configuration, "L-6095700C")?;
    let is_arn = configuration.kind == "ARN";
    let is_private = input.private_dns_enabled.unwrap_or(is_arn);
    let id = add(world, &configuration, &network, None, is_private, &input.tags);
    begin(world, &id, Status::CreateInProgress, world.switches.durations.association);
    let answer = created(world, &world.lattice.resource_associations[&id]);
    Ok((id, answer))
}

fn expect_associable(
    world: &World,
    configuration: &Configuration,
    network: &str,
    private_dns_enabled: Option<bool>,
) -> Result<(), Fault> {
    let id = &configuration.entity.id;
    if configuration.amazon_managed {
        return Err(denied(format!("{id} is managed by AWS")));
    }
    if matches!(configuration.kind.as_str(), "CHILD" | "CIDR") {
        let message = format!("a configuration of type {} has no network", configuration.kind);
        return Err(invalid("resourceConfigurationIdentifier", &message));
    }
    if configuration.kind == "ARN" && private_dns_enabled == Some(false) {
        let message = "private DNS is always enabled for type ARN";
        return Err(invalid("privateDnsEnabled", message));
    }
    let network = &world.lattice.networks[network];
    let is_shareable = network.sharing || network.entity.owner() != world.account;
    if is_shareable && !configuration.shareable {
        let message = format!("{id} does not allow association to a shareable service network");
        return Err(invalid("resourceConfigurationIdentifier", &message));
    }
    if configuration.entity.status != Status::Active {
        let message = format!("{id} is in status {}", configuration.entity.status.wire());
        return Err(conflict(Kind::Configuration, id, message));
    }
    Ok(())
}

/// The pair is not associated yet, and the private name is free in the network.
fn expect_free_name(
    world: &World,
    configuration: &str,
    network: &str,
    name: Option<&str>,
) -> Result<(), Fault> {
    let others = world.lattice.resource_associations.values();
    let other = others.filter(|it| it.network == network && it.parent.is_none()).find(|it| {
        it.configuration == configuration
            || (name.is_some() && it.private_dns_name.as_deref() == name)
    });
    match other {
        None => Ok(()),
        Some(other) if other.configuration == configuration => {
            let message = format!("{configuration} is already associated with {network}");
            Err(conflict(KIND, &other.entity.id, message))
        }
        Some(other) => {
            let message = format!("the private name is already used by {}", other.entity.id);
            Err(conflict(KIND, &other.entity.id, message))
        }
    }
}

/// The name that resolves privately: the database's own, or the configuration's custom one.
fn private_name(world: &World, configuration: &Configuration) -> Option<String> {
    match configuration.database() {
        Some(arn) => rds::exposable(world, arn)?.names.into_iter().next(),
        None if configuration.amazon_managed => configuration.domain_name().map(str::to_owned),
        None => configuration.custom_domain_name.clone(),
    }
}

pub(super) fn add(
    world: &mut World,
    configuration: &Configuration,
    network: &str,
    parent: Option<String>,
    private_dns_enabled: bool,
    tags: &Tags,
) -> String {
    let entity = new_entity(world, KIND, tags);
    let id = entity.id.clone();
    let hash = &world.new_hex()[..7];
    let association = ResourceAssociation {
        entity,
        configuration: configuration.entity.id.clone(),
        network: network.to_owned(),
        private_dns_enabled,
        dns_name: format!(
            "{id}.{}.{hash}.vpc-lattice-rsc.{}.on.aws",
            configuration.entity.id, world.region
        ),
        private_dns_name: private_name(world, configuration),
        managed: parent.is_some(),
        parent,
    };
    world.lattice.resource_associations.insert(id.clone(), association);
    id
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find(world, &input.service_network_resource_association_identifier)?;
    let association = &world.lattice.resource_associations[&id];
    let mut answer = row(world, association);
    answer["lastUpdatedAt"] = iso(association.entity.updated_at).into();
    answer["failureReason"] = association.entity.failure.clone().into();
    Ok(super::without_nulls(answer))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find(world, &input.service_network_resource_association_identifier)?;
    if world.lattice.resource_associations[&id].managed {
        return Err(denied(format!("{id} is managed by AWS")));
    }
    super::expect_free(world, KIND, &id)?;
    begin(world, &id, Status::DeleteInProgress, world.switches.durations.association);
    let entity = &world.lattice.resource_associations[&id].entity;
    Ok(json!({"id": id, "arn": entity.arn, "status": entity.status.wire()}))
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: List = call.input()?;
    let network = match &input.service_network_identifier {
        Some(identifier) => {
            Some(id_in(Kind::Network, "serviceNetworkIdentifier", identifier)?.to_owned())
        }
        None => None,
    };
    let configuration = match &input.resource_configuration_identifier {
        Some(identifier) => {
            let member = "resourceConfigurationIdentifier";
            Some(id_in(Kind::Configuration, member, identifier)?.to_owned())
        }
        None => None,
    };
    let with_children = input.include_children.as_deref() == Some("true")
        || world.switches.child_associations == ChildAssociations::Always;
    let rows = world.lattice.resource_associations.values();
    let rows = rows.filter(|it| with_children || it.parent.is_none());
    let mut rows = listed(world, KIND, rows.map(|it| (it.entity.created_at, row(world, it))));
    let is_of = |row: &Value, configuration: &String| {
        let id = row["resourceConfigurationId"].as_str().unwrap_or_default();
        let found = world.lattice.configurations.get(id);
        id == configuration || found.and_then(|it| it.group.as_ref()) == Some(configuration)
    };
    rows.retain(|row| {
        network.as_ref().is_none_or(|id| row["serviceNetworkId"] == **id)
            && configuration.as_ref().is_none_or(|id| is_of(row, id))
    });
    page(world, call, rows, input.max_results.as_deref(), input.next_token.as_deref())
}

/// The work on its way is done.
pub(super) fn ripen(world: &mut World, id: &str) {
    let Some(association) = world.lattice.resource_associations.get(id).cloned() else { return };
    if association.entity.status == Status::DeleteInProgress {
        remove(world, &association);
    } else {
        settle(world, id, Status::Active);
        children::bear(world, id);
    }
    world.lattice.news.push(association.network);
}

/// It is gone, and so are those of its children, at once or later.
fn remove(world: &mut World, association: &ResourceAssociation) {
    let id = &association.entity.id;
    let all = world.lattice.resource_associations.values();
    let children: Vec<_> = all.filter(|it| it.parent.as_ref() == Some(id)).cloned().collect();
    let children = children::orphan(world, children, |child| &child.entity.id);
    for association in children.iter().chain([association]) {
        remember(world, KIND, row(world, association));
        world.lattice.resource_associations.remove(&association.entity.id);
    }
}

fn find(world: &World, identifier: &str) -> Result<String, Fault> {
    let id = id_in(KIND, "serviceNetworkResourceAssociationIdentifier", identifier)?;
    match world.lattice.resource_associations.get(id) {
        Some(it) if id == identifier || it.entity.arn == identifier => Ok(id.to_owned()),
        _ => Err(not_found(KIND, identifier)),
    }
}

fn created(world: &World, association: &ResourceAssociation) -> Value {
    json!({
        "id": association.entity.id,
        "arn": association.entity.arn,
        "status": association.entity.status.wire(),
        "createdBy": world.account,
        "privateDnsEnabled": association.private_dns_enabled,
    })
}

fn row(world: &World, association: &ResourceAssociation) -> Value {
    let configuration = world.lattice.configurations.get(&association.configuration);
    let (network_arn, network_name) = network::names(world, &association.network);
    let has_dns = association.entity.status.carries();
    let private = association.private_dns_name.as_deref().filter(|_| has_dns);
    let mut row = created(world, association);
    row["createdAt"] = iso(association.entity.created_at).into();
    row["resourceConfigurationId"] = association.configuration.clone().into();
    row["resourceConfigurationArn"] = configuration.map(|it| it.entity.arn.clone()).into();
    row["resourceConfigurationName"] = configuration.map(|it| it.name.clone()).into();
    row["serviceNetworkId"] = association.network.clone().into();
    row["serviceNetworkArn"] = network_arn.into();
    row["serviceNetworkName"] = network_name.into();
    row["dnsEntry"] = has_dns.then(|| dns_entry(&association.dns_name)).into();
    row["privateDnsEntry"] = private.map(|name| json!({"domainName": name})).into();
    let is_told = association.parent.is_none()
        || world.switches.child_associations == ChildAssociations::WhenAskedFor;
    row["isManagedAssociation"] = (association.managed && is_told).into();
    row["failureCode"] = association.entity.failure.as_ref().map(|_| "INTERNAL_FAILURE").into();
    super::without_nulls(row)
}
