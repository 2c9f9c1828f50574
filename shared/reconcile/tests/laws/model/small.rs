//! Every small world: a database, a consumer VPC, and each of our resources in each of its states.

use reconcile::id::{DatabaseArn, GroupId, Port};
use reconcile::key::Key;
use reconcile::name::Deployment;
use reconcile::observed::{Binding, Database, DatabaseKind, Direction, Life, Peer, Subnet, Vpc};
use reconcile::settings::{Brake, Settings};
use reconcile::tag::{self, Tags};

use super::Model;
use super::words::{asking, life, ours, resource_id, tags};

/// What a tag asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// There is no tag.
    Nothing,
    /// `off`.
    Off,
    /// The network of the world.
    Here,
    /// Another network.
    Elsewhere,
    /// The database is deleted.
    Gone,
}

/// How a resource is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Missing,
    Ready,
    Coming,
    Leaving,
    Broken,
    /// Our name without our tags.
    Foreign,
    /// Open egress, another port, another group; another account's network.
    Drifted,
    /// On another gateway.
    Moved,
}

use State::{Broken, Coming, Drifted, Foreign, Leaving, Missing, Moved, Ready};

/// The resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Network,
    GatewayGroup,
    GatewayRule,
    DatabaseRule,
    Gateway,
    Configuration,
    Association,
    ClientGroup,
    EndpointGroup,
    ClientRule,
    EndpointRule,
    Endpoint,
}

/// The states in which each [`Part`] can be found.
pub(crate) const STATES: [&[State]; 12] = [
    &[Missing, Ready, Foreign],
    &[Missing, Ready, Foreign, Drifted],
    &[Missing, Ready, Foreign, Drifted],
    &[Missing, Ready, Foreign, Drifted],
    &[Missing, Ready, Coming, Leaving, Broken, Foreign, Drifted],
    &[Missing, Ready, Coming, Leaving, Broken, Foreign, Drifted, Moved],
    &[Missing, Ready, Coming, Leaving, Broken, Foreign],
    &[Missing, Ready, Foreign, Drifted],
    &[Missing, Ready, Foreign, Drifted],
    &[Missing, Ready, Foreign, Drifted],
    &[Missing, Ready, Foreign, Drifted],
    &[Missing, Ready, Coming, Leaving, Broken, Foreign, Drifted],
];

/// One small world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Small {
    pub(crate) database: Asks,
    pub(crate) vpc: Asks,
    /// A second database in the same VPC, if there is one, and its configuration and association.
    pub(crate) second: Option<(Asks, State, State)>,
    pub(crate) parts: [State; 12],
}

pub(crate) const PROVIDER: &str = "vpc-p";
pub(crate) const CONSUMER: &str = "vpc-c";
pub(crate) const NETWORK: &str = "databases";
pub(crate) const FIRST: (&str, u16) = ("arn:aws:rds:us-east-1:111122223333:db:orders", 5432);
pub(crate) const SECOND: (&str, u16) = ("arn:aws:rds:us-east-1:111122223333:db:billing", 3306);

/// The settings of every small world: a grace of two turns.
pub(crate) fn settings() -> Settings {
    let deployment = Deployment::new("trellis").expect("it is a name");
    let mut settings = Settings::new(deployment, ["databases".into(), "reports".into()]);
    settings.grace = jiff::SignedDuration::from_mins(1);
    settings.brake = Brake { count: 3, percent: 20 };
    settings
}

impl Small {
    /// The state of a part.
    pub(crate) fn at(&self, part: Part) -> State {
        self.parts[part as usize]
    }

    /// Whether AWS can be in this state: nothing can be without what it is built on, or stand on
    /// what is being removed.
    pub(crate) fn is_possible(&self) -> bool {
        let has = |part| self.at(part) != Missing;
        let (gateway, configuration) = (self.at(Part::Gateway), self.at(Part::Configuration));
        let needs = |part, base| !has(part) || has(base);
        let through_ours = matches!(gateway, Ready | Coming | Leaving | Broken);
        let endpoint = self.at(Part::Endpoint);
        let second = self.second.map_or((Missing, Missing), |(_, on, with)| (on, with));
        needs(Part::GatewayRule, Part::GatewayGroup)
            && needs(Part::DatabaseRule, Part::GatewayGroup)
            && (!through_ours || has(Part::GatewayGroup))
            && (matches!(configuration, Missing | Moved) || !matches!(gateway, Missing | Leaving))
            && needs(Part::Association, Part::Configuration)
            && needs(Part::Association, Part::Network)
            && (configuration != Leaving || !has(Part::Association))
            && needs(Part::ClientRule, Part::ClientGroup)
            && needs(Part::ClientRule, Part::EndpointGroup)
            && needs(Part::EndpointRule, Part::ClientGroup)
            && needs(Part::EndpointRule, Part::EndpointGroup)
            && needs(Part::Endpoint, Part::Network)
            && (matches!(endpoint, Missing | Foreign | Drifted) || has(Part::EndpointGroup))
            && (second.0 == Missing || !matches!(gateway, Missing | Leaving))
            && (second.1 == Missing || (second.0 != Missing && has(Part::Network)))
            && (second.0 != Leaving || second.1 == Missing)
    }

