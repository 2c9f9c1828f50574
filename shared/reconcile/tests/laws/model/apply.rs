//! Steps, as AWS takes or refuses them.

use reconcile::id::{GroupId, Port};
use reconcile::observed::{
    Association, Binding, Configuration, Direction, Gateway, Group, Life, Network, Peer, Rule, Way,
    WayId,
};
use reconcile::step::{Create, Delete, Step, Target, Update};
use reconcile::tag::Tags;

use super::Model;

type Answer = Result<(), String>;

impl Model {
    pub(super) fn apply(&mut self, step: &Step) -> Answer {
        match step {
            Step::Create { create, tags, .. } => self.create(create, tags.clone()),
            Step::Update { update, .. } => self.update(update),
            Step::Delete { delete, .. } => self.delete(delete),
        }
    }

    fn create(&mut self, create: &Create, tags: Tags) -> Answer {
        match create {
            Create::Network { name, .. } => {
                let is_taken = |it: &&Network| it.name == *name && !it.is_shared;
                expect_none(self.there.networks.iter().find(is_taken), "the name is taken")?;
                self.add_network(name.as_str(), tags);
            }
            Create::Group { name, vpc, .. } => {
                let is_taken = |it: &&Group| it.name == *name && it.vpc == *vpc;
                expect_none(self.there.groups.iter().find(is_taken), "the name is taken")?;
                let id = self.add_group(name, vpc.as_str(), tags);
                self.add_rule(&id, Direction::Egress, Peer::Everybody, Tags::new());
            }
            Create::Rule { group, direction, peer, port, .. } => {
                self.expect_groups([group, peer])?;
                let to = Peer::Group(peer.clone(), *port);
                let is_same =
                    |it: &&Rule| it.group == *group && it.direction == *direction && it.peer == to;
                expect_none(self.there.rules.iter().find(is_same), "there is such a rule")?;
                self.add_rule(group, *direction, to, tags);
            }
            Create::Gateway { name, vpc, subnets, groups, .. } => {
                let is_taken = |it: &&Gateway| it.name == *name;
                expect_none(self.there.gateways.iter().find(is_taken), "the name is taken")?;
                self.expect_groups(groups)?;
                expect(!subnets.is_empty() && !groups.is_empty(), "subnets and groups")?;
                let id = self.add_gateway(name, vpc.as_str(), Life::Coming, tags);
                let it = self.there.gateways.last_mut().expect("just added");
                (it.subnets, it.groups) = (subnets.clone(), groups.clone());
                self.begins(&id);
            }
            Create::Configuration { name, gateway, database, .. } => {
                let is_taken = |it: &&Configuration| it.name == *name;
                expect_none(self.there.configurations.iter().find(is_taken), "the name is taken")?;
                let base = self.there.gateways.iter().find(|it| it.id == *gateway);
                expect(base.is_some_and(|it| it.life == Life::Ready), "an active gateway")?;
                let is_there = self.there.databases.iter().any(|it| it.arn == *database);
                expect(is_there, "the database")?;
                let binding = Binding { database: database.clone(), is_shareable: true };
                let id =
                    self.add_configuration(name, gateway.as_str(), Life::Coming, binding, tags);
                self.begins(&id);
            }
            Create::Association { configuration, network, .. } => {
                let base = self.there.configurations.iter().find(|it| it.id == *configuration);
                expect(base.is_some_and(|it| it.life == Life::Ready), "an active configuration")?;
                let network = self.there.networks.iter().find(|it| it.arn == *network);
                let network = network.ok_or("the network")?.id.clone();
                let is_same =
                    |it: &&Association| it.configuration == *configuration && it.network == network;
                expect_none(self.there.associations.iter().find(is_same), "they are associated")?;
                let (configuration, network) = (configuration.as_str(), network.as_str());
                let id = self.add_association(configuration, network, Life::Coming, tags);
                self.begins(&id);
            }
            Create::Endpoint { vpc, network, subnets, groups, .. } => {
                expect(self.there.networks.iter().any(|it| it.arn == *network), "the network")?;
                self.expect_groups(groups)?;
                expect(!subnets.is_empty() && !groups.is_empty(), "subnets and groups")?;
                let id = self.add_endpoint(vpc.as_str(), network.as_str(), Life::Coming, tags);
                let it = self.there.ways.last_mut().expect("just added");
                (it.subnets, it.groups) = (subnets.clone(), groups.clone());
                self.begins(&id);
            }
        }
        Ok(())
    }

