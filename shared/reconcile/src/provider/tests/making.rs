//! What is made, kept and let go for databases, and what is said of what is on its way.

use crate::decide;
use crate::desired::Form;
use crate::id::NetworkName;
use crate::key::{Key, Side};
use crate::observed::{Gateway, Life, Observed};
use crate::settings::{Settings, as_for_all};
use crate::step::{Action, Create};
use crate::tag::{self, Tags};
use crate::tests::{
    ORDERS, another, at, begun, connected, endpoint, group, key, lattice, network, ours, settings,
    statuses, tags, wanted,
};

use super::{asked, done, told};

fn keys(observed: &Observed) -> Vec<String> {
    wanted(Side::ExposeDatabase, observed, &settings())
}

/// What is to be made, by its key.
fn made(observed: &Observed) -> Vec<(Key, Create)> {
    let plan = decide(Side::ExposeDatabase, observed, &settings()).plan;
    let made = plan.intents.into_iter().filter_map(|intent| match intent.action {
        Action::Create(create) => Some((intent.key, create)),
        _ => None,
    });
    made.collect()
}

#[test]
fn a_group_that_is_being_added_has_its_rule_before_the_old_one_goes() {
    let mut observed = connected();
    let new = group("sg-new", "new", "vpc-p", tags(&[]));
    observed.groups.push(new);
    let database = &mut observed.databases[0];
    database.removing = std::mem::take(&mut database.groups);
    database.adding = ["sg-new".into()].into();
    let rules = [
        "create gateway-rule vpc-p sg-new 5432".to_owned(),
        "create database-rule vpc-p sg-new 5432".to_owned(),
    ];
    let mut begun = done(&observed);
    begun.sort();
    assert_eq!(begun, [rules[1].clone(), rules[0].clone()], "and the old ones stay");
    assert!(told(&observed).starts_with("ready"), "{}", told(&observed));
    // Both are to stay: the one that is there is enough.
    let mut both = connected();
    both.groups.push(group("sg-new", "new", "vpc-p", tags(&[])));
    both.databases[0].groups.insert("sg-new".into());
    assert_eq!(done(&both), Vec::<String>::new());
    observed.memory.is_full("sg-new".into());
    assert_eq!(done(&observed), Vec::<String>::new(), "it takes no more rules");
}

#[test]
fn a_gateway_gets_one_subnet_in_each_zone_and_all_groups() {
    let mut observed = asked();
    let tags = ours("gateway-group vpc-p");
    observed.groups.push(group("sg-gateway", "trellis-gateway", "vpc-p", tags));
    let made = made(&observed);
    let gateway = made.iter().find(|(key, _)| matches!(key, Key::Gateway(_))).expect("it is made");
    let Create::Gateway { name, subnets, groups, addresses_per_interface, .. } = &gateway.1 else {
        panic!("{gateway:?}");
    };
    assert_eq!((name.as_str(), *addresses_per_interface), ("trellis-vpc-p", 2));
    assert_eq!(*subnets, ["subnet-p1".into(), "subnet-p2".into()].into());
    assert_eq!(*groups, ["sg-gateway".into()].into());
}

#[test]
fn rules_on_databases_groups_are_left_to_others_where_the_deployment_says_so() {
    let mut observed = connected();
    observed.rules.remove(1);
    let of = |settings: &Settings| {
        let plan = decide(Side::ExposeDatabase, &observed, settings).plan;
        plan.intents.into_iter().map(|intent| intent.key.to_string()).collect::<Vec<_>>()
    };
    let mut settings = settings();
    assert_eq!(of(&settings), ["database-rule vpc-p sg-orders 5432"]);
    settings.database_rules = false;
    assert_eq!(of(&settings), Vec::<String>::new());
    observed.associations.clear();
    assert_eq!(
        statuses(Side::ExposeDatabase, &observed, &settings),
        ["waiting orders db-ORDERS for the database rule on sg-orders for tcp 5432"]
    );
}

#[test]
fn a_network_is_made_for_a_vpc_and_kept_for_a_refused_database_or_an_endpoint() {
    let form = |observed: &Observed| {
        let desired = decide(Side::ExposeDatabase, observed, &settings()).desired;
        desired.get(&key("network databases")).map(|want| want.form == Form::AsItIs)
    };
    let mut observed = connected();
    observed.associations.clear();
    observed.databases.clear();
    observed.ways.clear();
    assert_eq!(form(&observed), Some(false), "the VPC asks for it");
    observed.vpcs[0].tags.clear();
    assert_eq!(form(&observed), None, "nobody does");
    let mut refused = observed.clone();
    refused.databases = connected().databases;
    refused.databases[0].is_public = true;
    assert_eq!(form(&refused), Some(true));
    observed.ways = vec![endpoint("vpce-1")];
    assert_eq!(form(&observed), Some(true));
    observed.ways[0].network = lattice("servicenetwork", "sn-2");
    assert_eq!(form(&observed), None, "an endpoint to another network");
}

