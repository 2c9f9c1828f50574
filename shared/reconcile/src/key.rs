//! What a resource of ours is for: the identity that a plan is about.
//!
//! A key is written as words into the tag `trellis:for` of what we create, and read back from it
//! where nothing else tells what a thing is for (a database that is gone, an endpoint, which has
//! no name).

use std::fmt;

use serde::{Serialize, Serializer};

use crate::id::{DatabaseArn, GroupId, NetworkName, Port, VpcId};

/// What a resource is for. One variant for each kind of resource that Trellis makes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A service network.
    Network(NetworkName),
    /// A security group of a provider VPC's gateway: the first, or a further one.
    GatewayGroup(VpcId, u8),
    /// Egress of the gateway group to a database's group.
    GatewayRule(VpcId, GroupId, Port),
    /// The resource gateway of a provider VPC.
    Gateway(VpcId),
    /// Ingress from the gateway group on a database's own group.
    DatabaseRule(VpcId, GroupId, Port),
    /// A database's resource configuration.
    Configuration(DatabaseArn),
    /// A database offered on a network.
    Association(DatabaseArn, NetworkName),
    /// The security group that workloads of a consumer VPC attach.
    ClientGroup(VpcId, NetworkName),
    /// The security group of a consumer VPC's endpoint.
    EndpointGroup(VpcId, NetworkName),
    /// Egress of the client group to the endpoint group.
    ClientRule(VpcId, NetworkName, Port),
    /// Ingress of the endpoint group from a group of clients.
    EndpointRule(VpcId, NetworkName, GroupId, Port),
    /// A consumer VPC's endpoint to a network.
    Endpoint(VpcId, NetworkName),
}

/// The two writing sides. Each touches the resources of its own keys only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The provider side: databases onto networks.
    ExposeDatabase,
    /// The consumer side: VPCs to networks.
    ConnectVpc,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::ExposeDatabase => "expose-database",
            Side::ConnectVpc => "connect-vpc",
        })
    }
}

impl Key {
    /// The side that makes, changes and removes resources of this kind.
    pub fn side(&self) -> Side {
        match self {
            Key::Network(_)
            | Key::GatewayGroup(..)
            | Key::GatewayRule(..)
            | Key::Gateway(_)
            | Key::DatabaseRule(..)
            | Key::Configuration(_)
            | Key::Association(..) => Side::ExposeDatabase,
            Key::ClientGroup(..)
            | Key::EndpointGroup(..)
            | Key::ClientRule(..)
            | Key::EndpointRule(..)
            | Key::Endpoint(..) => Side::ConnectVpc,
        }
    }

    /// The network that it belongs to, if it belongs to one.
    pub fn network(&self) -> Option<&NetworkName> {
        match self {
            Key::Network(network)
            | Key::Association(_, network)
            | Key::ClientGroup(_, network)
            | Key::EndpointGroup(_, network)
            | Key::ClientRule(_, network, _)
            | Key::EndpointRule(_, network, ..)
            | Key::Endpoint(_, network) => Some(network),
            _ => None,
        }
    }

