//! The laws of Trellis, in process against the simulated AWS on virtual time.
//!
//! | file | what is in it |
//! |---|---|
//! | `main` | it settles, stays settled, is quick, and plans from complete readings only |
//! | `measure` | what a settled pass costs, small and large |
//! | `faults` | any one call may fail, be lost or happen twice |
//! | `foreign`   | not ours, not touched |
//! | `triggers` | any order, repetition and loss of events |
//! | `histories` | whatever people do and goes wrong, judged after every call |
//! | `hostile` | tags that somebody wrote to do harm |

mod faults;
mod foreign;
mod histories;
mod hostile;
mod measure;
mod triggers;

use std::collections::BTreeSet;
use std::time::Duration;

use aws::Side;
use aws::pass::Mode;
use jiff::SignedDuration;
use reconcile::outcome::Taken;
use sim::{Call, Fate, Fault, Service};
use tests::laws::{
    CREATES, SIDES, ask_for_everything, ask_for_nothing, made, make_quick, more_databases, picture,
    rest,
};
use tests::scene::{Scene, scene, settings};
use tests::users::User;

const PAUSE: Duration = Duration::from_secs(3);

#[test]
fn it_settles_and_stays_settled_without_a_write() {
    scene(settings(), 1, async |scene| {
        make_quick(&scene.sim);
        let before = picture(&scene.sim);
        ask_for_everything(scene);
        rest(scene, PAUSE).await;
        assert!(scene.reachable().reachable, "{:#?}", scene.reachable());
        let writes = scene.writes();
        let settled = picture(&scene.sim);
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(300)).await;
            for side in SIDES {
                let outcome = scene.pass(side).await.expect("nothing is wrong");
                assert!(outcome.is_settled, "{outcome:#?}");
            }
        }
        assert_eq!(scene.writes(), writes, "a settled pass writes nothing");
        assert_eq!(picture(&scene.sim), settled);
        ask_for_nothing(scene);
        rest(scene, PAUSE).await;
        assert!(!scene.reachable().reachable);
        let person = User(&scene.sim);
        person.untag_database(&scene.two_vpcs.database_arn, "trellis:expose");
        person.untag(&scene.two_vpcs.consumer_vpc, "trellis:consume");
        person.untag(&scene.two_vpcs.client_group, "trellis:client");
        rest(scene, PAUSE).await;
        assert_eq!(picture(&scene.sim), before, "nothing is left");
    });
}

