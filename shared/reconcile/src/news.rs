//! News: what an invocation tells whoever listens, one event for each change.
//!
//! What has changed is told from what was said last, by this process or by the status tag: so a
//! change is told whichever invocation sees it. It is told at least once: again if the tag could
//! not be written, and of a database that goes from ready to waiting and back. What EventBridge
//! does not take is lost: a status must not wait for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::deletion::{HeldUp, Holder};
use crate::id::{DatabaseArn, NetworkName, VpcId};
use crate::key::Key;
use crate::memory::Memory;
use crate::outcome::{Outcome, Taken};
use crate::refusal::{Code, Refusal};
use crate::report::{Line, Report, State, Subject};
use crate::telling::Telling;

/// Something that has changed. The fields are those of the event's detail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the schemas beside the samples in events/ describe the fields")]
pub enum News {
    /// A database became ready on a network.
    DatabaseExposed { database: DatabaseArn, network: NetworkName },
    /// A database is on a network no more.
    DatabaseWithdrawn { database: DatabaseArn, network: NetworkName },
    /// A network was made: VPCs may wait for it.
    NetworkCreated { network: NetworkName },
    /// A VPC became ready on a network.
    VpcConnected { vpc: VpcId, network: NetworkName },
    /// A VPC has no way into a network any more.
    VpcDisconnected { vpc: VpcId, network: NetworkName },
    /// What was asked for cannot be had until somebody acts.
    Refused {
        #[serde(flatten)]
        subject: About,
        #[serde(skip_serializing_if = "Option::is_none")]
        network: Option<NetworkName>,
        code: Code,
        sentence: String,
    },
    /// It waits for longer than anything should.
    WaitingTooLong {
        #[serde(flatten)]
        subject: About,
        waiting_for: String,
        since: Timestamp,
    },
    /// Somebody cannot delete something, because clients are or may be connected through it.
    DeletionHeldUp {
        resource: String,
        by: String,
        vpc: VpcId,
        #[serde(flatten)]
        holder: Holder,
    },
    /// Something that a ready database or VPC rests on was gone or otherwise, and is as it should
    /// be again.
    DriftRepaired { step: String },
    /// Many tags vanished at once: nothing goes for it until somebody says what was meant.
    BrakeEngaged { databases: Vec<DatabaseArn>, vpcs: Vec<VpcId> },
    /// AWS has refused a step twice in a row.
    Failed { step: String, error: String },
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A database.
    Database(DatabaseArn),
    /// A VPC.
    Vpc(VpcId),
}

impl About {
    /// The name that its owner knows it by.
    fn name(&self) -> &str {
        match self {
            About::Database(arn) => arn.identifier(),
            About::Vpc(vpc) => vpc.as_str(),
        }
    }
}

impl From<&Subject> for About {
    fn from(subject: &Subject) -> About {
        match subject {
            Subject::Database(arn, _) => About::Database(arn.clone()),
            Subject::Vpc(vpc) => About::Vpc(vpc.clone()),
        }
    }
}

impl fmt::Display for News {
    /// What it is about, in a few words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            News::DatabaseExposed { database, network }
            | News::DatabaseWithdrawn { database, network } => {
                write!(f, "{} {network}", database.identifier())
            }
            News::NetworkCreated { network } => network.fmt(f),
            News::VpcConnected { vpc, network } | News::VpcDisconnected { vpc, network } => {
                write!(f, "{vpc} {network}")
            }
            News::Refused { subject, code, .. } => write!(f, "{} {code}", subject.name()),
            News::WaitingTooLong { subject, waiting_for, .. } => {
                write!(f, "{} {waiting_for}", subject.name())
            }
            News::DeletionHeldUp { resource, by, holder, .. } => {
                write!(f, "{resource}: {by}, {holder}")
            }
            News::DriftRepaired { step } | News::Failed { step, .. } => f.write_str(step),
            News::BrakeEngaged { databases, vpcs } => {
                write!(f, "{} databases, {} VPCs", databases.len(), vpcs.len())
            }
        }
    }
}

impl News {
    /// The event's detail type.
    pub fn detail_type(&self) -> &'static str {
        match self {
            News::DatabaseExposed { .. } => "Database Exposed",
            News::DatabaseWithdrawn { .. } => "Database Withdrawn",
            News::NetworkCreated { .. } => "Network Created",
            News::VpcConnected { .. } => "VPC Connected",
            News::VpcDisconnected { .. } => "VPC Disconnected",
            News::Refused { .. } => "Refused",
            News::WaitingTooLong { .. } => "Waiting Too Long",
            News::DeletionHeldUp { .. } => "Deletion Held Up",
            News::DriftRepaired { .. } => "Drift Repaired",
            News::BrakeEngaged { .. } => "Brake Engaged",
            News::Failed { .. } => "Failed",
        }
    }

    /// The resources that it is about, as far as they have an ARN.
    pub fn resources(&self) -> Vec<String> {
        let databases = match self {
            News::DatabaseExposed { database, .. } | News::DatabaseWithdrawn { database, .. } => {
                std::slice::from_ref(database)
            }
            News::Refused { subject: About::Database(arn), .. }
            | News::WaitingTooLong { subject: About::Database(arn), .. } => {
                std::slice::from_ref(arn)
            }
            News::BrakeEngaged { databases, .. } => databases,
            _ => &[],
        };
        databases.iter().map(ToString::to_string).collect()
    }
}

