//! Service networks of VPC Lattice.

use reconcile::id::{AccountId, Arn, NetworkId, NetworkName};
use reconcile::key::Key;
use reconcile::observed::Network;

use super::tags::lattice_tags;
use super::{LATTICE_PAGE, New, finish, made, promised};
use crate::{Aws, Error};

const NETWORKS: &str = "ListServiceNetworks";

impl Aws {
    /// All networks, our account's own and those shared into it, as the deployment knows them.
    pub(crate) async fn networks(&self) -> Result<Vec<Network>, Error> {
        let account = self.account().await?;
        let listing = self.lattice.list_service_networks();
        let mut pages = listing.into_paginator().page_size(LATTICE_PAGE).items().send();
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
            let is_named = self.settings.networks.contains_key(&qualified);
            networks.push(Network {
                id: promised(NETWORKS, "id", item.id())?.into(),
                name: if is_shared || is_named { qualified } else { plain },
                arn,
                is_shared,
            });
        }
        Ok(networks)
    }

    /// Creates a network of our account.
    pub(crate) async fn create_network(
        &self,
        new: New<'_>,
        name: &NetworkName,
    ) -> Result<Option<String>, Error> {
        let call = self.lattice.create_service_network().name(name.as_str());
        let call = call.client_token(new.token).set_tags(Some(lattice_tags(new.tags)));
        made("CreateServiceNetwork", new.key, call.send().await, |it| it.id())
    }

    /// Deletes a network of ours.
    pub(crate) async fn delete_network(&self, key: &Key, id: &NetworkId) -> Result<(), Error> {
        let call = self.lattice.delete_service_network();
        let answer = call.service_network_identifier(id.as_str()).send().await;
        finish("DeleteServiceNetwork", key, answer)
    }
}
