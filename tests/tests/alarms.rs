//! The template's alarms: each rings when it should, and is over by itself.

use std::collections::BTreeMap;

use aws::Side;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sim::awkward::{Spell, Trouble};
use sim::{Call, CallRecord, Fate, Fault, Service};
use tests::cloudwatch::{CloudWatch, Measured};
use tests::policy::section;
use tests::scene::{Scene, scene, settings};
use tests::users::User;

/// How often the clock rings, by the template.
const CLOCK: SignedDuration = SignedDuration::from_mins(5);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

const SIDES: [(Side, &str); 2] =
    [(Side::ExposeDatabase, "ExposeDatabase"), (Side::ConnectVpc, "ConnectVpc")];

/// A deployment that is watched.
struct Watched<'a> {
    scene: &'a Scene,
    cloudwatch: CloudWatch,
    alarms: BTreeMap<String, Value>,
}

impl Watched<'_> {
    fn new(scene: &Scene) -> Watched<'_> {
        Watched { scene, cloudwatch: CloudWatch::default(), alarms: section("Resources") }
    }

    /// The clock rings so many times; which alarms ring after the last.
    async fn rounds(&mut self, count: usize) -> Vec<String> {
        let mut ringing = Vec::new();
        for _ in 0..count {
            for (side, id) in SIDES {
                self.invoke(side, id).await;
            }
            ringing = self.pass_by();
        }
        ringing
    }

    /// Time goes by, and nothing is invoked.
    fn silence(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.pass_by()).last().unwrap_or_default()
    }

    fn pass_by(&mut self) -> Vec<String> {
        let sim = &self.scene.sim;
        // CloudWatch looks every minute; the last time before the next bell counts here.
        sim.advance(CLOCK - MINUTE);
        let ringing = self.cloudwatch.ringing(&self.alarms, sim.now());
        sim.advance(MINUTE);
        ringing
    }

    async fn invoke(&mut self, side: Side, id: &str) {
        let measured = Measured::default();
        let guard = metrics::set_default_local_recorder(&measured);
        let outcome = self.scene.invoke(side).await;
        drop(guard);
        let now = self.scene.sim.now();
        let of_function = ("AWS/Lambda", "Errors", &[("FunctionName", id)][..]);
        self.cloudwatch.put(of_function, now, f64::from(u8::from(outcome.is_err())));
        let side = side.to_string();
        let dimensions = [("Deployment", "trellis"), ("Side", side.as_str())];
        for (name, value) in measured.take() {
            self.cloudwatch.put(("Trellis", &name, &dimensions), now, value);
        }
    }
}

fn quiet() -> Vec<String> {
    Vec::new()
}

/// The article's world, connected.
async fn connected(scene: &Scene) {
    let person = User(&scene.sim);
    person.tag_database(&scene.two_vpcs.database_arn, "trellis:expose", "databases");
    person.tag(&scene.two_vpcs.consumer_vpc, "trellis:consume", "databases");
    scene.settle().await;
}

#[test]
fn nothing_rings_while_all_is_well() {
    scene(settings(), 3, async |scene| {
        let mut watched = Watched::new(scene);
        watched.rounds(3).await;
        connected(scene).await;
        assert_eq!(watched.rounds(12).await, quiet());
    });
}

#[test]
fn a_side_that_does_nothing_any_more_is_heard_of() {
    scene(settings(), 3, async |scene| {
        let mut watched = Watched::new(scene);
        connected(scene).await;
        assert_eq!(watched.rounds(4).await, quiet());
        assert_eq!(watched.silence(2), quiet(), "a clock may be late");
        let silent = ["ConnectVpcSilentAlarm", "ExposeDatabaseSilentAlarm"];
        assert_eq!(watched.silence(2), silent);
        assert_eq!(watched.rounds(1).await, quiet());
    });
}

