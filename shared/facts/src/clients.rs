//! The SDK clients that a case is given, and a way to wait.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep};
use futures::future::BoxFuture;

/// Throttled calls are tried again for about half a minute: EC2 lets endpoints be changed once in
/// three seconds, and no case is about that.
const ATTEMPTS: u32 = 6;

/// Clients for one account in one region, and a way to wait.
#[derive(Clone)]
pub struct Clients {
    /// Amazon EC2.
    pub ec2: aws_sdk_ec2::Client,
    /// Amazon RDS.
    pub rds: aws_sdk_rds::Client,
    /// Amazon VPC Lattice.
    pub lattice: aws_sdk_vpclattice::Client,
    /// Amazon EventBridge.
    pub events: aws_sdk_eventbridge::Client,
    /// AWS STS.
    pub sts: aws_sdk_sts::Client,
    /// Waits for this long: virtual time in process, real time elsewhere.
    pub wait: Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
    region: String,
    /// What every name of this run begins with.
    run: String,
    named: Arc<AtomicU64>,
}

impl Clients {
    /// Clients of this configuration. They wait as its `sleep_impl` does, which is Tokio's unless
    /// it says otherwise; names come from its time source, so that two runs never share one.
    pub fn new(config: &SdkConfig) -> Clients {
        let sleep = config.sleep_impl().unwrap_or_else(|| SharedAsyncSleep::new(TokioSleep::new()));
        let now = config.time_source().map_or_else(SystemTime::now, |source| source.now());
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let config = config
            .to_builder()
            .sleep_impl(sleep.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .build();
        Clients {
            ec2: aws_sdk_ec2::Client::new(&config),
            rds: aws_sdk_rds::Client::new(&config),
            lattice: aws_sdk_vpclattice::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            wait: Arc::new(move |how_long| Box::pin(sleep.sleep(how_long))),
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            run: format!("fact-{:x}", since.as_nanos()),
            named: Arc::new(AtomicU64::new(1)),
        }
    }

    /// The region that the clients call.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// A name that nothing else has: lower case, with a letter first, at most 40 long, good for
    /// every kind of resource.
    pub(crate) fn name(&self) -> String {
        format!("{}-{}", self.run, self.named.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").field("run", &self.run).finish_non_exhaustive()
    }
}
