//! `trellis`: the main job on a laptop, and one function at a time on a real account.

use std::process::ExitCode;

use aws::pass::Mode;
use reconcile::answer::Answer;
use reconcile::id::NetworkName;
use reconcile::outcome::Extent;
use trellis::args::{Args, Command, DEMO_SPEED, FunctionName, Instead, Tool};
use trellis::lab::{Beginning, Options};
use trellis::{connection, demo, export, facts_table, invoke, serve, wait};

fn main() -> ExitCode {
    let args = match Args::read(std::env::args_os()) {
        Ok(args) => args,
        Err(Instead::AskedFor(text)) => {
            anstream::print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(Instead::Wrong(line)) => return complain(&line),
    };
    let mut runtime = match args.command {
        // A function has little memory, and one invocation at a time.
        Some(Command::Function { .. }) => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let done = match runtime.enable_all().build() {
        Ok(runtime) => runtime.block_on(run(args.command)),
        Err(error) => Err(format!("cannot start: {error}")),
    };
    match done {
        Ok(code) => code,
        Err(line) => complain(&line),
    }
}

/// Does what was asked for, and says how it went; an error if it could not even begin.
async fn run(command: Option<Command>) -> Result<ExitCode, String> {
    let went = |well| if well { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    match command.unwrap_or(Command::Demo { speed: DEMO_SPEED }) {
        Command::Demo { speed } => {
            demo::run(program()?, speed).await.map(went).map_err(|error| error.to_string())
        }
        Command::Serve {
            port,
            speed,
            empty,
            default_vpc,
            functions_endpoint,
            seed,
            awkward,
            consumer_cidr,
        } => {
            let beginning = if empty { Beginning::Empty } else { Beginning::TwoVpcs };
            let awkward = awkward.map(|kinds| kinds.0).unwrap_or_default();
            let options = Options::new(program()?, speed);
            let options = Options { port, beginning, functions_endpoint, seed, ..options };
            let options = Options { default_vpc, awkward, consumer_cidr, ..options };
            serve::run(options).await.map(|()| went(true)).map_err(|error| error.to_string())
        }
        Command::Invoke { function, event, dry_run, detailed_exitcode } => {
            let mode = if dry_run { Mode::DryRun } else { Mode::Apply };
            let outcome = invoke::run(function, &event, mode).await?;
            anstream::println!("{}", invoke::shown(outcome.as_ref())?);
            let extent = outcome.map_or(Extent::Nothing, |outcome| outcome.extent());
            Ok(if detailed_exitcode { status(extent) } else { ExitCode::SUCCESS })
        }
        Command::Wait { awaited, timeout } => Ok(match wait::run(&awaited, timeout).await {
            Ok(answer) => answered(&answer),
            Err(line) => {
                complain(&line);
                ExitCode::from(3)
            }
        }),
        Command::Connection { ends, json } => {
            let found = connection::run(&ends).await?;
            let as_json = || serde_json::to_string_pretty(&found).map_err(|it| it.to_string());
            let text = if json { as_json()? } else { connection::told(&found) };
            anstream::println!("{text}");
            Ok(ExitCode::SUCCESS)
        }
        Command::Export { tool: Tool::Terraform, deployment } => {
            anstream::print!("{}", export::run(&deployment).await?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Facts { endpoint } => facts_table::run(endpoint).await.map(went),
        Command::Function { name } => {
            let ended = match name {
                FunctionName::ExposeDatabase => expose_database::run().await,
                FunctionName::ConnectVpc => connect_vpc::run().await,
            };
            ended.map(|()| went(true)).map_err(|error| error.to_string())
        }
    }
}

/// This program, which becomes a function when it is started again.
fn program() -> Result<std::path::PathBuf, String> {
    std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))
}

/// As Terraform's plan says it, and one more; whoever asks for it must be able to tell these from
/// every error.
fn status(extent: Extent) -> ExitCode {
    ExitCode::from(match extent {
        Extent::Nothing => 0,
        Extent::Changes => 2,
        Extent::Removals => 3,
    })
}

/// Says how something stands, and by the exit status whether that was waited for.
fn answered(answer: &Answer) -> ExitCode {
    match answer {
        Answer::Ready(networks) => {
            let names: Vec<&str> = networks.iter().map(NetworkName::as_str).collect();
            anstream::println!("ready on {}", names.join(" "));
            ExitCode::SUCCESS
        }
        Answer::Refused(why) => {
            anstream::println!("{why}");
            ExitCode::from(1)
        }
        Answer::Waiting(what) => {
            anstream::println!("{what}");
            ExitCode::from(2)
        }
    }
}

fn complain(line: &str) -> ExitCode {
    anstream::eprintln!("trellis: {line}");
    ExitCode::FAILURE
}
