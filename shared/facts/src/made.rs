//! What a case has made, and how each kind of thing is removed.

use crate::Clients;
use crate::case::Trouble;
use crate::expect::Refusal;

/// One thing that must go after the case, by its id or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Vpc(String),
    Subnet(String),
    Group(String),
    Endpoint(String),
    Peering(String),
    TransitGateway(String),
    Attachment(String),
    SubnetGroup(String),
    Instance(String),
    Snapshot(String),
    BlueGreen(String),
    Gateway(String),
    Configuration(String),
    Network(String),
    Association(String),
}

/// How VPC Lattice says that it does not know a thing.
pub(crate) const UNKNOWN_TO_LATTICE: &str = "ResourceNotFoundException";

/// Refusals that pass: something that depends on it, or that it waits for, is still on its way.
const BUSY: [&str; 11] = [
    "ConflictException",
    "DependencyViolation",
    "CannotDelete",
    "InvalidGroup.InUse",
    "InvalidDBInstanceState",
    "InvalidDBSnapshotState",
    "InvalidDBSubnetGroupStateFault",
    "InvalidBlueGreenDeploymentStateFault",
    "InvalidState",
    "IncorrectState",
    "ThrottlingException",
];

/// Asks once for the thing to be deleted. `Some` when it is gone; what takes time to go is asked
/// for again until nobody knows it any more, which is right for what failed to be deleted as well.
pub(crate) async fn remove(clients: &Clients, made: &Made) -> Result<Option<()>, Trouble> {
    match delete(clients, made).await {
        Ok(Going::Gone) => Ok(Some(())),
        Ok(Going::OnItsWay) => Ok(None),
        Err(refusal) if is_gone(&refusal.code) => Ok(Some(())),
        Err(refusal) if BUSY.contains(&refusal.code.as_str()) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

/// What the answer to a delete means.
enum Going {
    Gone,
    OnItsWay,
}

/// Every service has its own words for what it does not know.
pub(crate) fn is_gone(code: &str) -> bool {
    code.ends_with("NotFound") || code.ends_with("NotFoundFault") || code == UNKNOWN_TO_LATTICE
}

async fn delete(clients: &Clients, made: &Made) -> Result<Going, Refusal> {
    let Clients { ec2, rds, lattice, .. } = clients;
    match made {
        Made::Endpoint(id) => return endpoint(clients, id).await,
        Made::Peering(id) => return peering(clients, id).await,
        Made::TransitGateway(id) => {
            ec2.delete_transit_gateway().transit_gateway_id(id).send().await?;
            return Ok(Going::OnItsWay);
        }
        Made::Attachment(id) => {
            let delete = ec2.delete_transit_gateway_vpc_attachment();
            delete.transit_gateway_attachment_id(id).send().await?;
            return Ok(Going::OnItsWay);
        }
        Made::Vpc(id) => drop(ec2.delete_vpc().vpc_id(id).send().await?),
        Made::Subnet(id) => drop(ec2.delete_subnet().subnet_id(id).send().await?),
        Made::Group(id) => drop(ec2.delete_security_group().group_id(id).send().await?),
        Made::SubnetGroup(name) => {
            rds.delete_db_subnet_group().db_subnet_group_name(name).send().await?;
        }
        Made::Network(id) => {
            lattice.delete_service_network().service_network_identifier(id).send().await?;
        }
        Made::Instance(name) => {
            let delete = rds.delete_db_instance().db_instance_identifier(name);
            delete.skip_final_snapshot(true).send().await?;
            return Ok(Going::OnItsWay);
        }
        Made::Snapshot(name) => {
            rds.delete_db_snapshot().db_snapshot_identifier(name).send().await?;
            return Ok(Going::OnItsWay);
        }
        Made::BlueGreen(id) => {
            let delete = rds.delete_blue_green_deployment();
            delete.blue_green_deployment_identifier(id).send().await?;
            return Ok(Going::OnItsWay);
        }
        Made::Gateway(id) => {
            lattice.delete_resource_gateway().resource_gateway_identifier(id).send().await?;
            return Ok(Going::OnItsWay);
        }
        Made::Configuration(id) => {
            let delete = lattice.delete_resource_configuration();
            delete.resource_configuration_identifier(id).send().await?;
            return Ok(Going::OnItsWay);
        }
        Made::Association(id) => {
            let delete = lattice.delete_service_network_resource_association();
            delete.service_network_resource_association_identifier(id).send().await?;
            return Ok(Going::OnItsWay);
        }
    }
    Ok(Going::Gone)
}

/// What is deleted or has failed stays listed, and cannot be deleted again.
async fn peering(clients: &Clients, id: &str) -> Result<Going, Refusal> {
    let describe = clients.ec2.describe_vpc_peering_connections();
    let listed = describe.vpc_peering_connection_ids(id).send().await?;
    let status = listed.vpc_peering_connections().first().and_then(|it| it.status()?.code());
    match status.map(|status| status.as_str()) {
        None | Some("deleted" | "failed" | "expired" | "rejected") => Ok(Going::Gone),
        Some("deleting") => Ok(Going::OnItsWay),
        Some(_) => {
            let delete = clients.ec2.delete_vpc_peering_connection();
            delete.vpc_peering_connection_id(id).send().await?;
            Ok(Going::Gone)
        }
    }
}

/// DeleteVpcEndpoints succeeds as a call even when it deletes nothing, so its state is asked first.
async fn endpoint(clients: &Clients, id: &str) -> Result<Going, Refusal> {
    let listed = clients.ec2.describe_vpc_endpoints().vpc_endpoint_ids(id).send().await?;
    let state = listed.vpc_endpoints().first().and_then(|endpoint| endpoint.state());
    match state.map(|state| state.as_str().to_ascii_lowercase()).as_deref() {
        None | Some("deleted") => Ok(Going::Gone),
        Some("deleting") => Ok(Going::OnItsWay),
        Some(_) => {
            clients.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id).send().await?;
            Ok(Going::OnItsWay)
        }
    }
}
