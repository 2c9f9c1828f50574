//! A simulated AWS in process with both sides of Trellis on it.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use aws::config::Pace;
use aws::pass::Mode;
use aws::trigger::{Told, triggers};
use aws::{Aws, Deadline, Error, Side};
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use jiff::{SignedDuration, Timestamp};
use reconcile::name::Deployment;
use reconcile::outcome::{Outcome, Taken};
use reconcile::settings::Settings;
use serde_json::Value;
use sim::two_vpcs::{self, TwoVpcs};
use sim::{Clock, Sim, reach};
use tokio::sync::Notify;

use crate::policy;

/// How often the clock of the template rings.
const CLOCK: Duration = Duration::from_secs(300);
/// The time-out of the template's functions.
pub const TIME_OUT: Duration = Duration::from_secs(300);
/// How often the bus is looked at.
const TICK: Duration = Duration::from_millis(200);

/// A simulated AWS with the article's world in it, and Trellis.
pub struct Scene {
    /// The simulated AWS.
    pub sim: Sim,
    /// What it began with.
    pub two_vpcs: TwoVpcs,
    /// The settings of the deployment.
    pub settings: Settings,
    expose: RefCell<Aws>,
    connect: RefCell<Aws>,
    /// The events that Trellis has put and nobody has looked at yet.
    pub told: RefCell<Vec<Value>>,
}

/// The settings of the template's defaults.
pub fn settings() -> Settings {
    allowing(&["databases", "reports"])
}

/// The same, with these entries of the parameter `Networks`.
///
/// # Panics
///
/// Never: the deployment has a name.
pub fn allowing(networks: &[&str]) -> Settings {
    let deployment = Deployment::new("trellis").expect("it is a name");
    Settings::new(deployment, networks.iter().map(|it| (*it).into()))
}

/// Runs a test in a scene of its own, on virtual time. Each side may do what its role allows, and
/// nothing of that is denied.
pub fn scene<T>(settings: Settings, seed: u64, test: impl AsyncFnOnce(&Scene) -> T) -> T {
    on_virtual_time(async {
        let sim = Sim::new(Clock::virtual_from(start()), seed);
        let two_vpcs = sim.world(two_vpcs::build);
        sim.world(|world| two_vpcs::place_client(world, &two_vpcs));
        let aws = |caller| RefCell::new(Aws::new(&sdk(&sim, caller), settings.clone()));
        let (expose, connect) = (aws("expose-database"), aws("connect-vpc"));
        policy::restrict(&sim, &settings);
        let told = RefCell::default();
        let scene = Scene { sim, two_vpcs, settings, expose, connect, told };
        let done = test(&scene).await;
        assert!(scene.sim.denials().is_empty(), "{:#?}", scene.sim.denials());
        done
    })
}

/// When an invocation that begins now must have ended, by the template.
pub fn time_out() -> Deadline {
    Deadline::after(TIME_OUT, Pace::REAL)
}

/// When every simulated AWS of the tests begins.
///
/// # Panics
///
/// Never: it is a time.
pub fn start() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("it is a time")
}

/// Runs a future on virtual time, which jumps whenever nobody has anything to do.
///
/// # Panics
///
/// If the machine has no room for a runtime.
pub fn on_virtual_time<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime needs nothing");
    runtime.block_on(future)
}

/// The SDK through the simulator's inner door, as this caller.
pub fn sdk(sim: &Sim, caller: &str) -> SdkConfig {
    let credentials = Credentials::new(caller, "secret", None, None, "tests");
    SdkConfig::builder()
        .behavior_version(aws::config::behavior())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(sim.http_client())
        .sleep_impl(aws::config::Pace::REAL)
        .build()
}

impl Scene {
    /// One side of Trellis, as it is deployed now.
    pub fn side(&self, side: Side) -> Aws {
        match side {
            Side::ExposeDatabase => self.expose.borrow().clone(),
            Side::ConnectVpc => self.connect.borrow().clone(),
        }
    }

    /// The stack is updated: from now on both sides have these settings, in new processes.
    pub fn deploy(&self, settings: &Settings) {
        policy::restrict(&self.sim, settings);
        for (side, caller) in [(&self.expose, "expose-database"), (&self.connect, "connect-vpc")] {
            side.replace(Aws::new(&sdk(&self.sim, caller), settings.clone()));
        }
    }

    /// One pass of a side.
    ///
    /// # Errors
    ///
    /// If the world could not be read.
    pub async fn pass(&self, side: Side) -> Result<Outcome, Error> {
        self.side(side).pass(side, Mode::Apply).await
    }

