//! Metrics: what a deployment does, in numbers, in CloudWatch's embedded metric format.
//!
//! | metric                         | what it is                                                |
//! |--------------------------------|-----------------------------------------------------------|
//! | `Ready`, `Waiting`, `Refused`  | databases or VPCs that are so; refused ones by `Code`     |
//! | `Overdue`                      | those that have waited for too long                       |
//! | `LongestWait`                  | how many seconds the one that waits longest has waited    |
//! | `Braked`                       | those that the brake holds                                |
//! | `Failing`                      | steps that AWS has refused twice in a row or more         |
//! | `Steps`                        | steps, by `Kind`, `Verb` and `Result`                     |
//! | `BecameReady`, `SecondsToReady`| how many became ready, and their seconds from first status|
//! | `Passes`, `PassMilliseconds`   | passes, and how long all of them took                     |
//! | `CompletePasses`               | those that read everything and did what they could        |
//! | `Calls`, `Throttles`           | calls to AWS, and those turned away as too many           |
//!
//! All have the dimensions `Deployment` and `Side`. What stands is told once an invocation, by its
//! last pass. Calls by action are no metric, since each action would be one more to pay for: they
//! stand in the same line of the log, as `calls` and `throttles`, for CloudWatch Logs Insights.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::{Intercept, context};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use metrics::{counter, gauge};
use metrics_cloudwatch_embedded::{Builder, Collector};
use reconcile::key::Side;
use reconcile::memory::Memory;
use reconcile::outcome::{Outcome, Taken};
use reconcile::refusal::Code;
use reconcile::report::{State, Subject};
use reconcile::settings::Settings;
use reconcile::telling::Telling;
use serde_json::json;

/// The namespace of every metric.
const NAMESPACE: &str = "Trellis";

/// What the codes of AWS have in common that say that there were too many calls.
const TOO_MANY: [&str; 4] = ["Throttl", "RequestLimitExceeded", "TooManyRequests", "SlowDown"];

/// Where the services write the id of a request.
const REQUEST_IDS: [&str; 2] = ["x-amzn-requestid", "x-amz-request-id"];

/// Everything that is measured in this process, until it is told.
#[derive(Clone, Copy)]
pub(crate) struct Measures(&'static Collector);

impl Measures {
    /// Begins to measure one side. `None` if whoever embeds the function measures by itself.
    pub(crate) fn of(side: Side, settings: &Settings) -> Option<Measures> {
        let builder = Builder::new()
            .cloudwatch_namespace(NAMESPACE)
            .with_dimension("Deployment", settings.deployment.as_str().to_owned())
            .with_dimension("Side", side.to_string());
        Some(Measures(builder.init().ok()?))
    }

    /// Writes what was measured since the last time, one line for each set of dimensions.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn tell(
        self,
        meter: &Meter,
        request_id: &str,
        to: impl Write,
    ) -> std::io::Result<()> {
        let Counted { calls, throttles, .. } = meter.take();
        self.0.set_property("request_id", request_id);
        self.0.set_property("calls", json!(calls));
        self.0.set_property("throttles", json!(throttles));
        self.0.flush(to)
    }
}

/// Counts what a pass did.
pub(crate) fn pass(outcome: &Outcome, is_whole: bool, took: Duration) {
    counter!("Passes").increment(1);
    counter!("PassMilliseconds").increment(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    if is_whole {
        counter!("CompletePasses").increment(1);
    }
    for Taken { verb, key, error, .. } in &outcome.steps {
        let result = if error.is_none() { "taken" } else { "refused" };
        counter!("Steps", "Kind" => key.kind(), "Verb" => *verb, "Result" => result).increment(1);
    }
}

/// Counts what has become ready, and since when it had been waited for.
pub(crate) fn changes(tellings: &BTreeMap<Subject, Telling>) {
    for Telling { before, now } in tellings.values() {
        let began = before.as_ref().filter(|before| before.text.starts_with("waiting"));
        let began = began.and_then(|before| before.since);
        if let (Some(began), Some(ready), true) = (began, now.since, now.text.starts_with("ready"))
        {
            counter!("BecameReady").increment(1);
            let seconds = ready.duration_since(began).as_secs();
            counter!("SecondsToReady").increment(seconds.unsigned_abs());
        }
    }
}

/// How everything stands at the end of an invocation.
pub(crate) fn standing(outcome: &Outcome, memory: &Memory) {
    let (mut ready, mut waiting, mut overdue, mut longest) = (0_u32, 0_u32, 0_u32, 0.0_f64);
    let mut refused: BTreeMap<Code, u64> = BTreeMap::new();
    for report in &outcome.reports {
        match report.state() {
            State::Ready => ready += 1,
            State::Refused(refusal) => *refused.entry(refusal.code).or_default() += 1,
            State::Waiting(_) => {
                waiting += 1;
                let status = memory.status(&report.subject);
                overdue += u32::from(status.is_some_and(|status| status.is_overdue));
                let since = status.and_then(|status| status.since);
                let waited = since.map(|since| outcome.at.duration_since(since).as_secs_f64());
                longest = longest.max(waited.unwrap_or_default());
            }
        }
    }
    gauge!("Ready").set(ready);
    gauge!("Waiting").set(waiting);
    gauge!("Overdue").set(overdue);
    gauge!("LongestWait").set(longest);
    let braked = refused.get(&Code::Brake).copied().unwrap_or_default();
    gauge!("Braked").set(u32::try_from(braked).unwrap_or(u32::MAX));
    gauge!("Failing").set(u32::try_from(memory.failing()).unwrap_or(u32::MAX));
    for (code, count) in refused {
        // Counted, so that a code that is no more is a metric no more.
        counter!("Refused", "Code" => code.to_string()).increment(count);
    }
}

/// How often each operation was called, retries included, and how often there were too many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<Mutex<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    calls: BTreeMap<String, u64>,
    throttles: BTreeMap<String, u64>,
    /// AWS's own id of the last call.
    request_id: Option<String>,
}

impl Meter {
    fn take(&self) -> Counted {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// AWS's own id of the last call: what its support asks for.
    pub(crate) fn request_id(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).request_id.clone()
    }
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn read_after_attempt(
        &self,
        attempt: &context::FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = bag.load::<Metadata>().map(Metadata::name).unwrap_or_default();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.request_id = attempt.response().and_then(|response| {
            let header = |name| response.headers().get(name).map(str::to_owned);
            REQUEST_IDS.into_iter().find_map(header)
        });
        *counts.calls.entry(operation.to_owned()).or_default() += 1;
        counter!("Calls").increment(1);
        let is_throttled = attempt.response().is_some_and(|response| {
            let body = response.body().bytes().unwrap_or_default();
            let body = String::from_utf8_lossy(body);
            response.status().as_u16() == 429
                || !response.status().is_success() && TOO_MANY.iter().any(|it| body.contains(it))
        });
        if is_throttled {
            *counts.throttles.entry(operation.to_owned()).or_default() += 1;
            counter!("Throttles").increment(1);
        }
        Ok(())
    }
}
