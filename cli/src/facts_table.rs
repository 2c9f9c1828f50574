//! What we believe about AWS, tried, as a table.

use std::collections::BTreeMap;

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use facts::{Case, Clients, Verdict};
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
    anstream::println!("{}", summary(rows.iter().map(|(_, verdict)| verdict)));
    Ok(rows.iter().all(|(_, verdict)| matches!(verdict, Verdict::Held | Verdict::Found(_))))
}

async fn at_endpoint(url: String) -> Result<Vec<(Case, Verdict)>, String> {
    let config = aws::load().await?.into_builder().endpoint_url(url).build();
    let clients = Clients::new(&config);
    let mut rows = Vec::new();
    for case in facts::all() {
        let verdict = facts::run(&case, &clients).await;
        // A real account takes hours for all of them: whoever waits wants to see it move.
        anstream::eprintln!("{:15} {}", word(&verdict), case.name.replace('_', " "));
        rows.push((case, verdict));
    }
    Ok(rows)
}

/// Each case in an account of its own, whose time jumps to the next moment at which something
/// happens.
fn simulated() -> Vec<(Case, Verdict)> {
    let verdict = |case: &Case| {
        paused_runtime().block_on(async {
            let sim = Sim::new(Clock::virtual_from(Timestamp::now()), 1);
            facts::run(case, &Clients::new(&config(&sim))).await
        })
    };
    facts::all().into_iter().map(|case| (case, verdict(&case))).collect()
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

fn table(rows: &[(Case, Verdict)]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    table.set_width(columns.unwrap_or(COLUMNS));
    table.set_header(["area", "fact", "verdict", "source"]);
    for (case, verdict) in rows {
        let fact = case.name.replace('_', " ");
        table.add_row([case.area.to_string(), fact, in_words(verdict), case.source.to_owned()]);
    }
    table
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Found(_) => "found",
        Verdict::Differs { .. } => "differs",
        Verdict::NotImplemented(_) => "not implemented",
        Verdict::Failed(_) => "failed",
    }
}

fn in_words(verdict: &Verdict) -> String {
    let word = word(verdict);
    match verdict {
        Verdict::Held => word.to_owned(),
        Verdict::Found(what) | Verdict::NotImplemented(what) | Verdict::Failed(what) => {
            format!("{word}: {what}")
        }
        Verdict::Differs { expected, found } => {
            format!("{word}: expected {expected}, found {found}")
        }
    }
}

/// How many of each, in one line.
fn summary<'a>(verdicts: impl Iterator<Item = &'a Verdict>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for verdict in verdicts {
        *counts.entry(word(verdict)).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    parts.join(", ")
}
