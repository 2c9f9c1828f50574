//! What there is, for those who judge it: the ground truth by id, without the answers of a
//! service in between.

use crate::ec2::endpoint::Target;
use crate::rds::Instance;
use crate::{Tags, World};

/// A DB instance.
#[derive(Clone, Copy, Debug)]
pub struct Database<'a> {
    /// Its identifier, which a rename or a switchover changes.
    pub name: &'a str,
    /// Its resource id, which stays for life.
    pub resource_id: &'a str,
    /// Its ARN, which goes with the identifier.
    pub arn: &'a str,
    /// Its status.
    pub status: &'a str,
    /// Its VPC.
    pub vpc: Option<&'a str>,
    /// Its tags.
    pub tags: &'a Tags,
}

/// A security group.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its VPC.
    pub vpc: &'a str,
    /// Its tags.
    pub tags: &'a Tags,
}

/// A blue/green deployment.
#[derive(Clone, Copy, Debug)]
pub struct Switchover<'a> {
    /// The resource id of the blue side.
    pub blue: &'a str,
    /// The resource id of the green side.
    pub green: &'a str,
    /// Whether green has taken over.
    pub is_done: bool,
}

/// A database that a service network carries.
#[derive(Clone, Copy, Debug)]
pub struct Exposure<'a> {
    /// The id of the association.
    pub association: &'a str,
    /// The ARN of the database.
    pub database: &'a str,
    /// The name of the network.
    pub network: &'a str,
    /// The ARN of the network.
    pub network_arn: &'a str,
    /// The account that the network belongs to.
    pub owner: &'a str,
}

/// An endpoint to a service network that carries connections.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a> {
    /// The id of the endpoint.
    pub endpoint: &'a str,
    /// Its VPC.
    pub vpc: &'a str,
    /// The ARN of the network.
    pub network: &'a str,
}

