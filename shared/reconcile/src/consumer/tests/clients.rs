//! Groups of clients: who is let in, who stays, and who goes.

use crate::key::Side;
use crate::observed::{Direction, Life, Observed, Thing, WayId};
use crate::tag;
use crate::tests::{connected, group, ours, rule, settings, statuses, tags, wanted};

use super::done;

const CREATED: &str = "create endpoint-rule vpc-c databases sg-app 5432";
const DELETED: &str = "delete endpoint-rule vpc-c databases sg-app 5432";

/// The tag of the group `sg-app` says this, and it is not let in yet.
fn asking(value: &str) -> Observed {
    let mut observed = connected();
    observed.groups[2].tags = tags(&[(tag::CLIENT, value)]);
    observed
}

/// The group `sg-app` was let in, with this in its rule's deadline, and its tag says this.
fn let_in(value: Option<&str>, deadline: Option<&str>) -> Observed {
    let mut observed = connected();
    observed.groups[2].tags = value.map(|value| tags(&[(tag::CLIENT, value)])).unwrap_or_default();
    let mut found = ours("endpoint-rule vpc-c databases sg-app 5432");
    found.extend(deadline.map(|it| (tag::WITHDRAW_AFTER.to_owned(), it.to_owned())));
    observed.rules.push(rule("sgr-5", "sg-endpoint", Direction::Ingress, "sg-app", found));
    observed
}

#[test]
fn a_group_is_let_in_on_the_network_that_its_tag_names() {
    assert_eq!(done(&asking("databases")), [CREATED]);
    assert_eq!(done(&asking("reports+databases")), [CREATED]);
    for value in ["reports", "others", "off", "Databases"] {
        assert_eq!(done(&asking(value)), Vec::<String>::new(), "{value}");
    }
    let mut elsewhere = asking("databases");
    elsewhere.groups[2].vpc = "vpc-p".into();
    assert_eq!(done(&elsewhere), Vec::<String>::new());
    assert_eq!(done(&let_in(Some("databases"), None)), Vec::<String>::new());
    let returned = let_in(Some("databases"), Some("2026-11-24T12:15:00Z"));
    assert_eq!(done(&returned), ["update endpoint-rule vpc-c databases sg-app 5432"]);
}

#[test]
fn a_group_that_was_let_in_goes_through_the_gate() {
    assert_eq!(done(&let_in(Some("off"), None)), [DELETED]);
    let marked = ["update endpoint-rule vpc-c databases sg-app 5432"];
    assert_eq!(done(&let_in(None, None)), marked, "the tag vanished");
    assert_eq!(done(&let_in(None, Some("2026-11-24T12:10:00Z"))), Vec::<String>::new());
    assert_eq!(done(&let_in(None, Some("2026-11-24T11:59:00Z"))), [DELETED]);
    assert_eq!(done(&let_in(Some("Databases"), None)), Vec::<String>::new(), "it is refused");
    let mut absent = let_in(None, Some("2026-11-24T11:59:00Z gone"));
    absent.groups.remove(2);
    assert_eq!(done(&absent), Vec::<String>::new());
    absent.answers.gone.insert(Thing::Group("sg-9".into()));
    assert_eq!(done(&absent), Vec::<String>::new());
    absent.answers.gone.insert(Thing::Group("sg-app".into()));
    assert_eq!(done(&absent), [DELETED]);
}

#[test]
fn a_group_that_moved_goes_when_it_is_let_in_where_its_tag_says() {
    let mut observed = let_in(Some("reports"), Some("2026-11-24T11:59:00Z moved"));
    assert_eq!(done(&observed), Vec::<String>::new());
    let second = |observed: &mut Observed| {
        let mut network = observed.networks[0].clone();
        (network.id, network.name) = ("sn-2".into(), "reports".into());
        network.arn = "arn:2".into();
        observed.networks.push(network);
        observed.vpcs[0].tags = tags(&[(tag::CONSUME, "databases+reports")]);
        let own = ours("endpoint-group vpc-c reports");
        observed.groups.push(group("sg-e2", "trellis-endpoint-reports", "vpc-c", own));
        let own = ours("client-group vpc-c reports");
        observed.groups.push(group("sg-c2", "trellis-client-reports", "vpc-c", own));
        let mut endpoint = observed.ways[0].clone();
        (endpoint.id, endpoint.network) = (WayId::Endpoint("vpce-2".into()), "arn:2".into());
        endpoint.tags = ours("endpoint vpc-c reports");
        endpoint.groups = ["sg-e2".into()].into();
        observed.ways.push(endpoint);
    };
    second(&mut observed);
    assert!(!done(&observed).contains(&DELETED.to_owned()), "no rule is there");
    let own = ours("endpoint-rule vpc-c reports sg-app 5432");
    observed.rules.push(rule("sgr-6", "sg-e2", Direction::Ingress, "sg-app", own));
    assert!(done(&observed).contains(&DELETED.to_owned()), "{:?}", done(&observed));
    let mut other = observed.clone();
    other.rules[5].peer = crate::observed::Peer::Group("sg-x".into(), crate::id::Port(5432));
    assert!(!done(&other).contains(&DELETED.to_owned()), "somebody else's rule");
    observed.ways[1].life = Life::Coming;
    assert!(!done(&observed).contains(&DELETED.to_owned()), "no endpoint works there");
}

#[test]
fn our_own_client_group_and_rules_that_are_not_ours_are_no_clients() {
    let keys = |observed: &Observed| wanted(Side::ConnectVpc, observed, &settings());
    let mut observed = connected();
    observed.rules[3]
        .tags
        .insert(tag::WITHDRAW_AFTER.to_owned(), "2026-11-24T11:00:00Z".to_owned());
    assert_eq!(done(&observed), ["update endpoint-rule vpc-c databases sg-client 5432"]);
    let mut observed = connected();
    observed.rules.push(rule("sgr-5", "sg-endpoint", Direction::Ingress, "sg-app", tags(&[])));
    let found = statuses(Side::ConnectVpc, &observed, &settings());
    assert_eq!(found, ["ready on databases"], "nothing is said of a client");
    assert_eq!(done(&observed), Vec::<String>::new());
    assert!(keys(&observed).contains(&"endpoint-rule vpc-c databases sg-app 5432".to_owned()));
    let marked = let_in(None, Some("2026-11-24T12:10:00Z"));
    let warned = statuses(Side::ConnectVpc, &marked, &settings());
    assert!(warned[0].contains("(warn CLIENT sg-app: waiting for the tag"), "{warned:?}");
}

#[test]
fn of_several_rules_of_a_group_any_deadline_counts() {
    let mut observed = let_in(None, Some("2026-11-24T11:59:00Z"));
    let own = ours("endpoint-rule vpc-c databases sg-app 3306");
    let mut earlier = rule("sgr-6", "sg-endpoint", Direction::Ingress, "sg-app", own.clone());
    earlier.peer = crate::observed::Peer::Group("sg-app".into(), crate::id::Port(3306));
    observed.rules.push(earlier.clone());
    let both = ["delete endpoint-rule vpc-c databases sg-app 3306", DELETED];
    assert_eq!(done(&observed), both);
    // Also where the later of two has none.
    earlier.peer = crate::observed::Peer::Group("sg-app".into(), crate::id::Port(6543));
    earlier.tags = ours("endpoint-rule vpc-c databases sg-app 6543");
    observed.rules[5] = earlier;
    assert_eq!(done(&observed), [DELETED, "delete endpoint-rule vpc-c databases sg-app 6543"]);
}
