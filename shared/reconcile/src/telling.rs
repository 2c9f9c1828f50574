//! What is to be said of every database and VPC: what is news of it, and which status tags differ
//! from what they should say.

use std::collections::BTreeMap;

use crate::key::{Key, Side};
use crate::memory::Memory;
use crate::observed::{Database, Observed};
use crate::provider;
use crate::report::{self, Report, Subject};
use crate::settings::{Settings, StatusTags};
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
        let tagged = match settings.status_tags {
            StatusTags::All => tags.get(tag::STATUS),
            StatusTags::Ours => {
                let places = own_places(&report.subject, observed, settings);
                places.into_iter().find_map(|(_, found)| found)
            }
            StatusTags::Off => None,
        };
        let said = memory.status(&report.subject).cloned();
        let before = said.or_else(|| {
            Some(match settings.status_tags {
                StatusTags::Ours => Status::read(tagged?),
                _ => read(tagged?, &report.subject, tags),
            })
        });
        let now = Status::next(before.as_ref(), report, tags, observed.at, settings);
        // Where no tag tells what was said, a new process takes what it finds for known.
        let is_first = settings.status_tags == StatusTags::Off && !memory.has_said_anything();
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

/// The status tags that differ from what they should say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Those that are to be written or taken off.
    pub due: Vec<Note>,
    /// Those that somebody takes off again and again: they are left alone until there is something
    /// new to say.
    pub left_alone: Vec<Target>,
}

/// So often a status is written that somebody takes off: once more, since it may be an accident.
const OFTEN: u32 = 2;

/// The status tags that differ from what they should say. Where databases and VPCs get none, those
/// of before go: nothing stale stays.
pub fn notes(
    side: Side,
    observed: &Observed,
    tellings: &BTreeMap<Subject, Telling>,
    memory: &Memory,
    settings: &Settings,
) -> Notes {
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
    let mut notes = Notes::default();
    for (subject, tags) in subjects {
        let found = tags.get(tag::STATUS);
        let telling = tellings.get(&subject).filter(|_| settings.status_tags == StatusTags::All);
        let status = match telling {
            Some(telling) => Some(telling.now.to_string()),
            None if found.is_some() && is_of(&subject, tags) => None,
            None => continue,
        };
        let Some(target) = target(&subject).filter(|_| found != status.as_ref()) else { continue };
        let is_contested = |status: &String| memory.noted(&target) == Some((status, OFTEN));
        match found.is_none() && status.as_ref().is_some_and(is_contested) {
            true => notes.left_alone.push(target),
            false => notes.due.push(Note { target, status }),
        }
    }
    if settings.status_tags == StatusTags::Ours {
        for (subject, telling) in tellings {
            let status = telling.now.to_string();
            let places = own_places(subject, observed, settings).into_iter();
            let differs = |(target, found): &(Target, Option<&String>)| {
                let noted = memory.noted(target).map(|(status, _)| status);
                found.map(String::as_str).or(noted) != Some(&*status)
            };
            notes.due.extend(
                places
                    .filter(differs)
                    .map(|(target, _)| Note { target, status: Some(status.clone()) }),
            );
        }
    }
    notes
}

/// What we made for a subject that bears its status where nothing of theirs does, and what it says
/// now as far as it is known: a database's configuration, the endpoint groups of a VPC.
fn own_places<'a>(
    subject: &Subject,
    observed: &'a Observed,
    settings: &Settings,
) -> Vec<(Target, Option<&'a String>)> {
    match subject {
        Subject::Database(arn, _) => {
            let named = provider::named(observed, settings).into_iter();
            let own = named.filter(|(_, database)| database.as_ref() == Some(arn));
            own.map(|(configuration, _)| {
                let arn = &configuration.arn;
                let found = observed.answers.tags.get(arn).and_then(|tags| tags.get(tag::STATUS));
                (Target::Lattice(arn.clone()), found)
            })
            .collect()
        }
        Subject::Vpc(vpc) => {
            let owner = settings.deployment.as_str();
            let own = observed.groups.iter().filter(|group| {
                let key = group.tags.get(tag::FOR).and_then(|text| Key::parse(text));
                matches!(key, Some(Key::EndpointGroup(of, _)) if of == *vpc)
                    && group.tags.get(tag::OWNER).is_some_and(|found| found == owner)
            });
            own.map(|group| (Target::Ec2(group.id.to_string()), group.tags.get(tag::STATUS)))
                .collect()
        }
    }
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
