//! The log: a line for every step with what AWS's support asks for, and none where nothing changes.

use std::collections::BTreeSet;

use aws::function;
use aws::pass::Mode;
use serde_json::{Value, json};
use sim::{Call, Fate, Fault};
use tests::laws::{SIDES, ask_for_everything};
use tests::log::Log;
use tests::policy::section;
use tests::scene::{Scene, scene, settings, time_out};
use tests::users::User;
use tracing_subscriber::util::SubscriberInitExt;

/// The clock rings both sides, and this is what they log, as the functions write it.
async fn logged(scene: &Scene, log: &Log) -> Vec<Value> {
    let clock = include_str!("../../events/clock.json");
    for side in SIDES {
        let event = serde_json::from_str(clock).expect("it is JSON");
        let aws = scene.side(side);
        let invoked = function::invoke(&aws, side, event, Mode::Apply, time_out()).await;
        invoked.expect("the world can be read");
    }
    let text = log.take();
    text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect()
}

fn log() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true);
    let subscriber = subscriber.with_writer(move || writer.clone());
    (log, subscriber.with_max_level(tracing::Level::INFO).finish().set_default())
}

#[test]
fn a_pass_in_which_nothing_changes_logs_nothing() {
    scene(settings(), 2, async |scene| {
        let (log, _guard) = log();
        ask_for_everything(scene);
        for _ in 0..4 {
            logged(scene, &log).await;
        }
        assert_eq!(logged(scene, &log).await, [json!(null); 0]);
    });
}

#[test]
fn every_step_is_a_line_with_its_key_and_the_ids_of_aws() {
    scene(settings(), 2, async |scene| {
        let (log, _guard) = log();
        ask_for_everything(scene);
        let mut lines = Vec::new();
        for _ in 0..4 {
            lines.extend(logged(scene, &log).await);
        }
        let person = User(&scene.sim);
        person.tag_database(&scene.two_vpcs.database_arn, "trellis:expose", "off");
        person.tag(&scene.two_vpcs.consumer_vpc, "trellis:consume", "off");
        for _ in 0..4 {
            lines.extend(logged(scene, &log).await);
        }
        let calls = scene.sim.calls_since(0);
        let mut requests = BTreeSet::new();
        let (mut made, mut removed) = (BTreeSet::new(), BTreeSet::new());
        for line in &lines {
            let verb = line["message"].as_str().expect("a message");
            if !["create", "update", "delete"].contains(&verb) {
                continue;
            }
            assert!(line["key"].as_str().is_some_and(|key| key.contains(' ')), "{line}");
            let request = line["aws_request_id"].as_str().expect("AWS says one");
            assert!(requests.insert(request.to_owned()), "{line}");
            // The simulated AWS numbers its requests: it is that of the very call.
            let number = request.rsplit('-').next().and_then(|it| u64::from_str_radix(it, 16).ok());
            let call = calls.iter().find(|call| Some(call.number) == number).expect("it was made");
            assert!(call.is_write() && call.status < 300, "{line}: {call:?}");
            // A rule is revoked by its group.
            if verb == "delete" && !call.action.starts_with("Revoke") {
                assert_eq!(line["id"].as_str(), call.id.as_deref(), "{line}: {call:?}");
            }
            match verb {
                "create" => made.insert(line["id"].as_str().expect("it has one").to_owned()),
                "delete" => removed.insert(line["id"].as_str().expect("it has one").to_owned()),
                _ => true,
            };
        }
        assert!(made.len() > 10, "{made:?}");
        assert_eq!(made, removed, "all of it goes again");
    });
}

/// Whoever tries it with `Mode=plan` sees why something cannot be had, though no tag says it.
#[test]
fn a_plan_says_how_things_stand() {
    let mut settings = settings();
    settings.mode = reconcile::settings::Mode::Plan;
    scene(settings, 2, async |scene| {
        let (log, _guard) = log();
        User(&scene.sim).tag_database(&scene.two_vpcs.database_arn, "trellis:expose", "-x-");
        let lines = logged(scene, &log).await;
        let said = lines.iter().filter_map(|line| line["message"].as_str());
        assert!(said.into_iter().any(|it| it.starts_with("orders: refused BAD_TAG")), "{lines:#?}");
        assert_eq!(scene.writes(), 0);
    });
}

