//! Starts one step. Every id and every detail is in the step: there is nothing to choose here.

use reconcile::key::Key;
use reconcile::step::{Create, Delete, Step, Target, Update};
use reconcile::tag;
use reconcile::telling::Note;

use crate::kind::New;
use crate::{Aws, Error};

impl Aws {
    /// Starts this step; the id that AWS gives what is made, or gave what is removed.
    ///
    /// # Errors
    ///
    /// Of the call that AWS refused. [`crate::ErrorKind::Exists`] for something to be made and
    /// [`crate::ErrorKind::Gone`] for something to be removed say that it has happened already.
    pub async fn apply(&self, step: &Step) -> Result<Option<String>, Error> {
        match step {
            Step::Create { key, create, tags, token } => {
                self.create(New { key, tags, token }, create).await
            }
            Step::Update { key, update, .. } => self.update(key, update).await.map(|()| None),
            Step::Delete { key, delete, .. } => {
                self.delete(key, delete).await.map(|()| Some(delete.id().to_owned()))
            }
        }
    }

    /// Writes a status tag, or takes it off.
    ///
    /// # Errors
    ///
    /// Of the call that AWS refused.
    pub async fn note(&self, note: &Note) -> Result<(), Error> {
        let Note { target, status } = note;
        // Listings of VPC Lattice carry no tags: whose it is, and what it says, is read first.
        if let Target::Lattice(arn) = target {
            let tags = self.tags(arn).await?.unwrap_or_default();
            let is_ours =
                tags.get(tag::OWNER).map(String::as_str) == Some(self.settings.deployment.as_str());
            if !is_ours || tags.get(tag::STATUS) == status.as_ref() {
                return Ok(());
            }
        }
        match status {
            Some(status) => self.tag(target, tag::STATUS, status).await,
            None => self.untag(target, tag::STATUS).await,
        }
    }

    /// Creates something, with our tags on it from the first moment.
    async fn create(&self, new: New<'_>, create: &Create) -> Result<Option<String>, Error> {
        match create {
            Create::Network { name } => self.create_network(new, name).await,
            Create::Group { name, description, vpc } => {
                self.create_group(new, name, description, vpc).await
            }
            Create::Rule { group, direction, peer, port, description } => {
                self.create_rule(new, group, *direction, peer, *port, description).await
            }
            Create::Gateway { name, vpc, subnets, groups, addresses_per_interface } => {
                let addresses = *addresses_per_interface;
                self.create_gateway(new, name, vpc, subnets, groups, addresses).await
            }
            Create::Configuration { name, gateway, database } => {
                self.create_configuration(new, name, gateway, database).await
            }
            Create::Association { configuration, network } => {
                self.create_association(new, configuration, network).await
            }
            Create::Endpoint { vpc, network, subnets, groups, name } => {
                self.create_endpoint(new, vpc, network, subnets, groups, name).await
            }
        }
    }

    /// Changes something of ours in place.
    async fn update(&self, key: &Key, update: &Update) -> Result<(), Error> {
        match update {
            Update::CloseEgress { group, rules } => self.close_egress(key, group, rules).await,
            Update::GatewayGroups { gateway, groups } => {
                self.update_gateway_groups(key, gateway, groups).await
            }
            Update::Share { configuration } => self.share_configuration(key, configuration).await,
            Update::EndpointGroups { endpoint, add } => {
                self.add_endpoint_groups(key, endpoint, add).await
            }
            Update::Tag { target, key, value } => self.tag(target, key, value).await,
            Update::Untag { target, key } => self.untag(target, key).await,
        }
    }

    /// Removes something of ours.
    async fn delete(&self, key: &Key, delete: &Delete) -> Result<(), Error> {
        match delete {
            Delete::Network(id) => self.delete_network(key, id).await,
            Delete::Group(id) => self.delete_group(key, id).await,
            Delete::Rule { group, direction, rule } => {
                self.delete_rule(key, group, *direction, rule).await
            }
            Delete::Gateway(id) => self.delete_gateway(key, id).await,
            Delete::Configuration(id) => self.delete_configuration(key, id).await,
            Delete::Association(id) => self.delete_association(key, id).await,
            Delete::Endpoint(id) => self.delete_endpoint(key, id).await,
        }
    }
}
