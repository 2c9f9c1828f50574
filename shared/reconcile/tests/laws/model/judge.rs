//! What must be true of every life of a small world.

use std::collections::BTreeSet;

use reconcile::key::Side;
use reconcile::observed::{Direction, Life, Peer};
use reconcile::outcome::Outcome;
use reconcile::plan::Wait;
use reconcile::refusal::Code;
use reconcile::report::{Report, State as Stands, Subject};
use reconcile::settings::Settings;
use reconcile::step::Step;
use reconcile::{decide, questions, tag};

use super::small::{Asks, CONSUMER, FIRST, NETWORK, PROVIDER, Part, Small, State};
use super::{Model, SIDES};

/// Everything is settled after so many turns: two of grace, and the longest way down and up again.
const TURNS: u32 = 60;

/// Both sides take turns until nothing moves; both last outcomes.
pub(crate) fn settle(
    world: &mut Model,
    settings: &Settings,
    choose: &mut dyn FnMut(Vec<Step>) -> Vec<Step>,
    look: &mut dyn FnMut(&Model),
) -> Option<Vec<Outcome>> {
    let mut quiet = 0;
    for _ in 0..TURNS {
        let outcomes: Vec<_> =
            SIDES.into_iter().map(|side| world.pass(side, settings, choose)).collect();
        look(world);
        let is_watching = |it: &Outcome| {
            it.waiting.iter().any(|one| matches!(one.on, Wait::Going | Wait::Lacking))
        };
        let is_quiet =
            outcomes.iter().all(|it| it.steps.is_empty() && !is_watching(it)) && !world.is_moving();
        quiet = if is_quiet { quiet + 1 } else { 0 };
        if quiet == 2 {
            return Some(outcomes);
        }
        world.wait();
    }
    None
}

/// Takes every step, in the order of the plan.
pub(crate) fn all_of_them(steps: Vec<Step>) -> Vec<Step> {
    steps
}

/// The world settles, is what the tags ask for, and was treated well on the way.
pub(crate) fn expect_good_life(small: &Small, settings: &Settings) {
    let mut world = small.build();
    let foreign = world.foreign();
    let kept = kept(small, &world);
    let mut lost = BTreeSet::new();
    let mut look = |world: &Model| lost.extend(lost_of(&kept, world));
    let outcomes = settle(&mut world, settings, &mut all_of_them, &mut look);
    let Some(outcomes) = outcomes else {
        let next = SIDES.map(|side| world.pass(side, settings, &mut all_of_them));
        panic!("it never settles: {small:?}\n{:#?}", next.map(|it| (it.steps, it.waiting)));
    };
    assert!(world.refusals.is_empty(), "AWS refuses: {:?}\n{small:?}", world.refusals);
    assert!(lost.is_empty(), "asked for all the time, and removed: {lost:?}\n{small:?}");
    let left: BTreeSet<String> = world.foreign().into_iter().collect();
    for thing in foreign {
        assert!(left.contains(&thing), "not ours, and touched: {thing}\n{small:?}");
    }
    if !small.has_foreign() {
        expect_nothing_to_do(&world, settings, small);
    }
    for (subject, asks) in
        [(subject(FIRST.0), small.database), (Subject::Vpc(CONSUMER.into()), small.vpc)]
    {
        expect_report(&outcomes, &subject, asks, small);
    }
    expect_nothing_left(&world, small);
}

/// A settled world costs nothing: no question, no intent, nothing to wait for.
fn expect_nothing_to_do(world: &Model, settings: &Settings, small: &Small) {
    for side in SIDES {
        let observed = world.observe(side, settings);
        let decision = decide(side, &observed, settings);
        assert!(decision.plan.intents.is_empty(), "{:#?}\n{small:?}", decision.plan.intents);
        assert!(decision.plan.waiting.is_empty(), "{:#?}\n{small:?}", decision.plan.waiting);
        let mut bare = world.there.clone();
        match side {
            Side::ExposeDatabase => bare.ways.clear(),
            Side::ConnectVpc => bare.databases.clear(),
        }
        let asked = questions(side, &bare, settings);
        assert!(asked.is_empty(), "{side} asks {asked:?}\n{small:?}");
    }
}

