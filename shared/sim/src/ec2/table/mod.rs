//! Route tables: the main one that every VPC has from the start, and those that are made.
//!
//! They route nothing here: all traffic within a VPC is local, and what leads out of it is looked
//! at where it stands. They are there for those who build VPCs, as Terraform does.

mod change;
#[cfg(test)]
mod tests;

use derive_more::{Deref, DerefMut};
use ipnet::Ipv4Net;
use serde_json::{Value, json};

pub(crate) use change::{
    associate, create, create_route, delete, delete_route, disassociate, replace,
};

use super::listing::{self, Described};
use super::{Vpc, tag};
use crate::ec2::Head;
use crate::ec2::World;
use crate::kernel::{Call, Fault, Tags};

/// A route table.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct Table {
    #[deref]
    #[deref_mut]
    head: Head,
    pub(crate) vpc: String,
    cidr: Ipv4Net,
    is_main: bool,
    routes: Vec<Route>,
    /// The associations with subnets, by id.
    associations: Vec<(String, String)>,
}

/// A route that somebody made.
#[derive(Clone, Debug)]
struct Route {
    /// The member that its destination is, and the destination.
    destination: (&'static str, String),
    /// The member that its target is, and the target.
    target: (&'static str, String),
}

/// The new VPC has a main route table.
pub(super) fn add_main(world: &mut World, vpc: &Vpc) {
    let id = vpc.id.replacen("vpc", "rtb", 1);
    let mut table = new(world, vpc, id.clone(), Tags::new());
    table.is_main = true;
    world.ec2.tables.insert(id, table);
}

fn new(world: &World, vpc: &Vpc, id: String, tags: Tags) -> Table {
    Table {
        head: Head { id, created: world.now(), tags },
        vpc: vpc.id.clone(),
        cidr: vpc.cidr,
        is_main: false,
        routes: Vec::new(),
        associations: Vec::new(),
    }
}

/// Whether the VPC has a table beside its main one.
pub(super) fn has_more(world: &World, vpc: &str) -> bool {
    world.ec2.tables.values().any(|table| table.vpc == vpc && !table.is_main)
}

/// The VPC is gone, and with it its main table.
pub(super) fn vpc_gone(world: &mut World, vpc: &str) {
    let now = world.now();
    let of_vpc = world.ec2.tables.values().filter(|table| table.vpc == vpc);
    let ids: Vec<String> = of_vpc.map(|table| table.id.clone()).collect();
    for id in ids {
        world.ec2.tables.remove_at(now, &id);
    }
}

/// The subnet is gone, and with it its association.
pub(super) fn subnet_gone(world: &mut World, subnet: &str) {
    for table in world.ec2.tables.values_mut() {
        table.associations.retain(|(_, other)| other != subnet);
    }
}

/// The route tables are those of the VPC.
pub(crate) fn check(world: &World, tables: &[String], vpc: &str) -> Result<(), Fault> {
    for id in tables {
        if find(world, id)?.vpc != vpc {
            let message = format!("Route table {id} does not belong to VPC {vpc}");
            return Err(Fault::new("InvalidParameter", 400, message));
        }
    }
    Ok(())
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a Table, Fault> {
    world.ec2.tables.get(id).ok_or_else(|| Table::not_found(id))
}

/// `DescribeRouteTables`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.tables)
}

impl Described for Table {
    const TYPE: &'static str = "route-table";
    const STEM: &'static str = "rtb";
    const IDS: &'static str = "RouteTableId";
    const SET: &'static str = "routeTableSet";
    const FILTERS: &'static [&'static str] = &[
        "association.main",
        "association.route-table-association-id",
        "association.route-table-id",
        "association.subnet-id",
        "owner-id",
        "route-table-id",
        "route.destination-cidr-block",
        "vpc-id",
    ];
    const SIZES: (usize, usize) = (5, 100);

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        let associations = self.associations.iter();
        match filter {
            "association.main" => vec![self.is_main.to_string()],
            "association.route-table-association-id" => {
                associations.map(|(id, _)| id.clone()).chain(self.main_association()).collect()
            }
            "association.subnet-id" => associations.map(|(_, subnet)| subnet.clone()).collect(),
            "route.destination-cidr-block" => {
                let routes = self.routes.iter().map(|route| route.destination.1.clone());
                routes.chain([self.cidr.to_string()]).collect()
            }
            "owner-id" => vec![world.account.clone()],
            "vpc-id" => vec![self.vpc.clone()],
            _ => vec![self.id.clone()],
        }
    }

    fn show(&self, world: &World) -> Value {
        let local = json!({
            "destinationCidrBlock": self.cidr.to_string(),
            "gatewayId": "local",
            "state": "active",
            "origin": "CreateRouteTable",
        });
        let route = |route: &Route| {
            json!({
                (route.destination.0): route.destination.1,
                (route.target.0): route.target.1,
                "state": "active",
                "origin": "CreateRoute",
            })
        };
        let association = |id: &str, subnet: Option<&str>| {
            json!({
                "routeTableAssociationId": id,
                "routeTableId": self.id,
                "subnetId": subnet,
                "main": subnet.is_none(),
                "associationState": {"state": "associated"},
            })
        };
        let main = self.main_association().map(|id| association(&id, None));
        let more = self.associations.iter().map(|(id, subnet)| association(id, Some(subnet)));
        let routes: Vec<Value> = [local].into_iter().chain(self.routes.iter().map(route)).collect();
        json!({
            "routeTableId": self.id,
            "vpcId": self.vpc,
            "ownerId": world.account,
            "routeSet": {"item": routes},
            "associationSet": {"item": main.into_iter().chain(more).collect::<Vec<_>>()},
            "propagatingVgwSet": {"item": []},
            "tagSet": tag::show(&self.tags),
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("The routeTable ID '{id}' does not exist");
        Fault::new("InvalidRouteTableID.NotFound", 400, message)
    }
}

impl Table {
    fn main_association(&self) -> Option<String> {
        self.is_main.then(|| self.id.replacen("rtb", "rtbassoc", 1))
    }
}