    /// The kind in the field's words, for sentences and log lines.
    pub fn kind(&self) -> &'static str {
        match self {
            Key::Network(_) => "service network",
            Key::GatewayGroup(..) => "gateway group",
            Key::GatewayRule(..) => "gateway rule",
            Key::Gateway(_) => "resource gateway",
            Key::DatabaseRule(..) => "database rule",
            Key::Configuration(_) => "resource configuration",
            Key::Association(..) => "resource association",
            Key::ClientGroup(..) => "client group",
            Key::EndpointGroup(..) => "endpoint group",
            Key::ClientRule(..) => "client rule",
            Key::EndpointRule(..) => "endpoint rule",
            Key::Endpoint(..) => "VPC endpoint",
        }
    }

    /// The key that this text, the value of a tag `trellis:for`, stands for.
    pub fn parse(text: &str) -> Option<Key> {
        let words: Vec<&str> = text.split(' ').collect();
        let port = |word: &str| word.parse().ok().map(Port);
        Some(match words[..] {
            ["network", network] => Key::Network(network.into()),
            ["gateway-group", vpc] => Key::GatewayGroup(vpc.into(), 1),
            ["gateway-group", vpc, number] => Key::GatewayGroup(vpc.into(), number.parse().ok()?),
            ["gateway-rule", vpc, group, p] => Key::GatewayRule(vpc.into(), group.into(), port(p)?),
            ["gateway", vpc] => Key::Gateway(vpc.into()),
            ["database-rule", vpc, group, p] => {
                Key::DatabaseRule(vpc.into(), group.into(), port(p)?)
            }
            ["configuration", database] => Key::Configuration(database.into()),
            ["association", database, network] => Key::Association(database.into(), network.into()),
            ["client-group", vpc, network] => Key::ClientGroup(vpc.into(), network.into()),
            ["endpoint-group", vpc, network] => Key::EndpointGroup(vpc.into(), network.into()),
            ["client-rule", vpc, network, p] => {
                Key::ClientRule(vpc.into(), network.into(), port(p)?)
            }
            ["endpoint-rule", vpc, network, group, p] => {
                Key::EndpointRule(vpc.into(), network.into(), group.into(), port(p)?)
            }
            ["endpoint", vpc, network] => Key::Endpoint(vpc.into(), network.into()),
            _ => return None,
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Network(network) => write!(f, "network {network}"),
            Key::GatewayGroup(vpc, 1) => write!(f, "gateway-group {vpc}"),
            Key::GatewayGroup(vpc, number) => write!(f, "gateway-group {vpc} {number}"),
            Key::GatewayRule(vpc, group, port) => write!(f, "gateway-rule {vpc} {group} {port}"),
            Key::Gateway(vpc) => write!(f, "gateway {vpc}"),
            Key::DatabaseRule(vpc, group, port) => write!(f, "database-rule {vpc} {group} {port}"),
            Key::Configuration(database) => write!(f, "configuration {database}"),
            Key::Association(database, network) => write!(f, "association {database} {network}"),
            Key::ClientGroup(vpc, network) => write!(f, "client-group {vpc} {network}"),
            Key::EndpointGroup(vpc, network) => write!(f, "endpoint-group {vpc} {network}"),
            Key::ClientRule(vpc, network, port) => write!(f, "client-rule {vpc} {network} {port}"),
            Key::EndpointRule(vpc, network, group, port) => {
                write!(f, "endpoint-rule {vpc} {network} {group} {port}")
            }
            Key::Endpoint(vpc, network) => write!(f, "endpoint {vpc} {network}"),
        }
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind: its text, its side, its network, and what people call it.
    const KINDS: [(&str, Side, Option<&str>, &str); 13] = [
        ("network n-1", Side::ExposeDatabase, Some("n-1"), "service network"),
        ("gateway-group vpc-1", Side::ExposeDatabase, None, "gateway group"),
        ("gateway-group vpc-1 2", Side::ExposeDatabase, None, "gateway group"),
        ("gateway-rule vpc-1 sg-1 5432", Side::ExposeDatabase, None, "gateway rule"),
        ("gateway vpc-1", Side::ExposeDatabase, None, "resource gateway"),
        ("database-rule vpc-1 sg-1 5432", Side::ExposeDatabase, None, "database rule"),
        ("configuration arn:1", Side::ExposeDatabase, None, "resource configuration"),
        ("association arn:1 n-1", Side::ExposeDatabase, Some("n-1"), "resource association"),
        ("client-group vpc-1 n-1", Side::ConnectVpc, Some("n-1"), "client group"),
        ("endpoint-group vpc-1 n-1", Side::ConnectVpc, Some("n-1"), "endpoint group"),
        ("client-rule vpc-1 n-1 5432", Side::ConnectVpc, Some("n-1"), "client rule"),
        ("endpoint-rule vpc-1 n-1 sg-1 5432", Side::ConnectVpc, Some("n-1"), "endpoint rule"),
        ("endpoint vpc-1 n-1", Side::ConnectVpc, Some("n-1"), "VPC endpoint"),
    ];

    /// What a log line shows.
    struct Logged<T>(T);

    impl<T: Serialize> fmt::Display for Logged<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.serialize(f)
        }
    }

    #[test]
    fn what_stands_in_a_tag_is_read_back_as_the_same_key() {
        for (text, side, network, kind) in KINDS {
            let key = Key::parse(text).unwrap_or_else(|| panic!("{text} is a key"));
            assert_eq!(key.to_string(), text);
            assert_eq!(Logged(&key).to_string(), text);
            assert_eq!((key.side(), key.kind()), (side, kind), "{text}");
            assert_eq!(key.network().map(NetworkName::as_str), network, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_key_is_none() {
        for text in [
            "",
            "network",
            "network n-1 n-2",
            "gateway-group vpc-1 many",
            "gateway-group vpc-1 256",
            "gateway-rule vpc-1 sg-1 65536",
            "endpoint-rule vpc-1 n-1 sg-1 -1",
            "Network n-1",
        ] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_side_is_called_as_its_function_is() {
        for (side, name) in
            [(Side::ExposeDatabase, "expose-database"), (Side::ConnectVpc, "connect-vpc")]
        {
            assert_eq!((side.to_string(), Logged(side).to_string()), (name.into(), name.into()));
        }
    }
}
