//! How what is there gets its keys.

use crate::consumer::items;
use crate::id::Port;
use crate::item::Items;
use crate::key::Key;
use crate::observed::{Direction, Observed, Peer};
use crate::tests::{connected, endpoint, group, key, lattice, ours, rule, settings, tags};
use crate::{consumer, tag};

fn keys(observed: &Observed) -> Vec<String> {
    items(observed, &settings()).keys().map(Key::to_string).collect()
}

/// The keys of what is held by something that is none of ours.
fn held(observed: &Observed) -> Vec<String> {
    let read: Items = items(observed, &settings());
    let held = read.iter().filter(|(_, items)| items[0].is_in_use);
    held.map(|(key, _)| key.to_string()).collect()
}

#[test]
fn everything_of_a_connected_world_has_its_key_and_what_it_is_built_on() {
    let (network, client) = ("network databases", "client-group vpc-c databases");
    let group = "endpoint-group vpc-c databases";
    let expected: [(&str, &[&str]); 6] = [
        (network, &[]),
        (client, &[]),
        (group, &[]),
        ("client-rule vpc-c databases 5432", &[client, group]),
        ("endpoint-rule vpc-c databases sg-client 5432", &[client, group]),
        ("endpoint vpc-c databases", &[network, group]),
    ];
    let read = items(&connected(), &settings());
    let on = |it: &crate::item::Item| it.built_on.iter().map(Key::to_string).collect();
    let found: Vec<(String, Vec<String>)> =
        read.iter().map(|(key, items)| (key.to_string(), on(&items[0]))).collect();
    let text = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(found, expected.map(|(key, on)| (key.to_owned(), text(on))));
    assert_eq!(held(&connected()), Vec::<String>::new());
}

#[test]
fn groups_are_told_by_their_names_in_whichever_letters() {
    let named = |name: &str| {
        let mut observed = connected();
        observed.groups = vec![group("sg-9", name, "vpc-x", tags(&[]))];
        keys(&observed).into_iter().find(|key| key.contains("group"))
    };
    assert_eq!(named("Trellis-Client-Reports"), Some("client-group vpc-x reports".to_owned()));
    assert_eq!(named("trellis-endpoint-a-b"), Some("endpoint-group vpc-x a-b".to_owned()));
    let shared = "endpoint-group vpc-x reports@111122223333".to_owned();
    assert_eq!(named("trellis-endpoint-reports@111122223333"), Some(shared));
    for name in [
        "trellis-client-",
        "trellis-client-a--b",
        "trellis-reports",
        "trellisclient-reports",
        "client-reports",
        "other-client-reports",
        "trellis-gateway",
    ] {
        assert_eq!(named(name), None, "{name}");
    }
}

#[test]
fn a_rule_that_is_none_of_ours_holds_the_group_that_it_refers_to() {
    let beside = |group: &str, way, peer: &str| {
        let mut observed = connected();
        observed.rules.push(rule("sgr-9", group, way, peer, tags(&[])));
        let is_known = keys(&observed).len() == keys(&connected()).len();
        (is_known, held(&observed))
    };
    let (out, into) = (Direction::Egress, Direction::Ingress);
    let client = vec!["client-group vpc-c databases".to_owned()];
    let group = vec!["endpoint-group vpc-c databases".to_owned()];
    let none = Vec::new();
    assert_eq!(beside("sg-app", into, "sg-client"), (true, client.clone()));
    assert_eq!(beside("sg-app", out, "sg-endpoint"), (true, group));
    assert_eq!(beside("sg-client", into, "sg-client"), (true, none.clone()), "to itself");
    assert_eq!(beside("sg-client", out, "sg-app"), (true, none.clone()));
    assert_eq!(beside("sg-endpoint", out, "sg-client"), (true, client));
    assert_eq!(beside("sg-endpoint", into, "sg-app"), (false, none), "a client");
}

#[test]
fn a_client_rule_leads_to_the_endpoint_of_its_own_network() {
    let mut observed = connected();
    let other = ours("endpoint-group vpc-c reports");
    observed.groups.push(group("sg-e2", "trellis-endpoint-reports", "vpc-c", other));
    observed.rules[2].peer = Peer::Group("sg-e2".into(), Port(5432));
    assert!(!keys(&observed).contains(&"client-rule vpc-c databases 5432".to_owned()));
    assert_eq!(held(&observed), ["endpoint-group vpc-c reports"]);
}

#[test]
fn an_endpoint_is_ours_by_its_tags_in_the_vpc_that_they_name() {
    let own = "endpoint vpc-c databases".to_owned();
    let read = |change: &dyn Fn(&mut crate::observed::Way)| {
        let mut observed = connected();
        observed.ways = vec![endpoint("vpce-1")];
        change(&mut observed.ways[0]);
        let endpoints: Vec<String> =
            keys(&observed).into_iter().filter(|key| key.starts_with("endpoint vpc")).collect();
        (endpoints, held(&observed))
    };
    let ours_alone = (vec![own.clone()], Vec::new());
    let holds = (Vec::new(), vec!["endpoint-group vpc-c databases".to_owned()]);
    assert_eq!(read(&|_| {}), ours_alone);
    assert_eq!(read(&|it| it.tags = tags(&[])), holds);
    let owned_by = |owner: &'static str| {
        move |it: &mut crate::observed::Way| {
            it.tags.insert(tag::OWNER.to_owned(), owner.to_owned());
        }
    };
    assert_eq!(read(&owned_by("another")), holds);
    assert_eq!(read(&|it| it.vpc = "vpc-x".into()), holds, "tags that were copied");
    assert_eq!(read(&|it| it.tags = ours("gateway vpc-c")), holds);
    // By its ARN, if that is listed, else by what the tag says.
    assert_eq!(read(&|it| it.tags = ours("endpoint vpc-c reports")), ours_alone);
    let unlisted = |it: &mut crate::observed::Way| {
        it.network = lattice("servicenetwork", "sn-9");
        it.tags = ours("endpoint vpc-c reports");
    };
    assert_eq!(read(&unlisted).0, ["endpoint vpc-c reports"]);
}

#[test]
fn a_network_is_known_by_its_id_and_arn() {
    let read = consumer::items(&connected(), &settings());
    let arn = lattice("servicenetwork", "sn-1");
    assert_eq!(read.network(&key("network databases")), Some((&"sn-1".into(), &arn)));
    assert_eq!(read.group(&key("client-group vpc-c databases")), Some(&"sg-client".into()));
    assert_eq!(read.group(&key("network databases")), None);
    assert_eq!(read.gateway(&key("network databases")), None);
    assert_eq!(read.network(&key("client-group vpc-c databases")), None);
    assert_eq!(read.configuration(&key("network databases")), None);
    let rule = key("endpoint-rule vpc-c databases sg-client 5432");
    assert_eq!(read.group_of_rule(&rule), Some(&"sg-endpoint".into()));
    assert_eq!(read.group_of_rule(&key("network databases")), None);
}
