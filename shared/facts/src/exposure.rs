//! VPC Lattice resources for cases to stand on.

use aws_sdk_vpclattice::operation::{
    create_resource_configuration as configuration, create_resource_gateway as gateway,
    create_service_network as network, create_service_network_resource_association as association,
};
use aws_sdk_vpclattice::operation::{
    get_resource_configuration::GetResourceConfigurationOutput,
    get_resource_gateway::GetResourceGatewayOutput,
    get_service_network_resource_association as get_association,
};
use aws_sdk_vpclattice::types::{
    ArnResource, ResourceConfigurationDefinition, ResourceConfigurationType,
};

use crate::case::Trouble;
use crate::database::Database;
use crate::expect::{Refusal, equal, given, word};
use crate::made::{Made, UNKNOWN_TO_LATTICE};
use crate::stage::{Adjust, Stage};
use crate::test_vpc::TestVpc;

type AssociationBuilder =
    association::builders::CreateServiceNetworkResourceAssociationFluentBuilder;

/// A service network.
pub(crate) struct Network {
    pub id: String,
    pub arn: String,
    pub name: String,
}

/// A gateway that is active.
pub(crate) struct Gateway {
    pub id: String,
    pub arn: String,
}

/// A configuration that is active.
pub(crate) struct Configuration {
    pub id: String,
    pub arn: String,
    pub name: String,
}

/// A database with a gateway and a configuration, all active.
pub(crate) struct Offer {
    pub test_vpc: TestVpc,
    pub database: Database,
    pub gateway: Gateway,
    pub configuration: Configuration,
}

