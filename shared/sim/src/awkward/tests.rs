//! Each rule through the door, by what a caller sees.

use bytes::Bytes;
use http::Request;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::two_vpcs::{self, TwoVpcs};
use crate::{Clock, Service, Sim};

/// What a caller sees: the status and the body.
fn ask(sim: &Sim, service: &str, form: &str) -> (u16, String) {
    let scope = format!("me/20260101/us-east-1/{service}/aws4_request");
    let version = if service == "rds" { "2014-10-31" } else { "2016-11-15" };
    let request = Request::post("/")
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, Signature=0"))
        .body(Bytes::from(format!("Version={version}&{form}")))
        .expect("a request");
    let response = sim.respond(&request);
    let body = String::from_utf8(response.body().to_vec()).expect("text");
    (response.status().as_u16(), body)
}

fn start() -> (Sim, TwoVpcs) {
    let sim = Sim::new(Clock::scaled(Timestamp::UNIX_EPOCH, 0.0), 1);
    let two_vpcs = sim.world(|world| {
        world.switches.throttling = false;
        two_vpcs::build(world)
    });
    (sim, two_vpcs)
}

fn pass(sim: &Sim, seconds: i64) {
    sim.advance(SignedDuration::from_secs(seconds));
}

fn shows(sim: &Sim, form: &str, text: &str) -> bool {
    ask(sim, "ec2", form).1.contains(text)
}

fn tag(sim: &Sim, id: &str, value: &str) {
    let form = format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=stage&Tag.1.Value={value}");
    assert_eq!(ask(sim, "ec2", &form).0, 200);
}

#[test]
fn a_named_thing_is_omitted_once_or_for_a_while() {
    let (sim, two_vpcs) = start();
    let vpc = format!("<vpcId>{}</vpcId>", two_vpcs.consumer_vpc);
    let list = "Action=DescribeVpcs";
    sim.put_rule(Omission::of("DescribeVpcs", &two_vpcs.consumer_vpc, SignedDuration::ZERO));
    assert!(shows(&sim, "Action=DescribeSubnets", &vpc), "another listing");
    assert!(!shows(&sim, list, &vpc) && shows(&sim, list, &vpc), "once");
    sim.clear_rules();
    let minute = SignedDuration::from_mins(1);
    sim.put_rule(Omission::of("DescribeVpcs", &two_vpcs.consumer_vpc, minute));
    assert!(!shows(&sim, list, &vpc));
    pass(&sim, 59);
    assert!(!shows(&sim, list, &vpc));
    pass(&sim, 1);
    assert!(shows(&sim, list, &vpc));
}

#[test]
fn seeded_omissions_hide_what_is_old_and_nothing_else() {
    let history = |seed: u64| {
        let (sim, _) = start();
        sim.put_rule(Omission::seeded(seed));
        let mut counts = Vec::new();
        for _ in 0..200 {
            counts.push(ask(&sim, "ec2", "Action=DescribeVpcs").1.matches("<vpcId>").count());
            pass(&sim, 10);
        }
        assert!(counts[..6].iter().all(|count| *count == 2), "nothing is old yet");
        counts
    };
    let one = history(1);
    assert!(one.iter().any(|count| *count < 2));
    assert!(one.iter().filter(|count| **count == 2).count() > 100);
    assert_eq!(one, history(1));
    assert_ne!(one, history(2));
}

#[test]
fn tags_and_attributes_lag_apart() {
    for (part, has_old_tag, has_old_attribute) in
        [(Part::Tags, true, false), (Part::Attributes, false, true), (Part::Whole, true, true)]
    {
        let (sim, two_vpcs) = start();
        sim.put_rule(Late::of("DescribeDBInstances", part, SignedDuration::from_secs(20)));
        pass(&sim, 60);
        let arn = &two_vpcs.database_arn;
        let add = format!(
            "Action=AddTagsToResource&ResourceName={arn}&Tags.Tag.1.Key=stage&Tags.Tag.1.Value=new"
        );
        assert_eq!(ask(&sim, "rds", &add).0, 200);
        let modify = "Action=ModifyDBInstance&DBInstanceIdentifier=orders&DeletionProtection=true";
        assert_eq!(ask(&sim, "rds", modify).0, 200);
        let read = || ask(&sim, "rds", "Action=DescribeDBInstances").1;
        pass(&sim, 19);
        let text = read();
        assert_eq!(!text.contains("<Key>stage</Key>"), has_old_tag, "{part:?}");
        let is_protected = text.contains("<DeletionProtection>true</DeletionProtection>");
        assert_eq!(!is_protected, has_old_attribute, "{part:?}");
        pass(&sim, 1);
        let text = read();
        assert!(text.contains("<Key>stage</Key>") && text.contains("Protection>true<"));
    }
}

#[test]
fn the_past_is_known_at_every_moment() {
    let (sim, two_vpcs) = start();
    let lag = SignedDuration::from_secs(15);
    sim.put_rule(Late::of("DescribeVpcs", Part::Whole, lag));
    for value in ["one", "two", "three"] {
        tag(&sim, &two_vpcs.consumer_vpc, value);
        pass(&sim, 10);
    }
    assert!(shows(&sim, "Action=DescribeVpcs", "<value>two</value>"), "15 seconds ago");
    pass(&sim, 600);
    assert!(shows(&sim, "Action=DescribeVpcs", "<value>three</value>"));
}

