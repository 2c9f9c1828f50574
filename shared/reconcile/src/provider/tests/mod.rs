//! What is said and done about databases, one difference from a connected world at a time.

mod making;
mod questions;
mod reading;

use crate::freeze::Listing;
use crate::id::Port;
use crate::key::{Key, Side};
use crate::observed::{Database, DatabaseKind, Life, Observed, Passage, Switchover};
use crate::settings::Settings;
use crate::tag;
use crate::tests::{
    ID, ORDERS, another, begun, connected, endpoint, group, lattice, network, ours, settings,
    statuses, tags,
};

/// What is done on the provider side.
fn done(observed: &Observed) -> Vec<String> {
    begun(Side::ExposeDatabase, observed, &settings())
}

/// What the one database that is spoken of is told.
fn told(observed: &Observed) -> String {
    told_by(observed, &settings())
}

fn told_by(observed: &Observed, settings: &Settings) -> String {
    let mut statuses = statuses(Side::ExposeDatabase, observed, settings);
    assert_eq!(statuses.len(), 1, "{statuses:?}");
    statuses.remove(0)
}

/// `orders` asks for `databases`, and nothing of it is there.
fn asked() -> Observed {
    let mut observed = connected();
    observed.gateways.clear();
    observed.configurations.clear();
    observed.associations.clear();
    observed.accesses.clear();
    observed.groups.retain(|group| group.name != "trellis-gateway");
    observed.rules.retain(|rule| rule.group.as_str() != "sg-orders");
    observed.rules.retain(|rule| rule.group.as_str() != "sg-gateway");
    observed
}

/// The same, of which the database differs.
fn asked_by(change: impl Fn(&mut Database)) -> Observed {
    let mut observed = asked();
    change(&mut observed.databases[0]);
    observed
}

#[test]
fn a_database_that_cannot_be_exposed_is_told_why() {
    let engine = |name: &'static str| move |it: &mut Database| it.engine = name.to_owned();
    let told_to = |change: &dyn Fn(&mut Database)| told(&asked_by(change));
    let unsupported = "refused UNSUPPORTED orders db-ORDERS";
    assert_eq!(
        told_to(&|it| it.cluster = Some("blue".to_owned())),
        "refused MEMBER orders db-ORDERS tag its cluster blue instead of the member"
    );
    assert!(told_to(&|it| it.kind = DatabaseKind::Cluster).starts_with(unsupported));
    assert!(told_to(&engine("neptune")).starts_with(unsupported));
    assert!(told_to(&engine("docdb")).starts_with(unsupported));
    assert!(told_to(&engine("custom-oracle-ee")).starts_with(unsupported));
    assert!(told_to(&|it| it.is_public = true).starts_with("refused PUBLIC orders"));
    assert_eq!(told_to(&|it| it.vpc = None), "refused NO_VPC orders db-ORDERS it lies in no VPC");
    assert_eq!(
        told_to(&|it| it.groups.clear()),
        "waiting orders db-ORDERS for one of its security groups to be active"
    );
    assert_eq!(told(&asked()), "waiting orders db-ORDERS for the gateway group");
}

#[test]
fn a_database_is_waited_for_until_it_is_available_and_no_longer() {
    let status = |word: &'static str| asked_by(|it| it.status = word.to_owned());
    for word in [
        "creating",
        "deleting",
        "delete-precheck",
        "failed",
        "restore-error",
        "incompatible-network",
    ] {
        let expected =
            format!("waiting orders db-ORDERS for the database to be available: it is {word}");
        assert_eq!(told(&status(word)), expected);
        assert_eq!(done(&status(word)), Vec::<String>::new(), "{word}");
    }
    for word in ["available", "backing-up", "modifying", "stopped"] {
        assert_eq!(done(&status(word)), ["create gateway-group vpc-p"], "{word}");
    }
    let without = asked_by(|it| it.endpoint = None);
    assert!(told(&without).ends_with("to be available: it is available"));
}

#[test]
fn tags_that_came_with_a_copy_expose_nothing_unless_the_deployment_says_so() {
    let written = |status| asked_by(|it| it.tags.extend(tags(&[(tag::STATUS, status)])));
    let copy = written("ready sales db-SALES on databases");
    assert!(told(&copy).starts_with("refused RESTORED orders db-ORDERS"), "{}", told(&copy));
    assert_eq!(done(&copy), Vec::<String>::new());
    let mut settings = settings();
    settings.expose_restored = true;
    assert!(told_by(&copy, &settings).starts_with("waiting"));
    let mut unknown = written("ready sales db-ORDERS on databases");
    assert!(told(&unknown).starts_with("refused RESTORED"), "nobody could be asked");
    unknown.answers.switchovers = Some(Vec::new());
    assert!(told(&unknown).starts_with("waiting"), "renamed");
}

