//! One function, one event, on the account that the environment names.

use std::collections::BTreeMap;
use std::path::Path;

use aws::pass::Mode;
use aws::{Aws, Side, function};
use reconcile::settings::Settings;
use serde_json::Value;

use crate::args::FunctionName;
use crate::template::Template;

/// Reads the event, runs the function with it, and gives what it answers: nothing (`null`), if
/// the event is not for it.
///
/// # Errors
///
/// One sentence about the file or the account.
pub async fn run(function: FunctionName, file: &Path, mode: Mode) -> Result<Value, String> {
    let shown = file.display();
    let text = std::fs::read(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let event =
        serde_json::from_slice(&text).map_err(|error| format!("{shown} is no JSON: {error}"))?;
    invoke(function, event, mode).await
}

async fn invoke(function: FunctionName, event: Value, mode: Mode) -> Result<Value, String> {
    let side = match function {
        FunctionName::ExposeDatabase => Side::ExposeDatabase,
        FunctionName::ConnectVpc => Side::ConnectVpc,
    };
    function::log_for_people();
    let aws = Aws::new(&aws::load().await?, settings()?);
    // The future is large: it holds the state of every call that a pass can make.
    let outcome = Box::pin(function::invoke(&aws, side, event, mode)).await;
    let outcome = outcome.map_err(|error| error.chain())?;
    serde_json::to_value(outcome).map_err(|error| error.to_string())
}

/// What the environment says, and the template's defaults for what it does not.
fn settings() -> Result<Settings, String> {
    let template = Template::built_in(&BTreeMap::new()).map_err(|error| error.to_string())?;
    let defaults = template.functions.into_iter().flat_map(|function| function.environment);
    let defaults: BTreeMap<String, String> = defaults.collect();
    Settings::read(|name| std::env::var(name).ok().or_else(|| defaults.get(name).cloned()))
}
