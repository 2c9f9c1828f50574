//! What is said and done about VPCs, one difference from a connected world at a time.

mod clients;
mod making;
mod questions;
mod reading;
mod usage;

use crate::freeze::Listing;
use crate::id::Port;
use crate::key::Side;
use crate::observed::{Gateway, Life, Observed, Passage, Thing, Way};
use crate::settings::Settings;
use crate::tag;
use crate::tests::{
    access, another, association, begun, configuration, connected, endpoint, lattice, network,
    ours, settings, statuses, subnet, tags,
};

/// What is done on the consumer side.
fn done(observed: &Observed) -> Vec<String> {
    begun(Side::ConnectVpc, observed, &settings())
}

/// What the one VPC that is spoken of is told.
fn told(observed: &Observed) -> String {
    told_by(observed, &settings())
}

fn told_by(observed: &Observed, settings: &Settings) -> String {
    let mut statuses = statuses(Side::ConnectVpc, observed, settings);
    assert_eq!(statuses.len(), 1, "{statuses:?}");
    statuses.remove(0)
}

/// `vpc-c` asks for `databases`, which `orders` is on, and nothing of it is there.
fn asked() -> Observed {
    let mut observed = connected();
    observed.ways.clear();
    observed.accesses.clear();
    observed.groups.retain(|group| !group.name.starts_with("trellis-client"));
    observed.groups.retain(|group| !group.name.starts_with("trellis-endpoint"));
    observed.rules.retain(|rule| ["sg-orders", "sg-gateway"].contains(&rule.group.as_str()));
    observed
}

/// What it is told as long as nothing stands in the way.
const WELL: &str = "waiting for the client group";

#[test]
fn a_vpc_is_connected_by_endpoints_and_by_nothing_else() {
    let via = |pattern: &str| {
        let mut observed = asked();
        observed.vpcs[0].tags = tags(&[(tag::CONSUME, "databases"), (tag::VIA, pattern)]);
        observed
    };
    assert_eq!(told(&via("endpoint")), WELL);
    for pattern in ["association", "resource-endpoint"] {
        let said =
            format!("refused UNSUPPORTED trellis:via={pattern} is not supported yet: use endpoint");
        assert_eq!(told(&via(pattern)), said);
    }
    assert!(told(&via("magic")).starts_with("refused BAD_TAG trellis:via=magic is not a pattern"));
    let mut off = via("magic");
    off.vpcs[0].tags.insert(tag::CONSUME.to_owned(), "off".to_owned());
    assert_eq!(statuses(Side::ConnectVpc, &off, &settings()), Vec::<String>::new());
}

#[test]
fn a_network_is_waited_for_until_it_is_there() {
    let mut observed = asked();
    assert_eq!(told(&observed), WELL);
    observed.networks.clear();
    assert_eq!(told(&observed), "waiting for the service network databases");
    let mut settings = settings();
    settings.create_networks = false;
    assert!(told_by(&observed, &settings).ends_with("this deployment makes none so make it"));
}

#[test]
fn of_two_networks_that_offer_the_same_database_the_later_is_refused() {
    let mut observed = asked();
    observed.vpcs[0].tags = tags(&[(tag::CONSUME, "reports+databases")]);
    observed.networks.push(network("sn-2", "reports"));
    let mut second = observed.associations[0].clone();
    (second.id, second.network) = ("snra-2".into(), "sn-2".into());
    observed.associations.push(second);
    let name = observed.configurations[0].name.clone();
    let said = told(&observed);
    let expected = format!("refused DNS_CONFLICT {name} is on reports and on databases");
    assert!(said.starts_with(&expected), "{said}");
    let decision = crate::decide(Side::ConnectVpc, &observed, &settings());
    let refused = decision.desired.reports[0].lines.iter().filter(|line| line.rests_on.is_empty());
    assert_eq!(refused.count(), 1, "the earlier network is made");
    observed.associations[1].life = Life::Leaving;
    assert_eq!(told(&observed), WELL, "it leaves the other");
    observed.associations[1] =
        association("snra-2", &configuration("rcfg-2", &another("sales", "db-SALES")));
    observed.associations[1].network = "sn-2".into();
    assert_eq!(told(&observed), WELL, "another database");
}