#[test]
fn groups_that_are_full_are_passed_over_until_none_is_left() {
    let two = || asked_by(|it| it.groups = ["sg-a".into(), "sg-orders".into()].into());
    let group_of_rule = |observed: &Observed| {
        let mut observed = observed.clone();
        let tags = ours("gateway-group vpc-p");
        observed.groups.push(group("sg-gateway", "trellis-gateway", "vpc-p", tags));
        let rules: Vec<String> =
            done(&observed).into_iter().filter(|it| it.contains("rule")).collect();
        rules
    };
    let rules = |group: &str| {
        vec![
            format!("create gateway-rule vpc-p {group} 5432"),
            format!("create database-rule vpc-p {group} 5432"),
        ]
    };
    let mut observed = two();
    assert_eq!(group_of_rule(&observed), rules("sg-a"));
    observed.memory.is_full("sg-a".into());
    assert_eq!(group_of_rule(&observed), rules("sg-orders"));
    observed.memory.is_full("sg-orders".into());
    assert_eq!(
        told(&observed),
        "refused RULES_FULL orders db-ORDERS none of its security groups has room for another \
         inbound rule"
    );
    // What lets in already stays, full or not.
    let mut observed = connected();
    observed.databases[0].groups.insert("sg-a".into());
    observed.memory.is_full("sg-orders".into());
    observed.memory.is_full("sg-gateway".into());
    assert_eq!(told(&observed), "ready orders db-ORDERS on databases");
    assert_eq!(done(&observed), Vec::<String>::new());
}

#[test]
fn a_full_gateway_group_is_followed_by_four_more() {
    let mut observed = connected();
    observed.databases[0].groups = ["sg-new".into()].into();
    for number in 1..=5 {
        let (id, full) = (format!("sg-{number}"), format!("trellis-gateway-{number}"));
        if number > 1 {
            let tags = ours(&format!("gateway-group vpc-p {number}"));
            observed.groups.push(group(&id, &full, "vpc-p", tags));
        }
        let through = if number == 1 { "sg-gateway" } else { id.as_str() };
        let rule = Key::GatewayRule("vpc-p".into(), "sg-new".into(), Port(5432));
        let plan = crate::decide(Side::ExposeDatabase, &observed, &settings()).plan;
        let made = plan.intents.iter().find(|it| it.key == rule).expect("it has room");
        assert!(format!("{:?}", made.action).contains(through), "{number}: {made:?}");
        observed.memory.is_full(through.into());
    }
    assert!(told(&observed).starts_with("refused RULES_FULL orders db-ORDERS all gateway groups"));
    // A rule that is there leads through its group, whichever has room.
    let mut observed = connected();
    let second = ours("gateway-group vpc-p 2");
    observed.groups.push(group("sg-2", "trellis-gateway-2", "vpc-p", second));
    observed.rules[0].group = "sg-2".into();
    observed.gateways[0].groups.insert("sg-2".into());
    assert_eq!(done(&observed), Vec::<String>::new());
}

#[test]
fn a_gateway_needs_free_addresses_in_a_subnet_that_can_be_seen() {
    let free = |number| {
        let mut observed = asked();
        observed.subnets.iter_mut().for_each(|subnet| subnet.free = number);
        observed
    };
    assert_eq!(told(&free(2)), "waiting orders db-ORDERS for the gateway group");
    let mut none = free(1);
    assert!(told(&none).starts_with("refused NO_SUBNET orders db-ORDERS"), "{}", told(&none));
    none.unknown.insert(Listing::Subnets, "throttled".to_owned());
    assert_eq!(told(&none), "waiting orders db-ORDERS for the subnets to be listed: throttled");
    let mut observed = connected();
    observed.subnets.clear();
    assert_eq!(told(&observed), "ready orders db-ORDERS on databases", "the gateway is there");
}

#[test]
fn what_has_our_name_and_not_our_tags_is_named() {
    let mut observed = asked();
    observed.groups.push(group("sg-x", "trellis-gateway", "vpc-p", tags(&[])));
    let expected = "refused FOREIGN orders db-ORDERS the gateway group of this name is not \
                    tagged trellis:owner=trellis";
    assert!(told(&observed).starts_with(expected), "{}", told(&observed));
    let mut observed = connected();
    observed.answers.tags.insert(observed.gateways[0].arn.clone(), tags(&[]));
    observed.associations.clear();
    assert!(told(&observed).starts_with("refused FOREIGN orders db-ORDERS the resource gateway"));
    assert_eq!(done(&observed), ["update gateway-group vpc-p"], "its mark");
}

