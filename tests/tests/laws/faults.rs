//! Any one call may fail, be lost or happen twice.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sim::{Call, CallRecord, Fault, Service, Verdict};
use tests::laws::{CREATES, ask_for_everything, ask_for_nothing, made, make_quick, picture, rest};
use tests::scene::{scene, settings};

/// What can happen to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    LoseRequest,
    LoseReply,
    Repeat,
    Throttled,
    Unavailable,
    Denied,
    Conflict,
    Gone,
    Exists,
    Limit,
    Invalid,
    Unknown,
}

use Mishap::{
    Conflict, Denied, Exists, Gone, Invalid, Limit, LoseReply, LoseRequest, Repeat, Throttled,
    Unavailable, Unknown,
};

const MISHAPS: [Mishap; 12] = [
    LoseRequest,
    LoseReply,
    Repeat,
    Throttled,
    Unavailable,
    Denied,
    Conflict,
    Gone,
    Exists,
    Limit,
    Invalid,
    Unknown,
];

impl Mishap {
    fn verdict(self, service: Service) -> Verdict {
        let refuse = |ec2: (&str, u16), lattice: (&str, u16), rds: (&str, u16)| {
            let (code, status) = match service {
                Service::Ec2 => ec2,
                Service::Lattice | Service::Events => lattice,
                Service::Rds | Service::Sts => rds,
            };
            Verdict::Refuse(Fault::new(code, status, "it is refused once"))
        };
        match self {
            LoseRequest => Verdict::LoseRequest,
            LoseReply => Verdict::LoseReply,
            Repeat => Verdict::Repeat,
            Throttled => refuse(
                ("RequestLimitExceeded", 503),
                ("ThrottlingException", 429),
                ("Throttling", 400),
            ),
            Unavailable => refuse(
                ("InternalError", 500),
                ("InternalServerException", 500),
                ("InternalFailure", 500),
            ),
            Denied => refuse(
                ("UnauthorizedOperation", 403),
                ("AccessDeniedException", 403),
                ("AccessDenied", 403),
            ),
            Conflict => refuse(
                ("DependencyViolation", 400),
                ("ConflictException", 409),
                ("InvalidDBInstanceState", 400),
            ),
            Gone => refuse(
                ("InvalidGroup.NotFound", 400),
                ("ResourceNotFoundException", 404),
                ("DBInstanceNotFound", 404),
            ),
            Exists => refuse(
                ("InvalidPermission.Duplicate", 400),
                ("ConflictException", 409),
                ("DBInstanceAlreadyExists", 400),
            ),
            Limit => refuse(
                ("SecurityGroupLimitExceeded", 400),
                ("ServiceQuotaExceededException", 402),
                ("TagLimitExceeded", 400),
            ),
            Invalid => refuse(
                ("InvalidParameterValue", 400),
                ("ValidationException", 400),
                ("InvalidParameterValue", 400),
            ),
            Unknown => refuse(("SomethingNew", 400), ("SomethingNew", 400), ("SomethingNew", 400)),
        }
    }
}

/// A life: exposed and connected, then withdrawn.
struct Life {
    connected: Vec<String>,
    is_reachable: bool,
    withdrawn: Vec<String>,
    calls: Vec<CallRecord>,
    was_hit: bool,
}

fn live(mishap: Option<(u64, Mishap)>) -> Life {
    scene(settings(), 1, async |scene| {
        make_quick(&scene.sim);
        ask_for_everything(scene);
        let was_hit = Arc::new(AtomicBool::new(false));
        if let Some((at, mishap)) = mishap {
            let hit = was_hit.clone();
            scene.sim.put_rule(move |call: &Call, number: u64| {
                if number != at {
                    return Verdict::Pass;
                }
                hit.store(true, Ordering::Relaxed);
                mishap.verdict(call.service)
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
fn expect_same(plain: &Life, at: &CallRecord, mishap: Mishap) {
    let what = format!("{mishap:?} of call {}: {}", at.number, at.action);
    let life = live(Some((at.number, mishap)));
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
    let plain = live(None);
    assert!(plain.is_reachable);
    let counted = made(&plain.calls);
    assert!(CREATES.iter().all(|action| counted.contains_key(*action)), "{counted:?}");
    let chosen: Vec<&CallRecord> = plain.calls.iter().filter(|call| calls(call)).collect();
    let all = chosen.len() * MISHAPS.len();
    let step = if cfg!(debug_assertions) { all.div_ceil(debug_runs) | 1 } else { 1 };
    let mut runs = 0;
    for pair in (0..all).step_by(step) {
        expect_same(&plain, chosen[pair % chosen.len()], MISHAPS[pair / chosen.len()]);
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