/// What is new by this outcome. `memory` is that of the process after its steps were taken.
pub fn news(
    tellings: &BTreeMap<Subject, Telling>,
    outcome: &Outcome,
    memory: &Memory,
) -> BTreeSet<News> {
    let mut news: BTreeSet<News> = outcome.steps.iter().filter_map(of_step).collect();
    news.extend(outcome.steps.iter().filter_map(|taken| failed(taken, memory)));
    news.extend(newly_held_up(outcome, memory).map(|held_up| {
        let HeldUp { deletion, vpc, holder } = held_up.clone();
        News::DeletionHeldUp { resource: deletion.base.to_string(), by: deletion.by, vpc, holder }
    }));
    let mut braked: (Vec<DatabaseArn>, Vec<VpcId>) = Default::default();
    for report in &outcome.reports {
        let Some(telling) = tellings.get(&report.subject) else { continue };
        news.extend(of_report(report, telling));
        let is_repaired = |taken: &&Taken| repairs(report, telling, taken, memory);
        let repairs = outcome.steps.iter().filter(is_repaired);
        news.extend(repairs.map(|taken| News::DriftRepaired { step: step(taken) }));
        if is_newly(telling, Code::Brake) {
            match &report.subject {
                Subject::Database(arn, _) => braked.0.push(arn.clone()),
                Subject::Vpc(vpc) => braked.1.push(vpc.clone()),
            }
        }
    }
    if braked != Default::default() {
        let (databases, vpcs) = braked;
        news.insert(News::BrakeEngaged { databases, vpcs });
    }
    news
}

/// The deletions of which it has not been told yet that somebody is in their way.
pub fn newly_held_up<'a>(
    outcome: &'a Outcome,
    memory: &Memory,
) -> impl Iterator<Item = &'a HeldUp> {
    outcome.held_up.iter().filter(|held_up| !memory.deletions.has_told(&held_up.deletion.base))
}

/// What a step that AWS took brings with it.
fn of_step(taken: &Taken) -> Option<News> {
    let news = match (taken.verb, &taken.key) {
        ("create", Key::Network(network)) => News::NetworkCreated { network: network.clone() },
        ("delete", Key::Association(database, network)) => {
            let (database, network) = (database.clone(), network.clone());
            News::DatabaseWithdrawn { database, network }
        }
        ("delete", Key::Endpoint(vpc, network)) => {
            News::VpcDisconnected { vpc: vpc.clone(), network: network.clone() }
        }
        _ => return None,
    };
    taken.error.is_none().then_some(news)
}

/// The second refusal in a row: the first may be about what a lost reply has done already.
fn failed(taken: &Taken, memory: &Memory) -> Option<News> {
    let error = taken.error.clone()?;
    let tried = memory.tried(taken.verb, &taken.key)?;
    (tried.refusal.is_some() && tried.count == 2).then(|| News::Failed { step: step(taken), error })
}

fn step(taken: &Taken) -> String {
    format!("{} {}", taken.verb, taken.key)
}

/// What is new about one database or VPC.
fn of_report(report: &Report, telling: &Telling) -> Vec<News> {
    let was_on = telling.before.as_ref().map(|before| before.ready_on.clone()).unwrap_or_default();
    let is_new = |line: &&Line| line.network.as_ref().is_some_and(|on| !was_on.contains(on));
    let ready = report.lines.iter().filter(|line| line.state == State::Ready).filter(is_new);
    let mut news: Vec<News> = ready
        .filter_map(|line| {
            let network = line.network.clone()?;
            Some(match &report.subject {
                Subject::Database(arn, _) => {
                    News::DatabaseExposed { database: arn.clone(), network }
                }
                Subject::Vpc(vpc) => News::VpcConnected { vpc: vpc.clone(), network },
            })
        })
        .collect();
    let subject = About::from(&report.subject);
    for line in &report.lines {
        match &line.state {
            State::Refused(Refusal { code, sentence }) if is_newly(telling, *code) => {
                let (network, code, sentence) = (line.network.clone(), *code, sentence.clone());
                news.push(News::Refused { subject: subject.clone(), network, code, sentence });
            }
            _ => {}
        }
    }
    let was_overdue = telling.before.as_ref().is_some_and(|before| before.is_overdue);
    if let (State::Waiting(what), Some(since)) = (report.state(), telling.now.since)
        && telling.now.is_overdue
        && !was_overdue
    {
        let waiting_for = what.clone();
        news.push(News::WaitingTooLong { subject, waiting_for, since });
    }
    news
}

/// Whether it is refused for this now, and was not before.
fn is_newly(telling: &Telling, code: Code) -> bool {
    let code = code.to_string();
    let was = telling.before.as_ref().and_then(|before| before.code());
    telling.now.code() == Some(&code) && was != Some(&code)
}

/// Whether a step made good again what something rests on that was ready. A rule on the consumer
/// side may be new, of a port that nobody offered before.
fn repairs(report: &Report, telling: &Telling, taken: &Taken, memory: &Memory) -> bool {
    let was_on = telling.before.as_ref().map(|before| before.ready_on.clone()).unwrap_or_default();
    let was_ready = |line: &&Line| line.network.as_ref().is_some_and(|on| was_on.contains(on));
    let mut lines = report.lines.iter().filter(was_ready);
    let may_be_new = matches!(taken.key, Key::ClientRule(..) | Key::EndpointRule(..));
    taken.error.is_none()
        && !taken.is_mark
        && taken.verb != "delete"
        && (!may_be_new || memory.was_there(&taken.key))
        && lines.any(|line| line.rests_on.contains(&taken.key))
}