impl Stage<'_> {
    /// Creates a gateway in the place's subnets that takes one address in each, or as `adjust`
    /// wants it.
    pub(crate) async fn create_gateway(
        &self,
        test_vpc: &TestVpc,
        adjust: impl Adjust<gateway::builders::CreateResourceGatewayFluentBuilder>,
    ) -> Result<gateway::CreateResourceGatewayOutput, Refusal> {
        let create = self
            .lattice
            .create_resource_gateway()
            .name(self.name())
            .vpc_identifier(&test_vpc.vpc)
            .set_subnet_ids(Some(test_vpc.subnets.clone()))
            .ipv4_addresses_per_eni(1);
        let made = adjust(create).send().await?;
        let _ = self.keep(Made::Gateway, made.id());
        Ok(made)
    }

    pub(crate) async fn gateway(&self, test_vpc: &TestVpc) -> Result<Gateway, Trouble> {
        let made = self.create_gateway(test_vpc, |create| create).await?;
        let id = given("a gateway id", made.id)?;
        let settled = self.settled_gateway(&id).await?;
        equal("the gateway's status", word(settled.status()), "ACTIVE")?;
        Ok(Gateway { id, arn: given("an ARN", made.arn)? })
    }

    /// The gateway as it is once nothing is in progress.
    pub(crate) async fn settled_gateway(
        &self,
        id: &str,
    ) -> Result<GetResourceGatewayOutput, Trouble> {
        self.until("the gateway settles", || async {
            let get = self.lattice.get_resource_gateway().resource_gateway_identifier(id);
            let seen = present(get.send().await)?;
            Ok(seen.filter(|seen| !word(seen.status()).ends_with("IN_PROGRESS")))
        })
        .await
    }

    /// Creates an ARN configuration, or as `adjust` wants it.
    pub(crate) async fn create_configuration(
        &self,
        gateway: &str,
        database: &str,
        adjust: impl Adjust<configuration::builders::CreateResourceConfigurationFluentBuilder>,
    ) -> Result<configuration::CreateResourceConfigurationOutput, Refusal> {
        let create = self
            .lattice
            .create_resource_configuration()
            .name(self.name())
            .r#type(ResourceConfigurationType::Arn)
            .resource_gateway_identifier(gateway)
            .resource_configuration_definition(for_arn(database));
        let made = adjust(create).send().await?;
        let _ = self.keep(Made::Configuration, made.id());
        Ok(made)
    }

    pub(crate) async fn configuration(
        &self,
        gateway: &Gateway,
        database: &Database,
    ) -> Result<Configuration, Trouble> {
        let made = self.create_configuration(&gateway.id, &database.arn, |create| create).await?;
        let id = given("a configuration id", made.id)?;
        let settled = self.settled_configuration(&id).await?;
        equal("the configuration's status", word(settled.status()), "ACTIVE")?;
        Ok(Configuration { id, arn: given("an ARN", made.arn)?, name: given("a name", made.name)? })
    }

    /// The configuration as it is once nothing is in progress.
    pub(crate) async fn settled_configuration(
        &self,
        id: &str,
    ) -> Result<GetResourceConfigurationOutput, Trouble> {
        self.until("the configuration settles", || async {
            let get = self.lattice.get_resource_configuration();
            let seen = present(get.resource_configuration_identifier(id).send().await)?;
            Ok(seen.filter(|seen| !word(seen.status()).ends_with("IN_PROGRESS")))
        })
        .await
    }

    /// A database in a place of its own, with a gateway and a configuration.
    pub(crate) async fn offer(&self) -> Result<Offer, Trouble> {
        let test_vpc = self.test_vpc().await?;
        let database = self.database(&test_vpc).await?;
        let gateway = self.gateway(&test_vpc).await?;
        let configuration = self.configuration(&gateway, &database).await?;
        Ok(Offer { test_vpc, database, gateway, configuration })
    }

    /// Creates a network, with a name of its own unless `adjust` gives it another.
    pub(crate) async fn create_network(
        &self,
        adjust: impl Adjust<network::builders::CreateServiceNetworkFluentBuilder>,
    ) -> Result<network::CreateServiceNetworkOutput, Refusal> {
        let create = self.lattice.create_service_network().name(self.name());
        let made = adjust(create).send().await?;
        let _ = self.keep(Made::Network, made.id());
        Ok(made)
    }

    pub(crate) async fn network(&self) -> Result<Network, Trouble> {
        let made = self.create_network(|create| create).await?;
        Ok(Network {
            id: given("a network id", made.id)?,
            arn: given("an ARN", made.arn)?,
            name: given("a name", made.name)?,
        })
    }

    /// Creates an association, or as `adjust` wants it.
    pub(crate) async fn create_association(
        &self,
        network: &Network,
        configuration: &str,
        adjust: impl Adjust<AssociationBuilder>,
    ) -> Result<association::CreateServiceNetworkResourceAssociationOutput, Refusal> {
        let create = self
            .lattice
            .create_service_network_resource_association()
            .service_network_identifier(&network.id)
            .resource_configuration_identifier(configuration);
        let made = adjust(create).send().await?;
        let _ = self.keep(Made::Association, made.id());
        Ok(made)
    }

    /// An association that is active.
    pub(crate) async fn association(
        &self,
        network: &Network,
        configuration: &Configuration,
    ) -> Result<String, Trouble> {
        let made = self.create_association(network, &configuration.id, |create| create).await?;
        let id = given("an association id", made.id)?;
        let settled = self.settled_association(&id).await?;
        equal("the association's status", word(settled.status()), "ACTIVE")?;
        Ok(id)
    }

    /// The association as it is once nothing is in progress.
    pub(crate) async fn settled_association(
        &self,
        id: &str,
    ) -> Result<get_association::GetServiceNetworkResourceAssociationOutput, Trouble> {
        self.until("the association settles", || async {
            let seen = self.look_at_association(id).await?;
            Ok(seen.filter(|seen| !word(seen.status()).ends_with("IN_PROGRESS")))
        })
        .await
    }

    pub(crate) async fn look_at_association(
        &self,
        id: &str,
    ) -> Result<Option<get_association::GetServiceNetworkResourceAssociationOutput>, Trouble> {
        let get = self.lattice.get_service_network_resource_association();
        present(get.service_network_resource_association_identifier(id).send().await)
    }
}

/// The target of an ARN configuration.
pub(crate) fn for_arn(database: &str) -> ResourceConfigurationDefinition {
    ResourceConfigurationDefinition::ArnResource(ArnResource::builder().arn(database).build())
}

/// What VPC Lattice answers to a Get, or `None` if it does not know the thing (or not yet).
pub(crate) fn present<T, E: Into<Refusal>>(answer: Result<T, E>) -> Result<Option<T>, Trouble> {
    match answer.map_err(Into::into) {
        Ok(seen) => Ok(Some(seen)),
        Err(refusal) if refusal.code == UNKNOWN_TO_LATTICE => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}
