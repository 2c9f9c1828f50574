//! One reading that lacks one thing, at any moment, costs nothing that works.
//!
//! Every thing of a connected world is hidden, one at a time, from one reading, or from all for
//! four turns (two minutes), in lives in which tags vanish and return.

use crate::model::judge::{all_of_them, lost_of, settle};
use crate::model::small::{Asks, FIRST, SECOND, Small, State, settings};
use crate::model::words::asking;
use crate::model::{Model, SIDES, things};
use reconcile::tag;

/// Turns that are looked at after each change: a grace period, and what it sets off.
const TURNS: u32 = 10;

/// What the tags of the database and of the VPC ask for.
type Tags = (Asks, Asks);

/// Lives: what is asked for, one after the other. None of them asks for `off`.
const LIVES: [&[Tags]; 4] = [
    &[(Asks::Here, Asks::Here)],
    // The tag returns before the grace period of two turns is over.
    &[(Asks::Nothing, Asks::Here), (Asks::Nothing, Asks::Here), (Asks::Here, Asks::Here)],
    &[(Asks::Here, Asks::Nothing), (Asks::Here, Asks::Nothing), (Asks::Here, Asks::Here)],
    &[(Asks::Nothing, Asks::Nothing), (Asks::Here, Asks::Here)],
];

fn connected() -> Model {
    let mut small =
        Small { database: Asks::Here, vpc: Asks::Here, second: None, parts: [State::Missing; 12] };
    small.second = Some((Asks::Here, State::Missing, State::Missing));
    let mut world = small.build();
    settle(&mut world, &settings(), &mut all_of_them, &mut |_| {}).expect("it settles");
    world
}

fn ask(world: &mut Model, (database, vpc): Tags) {
    for it in &mut world.there.databases {
        let is_first = it.arn.as_str() == FIRST.0;
        it.tags = asking(tag::EXPOSE, if is_first { database } else { Asks::Here });
        assert!(is_first || it.arn.as_str() == SECOND.0);
    }
    world.there.vpcs[1].tags = asking(tag::CONSUME, vpc);
}

/// The ids of all that carries a path: none of them may go.
fn carriers(world: &Model) -> Vec<String> {
    let there = &world.there;
    let gateways = there.gateways.iter().map(|it| it.id.to_string());
    let configurations = there.configurations.iter().map(|it| it.id.to_string());
    let associations = there.associations.iter().map(|it| it.id.to_string());
    let endpoints = there.ways.iter().map(|it| it.id.to_string());
    let rules = there.rules.iter().map(|it| it.id.to_string());
    gateways.chain(configurations).chain(associations).chain(endpoints).chain(rules).collect()
}

/// Lives this life, in which one thing is hidden from `turn` on for so many turns. Each change
/// comes a turn after the one before: tags that vanished return within their grace.
fn live(life: &[Tags], hidden: usize, turn: u32, lasts: u32) {
    let mut world = connected();
    let kept = carriers(&world);
    for now in 0..TURNS {
        if let Some(tags) = life.get(now as usize) {
            ask(&mut world, *tags);
        }
        world.hidden = (turn..turn + lasts).contains(&now).then_some(hidden);
        for side in SIDES {
            world.pass(side, &settings(), &mut all_of_them);
        }
        let lost = lost_of(&kept, &world);
        assert!(lost.is_empty(), "{life:?} without {hidden} from {turn}: {lost:?} at turn {now}");
        world.wait();
    }
    world.hidden = None;
    let settled = settle(&mut world, &settings(), &mut all_of_them, &mut |_| {});
    assert!(settled.is_some(), "{life:?} without {hidden} from {turn} does not settle");
    let lost = lost_of(&kept, &world);
    assert!(lost.is_empty(), "{life:?} without {hidden} from {turn}: {lost:?} in the end");
}

#[test]
fn a_reading_that_lacks_one_thing_costs_nothing_that_works() {
    let all = things(&connected().there);
    let mut lives = 0;
    for life in LIVES {
        for hidden in 0..all {
            for (turn, lasts) in [(0, 1), (1, 1), (2, 1), (0, 4), (1, 4)] {
                live(life, hidden, turn, lasts);
                lives += 1;
            }
        }
    }
    println!("{lives} lives, {all} things");
    assert!(lives > 200, "{lives}");
}
