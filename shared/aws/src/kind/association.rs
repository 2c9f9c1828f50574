//! Associations of resource configurations with service networks, of VPC Lattice.

use reconcile::id::{Arn, AssociationId, ConfigurationId};
use reconcile::key::Key;
use reconcile::observed::{Association, Network};

use super::life::life;
use super::tags::lattice_tags;
use super::{LATTICE_PAGE, New, finish, made, promised};
use crate::{Aws, Error};

const ASSOCIATIONS: &str = "ListServiceNetworkResourceAssociations";

impl Aws {
    /// The associations of one network, without those that AWS made (`isManagedAssociation`), and
    /// so without the children's, which come and go with their parents'. (Unless they are asked for
    /// they should not be listed; a script that ran on AWS finds them all the same.)
    pub(crate) async fn associations(&self, network: Network) -> Result<Vec<Association>, Error> {
        let mut pages = self
            .lattice
            .list_service_network_resource_associations()
            // Another account's network is known by its ARN only.
            .service_network_identifier(network.arn.as_str())
            .into_paginator()
            .page_size(LATTICE_PAGE)
            .items()
            .send();
        let mut associations = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(ASSOCIATIONS, &network.name, error))?;
            let name = item.resource_configuration_name().unwrap_or_default();
            if item.is_managed_association() == Some(true) || is_of_aws(name) {
                continue;
            }
            let of = |member, value| promised(ASSOCIATIONS, member, value);
            associations.push(Association {
                id: of("id", item.id())?.into(),
                arn: of("arn", item.arn())?.into(),
                configuration: of("resourceConfigurationId", item.resource_configuration_id())?
                    .into(),
                configuration_arn: of(
                    "resourceConfigurationArn",
                    item.resource_configuration_arn(),
                )?
                .into(),
                configuration_name: name.to_owned(),
                network: network.id.clone(),
                life: life(item.status(), item.failure_code(), item.created_at()),
            });
        }
        Ok(associations)
    }

    /// Associates a configuration with a network.
    pub(crate) async fn create_association(
        &self,
        new: New<'_>,
        configuration: &ConfigurationId,
        network: &Arn,
    ) -> Result<Option<String>, Error> {
        let call = self
            .lattice
            .create_service_network_resource_association()
            .resource_configuration_identifier(configuration.as_str())
            // The ARN, since another account's network is known by that only.
            .service_network_identifier(network.as_str())
            .client_token(new.token)
            .set_tags(Some(lattice_tags(new.tags)));
        const CALL: &str = "CreateServiceNetworkResourceAssociation";
        made(CALL, new.key, call.send().await, |it| it.id())
    }

    /// Deletes an association of ours.
    pub(crate) async fn delete_association(
        &self,
        key: &Key,
        id: &AssociationId,
    ) -> Result<(), Error> {
        let call = self.lattice.delete_service_network_resource_association();
        let call = call.service_network_resource_association_identifier(id.as_str());
        finish("DeleteServiceNetworkResourceAssociation", key, call.send().await)
    }
}

/// Whether a configuration has a name that nobody but AWS can give: it begins like an id (VPC
/// Lattice API model, `ResourceConfigurationName`). A managed child may be called
/// `<parent's id>-<database>`; what stands behind that is the database's name, and no port.
fn is_of_aws(name: &str) -> bool {
    name.starts_with("rcfg-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_told_by_its_name_from_what_people_name() {
        assert!(is_of_aws("rcfg-0a1b2c3d4e5f6a7b8-trellis-orders-5432-k3jh5w2pqa4bn2qz"));
        assert!(!is_of_aws("trellis-orders-5432-k3jh5w2pqa4bn2qz"));
    }
}
