//! The whole of Trellis on a laptop: the simulated AWS, its bus, and the functions' processes,
//! wired as the template says.
//!
//! ```text
//!  any AWS client ──► one port ──► sim ──events──► bus ──► queues ──► runtimes ◄──► processes
//!                                   ▲                                                  │
//!                                   └───────────────── the functions' own calls ───────┘
//! ```
//!
//! # Guarantees
//!
//! - The functions run as they do in AWS: their own `main`, their own process, fed by the Runtime
//!   API with what their queue holds
//!   (`tags_make_a_database_reachable_and_their_end_leaves_nothing_behind`).
//! - The main job survives the death of any of them
//!   (`the_main_job_survives_the_death_of_its_functions_and_leaves_nothing`).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sim::iam::Policy;
use sim::two_vpcs::{self, TwoVpcs};
use sim::{Clock, Sim, awkward};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

mod options;

pub use options::{Beginning, LabError, Options};

use crate::admin;
use crate::bus::{Bus, Ring};
use crate::journal::{Happening, Journal};
use crate::process::Launch;
use crate::queue::Fifo;
use crate::runtime::Runtime;
use crate::template::{Target, Template};

/// How often events are carried from the simulated AWS to the queues.
const PUMP: Duration = Duration::from_millis(5);

/// A running lab.
pub struct Lab {
    /// What happens.
    pub journal: Arc<Journal>,
    /// What the article's world consists of, if that is what is there.
    pub two_vpcs: Option<TwoVpcs>,
    address: SocketAddr,
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

/// What the tasks of a lab share.
pub(crate) struct Shared {
    pub(crate) sim: Sim,
    pub(crate) seed: u64,
    pub(crate) speed: f64,
    pub(crate) runtimes: Vec<Arc<Runtime>>,
    bus: Mutex<Bus>,
    journal: Arc<Journal>,
}

impl Lab {
    /// Starts everything. When it returns, AWS answers and the processes are starting.
    ///
    /// # Errors
    ///
    /// The port is taken, or the template makes no sense.
    pub async fn start(options: Options) -> Result<Lab, LabError> {
        let template = Template::built_in(&options.parameters)?;
        let (listener, address) = bind(options.port).await?;
        let speed = options.speed;
        let sim = Sim::new(Clock::scaled(Timestamp::now(), speed), options.seed);
        let two_vpcs = match options.beginning {
            Beginning::TwoVpcs => Some(sim.world(|world| {
                let two_vpcs = two_vpcs::build_with(world, &options.consumer_cidr);
                two_vpcs::place_client(world, &two_vpcs);
                two_vpcs
            })),
            Beginning::Empty => None,
        };
        // As any account has one that others rely on. AWS names no time: "within minutes".
        sim.world(|world| world.switches.trail = Some(SignedDuration::from_mins(1)));
        if options.default_vpc {
            sim.world(|world| world.place_default_vpc());
        }
        for function in &template.functions {
            let statements = template
                .permissions(function)
                .ok_or_else(|| LabError::Role(function.id.clone(), function.role.clone()))?;
            let names = (function.role.as_str(), function.name.as_str());
            sim.restrict(&function.binary, names, Policy::parse(statements)?);
        }
        awkward::set(&sim, &options.awkward, options.seed);
        let journal = Arc::new(Journal::default());
        let runtimes = runtimes(&template, &sim, speed, &journal)?;
        let bus = Mutex::new(Bus::new(template.rules, sim.now())?);
        let seed = options.seed;
        let shared =
            Arc::new(Shared { sim, seed, speed, runtimes, bus, journal: Arc::clone(&journal) });
        let mut tasks = JoinSet::new();
        serve_aws(&mut tasks, listener, &shared);
        pump(&mut tasks, &shared);
        let launch = Launch {
            program: options.program,
            endpoint: options.functions_endpoint.unwrap_or_else(|| format!("http://{address}")),
            speed,
        };
        for runtime in &shared.runtimes {
            start_function(&mut tasks, &shared, runtime, launch.clone()).await?;
        }
        Ok(Lab { journal, two_vpcs, address, shared, tasks })
    }

    /// Where AWS answers.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The simulated AWS.
    pub fn sim(&self) -> &Sim {
        &self.shared.sim
    }

    /// Whether no event is on its way, no message waits and no function is at work.
    pub fn is_idle(&self) -> bool {
        self.shared.is_idle()
    }

    /// Waits until the lab is idle. Then what was rung for has been done, as far as the functions
    /// could; what waits for the clock still waits.
    pub async fn settled(&self) {
        while !self.is_idle() {
            tokio::time::sleep(PUMP).await;
        }
    }

    /// Waits until this is so. False if it is not within so much simulated time.
    pub async fn until(&self, patience: SignedDuration, is_so: impl Fn(&Lab) -> bool) -> bool {
        let deadline = self.sim().now() + patience;
        while !is_so(self) {
            if self.sim().now() >= deadline {
                return false;
            }
            tokio::time::sleep(PUMP).await;
        }
        true
    }

