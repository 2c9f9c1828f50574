//! What anybody may send: tags, events, and answers of an AWS that is none.
//!
//! Each of these takes anything and panics where a promise is broken. The property tests feed them
//! what is nearly right, the fuzz targets whatever comes to their mind.

use aws::pass::Mode;
use aws::trigger::triggers;
use aws::{Error, Side};
use reconcile::outcome::Outcome;
use reconcile::tag::{self, Asked, Tags};
use serde_json::Value;
pub use sim::World;
use sim::{Clock, Sim};

use crate::laws::{SIDES, ask_for_everything};
use crate::scene::{on_virtual_time, scene, settings};
use crate::wire::Wire;

/// Every listing: who reads it, and its call.
pub const LISTINGS: [(Side, &str); 12] = [
    (Side::ExposeDatabase, "DescribeVpcs"),
    (Side::ExposeDatabase, "DescribeSubnets"),
    (Side::ExposeDatabase, "DescribeSecurityGroups"),
    (Side::ExposeDatabase, "DescribeSecurityGroupRules"),
    (Side::ConnectVpc, "DescribeVpcEndpoints"),
    (Side::ConnectVpc, "DescribeVpcEndpointAssociations"),
    (Side::ExposeDatabase, "DescribeDBInstances"),
    (Side::ExposeDatabase, "DescribeDBClusters"),
    (Side::ExposeDatabase, "GET servicenetworks"),
    (Side::ExposeDatabase, "GET resourcegateways"),
    (Side::ExposeDatabase, "GET resourceconfigurations"),
    (Side::ConnectVpc, "GET servicenetworkresourceassociations"),
];

/// A function is invoked with this: it says of everything whether it rings.
///
/// # Panics
///
/// If it has nothing to say.
pub fn event(payload: Value) {
    let records = payload.get("Records").and_then(Value::as_array).map(Vec::len);
    let heard = triggers(payload, &settings().deployment);
    assert!(heard.len() == records.unwrap_or(1) || heard.len() == 1, "{heard:?}");
    assert!(!heard.is_empty() || records == Some(0));
    for why in heard.iter().filter_map(|bell| bell.as_ref().err()) {
        assert!(!why.to_string().is_empty());
    }
}

/// Somebody wrote this value on something: it names networks, or says why it does not.
///
/// # Panics
///
/// If it names what cannot be a network.
pub fn tag(value: &str) {
    for key in [tag::EXPOSE, tag::CONSUME, tag::CLIENT] {
        let tags = Tags::from([(key.to_owned(), value.to_owned())]);
        match tag::asked(&tags, key) {
            Asked::Nothing => panic!("{value:?} is something"),
            Asked::Off => assert_eq!(value.trim_matches(['+', ' ']), "off"),
            Asked::Networks(networks) => {
                let mut names = networks.iter().map(|network| network.as_str());
                assert!(!networks.is_empty() && names.all(tag::is_network_name), "{value:?}");
            }
            Asked::Nonsense(why) => assert!(why.contains(key), "{why}"),
        }
        tag::subnet_use(&tags);
    }
}

/// The article's world with everything built.
///
/// # Panics
///
/// If it cannot be built.
pub fn built() -> World {
    scene(settings(), 1, async |scene| {
        ask_for_everything(scene);
        for side in [SIDES, SIDES].concat() {
            scene.invoke(side).await.expect("nothing is wrong");
        }
        scene.sim.world(|world| world.clone())
    })
}

/// A pass over this world in which one listing is answered otherwise: what the pass comes to, and
/// how many times the answer was otherwise.
///
/// # Panics
///
/// If it writes anything.
pub fn pass(
    world: &World,
    (side, call): (Side, &str),
    change: impl Fn(&[u8]) -> Vec<u8> + Send + 'static,
) -> (Result<Outcome, Error>, usize) {
    on_virtual_time(async {
        let sim = Sim::of(world.clone(), Clock::virtual_from(world.now()));
        let wire = Wire::new(&sim);
        let caller = match side {
            Side::ExposeDatabase => "expose-database",
            Side::ConnectVpc => "connect-vpc",
        };
        let aws = wire.aws(caller, &settings());
        wire.edit_bytes(call, move |_, body| change(&body));
        let outcome = aws.pass(side, Mode::DryRun).await;
        let sent = wire.take();
        assert!(!sent.iter().any(|one| one.is_write()), "{sent:#?}");
        (outcome, sent.iter().filter(|one| one.call == call).count())
    })
}