impl World {
    /// How often anything has changed, by a call that may write or by itself.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Every DB instance.
    pub fn databases(&self) -> impl Iterator<Item = Database<'_>> {
        self.rds.instances.values().map(|it: &Instance| Database {
            name: &it.id,
            resource_id: &it.resource_id,
            arn: &it.arn,
            status: &it.status,
            vpc: it.vpc.as_deref(),
            tags: &it.tags,
        })
    }

    /// The VPCs, each with its tags.
    pub fn vpcs(&self) -> impl Iterator<Item = (&str, &Tags)> {
        self.ec2.vpcs.values().map(|it| (it.id.as_str(), &it.tags))
    }

    /// The security groups.
    pub fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.ec2.groups.values().map(|it| Group {
            id: &it.id,
            name: &it.name,
            vpc: &it.vpc,
            tags: &it.tags,
        })
    }

    /// Every blue/green deployment.
    pub fn switchovers(&self) -> impl Iterator<Item = Switchover<'_>> {
        self.rds.blue_greens.values().map(|it| Switchover {
            blue: &it.blue,
            green: &it.green,
            is_done: it.status == "SWITCHOVER_COMPLETED",
        })
    }

    /// Every database on every network that carries it now.
    pub fn exposures(&self) -> impl Iterator<Item = Exposure<'_>> {
        let lattice = &self.lattice;
        lattice.resource_associations.values().filter_map(|it| {
            let network = lattice.networks.get(&it.network)?;
            let configuration = lattice.configurations.get(&it.configuration)?;
            it.entity.status.carries().then_some(Exposure {
                association: &it.entity.id,
                database: configuration.database()?,
                network: &network.name,
                network_arn: &network.entity.arn,
                owner: network.entity.owner(),
            })
        })
    }

    /// Every endpoint to a service network that is there.
    pub fn connections(&self) -> impl Iterator<Item = Connection<'_>> {
        let here = self.ec2.endpoints.values().filter(|it| it.is_here());
        here.filter_map(|it| match &it.target {
            Target::ServiceNetwork(network) => {
                Some(Connection { endpoint: &it.id, vpc: &it.vpc, network })
            }
            _ => None,
        })
    }

    /// Every thing that a call can tag and remove, by kind and id, with its tags.
    pub fn things(&self) -> impl Iterator<Item = (&'static str, &str, &Tags)> {
        let (ec2, lattice) = (&self.ec2, &self.lattice);
        let groups = ec2.groups.values().map(|it| ("group", it.id.as_str(), &it.tags));
        let rules = ec2.rules.values().map(|it| ("rule", it.id.as_str(), &it.tags));
        let endpoints = ec2.endpoints.values().filter(|it| it.is_here());
        let endpoints = endpoints.map(|it| ("endpoint", it.id.as_str(), &it.tags));
        let entities = [
            ("gateway", lattice.gateways.values().map(|it| &it.entity).collect::<Vec<_>>()),
            ("configuration", lattice.configurations.values().map(|it| &it.entity).collect()),
            ("network", lattice.networks.values().map(|it| &it.entity).collect()),
            ("association", lattice.resource_associations.values().map(|it| &it.entity).collect()),
            ("VPC association", lattice.vpc_associations.values().map(|it| &it.entity).collect()),
        ];
        let entities = entities.into_iter().flat_map(|(kind, all)| {
            all.into_iter().map(move |it| (kind, it.id.as_str(), &it.tags))
        });
        groups.chain(rules).chain(endpoints).chain(entities)
    }

    /// The tags of the thing with this id or ARN.
    pub fn tags_of(&self, name: &str) -> Option<&Tags> {
        let id = name.rsplit('/').next().unwrap_or(name);
        let ec2 = &self.ec2;
        match id.split('-').next().unwrap_or_default() {
            "vpc" => ec2.vpcs.get(id).map(|it| &it.tags),
            "subnet" => ec2.subnets.get(id).map(|it| &it.tags),
            "sg" => ec2.groups.get(id).map(|it| &it.tags),
            "sgr" => ec2.rules.get(id).map(|it| &it.tags),
            "eni" => ec2.interfaces.get(id).map(|it| &it.tags),
            "vpce" => ec2.endpoints.get(id).map(|it| &it.tags),
            _ => {
                let entity = self.lattice.entity(id).map(|it| &it.tags);
                entity.or_else(|| self.rds.instance(name).map(|it| &it.tags))
            }
        }
    }

    /// Whether anything that customers run has this security group.
    pub fn has_members(&self, group: &str) -> bool {
        let all = self.ec2.interfaces.values();
        all.filter(|it| it.requester.is_none()).any(|it| it.groups.iter().any(|id| id == group))
    }

    /// The group that a rule is of.
    pub fn group_of(&self, rule: &str) -> Option<&str> {
        self.ec2.rules.get(rule).map(|it| it.group.as_str())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use crate::{Call, Service, World, two_vpcs};

    #[test]
    fn what_there_is_is_told_as_the_services_tell_it() {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 1);
        let two_vpcs = two_vpcs::build(&mut world);
        let [database] = world.databases().collect::<Vec<_>>()[..] else { panic!("one") };
        assert_eq!(database.arn, two_vpcs.database_arn);
        assert_eq!(world.tags_of(database.arn).map(|tags| tags["Name"].as_str()), Some("orders"));
        assert!(world.vpcs().any(|(id, _)| id == two_vpcs.consumer_vpc));
        assert!(world.groups().any(|it| it.id == two_vpcs.client_group && it.name == "client"));
        let version = world.version();
        let read = Call::new(Service::Ec2, "DescribeVpcs", json!({}));
        world.answer(&read).expect("it is answered");
        assert_eq!(world.version(), version, "who reads changes nothing");
        let write = json!({"ResourceId": [two_vpcs.client_group], "Tag": [{"Key": "k"}]});
        world.answer(&Call::new(Service::Ec2, "CreateTags", write)).expect("it is answered");
        assert!(world.version() > version);
        assert!(world.tags_of(&two_vpcs.client_group).is_some_and(|tags| tags.contains_key("k")));
        assert_eq!(world.exposures().count() + world.connections().count(), 0);
        assert!(world.things().any(|(kind, id, _)| kind == "group" && id == two_vpcs.client_group));
    }
}
