//! Everything that is awkward, by a name and from one seed.

use jiff::SignedDuration;

use super::{Busy, Late, Omission, Part, Spell, Trouble, Unsettled, Wandering};
use crate::switches::{GroupMembership, TagsWhileBusy};
use crate::{Sim, Switches};

/// A way in which AWS is awkward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// See [`Omission`].
    Omissions,
    /// See [`Wandering`].
    Wandering,
    /// Whole answers are late: see [`Late`].
    LateAnswers,
    /// Tags are late: see [`Late`].
    LateTags,
    /// Attributes are late: see [`Late`].
    LateAttributes,
    /// See [`Unsettled`].
    NotFound,
    /// See [`Busy`].
    BusyDatabases,
    /// Outages: see [`Spell`].
    Outages,
    /// Throttling: see [`Spell`].
    Throttling,
    /// Everything takes from half to one and a half of its time.
    Jitter,
    /// Managed children and interfaces come and go up to a minute late.
    LateChildren,
    /// Of three new endpoints one is `partial` at first.
    PartialEndpoints,
    /// Of ten events one is lost, one comes twice and two are late.
    Events,
    /// Security groups of databases are `adding` and `removing` while they change.
    Groups,
    /// A database that is deleted loses its tags two minutes before it is gone, and those of a
    /// busy one cannot be changed.
    Databases,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 15] = [
        Kind::Omissions,
        Kind::Wandering,
        Kind::LateAnswers,
        Kind::LateTags,
        Kind::LateAttributes,
        Kind::NotFound,
        Kind::BusyDatabases,
        Kind::Outages,
        Kind::Throttling,
        Kind::Jitter,
        Kind::LateChildren,
        Kind::PartialEndpoints,
        Kind::Events,
        Kind::Groups,
        Kind::Databases,
    ];

    /// The name by which people ask for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Omissions => "omissions",
            Kind::Wandering => "wandering",
            Kind::LateAnswers => "late-answers",
            Kind::LateTags => "late-tags",
            Kind::LateAttributes => "late-attributes",
            Kind::NotFound => "not-found",
            Kind::BusyDatabases => "busy-databases",
            Kind::Outages => "outages",
            Kind::Throttling => "throttling",
            Kind::Jitter => "jitter",
            Kind::LateChildren => "late-children",
            Kind::PartialEndpoints => "partial-endpoints",
            Kind::Events => "events",
            Kind::Groups => "groups",
            Kind::Databases => "databases",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The account is awkward in this way from now on, besides all others.
    fn put(self, sim: &Sim, seed: u64) {
        // No two draw the same numbers.
        let seed = seed.wrapping_mul(31).wrapping_add(self as u64);
        match self {
            Kind::Omissions => sim.put_rule(Omission::seeded(seed)),
            Kind::Wandering => sim.put_rule(Wandering::seeded(seed)),
            Kind::LateAnswers => sim.put_rule(Late::seeded(seed, Part::Whole)),
            Kind::LateTags => sim.put_rule(Late::seeded(seed, Part::Tags)),
            Kind::LateAttributes => sim.put_rule(Late::seeded(seed, Part::Attributes)),
            Kind::NotFound => sim.put_rule(Unsettled::seeded(seed)),
            Kind::BusyDatabases => sim.put_rule(Busy::seeded(seed)),
            Kind::Outages => sim.put_rule(Spell::seeded(seed, Trouble::Outage)),
            Kind::Throttling => sim.put_rule(Spell::seeded(seed, Trouble::Throttling)),
            _ => sim.world(|world| self.turn(&mut world.switches)),
        }
    }

    /// The switches are so from now on, if it is a matter of switches.
    fn turn(self, switches: &mut Switches) {
        match self {
            Kind::Jitter => switches.jitter = 0.5,
            Kind::LateChildren => {
                switches.durations.child = SignedDuration::from_secs(40);
                switches.durations.interface = SignedDuration::from_secs(40);
            }
            Kind::PartialEndpoints => switches.chances.partial_endpoint = 0.33,
            Kind::Events => {
                switches.chances.event_lost = 0.1;
                switches.chances.event_twice = 0.1;
                switches.chances.event_late = 0.2;
            }
            Kind::Groups => switches.group_membership = GroupMembership::Changing,
            Kind::Databases => {
                switches.durations.untagged = SignedDuration::from_mins(2);
                switches.tags_while_busy = TagsWhileBusy::Refused;
            }
            _ => {}
        }
    }
}

/// The account is awkward in these ways from now on, and in no other: rules that were there are
/// gone, and switches of other kinds are as they are by default.
pub fn set(sim: &Sim, kinds: &[Kind], seed: u64) {
    sim.clear_rules();
    sim.world(|world| {
        let (switches, default) = (&mut world.switches, Switches::default());
        switches.jitter = default.jitter;
        switches.chances = default.chances;
        switches.group_membership = default.group_membership;
        switches.tags_while_busy = default.tags_while_busy;
        switches.durations.child = default.durations.child;
        switches.durations.interface = default.durations.interface;
        switches.durations.untagged = default.durations.untagged;
    });
    kinds.iter().for_each(|kind| kind.put(sim, seed));
}
