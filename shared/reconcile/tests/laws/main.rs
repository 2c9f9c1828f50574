//! The laws of the planner, over every small world.
//!
//! A debug build takes a share of the enumeration, a release build all of it. What is sampled
//! prints its seed.

mod deletions;
mod model;
mod readings;

use model::judge::{all_of_them, expect_good_life, lost_of, settle};
use model::small::{Asks, FIRST, Part, SECOND, STATES, Small, State, settings};
use model::words::asking;
use model::{Model, SIDES};
use reconcile::key::Key;
use reconcile::settings::Settings;
use reconcile::step::{Delete, Step};
use reconcile::{decide, tag};

/// Seeded dice (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).expect("31 bits") % sides
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// The share of an enumeration that this build takes, as a stride: a prime, so that no state of
/// any part is left out.
fn stride(debug: usize) -> usize {
    if cfg!(debug_assertions) { debug } else { 1 }
}

/// Every combination of the states of these parts over this world, every `stride`-th.
fn combinations(base: Small, parts: &[Part], stride: usize) -> impl Iterator<Item = Small> {
    let parts = parts.to_vec();
    let all: usize = parts.iter().map(|part| STATES[*part as usize].len()).product();
    (0..all).step_by(stride).map(move |number| {
        let (mut small, mut rest) = (base, number);
        for part in &parts {
            let states = STATES[*part as usize];
            small.parts[*part as usize] = states[rest % states.len()];
            rest /= states.len();
        }
        small
    })
}

fn nothing_there(database: Asks, vpc: Asks) -> Small {
    Small { database, vpc, second: None, parts: [State::Missing; 12] }
}

const PROVIDER_PARTS: [Part; 7] = [
    Part::Network,
    Part::GatewayGroup,
    Part::GatewayRule,
    Part::DatabaseRule,
    Part::Gateway,
    Part::Configuration,
    Part::Association,
];

const CONSUMER_PARTS: [Part; 6] = [
    Part::Network,
    Part::ClientGroup,
    Part::EndpointGroup,
    Part::ClientRule,
    Part::EndpointRule,
    Part::Endpoint,
];

const DATABASE_ASKS: [Asks; 5] =
    [Asks::Nothing, Asks::Off, Asks::Here, Asks::Elsewhere, Asks::Gone];
const VPC_ASKS: [Asks; 4] = [Asks::Nothing, Asks::Off, Asks::Here, Asks::Elsewhere];

#[test]
fn every_small_provider_settles_and_is_treated_well() {
    let settings = settings();
    let mut worlds = 0;
    for asks in DATABASE_ASKS {
        let base = nothing_there(asks, Asks::Nothing);
        for small in combinations(base, &PROVIDER_PARTS, stride(101)).filter(Small::is_possible) {
            expect_good_life(&small, &settings);
            worlds += 1;
        }
    }
    println!("{worlds} provider worlds");
    assert!(worlds > 900);
}

#[test]
fn every_small_consumer_settles_and_is_treated_well() {
    let settings = settings();
    let mut worlds = 0;
    for (asks, is_exposed) in VPC_ASKS.into_iter().flat_map(|it| [(it, true), (it, false)]) {
        let mut base = nothing_there(if is_exposed { Asks::Here } else { Asks::Off }, asks);
        if is_exposed {
            base.parts[1..7].fill(State::Ready);
        }
        for small in combinations(base, &CONSUMER_PARTS, stride(23)).filter(Small::is_possible) {
            expect_good_life(&small, &settings);
            worlds += 1;
        }
    }
    println!("{worlds} consumer worlds");
    assert!(worlds > 400);
}

fn any_world(dice: &mut Dice) -> Small {
    loop {
        let mut small = nothing_there(dice.of(&DATABASE_ASKS), dice.of(&VPC_ASKS));
        for (part, states) in small.parts.iter_mut().zip(STATES) {
            // Half of everything is as it should be, so that much of the world can stand.
            *part = if dice.below(2) == 0 { State::Ready } else { dice.of(states) };
        }
        if dice.below(2) == 0 {
            let states = (dice.of(STATES[5]), dice.of(STATES[6]));
            small.second = Some((dice.of(&DATABASE_ASKS), states.0, states.1));
        }
        if small.is_possible() {
            return small;
        }
    }
}

#[test]
fn any_world_of_two_databases_and_a_consumer_settles_and_is_treated_well() {
    let (seed, settings) = (20_261_124, settings());
    let worlds = if cfg!(debug_assertions) { 1_000 } else { 100_000 };
    println!("seed {seed}, {worlds} worlds");
    let mut dice = Dice(seed);
    for _ in 0..worlds {
        expect_good_life(&any_world(&mut dice), &settings);
    }
}