#[test]
fn a_network_that_is_not_made_here_is_waited_for() {
    let mut settings = settings();
    settings.create_networks = false;
    let mut observed = asked();
    assert_eq!(told_by(&observed, &settings), "waiting orders db-ORDERS for the gateway group");
    observed.networks.clear();
    assert_eq!(told(&observed), "waiting orders db-ORDERS for the service network");
    assert_eq!(
        told_by(&observed, &settings),
        "waiting orders db-ORDERS for the service network databases: this deployment makes none \
         so make it"
    );
}

/// Nothing is on a network yet, and `vpc-c` reaches `vpc-p` by a peering connection.
fn beside_a_peering() -> Observed {
    let mut observed = connected();
    observed.associations.clear();
    let vpcs = ["vpc-c".into(), "vpc-p".into()].into();
    observed.answers.passages = Some(vec![Passage { id: "pcx-1".to_owned(), vpcs }]);
    observed
}

#[test]
fn a_database_that_a_vpc_reaches_another_way_is_not_put_on_its_network() {
    let association = format!("create association {ORDERS} databases");
    let mut observed = beside_a_peering();
    assert!(told(&observed).starts_with("refused TAKEOVER orders db-ORDERS vpc-c reaches vpc-p"));
    assert_eq!(done(&observed), Vec::<String>::new());
    observed.configurations.clear();
    assert_eq!(done(&observed), [format!("create configuration {ORDERS}")], "all but DNS");
    let mut observed = beside_a_peering();
    observed.ways[0].life = Life::Leaving;
    assert_eq!(done(&observed), std::slice::from_ref(&association));
    observed.ways[0] = endpoint("vpce-1");
    observed.ways[0].network = lattice("servicenetwork", "sn-2");
    assert_eq!(done(&observed), [association]);
    let mut observed = beside_a_peering();
    observed.associations = connected().associations;
    assert_eq!(told(&observed), "ready orders db-ORDERS on databases", "it was there before");
}

/// `orders` is on `databases`, asks for `reports`, and the grace period is over.
fn moved(change: impl Fn(&mut Observed)) -> Observed {
    let mut observed = connected();
    observed.databases[0].tags = tags(&[(tag::EXPOSE, "reports")]);
    let mut found = ours(&format!("association {ORDERS} databases"));
    found.insert(tag::WITHDRAW_AFTER.to_owned(), "2026-11-24T11:00:00Z moved".to_owned());
    observed.answers.tags.insert(observed.associations[0].arn.clone(), found);
    observed.groups[1].tags.insert(tag::IN_GRACE.to_owned(), "yes".to_owned());
    observed.networks.push(network("sn-2", "reports"));
    change(&mut observed);
    observed
}

/// As after a reading that lacked the association just when its tag returned: nothing was marked
/// any more, and nobody took the deadline off.
#[test]
fn a_deadline_that_no_mark_tells_of_is_left_of_an_earlier_grace_period() {
    let leaves = |change: &dyn Fn(&mut Observed)| {
        let observed = moved(|it| {
            it.databases[0].tags.clear();
            let found = it.answers.tags.values_mut().next().expect("those of the association");
            found.insert(tag::WITHDRAW_AFTER.to_owned(), "2026-11-24T11:00:00Z".to_owned());
            change(it);
        });
        done(&observed).contains(&format!("delete association {ORDERS} databases"))
    };
    let unmark = |it: &mut Observed| drop(it.groups[1].tags.remove(tag::IN_GRACE));
    assert!(leaves(&|_| {}));
    assert!(!leaves(&unmark), "its grace period begins now");
    assert!(leaves(&|it| {
        unmark(it);
        it.groups[1].tags.insert(tag::FIRST_IN_GRACE.to_owned(), "yes".to_owned());
    }));
    assert!(leaves(&|it| drop(it.groups.remove(1))), "there is nothing to carry a mark");
}

