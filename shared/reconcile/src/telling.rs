//! What is to be said of every database and VPC: what is news of it, and which status tags differ
//! from what they should say.

use std::collections::BTreeMap;

use crate::key::Side;
use crate::memory::Memory;
use crate::observed::{Database, Observed};
use crate::report::{self, Report, Subject};
use crate::settings::Settings;
use crate::status::Status;
use crate::step::Target;
use crate::tag::{self, Tags};

/// What was last said of a subject, and what is to be said of it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// What was said last: by this process, or else by the tag. `None` if nothing was.
    pub before: Option<Status>,
    /// What is to be said.
    pub now: Status,
}

/// What is to be said of every subject that there is a report about.
pub fn tellings(
    observed: &Observed,
    reports: &[Report],
    memory: &Memory,
    settings: &Settings,
) -> BTreeMap<Subject, Telling> {
    let nothing = Tags::new();
    let tell = |report: &Report| {
        let tags = tags_of(&report.subject, observed).unwrap_or(&nothing);
        let tagged = tags.get(tag::STATUS).filter(|_| settings.status_tags);
        let said = memory.status(&report.subject).cloned();
        let before = said.or_else(|| Some(read(tagged?, &report.subject, tags)));
        let now = Status::next(before.as_ref(), report, tags, observed.at, settings);
        // Where no tag tells what was said, a new process takes what it finds for known.
        let is_first = !settings.status_tags && !memory.has_said_anything();
        let before = before.or_else(|| is_first.then(|| now.clone()));
        (report.subject.clone(), Telling { before, now })
    };
    reports.iter().map(tell).collect()
}

/// What a tag says of a subject. That another database was ready, from which this one has its tags,
/// is no news of this one.
fn read(value: &str, subject: &Subject, tags: &Tags) -> Status {
    let mut status = Status::read(value);
    if !is_of(subject, tags) {
        status.ready_on.clear();
    }
    status
}

fn tags_of<'a>(subject: &Subject, observed: &'a Observed) -> Option<&'a Tags> {
    match subject {
        Subject::Database(arn, id) => {
            let has = |it: &&Database| it.arn == *arn && Some(&it.resource_id) == id.as_ref();
            observed.databases.iter().find(has).map(|it| &it.tags)
        }
        Subject::Vpc(id) => observed.vpcs.iter().find(|it| it.id == *id).map(|it| &it.tags),
    }
}

/// A status tag to be written, or (`None`) taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// On what.
    pub target: Target,
    /// The status.
    pub status: Option<String>,
}

/// The status tags that differ from what they should say. Without status tags none is written, and
/// those of before go: nothing stale stays.
pub fn notes(
    side: Side,
    observed: &Observed,
    tellings: &BTreeMap<Subject, Telling>,
    settings: &Settings,
) -> Vec<Note> {
    let subjects: Vec<(Subject, &Tags)> = match side {
        Side::ExposeDatabase => observed
            .databases
            .iter()
            .map(|d| (Subject::Database(d.arn.clone(), Some(d.resource_id.clone())), &d.tags))
            .collect(),
        Side::ConnectVpc => {
            observed.vpcs.iter().map(|vpc| (Subject::Vpc(vpc.id.clone()), &vpc.tags)).collect()
        }
    };
    let note = |(subject, tags): (Subject, &Tags)| {
        let found = tags.get(tag::STATUS);
        let telling = tellings.get(&subject).filter(|_| settings.status_tags);
        let status = match telling {
            Some(telling) => Some(telling.now.to_string()),
            None if found.is_some() && is_of(&subject, tags) => None,
            None => return None,
        };
        let target = target(&subject).filter(|_| found != status.as_ref())?;
        Some(Note { target, status })
    };
    subjects.into_iter().filter_map(note).collect()
}

/// Whether the status tag was written for this subject. One that was written for another database
/// stays: it is what tells that the tags were copied.
fn is_of(subject: &Subject, tags: &Tags) -> bool {
    match subject {
        Subject::Database(arn, id) => report::written_for(tags).is_some_and(|(name, of)| {
            name == arn.identifier() || id.as_ref().is_some_and(|id| id.as_str() == of)
        }),
        Subject::Vpc(_) => true,
    }
}

/// Where the status tag of this subject goes.
fn target(subject: &Subject) -> Option<Target> {
    match subject {
        Subject::Database(_, None) => None,
        Subject::Database(arn, Some(_)) => Some(Target::Database(arn.clone())),
        Subject::Vpc(vpc) => Some(Target::Ec2(vpc.as_str().to_owned())),
    }
}
