//! One function, one event, on the account that the environment names.

use std::collections::BTreeMap;
use std::path::Path;

use aws::config::Pace;
use aws::pass::Mode;
use aws::{Aws, Deadline, Side, function};
use reconcile::outcome::Outcome;
use reconcile::settings::Settings;
use serde_json::Value;
use tracing_subscriber::EnvFilter;

use crate::account::explained;
use crate::args::FunctionName;
use crate::template::Template;

/// What is logged unless `RUST_LOG` says otherwise. Where no credentials are found the outcome
/// says so; what the SDK says about every place where it has looked are pages.
const LOG: &str = "info,aws_config=error";

/// Reads the event, runs the function with it, and gives what it answers: nothing, if the event is
/// not for it.
///
/// # Errors
///
/// One sentence about the file or the account.
pub async fn run(
    function: FunctionName,
    file: &Path,
    mode: Mode,
) -> Result<Option<Outcome>, String> {
    let shown = file.display();
    let text = std::fs::read(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let event =
        serde_json::from_slice(&text).map_err(|error| format!("{shown} is not JSON: {error}"))?;
    invoke(function, event, mode).await
}

async fn invoke(
    function: FunctionName,
    event: Value,
    mode: Mode,
) -> Result<Option<Outcome>, String> {
    let side = match function {
        FunctionName::ExposeDatabase => Side::ExposeDatabase,
        FunctionName::ConnectVpc => Side::ConnectVpc,
    };
    log_for_people();
    let template = Template::built_in(&BTreeMap::new()).map_err(said)?;
    let time_out = template.functions.iter().map(|function| function.timeout).min();
    let deadline =
        Deadline::after(time_out.unwrap_or_default().unsigned_abs(), Pace::read().map_err(said)?);
    let aws = Aws::new(&aws::load().await.map_err(said)?, settings(template)?);
    // The future is large: it holds the state of every call that a pass can make.
    let outcome = Box::pin(function::invoke(&aws, side, event, mode, deadline)).await;
    outcome.map_err(|error| explained(&error))
}

/// An outcome as JSON; `null` if there is none.
///
/// # Errors
///
/// None that is known: every outcome is JSON.
pub fn shown(outcome: Option<&Outcome>) -> Result<String, String> {
    serde_json::to_string_pretty(&outcome).map_err(said)
}

/// One plain line for each event, on standard error: standard output is for the outcome. `RUST_LOG`
/// says how much. Colours are for terminals: what is written elsewhere, or with `NO_COLOR` set, has
/// none.
fn log_for_people() {
    let log = tracing_subscriber::fmt().with_target(false).with_writer(anstream::stderr);
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG));
    // The writer knows best, and takes the colours out again.
    let _ = log.with_ansi(true).with_env_filter(filter).try_init();
}

fn said(error: impl std::error::Error) -> String {
    error.to_string()
}

/// What is to be done about settings that are missing on an account.
const WHOSE: &str = "on an account the settings of the deployed function are needed, and none is \
                     guessed: aws lambda get-function-configuration shows them";

/// What the environment says; and on a simulated AWS the template's defaults for what it does not.
/// On an account a default that is not the deployment's would undo what the deployment does.
fn settings(template: Template) -> Result<Settings, String> {
    let said_by_environment = |name: &str| std::env::var(name).ok();
    if std::env::var("AWS_ENDPOINT_URL").is_ok_and(|url| !url.is_empty()) {
        let defaults = template.functions.into_iter().flat_map(|function| function.environment);
        let defaults: BTreeMap<String, String> = defaults.collect();
        let settings =
            Settings::read(|name| said_by_environment(name).or(defaults.get(name).cloned()));
        return settings.map_err(said);
    }
    Settings::read(said_by_environment).map_err(|error| format!("{error}: {WHOSE}"))
}