/// What is asked for is ready, or in the way of it stands something foreign, and that is said.
fn expect_report(outcomes: &[Outcome], subject: &Subject, asks: Asks, small: &Small) {
    if !matches!(asks, Asks::Here | Asks::Elsewhere) {
        return;
    }
    let is_it = |report: &&Report| match (&report.subject, subject) {
        (Subject::Database(one, _), Subject::Database(other, _)) => one == other,
        (one, other) => one == other,
    };
    let network = if asks == Asks::Here { NETWORK } else { "reports" };
    let report = outcomes.iter().flat_map(|it| &it.reports).find(is_it);
    let line = report.and_then(|report| {
        report
            .lines
            .iter()
            .find(|line| line.network.as_ref().is_some_and(|n| n.as_str() == network))
    });
    let state = line.map(|line| &line.state);
    let is_well = match state {
        Some(Stands::Ready) => true,
        Some(Stands::Refused(refusal)) => refusal.code == Code::Foreign && small.has_foreign(),
        // What is to be replaced waits for what foreign built on it.
        Some(Stands::Waiting(_)) if small.has_foreign() => {
            let mut waiting = outcomes.iter().flat_map(|it| &it.waiting);
            small.foreign_hold_the_name()
                || waiting.any(|it| matches!(it.on, Wait::NeededBy(_) | Wait::InUse))
        }
        _ => false,
    };
    assert!(is_well, "{subject:?} stands {state:?}\n{small:?}");
}

/// What nobody asks for is gone, if it was ours and nothing foreign needs it.
fn expect_nothing_left(world: &Model, small: &Small) {
    let second = small.second.map_or(Asks::Off, |(asks, ..)| asks);
    let is_asked = |asks: Asks| matches!(asks, Asks::Here | Asks::Elsewhere);
    if is_asked(small.database) || is_asked(small.vpc) || is_asked(second) || small.has_foreign() {
        return;
    }
    let there = &world.there;
    let ours = |tags: &tag::Tags| tags.contains_key(tag::OWNER);
    let left = (
        there.groups.iter().filter(|it| ours(&it.tags)).count(),
        there.rules.iter().filter(|it| ours(&it.tags)).count(),
        there.gateways.iter().filter(|it| ours(&world.tags[&it.arn])).count(),
        there.configurations.len() + there.associations.len() + there.ways.len(),
        there.networks.iter().filter(|it| !it.is_shared).count(),
    );
    assert_eq!(left, (0, 0, 0, 0, 0), "{small:?}");
}

fn subject(arn: &str) -> Subject {
    Subject::Database(arn.into(), None)
}

/// The ids of what is ready and stays asked for, so that it must never be lost.
fn kept(small: &Small, world: &Model) -> Vec<String> {
    use State::{Coming, Drifted, Foreign, Ready};
    let there = &world.there;
    let mut ids = Vec::new();
    let is = |part, states: &[State]| states.contains(&small.at(part));
    let gateway_stays = is(Part::Gateway, &[Ready, Coming, Drifted, Foreign]);
    let well = [Ready, Coming, Foreign];
    if small.database == Asks::Here
        && gateway_stays
        && is(Part::Configuration, &well)
        && is(Part::Association, &well)
    {
        let ours = there.gateways.iter().filter(|it| it.name.starts_with("trellis-"));
        ids.extend(ours.map(|it| it.id.to_string()));
        ids.extend(there.configurations.first().map(|it| it.id.to_string()));
        ids.extend(there.associations.first().map(|it| it.id.to_string()));
        ids.extend(rules_of(world, &[Direction::Egress, Direction::Ingress], PROVIDER));
        if small.vpc == Asks::Here && is(Part::Endpoint, &[Ready, Coming, Drifted]) {
            ids.extend(rules_of(world, &[Direction::Egress, Direction::Ingress], CONSUMER));
        }
    }
    if small.vpc == Asks::Here && is(Part::Endpoint, &[Ready, Coming, Drifted]) {
        ids.extend(there.ways.iter().map(|it| it.id.to_string()));
    }
    ids
}

/// The rules on the right port in this VPC's groups.
fn rules_of(world: &Model, ways: &[Direction], vpc: &str) -> Vec<String> {
    let in_vpc = |id| world.there.groups.iter().any(|it| it.id == id && it.vpc.as_str() == vpc);
    let rules = world.there.rules.iter().filter(|rule| {
        let is_right = matches!(&rule.peer, Peer::Group(_, port) if port.0 == FIRST.1);
        is_right && ways.contains(&rule.direction) && in_vpc(rule.group.clone())
    });
    rules.map(|rule| rule.id.to_string()).collect()
}

/// Those of these ids that are gone or going.
pub(crate) fn lost_of(ids: &[String], world: &Model) -> Vec<String> {
    let there = &world.there;
    let stays = |life: &Life| *life != Life::Leaving;
    let mut left: BTreeSet<&str> = BTreeSet::new();
    left.extend(there.gateways.iter().filter(|it| stays(&it.life)).map(|it| it.id.as_str()));
    left.extend(there.configurations.iter().filter(|it| stays(&it.life)).map(|it| it.id.as_str()));
    left.extend(there.associations.iter().filter(|it| stays(&it.life)).map(|it| it.id.as_str()));
    left.extend(there.ways.iter().filter(|it| stays(&it.life)).map(|it| it.id.as_str()));
    left.extend(there.rules.iter().map(|it| it.id.as_str()));
    ids.iter().filter(|id| !left.contains(id.as_str())).cloned().collect()
}
