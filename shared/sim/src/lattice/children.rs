//! What AWS manages comes and goes with its parents, at once or later: the child of a
//! configuration for each endpoint of its database, and of an association for each such child.

use super::kind::{Kind, Status};
use super::{association, begin, database};
use crate::kernel::{Service, Tags};
use crate::lattice::World;
use crate::rds;

/// In front of the id of a parent whose children are due.
pub(super) const DUE: &str = "children:";

/// The parent is of use now; its children come.
pub(super) fn bear(world: &mut World, parent: &str) {
    let later = world.switches.durations.child;
    match later.is_zero() {
        true => come(world, parent),
        false => drop(world.ripens(Service::Lattice, &format!("{DUE}{parent}"), later)),
    }
}

/// The children have come.
pub(super) fn come(world: &mut World, parent: &str) {
    match Kind::of(parent) {
        Some(Kind::Configuration) => of_configuration(world, parent),
        Some(Kind::ResourceAssociation) => of_association(world, parent),
        _ => {}
    }
}

/// The parent is gone. Returns the children that go with it; the others are on their way, and
/// carry nothing any more.
pub(super) fn orphan<T>(
    world: &mut World,
    mut children: Vec<T>,
    id: impl Fn(&T) -> &String,
) -> Vec<T> {
    let later = world.switches.durations.child;
    if !later.is_zero() {
        for child in children.drain(..) {
            begin(world, id(&child), Status::DeleteInProgress, later);
        }
    }
    children
}

/// The managed children are there, and those of its associations are on their way.
fn of_configuration(world: &mut World, id: &str) {
    let Some(parent) = world.lattice.configurations.get(id).cloned() else { return };
    let database = rds::exposable(world, parent.database().unwrap_or_default());
    if world.lattice.children(id).next().is_some() || !parent.entity.status.carries() {
        return;
    }
    let Some(database) = database else { return };
    database::add_children(world, &parent, &database);
    let associations = world.lattice.resource_associations.values();
    let waiting: Vec<String> = associations
        .filter(|it| it.configuration == id && it.entity.status.carries())
        .map(|it| it.entity.id.clone())
        .collect();
    waiting.iter().for_each(|association| bear(world, association));
}

/// The associations of the managed children are there, of those that there are.
fn of_association(world: &mut World, id: &str) {
    let Some(parent) = world.lattice.resource_associations.get(id).cloned() else { return };
    if !parent.entity.status.carries() {
        return;
    }
    let lattice = &world.lattice;
    let is_associated = |child: &str| {
        let mut all = lattice.resource_associations.values();
        all.any(|it| it.parent.as_deref() == Some(id) && it.configuration == child)
    };
    let children = lattice.children(&parent.configuration);
    let missing: Vec<_> = children
        .filter(|child| child.amazon_managed && !is_associated(&child.entity.id))
        .cloned()
        .collect();
    for child in &missing {
        association::add(world, child, &parent.network, Some(id.to_owned()), true, &Tags::new());
    }
    world.lattice.news.push(parent.network);
}