/// The tag of `orders` vanished, and something of ours is in another VPC.
fn vanished() -> Observed {
    let mut observed = connected();
    observed.databases[0].tags.clear();
    let tags = ours("gateway-group vpc-q");
    observed.groups.push(group("sg-q", "trellis-gateway", "vpc-q", tags));
    observed.gateways.push(Gateway {
        id: "rgw-q".into(),
        arn: lattice("resourcegateway", "rgw-q"),
        name: "trellis-vpc-q".to_owned(),
        vpc: "vpc-q".into(),
        ..observed.gateways[0].clone()
    });
    observed
}

#[test]
fn what_carries_a_database_in_grace_is_kept_in_its_vpc_and_in_all_if_that_is_unknown() {
    let mut observed = vanished();
    let of_orders = [
        "network databases".to_owned(),
        "gateway-group vpc-p".to_owned(),
        "gateway-rule vpc-p sg-orders 5432".to_owned(),
        "gateway vpc-p".to_owned(),
        "database-rule vpc-p sg-orders 5432".to_owned(),
        format!("configuration {ORDERS}"),
        format!("association {ORDERS} databases"),
    ];
    assert_eq!(keys(&observed), of_orders);
    observed.configurations[0].gateway = "rgw-9".into();
    let all = keys(&observed);
    assert!(of_orders.iter().all(|key| all.contains(key)), "{all:?}");
    assert!(all.contains(&"gateway-group vpc-q".to_owned()), "{all:?}");
    assert!(all.contains(&"gateway vpc-q".to_owned()), "{all:?}");
}

#[test]
fn what_is_on_its_way_is_not_torn_down_because_it_has_to_wait() {
    let mut observed = connected();
    observed.associations.clear();
    observed.databases[0].status = "creating".to_owned();
    assert_eq!(keys(&observed).len(), 7);
    assert_eq!(done(&observed), ["update gateway-group vpc-p"], "its mark");
    // Nothing is begun where there is no configuration, or where the network is not allowed.
    let begun = |observed: &Observed| keys(observed).iter().any(|key| key.starts_with("gateway "));
    assert!(begun(&observed));
    let mut elsewhere = observed.clone();
    elsewhere.databases[0].tags = tags(&[(tag::EXPOSE, "others")]);
    assert!(!begun(&elsewhere));
    observed.configurations.clear();
    assert!(!begun(&observed));
}

#[test]
fn a_database_that_is_switched_off_is_told_why_it_is_not_gone_yet() {
    let mut observed = connected();
    observed.databases[0].tags = tags(&[(tag::EXPOSE, "off")]);
    assert_eq!(told(&observed), "waiting orders db-ORDERS for its removal");
    assert_eq!(done(&observed), [format!("delete association {ORDERS} databases")]);
    let association = key(&format!("association {ORDERS} databases"));
    let configuration = key(&format!("configuration {ORDERS}"));
    for stuck in [association, configuration] {
        let mut observed = observed.clone();
        observed.associations[0].life = Life::Leaving;
        let said = Some("it is in use".to_owned());
        observed.memory.tries("delete", &stuck, at(), said, None);
        let mut decision = decide(Side::ExposeDatabase, &observed, &settings());
        decision.memory = observed.memory.clone();
        let outcome = crate::outcome::Outcome::new(
            Side::ExposeDatabase,
            &observed,
            &decision,
            &decision.memory,
            Vec::new(),
            Vec::new(),
        );
        let status = outcome.reports[0].status(&Tags::new());
        assert_eq!(status, "waiting orders db-ORDERS for its removal: it is in use");
    }
}

#[test]
fn a_configuration_that_outlived_its_associations_is_spoken_of_once() {
    let mut observed = connected();
    observed.databases[0].tags.clear();
    observed.associations.clear();
    assert!(told(&observed).ends_with("for its removal"), "{}", told(&observed));
    assert_eq!(keys(&observed).len(), 3, "the network and both rules: {:?}", keys(&observed));
    observed.databases[0].tags = tags(&[(tag::EXPOSE, "databases")]);
    assert_eq!(told(&observed), "waiting orders db-ORDERS for the resource association");
}

