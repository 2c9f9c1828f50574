//! What somebody deletes is let go if nobody uses it, held off for a while, and made again; and
//! never, in any order of events, is it taken from a client.
//!
//! Lives of a connected world with two groups of clients, ours and one that is tagged: what is
//! deleted, and when; when each group gains or loses its last network interface; and when the
//! process, with all that it remembers, begins anew.

use std::sync::OnceLock;

use jiff::SignedDuration;
use reconcile::deletion::{Base, Deletion};
use reconcile::id::GroupId;
use reconcile::key::Side;
use reconcile::memory::Memory;
use reconcile::observed::{Direction, Group, Life, Peer};
use reconcile::outcome::Taken;
use reconcile::tag;

use crate::model::judge::{all_of_them, settle};
use crate::model::small::{Asks, CONSUMER, Small, State, settings};
use crate::model::words::asking;
use crate::model::{Model, SIDES};
use crate::stride;

/// Longer than a hold-off, and what it sets off: 20 minutes and a half.
const TURNS: u32 = 41;

/// When a group of clients is carried by a network interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carried {
    Always,
    Never,
    From(u32),
    Until(u32),
    /// In one turn alone.
    At(u32),
}

impl Carried {
    fn at(self, turn: u32) -> bool {
        match self {
            Carried::Always => true,
            Carried::Never => false,
            Carried::From(first) => turn >= first,
            Carried::Until(last) => turn < last,
            Carried::At(only) => turn == only,
        }
    }
}

/// The turn in which AWS refuses the deletion.
const DELETED: u32 = 1;

const APP: &str = "sg-app";

fn connected() -> Model {
    static WORLD: OnceLock<Model> = OnceLock::new();
    WORLD.get_or_init(connect).clone()
}

fn connect() -> Model {
    let mut world =
        Small { database: Asks::Here, vpc: Asks::Here, second: None, parts: [State::Missing; 12] }
            .build();
    world.there.groups.push(Group {
        id: APP.into(),
        name: "app".to_owned(),
        vpc: CONSUMER.into(),
        tags: asking(tag::CLIENT, Asks::Here),
    });
    settle(&mut world, &settings(), &mut all_of_them, &mut |_| {}).expect("it settles");
    world
}

fn own_group(world: &Model) -> Option<GroupId> {
    let named = world.there.groups.iter().find(|group| group.name == "trellis-client-databases");
    named.map(|group| group.id.clone())
}

/// What carries clients: the endpoint, and the groups that are let in.
#[derive(Debug, PartialEq)]
struct Ways {
    endpoint: bool,
    own: bool,
    app: bool,
}

fn ways(world: &Model) -> Ways {
    let lets_in = |group: &GroupId| {
        world.there.rules.iter().any(|rule| {
            rule.direction == Direction::Ingress
                && matches!(&rule.peer, Peer::Group(peer, _) if peer == group)
        })
    };
    Ways {
        endpoint: world.there.ways.iter().any(|way| way.life == Life::Ready),
        own: own_group(world).is_some_and(|group| lets_in(&group)),
        app: lets_in(&APP.into()),
    }
}

struct Lived {
    /// What there was at its least.
    least: Ways,
    end: Model,
}

/// Lives this life for so many turns. In every pass, what a client carries at that moment stays.
fn live(base: &Base, own: Carried, app: Carried, begins_anew: Option<u32>, turns: u32) -> Lived {
    let mut world = connected();
    let mut least = ways(&world);
    let mut made_again = 0;
    for turn in 0..turns {
        if begins_anew == Some(turn) {
            world.memories = [Memory::default(), Memory::default()];
        }
        if turn == DELETED {
            let by = "arn:aws:sts::111122223333:assumed-role/terraform/ci".to_owned();
            let deletion = Deletion { base: base.clone(), by, at: world.there.at };
            world.memories.iter_mut().for_each(|memory| memory.deletions.hear(deletion.clone()));
        }
        let groups = [(own_group(&world), own), (Some(APP.into()), app)];
        world.idle =
            groups.into_iter().filter(|(_, it)| !it.at(turn)).filter_map(|it| it.0).collect();
        for side in SIDES {
            let before = ways(&world);
            let outcome = world.pass(side, &settings(), &mut all_of_them);
            let made = |it: &&Taken| it.verb == "create" && it.key.kind() == "endpoint group";
            made_again += outcome.steps.iter().filter(made).count();
            let after = ways(&world);
            let life = format!("{base}, {own:?} {app:?} {begins_anew:?}: turn {turn}");
            let is_used = own.at(turn) && before.own || app.at(turn) && before.app;
            assert!(!is_used || !before.endpoint || after.endpoint, "the endpoint went: {life}");
            assert!(!own.at(turn) || !before.own || after.own, "our group was shut out: {life}");
            assert!(!app.at(turn) || !before.app || after.app, "the app was shut out: {life}");
        }
        let now = ways(&world);
        least.endpoint &= now.endpoint;
        least.own &= now.own;
        least.app &= now.app;
        world.wait();
    }
    assert!(world.refusals.is_empty(), "{:?}", world.refusals);
    // Once when it is over, and once more where a client came and went meanwhile.
    assert!(made_again <= 2, "{base}, {own:?} {app:?} {begins_anew:?}: made {made_again} times");
    Lived { least, end: world }
}

