//! Resource configurations of VPC Lattice.

use aws_sdk_vpclattice::types::{
    ArnResource, ResourceConfigurationDefinition, ResourceConfigurationType,
};
use reconcile::id::{Arn, ConfigurationId, DatabaseArn, GatewayId};
use reconcile::key::Key;
use reconcile::observed::{Binding, Configuration};

use super::life::life;
use super::tags::lattice_tags;
use super::{LATTICE_PAGE, New, finish, made, promised, unless_gone};
use crate::{Aws, Error};

const CONFIGURATIONS: &str = "ListResourceConfigurations";

impl Aws {
    /// The configurations of our account, without the children that AWS manages for those of type
    /// ARN.
    pub(crate) async fn configurations(&self) -> Result<Vec<Configuration>, Error> {
        let account = self.account().await?;
        let listing = self.lattice.list_resource_configurations();
        let mut pages = listing.into_paginator().page_size(LATTICE_PAGE).items().send();
        let mut configurations = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(CONFIGURATIONS, "all", error))?;
            let is_child = item.r#type() == Some(&ResourceConfigurationType::Child);
            if is_child || item.amazon_managed() == Some(true) {
                continue;
            }
            let arn = Arn::from(promised(CONFIGURATIONS, "arn", item.arn())?);
            if arn.account() != Some(account.as_str()) {
                continue;
            }
            configurations.push(Configuration {
                id: promised(CONFIGURATIONS, "id", item.id())?.into(),
                arn,
                name: item.name().unwrap_or_default().to_owned(),
                gateway: item.resource_gateway_id().unwrap_or_default().into(),
                life: life(item.status(), None, item.created_at()),
            });
        }
        Ok(configurations)
    }

    /// What a configuration is bound to, which the listing does not tell; `None` if it is gone.
    pub(crate) async fn binding(&self, id: &ConfigurationId) -> Result<Option<Binding>, Error> {
        let call = self.lattice.get_resource_configuration();
        let answer = call.resource_configuration_identifier(id.as_str()).send().await;
        let answer = answer.map_err(|error| Error::of("GetResourceConfiguration", id, error));
        let Some(answer) = unless_gone(answer)? else { return Ok(None) };
        let database = match answer.resource_configuration_definition() {
            Some(ResourceConfigurationDefinition::ArnResource(resource)) => resource.arn(),
            _ => None,
        };
        Ok(Some(Binding {
            // Bound to something that is no ARN: to no database, that is.
            database: database.unwrap_or_default().into(),
            is_shareable: answer.allow_association_to_shareable_service_network() != Some(false),
        }))
    }

    /// Creates a configuration of type ARN for a database.
    pub(crate) async fn create_configuration(
        &self,
        new: New<'_>,
        name: &str,
        gateway: &GatewayId,
        database: &DatabaseArn,
    ) -> Result<Option<String>, Error> {
        let arn = ArnResource::builder().arn(database.as_str()).build();
        let call = self
            .lattice
            .create_resource_configuration()
            .name(name)
            .r#type(ResourceConfigurationType::Arn)
            .resource_gateway_identifier(gateway.as_str())
            .resource_configuration_definition(ResourceConfigurationDefinition::ArnResource(arn))
            // The network may be, or become, one that is shared through RAM.
            .allow_association_to_shareable_service_network(true)
            .client_token(new.token)
            .set_tags(Some(lattice_tags(new.tags)));
        made("CreateResourceConfiguration", new.key, call.send().await, |it| it.id())
    }

    /// Lets a configuration be associated with a shared network.
    pub(crate) async fn share_configuration(
        &self,
        key: &Key,
        configuration: &ConfigurationId,
    ) -> Result<(), Error> {
        let call = self.lattice.update_resource_configuration();
        let call = call.resource_configuration_identifier(configuration.as_str());
        let call = call.allow_association_to_shareable_service_network(true);
        finish("UpdateResourceConfiguration", key, call.send().await)
    }

    /// Deletes a configuration of ours.
    pub(crate) async fn delete_configuration(
        &self,
        key: &Key,
        id: &ConfigurationId,
    ) -> Result<(), Error> {
        let call = self.lattice.delete_resource_configuration();
        let answer = call.resource_configuration_identifier(id.as_str()).send().await;
        finish("DeleteResourceConfiguration", key, answer)
    }
}