#[test]
fn a_database_is_as_ready_as_the_first_thing_that_it_lacks() {
    let mut observed = connected();
    let rests_on = [
        "network databases".to_owned(),
        "gateway-group vpc-p".to_owned(),
        "gateway-rule vpc-p sg-orders 5432".to_owned(),
        "database-rule vpc-p sg-orders 5432".to_owned(),
        "gateway vpc-p".to_owned(),
        format!("configuration {ORDERS}"),
        format!("association {ORDERS} databases"),
    ];
    let decision = decide(Side::ExposeDatabase, &observed, &settings());
    let line = &decision.desired.reports[0].lines[0];
    let found: Vec<String> = line.rests_on.iter().map(Key::to_string).collect();
    assert_eq!(found, rests_on);
    observed.databases.push(crate::observed::Database {
        tags: tags(&[(tag::EXPOSE, "databases")]),
        ..another("sales", "db-SALES")
    });
    assert_eq!(
        statuses(Side::ExposeDatabase, &observed, &settings()),
        [
            "ready orders db-ORDERS on databases",
            "waiting sales db-SALES for the resource configuration"
        ]
    );
}

#[test]
fn a_network_that_left_the_list_is_read_until_it_is_left() {
    let mut settings = settings();
    settings.networks = as_for_all([NetworkName::from("reports")]);
    let mut observed = connected();
    observed.vpcs[0].tags.clear();
    let status = statuses(Side::ExposeDatabase, &observed, &settings);
    assert!(status[0].starts_with("refused NOT_ALLOWED orders db-ORDERS the platform team"));
    observed.networks.push(network("sn-9", "others"));
    let items = super::super::items(&observed, &settings);
    let networks: Vec<String> = items.keys().map(Key::to_string).collect();
    assert!(networks.contains(&"network databases".to_owned()));
    assert!(!networks.contains(&"network others".to_owned()));
}

/// `databases` left the list, nothing is on it, and the mark of a gateway group names it.
fn left() -> (Observed, Settings) {
    let mut observed = connected();
    observed.databases[0].tags = tags(&[(tag::EXPOSE, "reports")]);
    observed.vpcs[0].tags.clear();
    observed.associations.clear();
    observed.ways.clear();
    observed.accesses.clear();
    let mut settings = settings();
    settings.networks = as_for_all([NetworkName::from("reports")]);
    (observed, settings)
}

#[test]
fn a_network_of_ours_that_left_the_list_goes_and_its_mark_stays_until_then() {
    let (mut observed, settings) = left();
    let arn = lattice("servicenetwork", "sn-1");
    let asked = crate::questions(Side::ExposeDatabase, &observed, &settings);
    assert!(asked.contains(&crate::observed::Question::Tags(arn.clone())), "{asked:?}");
    let network = key("network databases");
    let look = |observed: &Observed| {
        let decision = decide(Side::ExposeDatabase, observed, &settings);
        let group = decision.desired.get(&key("gateway-group vpc-p")).expect("it is wanted");
        let base = decision.items.get(&network).map(|item| item.built_on.clone());
        (base, group.tags[tag::NETWORKS].clone())
    };
    let base = Some([key("gateway-group vpc-p")].into());
    let both = Some("databases+reports".to_owned());
    observed.answers.tags.insert(arn.clone(), ours("network databases"));
    assert_eq!(look(&observed), (base, both));
    let memory = decide(Side::ExposeDatabase, &observed, &settings).memory;
    let agreed =
        Observed { memory, at: at() + jiff::SignedDuration::from_secs(30), ..observed.clone() };
    let deleted = begun(Side::ExposeDatabase, &agreed, &settings);
    assert!(deleted.contains(&"delete network databases".to_owned()), "{deleted:?}");
    // Somebody else's, another account's, and one that no group of ours names.
    let none = (None, Some("reports".to_owned()));
    let mut shared = observed.clone();
    shared.networks[0].is_shared = true;
    assert_eq!(look(&shared), none);
    let mut theirs = observed.clone();
    theirs.groups[1].tags.insert(tag::NETWORKS.to_owned(), "reports".to_owned());
    assert_eq!(look(&theirs), none);
    observed.answers.tags.insert(arn, tags(&[]));
    assert_eq!(look(&observed), none);
}

#[test]
fn a_zone_that_the_gateway_does_not_serve_is_named() {
    let mut observed = connected();
    observed.gateways[0].subnets = ["subnet-p1".into()].into();
    assert_eq!(
        told(&observed),
        "ready orders db-ORDERS on databases - warn ZONE use1-az2: rgw-1 was made before it had a \
         subnet there - to serve it set trellis:expose to off on all databases of the VPC and then \
         back"
    );
    observed.gateways[0].subnets.insert("subnet-9".into());
    assert_eq!(told(&observed), "ready orders db-ORDERS on databases", "who knows its zone");
}