#[test]
fn an_aws_that_cannot_be_read_is_heard_of_until_it_can() {
    scene(settings(), 3, async |scene| {
        let mut watched = Watched::new(scene);
        connected(scene).await;
        assert_eq!(watched.rounds(4).await, quiet());
        let (from, lasts) = (scene.sim.now(), SignedDuration::from_hours(9));
        scene.sim.put_rule(Spell::of(Trouble::Outage, Service::Ec2, None, from, lasts));
        for (side, id) in SIDES {
            let mut ringing = Vec::new();
            for _ in 0..4 {
                watched.invoke(side, id).await;
                ringing = watched.pass_by();
            }
            assert!(ringing.contains(&format!("{id}SilentAlarm")), "{ringing:?}");
            assert!(ringing.contains(&format!("{id}FailedAlarm")), "{ringing:?}");
        }
        scene.sim.clear_rules();
        assert_eq!(watched.rounds(3).await, quiet());
    });
}

#[test]
fn what_waits_for_too_long_is_heard_of_until_it_is_there() {
    let mut settings = settings();
    settings.networks =
        reconcile::settings::as_for_all(["databases".into(), "reports@444455556666".into()]);
    scene(settings, 3, async |scene| {
        let mut watched = Watched::new(scene);
        connected(scene).await;
        let person = User(&scene.sim);
        let expose = |value| {
            person.tag_database(&scene.two_vpcs.database_arn, "trellis:expose", value);
        };
        expose("databases+reports");
        assert_eq!(watched.rounds(6).await, quiet());
        assert_eq!(watched.rounds(16).await, ["ExposeDatabaseOverdueAlarm"]);
        expose("databases");
        assert_eq!(watched.rounds(2).await, quiet());
    });
}

#[test]
fn the_brake_is_heard_of_until_it_is_clear_what_was_meant() {
    let mut settings = settings();
    settings.brake = reconcile::settings::Brake { count: 0, percent: 0 };
    scene(settings, 3, async |scene| {
        let mut watched = Watched::new(scene);
        connected(scene).await;
        let person = User(&scene.sim);
        person.untag_database(&scene.two_vpcs.database_arn, "trellis:expose");
        person.untag(&scene.two_vpcs.consumer_vpc, "trellis:consume");
        watched.rounds(4).await;
        let braked = ["ConnectVpcBrakeAlarm", "ExposeDatabaseBrakeAlarm"];
        assert_eq!(watched.rounds(2).await, braked);
        person.tag_database(&scene.two_vpcs.database_arn, "trellis:expose", "databases");
        person.tag(&scene.two_vpcs.consumer_vpc, "trellis:consume", "off");
        assert_eq!(watched.rounds(2).await, quiet());
    });
}

#[test]
fn what_aws_refuses_again_and_again_is_heard_of_until_it_does_not() {
    scene(settings(), 3, async |scene| {
        let mut watched = Watched::new(scene);
        scene.sim.put_rule(|call: &Call, _: u64| match call.action == "CreateResourceGateway" {
            true => Fate::Refuse(Fault::new("AccessDeniedException", 403, "You may not.")),
            false => Fate::Pass,
        });
        let person = User(&scene.sim);
        person.tag_database(&scene.two_vpcs.database_arn, "trellis:expose", "databases");
        person.tag(&scene.two_vpcs.consumer_vpc, "trellis:consume", "databases");
        let ringing = watched.rounds(4).await;
        assert!(ringing.contains(&"ExposeDatabaseFailingAlarm".to_owned()), "{ringing:?}");
        scene.sim.clear_rules();
        watched.rounds(4).await;
        assert_eq!(watched.rounds(2).await, quiet());
    });
}

