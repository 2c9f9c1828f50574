//! The main job, in process and on virtual time.

use aws::Side;
use jiff::SignedDuration;
use tests::scene::{Scene, scene, settings};
use tests::users::User;

fn tag_everything(scene: &Scene) {
    let person = User(&scene.sim);
    person.tag_database(&scene.two_vpcs.database_arn, "trellis:expose", "databases");
    person.tag(&scene.two_vpcs.consumer_vpc, "trellis:consume", "databases");
    person.tag(&scene.two_vpcs.client_group, "trellis:client", "databases");
}

#[test]
fn from_tags_to_reachable_and_back() {
    scene(settings(), 1, async |scene| {
        assert!(!scene.reachable().reachable);
        tag_everything(scene);
        let from = scene.sim.now();
        let hour = SignedDuration::from_hours(1);
        let steps = scene.live_until(hour, |scene| scene.reachable().reachable).await;
        for (side, taken) in &steps {
            println!("{side} {} {} {:?}", taken.verb, taken.key, taken.error);
        }
        let reachability = scene.reachable();
        assert!(reachability.reachable, "{reachability:#?}");
        println!("took {:?}", from.duration_until(scene.sim.now()));
        for side in [Side::ExposeDatabase, Side::ConnectVpc] {
            let outcome = scene.pass(side).await.expect("nothing is wrong");
            println!("{}", serde_json::to_string_pretty(&outcome).expect("it serializes"));
        }
    });
}