#[test]
fn an_endpoint_of_somebody_else_to_the_same_network_stands_in_the_way() {
    let beside = |change: &dyn Fn(&mut Way)| {
        let mut observed = asked();
        let mut it = endpoint("vpce-9");
        (it.tags, it.groups) = (tags(&[]), ["sg-app".into()].into());
        change(&mut it);
        observed.ways.push(it);
        told(&observed)
    };
    let refused = "refused FOREIGN vpce-9 leads to databases already and is not ours: remove it";
    assert_eq!(beside(&|_| {}), refused);
    assert_eq!(beside(&|it| it.tags = tags(&[(tag::OWNER, "another")])), refused);
    assert_eq!(beside(&|it| it.life = Life::Coming), refused);
    assert_eq!(beside(&|it| it.tags = tags(&[(tag::OWNER, "trellis")])), WELL);
    assert_eq!(beside(&|it| it.life = Life::broken("it failed", None)), WELL);
    assert_eq!(beside(&|it| it.vpc = "vpc-x".into()), WELL);
    assert_eq!(beside(&|it| it.network = lattice("servicenetwork", "sn-9")), WELL);
}

/// `orders` has moved from `databases` to `reports`, and `vpc-c` follows.
fn moving() -> Observed {
    let mut observed = connected();
    observed.vpcs[0].tags = tags(&[(tag::CONSUME, "reports")]);
    observed.networks.push(network("sn-2", "reports"));
    observed.associations[0].network = "sn-2".into();
    observed
}

#[test]
fn a_name_is_not_captured_again_before_it_has_left_the_other_network_of_the_vpc() {
    let said = |change: &dyn Fn(&mut Observed)| {
        let mut observed = moving();
        change(&mut observed);
        let decision = crate::decide(Side::ConnectVpc, &observed, &settings());
        let lines = decision.desired.reports.into_iter().flat_map(|report| report.lines);
        let mut lines = lines.filter(|line| line.network == Some("reports".into()));
        lines.next().expect("it asks for it").state.to_string()
    };
    let name = connected().configurations[0].name.clone();
    let held = format!("waiting for {name} to leave the other network of this VPC");
    assert_eq!(said(&|_| {}), held);
    assert_eq!(said(&|it| it.accesses[0].failure = Some("it left".to_owned())), "ready");
    assert_eq!(said(&|it| it.accesses.clear()), "ready");
    assert_eq!(said(&|it| it.ways[0].vpc = "vpc-x".into()), "ready");
    assert_eq!(said(&|it| it.associations[0].network = "sn-1".into()), "ready");
    assert_eq!(
        said(&|it| {
            let sales = configuration("rcfg-2", &another("sales", "db-SALES"));
            it.associations.push(association("snra-2", &sales));
            it.associations[0].configuration_arn = "arn:of:another".into();
        }),
        "ready"
    );
}

#[test]
fn the_old_endpoint_stays_until_the_new_one_works() {
    let mut observed = moving();
    observed.accesses.clear();
    let deadline = ("trellis:withdraw-after", "2026-11-24T11:00:00Z moved");
    observed.ways[0].tags.extend(tags(&[deadline]));
    assert!(!done(&observed).iter().any(|it| it.starts_with("delete")), "{:?}", done(&observed));
    let mut second = endpoint("vpce-2");
    second.network = lattice("servicenetwork", "sn-2");
    second.tags = ours("endpoint vpc-c reports");
    observed.ways.push(second);
    assert!(done(&observed).contains(&"delete endpoint vpc-c databases".to_owned()));
    observed.ways[1].life = Life::Coming;
    assert!(!done(&observed).contains(&"delete endpoint vpc-c databases".to_owned()));
}

