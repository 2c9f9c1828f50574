//! What is made, kept and let go for VPCs.

use std::collections::BTreeSet;

use crate::decide;
use crate::desired::{Desired, Form};
use crate::id::Port;
use crate::key::{Key, Side};
use crate::observed::{Life, Observed};
use crate::step::{Action, Create};
use crate::tag;
use crate::tests::{
    access, another, association, configuration, connected, group, lattice, network, ours, planned,
    settings, statuses, tags,
};

use super::{asked, done, told};

fn desired(observed: &Observed) -> Desired {
    decide(Side::ConnectVpc, observed, &settings()).desired
}

fn text<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Vec<String> {
    keys.into_iter().map(Key::to_string).collect()
}

/// Everything that there is of the connection of `vpc-c` with `databases`.
const PARTS: [&str; 5] = [
    "client-group vpc-c databases",
    "endpoint-group vpc-c databases",
    "client-rule vpc-c databases 5432",
    "endpoint-rule vpc-c databases sg-client 5432",
    "endpoint vpc-c databases",
];

/// Groups of ours for another network, and for another VPC.
fn with_others(mut observed: Observed) -> Observed {
    let of = |key: &str| ours(key);
    observed.groups.push(group(
        "sg-2",
        "trellis-client-reports",
        "vpc-c",
        of("client-group vpc-c reports"),
    ));
    observed.groups.push(group(
        "sg-3",
        "trellis-client-databases",
        "vpc-x",
        of("client-group vpc-x databases"),
    ));
    observed
}

#[test]
fn a_connection_is_made_of_its_groups_rules_and_an_endpoint() {
    let mut observed = asked();
    assert_eq!(
        done(&observed),
        ["create client-group vpc-c databases", "create endpoint-group vpc-c databases"]
    );
    observed.groups = connected().groups;
    let plan = planned(Side::ConnectVpc, &observed, &settings());
    assert_eq!(
        done(&observed),
        [
            "create client-rule vpc-c databases 5432",
            "create endpoint-rule vpc-c databases sg-client 5432",
            "create endpoint vpc-c databases"
        ]
    );
    let Action::Create(Create::Endpoint { vpc, network, subnets, groups, name }) =
        &plan.intents[2].action
    else {
        panic!("{plan:?}");
    };
    assert_eq!((vpc.as_str(), name.as_str()), ("vpc-c", "trellis-databases"));
    assert_eq!(*network, lattice("servicenetwork", "sn-1"));
    assert_eq!(*subnets, ["subnet-c1".into(), "subnet-c2".into()].into());
    assert_eq!(*groups, ["sg-endpoint".into()].into());
}

#[test]
fn only_the_parts_of_the_connection_itself_go_with_it() {
    let mut observed = with_others(connected());
    observed.vpcs[0].tags = tags(&[(tag::CONSUME, "off")]);
    assert_eq!(text(&desired(&observed).released), PARTS);
    assert_eq!(desired(&with_others(connected())).released, BTreeSet::new());
    observed.vpcs[0].tags = tags(&[]);
    let kept = desired(&observed);
    let kept: Vec<String> = text(kept.iter().map(|(key, _)| key));
    assert_eq!(kept[1..], PARTS, "the tag vanished");
    assert_eq!(done(&observed), ["update endpoint vpc-c databases"], "its deadline");
}

#[test]
fn what_is_on_its_way_stays_while_it_is_refused() {
    let mut observed = connected();
    observed.ways.clear();
    observed.answers.dns.insert("vpc-c".into(), false);
    let kept = desired(&observed);
    assert_eq!(text(kept.iter().map(|(key, _)| key))[1..], PARTS[..4]);
    assert!(told(&observed).starts_with("refused DNS_OFF"));
}

/// The rules that are kept as they are.
fn held(observed: &Observed) -> Vec<String> {
    let desired = desired(observed);
    let rules = desired.iter().filter(|(key, want)| {
        matches!(key, Key::ClientRule(..) | Key::EndpointRule(..)) && want.form == Form::AsItIs
    });
    text(rules.map(|(key, _)| key))
}

const RULES: [&str; 2] = [PARTS[2], PARTS[3]];