/// Status tags, news: none of it is in the way of the main job, and none of it fills the log.
#[test]
fn what_is_in_nobodys_way_is_reported_once() {
    scene(settings(), 2, async |scene| {
        let (log, _guard) = log();
        ask_for_everything(scene);
        scene.sim.put_rule(|call: &Call, _: u64| {
            let tells =
                call.action == "PutEvents" || call.members.to_string().contains("trellis:status");
            match tells {
                true => Fate::Refuse(Fault::new("AccessDeniedException", 403, "You may not.")),
                false => Fate::Pass,
            }
        });
        let mut warnings = Vec::new();
        for _ in 0..6 {
            let lines = logged(scene, &log).await;
            warnings.extend(lines.into_iter().filter(|line| line["level"] != "INFO"));
        }
        assert!(scene.reachable().reachable);
        let of = |call: &str| {
            let said = |line: &&Value| line["message"].as_str().is_some_and(|it| it.contains(call));
            warnings.iter().filter(said).count()
        };
        let counts = ["PutEvents", "AddTagsToResource", "CreateTags"].map(of);
        // Once on each side.
        assert_eq!(counts, [2, 1, 1], "{warnings:#?}");
        assert_eq!(warnings.len(), 4, "{warnings:#?}");
    });
}

/// A question that asks for what no line has is answered with nothing.
#[test]
fn the_saved_queries_ask_for_what_the_log_has() {
    let fields = scene(settings(), 2, async |scene| {
        let (log, _guard) = log();
        ask_for_everything(scene);
        let lines = logged(scene, &log).await;
        let of_line = |line: &Value| line.as_object().expect("an object").clone();
        lines.iter().flat_map(of_line).map(|(name, _)| name).collect::<BTreeSet<_>>()
    });
    // What CloudWatch adds, what the span of an invocation has, and what the metrics have.
    let known = ["@timestamp", "@message", "span.side", "Side", "request_id", "Calls", "Throttles"];
    let queries = section("Resources").into_values();
    let queries = queries.filter(|it| it["Type"] == "AWS::Logs::QueryDefinition");
    let mut count = 0;
    for query in queries {
        let text = query["Properties"]["QueryString"].as_str().expect("a text").to_owned();
        let asked = text.lines().find_map(|line| line.strip_prefix("fields ")).expect("fields");
        for field in asked.split(", ") {
            assert!(known.contains(&field) || fields.contains(field), "{field}: {fields:?}");
        }
        count += 1;
    }
    assert!(count >= 3);
}

/// In an account where others change their groups all the time, a look at everything for each of
/// it would be a burden.
#[test]
fn what_others_do_to_what_is_no_affair_of_ours_costs_no_call() {
    scene(settings(), 1, async |scene| {
        let person = User(&scene.sim);
        let two_vpcs = &scene.two_vpcs;
        person.tag_database(&two_vpcs.database_arn, "trellis:expose", "databases");
        person.tag(&two_vpcs.consumer_vpc, "trellis:consume", "databases");
        let sample = include_str!("../../events/cloudtrail-rule-revoked.json");
        let calls = async |group: &str| {
            let mut event: Value = serde_json::from_str(sample).expect("it is JSON");
            event["detail"]["requestParameters"]["groupId"] = group.into();
            let before = scene.sim.last_call();
            for side in SIDES {
                let aws = scene.side(side);
                let invoked = function::invoke(&aws, side, event.clone(), Mode::Apply, time_out());
                invoked.await.expect("nothing is wrong");
            }
            scene.sim.last_call() - before
        };
        assert!(calls("sg-0123456789abcdef0").await > 0, "who has not looked does not know");
        scene.settle().await;
        assert_eq!(calls("sg-0123456789abcdef0").await, 0);
        assert!(calls(&two_vpcs.database_group).await > 0);
    });
}