#[test]
fn no_endpoint_is_made_on_a_reading_that_is_not_complete() {
    for listing in [Listing::Subnets, Listing::Gateways, Listing::Configurations] {
        let mut observed = asked();
        observed.unknown.insert(listing, "throttled".to_owned());
        assert_eq!(told(&observed), "waiting for a complete reading: throttled");
    }
    let mut observed = asked();
    observed.unknown.insert(Listing::Vpcs, "throttled".to_owned());
    assert_eq!(told(&observed), WELL);
}

#[test]
fn a_vpc_that_reaches_a_database_another_way_is_held() {
    let said = |change: &dyn Fn(&mut Observed)| {
        let mut observed = asked();
        let vpcs = ["vpc-c".into(), "vpc-p".into()].into();
        observed.answers.passages = Some(vec![Passage { id: "pcx-1".to_owned(), vpcs }]);
        change(&mut observed);
        told(&observed)
    };
    let is_held = |change: &dyn Fn(&mut Observed)| said(change).starts_with("refused TAKEOVER");
    assert!(is_held(&|_| {}));
    assert!(is_held(&|it| it.associations.clear()), "it is on its way to some network");
    assert!(!is_held(&|it| {
        it.associations.clear();
        it.configurations[0].name = "somebody-elses".to_owned();
    }));
    assert!(!is_held(&|it| it.associations[0].network = "sn-9".into()), "on another network");
    assert!(!is_held(&|it| it.configurations[0].gateway = "rgw-9".into()));
    assert!(!is_held(&|it| {
        let elsewhere = Gateway { vpc: "vpc-x".into(), ..it.gateways[0].clone() };
        it.gateways[0].id = "rgw-9".into();
        it.gateways.push(elsewhere);
    }));
}

#[test]
fn private_names_need_both_dns_attributes() {
    for (answer, is_well) in [(Some(false), false), (Some(true), true), (None, true)] {
        let mut observed = asked();
        observed.answers.dns.extend(answer.map(|it| ("vpc-c".into(), it)));
        observed.answers.dns.insert("vpc-x".into(), false);
        assert_eq!(told(&observed) == WELL, is_well, "{answer:?}");
        assert_eq!(told(&observed).starts_with("refused DNS_OFF"), !is_well, "{answer:?}");
    }
}

#[test]
fn an_endpoint_needs_room_and_a_zone_that_some_gateway_is_in() {
    let mut observed = asked();
    observed.subnets.iter_mut().for_each(|subnet| subnet.free = 15);
    assert!(told(&observed).starts_with("refused NO_SUBNET"), "{}", told(&observed));
    let mut observed = asked();
    observed.subnets[0].zone = "use1-az5".into();
    observed.subnets[1].zone = "use1-az6".into();
    let name = &observed.configurations[0].name;
    let said = format!("refused NO_COMMON_ZONE the gateway of {name} lies in none of the zones");
    assert!(told(&observed).starts_with(&said), "{}", told(&observed));
    let sales = configuration("rcfg-2", &another("sales", "db-SALES"));
    observed.associations.push(association("snra-2", &sales));
    assert_eq!(told(&observed), WELL, "one out of reach does not keep it from all others");
    observed.associations.clear();
    assert_eq!(told(&observed), WELL, "nothing is offered yet");
}

#[test]
fn a_vpc_that_a_reading_lacks_is_kept_until_aws_says_that_it_is_gone() {
    let mut observed = connected();
    observed.vpcs.clear();
    assert_eq!(
        told(&observed),
        "waiting for it to return or its withdrawal after 2026-11-24T12:02:00Z"
    );
    let deadline = ("trellis:withdraw-after", "2026-11-24T11:59:00Z gone");
    observed.ways[0].tags.extend(tags(&[deadline]));
    assert!(!done(&observed).iter().any(|it| it.starts_with("delete")), "{:?}", done(&observed));
    observed.answers.gone.insert(Thing::Vpc("vpc-x".into()));
    assert!(!done(&observed).iter().any(|it| it.starts_with("delete")), "{:?}", done(&observed));
    observed.answers.gone.insert(Thing::Vpc("vpc-c".into()));
    assert!(done(&observed).contains(&"delete endpoint vpc-c databases".to_owned()));
}

