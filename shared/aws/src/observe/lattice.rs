//! VPC Lattice: networks, gateways, configurations, associations.

use aws_sdk_vpclattice::types::ResourceConfigurationType;
use aws_smithy_types::DateTime;
use reconcile::id::{AccountId, Arn, NetworkName};
use reconcile::observed::{Association, Configuration, Gateway, Life, Network};

use super::{promised, timestamp};
use crate::{Aws, Error};

/// The largest page of every Lattice listing.
const PAGE: i32 = 100;

const NETWORKS: &str = "ListServiceNetworks";
const GATEWAYS: &str = "ListResourceGateways";
const CONFIGURATIONS: &str = "ListResourceConfigurations";
const ASSOCIATIONS: &str = "ListServiceNetworkResourceAssociations";
const IDENTITY: &str = "GetCallerIdentity";

impl Aws {
    /// All networks, our account's own and those shared into it, as the deployment knows them.
    pub(super) async fn networks(&self) -> Result<Vec<Network>, Error> {
        let account = self.account().await?;
        let listing = self.lattice.list_service_networks();
        let mut pages = listing.into_paginator().page_size(PAGE).items().send();
        let mut networks = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(NETWORKS, "all", error))?;
            let arn = Arn::from(promised(NETWORKS, "arn", item.arn())?);
            let name = promised(NETWORKS, "name", item.name())?;
            let owner = arn.account().map(AccountId::from);
            let is_shared = owner.as_ref().is_some_and(|owner| owner != account);
            // Whoever names our own account in the list means the network that is there.
            let qualified = NetworkName::owned_by(name, owner.as_ref());
            let plain = NetworkName::owned_by(name, None);
            let is_named = self.settings.networks.contains(&qualified);
            networks.push(Network {
                id: promised(NETWORKS, "id", item.id())?.into(),
                name: if is_shared || is_named { qualified } else { plain },
                arn,
                is_shared,
            });
        }
        Ok(networks)
    }

    /// The associations of one network, without those that AWS made (`isManagedAssociation`), and
    /// so without the children's, which come and go with their parents'. (Unless they are asked for
    /// they should not be listed; a script that ran on AWS finds them all the same.)
    pub(super) async fn associations(&self, network: Network) -> Result<Vec<Association>, Error> {
        let mut pages = self
            .lattice
            .list_service_network_resource_associations()
            // Another account's network is known by its ARN only.
            .service_network_identifier(network.arn.as_str())
            .into_paginator()
            .page_size(PAGE)
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

    /// The gateways of our account: what another one shares with us is none of ours.
    pub(super) async fn gateways(&self) -> Result<Vec<Gateway>, Error> {
        let account = self.account().await?;
        let listing = self.lattice.list_resource_gateways();
        let mut pages = listing.into_paginator().page_size(PAGE).items().send();
        let mut gateways = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(GATEWAYS, "all", error))?;
            // A gateway that AWS manages for a service of its own can lie in no VPC of ours.
            let Some(vpc) = item.vpc_identifier() else { continue };
            let arn = Arn::from(promised(GATEWAYS, "arn", item.arn())?);
            if arn.account() != Some(account.as_str()) {
                continue;
            }
            gateways.push(Gateway {
                id: promised(GATEWAYS, "id", item.id())?.into(),
                arn,
                name: item.name().unwrap_or_default().to_owned(),
                vpc: vpc.into(),
                subnets: item.subnet_ids().iter().map(|id| id.as_str().into()).collect(),
                groups: item.security_group_ids().iter().map(|id| id.as_str().into()).collect(),
                // There is no failure reason on gateways.
                life: life(item.status(), None, item.created_at()),
            });
        }
        Ok(gateways)
    }

    /// The configurations of our account, without the children that AWS manages for those of type
    /// ARN.
    pub(super) async fn configurations(&self) -> Result<Vec<Configuration>, Error> {
        let account = self.account().await?;
        let listing = self.lattice.list_resource_configurations();
        let mut pages = listing.into_paginator().page_size(PAGE).items().send();
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

    /// Our account's id, asked once.
    pub(crate) async fn account(&self) -> Result<&AccountId, Error> {
        let ask = async || {
            let answer = self.sts.get_caller_identity().send().await;
            let answer = answer.map_err(|error| Error::of(IDENTITY, "us", error))?;
            Ok(promised(IDENTITY, "Account", answer.account())?.into())
        };
        self.account.get_or_try_init(ask).await
    }
}

/// Whether a configuration has a name that nobody but AWS can give: it begins like an id (VPC
/// Lattice API model, `ResourceConfigurationName`). A managed child may be called
/// `<parent's id>-<database>`; what stands behind that is the database's name, and no port.
fn is_of_aws(name: &str) -> bool {
    name.starts_with("rcfg-")
}

/// A status as part of a life. What failed to be updated works on as it was; `PARTIAL` is usable;
/// an unknown status is taken for one that changes by itself: hands off.
fn life<S: AsRef<str>>(
    status: Option<&S>,
    failure: Option<&str>,
    created: Option<&DateTime>,
) -> Life {
    match status.map(AsRef::as_ref) {
        Some("ACTIVE" | "PARTIAL" | "UPDATE_FAILED") => Life::Ready,
        Some("DELETE_IN_PROGRESS") => Life::Leaving,
        Some(status @ ("CREATE_FAILED" | "DELETE_FAILED")) => {
            let why = failure.filter(|text| !text.is_empty()).unwrap_or(status);
            Life::broken(why, timestamp(created))
        }
        _ => Life::Coming,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_told_by_its_name_from_what_people_name() {
        assert!(is_of_aws("rcfg-0a1b2c3d4e5f6a7b8-trellis-orders-5432-k3jh5w2pqa4bn2qz"));
        assert!(!is_of_aws("trellis-orders-5432-k3jh5w2pqa4bn2qz"));
    }

    #[test]
    fn an_unknown_status_is_left_alone() {
        let life = |status: &str, failure| life(Some(&status), failure, None);
        assert_eq!(life("ACTIVE", None), Life::Ready);
        assert_eq!(life("PARTIAL", None), Life::Ready);
        assert_eq!(life("CREATE_FAILED", Some("no room")), Life::broken("no room", None));
        assert_eq!(life("DELETE_FAILED", None), Life::broken("DELETE_FAILED", None));
        assert_eq!(life("SOMETHING_NEW", None), Life::Coming);
    }
}
