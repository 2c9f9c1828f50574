//! Any one call may fail, be lost or happen twice.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sim::switches::DenialOfAbsent;
use sim::{Call, CallRecord, Fate};
use tests::history::mishap::{MISHAPS, Mishap};
use tests::laws::{CREATES, ask_for_everything, ask_for_nothing, made, make_quick, picture, rest};
use tests::scene::{scene, settings};

/// A life: exposed and connected, then withdrawn.
struct Life {
    connected: Vec<String>,
    is_reachable: bool,
    withdrawn: Vec<String>,
    calls: Vec<CallRecord>,
    was_hit: bool,
}

fn live(mishap: Option<(u64, Mishap)>, absent: DenialOfAbsent) -> Life {
    scene(settings(), 1, async |scene| {
        make_quick(&scene.sim);
        scene.sim.world(|world| world.switches.denial_of_absent = absent);
        ask_for_everything(scene);
        let was_hit = Arc::new(AtomicBool::new(false));
        if let Some((at, mishap)) = mishap {
            let hit = was_hit.clone();
            scene.sim.put_rule(move |call: &Call, number: u64| {
                if number != at {
                    return Fate::Pass;
                }
                hit.store(true, Ordering::Relaxed);
                mishap.fate(call.service)
            });
        }
        rest(scene, super::PAUSE).await;
        let connected = picture(&scene.sim);
        let is_reachable = scene.reachable().reachable;
        ask_for_nothing(scene);
        rest(scene, super::PAUSE).await;
        Life {
            connected,
            is_reachable,
            withdrawn: picture(&scene.sim),
            calls: scene.sim.calls_since(0),
            was_hit: was_hit.load(Ordering::Relaxed),
        }
    })
}

/// The same life, but for the one mishap.
fn expect_same(plain: &Life, at: &CallRecord, mishap: Mishap, absent: DenialOfAbsent) {
    let what = format!("{mishap:?} of call {}: {}", at.number, at.action);
    let life = live(Some((at.number, mishap)), absent);
    assert!(life.was_hit, "{what} never happened");
    assert!(life.is_reachable, "{what}");
    assert_eq!(life.connected, plain.connected, "connected after {what}");
    assert_eq!(life.withdrawn, plain.withdrawn, "withdrawn after {what}");
    let (made, few) = (made(&life.calls), made(&plain.calls));
    // A repeated create may be answered by a refusal, which names no id.
    for (action, ids) in made {
        let most = few.get(&action).map_or(0, BTreeSet::len);
        assert!(ids.len() <= most, "{action}: {ids:?} after {what}");
    }
}

/// Every n-th pair of a call and a mishap; a release build takes them all.
fn expect_same_for(calls: impl Fn(&CallRecord) -> bool, debug_runs: usize) {
    let plain = live(None, DenialOfAbsent::NotFound);
    assert!(plain.is_reachable);
    let counted = made(&plain.calls);
    assert!(CREATES.iter().all(|action| counted.contains_key(*action)), "{counted:?}");
    let chosen: Vec<&CallRecord> = plain.calls.iter().filter(|call| calls(call)).collect();
    let all = chosen.len() * MISHAPS.len();
    let step = if cfg!(debug_assertions) { all.div_ceil(debug_runs) | 1 } else { 1 };
    let mut runs = 0;
    for pair in (0..all).step_by(step) {
        let (call, mishap) = (chosen[pair % chosen.len()], MISHAPS[pair / chosen.len()]);
        expect_same(&plain, call, mishap, DenialOfAbsent::NotFound);
        runs += 1;
    }
    println!("{runs} of {all} mishaps, at {} calls of {}", chosen.len(), plain.calls.len());
}

#[test]
fn any_one_write_may_fail_be_lost_or_happen_twice() {
    expect_same_for(CallRecord::is_write, 45);
}

#[test]
fn any_one_read_may_fail_be_lost_or_happen_twice() {
    expect_same_for(|call| !call.is_write(), 30);
}

/// What is gone by then has no tags any more that would allow it.
#[test]
fn what_is_deleted_twice_may_be_denied_the_second_time() {
    let plain = live(None, DenialOfAbsent::Denied);
    let is_delete =
        |call: &&CallRecord| ["Delete", "Revoke"].iter().any(|verb| call.action.starts_with(verb));
    let deletes: Vec<&CallRecord> = plain.calls.iter().filter(is_delete).collect();
    assert!(deletes.len() > 8, "{}", deletes.len());
    for call in deletes {
        expect_same(&plain, call, Mishap::Repeat, DenialOfAbsent::Denied);
    }
}