#[test]
fn a_connection_is_ready_when_ec2_says_that_every_database_is_accessible() {
    let name = connected().configurations[0].name.clone();
    let said = |change: &dyn Fn(&mut Observed)| {
        let mut observed = connected();
        change(&mut observed);
        told(&observed)
    };
    let waiting = format!("waiting for {name} to be accessible");
    let well = "ready on databases";
    assert_eq!(said(&|it| it.accesses.clear()), waiting);
    assert_eq!(said(&|it| it.accesses[0].is_accessible = false), waiting);
    assert_eq!(said(&|it| it.accesses[0].private_name = None), waiting);
    assert_eq!(said(&|it| it.accesses[0].endpoint = "vpce-9".into()), waiting);
    assert_eq!(said(&|it| it.accesses[0].configuration = "arn:of:another".into()), waiting);
    let failure = |it: &mut Observed| {
        it.accesses[0].is_accessible = false;
        it.accesses[0].failure = Some("no address".to_owned());
    };
    assert_eq!(said(&failure), format!("{waiting}: no address"));
    assert_eq!(said(&|it| it.associations[0].life = Life::Leaving), well);
    // A database of this very VPC, and one that is not on a network yet, are reached otherwise.
    let own = |it: &mut Observed| {
        it.accesses.clear();
        it.gateways[0].vpc = "vpc-c".into();
    };
    assert_eq!(said(&own), well);
    let beside = |it: &mut Observed| {
        own(it);
        it.gateways[0].id = "rgw-9".into();
    };
    assert_eq!(said(&beside), waiting);
    let unlisted = |it: &mut Observed| {
        it.accesses.clear();
        it.configurations[0].id = "rcfg-9".into();
        it.gateways[0].vpc = "vpc-c".into();
    };
    assert_eq!(said(&unlisted), waiting);
}

#[test]
fn a_database_without_a_zone_in_common_never_comes_and_others_are_looked_for() {
    let mut observed = connected();
    observed.accesses.clear();
    let coming = |observed: &Observed| {
        let decision = crate::decide(Side::ConnectVpc, observed, &settings());
        decision.plan.waiting.len()
    };
    assert_eq!(coming(&observed), 1, "nothing rings when a name begins to resolve");
    observed.gateways[0].subnets = ["subnet-p3".into()].into();
    observed.subnets.push(subnet("subnet-p3", "vpc-p", "use1-az6"));
    let said = told(&observed);
    assert!(said.starts_with("refused NO_COMMON_ZONE the gateway of trellis-orders"), "{said}");
    assert_eq!(coming(&observed), 0);
    let mut observed = connected();
    observed.accesses[0].is_accessible = false;
    observed.accesses[0].failure = Some("no address".to_owned());
    assert_eq!(coming(&observed), 0, "EC2 says why");
    let mut two = connected();
    let mut sales = another("sales", "db-SALES");
    sales.endpoint = Some(("sales.example".to_owned(), Port(5432)));
    let sales = configuration("rcfg-2", &sales);
    two.associations.push(association("snra-2", &sales));
    assert_eq!(told(&two), format!("waiting for {} to be accessible", sales.name));
    two.accesses.push(access("vpce-1", &sales));
    assert_eq!(told(&two), "ready on databases");
}

#[test]
fn what_could_not_be_read_is_not_called_ready() {
    let mut observed = connected();
    observed.unknown.insert(Listing::Associations("reports".into()), "throttled".to_owned());
    assert_eq!(told(&observed), "ready on databases");
    for listing in [Listing::Associations("databases".into()), Listing::Accesses] {
        let mut observed = connected();
        observed.unknown.insert(listing, "throttled".to_owned());
        assert_eq!(told(&observed), "waiting for a complete reading: throttled");
    }
}
