//! How clients in a VPC reach a database: what they need to connect, by what is there.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::id::{GroupId, NetworkName, Port, VpcId, ZoneId};
use crate::key::Key;
use crate::observed::{Group, Observed, Way};
use crate::subnet;
use crate::tag;

/// How clients in a VPC reach a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// The database's own host name, which clients use, in TLS too.
    pub host: String,
    /// Its TCP port.
    pub port: Port,
    /// The ways into networks that lead to it.
    pub ways: Vec<Through>,
}

/// One way that leads to a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Through {
    /// The network.
    pub network: NetworkName,
    /// The id of the endpoint.
    pub endpoint: String,
    /// The zones in which it has an interface.
    pub zones: BTreeSet<ZoneId>,
    /// The groups that a client can attach. One that is tagged `trellis:client` does as well.
    pub attach: Vec<Attachable>,
}

/// A security group that lets a client through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachable {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
}

/// How clients in this VPC reach the database of this identifier.
///
/// # Errors
///
/// A sentence about what is not there, or not yet.
pub fn connection(observed: &Observed, database: &str, vpc: &VpcId) -> Result<Connection, String> {
    let found = observed.databases.iter().find(|it| it.arn.identifier() == database);
    let found = found.ok_or_else(|| format!("there is no database {database}"))?;
    if !observed.vpcs.iter().any(|it| it.id == *vpc) {
        return Err(format!("there is no VPC {vpc}"));
    }
    let (host, port) =
        found.endpoint.clone().ok_or_else(|| format!("{database} has no address yet"))?;
    let leads_there = |way: &&Way| {
        way.vpc == *vpc
            && observed.accesses.iter().any(|access| {
                way.id.endpoint() == Some(&access.endpoint)
                    && access.is_accessible
                    && access.private_name.as_ref() == Some(&host)
            })
    };
    let ways = observed.ways.iter().filter(leads_there);
    let ways: Vec<Through> = ways.filter_map(|way| through(way, observed)).collect();
    match ways.is_empty() {
        true => Err(format!("nothing leads from {vpc} to {database}: trellis wait says why")),
        false => Ok(Connection { host, port, ways }),
    }
}

fn through(way: &Way, observed: &Observed) -> Option<Through> {
    let network = observed.networks.iter().find(|it| it.arn == way.network)?.name.clone();
    let attach = own_groups(way, &network, observed)
        .map(|group| Attachable { id: group.id.clone(), name: group.name.clone() })
        .collect();
    let zones = subnet::zones(observed, &way.subnets).into_iter().cloned().collect();
    Some(Through { network, endpoint: way.id.to_string(), zones, attach })
}

/// Our groups that a client can attach to use a way.
pub(crate) fn own_groups<'a>(
    way: &Way,
    network: &NetworkName,
    observed: &'a Observed,
) -> impl Iterator<Item = &'a Group> {
    let key = Key::ClientGroup(way.vpc.clone(), network.clone()).to_string();
    let vpc = way.vpc.clone();
    let all = observed.groups.iter();
    all.filter(move |group| group.vpc == vpc && group.tags.get(tag::FOR) == Some(&key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::connected;

    fn orders(change: impl Fn(&mut Observed)) -> Result<Connection, String> {
        let mut observed = connected();
        let (host, _) = observed.databases[0].endpoint.clone().expect("it has one");
        observed.accesses[0].private_name = Some(host);
        change(&mut observed);
        connection(&observed, "orders", &"vpc-c".into())
    }

    #[test]
    fn a_client_learns_the_name_the_port_and_what_to_attach() {
        let found = orders(|_| {}).expect("it is connected");
        assert_eq!(found.port, Port(5432));
        let [way] = &found.ways[..] else { panic!("{found:?}") };
        assert_eq!((way.network.as_str(), way.endpoint.as_str()), ("databases", "vpce-1"));
        assert_eq!(way.zones.len(), 2);
        assert_eq!(way.attach.len(), 1, "{way:?}");
        assert!(way.attach[0].name.contains("client"), "{way:?}");
    }

    #[test]
    fn what_is_not_there_is_said() {
        let why = |change: &dyn Fn(&mut Observed)| orders(change).expect_err("it is not there");
        assert_eq!(why(&|it| it.databases.clear()), "there is no database orders");
        assert_eq!(why(&|it| it.vpcs.clear()), "there is no VPC vpc-c");
        assert_eq!(why(&|it| it.databases[0].endpoint = None), "orders has no address yet");
        let nothing = "nothing leads from vpc-c to orders: trellis wait says why";
        assert_eq!(why(&|it| it.accesses[0].is_accessible = false), nothing);
        assert_eq!(why(&|it| it.accesses[0].private_name = Some("another".into())), nothing);
        assert_eq!(why(&|it| it.ways[0].vpc = "vpc-x".into()), nothing);
    }
}
