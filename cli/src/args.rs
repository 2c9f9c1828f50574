//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use sim::awkward::Kind;

use crate::connection::Ends;
use crate::wait::Awaited;

/// How many times faster than real time the demo runs unless told otherwise: fast enough for a
/// grace period of fifteen minutes, slow enough to watch.
pub const DEMO_SPEED: f64 = 60.0;

/// The same for `serve`, where a person types the next command.
pub const SERVE_SPEED: f64 = 10.0;

/// Faster than this a function would be out of time before it has read the world once: five
/// minutes of simulated time must be seconds of real time.
const FASTEST: f64 = 100.0;

/// Tag a database, reach it from any VPC: Trellis on a simulated AWS.
#[derive(Debug, Parser)]
#[command(name = "trellis", version)]
pub struct Args {
    /// What to do; `demo` if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job on the simulated AWS: tags appear, a database becomes reachable, tags go.
    Demo {
        /// How many times faster than real time the simulated time runs.
        #[arg(long, default_value_t = DEMO_SPEED, value_parser = speed)]
        speed: f64,
    },
    /// The simulated AWS and the functions, for any AWS client.
    Serve {
        /// The port on 127.0.0.1 to answer at.
        #[arg(long, default_value_t = 4566)]
        port: u16,
        /// How many times faster than real time the simulated time runs.
        #[arg(long, default_value_t = SERVE_SPEED, value_parser = speed)]
        speed: f64,
        /// Start with an account that has nothing in it.
        #[arg(long)]
        empty: bool,
        /// Start with a default VPC, as a real account does, beside whatever else there is.
        #[arg(long)]
        default_vpc: bool,
        /// Where the functions send their calls, in place of this program: a proxy in between.
        #[arg(long, value_name = "URL", value_parser = url)]
        functions_endpoint: Option<String>,
        /// What decides every id, and everything that happens by chance.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How AWS is awkward: names joined by commas, such as omissions,jitter; or all.
        #[arg(long, value_name = "KINDS", value_parser = kinds)]
        awkward: Option<Kinds>,
        /// The addresses of the client's VPC; with others than the database's it can be peered.
        #[arg(long, value_name = "CIDR", default_value = "10.0.0.0/16", value_parser = network)]
        consumer_cidr: String,
    },
    /// One function, one event, on the account of your credentials or at AWS_ENDPOINT_URL.
    Invoke {
        /// The function.
        function: FunctionName,
        /// A file with an EventBridge event or an SQS batch, such as those in events/.
        #[arg(long, value_name = "FILE")]
        event: PathBuf,
        /// Print what would be done, and do nothing.
        #[arg(long)]
        dry_run: bool,
        /// Say by the exit status how far the plan goes: 0 nothing is left to do, 2 something would
        /// be created or updated or is on its way, 3 something would be deleted; 1 is an error.
        #[arg(long, requires = "dry_run")]
        detailed_exitcode: bool,
    },
    /// Wait until a database, a VPC or both are ready, by their tags. The exit status is 0 if they
    /// are, 1 if they are refused, 2 if time is over, and 3 if something else is wrong.
    Wait {
        /// What is waited for.
        #[command(flatten)]
        awaited: Awaited,
        /// How long, such as 90s or 10m.
        #[arg(long, default_value = "10m", value_parser = time)]
        timeout: SignedDuration,
    },
    /// What clients in a VPC need to connect to a database: its name and port, and the groups to
    /// attach.
    Connection {
        /// The two ends.
        #[command(flatten)]
        ends: Ends,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// What Trellis made, for whoever takes it over: import blocks, from which Terraform generates
    /// the rest.
    Export {
        /// For what.
        tool: Tool,
        /// The name of the deployment that made it.
        #[arg(long, default_value = "trellis")]
        deployment: String,
    },
    /// What we believe about AWS, tried on the simulated AWS or at another endpoint.
    Facts {
        /// The endpoint; the credentials and the region are those of the environment.
        #[arg(long, value_name = "URL", value_parser = url)]
        endpoint: Option<String>,
    },
    /// Be one function: how this program starts itself again.
    #[command(hide = true)]
    Function {
        /// The function.
        name: FunctionName,
    },
}

/// What takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tool {
    /// HashiCorp Terraform, 1.5 or later, with the AWS provider 5.
    Terraform,
}

/// A function by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FunctionName {
    /// The provider side.
    ExposeDatabase,
    /// The consumer side.
    ConnectVpc,
}

