//! The main job, in process and on virtual time.

use aws::Side;
use jiff::SignedDuration;
use tests::people::Person;
use tests::scene::{Scene, scene, settings};

fn tag_everything(scene: &Scene) {
    let person = Person(&scene.sim);
    person.tag_database(&scene.article.database_arn, "trellis:expose", "databases");
    person.tag(&scene.article.consumer_vpc, "trellis:consume", "databases");
    person.tag(&scene.article.client_group, "trellis:client", "databases");
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
        let verdict = scene.reachable();
        assert!(verdict.reachable, "{verdict:#?}");
        println!("took {:?}", from.duration_until(scene.sim.now()));
        for side in [Side::ExposeDatabase, Side::ConnectVpc] {
            let outcome = scene.pass(side).await.expect("nothing is wrong");
            println!("{}", serde_json::to_string_pretty(&outcome).expect("it serializes"));
        }
    });
}
