//! How a lab is set up, and why it cannot be.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sim::awkward::Kind;
use sim::iam::PolicyError;

use crate::template::TemplateError;

/// What is in the account at the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// The article's two VPCs and its database, which nothing connects.
    TwoVpcs,
    /// Nothing.
    Empty,
}

/// How a lab is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port on 127.0.0.1 that AWS answers at; 0 takes any that is free.
    pub port: u16,
    /// How many times faster than real time the simulated time runs.
    pub speed: f64,
    /// What is in the account.
    pub beginning: Beginning,
    /// Whether there is a default VPC, too.
    pub default_vpc: bool,
    /// Where the functions send their calls, if not here.
    pub functions_endpoint: Option<String>,
    /// Values of the template's parameters, in place of their defaults.
    pub parameters: BTreeMap<String, String>,
    /// The program that becomes a function when it is started with `function <name>`.
    pub program: PathBuf,
    /// What decides every id, and everything that happens by chance.
    pub seed: u64,
    /// How AWS is awkward.
    pub awkward: Vec<Kind>,
    /// The addresses of the client's VPC.
    pub consumer_cidr: String,
}

impl Options {
    /// The article's world at this speed, on any free port, with the template's defaults.
    pub fn new(program: PathBuf, speed: f64) -> Options {
        Options {
            port: 0,
            speed,
            beginning: Beginning::TwoVpcs,
            default_vpc: false,
            functions_endpoint: None,
            parameters: BTreeMap::new(),
            program,
            seed: 1,
            awkward: Vec::new(),
            consumer_cidr: "10.0.0.0/16".to_owned(),
        }
    }
}

/// Why a lab cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The port is taken, most likely by another lab.
    #[error("cannot answer at 127.0.0.1:{port}: {source}")]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// The template makes no sense.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A rule's pattern makes no sense.
    #[error("template.yaml, a rule's pattern: {0}")]
    Pattern(#[from] quamina::QuaminaError),
    /// A function has a role that is not there.
    #[error("template.yaml, {0}: the role {1} is not there")]
    Role(String, String),
    /// A role's policy makes no sense.
    #[error("template.yaml, a role: {0}")]
    Policy(#[from] PolicyError),
    /// A function is fed by a queue that is not there.
    #[error("template.yaml, {0}: the queue {1} is not there")]
    Queue(String, String),
}