/// What is printed in place of doing anything.
#[derive(Debug, PartialEq)]
pub enum Instead {
    /// Help or the version.
    AskedFor(String),
    /// One line about what is wrong.
    Wrong(String),
}

impl Args {
    /// Reads the command line.
    ///
    /// # Errors
    ///
    /// What to print instead.
    pub fn read(
        words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Args, Instead> {
        Args::try_parse_from(words).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                Instead::AskedFor(error.render().ansi().to_string())
            }
            _ => Instead::Wrong(one_line(&error.render().to_string())),
        })
    }
}

/// The first paragraph of what clap has to say, without its heading.
fn one_line(text: &str) -> String {
    let paragraph: Vec<&str> =
        text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let line = paragraph.join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

fn time(text: &str) -> Result<SignedDuration, String> {
    match text.parse::<SignedDuration>() {
        Ok(time) if !time.is_negative() => Ok(time),
        _ => Err("a time is such as 90s or 10m".to_owned()),
    }
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (1.0..=FASTEST).contains(&speed) => Ok(speed),
        _ => Err(format!("a speed is a number from 1 to {FASTEST}")),
    }
}

/// Ways in which AWS is awkward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds(pub Vec<Kind>);

fn kinds(text: &str) -> Result<Kinds, String> {
    if text == "all" {
        return Ok(Kinds(Kind::ALL.to_vec()));
    }
    let named: Option<Vec<Kind>> = text.split(',').map(Kind::named).collect();
    named.map(Kinds).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
        format!("there are {} and all", names.join(", "))
    })
}

fn network(text: &str) -> Result<String, String> {
    let octets: Option<Vec<u8>> = text
        .strip_suffix(".0.0/16")
        .and_then(|start| start.split('.').map(|octet| octet.parse().ok()).collect());
    match octets {
        Some(octets) if octets.len() == 2 => Ok(text.to_owned()),
        _ => Err("a /16 such as 10.1.0.0/16".to_owned()),
    }
}

fn url(text: &str) -> Result<String, String> {
    let uri: Result<http::Uri, _> = text.parse();
    match uri {
        Ok(uri) if matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("an endpoint is a URL such as http://127.0.0.1:4566".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(words: &[&str]) -> String {
        match Args::read(words) {
            Err(Instead::Wrong(line)) => line,
            other => panic!("{words:?} gave {other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (words, says) in [
            (vec!["trellis", "--nonsense"], "unexpected argument '--nonsense' found"),
            (vec!["trellis", "serve", "--port", "99999"], "99999 is not in 0..=65535"),
            (vec!["trellis", "serve", "--speed", "0"], "a speed is a number from 1 to 100"),
            (vec!["trellis", "serve", "--speed", "fast"], "a speed is a number from 1 to 100"),
            (vec!["trellis", "serve", "--awkward", "rain"], "there are omissions, wandering,"),
            (vec!["trellis", "serve", "--seed", "x"], "invalid value 'x' for '--seed <SEED>'"),
            (vec!["trellis", "serve", "--consumer-cidr", "10.1.0.0/24"], "a /16 such as"),
            (vec!["trellis", "facts", "--endpoint", "moon"], "an endpoint is a URL such as"),
            (vec!["trellis", "invoke", "connect-vpc"], "--event <FILE>"),
            (vec!["trellis", "invoke", "mow-lawn", "--event", "x"], "invalid value 'mow-lawn'"),
            (vec!["trellis", "export", "pulumi"], "invalid value 'pulumi'"),
            (vec!["trellis", "dance"], "unrecognized subcommand 'dance'"),
        ] {
            let line = wrong(&words);
            assert!(line.contains(says) && !line.contains('\n'), "{words:?}: {line}");
        }
    }

    #[test]
    fn serve_takes_kinds_of_awkwardness_and_a_seed() {
        let read = |kinds: &str| {
            let words = ["trellis", "serve", "--seed", "7", "--awkward", kinds];
            match Args::read(words).expect("it is right").command {
                Some(Command::Serve { seed: 7, awkward: Some(Kinds(kinds)), .. }) => kinds,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(read("jitter,omissions"), [Kind::Jitter, Kind::Omissions]);
        assert_eq!(read("all"), Kind::ALL);
    }

    #[test]
    fn nothing_said_is_the_demo() {
        assert!(Args::read(["trellis"]).expect("it is right").command.is_none());
        assert!(matches!(Args::read(["trellis", "--help"]), Err(Instead::AskedFor(_))));
    }
}
