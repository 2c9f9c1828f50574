//! The main job, in process and on virtual time.

use aws::Side;
use jiff::SignedDuration;
use tests::laws::ask_for_everything;
use tests::scene::{scene, settings};

#[test]
fn from_tags_to_reachable_and_back() {
    scene(settings(), 1, async |scene| {
        assert!(!scene.reachable().reachable);
        ask_for_everything(scene);
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