    /// What a function's last invocation answered, or why it failed.
    pub fn last_outcome(&self, binary: &str) -> Option<Result<Value, String>> {
        let runtimes = &self.shared.runtimes;
        runtimes.iter().find(|it| it.function.binary == binary).and_then(|it| it.last_outcome())
    }

    /// The bodies of all messages that were given up.
    pub fn dead_letters(&self) -> Vec<String> {
        self.shared.runtimes.iter().flat_map(|runtime| runtime.dead_letters()).collect()
    }

    /// Moves simulated time forward.
    pub fn advance(&self, by: SignedDuration) {
        self.shared.sim.advance(by);
    }

    /// Ends the processes and waits until they have ended.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

impl Shared {
    pub(crate) fn is_idle(&self) -> bool {
        // A bell is never between the two: events are taken and sent while the bus is locked.
        let _bus = self.bus.lock().unwrap_or_else(PoisonError::into_inner);
        self.sim.world(|world| world.events.is_empty())
            && self.runtimes.iter().all(|runtime| runtime.is_idle())
    }

    /// Carries what has happened in AWS, and what the clocks rang, to the queues.
    fn deliver(&self) {
        let mut bus = self.bus.lock().unwrap_or_else(PoisonError::into_inner);
        for (event, ring) in bus.clocks_until(self.sim.now()) {
            self.ring(event, &[ring]);
        }
        for event in self.sim.take_events() {
            // An event that is no JSON object cannot come from AWS.
            let rings = bus.matches(&event.envelope).unwrap_or_default();
            self.ring(event.envelope, &rings);
        }
        for runtime in &self.runtimes {
            runtime.end_overdue();
        }
    }

    fn ring(&self, event: Value, rings: &[Ring<'_>]) {
        let targets = rings.iter().flat_map(|ring| ring.targets);
        let fed: Vec<(&Runtime, &Target)> = targets
            .filter_map(|target| {
                let runtime = self.runtimes.iter().find(|it| it.function.queue == target.queue);
                Some((&**runtime?, target))
            })
            .collect();
        let rules = rings.iter().map(|ring| ring.rule.to_owned()).collect();
        let rung = fed.iter().map(|(runtime, _)| runtime.function.binary.clone()).collect();
        // Noted first, so that nobody is seen to wake before the bell.
        let what = Happening::Event { event: event.clone(), rules, rung };
        self.journal.note(self.sim.now(), what);
        for (runtime, target) in fed {
            runtime.send(&event, &target.group);
        }
    }
}

async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), LabError> {
    let failed = |source| LabError::Port { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

fn runtimes(
    template: &Template,
    sim: &Sim,
    speed: f64,
    journal: &Arc<Journal>,
) -> Result<Vec<Arc<Runtime>>, LabError> {
    let mut runtimes = Vec::new();
    for function in &template.functions {
        let Some(queue) = template.queues.get(&function.queue) else {
            return Err(LabError::Queue(function.id.clone(), function.queue.clone()));
        };
        let clock = sim.clone();
        runtimes.push(Arc::new(Runtime::new(
            function.clone(),
            Fifo::new(queue.clone()),
            speed,
            Box::new(move || clock.now()),
            Arc::clone(journal),
        )));
    }
    Ok(runtimes)
}

/// Everything under `/_trellis/` is about the lab, everything else is AWS.
fn serve_aws(tasks: &mut JoinSet<()>, listener: TcpListener, shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    tasks.spawn(sim::tcp::serve(listener, move |request: Request<Bytes>| {
        let shared = Arc::clone(&shared);
        async move {
            if request.uri().path().starts_with(admin::PREFIX) {
                admin::answer(&shared, &request)
            } else {
                shared.sim.respond(&request)
            }
        }
    }));
}

fn pump(tasks: &mut JoinSet<()>, shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    tasks.spawn(async move {
        loop {
            shared.deliver();
            tokio::time::sleep(PUMP).await;
        }
    });
}

async fn start_function(
    tasks: &mut JoinSet<()>,
    shared: &Arc<Shared>,
    runtime: &Arc<Runtime>,
    launch: Launch,
) -> Result<(), LabError> {
    let (listener, address) = bind(0).await?;
    let api = Arc::clone(runtime);
    tasks.spawn(sim::tcp::serve(listener, move |request| Arc::clone(&api).answer(request)));
    let (runtime, journal) = (Arc::clone(runtime), Arc::clone(&shared.journal));
    let clock = shared.sim.clone();
    tasks.spawn(async move {
        let function = runtime.function.binary.clone();
        let now = move || clock.now();
        let error = launch.keep_alive(runtime, address, Arc::clone(&journal), now.clone()).await;
        let how = format!("cannot be started: {error}");
        journal.note(now(), Happening::Ended { function, how });
    });
    Ok(())
}
