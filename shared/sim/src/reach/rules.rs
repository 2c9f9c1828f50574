//! Whether the groups of two parties let a TCP connection out of one and into the other.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::World;
use crate::ec2::{GroupRule, Peer};
use crate::rds::Instance;

/// An end of a connection: what its groups are, and where it may be.
pub(super) struct Party {
    pub(super) name: String,
    pub(super) groups: Vec<String>,
    /// Every place that a rule for addresses has to cover.
    pub(super) places: Vec<Ipv4Net>,
}

impl Party {
    /// Members of a group: the interfaces that there are, or else, when there are none yet, any
    /// place in the VPC.
    pub(super) fn of_group(world: &World, id: &str) -> Party {
        let members =
            world.ec2.interfaces.values().filter(|it| it.groups.iter().any(|group| group == id));
        let mut places: Vec<Ipv4Net> =
            members.flat_map(|interface| &interface.addresses).map(|one| place(*one)).collect();
        if places.is_empty() {
            let vpc = world.ec2.groups.get(id).and_then(|group| world.ec2.vpcs.get(&group.vpc));
            places.extend(vpc.map(|vpc| vpc.cidr));
        }
        Party { name: id.to_owned(), groups: vec![id.to_owned()], places }
    }

    /// These interfaces, with these groups.
    pub(super) fn of_interfaces(
        world: &World,
        name: &str,
        groups: &[String],
        interfaces: &[String],
    ) -> Party {
        let interfaces = interfaces.iter().filter_map(|id| world.ec2.interfaces.get(id));
        let places = interfaces.flat_map(|it| &it.addresses).map(|one| place(*one)).collect();
        Party { name: name.to_owned(), groups: groups.to_vec(), places }
    }

    /// A database.
    pub(super) fn of_database(world: &World, database: &Instance) -> Party {
        let interfaces: Vec<String> = database.interface.iter().cloned().collect();
        Party::of_interfaces(world, &database.id, &database.groups, &interfaces)
    }
}

fn place(address: Ipv4Addr) -> Ipv4Net {
    address.into()
}

/// Whether `from` may send to every place of `to`. Without any group nothing restricts it.
pub(super) fn lets_out(world: &World, from: &Party, to: &Party, port: u16) -> bool {
    from.groups.is_empty() || covers(world, from, to, port, true)
}

/// Whether `to` takes what comes from every place of `from`. Without any group nothing
/// restricts it.
pub(super) fn lets_in(world: &World, from: &Party, to: &Party, port: u16) -> bool {
    to.groups.is_empty() || covers(world, to, from, port, false)
}

/// Whether rules of `own` name a group of `peer`, or together all its places.
fn covers(world: &World, own: &Party, peer: &Party, port: u16, is_egress: bool) -> bool {
    let rules: Vec<&GroupRule> = world
        .ec2
        .rules
        .values()
        .filter(|rule| rule.is_egress == is_egress && own.groups.contains(&rule.group))
        .filter(|rule| is_for(rule, port))
        .collect();
    let names_group = rules.iter().any(|rule| match &rule.peer {
        Peer::Group(group) => peer.groups.contains(group),
        _ => false,
    });
    let is_covered = |place: &Ipv4Net| {
        rules.iter().any(|rule| matches!(&rule.peer, Peer::V4(net) if net.contains(place)))
    };
    names_group || (!peer.places.is_empty() && peer.places.iter().all(is_covered))
}

/// Whether a rule is for TCP connections to this port.
fn is_for(rule: &GroupRule, port: u16) -> bool {
    match rule.protocol.as_str() {
        "-1" => true,
        "tcp" => (rule.from_port..=rule.to_port).contains(&i64::from(port)),
        _ => false,
    }
}
