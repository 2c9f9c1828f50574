//! How what is there gets its keys.

use crate::id::Port;
use crate::item::{Item, Items, Spec};
use crate::key::Key;
use crate::observed::{Binding, Direction, Life, Observed, Peer};
use crate::provider::items;
use crate::step::{Delete, Evidence};
use crate::tag;
use crate::tests::{
    ORDERS, another, association, configuration, connected, group, key, lattice, network, ours,
    rule, settings, tags,
};

fn keys(observed: &Observed) -> Vec<String> {
    items(observed, &settings()).keys().map(Key::to_string).collect()
}

fn item(text: &str, items: &Items) -> Item {
    items.get(&key(text)).unwrap_or_else(|| panic!("no {text}")).clone()
}

#[test]
fn everything_of_a_connected_world_has_its_key_and_what_it_is_built_on() {
    let items = items(&connected(), &settings());
    let (configuration, association) =
        (format!("configuration {ORDERS}"), format!("association {ORDERS} databases"));
    let group = "gateway-group vpc-p";
    let expected: [(&str, &[&str]); 7] = [
        ("network databases", &[]),
        (group, &[]),
        ("gateway-rule vpc-p sg-orders 5432", &[group]),
        ("gateway vpc-p", &[group]),
        ("database-rule vpc-p sg-orders 5432", &[group]),
        (&configuration, &["gateway vpc-p"]),
        (&association, &["network databases", &configuration]),
    ];
    let found: Vec<(String, Vec<String>)> = items
        .iter()
        .map(|(key, items)| {
            (key.to_string(), items[0].built_on.iter().map(Key::to_string).collect())
        })
        .collect();
    let text = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(found, expected.map(|(key, on)| (key.to_owned(), text(on))));
    assert!(items.iter().all(|(_, items)| items.len() == 1 && !items[0].is_in_use));
}

#[test]
fn only_the_open_egress_of_the_group_itself_is_to_be_closed() {
    let open = |group: &str, way, peer| {
        let mut observed = connected();
        observed.rules.push(rule("sgr-9", group, way, "sg-orders", tags(&[])));
        observed.rules[4].peer = peer;
        match item("gateway-group vpc-p", &items(&observed, &settings())).spec {
            Spec::Group { open, .. } => !open.is_empty(),
            other => panic!("{other:?}"),
        }
    };
    let (out, into) = (Direction::Egress, Direction::Ingress);
    assert!(open("sg-gateway", out, Peer::Everybody));
    assert!(!open("sg-gateway", into, Peer::Everybody));
    assert!(!open("sg-gateway", out, Peer::Other));
    assert!(!open("sg-orders", out, Peer::Everybody));
}

#[test]
fn a_rule_of_somebody_else_is_no_reason_to_keep_our_group_but_one_that_refers_to_it_is() {
    let mut observed = connected();
    observed.rules[0].tags.clear();
    observed.rules[1].tags.clear();
    let read = items(&observed, &settings());
    assert_eq!(item("gateway-rule vpc-p sg-orders 5432", &read).built_on, [].into());
    let group = key("gateway-group vpc-p");
    assert_eq!(
        item("database-rule vpc-p sg-orders 5432", &read).built_on,
        [group].into(),
        "AWS would not remove the group"
    );
    observed.rules.push(rule("sgr-9", "sg-x", Direction::Egress, "sg-gateway", tags(&[])));
    assert!(item("gateway-group vpc-p", &items(&observed, &settings())).is_in_use);
    observed.rules[4].group = "sg-gateway".into();
    assert!(!item("gateway-group vpc-p", &items(&observed, &settings())).is_in_use, "its own");
}

#[test]
fn a_gateway_of_another_name_is_none_of_ours_and_holds_our_group() {
    let mut observed = connected();
    observed.gateways[0].name = "trellis-vpc-x".to_owned();
    let read = items(&observed, &settings());
    assert_eq!(read.get(&key("gateway vpc-p")), None);
    assert!(item("gateway-group vpc-p", &read).is_in_use);
}

