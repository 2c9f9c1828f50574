//! A connected world for the tests of this crate, and what is said and done about it.

mod leaving;
mod news;
mod pass;
mod plan;
mod request;
mod settings;
mod words;

use jiff::Timestamp;

use crate::decide;
use crate::id::{Arn, DatabaseArn, Port};
use crate::key::{Key, Side};
use crate::name::Deployment;
use crate::observed::{
    Access, Answers, Association, Configuration, Database, DatabaseKind, Direction, Gateway, Group,
    Life, Network, Observed, Peer, Rule, Subnet, Vpc, Way, WayId,
};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::settings::Settings;
use crate::tag::{self, Tags};

/// The database.
pub(crate) const ORDERS: &str = "arn:aws:rds:us-east-1:111122223333:db:orders";
/// Its resource id.
pub(crate) const ID: &str = "db-ORDERS";

/// The time of every reading.
pub(crate) fn at() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a timestamp")
}

/// The deployment `trellis` with two networks.
pub(crate) fn settings() -> Settings {
    let deployment = Deployment::new("trellis").expect("a good name");
    Settings::new(deployment, ["databases".into(), "reports".into()])
}

pub(crate) fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// The tags of what is ours and for this.
pub(crate) fn ours(key: &str) -> Tags {
    tags(&[(tag::OWNER, "trellis"), (tag::FOR, key)])
}

/// An ARN of VPC Lattice in our account.
pub(crate) fn lattice(kind: &str, id: &str) -> Arn {
    format!("arn:aws:vpc-lattice:us-east-1:111122223333:{kind}/{id}").into()
}

/// The key that a tag says.
pub(crate) fn key(text: &str) -> Key {
    Key::parse(text).expect("a key")
}

/// A PostgreSQL instance in `vpc-p`, which asks for the network `databases` and has it.
pub(crate) fn orders() -> Database {
    Database {
        arn: ORDERS.into(),
        resource_id: ID.into(),
        kind: DatabaseKind::Instance,
        engine: "postgres".to_owned(),
        status: "available".to_owned(),
        endpoint: Some(("orders.example".to_owned(), Port(5432))),
        vpc: Some("vpc-p".into()),
        subnets: ["subnet-p1".into(), "subnet-p2".into()].into(),
        is_public: false,
        groups: ["sg-orders".into()].into(),
        adding: [].into(),
        removing: [].into(),
        cluster: None,
        tags: tags(&[
            (tag::EXPOSE, "databases"),
            (tag::STATUS, "ready orders db-ORDERS on databases"),
        ]),
    }
}

/// Another database like it, with this name, of which nothing else is there.
pub(crate) fn another(name: &str, id: &str) -> Database {
    let arn = format!("arn:aws:rds:us-east-1:111122223333:db:{name}");
    Database { arn: arn.into(), resource_id: id.into(), tags: Tags::new(), ..orders() }
}

/// A configuration of ours for this database on the gateway of `vpc-p`.
pub(crate) fn configuration(id: &str, database: &Database) -> Configuration {
    let port = database.endpoint.as_ref().map_or(Port(5432), |(_, port)| *port);
    let deployment = settings().deployment;
    Configuration {
        id: id.into(),
        arn: lattice("resourceconfiguration", id),
        name: deployment.configuration(&database.arn, &database.resource_id, port),
        gateway: "rgw-1".into(),
        life: Life::Ready,
    }
}

/// This configuration, on the network `databases`.
pub(crate) fn association(id: &str, configuration: &Configuration) -> Association {
    Association {
        id: id.into(),
        arn: lattice("servicenetworkresourceassociation", id),
        configuration: configuration.id.clone(),
        configuration_arn: configuration.arn.clone(),
        configuration_name: configuration.name.clone(),
        network: "sn-1".into(),
        life: Life::Ready,
    }
}

pub(crate) fn network(id: &str, name: &str) -> Network {
    let arn = lattice("servicenetwork", id);
    Network { id: id.into(), arn, name: name.into(), is_shared: false }
}

pub(crate) fn group(id: &str, name: &str, vpc: &str, tags: Tags) -> Group {
    Group { id: id.into(), name: name.to_owned(), vpc: vpc.into(), tags }
}

/// A rule for TCP 5432.
pub(crate) fn rule(id: &str, group: &str, way: Direction, peer: &str, tags: Tags) -> Rule {
    let peer = Peer::Group(peer.into(), Port(5432));
    Rule { id: id.into(), group: group.into(), direction: way, peer, tags }
}

pub(crate) fn subnet(id: &str, vpc: &str, zone: &str) -> Subnet {
    let (id, vpc, zone) = (id.into(), vpc.into(), zone.into());
    Subnet { id, vpc, zone, prefix: 24, free: 200, tags: Tags::new() }
}

/// An endpoint of ours in `vpc-c`, to the network `databases`.
pub(crate) fn endpoint(id: &str) -> Way {
    Way {
        id: WayId::Endpoint(id.into()),
        vpc: "vpc-c".into(),
        network: lattice("servicenetwork", "sn-1"),
        subnets: ["subnet-c1".into(), "subnet-c2".into()].into(),
        groups: ["sg-endpoint".into()].into(),
        tags: ours("endpoint vpc-c databases"),
        life: Life::Ready,
    }
}