    /// Whether anything here is foreign under our name.
    pub(crate) fn has_foreign(&self) -> bool {
        self.parts.contains(&Foreign)
            || self.second.is_some_and(|(_, on, with)| on == Foreign || with == Foreign)
    }

    /// Whether something of ours stands on something foreign, as after somebody took our tags
    /// off: what is lost of it is not made again, so what is left depends on what happened first.
    pub(crate) fn stands_on_foreign(&self) -> bool {
        let ours = |part| !matches!(self.at(part), Missing | Foreign);
        let (gateway, client) = (Part::GatewayGroup, Part::ClientGroup);
        let on = [
            (gateway, &[Part::GatewayRule, Part::DatabaseRule, Part::Gateway][..]),
            (client, &[Part::ClientRule, Part::EndpointRule]),
            (Part::EndpointGroup, &[Part::ClientRule, Part::EndpointRule, Part::Endpoint]),
            (Part::Gateway, &[Part::Configuration]),
            (Part::Configuration, &[Part::Association]),
        ];
        let stands = |(base, parts): (Part, &[Part])| {
            self.at(base) == Foreign && parts.iter().any(|part| ours(*part))
        };
        let second = self.second.is_some_and(|(_, on, with)| {
            let is_ours = |state| !matches!(state, Missing | Foreign);
            (on == Foreign && is_ours(with)) || (self.at(Part::Gateway) == Foreign && is_ours(on))
        });
        on.into_iter().any(stands) || second
    }

    /// Whether the database's name leads, in the consumer's VPC, through an association and an
    /// endpoint that is foreign: whoever comes second has to wait for them.
    pub(crate) fn foreign_hold_the_name(&self) -> bool {
        let second = self.second.map(|(_, _, with)| with);
        let held = [Some(self.at(Part::Association)), second].contains(&Some(Foreign));
        held && self.at(Part::Endpoint) == Foreign
    }

    /// The world itself.
    pub(crate) fn build(&self) -> Model {
        let mut builder = Builder { world: Model::new(), small: self };
        builder.placement();
        let network = builder.network();
        builder.provider(network.as_deref());
        builder.consumer(network.as_deref());
        builder.world
    }
}

struct Builder<'a> {
    world: Model,
    small: &'a Small,
}

