//! An event is a doorbell: who rings, how often and in which order does not matter.

use serde_json::Value;
use sim::Sim;
use tests::laws::{Dice, SIDES, make_quick, picture, rest};
use tests::scene::{Scene, scene, settings};
use tests::users::User;

const SEED: u64 = 99;
const RUNS: u64 = 6;

/// Longer than the grace period.
const GRACE: std::time::Duration = std::time::Duration::from_secs(1_000);

/// One thing after the other that people do.
const ACTS: usize = 7;

fn act(scene: &Scene, number: usize) {
    let person = User(&scene.sim);
    let (database, vpc) = (&scene.two_vpcs.database_arn, &scene.two_vpcs.consumer_vpc);
    match number {
        0 => person.tag_database(database, "trellis:expose", "databases"),
        1 => person.tag(vpc, "trellis:consume", "databases"),
        2 => person.tag(&scene.two_vpcs.client_group, "trellis:client", "databases"),
        3 => person.tag_database(database, "trellis:expose", "off"),
        4 => person.tag(vpc, "trellis:consume", "databases+reports"),
        5 => person.tag_database(database, "trellis:expose", "reports databases"),
        _ => person.tag(vpc, "trellis:consume", "databases"),
    }
}

/// Both sides are rung once, as the clock does it.
async fn ring(scene: &Scene) {
    for side in SIDES {
        scene.invoke(side).await.expect("nothing is wrong");
    }
}

/// The picture without databases and VPCs: what their status tags say of names that AWS is still
/// making is put right by the next ring.
fn things(sim: &Sim) -> Vec<String> {
    let mut lines = picture(sim);
    lines.retain(|line| !line.starts_with("vpc") && !line.starts_with("database"));
    lines
}

/// What is on the bus, some of it lost, some of it twice, in any order.
fn mixed(sim: &Sim, kept: &mut Vec<Value>, dice: &mut Dice) -> Vec<Value> {
    kept.extend(sim.take_events().into_iter().map(|event| event.envelope));
    let mut rung = Vec::new();
    for _ in 0..kept.len() {
        let event = kept.swap_remove(dice.below(kept.len()));
        match dice.below(4) {
            0 => {}
            1 => rung.extend([event.clone(), event]),
            2 => rung.push(event),
            // It comes late.
            _ => kept.push(event),
        }
    }
    rung
}

#[test]
fn any_order_repetition_and_loss_of_events_ends_as_one_ring_of_the_clock() {
    let plain = scene(settings(), 1, async |scene| {
        make_quick(&scene.sim);
        (0..ACTS).for_each(|number| act(scene, number));
        ring(scene).await;
        let rung = things(&scene.sim);
        rest(scene, super::PAUSE).await;
        assert_eq!(rung, things(&scene.sim), "one ring of the clock is enough");
        assert!(scene.reachable().reachable, "{:#?}", scene.reachable());
        (rung, picture(&scene.sim))
    });
    println!("seeds from {SEED}, {RUNS} runs of {ACTS} acts");
    let mut rings = 0;
    for run in 0..RUNS {
        scene(settings(), 1, async |scene| {
            make_quick(&scene.sim);
            let mut dice = Dice(SEED + run);
            let mut kept = Vec::new();
            for number in 0..ACTS {
                act(scene, number);
                tokio::time::sleep(std::time::Duration::from_secs(2)).await;
                for event in mixed(&scene.sim, &mut kept, &mut dice) {
                    let side = SIDES[dice.below(2)];
                    if aws::trigger::triggers(event, &scene.settings.deployment)
                        .iter()
                        .any(Result::is_ok)
                    {
                        scene.invoke(side).await.expect("nothing is wrong");
                        rings += 1;
                    }
                }
            }
            ring(scene).await;
            // What a tag named for a while, and no longer does, has its grace.
            tokio::time::sleep(GRACE).await;
            rest(scene, super::PAUSE).await;
            assert_eq!(things(&scene.sim), plain.0, "seed {}", SEED + run);
            assert_eq!(picture(&scene.sim), plain.1, "seed {}", SEED + run);
        });
    }
    println!("{rings} rings");
    assert!(rings > 10);
}
