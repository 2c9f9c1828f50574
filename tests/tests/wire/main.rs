//! The wire: what is sent for each call, and what is made of what comes back. Nothing here is
//! about decisions.

mod listings;
mod replies;
mod requests;
mod steps;

use std::time::Duration;

use aws::{Aws, Side};
use reconcile::settings::Settings;
use sim::Sim;
use tests::scene::{Scene, scene, settings, time_out};
use tests::users::User;
use tests::wire::{Sent, Wire};

/// Longer than a private name takes to resolve, which is in no listing.
const WHILE: Duration = Duration::from_secs(30);

/// Both sides of Trellis on one wire.
struct Ends {
    wire: Wire,
    expose: Aws,
    connect: Aws,
}

impl Ends {
    fn new(sim: &Sim, settings: &Settings) -> Ends {
        let wire = Wire::new(sim);
        let aws = |caller| wire.aws(caller, settings);
        Ends { expose: aws("expose-database"), connect: aws("connect-vpc"), wire }
    }

    fn side(&self, side: Side) -> &Aws {
        match side {
            Side::ExposeDatabase => &self.expose,
            Side::ConnectVpc => &self.connect,
        }
    }

    /// Each side at work until it has nothing to do, as often as one can give the other work,
    /// with a while in between for what nobody waits for.
    async fn settle(&self) {
        for _ in 0..2 {
            for side in [Side::ExposeDatabase, Side::ConnectVpc] {
                self.side(side).settle(side, time_out()).await.expect("the world can be read");
                tokio::time::sleep(WHILE).await;
            }
        }
    }
}

/// Runs a test on a world in which everything is tagged and nothing is built.
fn tagged(test: impl AsyncFnOnce(&Scene, &Ends)) {
    scene(settings(), 1, async |scene| {
        say(scene, "databases");
        test(scene, &Ends::new(&scene.sim, &scene.settings)).await;
    });
}

/// Runs a test on a world in which everything is built.
fn built(test: impl AsyncFnOnce(&Scene, &Ends)) {
    tagged(async |scene, ends| {
        ends.settle().await;
        assert!(scene.reachable().reachable, "{:#?}", scene.reachable());
        ends.wire.take();
        test(scene, ends).await;
    });
}

/// Everybody's tags have this value.
fn say(scene: &Scene, value: &str) {
    let person = User(&scene.sim);
    person.tag_database(&scene.two_vpcs.database_arn, "trellis:expose", value);
    person.tag(&scene.two_vpcs.consumer_vpc, "trellis:consume", value);
    person.tag(&scene.two_vpcs.client_group, "trellis:client", value);
}

/// The requests of one call.
fn of<'a>(sent: &'a [Sent], call: &str) -> Vec<&'a Sent> {
    sent.iter().filter(|one| one.call == call).collect()
}
