//! Associations of service networks with VPCs: the way in without an endpoint.
//!
//! A VPC has one at most, to one network, and it takes no addresses of the VPC.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Checks, absent, conflict, id_in, invalid, not_found, within};
use super::kind::{Kind, Status};
use super::state::{DnsOptions, VpcAssociation};
use super::{begin, expect_free, listed, network, new_entity, page, remember, settle};
use crate::ec2::endpoint::specifies_domains;
use crate::kernel::token::once;
use crate::kernel::{Call, Fault, Tags, iso};
use crate::lattice::World;

const KIND: Kind = Kind::VpcAssociation;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    service_network_identifier: String,
    vpc_identifier: String,
    #[serde(default)]
    security_group_ids: Vec<String>,
    private_dns_enabled: Option<bool>,
    dns_options: Option<DnsOptions>,
    client_token: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct One {
    service_network_vpc_association_identifier: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    service_network_vpc_association_identifier: String,
    security_group_ids: Option<Vec<String>>,
    private_dns_enabled: Option<bool>,
    dns_options: Option<DnsOptions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    service_network_identifier: Option<String>,
    vpc_identifier: Option<String>,
    max_results: Option<String>,
    next_token: Option<String>,
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    check_dns(input.dns_options.as_ref(), input.private_dns_enabled.unwrap_or(false))?;
    let token = input.client_token.clone();
    let show = |world: &World, id: &str| {
        world.lattice.vpc_associations.get(id).map(|it| created(world, it))
    };
    once(world, call, token.as_deref(), show, move |world| make(world, input))
}

fn make(world: &mut World, input: Create) -> Result<(String, Value), Fault> {
    let network = network::find(world, &input.service_network_identifier)?;
    let vpc = input.vpc_identifier;
    if !world.ec2.vpcs.contains_key(&vpc) {
        return Err(absent("VPC", &vpc));
    }
    super::expect_groups(world, &input.security_group_ids, &vpc)?;
    let mut others = world.lattice.vpc_associations.values();
    if let Some(other) = others.find(|other| other.vpc == vpc) {
        let message = format!("{vpc} is already associated with {}", other.network);
        return Err(conflict(KIND, &other.entity.id, message));
    }
    let all = world.lattice.vpc_associations.values();
    within(all.filter(|other| other.network == network).count(), 500, KIND, "L-EF6E2D62")?;
    let entity = new_entity(world, KIND, &input.tags);
    let id = entity.id.clone();
    let association = VpcAssociation {
        entity,
        network,
        vpc,
        groups: input.security_group_ids,
        private_dns_enabled: input.private_dns_enabled.unwrap_or(false),
        dns_options: input.dns_options,
    };
    world.holds(&id, &association.groups);
    world.lattice.vpc_associations.insert(id.clone(), association);
    begin(world, &id, Status::CreateInProgress, world.switches.durations.vpc_association);
    let answer = created(world, &world.lattice.vpc_associations[&id]);
    Ok((id, answer))
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find(world, &input.service_network_vpc_association_identifier)?;
    let association = &world.lattice.vpc_associations[&id];
    let mut answer = row(world, association);
    answer["securityGroupIds"] = association.groups.clone().into();
    if let Some(failure) = &association.entity.failure {
        answer["failureMessage"] = failure.clone().into();
        answer["failureCode"] = "INTERNAL_FAILURE".into();
    }
    Ok(answer)
}

