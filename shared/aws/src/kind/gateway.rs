//! Resource gateways of VPC Lattice.

use std::collections::BTreeSet;

use reconcile::id::{Arn, GatewayId, GroupId, SubnetId, VpcId};
use reconcile::key::Key;
use reconcile::observed::Gateway;

use super::life::life;
use super::tags::lattice_tags;
use super::{LATTICE_PAGE, New, finish, made, promised, texts};
use crate::{Aws, Error};

const GATEWAYS: &str = "ListResourceGateways";

impl Aws {
    /// The gateways of our account: what another one shares with us is none of ours.
    pub(crate) async fn gateways(&self) -> Result<Vec<Gateway>, Error> {
        let account = self.account().await?;
        let listing = self.lattice.list_resource_gateways();
        let mut pages = listing.into_paginator().page_size(LATTICE_PAGE).items().send();
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

    /// Creates a gateway in a VPC.
    pub(crate) async fn create_gateway(
        &self,
        new: New<'_>,
        name: &str,
        vpc: &VpcId,
        subnets: &BTreeSet<SubnetId>,
        groups: &BTreeSet<GroupId>,
        addresses_per_interface: u8,
    ) -> Result<Option<String>, Error> {
        let call = self
            .lattice
            .create_resource_gateway()
            .name(name)
            .vpc_identifier(vpc.as_str())
            .set_subnet_ids(Some(texts(subnets)))
            .set_security_group_ids(Some(texts(groups)))
            .ipv4_addresses_per_eni(i32::from(addresses_per_interface))
            .client_token(new.token)
            .set_tags(Some(lattice_tags(new.tags)));
        made("CreateResourceGateway", new.key, call.send().await, |it| it.id())
    }

    /// Gives a gateway these groups in place of those that it has.
    pub(crate) async fn update_gateway_groups(
        &self,
        key: &Key,
        gateway: &GatewayId,
        groups: &BTreeSet<GroupId>,
    ) -> Result<(), Error> {
        let call = self.lattice.update_resource_gateway();
        let call = call.resource_gateway_identifier(gateway.as_str());
        let call = call.set_security_group_ids(Some(texts(groups)));
        finish("UpdateResourceGateway", key, call.send().await)
    }

    /// Deletes a gateway of ours.
    pub(crate) async fn delete_gateway(&self, key: &Key, id: &GatewayId) -> Result<(), Error> {
        let call = self.lattice.delete_resource_gateway();
        let answer = call.resource_gateway_identifier(id.as_str()).send().await;
        finish("DeleteResourceGateway", key, answer)
    }
}
