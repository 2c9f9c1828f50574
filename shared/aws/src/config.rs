//! How AWS is reached: credentials and endpoints as the AWS CLI takes them, and time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::{Intercept, context};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::Timestamp;
use reconcile::settings::SettingsError;
use thiserror::Error;

/// Why AWS cannot even be asked: the environment says too little, or what makes no sense.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A variable of the deployment.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// No region is named.
    #[error("AWS_REGION is not set")]
    NoRegion,
    /// `AWS_CA_BUNDLE` names a file that cannot be read.
    #[error("AWS_CA_BUNDLE: {0}: {1}")]
    Bundle(String, #[source] std::io::Error),
    /// `AWS_CA_BUNDLE` names a file of something else.
    #[error("AWS_CA_BUNDLE: {0} holds no certificate")]
    NoCertificate(String),
    /// The certificates make no sense to the TLS library.
    #[error("AWS_CA_BUNDLE: {0}")]
    Certificates(#[source] BoxError),
    /// `TRELLIS_SPEED` is not a positive number.
    #[error("TRELLIS_SPEED: {0:?} is not a speed")]
    Speed(String),
}

/// The API behaviour that this version of Trellis was tested with.
pub fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// The configuration that the environment describes: `AWS_ENDPOINT_URL`, `AWS_PROFILE`,
/// `AWS_REGION`, credentials and so on as the AWS CLI takes them, `AWS_CA_BUNDLE` (which the SDK
/// for Rust leaves to its users), and `TRELLIS_SPEED` for a simulated AWS whose time runs faster.
///
/// # Errors
///
/// Which variable is missing or wrong, and how.
pub async fn load() -> Result<SdkConfig, ConfigError> {
    let pace = Pace::read()?;
    let http = http_client(std::env::var("AWS_CA_BUNDLE").ok().as_deref())?;
    let loader = aws_config::defaults(behavior())
        .http_client(http)
        .sleep_impl(pace)
        // Answers are short. The protection also measures time, which may be scaled.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(pace.timeouts());
    let sdk = loader.load().await;
    match sdk.region() {
        Some(_) => Ok(sdk),
        None => Err(ConfigError::NoRegion),
    }
}

fn http_client(bundle: Option<&str>) -> Result<SharedHttpClient, ConfigError> {
    let mut roots = tls::TrustStore::default();
    if let Some(path) = bundle.filter(|path| !path.is_empty()) {
        let pem =
            std::fs::read(path).map_err(|error| ConfigError::Bundle(path.to_owned(), error))?;
        // The library passes over what is no certificate, and then trusts nobody.
        if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
            return Err(ConfigError::NoCertificate(path.to_owned()));
        }
        roots = tls::TrustStore::empty().with_pem_certificate(pem);
    }
    let context = tls::TlsContext::builder()
        .with_trust_store(roots)
        .build()
        .map_err(|error| ConfigError::Certificates(error.into()))?;
    let provider = tls::Provider::Rustls(CryptoMode::AwsLc);
    Ok(Builder::new().tls_provider(provider).tls_context(context).build_https())
}

/// How fast time runs: real time on AWS, faster on a simulated one.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    speed: f64,
}

impl Pace {
    /// A second takes a second.
    pub const REAL: Pace = Pace { speed: 1.0 };

    /// So many times faster than real time.
    pub fn faster(speed: f64) -> Pace {
        Pace { speed }
    }

    /// The pace that `TRELLIS_SPEED` names, real without it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Speed`], if it is not a positive number.
    pub fn read() -> Result<Pace, ConfigError> {
        let Ok(text) = std::env::var("TRELLIS_SPEED") else { return Ok(Pace::REAL) };
        let speed = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
        speed.map(Pace::faster).ok_or(ConfigError::Speed(text))
    }

    /// How much real time passes while this much passes on AWS.
    pub fn real(self, time: Duration) -> Duration {
        time.div_f64(self.speed)
    }

    /// Time-outs guard against a network that swallows packets. Where time is scaled they would
    /// measure the machine instead.
    fn timeouts(self) -> TimeoutConfig {
        if self.speed != Pace::REAL.speed {
            return TimeoutConfig::disabled();
        }
        TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(Duration::from_secs(20))
            .build()
    }
}

impl AsyncSleep for Pace {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(self.real(duration)))
    }
}

/// The clock of AWS, read from the `Date` of its answers.
///
/// Deadlines are written by one invocation and read by another; they are measured by the clock of
/// the service that holds them, not by that of whichever machine a function happens to run on.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Whether there has been any answer at all.
    pub fn has_been_read(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// The time of the newest answer.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_before_deserialization(
        &self,
        reply: &context::BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = reply.response().headers().get("date");
        if let Some(date) = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok()) {
            self.0.fetch_max(date.secs(), Ordering::Relaxed);
        }
        Ok(())
    }
}
