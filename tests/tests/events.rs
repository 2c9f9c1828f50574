//! Events: which rules of the template each rings, and what a function makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aws::trigger::{self, NotForUs};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sim::{Event, Service};
use tests::scene::{Scene, scene, settings};
use tests::users::User;
use trellis::bus::Bus;
use trellis::template::Template;

/// What a function makes of an event, or of one message of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Heard {
    /// A bell: it goes to work.
    Bell,
    /// One line, and nothing else.
    Refused,
    /// It cannot be read.
    Unreadable,
}

use Heard::{Bell, Refused, Unreadable};

/// The file, the rules that match it, what the function makes of it. The clock has no pattern,
/// and a batch comes from a queue: no rule matches them.
type Row = (&'static str, &'static [&'static str], &'static [Heard]);

const FILES: [Row; 39] = [
    // What only tells rings nobody.
    ("brake-engaged", &[], &[Refused]),
    ("clock", &[], &[Bell]),
    ("cloudtrail-by-ourselves", &[], &[Refused]),
    ("cloudtrail-database-modified", &["ChangedUnderUs"], &[Bell]),
    ("cloudtrail-deletion-not-allowed", &[], &[Refused]),
    ("cloudtrail-deletion-refused", &["DeletionRefused"], &[Bell]),
    ("cloudtrail-rule-revoked", &["ChangedUnderUs"], &[Bell]),
    ("database-exposed", &["ExposureChanged"], &[Bell]),
    ("database-withdrawn", &["ExposureChanged"], &[Bell]),
    ("deletion-held-up", &[], &[Refused]),
    ("detail-of-another-shape", &["DatabaseTagged"], &[Refused]),
    ("drift-repaired", &[], &[Refused]),
    ("failed", &[], &[Refused]),
    ("network-created", &["ExposureChanged"], &[Bell]),
    ("no-detail", &[], &[Unreadable]),
    ("not-an-event", &[], &[Unreadable]),
    ("rds-cluster-tagged", &["DatabaseTagged"], &[Bell]),
    ("rds-instance-created-with-tags", &["DatabaseChanged"], &[Bell]),
    ("rds-instance-deleted", &["DatabaseChanged"], &[Bell]),
    ("rds-instance-failed-over", &["DatabaseChanged"], &[Bell]),
    ("rds-instance-restored", &["DatabaseChanged"], &[Bell]),
    ("rds-instance-switched-over", &["DatabaseSwitchedOver"], &[Bell]),
    ("rds-instance-tagged", &["DatabaseTagged"], &[Bell]),
    ("rds-instance-untagged", &["DatabaseTagged"], &[Bell]),
    ("rds-status-removed", &["StatusRemoved"], &[Bell]),
    // No rule delivers these two: they are our own doing.
    ("rds-status-withdrawn", &[], &[Bell]),
    ("rds-status-written", &[], &[Bell]),
    ("refused", &[], &[Refused]),
    ("security-group-tagged", &["ClientTagged"], &[Bell]),
    ("sqs-batch", &[], &[Bell, Bell, Bell]),
    ("sqs-batch-not-json-body", &[], &[Unreadable, Bell, Unreadable]),
    ("subnet-tagged", &["SubnetTagged"], &[Bell]),
    ("tag-change-of-something-else", &[], &[Refused]),
    ("unknown-source", &[], &[Refused]),
    ("vpc-connected", &[], &[Refused]),
    ("vpc-disconnected", &[], &[Refused]),
    ("vpc-tagged", &["VpcTagged"], &[Bell]),
    ("vpc-untagged", &["VpcTagged"], &[Bell]),
    ("waiting-too-long", &[], &[Refused]),
];

fn bus() -> Bus {
    let template = Template::built_in(&BTreeMap::new()).expect("it can be read");
    Bus::new(template.rules, Timestamp::UNIX_EPOCH).expect("its patterns are patterns")
}

fn rules(bus: &Bus, event: &Value) -> Vec<String> {
    let rings = bus.matches(event).expect("an object");
    rings.iter().map(|ring| ring.rule.to_owned()).collect()
}

fn heard(event: Value) -> Vec<Heard> {
    let heard =
        trigger::triggers(event, &settings().deployment).into_iter().map(|bell| match bell {
            Ok(_) => Bell,
            Err(NotForUs::SomethingElse(_) | NotForUs::OurOwn(_)) => Refused,
            Err(NotForUs::Unreadable(_)) => Unreadable,
        });
    heard.collect()
}

#[test]
fn every_sample_rings_the_rules_that_it_should_and_is_heard_as_it_should() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let files = std::fs::read_dir(&directory).expect("events/ is there");
    let mut names: Vec<String> = files
        .map(|file| file.expect("it can be listed").path())
        .filter(|path| path.is_file())
        .map(|path| path.file_stem().expect("it has a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, FILES.map(|(name, ..)| name), "a file without a row, or a row without");
    let bus = bus();
    for (name, expected, hears) in FILES {
        let text = std::fs::read(directory.join(format!("{name}.json"))).expect("it is there");
        let event: Value = serde_json::from_slice(&text).expect("it is JSON");
        assert_eq!(rules(&bus, &event), expected, "{name}");
        assert_eq!(heard(event), hears, "{name}");
    }
}

/// The schema of what an event of ours tells, and the event's detail type.
fn schemas() -> BTreeMap<String, jsonschema::Validator> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/schemas");
    let files = std::fs::read_dir(&directory).expect("events/schemas is there");
    let schemas = files.map(|file| {
        let text = std::fs::read(file.expect("it can be listed").path()).expect("it is there");
        let schema: Value = serde_json::from_slice(&text).expect("it is JSON");
        let validator = jsonschema::options().should_validate_formats(true).build(&schema);
        (schema["title"].as_str().expect("a title").to_owned(), validator.expect("it is a schema"))
    });
    schemas.collect()
}

/// Every sample of an event of ours, and every event that a history tells, fits its schema; and
/// every schema has a sample, and is one of those that a history can tell.
#[test]
fn what_is_told_fits_its_schema() {
    let schemas = schemas();
    let expect = |event: &Value| {
        let kind = event["detail-type"].as_str().expect("a kind");
        let schema = schemas.get(kind).unwrap_or_else(|| panic!("{kind} has no schema"));
        let errors: Vec<_> = schema.iter_errors(&event["detail"]).collect();
        assert!(errors.is_empty(), "{event:#}: {errors:#?}");
        kind.to_owned()
    };
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let samples = FILES.iter().map(|(name, ..)| {
        let text = std::fs::read(directory.join(format!("{name}.json"))).expect("it is there");
        serde_json::from_slice::<Value>(&text).expect("it is JSON")
    });
    let ours = samples.filter(|event| event["source"] == aws::announce::SOURCE);
    let known: BTreeSet<String> = ours
        .filter(|event| schemas.contains_key(&kind(event)))
        .map(|event| expect(&event))
        .collect();
    assert!(known.iter().eq(schemas.keys()), "every schema has a sample");
    let told = scene(settings(), 5, async |scene| {
        let person = User(&scene.sim);
        let two_vpcs = &scene.two_vpcs;
        person.tag_database(&two_vpcs.database_arn, "trellis:expose", "databases");
        person.tag(&two_vpcs.consumer_vpc, "trellis:consume", "databases+reports");
        scene.settle().await;
        person.tag_database(&two_vpcs.database_arn, "trellis:expose", "-nothing-");
        scene.settle().await;
        person.tag_database(&two_vpcs.database_arn, "trellis:expose", "off");
        person.tag(&two_vpcs.consumer_vpc, "trellis:consume", "off");
        scene.settle().await;
        scene.told.take()
    });
    let told: BTreeSet<String> = told.iter().map(expect).collect();
    let expected = [
        "Database Exposed",
        "Database Withdrawn",
        "Network Created",
        "Refused",
        "VPC Connected",
        "VPC Disconnected",
    ];
    assert_eq!(told, expected.map(str::to_owned).into());
}

fn kind(event: &Value) -> String {
    event["detail-type"].as_str().unwrap_or_default().to_owned()
}

/// Long enough for whatever was done to be done and told.
const AGES: SignedDuration = SignedDuration::from_mins(30);

/// What an act rings: what the event is about, and the rules that match it. Events without a rule
/// are there too. What a rule delivers is a bell, too: nobody is woken for nothing.
fn rung(scene: &Scene, act: impl FnOnce(&User)) -> Vec<(String, Vec<String>)> {
    scene.sim.advance(AGES);
    scene.sim.take_events();
    act(&User(&scene.sim));
    scene.sim.advance(AGES);
    let bus = bus();
    let events = scene.sim.take_events().into_iter().map(|event| {
        let envelope = event.envelope;
        let detail = &envelope["detail"];
        let what = match (&detail["EventID"], &detail["changed-tag-keys"]) {
            (Value::String(id), _) => id.clone(),
            (_, Value::Array(keys)) => {
                let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
                format!("{} {}", detail["resource-type"].as_str().unwrap_or("?"), keys.join("+"))
            }
            _ => detail["Message"].as_str().unwrap_or("?").to_owned(),
        };
        let rules = rules(&bus, &envelope);
        assert!(rules.is_empty() || heard(envelope) == [Bell], "{what} is delivered, not heard");
        (what, rules)
    });
    events.collect()
}

fn check(scene: &Scene, expected: &[(&str, &[&str])], act: impl FnOnce(&User)) {
    let rung = rung(scene, act);
    let rung: Vec<(&str, Vec<&str>)> = rung
        .iter()
        .map(|(what, rules)| (what.as_str(), rules.iter().map(String::as_str).collect()))
        .collect();
    let expected: Vec<(&str, Vec<&str>)> =
        expected.iter().map(|(what, rules)| (*what, rules.to_vec())).collect();
    assert_eq!(rung, expected);
}

#[test]
fn what_people_tag_rings() {
    scene(settings(), 1, async |scene| {
        let two_vpcs = &scene.two_vpcs;
        let (arn, vpc) = (&two_vpcs.database_arn, &two_vpcs.consumer_vpc);
        let (group, subnet) = (&two_vpcs.client_group, &two_vpcs.consumer_subnets[0]);
        for value in ["databases", "reports", "off"] {
            check(scene, &[("db trellis:expose", &["DatabaseTagged"])], |person| {
                person.tag_database(arn, "trellis:expose", value);
            });
            check(scene, &[("vpc trellis:consume", &["VpcTagged"])], |person| {
                person.tag(vpc, "trellis:consume", value);
            });
        }
        for (id, key, kind, rule) in [
            (vpc, "trellis:via", "vpc", "VpcTagged"),
            (vpc, "trellis:takeover", "vpc", "VpcTagged"),
            (group, "trellis:client", "security-group", "ClientTagged"),
            (subnet, "trellis:subnet", "subnet", "SubnetTagged"),
        ] {
            let what = format!("{kind} {key}");
            check(scene, &[(&what, &[rule])], |person| person.tag(id, key, "endpoint"));
            // The same value again is no change.
            check(scene, &[], |person| person.tag(id, key, "endpoint"));
            check(scene, &[(&what, &[rule])], |person| person.untag(id, key));
        }
        check(scene, &[("db trellis:expose", &["DatabaseTagged"])], |person| {
            person.untag_database(arn, "trellis:expose");
        });
        check(scene, &[("db team", &[])], |person| person.tag_database(arn, "team", "blue"));
        check(scene, &[("vpc Name", &[])], |person| person.tag(vpc, "Name", "shop"));
        check(scene, &[("security-group trellis:consume", &[])], |person| {
            person.tag(group, "trellis:consume", "databases");
        });
    });
}

#[test]
fn the_status_that_we_write_rings_nothing_and_a_person_who_takes_it_off_does() {
    scene(settings(), 1, async |scene| {
        let (arn, vpc) = (&scene.two_vpcs.database_arn, &scene.two_vpcs.consumer_vpc);
        let status = "trellis:status";
        User(&scene.sim).tag_database(arn, "trellis:expose", "databases");
        for value in ["waiting orders db-1 for the gateway", "ready orders db-1 on databases"] {
            check(scene, &[("db trellis:status", &[])], |person| {
                person.tag_database(arn, status, value);
            });
        }
        check(scene, &[("db trellis:status", &["StatusRemoved"])], |person| {
            person.untag_database(arn, status);
        });
        // We take it off what is no longer tagged.
        User(&scene.sim).tag_database(arn, status, "ready orders db-1 on databases");
        User(&scene.sim).untag_database(arn, "trellis:expose");
        check(scene, &[("db trellis:status", &[])], |person| person.untag_database(arn, status));
        check(scene, &[("vpc trellis:status", &[])], |person| person.tag(vpc, status, "ready"));
        check(scene, &[("vpc trellis:status", &[])], |person| person.untag(vpc, status));
    });
}

const TRAIL: &str = "AWS API Call via CloudTrail";

/// Nothing that Trellis does rings Trellis, but for its own news.
#[test]
fn what_we_do_rings_nobody_but_by_news() {
    scene(settings(), 1, async |scene| {
        scene.sim.world(|world| world.switches.trail = Some(SignedDuration::ZERO));
        let person = User(&scene.sim);
        person.tag_database(&scene.two_vpcs.database_arn, "trellis:expose", "databases");
        person.tag(&scene.two_vpcs.consumer_vpc, "trellis:consume", "databases");
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        scene.sim.take_events();
        for side in [aws::Side::ExposeDatabase, aws::Side::ConnectVpc] {
            scene.invoke(side).await.expect("the world can be read");
        }
        let bus = bus();
        let events = scene.sim.take_events();
        assert!(events.len() > 10, "everything that we make is tagged");
        let is_of_trail = |event: &&Event| event.envelope["detail-type"] == TRAIL;
        assert!(events.iter().filter(is_of_trail).count() > 10, "every call of ours is told");
        for event in events {
            let rules = rules(&bus, &event.envelope);
            let expected: &[&str] = match event.envelope["source"].as_str() {
                Some("trellis") => &["ExposureChanged"],
                _ => &[],
            };
            assert_eq!(rules, expected, "{}", event.envelope);
        }
    });
}

fn sales(scene: &Scene, changes: Value) -> Value {
    let mut members = json!({
        "DBInstanceIdentifier": "sales", "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres", "AllocatedStorage": "20", "MasterUsername": "postgres",
        "ManageMasterUserPassword": "true", "DBSubnetGroupName": "orders",
        "VpcSecurityGroupIds": {"VpcSecurityGroupId": [scene.two_vpcs.database_group]},
        "PubliclyAccessible": "false",
        "Tags": {"Tag": [{"Key": "trellis:expose", "Value": "databases"}]},
    });
    let more = changes.as_object().expect("members").clone();
    members.as_object_mut().expect("members").extend(more);
    members
}

const CHANGED: &[&str] = &["DatabaseChanged"];
const RENAMED: &[&str] = &["DatabaseRenamed"];

#[test]
fn what_becomes_of_databases_rings() {
    scene(settings(), 1, async |scene| {
        const TAGGED: (&str, &[&str]) = ("db trellis:expose", &["DatabaseTagged"]);
        check(scene, &[TAGGED, ("RDS-EVENT-0005", CHANGED)], |person| {
            person.call(Service::Rds, "CreateDBInstance", sales(scene, json!({"MultiAZ": "true"})));
        });
        check(scene, &[("RDS-EVENT-0049", CHANGED)], |person| {
            let members = json!({"DBInstanceIdentifier": "sales", "ForceFailover": "true"});
            person.call(Service::Rds, "RebootDBInstance", members);
        });
        let snapshot = json!({"DBSnapshotIdentifier": "s", "DBInstanceIdentifier": "sales"});
        User(&scene.sim).call(Service::Rds, "CreateDBSnapshot", snapshot);
        scene.sim.advance(AGES);
        check(scene, &[TAGGED, ("RDS-EVENT-0043", CHANGED)], |person| {
            let members = json!({
                "DBInstanceIdentifier": "copy", "DBSnapshotIdentifier": "s",
                "DBSubnetGroupName": "orders",
            });
            person.call(Service::Rds, "RestoreDBInstanceFromDBSnapshot", members);
        });
        check(scene, &[("RDS-EVENT-0003", CHANGED), TAGGED], |person| {
            let members = json!({"DBInstanceIdentifier": "copy", "SkipFinalSnapshot": "true"});
            person.call(Service::Rds, "DeleteDBInstance", members);
        });
        for (name, new) in [("sales", "trade"), ("trade", "sales")] {
            let told = format!("Renamed instance from {name} to {new}");
            check(scene, &[(&told, RENAMED)], |person| {
                person.modify_database(name, json!({"NewDBInstanceIdentifier": new}));
            });
        }
        scene.sim.world(|world| world.switches.tag_event_on_delete = false);
        check(scene, &[("RDS-EVENT-0003", CHANGED)], |person| {
            let members = json!({"DBInstanceIdentifier": "sales", "SkipFinalSnapshot": "true"});
            person.call(Service::Rds, "DeleteDBInstance", members);
        });
    });
}

#[test]
fn a_switchover_rings_once_the_new_instance_has_the_name() {
    scene(settings(), 1, async |scene| {
        let person = User(&scene.sim);
        let made = person.call(
            Service::Rds,
            "CreateBlueGreenDeployment",
            json!({"BlueGreenDeploymentName": "bg", "Source": scene.two_vpcs.database_arn}),
        );
        let id = &made["BlueGreenDeployment"]["BlueGreenDeploymentIdentifier"];
        scene.sim.advance(AGES);
        let rung = rung(scene, |person| {
            let members = json!({"BlueGreenDeploymentIdentifier": id});
            person.call(Service::Rds, "SwitchoverBlueGreenDeployment", members);
        });
        let (last, renames) = rung.split_last().expect("it is told");
        assert_eq!(last, &("RDS-EVENT-0248".to_owned(), vec!["DatabaseSwitchedOver".to_owned()]));
        assert_eq!(renames.len(), 2);
        assert!(renames.iter().all(|(what, rules)| what.contains("Renamed") && rules == RENAMED));
    });
}
