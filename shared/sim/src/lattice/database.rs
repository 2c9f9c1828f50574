//! Configurations of type ARN: which databases they take, and the children that they get.

use serde_json::json;

use super::check::{absent, invalid};
use super::kind::{Kind, Status};
use super::new_entity;
use super::state::Configuration;
use crate::kernel::switches::ChildNames;
use crate::kernel::{Fault, Tags};
use crate::lattice::World;
use crate::rds;

/// The database is there, of RDS proper, ready, and not public; its gateway resolves publicly.
pub(super) fn expect_exposable(world: &World, arn: &str, gateway: &str) -> Result<(), Fault> {
    let member = "resourceConfigurationDefinition";
    if world.lattice.gateways[gateway].dns_resolution == "IN_VPC" {
        return Err(invalid(member, "not with a gateway that resolves in its VPC"));
    }
    let database = rds::exposable(world, arn).ok_or_else(|| absent("RDS_DATABASE", arn))?;
    if !database.is_supported {
        return Err(invalid(member, "only Amazon RDS databases are supported"));
    }
    if database.is_public {
        return Err(invalid(member, "the database is publicly accessible"));
    }
    if database.names.is_empty() {
        return Err(invalid(member, "the database has no endpoint yet"));
    }
    Ok(())
}

/// One managed child for each endpoint of the database: the port is that of this moment.
pub(super) fn add_children(world: &mut World, parent: &Configuration, database: &rds::Exposable) {
    for name in &database.names {
        let mut entity = new_entity(world, Kind::Configuration, &Tags::new());
        entity.status = Status::Active;
        let id = entity.id.clone();
        let child = Configuration {
            name: child_name(world, &id, parent),
            kind: "CHILD".to_owned(),
            gateway: parent.gateway.clone(),
            group: Some(parent.entity.id.clone()),
            definition: Some(json!({"dnsResource": {"domainName": name, "ipAddressType": "IPV4"}})),
            port_ranges: vec![database.port.to_string()],
            protocol: Some("TCP".to_owned()),
            shareable: parent.shareable,
            custom_domain_name: None,
            group_domain: None,
            amazon_managed: true,
            entity,
        };
        world.lattice.configurations.insert(id, child);
    }
}

fn child_name(world: &World, id: &str, parent: &Configuration) -> String {
    match world.switches.child_names {
        ChildNames::Own => {
            format!("child-{}", id.trim_start_matches(Kind::Configuration.prefix()))
        }
        ChildNames::OfParentAndDatabase => {
            let database = parent.database().and_then(|arn| arn.rsplit(':').next());
            format!("{}-{}", parent.entity.id, database.unwrap_or_default())
        }
    }
}