fn bases() -> [Base; 3] {
    let world = connected();
    let subnet = world.there.ways[0].subnets.first().expect("it lies somewhere").clone();
    [Base::Vpc(CONSUMER.into()), Base::Subnet(subnet), Base::Group(APP.into())]
}

#[test]
fn what_somebody_deletes_is_never_taken_from_a_client() {
    let mut all = vec![Carried::Always, Carried::Never];
    for turn in 0..6 {
        all.extend([Carried::From(turn), Carried::Until(turn), Carried::At(turn)]);
    }
    let (mut lives, mut number) = (0, 0);
    for base in bases() {
        for &own in &all {
            for &app in &all {
                for begins_anew in [None, Some(2), Some(3)] {
                    number += 1;
                    if number % stride(7) == 0 {
                        live(&base, own, app, begins_anew, 10);
                        lives += 1;
                    }
                }
            }
        }
    }
    println!("{lives} lives");
    assert!(lives > 500, "{lives}");
}

#[test]
fn what_nobody_uses_is_let_go_and_is_back_when_the_deletion_did_not_come() {
    let [vpc, subnet, group] = bases();
    let of = |base: &Base| live(base, Carried::Never, Carried::Never, None, TURNS);
    let all = Ways { endpoint: true, own: true, app: true };
    let least = of(&vpc).least;
    assert_eq!(least, Ways { endpoint: false, own: false, app: false }, "all of it");
    assert_eq!(of(&subnet).least, Ways { endpoint: false, ..all }, "groups stay");
    assert_eq!(of(&group).least, Ways { app: false, ..all }, "no other client");
    for base in [vpc, subnet, group] {
        assert_eq!(ways(&of(&base).end), all, "{base}: it is back");
    }
}

#[test]
fn a_client_that_comes_meanwhile_ends_the_hold_off() {
    let [_, subnet, group] = bases();
    for base in [subnet, group] {
        let until = |came| {
            let mut world = live(&base, Carried::Never, came, None, TURNS).end;
            let now = ways(&world);
            let marks = world.there.groups.iter().filter(|it| it.tags.contains_key(tag::HELD_OFF));
            assert_eq!(marks.count(), 0, "{base}: nothing stays");
            world.wait();
            now
        };
        let back = Ways { endpoint: true, own: true, app: true };
        assert_eq!(until(Carried::From(12)), back, "{base}");
    }
}

/// The mark tells a new process what the one before has let go.
#[test]
fn what_is_held_off_is_held_off_by_a_new_process_too() {
    let [_, subnet, group] = bases();
    for begins_anew in [6, 9, 12] {
        let after = |base, turns| {
            let lived = live(base, Carried::Never, Carried::Never, Some(begins_anew), turns);
            ways(&lived.end)
        };
        let all = Ways { endpoint: true, own: true, app: true };
        assert!(!after(&subnet, 28).endpoint, "not before the quarter of an hour is over");
        assert_eq!(after(&subnet, TURNS), all);
        assert!(!after(&group, 28).app);
        assert_eq!(after(&group, TURNS), all);
    }
}

/// A vanished tag, too, protects connections only.
#[test]
fn what_nobody_uses_has_no_grace() {
    for (is_used, lasts) in [(true, 20), (false, 2)] {
        let mut world = connected();
        let mut settings = settings();
        settings.grace = SignedDuration::from_mins(10);
        let own = own_group(&world).expect("it is there");
        world.idle = if is_used { [].into() } else { [own, APP.into()].into() };
        let consumer = world.there.vpcs.iter_mut().find(|vpc| vpc.id.as_str() == CONSUMER);
        consumer.expect("it is there").tags.remove(tag::CONSUME);
        let mut turns = 0;
        while ways(&world).endpoint {
            world.wait();
            world.pass(Side::ConnectVpc, &settings, &mut all_of_them);
            turns += 1;
            assert!(turns < 50, "it never goes");
        }
        assert_eq!(turns, lasts + 1, "a reading, and so many turns");
    }
}
