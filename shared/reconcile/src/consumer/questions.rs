//! What must be asked for single VPCs and groups.

use std::collections::BTreeSet;

use super::client::clients;
use super::connection::is_on_its_way;
use super::items::items;
use super::usage;
use super::way::Pattern;
use crate::gate;
use crate::key::Key;
use crate::observed::{Observed, Question, Thing, Vpc};
use crate::publication;
use crate::settings::Settings;
use crate::tag::{self, Asked};
use crate::view::View;

/// The DNS attributes of VPCs that are about to get their first endpoint to some network, and other
/// ways out of them; whether what a reading lacks is gone; and whether anybody uses what is about
/// to go. In a settled world there are no
/// questions.
pub fn questions(observed: &Observed, settings: &Settings) -> BTreeSet<Question> {
    let items = items(observed, settings);
    let view = View { observed, settings, items: &items };
    let lacks_one = |vpc: &&Vpc| match tag::asked(&vpc.tags, tag::CONSUME) {
        Asked::Networks(named) if Pattern::of(&vpc.tags).is_ok() => named.iter().any(|name| {
            let network = settings.allowed(name);
            network.is_some_and(|network| {
                items.get(&Key::Endpoint(vpc.id.clone(), network.clone())).is_none()
            })
        }),
        _ => false,
    };
    let mut questions = BTreeSet::new();
    for vpc in observed.vpcs.iter().filter(lacks_one) {
        questions.extend([Question::Dns(vpc.id.clone()), Question::Passages]);
    }
    // A database that is held for the sake of a VPC: its status should say so.
    let is_on_its_way = |it| is_on_its_way(it, view);
    let has_endpoint = items.keys().any(|key| matches!(key, Key::Endpoint(..)));
    if has_endpoint && observed.configurations.iter().any(is_on_its_way) {
        questions.insert(Question::Passages);
    }
    for key in items.keys() {
        let Key::Endpoint(vpc, _) = key else { continue };
        let is_listed = observed.vpcs.iter().any(|found| found.id == *vpc);
        if !is_listed && gate::is_overdue(&items.known_tags(key), observed.at) {
            questions.insert(Question::Thing(Thing::Vpc(vpc.clone())));
        }
    }
    for requester in clients(view) {
        let is_overdue = requester.has.values().any(|tags| gate::is_overdue(tags, observed.at));
        if requester.subject.group.is_none() && is_overdue {
            questions.insert(Question::Thing(Thing::Group(requester.subject.id)));
        }
    }
    if publication::is_in_question(observed, settings) {
        questions.insert(Question::Published);
    }
    questions.extend(usage::in_question(view).into_iter().map(Question::Members));
    questions
}
