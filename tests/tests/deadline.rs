//! An invocation ends well before Lambda ends it, whatever AWS does, and nothing is lost by that.

use std::time::Duration;

use aws::{Aws, ErrorKind, Side};
use jiff::SignedDuration;
use reconcile::outcome::Outcome;
use sim::Service;
use sim::awkward::{Spell, Trouble};
use tests::laws::{SIDES, ask_for_everything, ask_for_nothing, picture};
use tests::scene::{Scene, TIME_OUT, scene, settings, time_out};
use tests::wire::Wire;
use tokio::time::Instant;

/// Both sides, at the far end of a wire that can be slow.
struct Far {
    wire: Wire,
    expose: Aws,
    connect: Aws,
}

impl Far {
    fn from(scene: &Scene) -> Far {
        let wire = Wire::new(&scene.sim);
        let aws = |caller| wire.aws(caller, &scene.settings);
        Far { expose: aws("expose-database"), connect: aws("connect-vpc"), wire }
    }

    /// One invocation, which ends in time.
    async fn invoke(&self, side: Side) -> Result<Outcome, aws::Error> {
        let aws = match side {
            Side::ExposeDatabase => &self.expose,
            Side::ConnectVpc => &self.connect,
        };
        let begin = Instant::now();
        let outcome = aws.settle(side, time_out()).await;
        let took = begin.elapsed();
        assert!(took < TIME_OUT, "{side:?} took {took:?}");
        outcome
    }
}

fn far(test: impl AsyncFnOnce(&Scene, &Far)) {
    scene(settings(), 1, async |scene| {
        ask_for_everything(scene);
        test(scene, &Far::from(scene)).await;
    });
}

#[test]
fn calls_that_take_their_time_take_no_invocation_beyond_its_own() {
    for (seconds, is_read) in [(0.6, true), (5.0, true), (20.0, true), (200.0, false)] {
        far(async |scene, far| {
            far.wire.slow_down(Duration::from_secs_f64(seconds));
            for side in SIDES {
                // A reading is several calls, one after the other.
                match far.invoke(side).await {
                    Ok(outcome) => assert!(is_read && !outcome.steps.is_empty(), "{outcome:?}"),
                    Err(error) => assert!(!is_read && error.kind == ErrorKind::Late, "{error:?}"),
                }
            }
            assert_eq!(scene.writes() > 0, is_read, "{seconds}");
        });
    }
}

/// However often it is stopped, in the end all is as if it never had been.
#[test]
fn what_one_invocation_does_not_finish_the_next_ones_do() {
    let build = |seconds: f64| {
        let mut pictures = (Vec::new(), Vec::new());
        far(async |scene, far| {
            far.wire.slow_down(Duration::from_secs_f64(seconds));
            for (ask, picture_of) in [
                (ask_for_everything as fn(&Scene), &mut pictures.0),
                (ask_for_nothing, &mut pictures.1),
            ] {
                ask(scene);
                let mut settled = 0;
                for _ in 0..40 {
                    for side in SIDES {
                        let outcome = far.invoke(side).await.expect("the world can be read");
                        settled = if outcome.is_settled { settled + 1 } else { 0 };
                    }
                    // Each side has seen that the other has.
                    if settled >= 3 {
                        break;
                    }
                }
                assert!(settled >= 3, "{seconds}: it never settles");
                *picture_of = picture(&scene.sim);
            }
        });
        pictures
    };
    let undisturbed = build(0.0);
    assert!(undisturbed.0.len() > undisturbed.1.len());
    for seconds in [6.0, 20.0, 30.0] {
        let (built, gone) = build(seconds);
        assert_eq!(built, undisturbed.0, "{seconds}");
        assert_eq!(gone, undisturbed.1, "{seconds}");
    }
}

