//! What the network really lets through: from a client's security group to a database, hop by
//! hop, from the ground truth.
//!
//! It asks no service and believes no status that a service reports where the thing itself can
//! be looked at. A hop is open or closed, each with a reason.
//!
//! | file | what is in it |
//! |---|---|
//! | `rules` | whether groups let a connection out and in |
//! | `path` | the ways through VPC Lattice |
//! | `beside` | the ways past it: peering and transit gateways |

mod beside;
mod path;
mod rules;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::World;
use crate::rds::Instance;
use path::Path;
use rules::{Party, lets_in, lets_out};

/// Whether a client reaches a database.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reachability {
    /// Whether it does.
    pub reachable: bool,
    /// The names by which it does.
    pub by: Vec<String>,
    /// The first hop that is closed, on the way that is open the furthest.
    pub broken_at: Option<String>,
    /// Every hop of that way.
    pub hops: Vec<Hop>,
}

/// A hop on the way to a database.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hop {
    /// What has to be passed: `endpoint vpce-1`.
    pub at: String,
    /// Whether it can be.
    pub is_open: bool,
    /// Why.
    pub why: String,
}

/// Statuses in which a database takes no connections. All others, of which RDS has many, do.
const CLOSED: [&str; 14] = [
    "creating",
    "delete-precheck",
    "deleting",
    "failed",
    "inaccessible-encryption-credentials",
    "incompatible-network",
    "incompatible-restore",
    "rebooting",
    "renaming",
    "restore-error",
    "starting",
    "stopped",
    "stopping",
    "storage-full",
];

/// Whether members of the security group `from` reach the DB instance `to`.
pub fn reachable(world: &World, from: &str, to: &str) -> Reachability {
    let mut start = Path::default();
    let client = world.ec2.groups.get(from);
    start.hop(format!("client group {from}"), client.is_some(), "whether it is there");
    let database = world.rds.instance(to);
    let status = database.map_or("absent", |database| database.status.as_str());
    let is_up = database.is_some_and(|it| {
        it.address.is_some() && !CLOSED.contains(&status) && !status.starts_with("incompatible")
    });
    start.hop(format!("database {to}"), is_up, status);
    let (Some(client), Some(database), true) = (client, database, is_up) else {
        return start.reachability();
    };
    let ways = if database.vpc.as_ref() == Some(&client.vpc) {
        vec![direct(world, start, from, database)]
    } else {
        let mut ways = beside::ways(world, &start, client, database);
        ways.extend(path::through_lattice(world, &start, client, database));
        ways
    };
    best(ways)
}

/// Within one VPC the database's own name leads to its own address.
fn direct(world: &World, mut path: Path, from: &str, database: &Instance) -> Path {
    let client = Party::of_group(world, from);
    let target = Party::of_database(world, database);
    let vpc = database.vpc.as_ref().and_then(|vpc| world.ec2.vpcs.get(vpc));
    let resolves = vpc.is_some_and(|vpc| vpc.dns_support);
    let name = database.address.clone().unwrap_or_default();
    path.hop(format!("name {name}"), resolves, "resolves where the VPC has DNS support");
    path.names.push(name);
    path.passes(&client, &target, database.port, world);
    path
}

/// The way that is open, or else open the furthest; its names are those of all open ways.
fn best(ways: Vec<Path>) -> Reachability {
    let mut names: Vec<String> =
        ways.iter().filter(|way| way.is_open()).flat_map(|way| way.names.clone()).collect();
    names.sort();
    names.dedup();
    let first_of_the_best = ways.into_iter().rev().max_by_key(Path::progress);
    let mut reachability = first_of_the_best.unwrap_or_default().reachability();
    reachability.by = names;
    reachability
}

impl Path {
    /// A connection leaves one party and enters another.
    fn passes(&mut self, from: &Party, to: &Party, port: u16, world: &World) {
        self.hop(
            format!("egress of {} to {}", from.name, to.name),
            lets_out(world, from, to, port),
            format!("rules for tcp {port}"),
        );
        self.hop(
            format!("ingress of {} from {}", to.name, from.name),
            lets_in(world, from, to, port),
            format!("rules for tcp {port}"),
        );
    }
}