#[test]
fn the_steps_of_a_pass_may_be_taken_in_any_order_and_not_all_of_them() {
    let (seed, settings) = (42, settings());
    let worlds = if cfg!(debug_assertions) { 400 } else { 30_000 };
    println!("seed {seed}, {worlds} worlds");
    let mut dice = Dice(seed);
    for _ in 0..worlds {
        let small = any_world(&mut dice);
        if small.stands_on_foreign() || small.foreign_hold_the_name() {
            continue;
        }
        let mut straight = small.build();
        settle(&mut straight, &settings, &mut all_of_them, &mut |_| {}).expect("it settles");
        let mut world = small.build();
        let mut some_of_them = |steps: Vec<Step>| {
            let mut left = steps;
            let mut chosen = Vec::new();
            while !left.is_empty() {
                let step = left.swap_remove(dice.below(left.len()));
                // Mostly taken: a world of which nothing is ever done does not settle.
                if dice.below(4) > 0 || chosen.is_empty() {
                    chosen.push(step);
                }
            }
            chosen
        };
        let settled = settle(&mut world, &settings, &mut some_of_them, &mut |_| {});
        assert!(settled.is_some(), "it does not settle: {small:?}");
        assert!(world.refusals.is_empty(), "AWS refuses: {:?}\n{small:?}", world.refusals);
        assert_eq!(world.picture(&settings), straight.picture(&settings), "{small:?}");
    }
}

/// What the tags ask for now.
fn ask(world: &mut Model, first: Asks, second: Asks, vpc: Asks) {
    for (arn, asks) in [(FIRST.0, first), (SECOND.0, second)] {
        let found = world.there.databases.iter_mut().find(|it| it.arn.as_str() == arn);
        found.expect("it is there").tags = asking(tag::EXPOSE, asks);
    }
    world.there.vpcs[1].tags = asking(tag::CONSUME, vpc);
}

#[test]
fn what_is_asked_for_before_and_after_a_change_is_never_removed() {
    let (seed, settings) = (7, settings());
    let walks = if cfg!(debug_assertions) { 30 } else { 3_000 };
    println!("seed {seed}, {walks} walks of 8 changes");
    let mut dice = Dice(seed);
    for _ in 0..walks {
        let mut small = nothing_there(Asks::Here, Asks::Here);
        small.second = Some((Asks::Here, State::Missing, State::Missing));
        let mut world = small.build();
        let mut asked = [Asks::Here; 3];
        settle(&mut world, &settings, &mut all_of_them, &mut |_| {}).expect("it settles");
        for _ in 0..8 {
            let next = [dice.of(&VPC_ASKS), dice.of(&VPC_ASKS), dice.of(&VPC_ASKS)];
            let kept = standing(&world, &asked, &next, &settings);
            ask(&mut world, next[0], next[1], next[2]);
            let mut lost = Vec::new();
            let mut look = |world: &Model| lost.extend(lost_of(&kept, world));
            let settled = settle(&mut world, &settings, &mut all_of_them, &mut look);
            assert!(settled.is_some(), "from {asked:?} to {next:?} it does not settle");
            assert!(lost.is_empty(), "from {asked:?} to {next:?}: {lost:?} of {kept:?} is lost");
            assert!(world.refusals.is_empty(), "{:?}", world.refusals);
            asked = next;
        }
    }
}

/// The ids of all that carries what is asked for both before and after.
fn standing(world: &Model, before: &[Asks], after: &[Asks], settings: &Settings) -> Vec<String> {
    let stays =
        |at: usize| before[at] == after[at] && matches!(after[at], Asks::Here | Asks::Elsewhere);
    let mut ids = Vec::new();
    for side in SIDES {
        let observed = world.observe(side, settings);
        for (key, items) in decide(side, &observed, settings).items.iter() {
            let is_kept = match key {
                Key::Configuration(arn) | Key::Association(arn, _) => {
                    stays(usize::from(arn.as_str() != FIRST.0))
                }
                Key::Gateway(_) => stays(0) || stays(1),
                Key::GatewayRule(_, _, port) | Key::DatabaseRule(_, _, port) => {
                    stays(usize::from(port.0 != FIRST.1))
                }
                Key::Endpoint(..) => stays(2),
                // A port of the consumer's rules stays as long as its database is on the network.
                Key::ClientRule(_, _, port) | Key::EndpointRule(_, _, _, port) => {
                    stays(2) && stays(usize::from(port.0 != FIRST.1))
                }
                _ => false,
            };
            if is_kept {
                ids.extend(items.iter().map(|item| id_of(&item.delete)));
            }
        }
    }
    ids
}

fn id_of(delete: &Delete) -> String {
    match delete {
        Delete::Network(id) => id.to_string(),
        Delete::Group(id) => id.to_string(),
        Delete::Rule { rule, .. } => rule.to_string(),
        Delete::Gateway(id) => id.to_string(),
        Delete::Configuration(id) => id.to_string(),
        Delete::Association(id) => id.to_string(),
        Delete::Endpoint(id) => id.to_string(),
    }
}