    /// One invocation of a side: passes until it has settled or time is up.
    ///
    /// # Errors
    ///
    /// If the world could not be read.
    pub async fn invoke(&self, side: Side) -> Result<Outcome, Error> {
        self.side(side).settle(side, time_out()).await
    }

    /// Lets Trellis live for this long: events ring both sides, and so does the clock. Answers
    /// the steps that it took, in their order, with the side that took them.
    pub async fn live(&self, time: SignedDuration) -> Vec<(Side, Taken)> {
        self.live_until(time, |_| false).await
    }

    /// As [`Scene::live`], but only until this is so and nobody is at work.
    pub async fn live_until(
        &self,
        time: SignedDuration,
        is_done: impl Fn(&Scene) -> bool,
    ) -> Vec<(Side, Taken)> {
        let life = Life::default();
        let end = self.sim.now() + time;
        let pump = async {
            let mut next_clock = self.sim.now();
            while self.sim.now() < end {
                for event in self.sim.take_events() {
                    life.ring(&self.settings.deployment, &event.envelope);
                    if event.envelope["source"] == aws::announce::SOURCE {
                        self.told.borrow_mut().push(event.envelope);
                    }
                }
                if self.sim.now() >= next_clock {
                    next_clock = self.sim.now() + SignedDuration::try_from(CLOCK).expect("short");
                    life.bells().for_each(Notify::notify_one);
                }
                tokio::time::sleep(TICK).await;
                if life.at_work.get() == 0 && is_done(self) {
                    break;
                }
            }
        };
        tokio::select! {
            // In this order, so that a run is the same every time.
            biased;
            () = pump => {}
            () = life.serve(self, Side::ExposeDatabase) => {}
            () = life.serve(self, Side::ConnectVpc) => {}
        }
        life.taken.into_inner()
    }

    /// Lets Trellis live until it has nothing to do for a whole round of the clock.
    pub async fn settle(&self) -> Vec<(Side, Taken)> {
        let quiet_since = Cell::new(self.sim.now());
        let seen = Cell::new(self.sim.last_call());
        let is_done = |scene: &Scene| {
            let from = seen.replace(scene.sim.last_call());
            if scene.sim.count_since(from, |call| call.is_write()) > 0 {
                quiet_since.set(scene.sim.now());
            }
            scene.sim.now() > quiet_since.get() + SignedDuration::from_secs(400)
        };
        self.live_until(SignedDuration::from_hours(2), is_done).await
    }

    /// How many writing calls there were so far.
    pub fn writes(&self) -> usize {
        self.sim.count_since(0, |call| call.is_write())
    }

    /// Whether a client of the article's group reaches the article's database.
    pub fn reachable(&self) -> reach::Reachability {
        let TwoVpcs { client_group, database, .. } = &self.two_vpcs;
        self.sim.world(|world| reach::reachable(world, client_group, database))
    }
}

/// One stretch of Trellis' life.
#[derive(Default)]
struct Life {
    expose: Notify,
    connect: Notify,
    at_work: Cell<usize>,
    /// What each side hears when it goes to work next.
    heard: [RefCell<Vec<Told>>; 2],
    taken: RefCell<Vec<(Side, Taken)>>,
}

impl Life {
    fn bells(&self) -> impl Iterator<Item = &Notify> {
        [&self.expose, &self.connect].into_iter()
    }

    /// As the rules of the template do it: our own events ring the consumer side, all others both.
    fn ring(&self, deployment: &Deployment, envelope: &serde_json::Value) {
        let heard = triggers(envelope.clone(), deployment);
        if heard.iter().all(Result::is_err) {
            return;
        }
        for call in heard.into_iter().filter_map(|it| it.ok()?.call) {
            self.heard.iter().for_each(|heard| heard.borrow_mut().push(call.clone()));
        }
        self.connect.notify_one();
        if envelope["source"] != aws::announce::SOURCE {
            self.expose.notify_one();
        }
    }

    async fn serve(&self, scene: &Scene, side: Side) {
        let bell = match side {
            Side::ExposeDatabase => &self.expose,
            Side::ConnectVpc => &self.connect,
        };
        loop {
            bell.notified().await;
            self.at_work.update(|n| n + 1);
            let heard = self.heard[side as usize].take();
            heard.iter().for_each(|call| scene.side(side).hear(side, call));
            if let Ok(outcome) = scene.invoke(side).await {
                let steps = outcome.steps.into_iter().map(|taken| (side, taken));
                self.taken.borrow_mut().extend(steps);
            }
            self.at_work.update(|n| n - 1);
        }
    }
}
