//! What leaves passes the gate, and many at once are not believed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::name::Deployment;
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::request::{Request, Requester, Standing, Wish, requests};
use crate::settings::Settings;
use crate::tag::{self, Asked, Tags};

const LONG_AGO: &str = "1970-01-01T00:00:00Z";

fn settings() -> Settings {
    let deployment = Deployment::new("trellis").expect("a good name");
    Settings::new(deployment, ["databases".into(), "reports".into()])
}

fn asked(value: &str) -> Asked {
    tag::asked(&Tags::from([(tag::EXPOSE.to_owned(), value.to_owned())]), tag::EXPOSE)
}

/// How `databases` stands for all of these that have it, with a deadline that passed long ago
/// for the reason with these words.
fn standings(wishes: Vec<Wish>, words: &str, does_work: bool) -> Vec<Standing<()>> {
    let mark = format!("{LONG_AGO} {words}");
    let tags = Tags::from([(tag::WITHDRAW_AFTER.to_owned(), mark.trim_end().to_owned())]);
    let requesters = wishes.into_iter().map(|wish| Requester {
        subject: (),
        wish,
        has: [("databases".into(), tags.clone())].into(),
        unused: BTreeMap::new(),
    });
    let at = Timestamp::from_second(1_800_000_000).expect("in range");
    let requests = requests(
        requesters.collect(),
        tag::EXPOSE,
        at,
        &settings(),
        |(), _| Ok(()),
        |(), _| does_work,
    );
    let on = |request: &Request<(), ()>| request.network == Some("databases".into());
    requests.into_iter().filter(on).map(|request| request.standing).collect()
}

fn code(standing: &Standing<()>) -> Option<Code> {
    match standing {
        Standing::Kept(State::Refused(refusal), None) => Some(refusal.code),
        _ => None,
    }
}

#[test]
fn many_that_leave_at_once_are_not_believed_and_a_few_are() {
    let some_of_all = |lost: usize, all: usize, how: &dyn Fn() -> Wish, words: &str| {
        let wishes = (0..all).map(|number| match number < lost {
            true => how(),
            false => Wish::Tag(asked("databases")),
        });
        let mut standings = standings(wishes.collect(), words, true);
        standings.truncate(lost);
        standings
    };
    let vanished: &dyn Fn() -> Wish = &|| Wish::Tag(Asked::Nothing);
    let moved: &dyn Fn() -> Wish = &|| Wish::Tag(asked("reports"));
    for (how, words) in [(vanished, ""), (moved, "moved")] {
        let braked = some_of_all(5, 10, how, words);
        assert!(braked.iter().all(|standing| code(standing) == Some(Code::Brake)));
        let is_withdrawn = |standing: &Standing<()>| matches!(standing, Standing::Withdrawn(_));
        assert!(some_of_all(3, 10, how, words).iter().all(is_withdrawn));
        assert!(some_of_all(5, 100, how, words).iter().all(is_withdrawn));
    }
    let absent = some_of_all(5, 10, &|| Wish::Absent, "gone");
    assert!(absent.iter().all(|standing| code(standing) == Some(Code::Brake)));
    let gone = some_of_all(5, 10, &|| Wish::Gone, "gone");
    assert!(gone.iter().all(|standing| matches!(standing, Standing::Withdrawn(_))));
}

#[test]
fn nothing_but_off_goes_at_once() {
    let one = |wish: Wish| standings(vec![wish], "other", true).remove(0);
    assert!(matches!(one(Wish::Tag(Asked::Off)), Standing::Withdrawn(_)));
    for wish in [
        Wish::Tag(Asked::Nothing),
        Wish::Tag(asked("reports")),
        Wish::Switched("db-ABC".into()),
        Wish::Absent,
        Wish::Gone,
    ] {
        assert!(matches!(one(wish), Standing::Kept(_, Some(_))));
    }
}

#[test]
fn what_is_refused_keeps_what_is_there_for_ever() {
    let refused = Refusal::new(Code::Unsupported, "not yet");
    for (wish, why) in [
        (Wish::Tag(asked("databses")), Code::NotAllowed),
        (Wish::Tag(asked("reports+databses")), Code::NotAllowed),
        (Wish::Tag(asked("Databases")), Code::BadTag),
        (Wish::Refused(refused), Code::Unsupported),
    ] {
        assert_eq!(code(&standings(vec![wish], "moved", true)[0]), Some(why));
    }
}

#[test]
fn what_is_replaced_goes_when_the_new_works_and_what_is_absent_when_aws_says_so() {
    let one = |wish: Wish, words, does_work| standings(vec![wish], words, does_work).remove(0);
    let moved = || Wish::Tag(asked("reports"));
    assert!(matches!(one(moved(), "moved", false), Standing::Kept(_, Some(_))));
    assert!(matches!(one(moved(), "moved", true), Standing::Withdrawn(_)));
    assert!(matches!(one(Wish::Absent, "gone", true), Standing::Kept(_, Some(_))));
    assert!(matches!(one(Wish::Gone, "gone", true), Standing::Withdrawn(_)));
}
