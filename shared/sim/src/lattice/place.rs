//! What no call to VPC Lattice can bring about, and what other services ask of it.

use super::kind::{Kind, Status};
use super::state::{Entity, Gateway, Network};
use super::{gateway, give_up, new_entity, settle};
use crate::kernel::Tags;
use crate::kernel::switches::OrphanedConfiguration;
use crate::lattice::World;

/// A resource that a network carries: what an endpoint to the network gets an association for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    /// The association of the resource itself: that of the managed child for type ARN.
    pub(crate) association: String,
    /// The id of the configuration with the address: the managed child for type ARN.
    pub(crate) configuration: String,
    /// The id of the parent configuration, for type ARN.
    pub(crate) parent: Option<String>,
    /// The name that resolves privately in the consumer's VPC, if any.
    pub(crate) private_name: Option<String>,
}

impl super::Lattice {
    /// What a network carries now, one entry per address: managed children stand for their
    /// parents, and what is still being associated or no longer is does not count.
    pub(crate) fn carried_by(&self, network: &str) -> Vec<Carried> {
        let associations = self.resource_associations.values();
        let carrying = associations.filter(|it| {
            let parent = it.parent.as_ref().and_then(|id| self.resource_associations.get(id));
            let lead = parent.map_or(&it.entity, |parent| &parent.entity);
            it.network == network && lead.status.carries()
        });
        carrying
            .filter_map(|it| {
                let configuration = self.configurations.get(&it.configuration)?;
                (configuration.kind != "ARN").then(|| Carried {
                    association: it.entity.id.clone(),
                    configuration: it.configuration.clone(),
                    parent: configuration.group.clone().filter(|_| configuration.amazon_managed),
                    private_name: it.private_dns_name.clone().filter(|_| it.private_dns_enabled),
                })
            })
            .collect()
    }
}

/// The database of this ARN is gone, and so may be what its configurations are good for.
pub(crate) fn database_gone(world: &mut World, arn: &str) {
    if world.switches.orphaned_configuration == OrphanedConfiguration::StaysActive {
        return;
    }
    let orphans: Vec<String> = world
        .lattice
        .configurations
        .values()
        .filter(|it| it.database() == Some(arn) && it.entity.status == Status::Active)
        .map(|it| it.entity.id.clone())
        .collect();
    for id in orphans {
        give_up(world, &id, Status::UpdateFailed, "the database does not exist");
    }
}

impl World {
    /// What AWS is at work on in VPC Lattice fails; what is active breaks. Returns whether there
    /// is such a thing.
    ///
    /// ```text
    /// CREATE_IN_PROGRESS             CREATE_FAILED
    /// DELETE_IN_PROGRESS             DELETE_FAILED
    /// UPDATE_IN_PROGRESS             UPDATE_FAILED
    /// ACTIVE resource association    PARTIAL
    /// ACTIVE anything else           UPDATE_FAILED
    /// ```
    pub fn lattice_fails(&mut self, id: &str) -> bool {
        let Some(kind) = Kind::of(id) else { return false };
        let Some(entity) = self.lattice.entity(id) else { return false };
        let status = match (entity.status, kind) {
            (Status::CreateInProgress, _) => Status::CreateFailed,
            (Status::DeleteInProgress, _) => Status::DeleteFailed,
            (Status::UpdateInProgress, _) => Status::UpdateFailed,
            (Status::Active, Kind::ResourceAssociation) => Status::Partial,
            (Status::Active, _) => Status::UpdateFailed,
            (other, _) => other,
        };
        give_up(self, id, status, "an internal failure");
        if status == Status::CreateFailed && kind == Kind::Gateway {
            gateway::fails(self, id);
        }
        true
    }

    /// What [`World::lattice_fails`] broke works again.
    pub fn lattice_heals(&mut self, id: &str) -> bool {
        let broken = [Status::Partial, Status::UpdateFailed];
        match self.lattice.entity_mut(id).filter(|entity| broken.contains(&entity.status)) {
            Some(entity) => entity.failure = None,
            None => return false,
        }
        settle(self, id, Status::Active);
        true
    }

    /// A service network of another account is shared into this one through RAM. Returns its ARN.
    pub fn share_network(&mut self, name: &str, owner: &str) -> String {
        let id = self.new_id(Kind::Network.stem(), 17);
        let arn = format!("arn:aws:vpc-lattice:{}:{owner}:servicenetwork/{id}", self.region);
        let entity = Entity {
            id: id.clone(),
            arn: arn.clone(),
            status: Status::Active,
            failure: None,
            tags: Tags::new(),
            created_at: self.now(),
            updated_at: self.now(),
            due_at: self.now(),
        };
        let network = Network {
            entity,
            name: name.to_owned(),
            auth_type: "NONE".to_owned(),
            sharing: true,
            policy: None,
        };
        self.lattice.networks.insert(id, network);
        arn
    }

    /// An AWS service has made itself a gateway in this VPC, which customers leave alone.
    /// Returns its id.
    pub fn place_managed_gateway(&mut self, name: &str, vpc: &str, subnets: &[String]) -> String {
        let entity = new_entity(self, Kind::Gateway, &Tags::new());
        let id = entity.id.clone();
        let gateway = Gateway {
            entity,
            name: name.to_owned(),
            vpc: vpc.to_owned(),
            subnets: subnets.to_vec(),
            groups: Vec::new(),
            ip_address_type: "IPV4".to_owned(),
            addresses_per_eni: 1,
            dns_resolution: "PUBLIC".to_owned(),
            managed_by: Some("oci".to_owned()),
            interfaces: Vec::new(),
        };
        self.lattice.gateways.insert(id.clone(), gateway);
        id
    }

    /// AWS takes over an association: from now on only AWS can remove it. Returns whether there
    /// is such an association.
    pub fn manage_association(&mut self, id: &str) -> bool {
        match self.lattice.resource_associations.get_mut(id) {
            Some(association) => association.managed = true,
            None => return false,
        }
        true
    }
}