#[test]
fn a_switchover_is_remembered_by_its_deadline_with_a_mark_or_without() {
    let mut observed = replaced(&[]);
    let mut found = ours(&format!("association {ORDERS} databases"));
    let words = "2026-11-24T12:10:00Z switched db-NEW".to_owned();
    found.insert(tag::WITHDRAW_AFTER.to_owned(), words);
    observed.answers.tags.insert(observed.associations[0].arn.clone(), found);
    for (mark, until) in [("team", "12:15"), (tag::IN_GRACE, "12:10")] {
        observed.groups[1].tags.insert(mark.to_owned(), "yes".to_owned());
        let expected = format!(
            "the tag trellis:expose to return or its withdrawal after \
                                2026-11-24T{until}:00Z"
        );
        assert_eq!(told(&observed), format!("waiting orders db-NEW for {expected}"), "{mark}");
    }
}

#[test]
fn the_old_network_is_left_once_the_new_works_or_if_the_configuration_cannot_carry_it() {
    let leaves = |change: &dyn Fn(&mut Observed)| {
        done(&moved(change)).contains(&format!("delete association {ORDERS} databases"))
    };
    assert!(!leaves(&|_| {}));
    assert_eq!(
        told(&moved(|_| {})),
        "waiting orders db-ORDERS for reports to work before this one is withdrawn"
    );
    assert!(leaves(&|it| {
        let mut other = it.associations[0].clone();
        (other.id, other.network) = ("snra-2".into(), "sn-2".into());
        other.arn = lattice("servicenetworkresourceassociation", "snra-2");
        it.associations.push(other);
    }));
    let broken = || Life::broken("it failed", None);
    let endpoint = |port| Some(("orders.example".to_owned(), Port(port)));
    assert!(leaves(&|it| it.databases[0].endpoint = endpoint(3306)), "another port");
    assert!(leaves(&|it| it.configurations[0].gateway = "rgw-9".into()), "another gateway");
    assert!(leaves(&|it| it.gateways[0].life = broken()));
    assert!(leaves(&|it| it.configurations[0].life = broken()));
    assert!(!leaves(&|it| it.databases[0].endpoint = None));
    assert!(!leaves(&|it| it.gateways.clear()));
    assert!(!leaves(&|it| it.gateways[0].life = Life::Coming));
    assert!(!leaves(&|it| it.configurations[0].life = Life::Coming));
}

/// Another database stands at the ARN of `orders`, and nothing is known of a switchover.
fn replaced(pairs: &[(&str, &str)]) -> Observed {
    let mut observed = connected();
    observed.databases[0].resource_id = "db-NEW".into();
    observed.databases[0].tags = tags(pairs);
    let arn = observed.configurations[0].arn.clone();
    observed.answers.tags.insert(arn, ours(&format!("configuration {ORDERS}")));
    observed.answers.switchovers = Some(Vec::new());
    observed
}

#[test]
fn who_has_the_tags_of_another_database_is_told_which_one_to_take_off() {
    let status = (tag::STATUS, "ready sales db-SALES on databases");
    let said = told(&replaced(&[(tag::EXPOSE, "databases"), status]));
    assert!(said.ends_with("to expose it too take its tag trellis:status off"), "{said}");
}

#[test]
fn who_stands_in_the_place_of_an_exposed_database_is_withdrawn_switched_or_written_down() {
    let observed = replaced(&[]);
    assert!(told(&observed).starts_with("refused REPLACED orders db-NEW it is not the database"));
    assert_eq!(done(&observed), [format!("delete association {ORDERS} databases")]);
    assert!(told(&replaced(&[(tag::EXPOSE, "off")])).starts_with("waiting orders db-NEW"));
    let observed = replaced(&[(tag::EXPOSE, "databases")]);
    let plan = crate::decide(Side::ExposeDatabase, &observed, &settings()).plan;
    assert_eq!(plan.intents.len(), 1, "{plan:?}");
    let action = format!("{:?}", plan.intents[0].action);
    assert!(action.contains(tag::DATABASE) && action.contains("db-NEW"), "{action}");
    let mut observed = replaced(&[]);
    let databases = [ORDERS.into(), another("orders-old1", ID).arn].into();
    observed.answers.switchovers = Some(vec![Switchover { databases }]);
    assert_eq!(
        told(&observed),
        "waiting orders db-NEW for the tag trellis:expose to return or its withdrawal after \
         2026-11-24T12:15:00Z"
    );
}

#[test]
fn an_association_that_is_not_ours_is_neither_kept_nor_spoken_of() {
    let mut observed = connected();
    observed.databases[0].tags.clear();
    let arn = observed.associations[0].arn.clone();
    observed.answers.tags.insert(arn.clone(), tags(&[]));
    assert!(told(&observed).ends_with("for its removal"), "that of the configuration");
    observed.answers.tags.insert(arn, ours(&format!("association {ORDERS} databases")));
    assert!(told(&observed).contains("the tag trellis:expose to return"));
}