#[test]
fn what_somebody_else_put_on_our_gateway_or_network_holds_it() {
    let mut observed = connected();
    let mut other = configuration("rcfg-9", &another("sales", "db-SALES"));
    other.name = "somebody-elses".to_owned();
    observed.associations.push(association("snra-9", &other));
    observed.configurations.push(other);
    let held = |observed: &Observed| {
        let read = items(observed, &settings());
        let is_held = |text: &&str| item(text, &read).is_in_use;
        ["gateway vpc-p", "network databases"].into_iter().filter(is_held).collect::<Vec<_>>()
    };
    assert_eq!(held(&observed), ["gateway vpc-p", "network databases"]);
    observed.configurations[1].gateway = "rgw-9".into();
    assert_eq!(held(&observed), ["network databases"]);
    observed.associations[1].network = "sn-9".into();
    assert_eq!(held(&observed), Vec::<&str>::new());
}

#[test]
fn a_configuration_that_is_bound_to_another_database_does_no_work() {
    let life = |database: &str| {
        let mut observed = connected();
        let binding = Binding { database: database.into(), is_shareable: false };
        observed.answers.configurations.insert("rcfg-1".into(), binding);
        let found = item(&format!("configuration {ORDERS}"), &items(&observed, &settings()));
        let Spec::Configuration { is_shareable, port, .. } = found.spec else { panic!() };
        assert_eq!((is_shareable, port), (Some(false), Port(5432)));
        found.life
    };
    assert_eq!(life(ORDERS), Life::Ready);
    assert_eq!(life("arn:of:another"), Life::broken("it is bound to arn:of:another", None));
}

#[test]
fn a_configuration_whose_database_is_gone_is_told_by_its_tag() {
    let mut observed = connected();
    observed.databases.clear();
    let own = format!("configuration {ORDERS}");
    let is_read = |observed: &Observed| keys(observed).contains(&own);
    assert!(!is_read(&observed), "nobody asked for its tags");
    let arn = observed.configurations[0].arn.clone();
    let mut tagged = |text: &str| {
        observed.answers.tags.insert(arn.clone(), ours(text));
        observed.clone()
    };
    assert!(is_read(&tagged(&own)));
    assert!(!is_read(&tagged("configuration arn:aws:rds:us-east-1:111122223333:db:sales")));
    assert!(!is_read(&tagged("gateway vpc-p")));
    assert_eq!(keys(&tagged("configuration arn:aws:rds:us-east-1:111122223333:db:sales")).len(), 5);
}

#[test]
fn tags_that_were_not_read_are_asked_for_and_a_network_of_another_account_is_nobodys() {
    let mut observed = connected();
    let evidence =
        |observed: &Observed| item("network databases", &items(observed, &settings())).evidence;
    let arn = lattice("servicenetwork", "sn-1");
    assert_eq!(evidence(&observed), Evidence::Ask(arn.clone()));
    observed.answers.tags.insert(arn, ours("network databases"));
    assert_eq!(evidence(&observed), Evidence::Tags(ours("network databases")));
    observed.networks[0].is_shared = true;
    assert_eq!(evidence(&observed), Evidence::Tags(tags(&[])));
}

#[test]
fn of_the_networks_the_allowed_and_those_in_use_are_read_each_once() {
    let mut observed = connected();
    observed.networks.extend([
        network("sn-2", "reports"),
        network("sn-3", "others"),
        network("sn-4", "databases"),
    ]);
    let mut association = observed.associations[0].clone();
    association.network = "sn-3".into();
    let networks = |observed: &Observed| -> Vec<String> {
        keys(observed).into_iter().filter(|key| key.starts_with("network")).collect()
    };
    assert_eq!(networks(&observed), ["network databases", "network reports"]);
    let read = items(&observed, &settings());
    let found = read.iter().find(|(it, _)| **it == key("network databases")).expect("it is read");
    assert_eq!(found.1.len(), 1);
    assert_eq!(found.1[0].delete, Delete::Network("sn-1".into()));
    observed.associations.push(association);
    assert_eq!(networks(&observed), ["network databases", "network others", "network reports"]);
}

#[test]
fn gateway_groups_are_told_by_their_names_in_whichever_letters() {
    let mut observed = connected();
    observed.groups.push(group("sg-2", "TRELLIS-Gateway-2", "vpc-p", tags(&[])));
    observed.groups.push(group("sg-9", "trellis-gateway-9", "vpc-p", tags(&[])));
    let groups: Vec<String> =
        keys(&observed).into_iter().filter(|key| key.starts_with("gateway-group")).collect();
    assert_eq!(groups, ["gateway-group vpc-p", "gateway-group vpc-p 2"]);
    let first = item("gateway-group vpc-p", &items(&observed, &settings()));
    let Evidence::Tags(found) = first.evidence else { panic!() };
    assert_eq!(found[tag::NETWORKS], "databases");
}