    fn update(&mut self, update: &Update) -> Answer {
        match update {
            Update::CloseEgress { group, rules } => {
                for rule in rules {
                    let is_there =
                        self.there.rules.iter().any(|it| it.id == *rule && it.group == *group);
                    expect(is_there, "the rule")?;
                }
                self.there.rules.retain(|it| !rules.contains(&it.id));
            }
            Update::GatewayGroups { gateway, groups } => {
                self.expect_groups(groups)?;
                let it = self.there.gateways.iter_mut().find(|it| it.id == *gateway);
                let it = it.filter(|it| it.life == Life::Ready).ok_or("an active gateway")?;
                it.groups.clone_from(groups);
                it.life = Life::Coming;
                self.begins(gateway.as_str());
            }
            Update::Share { configuration } => {
                let it = self.there.configurations.iter_mut().find(|it| it.id == *configuration);
                let it = it.filter(|it| it.life == Life::Ready).ok_or("an active configuration")?;
                it.life = Life::Coming;
                let binding = self.bindings.get_mut(configuration).ok_or("its binding")?;
                binding.is_shareable = true;
                self.begins(configuration.as_str());
            }
            Update::EndpointGroups { endpoint, add } => {
                self.expect_groups(add)?;
                let it = self.there.ways.iter_mut().find(|it| it.id.endpoint() == Some(endpoint));
                let it = it.filter(|it| it.life == Life::Ready).ok_or("an available endpoint")?;
                it.groups.extend(add.iter().cloned());
            }
            Update::Tag { target, key, value } => {
                self.tags_of(target)?.insert((*key).to_owned(), value.clone());
            }
            Update::Untag { target, key } => {
                self.tags_of(target)?.remove(*key);
            }
        }
        Ok(())
    }

    fn tags_of(&mut self, target: &Target) -> Result<&mut Tags, String> {
        let there = &mut self.there;
        let tags = match target {
            Target::Lattice(arn) => self.tags.get_mut(arn),
            Target::Database(arn) => {
                there.databases.iter_mut().find(|it| it.arn == *arn).map(|it| &mut it.tags)
            }
            Target::Ec2(id) => {
                let groups = there.groups.iter_mut().map(|it| (it.id.as_str(), &mut it.tags));
                let vpcs = there.vpcs.iter_mut().map(|it| (it.id.as_str(), &mut it.tags));
                let endpoints = there.ways.iter_mut().map(|it| (it.id.as_str(), &mut it.tags));
                let rules = there.rules.iter_mut().map(|it| (it.id.as_str(), &mut it.tags));
                let mut all = groups.chain(vpcs).chain(endpoints).chain(rules);
                all.find(|(found, _)| found == id).map(|(_, tags)| tags)
            }
        };
        tags.ok_or_else(|| format!("{target} is not there"))
    }

    fn delete(&mut self, delete: &Delete) -> Answer {
        match delete {
            Delete::Network(id) => {
                let it = self.there.networks.iter().find(|it| it.id == *id).ok_or("it is gone")?;
                let is_used = self.there.associations.iter().any(|used| used.network == *id)
                    || self.there.ways.iter().any(|used| used.network == it.arn);
                expect(!is_used && !it.is_shared, "nothing that uses it")?;
                self.there.networks.retain(|it| it.id != *id);
            }
            Delete::Group(id) => {
                self.expect_groups([id])?;
                let refers = |it: &Rule| {
                    it.group != *id && matches!(&it.peer, Peer::Group(peer, _) if peer == id)
                };
                let is_used = self.there.rules.iter().any(refers)
                    || self.there.gateways.iter().any(|used| used.groups.contains(id))
                    || self.there.ways.iter().any(|used| used.groups.contains(id));
                expect(!is_used, "nothing that uses it")?;
                self.there.groups.retain(|it| it.id != *id);
                self.there.rules.retain(|it| it.group != *id);
            }
            Delete::Rule { rule, .. } => {
                expect(self.there.rules.iter().any(|it| it.id == *rule), "the rule")?;
                self.there.rules.retain(|it| it.id != *rule);
            }
            Delete::Gateway(id) => {
                let is_used = self.there.configurations.iter().any(|it| it.gateway == *id);
                expect(!is_used, "nothing that uses it")?;
                let it = self.there.gateways.iter_mut().find(|it| it.id.as_str() == id.as_str());
                leaves(it.map(|it| &mut it.life))?;
                self.begins(id.as_str());
            }
            Delete::Configuration(id) => {
                let is_used = self.there.associations.iter().any(|it| it.configuration == *id);
                expect(!is_used, "nothing that uses it")?;
                let it =
                    self.there.configurations.iter_mut().find(|it| it.id.as_str() == id.as_str());
                leaves(it.map(|it| &mut it.life))?;
                self.begins(id.as_str());
            }
            Delete::Association(id) => {
                let it =
                    self.there.associations.iter_mut().find(|it| it.id.as_str() == id.as_str());
                leaves(it.map(|it| &mut it.life))?;
                self.begins(id.as_str());
            }
            Delete::Endpoint(id) => {
                let it = self.there.ways.iter_mut().find(|it| it.id.as_str() == id.as_str());
                leaves(it.map(|it| &mut it.life))?;
                self.begins(id.as_str());
            }
        }
        Ok(())
    }