impl Builder<'_> {
    /// What people made: VPCs, subnets, databases, groups.
    fn placement(&mut self) {
        let there = &mut self.world.there;
        for vpc in [PROVIDER, CONSUMER] {
            there.vpcs.push(Vpc { id: vpc.into(), tags: Tags::new() });
            there.subnets.push(Subnet {
                id: format!("subnet-{vpc}").as_str().into(),
                vpc: vpc.into(),
                zone: "use1-az1".into(),
                prefix: 24,
                free: 200,
                tags: Tags::new(),
            });
        }
        there.vpcs[1].tags = asking(tag::CONSUME, self.small.vpc);
        self.database(FIRST, self.small.database);
        if let Some((asks, ..)) = self.small.second {
            self.database(SECOND, asks);
        }
        self.world.add_group("stranger", PROVIDER, Tags::new());
        self.world.add_group("stranger", CONSUMER, Tags::new());
    }

    fn database(&mut self, (arn, port): (&str, u16), asks: Asks) {
        let arn = DatabaseArn::from(arn);
        let group =
            self.world.add_group(&format!("{}-db", arn.identifier()), PROVIDER, Tags::new());
        if asks == Asks::Gone {
            return;
        }
        self.world.there.databases.push(Database {
            resource_id: resource_id(&arn),
            kind: DatabaseKind::Instance,
            engine: "postgres".to_owned(),
            status: "available".to_owned(),
            endpoint: Some(("orders.example".to_owned(), Port(port))),
            vpc: Some(PROVIDER.into()),
            subnets: [format!("subnet-{PROVIDER}").as_str().into()].into(),
            is_public: false,
            groups: [group].into(),
            adding: [].into(),
            removing: [].into(),
            cluster: None,
            tags: asking(tag::EXPOSE, asks),
            arn,
        });
    }

    fn group_named(&self, name: &str, vpc: &str) -> GroupId {
        let all = &self.world.there.groups;
        let found = all.iter().find(|it| it.name == name && it.vpc.as_str() == vpc);
        found.expect("it was made before").id.clone()
    }

    fn network(&mut self) -> Option<String> {
        let tags = ours(&Key::Network(NETWORK.into()));
        match self.small.at(Part::Network) {
            Missing => None,
            Foreign => Some(self.world.add_network(NETWORK, Tags::new())),
            _ => Some(self.world.add_network(NETWORK, tags)),
        }
    }

    fn provider(&mut self, network: Option<&str>) {
        let vpc = PROVIDER;
        let key = Key::GatewayGroup(vpc.into(), 1);
        let group = self.group(Part::GatewayGroup, "trellis-gateway", vpc, &key);
        let foreign = self.group_named("stranger", vpc);
        let database = self.group_named("orders-db", vpc);
        if let Some(group) = &group {
            let rule = |port| Key::GatewayRule(vpc.into(), database.clone(), Port(port));
            self.rule(Part::GatewayRule, group, Direction::Egress, &database, rule);
            let rule = |port| Key::DatabaseRule(vpc.into(), database.clone(), Port(port));
            self.rule(Part::DatabaseRule, &database, Direction::Ingress, group, rule);
        }
        let state = self.small.at(Part::Gateway);
        let mut gateway = None;
        if state != Missing {
            let tags = tags(state, &Key::Gateway(vpc.into()));
            let id = self.world.add_gateway("trellis-vpc-p", vpc, life(state), tags);
            let through = match state {
                Drifted | Foreign => foreign.clone(),
                _ => group.unwrap_or(foreign.clone()),
            };
            self.world.there.gateways.last_mut().expect("just added").groups = [through].into();
            self.is_at_work(state, &id);
            gateway = Some(id);
        }
        let other = self.world.add_gateway("another", vpc, Life::Ready, Tags::new());
        self.world.there.gateways.last_mut().expect("just added").groups = [foreign].into();
        let states = (self.small.at(Part::Configuration), self.small.at(Part::Association));
        self.exposed(FIRST, states, gateway.as_deref(), &other, network);
        if let Some((_, configuration, association)) = self.small.second {
            let states = (configuration, association);
            self.exposed(SECOND, states, gateway.as_deref(), &other, network);
        }
    }

    fn exposed(
        &mut self,
        (arn, port): (&str, u16),
        (configuration, association): (State, State),
        gateway: Option<&str>,
        other: &str,
        network: Option<&str>,
    ) {
        if configuration == Missing {
            return;
        }
        let arn = DatabaseArn::from(arn);
        let port = Port(if configuration == Drifted { port + 1 } else { port });
        let name = settings().deployment.configuration(&arn, &resource_id(&arn), port);
        let on = gateway.filter(|_| configuration != Moved).unwrap_or(other);
        let tags_of_it = tags(configuration, &Key::Configuration(arn.clone()));
        let binding = Binding { database: arn.clone(), is_shareable: true };
        let id = self.world.add_configuration(&name, on, life(configuration), binding, tags_of_it);
        self.is_at_work(configuration, &id);
        if let (Some(network), true) = (network, association != Missing) {
            let tags = tags(association, &Key::Association(arn, NETWORK.into()));
            let id = self.world.add_association(&id, network, life(association), tags);
            self.is_at_work(association, &id);
        }
    }

    fn consumer(&mut self, network: Option<&str>) {
        let (vpc, on) = (CONSUMER, NETWORK);
        let key = Key::ClientGroup(vpc.into(), on.into());
        let client = self.group(Part::ClientGroup, "trellis-client-databases", vpc, &key);
        let key = Key::EndpointGroup(vpc.into(), on.into());
        let group = self.group(Part::EndpointGroup, "trellis-endpoint-databases", vpc, &key);
        if let (Some(client), Some(group)) = (&client, &group) {
            let rule = |port| Key::ClientRule(vpc.into(), on.into(), Port(port));
            self.rule(Part::ClientRule, client, Direction::Egress, group, rule);
            let rule = |port| Key::EndpointRule(vpc.into(), on.into(), client.clone(), Port(port));
            self.rule(Part::EndpointRule, group, Direction::Ingress, client, rule);
        }
        let state = self.small.at(Part::Endpoint);
        if let (Some(network), true) = (network, state != Missing) {
            let tags = tags(state, &Key::Endpoint(vpc.into(), on.into()));
            let foreign = self.group_named("stranger", vpc);
            let arn = format!("arn:{network}");
            let id = self.world.add_endpoint(vpc, &arn, life(state), tags);
            let through = match state {
                Drifted | Foreign => foreign,
                _ => group.unwrap_or(foreign),
            };
            self.world.there.ways.last_mut().expect("just added").groups = [through].into();
            self.is_at_work(state, &id);
        }
    }

    fn group(&mut self, part: Part, name: &str, vpc: &str, key: &Key) -> Option<GroupId> {
        let state = self.small.at(part);
        if state == Missing {
            return None;
        }
        let id = self.world.add_group(name, vpc, tags(state, key));
        if matches!(state, Drifted | Foreign) {
            self.world.add_rule(&id, Direction::Egress, Peer::Everybody, Tags::new());
        }
        Some(id)
    }

    fn rule(
        &mut self,
        part: Part,
        group: &GroupId,
        way: Direction,
        peer: &GroupId,
        key: impl Fn(u16) -> Key,
    ) {
        let state = self.small.at(part);
        let port = if state == Drifted { FIRST.1 + 1 } else { FIRST.1 };
        if state != Missing {
            self.world.add_group_rule(group, way, peer, Port(port), tags(state, &key(port)));
        }
    }

    fn is_at_work(&mut self, state: State, id: &str) {
        if matches!(state, Coming | Leaving) {
            self.world.begins(id);
        }
    }
}
