//! No request makes the simulated AWS panic, whatever is in it.

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value};
use sim::{Clock, Sim, two_vpcs};

/// The operations of a service, as its `match` names them.
fn operations(source: &'static str) -> Vec<&'static str> {
    let lines = source.lines().filter(|line| line.contains("=>") || line.contains(" | "));
    let words = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    words.filter(|word| word.starts_with(char::is_uppercase)).collect()
}

/// The names of members, and the words that are some of their values, as the tables have them.
fn words(sources: &[&'static str]) -> Vec<&'static str> {
    sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2)).collect()
}

/// Texts of every kind: what tables have, ids and numbers that may be there, and anything.
fn text(known: Vec<&'static str>) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(known).prop_map(str::to_owned),
        2 => "(vpc|subnet|sg|sgr|vpce|rtb|pl|eni|rgw|rcfg|sn|snra|snva)-0[0-9a-f]{16}",
        1 => "-?[0-9]{1,20}",
        1 => "[0-9]{1,3}\\.[0-9]{1,3}\\.0\\.0/[0-9]{1,2}",
        1 => "arn:aws:(rds|vpc-lattice):us-east-1:111122223333:(db:orders|servicenetwork/sn-0)",
        1 => any::<String>(),
    ]
}

fn json(known: Vec<&'static str>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => text(known.clone()).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let name = prop::sample::select(known.clone()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

fn signed(method: &str, path: &str, service: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let scope = format!("A/20260102/us-east-1/{service}/aws4_request");
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, Signature=0"))
        .body(body.into())
        .expect("a request")
}

fn start() -> Sim {
    let sim = Sim::new(Clock::virtual_from(Timestamp::UNIX_EPOCH), 1);
    sim.world(|world| {
        two_vpcs::build(world);
        world.switches.throttling = false;
    });
    sim
}

fn answers(requests: Vec<Request<Bytes>>) {
    let sim = start();
    for request in requests {
        let status = sim.respond(&request).status().as_u16();
        assert!((200..500).contains(&status), "{status}: {request:?}");
    }
}

const QUERY: [&str; 3] = [
    include_str!("../src/ec2/members/mod.rs"),
    include_str!("../src/ec2/members/ways.rs"),
    include_str!("../src/rds/members.rs"),
];

fn query() -> impl Strategy<Value = Request<Bytes>> {
    let services = [
        ("ec2", operations(include_str!("../src/ec2/mod.rs"))),
        ("ec2", operations(include_str!("../src/privatelink/mod.rs"))),
        ("rds", operations(include_str!("../src/rds/mod.rs"))),
    ];
    let known = words(&QUERY);
    let part = prop_oneof![
        4 => prop::sample::select(known.clone()).prop_map(str::to_owned),
        2 => "[1-3]",
        1 => any::<String>(),
    ];
    let name = prop::collection::vec(part, 1..5).prop_map(|parts| parts.join("."));
    let members = prop::collection::vec((name, text(known)), 0..8).boxed();
    prop::sample::select(services.to_vec()).prop_flat_map(move |(service, operations)| {
        (prop::sample::select(operations), members.clone()).prop_map(move |(action, members)| {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("Action", action).extend_pairs(members);
            signed("POST", "/", service, form.finish())
        })
    })
}

fn rest() -> impl Strategy<Value = Request<Bytes>> {
    let known = words(&[include_str!("../src/lattice/members.rs")]);
    let methods = prop::sample::select(vec!["GET", "POST", "PATCH", "PUT", "DELETE"]);
    let paths = prop::sample::select(vec![
        "resourcegateways",
        "resourceconfigurations",
        "servicenetworks",
        "servicenetworkresourceassociations",
        "servicenetworkvpcassociations",
        "authpolicy",
        "tags",
    ]);
    let id = prop::option::of("[a-z]{2,4}-0[0-9a-f]{16}|[a-zA-Z0-9%:/-]{0,40}");
    (methods, paths, id, json(known)).prop_map(|(method, path, id, body)| {
        let path = id.map_or(format!("/{path}"), |id| format!("/{path}/{id}"));
        signed(method, &path, "vpc-lattice", body.to_string())
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_form_makes_it_panic(requests in prop::collection::vec(query(), 1..8)) {
        answers(requests);
    }

    #[test]
    fn no_json_makes_it_panic(requests in prop::collection::vec(rest(), 1..8)) {
        answers(requests);
    }
}