    fn expect_groups<'a>(&self, ids: impl IntoIterator<Item = &'a GroupId>) -> Answer {
        let is_there = |id: &GroupId| self.there.groups.iter().any(|it| it.id == *id);
        expect(ids.into_iter().all(is_there), "all groups")
    }
}

/// The things themselves, as steps and people make them.
impl Model {
    pub(super) fn add_network(&mut self, name: &str, tags: Tags) -> String {
        let id = self.id("sn");
        let arn = format!("arn:{id}");
        self.tags.insert(arn.clone().into(), tags);
        let (id_of_it, name) = (id.clone().into(), name.into());
        let network = Network { id: id_of_it, arn: arn.into(), name, is_shared: false };
        self.there.networks.push(network);
        id
    }

    pub(super) fn add_group(&mut self, name: &str, vpc: &str, tags: Tags) -> GroupId {
        let id: GroupId = self.id("sg").into();
        let group = Group { id: id.clone(), name: name.to_owned(), vpc: vpc.into(), tags };
        self.there.groups.push(group);
        id
    }

    pub(super) fn add_rule(&mut self, group: &GroupId, way: Direction, peer: Peer, tags: Tags) {
        let id = self.id("sgr").into();
        self.there.rules.push(Rule { id, group: group.clone(), direction: way, peer, tags });
    }

    pub(super) fn add_gateway(&mut self, name: &str, vpc: &str, life: Life, tags: Tags) -> String {
        let id = self.id("rgw");
        let arn = format!("arn:{id}");
        self.tags.insert(arn.clone().into(), tags);
        self.there.gateways.push(Gateway {
            id: id.clone().into(),
            arn: arn.into(),
            name: name.to_owned(),
            vpc: vpc.into(),
            subnets: self.there.subnets.iter().map(|it| it.id.clone()).take(1).collect(),
            groups: [].into(),
            life,
        });
        id
    }

    pub(super) fn add_configuration(
        &mut self,
        name: &str,
        gateway: &str,
        life: Life,
        binding: Binding,
        tags: Tags,
    ) -> String {
        let id = self.id("rcfg");
        let arn = format!("arn:{id}");
        self.tags.insert(arn.clone().into(), tags);
        self.bindings.insert(id.clone().into(), binding);
        let (name, gateway) = (name.to_owned(), gateway.into());
        let configuration =
            Configuration { id: id.clone().into(), arn: arn.into(), name, gateway, life };
        self.there.configurations.push(configuration);
        id
    }

    pub(super) fn add_association(
        &mut self,
        configuration: &str,
        network: &str,
        life: Life,
        tags: Tags,
    ) -> String {
        let id = self.id("snra");
        let arn = format!("arn:{id}");
        self.tags.insert(arn.clone().into(), tags);
        let name = self.there.configurations.iter().find(|it| it.id.as_str() == configuration);
        let name = name.map(|it| it.name.clone()).unwrap_or_default();
        self.there.associations.push(Association {
            id: id.clone().into(),
            arn: arn.into(),
            configuration: configuration.into(),
            configuration_arn: format!("arn:{configuration}").into(),
            configuration_name: name,
            network: network.into(),
            life,
        });
        id
    }

    pub(super) fn add_endpoint(
        &mut self,
        vpc: &str,
        network: &str,
        life: Life,
        tags: Tags,
    ) -> String {
        let id = self.id("vpce");
        self.there.ways.push(Way {
            id: WayId::Endpoint(id.clone().into()),
            vpc: vpc.into(),
            network: network.into(),
            subnets: [].into(),
            groups: [].into(),
            tags,
            life,
        });
        id
    }

    /// A rule to or from a group on one port.
    pub(super) fn add_group_rule(
        &mut self,
        group: &GroupId,
        way: Direction,
        peer: &GroupId,
        port: Port,
        tags: Tags,
    ) {
        self.add_rule(group, way, Peer::Group(peer.clone(), port), tags);
    }
}

fn leaves(life: Option<&mut Life>) -> Answer {
    let life = life.ok_or("it is gone")?;
    expect(!life.is_busy(), "nobody at work on it")?;
    *life = Life::Leaving;
    Ok(())
}

fn expect(is_so: bool, what: &str) -> Answer {
    if is_so { Ok(()) } else { Err(format!("AWS wants {what}")) }
}

fn expect_none<T>(found: Option<T>, why: &str) -> Answer {
    if found.is_none() { Ok(()) } else { Err(why.to_owned()) }
}
