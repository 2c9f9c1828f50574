//! Does it: reads the world through the AWS SDK and takes the steps that [`reconcile`] decides on.
//!
//! Of what ships, the only crate that names `aws_sdk_*`. It decides nothing: a step carries every
//! detail, and where applying one would need an `if` about the world, planning is unfinished.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use aws::config::Pace;
//! use aws::{Aws, Deadline, Side};
//! use reconcile::name::Deployment;
//! use reconcile::settings::Settings;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::new(Deployment::new("trellis")?, ["databases".into()]);
//! let aws = Aws::new(&aws::load().await?, settings);
//! let deadline = Deadline::after(Duration::from_secs(300), Pace::REAL);
//! for report in aws.settle(Side::ExposeDatabase, deadline).await?.reports {
//!     println!("{}: {}", report.subject.name(), report.state());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Read in this order: [`config`] (how AWS is reached), [`observe`], [`ask`], [`apply`] (the verbs
//! of the port), [`kind`] (what they come to for each kind of resource), [`error`] (its one error),
//! [`pass`] (one look and its steps), [`settle`] (passes until nothing moves), [`deadline`] (or
//! until time is up), [`trigger`] (who rang) and [`function`] (the Lambda function around it).

pub mod announce;
pub mod apply;
pub mod ask;
pub mod config;
pub mod deadline;
pub mod error;
pub mod function;
pub mod kind;
mod measure;
pub mod observe;
pub mod own;
pub mod pass;
mod publish;
pub mod settle;
mod sound;
mod trail;
pub mod trigger;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_config::SdkConfig;
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use reconcile::id::AccountId;
use reconcile::memory::Memory;
use reconcile::settings::Settings;
use tokio::sync::OnceCell;
use tracing::{debug, warn};

pub use config::{ConfigError, load};
pub use deadline::Deadline;
pub use error::{Error, ErrorKind};
pub use reconcile::key::Side;

use measure::Meter;
use sound::Sound;
use trail::Told;

/// AWS as Trellis reaches it: one client for each service, built once.
#[derive(Clone, Debug)]
pub struct Aws {
    ec2: aws_sdk_ec2::Client,
    rds: aws_sdk_rds::Client,
    lattice: aws_sdk_vpclattice::Client,
    events: aws_sdk_eventbridge::Client,
    ssm: aws_sdk_ssm::Client,
    sts: aws_sdk_sts::Client,
    meter: Meter,
    account: Arc<OnceCell<AccountId>>,
    /// What each side remembers from pass to pass.
    memories: Arc<[Mutex<Memory>; 2]>,
    /// What was said in the log already.
    said: Arc<Mutex<BTreeSet<String>>>,
    /// What each side has raised an alarm about, and is still so.
    alarms: Arc<[Mutex<BTreeSet<String>>; 2]>,
    clock: config::Clock,
    sleep: SharedAsyncSleep,
    settings: Settings,
    deadline: Deadline,
}

impl Aws {
    /// AWS through this configuration, for the deployment with these settings.
    pub fn new(sdk: &SdkConfig, settings: Settings) -> Aws {
        let clock = config::Clock::default();
        let meter = Meter::default();
        let ec2 = aws_sdk_ec2::config::Builder::from(sdk).interceptor(clock.clone());
        let ec2 = ec2.interceptor(meter.clone()).interceptor(Sound::Xml);
        let rds = aws_sdk_rds::config::Builder::from(sdk).interceptor(clock.clone());
        let rds = rds.interceptor(meter.clone()).interceptor(Sound::Xml);
        let lattice = aws_sdk_vpclattice::config::Builder::from(sdk).interceptor(clock.clone());
        let lattice = lattice.interceptor(meter.clone()).interceptor(Sound::Json);
        Aws {
            ec2: aws_sdk_ec2::Client::from_conf(ec2.build()),
            rds: aws_sdk_rds::Client::from_conf(rds.build()),
            lattice: aws_sdk_vpclattice::Client::from_conf(lattice.build()),
            events: aws_sdk_eventbridge::Client::new(sdk),
            ssm: aws_sdk_ssm::Client::new(sdk),
            sts: aws_sdk_sts::Client::new(sdk),
            meter,
            account: Arc::default(),
            memories: Arc::default(),
            said: Arc::default(),
            alarms: Arc::default(),
            clock,
            sleep: sdk.sleep_impl().unwrap_or_else(|| SharedAsyncSleep::new(config::Pace::REAL)),
            settings,
            deadline: Deadline::NEVER,
        }
    }

    /// What CloudTrail told: the next passes of this side see whether what somebody deletes can be
    /// let go, and can say who took something away.
    pub fn hear(&self, side: Side, told: &Told) {
        let mut memory = self.memory(side);
        match told {
            Told::Deletion(deletion, _) => memory.deletions.hear(deletion.clone()),
            Told::Change { by, ids, .. } => memory.losses.hear(ids, by, self.clock.now()),
        }
    }

    /// Whether a call is known to be no affair of ours: a process that has not looked yet does not
    /// know, and the clock looks at everything.
    fn is_no_concern(&self, side: Side, told: &Told) -> bool {
        let memory = self.memory(side);
        memory.concerns.as_ref().is_some_and(|concerns| !concerns.include(told.ids()))
    }

    /// What this side remembers.
    fn memory(&self, side: Side) -> MutexGuard<'_, Memory> {
        self.memories[side as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of these alarms of a side that were not raised by its pass before.
    fn new_alarms(&self, side: Side, alarms: Vec<String>) -> Vec<String> {
        let mut raised = self.alarms[side as usize].lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *raised, alarms.iter().cloned().collect());
        alarms.into_iter().filter(|alarm| !before.contains(alarm)).collect()
    }

    /// Whether this process has not said this before.
    fn is_news(&self, text: String) -> bool {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(text)
    }

    /// Says that something failed that is in nobody's way: once, not at every pass.
    fn warn_once(&self, error: &Error) {
        match self.is_news(format!("{}: {}", error.subject, error.told())) {
            true => warn!("{}", error.chain()),
            false => debug!("{}", error.chain()),
        }
    }

    /// The same AWS for an invocation that must end by then.
    fn until(&self, deadline: Deadline) -> Aws {
        Aws { deadline, ..self.clone() }
    }
}