#[test]
fn what_was_just_made_is_not_found_by_reads_nor_writes() {
    let (sim, two_vpcs) = start();
    sim.put_rule(Unsettled::until(SignedDuration::from_secs(5)));
    let create = format!(
        "Action=CreateSecurityGroup&GroupName=new&GroupDescription=d&VpcId={}",
        two_vpcs.consumer_vpc
    );
    let made = ask(&sim, "ec2", &create).1;
    let id = made.split("<groupId>").nth(1).and_then(|rest| rest.split('<').next());
    let id = id.expect("an id");
    let calls = [
        format!("Action=DescribeSecurityGroups&GroupId.1={id}"),
        format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=k"),
        format!("Action=DeleteSecurityGroup&GroupId={id}"),
    ];
    for call in &calls {
        let (status, text) = ask(&sim, "ec2", call);
        assert!(status == 400 && text.contains("InvalidGroup.NotFound"), "{call}: {text}");
    }
    assert!(shows(&sim, "Action=DescribeSecurityGroups", id), "a listing is another matter");
    assert_eq!(ask(&sim, "ec2", &create).0, 400, "its name is taken");
    pass(&sim, 5);
    for call in &calls {
        assert_eq!(ask(&sim, "ec2", call).0, 200, "{call}");
    }
}

#[test]
fn things_wander_from_page_to_page() {
    let (sim, two_vpcs) = start();
    for number in 0..12 {
        let create = format!(
            "Action=CreateSecurityGroup&GroupName=g{number}&GroupDescription=d&VpcId={}",
            two_vpcs.consumer_vpc
        );
        assert_eq!(ask(&sim, "ec2", &create).0, 200);
    }
    sim.put_rule(Wandering::seeded(1));
    let (mut moved, mut doubled) = (0, 0);
    for _ in 0..20 {
        let (mut token, mut counts, mut all) = (String::new(), Vec::new(), Vec::new());
        loop {
            let form = format!("Action=DescribeSecurityGroups&MaxResults=5{token}");
            let text = ask(&sim, "ec2", &form).1;
            let names = text.split("<groupName>").skip(1);
            let page: Vec<String> =
                names.filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect();
            counts.push(page.len());
            all.extend(page);
            let Some(next) = text.split("<nextToken>").nth(1) else { break };
            token = format!("&NextToken={}", next.split('<').next().unwrap_or_default());
        }
        doubled += usize::from(all.len() > 16);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 15, "nothing is lost on the way: two are called default");
        moved += usize::from(counts[0] < 5);
    }
    assert!(moved > 0 && doubled > 0, "{moved} {doubled}");
}

#[test]
fn a_busy_database_says_so_and_keeps_its_tags() {
    let (sim, two_vpcs) = start();
    sim.put_rule(Busy::seeded(1));
    let arn = &two_vpcs.database_arn;
    let tag = format!(
        "Action=AddTagsToResource&ResourceName={arn}&Tags.Tag.1.Key=stage&Tags.Tag.1.Value=new"
    );
    let mut history = Vec::new();
    for _ in 0..500 {
        let listed = ask(&sim, "rds", "Action=DescribeDBInstances").1;
        let is_available = listed.contains("<DBInstanceStatus>available<");
        let (status, text) = ask(&sim, "rds", &tag);
        assert_eq!(status == 200, is_available, "{text}");
        assert_eq!(text.contains("InvalidDBInstanceState"), !is_available);
        history.push(is_available);
        pass(&sim, 60);
    }
    let busy = history.iter().filter(|is_available| !**is_available).count();
    assert!((20..200).contains(&busy), "busy in {busy} of 500 minutes");
}

#[test]
fn a_spell_is_on_one_action_for_a_time() {
    let (sim, _) = start();
    let (from, lasts) = (sim.now() + SignedDuration::from_secs(60), SignedDuration::from_mins(3));
    let action = Some("DescribeVpcs");
    sim.put_rule(Spell::of(Trouble::Throttling, Service::Ec2, action, from, lasts));
    let list = || ask(&sim, "ec2", "Action=DescribeVpcs");
    assert_eq!(list().0, 200);
    pass(&sim, 60);
    assert!(list().1.contains("RequestLimitExceeded"));
    assert_eq!(ask(&sim, "ec2", "Action=DescribeSubnets").0, 200);
    pass(&sim, 179);
    assert_eq!(list().0, 503);
    pass(&sim, 1);
    assert_eq!(list().0, 200);
}

#[test]
fn seeded_spells_come_and_go_by_service() {
    let (sim, _) = start();
    sim.put_rule(Spell::seeded(1, Trouble::Outage));
    let mut history = Vec::new();
    for _ in 0..400 {
        let ec2 = ask(&sim, "ec2", "Action=DescribeVpcs").0;
        let rds = ask(&sim, "rds", "Action=DescribeDBInstances").0;
        history.push((ec2 == 200, rds == 200));
        pass(&sim, 30);
    }
    let down = |is_up: fn(&(bool, bool)) -> bool| history.iter().filter(|it| !is_up(it)).count();
    for count in [down(|it| it.0), down(|it| it.1)] {
        assert!((10..200).contains(&count), "down {count} times of 400");
    }
    assert!(history.iter().any(|(ec2, rds)| ec2 != rds));
    let changes = history.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
    assert!((4..80).contains(&changes), "{changes} changes: minutes, not single calls");
}

#[test]
fn each_kind_has_a_name_and_can_be_taken_away() {
    for kind in Kind::ALL {
        assert_eq!(Kind::named(kind.name()), Some(kind));
        let (sim, _) = start();
        let quiet = sim.world(|world| world.switches.clone());
        set(&sim, &[kind], 1);
        let turned = sim.world(|world| world.switches.clone()) != quiet;
        let ruled = sim.rules() == 1;
        assert!(turned != ruled, "{kind:?} is a rule or a switch");
        set(&sim, &[], 1);
        assert_eq!(sim.world(|world| world.switches.clone()), quiet, "{kind:?}");
        assert_eq!(sim.rules(), 0);
    }
}
