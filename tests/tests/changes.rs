//! What becomes of a deployment that is changed: by a new version, and by each of its parameters,
//! either way, with the permissions of the new version.

use jiff::SignedDuration;
use reconcile::name::Deployment;
use reconcile::outcome::Extent;
use reconcile::settings::{Brake, Mode, Settings, StatusTags, as_for_all};
use tests::laws::{SIDES, picture};
use tests::scene::{Scene, scene, settings};
use tests::users::User;

fn ask(scene: &Scene, value: &str) {
    let person = User(&scene.sim);
    person.tag_database(&scene.two_vpcs.database_arn, "trellis:expose", value);
    person.tag(&scene.two_vpcs.consumer_vpc, "trellis:consume", value);
    person.tag(&scene.two_vpcs.client_group, "trellis:client", value);
}

/// Nothing is left to do, and nothing of ours is on its way.
async fn is_at_rest(scene: &Scene, what: &str) {
    for side in SIDES {
        let outcome = scene.invoke(side).await.expect("the world can be read");
        assert_eq!(outcome.extent(), Extent::Nothing, "{what}: {outcome:#?}");
    }
}

/// Every parameter of the template that a function reads, each turned to another value.
fn changed() -> Vec<(&'static str, Settings)> {
    let with = |change: &dyn Fn(&mut Settings)| {
        let mut settings = settings();
        change(&mut settings);
        settings
    };
    let minutes = SignedDuration::from_mins;
    vec![
        ("Networks", with(&|it| it.networks = as_for_all(["databases".into()]))),
        ("CreateNetworks", with(&|it| it.create_networks = false)),
        ("DatabaseRules", with(&|it| it.database_rules = false)),
        ("StatusTags", with(&|it| it.status_tags = StatusTags::Ours)),
        ("StatusTags", with(&|it| it.status_tags = StatusTags::Off)),
        ("ConnectionParameters", with(&|it| it.parameters = true)),
        ("ExposeRestored", with(&|it| it.expose_restored = true)),
        ("GracePeriodMinutes", with(&|it| it.grace = minutes(0))),
        ("HoldOffMinutes", with(&|it| it.hold_off = minutes(5))),
        ("OverdueMinutes", with(&|it| it.overdue = minutes(1))),
        ("BrakeCount", with(&|it| it.brake = Brake { count: 0, percent: 0 })),
        ("AddressesPerInterface", with(&|it| it.addresses_per_interface = 8)),
        ("Mode", with(&|it| it.mode = Mode::CreateOnly)),
        ("Mode", with(&|it| it.mode = Mode::Plan)),
    ]
}

#[test]
fn a_new_version_over_a_settled_world_writes_nothing() {
    scene(settings(), 4, async |scene| {
        ask(scene, "databases");
        scene.settle().await;
        let before = scene.writes();
        scene.deploy(&settings());
        scene.live(SignedDuration::from_hours(2)).await;
        assert_eq!(scene.writes(), before);
    });
}

#[test]
fn each_parameter_is_turned_either_way_and_what_works_goes_on_working() {
    for (name, changed) in changed() {
        scene(settings(), 4, async |scene| {
            ask(scene, "databases");
            scene.settle().await;
            for (way, settings) in [("there", &changed), ("back", &settings())] {
                scene.deploy(settings);
                scene.settle().await;
                assert!(scene.reachable().reachable, "{name} {way}");
                if settings.mode != Mode::Plan {
                    is_at_rest(scene, &format!("{name} {way}")).await;
                }
            }
        });
    }
}

#[test]
fn whatever_a_parameter_was_when_it_was_made_all_of_it_goes_in_the_end() {
    for (name, changed) in changed() {
        if ["Mode", "CreateNetworks", "DatabaseRules"].contains(&name) {
            // With these it is not made, or not taken away.
            continue;
        }
        for (first, then) in [(settings(), changed.clone()), (changed.clone(), settings())] {
            scene(first, 4, async |scene| {
                let empty = picture(&scene.sim);
                ask(scene, "databases");
                scene.settle().await;
                assert!(scene.reachable().reachable, "{name}");
                scene.deploy(&then);
                ask(scene, "off");
                scene.settle().await;
                let left = picture(&scene.sim);
                let ours = |line: &&String| line.contains("trellis:owner");
                assert_eq!(left.iter().filter(ours).count(), 0, "{name}: {left:#?}");
                assert_eq!(left.len(), empty.len(), "{name}");
            });
        }
    }
}

/// What was made with rules on databases' groups goes although they are off by now, and so does a
/// network that would not be made any more.
#[test]
fn what_is_not_made_any_more_still_goes() {
    for (name, changed) in changed() {
        if !["CreateNetworks", "DatabaseRules", "StatusTags"].contains(&name) {
            continue;
        }
        scene(settings(), 4, async |scene| {
            ask(scene, "databases");
            scene.settle().await;
            scene.deploy(&changed);
            scene.settle().await;
            ask(scene, "off");
            scene.settle().await;
            let left = picture(&scene.sim);
            let ours = |line: &&String| line.contains("trellis:owner");
            assert_eq!(left.iter().filter(ours).count(), 0, "{name}: {left:#?}");
        });
    }
}

/// As the README says of a deployment of another name: it knows nothing of what the first has made,
/// and touches none of it.
#[test]
fn a_deployment_of_another_name_touches_nothing_of_the_first() {
    scene(settings(), 4, async |scene| {
        ask(scene, "databases");
        scene.settle().await;
        let of_first = |scene: &Scene| {
            let mut lines = picture(&scene.sim);
            lines.retain(|line| line.contains("trellis:owner") && !line.contains("other"));
            lines
        };
        let before = of_first(scene);
        assert!(before.len() > 8, "{before:#?}");
        let other = Deployment::new("other").expect("a good name");
        scene.deploy(&Settings { deployment: other, ..settings() });
        scene.live(SignedDuration::from_hours(3)).await;
        assert_eq!(of_first(scene), before);
        assert!(scene.reachable().reachable);
    });
}
