//! What we believe about AWS, tried, as a table.

use std::collections::BTreeMap;

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use facts::{Case, Clients, Conformance};
use jiff::Timestamp;
use sim::{Clock, Sim};
use tokio::runtime::{Builder, Runtime};

/// How wide the table is, unless the environment says how wide the terminal is.
const COLUMNS: u16 = 140;

/// Tries every case against the simulated AWS, or at this endpoint. True if all of them held.
///
/// # Errors
///
/// One sentence about the environment.
pub async fn run(endpoint: Option<String>) -> Result<bool, String> {
    let rows = match endpoint {
        Some(url) => at_endpoint(url).await?,
        None => {
            let simulated = tokio::task::spawn_blocking(simulated).await;
            simulated.map_err(|error| format!("the facts were not tried to the end: {error}"))?
        }
    };
    anstream::println!("{}", table(&rows));
    anstream::println!("{}", summary(rows.iter().map(|(_, conformance)| conformance)));
    Ok(rows
        .iter()
        .all(|(_, conformance)| matches!(conformance, Conformance::Held | Conformance::Found(_))))
}

async fn at_endpoint(url: String) -> Result<Vec<(Case, Conformance)>, String> {
    let config = aws::load()
        .await
        .map_err(|error| error.to_string())?
        .into_builder()
        .endpoint_url(url)
        .build();
    let clients = Clients::new(&config);
    let mut rows = Vec::new();
    for case in facts::all() {
        let conformance = facts::run(&case, &clients).await;
        // A real account takes hours for all of them: whoever waits wants to see it move.
        anstream::eprintln!("{:15} {}", word(&conformance), case.name.replace('_', " "));
        rows.push((case, conformance));
    }
    Ok(rows)
}

/// Each case in an account of its own, whose time jumps to the next moment at which something
/// happens.
fn simulated() -> Vec<(Case, Conformance)> {
    let conformance = |case: &Case| {
        paused_runtime().block_on(async {
            let sim = Sim::new(Clock::virtual_from(Timestamp::now()), 1);
            facts::run(case, &Clients::new(&config(&sim))).await
        })
    };
    facts::all().into_iter().map(|case| (case, conformance(&case))).collect()
}

fn paused_runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing from the system")
}

fn config(sim: &Sim) -> SdkConfig {
    let credentials = Credentials::new("facts", "simulated", None, None, "facts");
    SdkConfig::builder()
        .behavior_version(aws::config::behavior())
        .region(Region::new(crate::REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(sim.http_client())
        .build()
}

fn table(rows: &[(Case, Conformance)]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    table.set_width(columns.unwrap_or(COLUMNS));
    table.set_header(["area", "fact", "result", "source"]);
    for (case, conformance) in rows {
        let fact = case.name.replace('_', " ");
        table.add_row([case.area.to_string(), fact, in_words(conformance), case.source.to_owned()]);
    }
    table
}

fn word(conformance: &Conformance) -> &'static str {
    match conformance {
        Conformance::Held => "held",
        Conformance::Found(_) => "found",
        Conformance::Differs { .. } => "differs",
        Conformance::NotImplemented(_) => "not implemented",
        Conformance::Failed(_) => "failed",
    }
}

fn in_words(conformance: &Conformance) -> String {
    let word = word(conformance);
    match conformance {
        Conformance::Held => word.to_owned(),
        Conformance::Found(what)
        | Conformance::NotImplemented(what)
        | Conformance::Failed(what) => {
            format!("{word}: {what}")
        }
        Conformance::Differs { expected, found } => {
            format!("{word}: expected {expected}, found {found}")
        }
    }
}

/// How many of each, in one line.
fn summary<'a>(all: impl Iterator<Item = &'a Conformance>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for conformance in all {
        *counts.entry(word(conformance)).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    parts.join(", ")
}
