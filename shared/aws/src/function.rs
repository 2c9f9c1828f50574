//! The Lambda function around one side: clients built once, bells logged, passes until settled.

use lambda_runtime::{LambdaEvent, service_fn};
use reconcile::key::Side;
use reconcile::outcome::Outcome;
use reconcile::settings::{self, Settings};
use serde_json::Value;
use tracing::{Instrument, debug, error_span, info, warn};
use tracing_subscriber::EnvFilter;

use crate::config::ConfigError;
use crate::measure::Measures;
use crate::pass::Mode;
use crate::trigger::{NotForUs, Trigger};
use crate::{Aws, Deadline, Error, config, trigger};

/// Runs this side as a Lambda function: reads the environment, builds the clients, and answers
/// invocations for as long as the process lives.
///
/// # Errors
///
/// If the environment lacks something, or the runtime API cannot be reached. Lambda reports it as
/// a failed init.
pub async fn run(side: Side) -> Result<(), lambda_runtime::Error> {
    log_as_json();
    let aws = from_environment().await?;
    let pace = config::Pace::read()?;
    let measures = Measures::of(side, &aws.settings);
    let answer = service_fn(|event: LambdaEvent<Value>| {
        let aws = &aws;
        async move {
            let deadline = Deadline::of_lambda(event.context.deadline, pace);
            let request_id = event.context.request_id;
            let deployment = aws.settings.deployment.as_str();
            let span = error_span!("invocation", request_id, deployment, %side);
            // Boxed: the future holds every call that a pass can make, one within the other.
            let invocation = Box::pin(invoke(aws, side, event.payload, Mode::Apply, deadline));
            let outcome = invocation.instrument(span).await;
            let told = measures.map(|it| it.tell(&aws.meter, &request_id, std::io::stdout()));
            if let Some(Err(error)) = told {
                warn!("the metrics cannot be written: {error}");
            }
            outcome.map_err(|error| lambda_runtime::Error::from(error.chain()))
        }
    });
    lambda_runtime::run(answer).await
}

/// AWS and the settings that the environment describes.
///
/// # Errors
///
/// Which variable is missing or wrong, and how.
pub async fn from_environment() -> Result<Aws, ConfigError> {
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    Ok(Aws::new(&config::load().await?, settings))
}

/// One invocation, over before its deadline: `None` if nobody rang whom it may concern.
///
/// # Errors
///
/// If the world could not be read. The queue then delivers the message again.
pub async fn invoke(
    aws: &Aws,
    side: Side,
    payload: Value,
    mode: Mode,
    deadline: Deadline,
) -> Result<Option<Outcome>, Error> {
    let mut rang = false;
    for trigger in trigger::triggers(payload, &aws.settings.deployment) {
        match trigger {
            Ok(Trigger { call: Some(call), .. }) if aws.is_no_concern(side, &call) => {
                debug!("no affair of ours: {}", call.what());
            }
            Ok(trigger) => {
                rang = true;
                match trigger.is_clock() {
                    true => debug!("rang: {trigger}"),
                    false => info!("rang: {trigger}"),
                }
                trigger.call.iter().for_each(|call| aws.hear(side, call));
            }
            Err(why @ NotForUs::OurOwn(_)) => debug!("{why}"),
            // Trying again cannot help; so it is a success.
            Err(why) => warn!("{why}"),
        }
    }
    if !rang {
        return Ok(None);
    }
    let outcome = match mode {
        Mode::Apply => aws.settle(side, deadline).await?,
        Mode::DryRun => {
            let pass = deadline.all(aws.pass(side, mode)).await;
            pass.unwrap_or_else(|| Err(Error::late("read", "the world")))?
        }
    };
    // Where nothing is written, no status tag says how things stand.
    let is_planned = mode == Mode::DryRun || aws.settings.mode == settings::Mode::Plan;
    for report in &outcome.reports {
        match is_planned {
            true => info!("{}: {}", report.subject.name(), report.state()),
            false => debug!("{}: {}", report.subject.name(), report.state()),
        }
    }
    if aws.settings.mode == settings::Mode::Withdraw {
        tell_what_is_left(aws, side, deadline).await;
    }
    Ok(Some(outcome))
}

/// Whoever takes the deployment down wants to know when the stack can go.
async fn tell_what_is_left(aws: &Aws, side: Side, deadline: Deadline) {
    let left = deadline.all(Box::pin(aws.left(side))).await;
    match left.unwrap_or_else(|| Err(Error::late("read", "what is left"))) {
        Ok(left) if left.is_empty() => info!("nothing is left of this side of the deployment"),
        Ok(left) => left.iter().for_each(|line| warn!("left: {line}")),
        Err(error) => warn!("{}", error.chain()),
    }
}

/// One JSON line for each event, on standard output, where Lambda picks it up. `RUST_LOG` says how
/// much.
pub fn log_as_json() {
    let log = tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter());
    // Whoever embeds the function may have set up a log of its own.
    let _ = log.with_current_span(true).with_span_list(false).try_init();
}

fn filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"))
}
