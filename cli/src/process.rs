//! The functions' own processes: this program, started again as one function each.
//!
//! A process gets the environment that Lambda gives it and nothing of ours: no credentials, no
//! profile, no proxy.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::REGION;
use crate::journal::{Happening, Journal};
use crate::runtime::Runtime;
use crate::template::Function;

/// How long a process that ended stays ended.
const PAUSE: Duration = Duration::from_millis(250);

/// What of our own environment a process may see: where certificates are, and how much to say.
const PASSED_ON: [&str; 4] = ["AWS_CA_BUNDLE", "RUST_BACKTRACE", "RUST_LOG", "SSL_CERT_FILE"];

/// How a function's process is started.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Where the process sends its calls to AWS.
    pub endpoint: String,
    /// How many times faster than real time the simulated time runs.
    pub speed: f64,
}

impl Launch {
    /// Keeps the process of a function alive, forever. Dropping the future ends the process.
    /// Returns only if the program cannot be started at all.
    pub async fn keep_alive(
        self,
        runtime: Arc<Runtime>,
        runtime_api: SocketAddr,
        journal: Arc<Journal>,
        now: impl Fn() -> Timestamp + Clone + Send + 'static,
    ) -> std::io::Error {
        let function = runtime.function.binary.clone();
        loop {
            let mut child = match self.start(&runtime.function, runtime_api) {
                Ok(child) => child,
                Err(error) => return error,
            };
            let said = (function.clone(), Arc::clone(&journal), now.clone());
            let out = child.stdout.take().map(|pipe| tokio::spawn(listen(pipe, said.clone())));
            let err = child.stderr.take().map(|pipe| tokio::spawn(listen(pipe, said)));
            let how = tokio::select! {
                status = child.wait() => describe(status),
                () = runtime.overdue.notified() => {
                    // It may have ended by itself in the meantime.
                    let _ = child.kill().await;
                    "ended: out of time".to_owned()
                }
            };
            // What it said last is the reason, so it is heard out first.
            for pipe in [out, err].into_iter().flatten() {
                let _ = pipe.await;
            }
            runtime.fail(&format!("its process {how}"));
            journal.note(now(), Happening::Ended { function: function.clone(), how });
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn start(&self, function: &Function, runtime_api: SocketAddr) -> std::io::Result<Child> {
        Command::new(&self.program)
            .args(["function", &function.binary])
            .env_clear()
            .envs(self.environment(function, runtime_api))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }

    /// The environment that Lambda gives a function, the template's variables, and where AWS is.
    fn environment(
        &self,
        function: &Function,
        runtime_api: SocketAddr,
    ) -> BTreeMap<String, String> {
        let mut environment = function.environment.clone();
        for name in PASSED_ON {
            if let Ok(value) = std::env::var(name) {
                environment.insert(name.to_owned(), value);
            }
        }
        let name = &function.name;
        for (variable, value) in [
            ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_megabytes.to_string()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            // The simulated AWS takes the access key id for the caller's name.
            ("AWS_ACCESS_KEY_ID", function.binary.clone()),
            ("AWS_SECRET_ACCESS_KEY", "simulated".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("TRELLIS_SPEED", self.speed.to_string()),
        ] {
            environment.insert(variable.to_owned(), value);
        }
        environment
    }
}

fn describe(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => format!("ended: {status}"),
        Err(error) => format!("was lost: {error}"),
    }
}

/// Writes every line that comes out of a pipe into the journal.
async fn listen(
    pipe: impl AsyncRead + Unpin,
    (function, journal, now): (String, Arc<Journal>, impl Fn() -> Timestamp),
) {
    let mut lines = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        journal.note(now(), Happening::Said { function: function.clone(), line });
    }
}