#[test]
fn trellis_adds_at_most_15_seconds_to_what_aws_takes() {
    scene(settings(), 1, async |scene| {
        let aws = scene.sim.world(|world| {
            let all = world.switches.durations;
            let exposed = all.gateway + all.configuration + all.association + all.private_dns;
            exposed.max(all.endpoint + all.private_dns)
        });
        let from = scene.sim.now();
        ask_for_everything(scene);
        let reached = async {
            while !scene.reachable().reachable {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            scene.sim.now()
        };
        let at = tokio::select! {
            at = reached => at,
            _ = scene.live(SignedDuration::from_hours(1)) => panic!("{:#?}", scene.reachable()),
        };
        let ours = at.duration_since(from) - aws;
        println!("AWS takes {aws:?}, Trellis adds {ours:?}");
        assert!(ours <= SignedDuration::from_secs(15), "Trellis adds {ours:?}");
    });
}

/// What a listing of this service answers when it may not be read: nothing retries that.
fn closed(service: Service) -> Fault {
    match service {
        Service::Ec2 => Fault::new("UnauthorizedOperation", 403, "You are not authorized."),
        Service::Rds => Fault::new("AccessDenied", 403, "You are not authorized."),
        _ => Fault::new("AccessDeniedException", 403, "You are not authorized."),
    }
}

fn is_listing(action: &str) -> bool {
    (action.starts_with("List") || action.starts_with("Describe"))
        && !["ListTagsForResource", "DescribeVpcAttribute"].contains(&action)
}

/// Whether a side that cannot read this listing freezes what rests on it and goes on.
fn can_do_without(side: Side, listing: &str) -> bool {
    match listing {
        "DescribeDBClusters"
        | "DescribeSubnets"
        | "ListServiceNetworkResourceAssociations"
        | "DescribeVpcEndpointAssociations" => true,
        "DescribeVpcs" => side == Side::ExposeDatabase,
        "ListResourceGateways" | "ListResourceConfigurations" => side == Side::ConnectVpc,
        _ => false,
    }
}

#[test]
fn a_pass_that_misses_any_page_of_any_listing_does_nothing_for_it() {
    scene(settings(), 1, async |scene| {
        make_quick(&scene.sim);
        // Two of everything, so that every listing has a second page.
        more_databases(scene, ["billing".to_owned()]);
        let person = User(&scene.sim);
        let billing = scene.two_vpcs.database_arn.replace(":orders", ":billing");
        person.tag(&scene.two_vpcs.provider_vpc, "trellis:consume", "reports");
        let mut runs = 0;
        for side in SIDES {
            ask_for_everything(scene);
            person.tag_database(&billing, "trellis:expose", "databases+reports");
            rest(scene, PAUSE).await;
            let from = scene.sim.last_call();
            scene.pass(side).await.expect("nothing is wrong");
            let calls = scene.sim.calls_since(from);
            let listings: BTreeSet<String> =
                calls.iter().map(|call| call.action.clone()).filter(|it| is_listing(it)).collect();
            assert!(listings.len() >= 8, "{side} reads {listings:?}");
            // Now there is something to be done, if one looks.
            ask_for_nothing(scene);
            person.tag_database(&billing, "trellis:expose", "reports");
            let whole = scene.side(side).pass(side, Mode::DryRun).await.expect("nothing is wrong");
            for largest_page in [None, Some(1)] {
                scene.sim.world(|world| world.switches.largest_page = largest_page);
                for listing in &listings {
                    let action = listing.clone();
                    scene.sim.put_rule(move |call: &Call, _: u64| {
                        let is_later = ["NextToken", "nextToken", "Marker"]
                            .iter()
                            .any(|token| call.members.get(token).is_some());
                        match call.action == action && (largest_page.is_none() || is_later) {
                            true => Fate::Refuse(closed(call.service)),
                            false => Fate::Pass,
                        }
                    });
                    // Clusters and networks of one page have no second one to be missed. A dry
                    // run tells, which changes nothing for the listings that come after.
                    let refused = refusals(scene);
                    let dry = scene.side(side).pass(side, Mode::DryRun).await;
                    if refusals(scene) > refused {
                        match (dry, can_do_without(side, listing)) {
                            // Whatever is done, would have been done anyway.
                            (Ok(dry), true) => {
                                let is_new = |it: &&Taken| !whole.steps.contains(it);
                                let new: Vec<_> = dry.steps.iter().filter(is_new).collect();
                                assert!(new.is_empty(), "{side} without {listing}: {new:#?}");
                            }
                            (Err(_), false) => {
                                let writes = scene.writes();
                                let result = scene.pass(side).await;
                                assert!(result.is_err(), "{side} without {listing}: {result:#?}");
                                assert_eq!(scene.writes(), writes, "{side} without {listing}");
                            }
                            (dry, _) => panic!("{side} without {listing}: {dry:#?}"),
                        }
                        runs += 1;
                    } else {
                        assert!(largest_page.is_some(), "{side} never called {listing}");
                    }
                    scene.sim.clear_rules();
                }
            }
            scene.sim.world(|world| world.switches.largest_page = None);
            let writes = scene.writes();
            scene.pass(side).await.expect("nothing is wrong");
            assert!(scene.writes() > writes, "there was something to be done all the time");
        }
        println!("{runs} readings that missed a page");
        assert!(runs >= 28, "{runs}");
    });
}

/// How many calls were refused so far.
fn refusals(scene: &Scene) -> usize {
    scene.sim.count_since(0, |call| call.status == 403)
}

#[test]
fn listings_that_lag_and_small_pages_and_throttling_make_nothing_twice() {
    let plain = scene(settings(), 3, async |scene| {
        more_databases(scene, ["billing".to_owned()]);
        through_a_life(scene).await
    });
    let awkward = scene(settings(), 3, async |scene| {
        more_databases(scene, ["billing".to_owned()]);
        scene.sim.world(|world| {
            world.switches.listing_lag = SignedDuration::from_secs(20);
            world.switches.largest_page = Some(1);
            world.switches.throttling = true;
        });
        // What was there before is listed by now.
        tokio::time::sleep(Duration::from_secs(60)).await;
        through_a_life(scene).await
    });
    assert_eq!(awkward.0, plain.0, "connected");
    assert_eq!(awkward.1, plain.1, "withdrawn");
    assert_eq!(awkward.2, plain.2, "made");
}

/// The pictures of a world connected and withdrawn, and how many of each kind were made.
async fn through_a_life(
    scene: &tests::scene::Scene,
) -> (Vec<String>, Vec<String>, Vec<(String, usize)>) {
    let pause = Duration::from_secs(15);
    ask_for_everything(scene);
    let person = User(&scene.sim);
    let billing = scene.two_vpcs.database_arn.replace(":orders", ":billing");
    person.tag_database(&billing, "trellis:expose", "databases");
    rest(scene, pause).await;
    assert!(scene.reachable().reachable, "{:#?}", scene.reachable());
    let connected = picture(&scene.sim);
    ask_for_nothing(scene);
    person.tag_database(&billing, "trellis:expose", "off");
    rest(scene, pause).await;
    let made = made(&scene.sim.calls_since(0));
    assert!(CREATES.iter().all(|action| made.contains_key(*action)), "{made:?}");
    let counts = made.into_iter().map(|(action, ids)| (action, ids.len())).collect();
    (connected, picture(&scene.sim), counts)
}