pub(super) fn update(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Update = call.input()?;
    let id = find(world, &input.service_network_vpc_association_identifier)?;
    expect_free(world, KIND, &id)?;
    let vpc = world.lattice.vpc_associations[&id].vpc.clone();
    super::expect_groups(world, input.security_group_ids.as_deref().unwrap_or_default(), &vpc)?;
    if let Some(association) = world.lattice.vpc_associations.get_mut(&id) {
        let before = association.private_dns_enabled;
        if input.private_dns_enabled.is_some_and(|enabled| enabled != before) {
            return Err(invalid("privateDnsEnabled", "cannot change after creation"));
        }
        check_dns(input.dns_options.as_ref(), before)?;
        if let Some(groups) = input.security_group_ids {
            association.groups = groups;
        }
        association.dns_options = input.dns_options.or(association.dns_options.take());
        let held = association.groups.clone();
        world.holds(&id, &held);
    }
    begin(world, &id, Status::UpdateInProgress, world.switches.durations.vpc_association);
    Ok(created(world, &world.lattice.vpc_associations[&id]))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: One = call.input()?;
    let id = find(world, &input.service_network_vpc_association_identifier)?;
    expect_free(world, KIND, &id)?;
    begin(world, &id, Status::DeleteInProgress, world.switches.durations.vpc_association);
    let entity = &world.lattice.vpc_associations[&id].entity;
    Ok(json!({"id": id, "arn": entity.arn, "status": entity.status.wire()}))
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: List = call.input()?;
    let mut checks = Checks::default();
    checks.expect(
        input.service_network_identifier.is_some() || input.vpc_identifier.is_some(),
        "serviceNetworkIdentifier",
        "a service network or a VPC is required",
    );
    checks.pass()?;
    let network = match &input.service_network_identifier {
        Some(identifier) => {
            Some(id_in(Kind::Network, "serviceNetworkIdentifier", identifier)?.to_owned())
        }
        None => None,
    };
    let rows = world.lattice.vpc_associations.values();
    let mut rows = listed(world, KIND, rows.map(|it| (it.entity.created_at, row(world, it))));
    rows.retain(|row| {
        network.as_ref().is_none_or(|id| row["serviceNetworkId"] == **id)
            && input.vpc_identifier.as_ref().is_none_or(|id| row["vpcId"] == **id)
    });
    page(world, call, rows, input.max_results.as_deref(), input.next_token.as_deref())
}

/// The work on its way is done.
pub(super) fn ripen(world: &mut World, id: &str) {
    let Some(association) = world.lattice.vpc_associations.get(id).cloned() else { return };
    if association.entity.status == Status::DeleteInProgress {
        remember(world, KIND, row(world, &association));
        world.lattice.vpc_associations.remove(id);
        world.lets_go(id);
    } else {
        settle(world, id, Status::Active);
    }
}

/// Which domains get a private zone is asked only where there are private zones, and some of them
/// are named only where the preference says so (VPC Lattice API model, `DnsOptions`).
fn check_dns(options: Option<&DnsOptions>, is_private: bool) -> Result<(), Fault> {
    let Some(options) = options else { return Ok(()) };
    let mut checks = Checks::default();
    checks.expect(is_private, "dnsOptions", "is only supported when private DNS is enabled");
    let specifies = options.private_dns_preference.as_deref().is_some_and(specifies_domains);
    let message = "is only supported when the preference has domains specified";
    let fits = specifies || options.private_dns_specified_domains.is_none();
    checks.expect(fits, "dnsOptions.privateDnsSpecifiedDomains", message);
    checks.pass()
}

fn find(world: &World, identifier: &str) -> Result<String, Fault> {
    let id = id_in(KIND, "serviceNetworkVpcAssociationIdentifier", identifier)?;
    match world.lattice.vpc_associations.get(id) {
        Some(it) if id == identifier || it.entity.arn == identifier => Ok(id.to_owned()),
        _ => Err(not_found(KIND, identifier)),
    }
}

fn created(world: &World, association: &VpcAssociation) -> Value {
    super::without_nulls(json!({
        "id": association.entity.id,
        "arn": association.entity.arn,
        "status": association.entity.status.wire(),
        "createdBy": world.account,
        "securityGroupIds": association.groups,
        "privateDnsEnabled": association.private_dns_enabled,
        "dnsOptions": association.dns_options,
    }))
}

fn row(world: &World, association: &VpcAssociation) -> Value {
    let (network_arn, network_name) = network::names(world, &association.network);
    let mut row = created(world, association);
    row["securityGroupIds"].take();
    row["createdAt"] = iso(association.entity.created_at).into();
    row["lastUpdatedAt"] = iso(association.entity.updated_at).into();
    row["serviceNetworkId"] = association.network.clone().into();
    row["serviceNetworkArn"] = network_arn.into();
    row["serviceNetworkName"] = network_name.into();
    row["vpcId"] = association.vpc.clone().into();
    super::without_nulls(row)
}
