//! Changes things of ours in place.

use reconcile::key::Key;
use reconcile::step::Update;

use super::create::{finish, texts};
use crate::{Aws, Error};

impl Aws {
    pub(super) async fn update(&self, key: &Key, update: &Update) -> Result<(), Error> {
        match update {
            Update::CloseEgress { group, rules } => {
                let call = self.ec2.revoke_security_group_egress().group_id(group.as_str());
                let call = call.set_security_group_rule_ids(Some(texts(rules)));
                finish("RevokeSecurityGroupEgress", key, call.send().await)
            }
            Update::GatewayGroups { gateway, groups } => {
                let call = self.lattice.update_resource_gateway();
                let call = call.resource_gateway_identifier(gateway.as_str());
                let call = call.set_security_group_ids(Some(texts(groups)));
                finish("UpdateResourceGateway", key, call.send().await)
            }
            Update::Share { configuration } => {
                let call = self.lattice.update_resource_configuration();
                let call = call.resource_configuration_identifier(configuration.as_str());
                let call = call.allow_association_to_shareable_service_network(true);
                finish("UpdateResourceConfiguration", key, call.send().await)
            }
            Update::EndpointGroups { endpoint, add } => {
                let call = self.ec2.modify_vpc_endpoint().vpc_endpoint_id(endpoint.as_str());
                let call = call.set_add_security_group_ids(Some(texts(add)));
                finish("ModifyVpcEndpoint", key, call.send().await)
            }
            Update::Tag { target, key, value } => self.tag(target, key, value).await,
            Update::Untag { target, key } => self.untag(target, key).await,
        }
    }
}
