//! Reports: how each database and VPC stands, in words for people.

use std::fmt;

use serde::Serialize;

use crate::id::{DatabaseArn, DatabaseResourceId, NetworkName, VpcId};
use crate::key::Key;
use crate::refusal::Refusal;
use crate::tag::{self, Tags};

/// Longest value that RDS and EC2 take for a tag.
const LONGEST_VALUE: usize = 256;

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A database, with its identity as RDS has it now (`None` once it is gone).
    Database(DatabaseArn, Option<DatabaseResourceId>),
    /// A consumer VPC.
    Vpc(VpcId),
}

impl Subject {
    /// The name that its owner knows it by.
    pub fn name(&self) -> &str {
        match self {
            Subject::Database(arn, _) => arn.identifier(),
            Subject::Vpc(vpc) => vpc.as_str(),
        }
    }
}

/// How something stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It works.
    Ready,
    /// It will work, or will be gone, when this has happened.
    Waiting(String),
    /// It will not work until somebody acts.
    Refused(Refusal),
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Ready => f.write_str("ready"),
            State::Waiting(what) => write!(f, "waiting for {what}"),
            State::Refused(refusal) => write!(f, "refused {refusal}"),
        }
    }
}

/// How a database stands on one network, or a VPC with one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The network; `None` where all of it stands the same way.
    pub network: Option<NetworkName>,
    /// How it stands.
    pub state: State,
    /// What is not as it should be although it works, a short sentence each with its code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What must be ready for it, in the order in which it gets ready.
    #[serde(skip)]
    pub rests_on: Vec<Key>,
}

impl Line {
    /// A line that waits for this.
    pub(crate) fn waiting(network: Option<NetworkName>, what: &str) -> Line {
        let state = State::Waiting(what.to_owned());
        Line { network, state, warnings: Vec::new(), rests_on: Vec::new() }
    }
}

/// How a database or VPC stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What it is about.
    pub subject: Subject,
    /// How it stands, network by network.
    pub lines: Vec<Line>,
}

impl Report {
    /// The one state that says most about the whole: a refusal before a wait before ready.
    pub fn state(&self) -> &State {
        let rank = |line: &&Line| match line.state {
            State::Refused(_) => 0,
            State::Waiting(_) => 1,
            State::Ready => 2,
        };
        self.lines.iter().min_by_key(rank).map_or(&State::Ready, |line| &line.state)
    }

    /// The words of the tag `trellis:status`, without since when: at most 256 of the characters
    /// that RDS allows.
    ///
    /// A database's names the database it was written for, so that a copy which inherits it can
    /// be told, see [`written_for`]. One that names another goes on doing so until this one is
    /// ready: a copy is refused for it, and what looks renamed may be the old instance in the
    /// middle of a blue/green switchover.
    pub fn status(&self, tags: &Tags) -> String {
        let networks: Vec<_> = self
            .lines
            .iter()
            .filter_map(|line| line.network.as_ref())
            .map(|n| n.as_str())
            .collect();
        let is_ready = *self.state() == State::Ready;
        let identity = match &self.subject {
            Subject::Database(arn, Some(id)) => {
                let own = (arn.identifier(), id.as_str());
                let (name, id) = written_for(tags).filter(|_| !is_ready).unwrap_or(own);
                format!(" {name} {id}")
            }
            Subject::Database(arn, None) => format!(" {} gone", arn.identifier()),
            Subject::Vpc(_) => String::new(),
        };
        let text = match self.state() {
            State::Ready => {
                let mut warnings: Vec<&str> = Vec::new();
                for warning in self.lines.iter().flat_map(|line| &line.warnings) {
                    if !warnings.contains(&warning.as_str()) {
                        warnings.push(warning);
                    }
                }
                let warnings = match (warnings.join("; "), &self.subject) {
                    (warnings, _) if warnings.is_empty() => warnings,
                    // RDS takes no parentheses.
                    (warnings, Subject::Database(..)) => format!(" - warn {warnings}"),
                    (warnings, Subject::Vpc(_)) => format!(" (warn {warnings})"),
                };
                format!("ready{identity} on {}{warnings}", networks.join(" "))
            }
            State::Waiting(what) => format!("waiting{identity} for {what}"),
            State::Refused(refusal) => {
                format!("refused {}{identity} {}", refusal.code, refusal.sentence)
            }
        };
        match self.subject {
            Subject::Database(..) => sanitized(&text, ""),
            Subject::Vpc(_) => sanitized(&text, "(),;"),
        }
    }
}

/// The name and resource id of the database that a status tag was written for.
pub fn written_for(tags: &Tags) -> Option<(&str, &str)> {
    let words: Vec<&str> = tags.get(tag::STATUS)?.split(' ').collect();
    match words[..] {
        ["refused", _, name, id, ..] => Some((name, id)),
        ["ready" | "waiting", name, id, ..] => Some((name, id)),
        _ => None,
    }
}

/// The text with what RDS does not take in a tag's value left out or replaced; EC2 takes these
/// characters, too.
fn sanitized(text: &str, also: &str) -> String {
    let is_fine =
        |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c) || also.contains(c);
    let mut text = text.replace(['"', '\''], "");
    if !is_fine(';') {
        text = text.replace(',', "").replace(';', " -");
    }
    let plain = text.chars().map(|c| if is_fine(c) { c } else { '_' });
    let plain: String = plain.collect();
    let mut text = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    text.truncate(LONGEST_VALUE);
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Code;

    fn report(state: State) -> Report {
        let arn = DatabaseArn::from("arn:aws:rds:us-east-1:111122223333:db:orders");
        Report {
            subject: Subject::Database(arn, Some("db-ABC".into())),
            lines: vec![Line {
                network: Some("databases".into()),
                state,
                warnings: Vec::new(),
                rests_on: Vec::new(),
            }],
        }
    }

    #[test]
    fn every_status_fits_rds_and_names_its_database() {
        let refusal =
            Refusal::new(Code::Public, "it is public, so \"nothing\" – works ".repeat(20));
        for state in [State::Ready, State::Waiting("its creation".into()), State::Refused(refusal)]
        {
            let status = report(state).status(&Tags::new());
            assert!(status.len() <= LONGEST_VALUE);
            assert!(status.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c)));
            let tags = Tags::from([(tag::STATUS.to_owned(), status)]);
            assert_eq!(written_for(&tags), Some(("orders", "db-ABC")));
        }
    }
}