/// What EC2 says of a database that is reached through an endpoint.
pub(crate) fn access(endpoint: &str, configuration: &Configuration) -> Access {
    Access {
        endpoint: endpoint.into(),
        configuration: configuration.arn.clone(),
        is_accessible: true,
        failure: None,
        private_name: Some("orders.example".to_owned()),
    }
}

/// `orders` in `vpc-p`, reachable from `vpc-c` by the network `databases`: all of it is there, and
/// nothing is to be done.
pub(crate) fn connected() -> Observed {
    let (orders, way) = (orders(), |key: &str| ours(key));
    let rcfg = configuration("rcfg-1", &orders);
    let (out, into) = (Direction::Egress, Direction::Ingress);
    let mut gateway_group = ours("gateway-group vpc-p");
    gateway_group.insert(tag::NETWORKS.to_owned(), "databases".to_owned());
    let consuming = tags(&[(tag::CONSUME, "databases"), (tag::STATUS, "ready on databases")]);
    Observed {
        at: at(),
        vpcs: vec![
            Vpc { id: "vpc-c".into(), tags: consuming },
            Vpc { id: "vpc-p".into(), tags: Tags::new() },
        ],
        subnets: vec![
            subnet("subnet-c1", "vpc-c", "use1-az1"),
            subnet("subnet-c2", "vpc-c", "use1-az2"),
            subnet("subnet-p1", "vpc-p", "use1-az1"),
            subnet("subnet-p2", "vpc-p", "use1-az2"),
        ],
        groups: vec![
            group("sg-orders", "orders-database", "vpc-p", Tags::new()),
            group("sg-gateway", "trellis-gateway", "vpc-p", gateway_group),
            group("sg-app", "app", "vpc-c", Tags::new()),
            group(
                "sg-client",
                "trellis-client-databases",
                "vpc-c",
                ours("client-group vpc-c databases"),
            ),
            group(
                "sg-endpoint",
                "trellis-endpoint-databases",
                "vpc-c",
                ours("endpoint-group vpc-c databases"),
            ),
        ],
        rules: vec![
            rule("sgr-1", "sg-gateway", out, "sg-orders", way("gateway-rule vpc-p sg-orders 5432")),
            rule(
                "sgr-2",
                "sg-orders",
                into,
                "sg-gateway",
                way("database-rule vpc-p sg-orders 5432"),
            ),
            rule("sgr-3", "sg-client", out, "sg-endpoint", way("client-rule vpc-c databases 5432")),
            rule(
                "sgr-4",
                "sg-endpoint",
                into,
                "sg-client",
                way("endpoint-rule vpc-c databases sg-client 5432"),
            ),
        ],
        networks: vec![network("sn-1", "databases")],
        gateways: vec![Gateway {
            id: "rgw-1".into(),
            arn: lattice("resourcegateway", "rgw-1"),
            name: "trellis-vpc-p".to_owned(),
            vpc: "vpc-p".into(),
            subnets: ["subnet-p1".into(), "subnet-p2".into()].into(),
            groups: ["sg-gateway".into()].into(),
            life: Life::Ready,
        }],
        associations: vec![association("snra-1", &rcfg)],
        ways: vec![endpoint("vpce-1")],
        accesses: vec![access("vpce-1", &rcfg)],
        configurations: vec![rcfg],
        databases: vec![orders],
        answers: Answers::default(),
        unknown: [].into(),
        memory: crate::memory::Memory::default(),
    }
}

/// The status of each database or VPC that is spoken of.
pub(crate) fn statuses(side: Side, observed: &Observed, settings: &Settings) -> Vec<String> {
    let decision = decide(side, observed, settings);
    let outcome = Outcome::new(side, observed, &decision, &decision.memory, Vec::new(), Vec::new());
    outcome.reports.iter().map(|report| report.status(&Tags::new())).collect()
}

/// The plan of the second of two readings that show the same.
pub(crate) fn planned(side: Side, observed: &Observed, settings: &Settings) -> Plan {
    let memory = decide(side, observed, settings).memory;
    decide(side, &Observed { memory, ..observed.clone() }, settings).plan
}

/// What is begun, as `create gateway vpc-p`.
pub(crate) fn begun(side: Side, observed: &Observed, settings: &Settings) -> Vec<String> {
    planned(side, observed, settings)
        .intents
        .iter()
        .map(|intent| format!("{} {}", intent.action.verb(), intent.key))
        .collect()
}

/// The keys that are wanted, in whichever form.
pub(crate) fn wanted(side: Side, observed: &Observed, settings: &Settings) -> Vec<String> {
    let desired = decide(side, observed, settings).desired;
    desired.iter().map(|(key, _)| key.to_string()).collect()
}

#[test]
fn a_connected_world_is_ready_and_costs_nothing() {
    for side in [Side::ExposeDatabase, Side::ConnectVpc] {
        let decision = decide(side, &connected(), &settings());
        assert_eq!((decision.plan.intents, decision.plan.waiting), (Vec::new(), Vec::new()));
        assert_eq!(crate::questions(side, &connected(), &settings()), [].into());
    }
    assert_eq!(
        statuses(Side::ExposeDatabase, &connected(), &settings()),
        ["ready orders db-ORDERS on databases"]
    );
    assert_eq!(statuses(Side::ConnectVpc, &connected(), &settings()), ["ready on databases"]);
    assert_eq!(DatabaseArn::from(ORDERS).identifier(), "orders");
}