#[test]
fn an_endpoint_that_stays_pending_is_left_to_the_clock() {
    far(async |scene, far| {
        scene.sim.world(|world| {
            world.switches.durations.endpoint = SignedDuration::from_hours(10);
        });
        far.wire.slow_down(Duration::from_millis(600));
        for side in [Side::ExposeDatabase, Side::ConnectVpc, Side::ConnectVpc] {
            let outcome = far.invoke(side).await.expect("the world can be read");
            assert_eq!(outcome.is_settled, side == Side::ExposeDatabase, "{outcome:?}");
        }
    });
}

#[test]
fn a_reading_that_fails_for_minutes_is_tried_again_and_fails_in_the_end() {
    let throttled = "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request \
                     limit exceeded.</Message></Error></Errors></Response>";
    far(async |scene, far| {
        far.wire.instead("DescribeSecurityGroups", 503, throttled);
        for side in SIDES {
            let begin = Instant::now();
            let error = far.invoke(side).await.expect_err("nothing was read");
            assert_eq!(error.kind, ErrorKind::Throttled, "{error:?}");
            assert!(begin.elapsed() > TIME_OUT / 2, "it has not tried for long");
        }
        assert_eq!(scene.writes(), 0);
        far.wire.clear();
        far.invoke(Side::ExposeDatabase).await.expect("it can be read again");
        // It has been read once: what comes after that is no failure.
        far.wire.instead("DescribeSecurityGroups", 503, throttled);
        let later = async {
            tokio::time::sleep(TIME_OUT / 3).await;
            far.wire.clear();
        };
        let (outcome, ()) = tokio::join!(far.invoke(Side::ConnectVpc), later);
        assert!(!outcome.expect("it was read in the end").steps.is_empty());
    });
}

#[test]
fn what_time_does_not_heal_ends_an_invocation_at_once() {
    let ec2 = "<Response><Errors><Error><Code>RequestExpired</Code><Message>Request has expired.\
               </Message></Error></Errors></Response>";
    let sts = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token \
               included in the request is expired</Message></Error></ErrorResponse>";
    let lattice = r#"{"message": "no", "__type": "AccessDeniedException"}"#;
    for (call, body, expected) in [
        ("DescribeSecurityGroups", ec2, ErrorKind::NoCredentials),
        ("GetCallerIdentity", sts, ErrorKind::NoCredentials),
        ("GET servicenetworks", lattice, ErrorKind::Denied),
    ] {
        far(async |_, far| {
            far.wire.instead(call, 403, body);
            for side in SIDES {
                let begin = Instant::now();
                let error = far.invoke(side).await.expect_err("nothing was read");
                assert_eq!(error.kind, expected, "{error:?}");
                assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
            }
        });
    }
    // What was there at first can be taken away: credentials run out.
    far(async |_, far| {
        let expire = async {
            tokio::time::sleep(TIME_OUT / 10).await;
            far.wire.instead("DescribeSecurityGroups", 403, ec2);
        };
        let begin = Instant::now();
        let (outcome, ()) = tokio::join!(far.invoke(Side::ExposeDatabase), expire);
        assert_eq!(outcome.expect_err("it is cut off").kind, ErrorKind::NoCredentials);
        assert!(begin.elapsed() < TIME_OUT / 5, "{:?}", begin.elapsed());
    });
}

/// Lambda would say that the task timed out, which tells nobody anything.
#[test]
fn an_invocation_that_can_read_nothing_says_what_aws_said_last() {
    scene(settings(), 6, async |scene| {
        let (from, lasts) = (scene.sim.now(), SignedDuration::from_hours(9));
        scene.sim.put_rule(Spell::of(Trouble::Outage, Service::Ec2, None, from, lasts));
        for side in SIDES {
            let begun = scene.sim.now();
            let error = scene.invoke(side).await.expect_err("nothing can be read");
            assert_eq!(error.kind, ErrorKind::Unavailable, "{}", error.chain());
            assert!(error.call.starts_with("Describe"), "{}", error.chain());
            assert!(scene.sim.now() - begun < SignedDuration::try_from(TIME_OUT).expect("short"));
        }
    });
}
