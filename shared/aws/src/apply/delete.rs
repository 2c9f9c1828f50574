//! Removes things of ours.

use reconcile::key::Key;
use reconcile::observed::Direction;
use reconcile::step::Delete;

use super::create::finish;
use crate::{Aws, Error};

impl Aws {
    pub(super) async fn delete(&self, key: &Key, delete: &Delete) -> Result<(), Error> {
        match delete {
            Delete::Network(id) => {
                let call = self.lattice.delete_service_network();
                let answer = call.service_network_identifier(id.as_str()).send().await;
                finish("DeleteServiceNetwork", key, answer)
            }
            Delete::Gateway(id) => {
                let call = self.lattice.delete_resource_gateway();
                let answer = call.resource_gateway_identifier(id.as_str()).send().await;
                finish("DeleteResourceGateway", key, answer)
            }
            Delete::Configuration(id) => {
                let call = self.lattice.delete_resource_configuration();
                let answer = call.resource_configuration_identifier(id.as_str()).send().await;
                finish("DeleteResourceConfiguration", key, answer)
            }
            Delete::Association(id) => {
                let call = self.lattice.delete_service_network_resource_association();
                let call = call.service_network_resource_association_identifier(id.as_str());
                finish("DeleteServiceNetworkResourceAssociation", key, call.send().await)
            }
            Delete::Group(id) => {
                let call = self.ec2.delete_security_group().group_id(id.as_str());
                finish("DeleteSecurityGroup", key, call.send().await)
            }
            Delete::Rule { group, direction: Direction::Ingress, rule } => {
                let call = self.ec2.revoke_security_group_ingress().group_id(group.as_str());
                let answer = call.security_group_rule_ids(rule.as_str()).send().await;
                finish("RevokeSecurityGroupIngress", key, answer)
            }
            Delete::Rule { group, direction: Direction::Egress, rule } => {
                let call = self.ec2.revoke_security_group_egress().group_id(group.as_str());
                let answer = call.security_group_rule_ids(rule.as_str()).send().await;
                finish("RevokeSecurityGroupEgress", key, answer)
            }
            Delete::Endpoint(id) => self.remove_endpoint(key, id.as_str()).await,
        }
    }

    /// DeleteVpcEndpoints answers 200 even where it deleted nothing: the failures stand in the
    /// answer.
    async fn remove_endpoint(&self, key: &Key, id: &str) -> Result<(), Error> {
        const CALL: &str = "DeleteVpcEndpoints";
        let answer = self.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id).send().await;
        let answer = answer.map_err(|error| Error::of(CALL, key, error))?;
        match answer.unsuccessful().first().and_then(|item| item.error()) {
            Some(error) => {
                Err(Error::partial(CALL, key, error.code(), error.message().unwrap_or_default()))
            }
            None => Ok(()),
        }
    }
}