#[test]
fn rules_stay_as_long_as_something_may_be_behind_the_endpoint_on_their_port() {
    let none: [&str; 0] = [];
    let change = |change: &dyn Fn(&mut Observed)| {
        let mut observed = connected();
        change(&mut observed);
        held(&observed)
    };
    assert_eq!(change(&|_| {}), none, "they are wanted");
    assert_eq!(change(&|it| it.associations[0].life = Life::Coming), RULES, "on its way");
    let gone = |it: &mut Observed| it.associations.clear();
    assert_eq!(change(&gone), RULES, "EC2 still shows it");
    let all_gone = |it: &mut Observed| {
        it.associations.clear();
        it.accesses.clear();
    };
    assert_eq!(change(&all_gone), none);
    let leaving = |it: &mut Observed| it.associations[0].life = Life::Leaving;
    assert_eq!(change(&leaving), none, "it is known to leave");
    let elsewhere = |it: &mut Observed| {
        it.associations.clear();
        it.ways[0].vpc = "vpc-x".into();
    };
    assert_eq!(change(&elsewhere), none, "behind another VPC's endpoint");
    let another_network = |it: &mut Observed| {
        it.associations.clear();
        it.ways[0].network = lattice("servicenetwork", "sn-9");
    };
    assert_eq!(change(&another_network), none);
    let another_endpoint = |it: &mut Observed| {
        it.associations.clear();
        it.accesses[0].endpoint = "vpce-9".into();
    };
    assert_eq!(change(&another_endpoint), none);
    let another_port = |it: &mut Observed| {
        let mut sales = another("sales", "db-SALES");
        sales.endpoint = Some(("sales.example".to_owned(), Port(3306)));
        it.associations = vec![association("snra-2", &configuration("rcfg-2", &sales))];
        it.associations[0].life = Life::Coming;
        it.accesses.clear();
    };
    assert_eq!(change(&another_port), none);
    let on_another_network = |it: &mut Observed| {
        it.associations[0].network = "sn-2".into();
        it.networks.push(network("sn-2", "reports"));
    };
    assert_eq!(change(&on_another_network), none, "it is listed elsewhere");
}

#[test]
fn rules_of_a_group_that_nobody_tagged_stay_with_what_is_behind_them() {
    let mut observed = connected();
    let own = ours("endpoint-rule vpc-c databases sg-old 5432");
    let into = crate::observed::Direction::Ingress;
    observed.rules.push(crate::tests::rule("sgr-5", "sg-endpoint", into, "sg-old", own));
    let key = "endpoint-rule vpc-c databases sg-old 5432";
    let kept = |observed: &Observed| desired(observed).get(&crate::tests::key(key)).is_some();
    assert!(kept(&observed), "its group is not listed: it passes the gate");
    observed.rules[4].tags = tags(&[]);
    assert!(kept(&observed), "not ours, and on a port that is in use");
    observed.associations.clear();
    observed.accesses.clear();
    assert!(!kept(&observed));
}

#[test]
fn every_port_of_a_network_that_is_offered_by_now_is_opened() {
    let mut observed = connected();
    let mut sales = another("sales", "db-SALES");
    sales.endpoint = Some(("sales.example".to_owned(), Port(3306)));
    let sales = configuration("rcfg-2", &sales);
    observed.associations.push(association("snra-2", &sales));
    observed.accesses.push(access("vpce-1", &sales));
    let opened = [
        "create client-rule vpc-c databases 3306",
        "create endpoint-rule vpc-c databases sg-client 3306",
    ];
    assert_eq!(done(&observed), opened);
    observed.associations[1].life = Life::Coming;
    assert_eq!(done(&observed), Vec::<String>::new(), "not yet");
    observed.associations[1].life = Life::Ready;
    observed.associations[1].network = "sn-9".into();
    assert_eq!(done(&observed), Vec::<String>::new(), "on another network");
}

#[test]
fn a_connection_rests_on_all_of_its_own_and_on_nothing_else() {
    let mut observed = with_others(connected());
    let own = ours("endpoint-rule vpc-x databases sg-3 5432");
    observed.groups.push(group("sg-4", "trellis-endpoint-databases", "vpc-x", own.clone()));
    let into = crate::observed::Direction::Ingress;
    observed.rules.push(crate::tests::rule("sgr-9", "sg-4", into, "sg-3", own));
    observed.vpcs[1].id = "vpc-x".into();
    observed.vpcs[1].tags = tags(&[(tag::CONSUME, "databases")]);
    let reports = desired(&observed).reports;
    let line = &reports.iter().find(|it| it.subject.name() == "vpc-c").expect("it asks").lines[0];
    let mut expected = vec!["network databases".to_owned()];
    expected.extend(PARTS.map(str::to_owned));
    assert_eq!(text(&line.rests_on), expected);
}

#[test]
fn groups_that_outlived_their_endpoint_are_spoken_of_and_those_of_somebody_else_are_not() {
    let mut observed = connected();
    observed.vpcs[0].tags = tags(&[]);
    observed.ways.clear();
    assert_eq!(told(&observed), "waiting for its removal");
    let reports = desired(&observed).reports;
    assert_eq!(reports[0].lines.len(), 1, "once for both groups: {reports:?}");
    assert_eq!(text(&reports[0].lines[0].rests_on), PARTS[..1]);
    observed.groups[3].tags = tags(&[]);
    observed.groups[4].tags = tags(&[]);
    assert_eq!(statuses(Side::ConnectVpc, &observed, &settings()), Vec::<String>::new());
}