/// Counted where they are made, retries included, and held against what AWS has seen.
#[test]
fn calls_and_throttles_are_counted() {
    scene(settings(), 3, async |scene| {
        connected(scene).await;
        scene.sim.put_rule(|call: &Call, number: u64| match call.action == "DescribeVpcs" {
            true if number.is_multiple_of(2) => Fate::Refuse(Fault::throttled(call.service)),
            _ => Fate::Pass,
        });
        let from = scene.sim.last_call();
        let measured = Measured::default();
        let guard = metrics::set_default_local_recorder(&measured);
        for _ in 0..6 {
            scene.invoke(Side::ConnectVpc).await.expect("one in two is answered");
        }
        drop(guard);
        let counted = measured.take();
        let calls = scene.sim.calls_since(from);
        let count = |is: fn(&CallRecord) -> bool| calls.iter().filter(|it| is(it)).count() as f64;
        let seen = count(|call| ["ec2", "rds", "vpc-lattice"].contains(&call.service));
        assert_eq!(counted["Calls"], seen);
        let throttled = count(|call| call.status >= 300);
        assert!(throttled > 0.0);
        assert_eq!(counted["Throttles"], throttled);
    });
}

/// How the alarms stand, five minutes at a time, while a metric is this (or nothing).
fn over_time(
    metric: (&str, &str, &[(&str, &str)]),
    values: &[Option<f64>],
    alarm: &str,
) -> Vec<bool> {
    let (mut cloudwatch, alarms) = (CloudWatch::default(), section("Resources"));
    let begin: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a time");
    let mut at = begin;
    let mut rings = Vec::new();
    for value in values {
        at += CLOCK;
        if let Some(value) = value {
            cloudwatch.put(metric, at, *value);
        }
        rings.push(cloudwatch.ringing(&alarms, at).iter().any(|id| id == alarm));
    }
    rings
}

#[test]
fn letters_are_heard_of_when_they_come_and_those_of_before_hide_none() {
    for id in ["ExposeDatabase", "ConnectVpc"] {
        let queue = format!("{id}DeadLetters.QueueName");
        let dimensions = [("QueueName", queue.as_str())];
        let metric = ("AWS/SQS", "ApproximateNumberOfMessagesVisible", &dimensions[..]);
        let (x, none) = (Some, None);
        let values = [none, x(0.0), x(2.0), x(2.0), none, x(2.0), x(2.0), x(5.0), x(5.0), x(0.0)];
        let rings = over_time(metric, &values, &format!("{id}Alarm"));
        assert_eq!(
            rings,
            [2, 7].iter().fold(vec![false; 10], |mut rings, at| {
                rings[*at] = true;
                rings
            })
        );
        // The first letter of a queue that sent nothing for days.
        let rings = over_time(metric, &[none, none, x(1.0), x(1.0)], &format!("{id}Alarm"));
        assert_eq!(rings, [false, false, true, false]);
    }
}

#[test]
fn bells_that_cannot_be_delivered_and_errors_in_the_log_are_heard_of_once_each() {
    let values = [None, Some(0.0), Some(3.0), Some(0.0), None];
    let once = [false, false, true, false, false];
    for rule in section("Resources").iter().filter(|(_, it)| it["Type"] == "AWS::Events::Rule") {
        let metric = ("AWS/Events", "FailedInvocations", &[("RuleName", rule.0.as_str())][..]);
        let is_of_trail = rule.1.to_string().contains("CloudTrail");
        let alarm = if is_of_trail { "TrailBellsAlarm" } else { "BellsAlarm" };
        assert_eq!(over_time(metric, &values, alarm), once, "{}", rule.0);
    }
    for (id, name) in [("ExposeDatabase", "expose-database"), ("ConnectVpc", "connect-vpc")] {
        let name = format!("trellis-{name}-errors");
        let alarm = format!("{id}ErrorAlarm");
        assert_eq!(over_time(("Trellis", &name, &[]), &values, &alarm), once, "{alarm}");
    }
}

/// An alarm that no test rings is one of which nobody knows whether it can.
#[test]
fn there_is_a_test_for_every_alarm() {
    let source = include_str!("alarms.rs");
    for (id, _) in
        section("Resources").iter().filter(|(_, it)| it["Type"] == "AWS::CloudWatch::Alarm")
    {
        let kind = id.trim_start_matches("ExposeDatabase").trim_start_matches("ConnectVpc");
        assert!(source.contains(kind), "{id}");
    }
}
