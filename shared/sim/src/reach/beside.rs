//! The ways from a VPC to a database in another one that are older than VPC Lattice: a peering
//! connection, or a transit gateway that both VPCs are attached to.
//!
//! The database's name resolves to its own address in every VPC, since its record is public: until
//! an endpoint or a VPC association in the client's VPC answers for that name. Then this way is
//! closed to whoever uses the name, whether or not the endpoint lets him in.
//!
//! # Assumptions
//!
//! People have put the routes into the route tables. Those of the simulated EC2 cannot be changed,
//! so an active connection counts as routed in both directions.

use super::path::{Path, claims};
use super::rules::Party;
use crate::World;
use crate::ec2::{Group, peering, transit, vpc};
use crate::rds::Instance;

/// A way for each connection that the two VPCs have.
pub(super) fn ways(world: &World, start: &Path, client: &Group, database: &Instance) -> Vec<Path> {
    let Some(vpc) = database.vpc.as_deref() else { return Vec::new() };
    let mut ways = Vec::new();
    if let Some(peering) = peering::between(world, &client.vpc, vpc) {
        let mut path = start.clone();
        path.hop(format!("peering {}", peering.id), true, "active");
        ways.push(to_address(world, path, client, database));
    }
    if let Some(gateway) = transit::between(world, &client.vpc, vpc) {
        let mut path = start.clone();
        let cidr = |id: &str| world.ec2.vpcs.get(id).map(|vpc| vpc.cidr);
        let both = cidr(&client.vpc).zip(cidr(vpc));
        let is_routed = both.is_some_and(|(one, other)| !vpc::overlap(one, other));
        let at = format!("transit gateway {gateway}");
        path.hop(at, is_routed, "routes between VPCs whose addresses do not overlap");
        ways.push(to_address(world, path, client, database));
    }
    ways
}

/// The client's VPC resolves the name to the database's own address.
fn to_address(world: &World, mut path: Path, client: &Group, database: &Instance) -> Path {
    let name = database.address.clone().unwrap_or_default();
    let resolves = world.ec2.vpcs.get(&client.vpc).is_some_and(|vpc| vpc.dns_support);
    let at = format!("name {name}");
    path.hop(&at, resolves, "resolves where the VPC has DNS support");
    let claim = claims(world, &client.vpc, &name);
    let why = match &claim {
        Some(other) => format!("leads to {other}"),
        None => "leads to the database's own address".to_owned(),
    };
    path.hop(at, claim.is_none(), why);
    path.names.push(name);
    let source = Party::of_group(world, &client.id);
    let target = Party::of_database(world, database);
    path.passes(&source, &target, database.port, world);
    path
}
