//! How requests stand: what is asked for, what is there, and what passes the gate.

use crate::deletion::{Base, Deletion};
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::request::{Request, Requester, Standing, Wish, requests};
use crate::settings::{Mode, NetworkSettings, Settings, as_for_all};
use crate::tag::{self, Asked};

use super::{at, settings, tags};

fn tagged(value: &str) -> Wish {
    Wish::Tag(tag::asked(&tags(&[(tag::EXPOSE, value)]), tag::EXPOSE))
}

/// A thing that has these networks, each with the value of its deadline's tag.
fn requester(wish: Wish, has: &[(&str, &str)]) -> Requester<()> {
    let carried = |(network, value): &(&str, &str)| {
        let found =
            if value.is_empty() { tags(&[]) } else { tags(&[(tag::WITHDRAW_AFTER, value)]) };
        ((*network).into(), found)
    };
    let has = has.iter().map(carried).collect();
    Requester { subject: (), wish, has, unused: Default::default() }
}

fn shown(request: &Request<(), ()>) -> String {
    let network = request.network.as_ref().map_or("all", |network| network.as_str());
    match &request.standing {
        Standing::Wanted(()) => format!("{network} wanted"),
        Standing::Kept(state, Some(until)) => format!("{network} kept until {until}: {state}"),
        Standing::Kept(state, None) => format!("{network} kept: {state}"),
        Standing::Withdrawn(state) => format!("{network} withdrawn: {state}"),
        Standing::Refused(state) => format!("{network} not there: {state}"),
    }
}

/// How all of these stand, where every network is to be had and what is there works.
fn stand_with(requesters: Vec<Requester<()>>, settings: &Settings) -> Vec<String> {
    let all = requests(
        requesters,
        tag::EXPOSE,
        at(),
        settings,
        |(), _| Ok(()),
        |(), network| network.as_str() != "late",
    );
    all.iter().map(shown).collect()
}

fn stand(wish: Wish, has: &[(&str, &str)]) -> Vec<String> {
    stand_with(vec![requester(wish, has)], &settings())
}

const NONE: [&str; 0] = [];
const PASSED: &str = "2026-11-24T11:00:00Z";

#[test]
fn what_is_asked_for_and_can_be_is_wanted_whether_or_not_it_is_there() {
    let both = ["databases wanted", "reports wanted"];
    assert_eq!(stand(tagged("databases+reports"), &[]), both);
    assert_eq!(stand(tagged("databases+reports"), &[("reports", PASSED)]), both);
    assert_eq!(stand(Wish::Tag(Asked::Nothing), &[]), NONE);
    assert_eq!(stand(tagged("off"), &[]), NONE);
}

#[test]
fn each_network_has_its_own_grace_period_or_that_of_all() {
    let mut settings = settings();
    let day = jiff::SignedDuration::from_hours(24);
    settings.networks.insert("reports".into(), NetworkSettings { grace: Some(day) });
    let lapsed = requester(Wish::Tag(Asked::Nothing), &[("databases", ""), ("reports", "")]);
    let kept = stand_with(vec![lapsed], &settings);
    assert!(kept[0].starts_with("databases kept until 2026-11-24T12:15:00Z: "), "{kept:?}");
    assert!(kept[1].starts_with("reports kept until 2026-11-25T12:00:00Z: "), "{kept:?}");
}

#[test]
fn what_cannot_be_is_refused_and_what_is_there_stays() {
    let cannot = |has: &[(&str, &str)]| {
        let requesters = vec![requester(tagged("databases"), has)];
        let why = |(): &(), _: &_| Err::<(), _>(State::Waiting("rain".to_owned()));
        let all = requests(requesters, tag::EXPOSE, at(), &settings(), why, |(), _| true);
        all.iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(cannot(&[]), ["databases not there: waiting for rain"]);
    assert_eq!(cannot(&[("databases", "")]), ["databases kept: waiting for rain"]);
}

#[test]
fn a_refusal_is_said_once_for_the_whole_and_for_each_network_that_stays_for_its_sake() {
    let refused = || Wish::Refused(Refusal::new(Code::Unsupported, "not yet"));
    assert_eq!(stand(refused(), &[]), ["all not there: refused UNSUPPORTED: not yet"]);
    let kept = ["databases kept: refused UNSUPPORTED: not yet"];
    assert_eq!(stand(refused(), &[("databases", PASSED)]), kept);
    let nonsense = stand(tagged("Databases"), &[]);
    assert_eq!(nonsense.len(), 1, "{nonsense:?}");
    assert!(nonsense[0].starts_with("all not there: refused BAD_TAG: the tag trellis:expose"));
}

#[test]
fn a_network_that_is_not_allowed_is_refused_by_its_name_beside_those_that_are() {
    let why = "refused NOT_ALLOWED: others is not among the allowed networks: databases reports";
    assert_eq!(
        stand(tagged("databases+others"), &[]),
        ["databases wanted".to_owned(), format!("others not there: {why}")]
    );
    // What is there stays for the sake of what was meant.
    assert_eq!(
        stand(tagged("others"), &[("databases", PASSED)]),
        [format!("databases kept: {why}"), format!("others not there: {why}")]
    );
}

#[test]
fn a_network_that_left_the_list_goes_after_grace_and_is_not_refused_beside_that() {
    let until = "2026-11-24T12:15:00Z";
    let why = "refused NOT_ALLOWED: the platform team took the network off the list: it is \
               withdrawn after";
    for wish in [tagged("old"), Wish::Tag(Asked::Nothing), tagged("Databases")] {
        let kept = format!("old kept until {until} disallowed: {why} {until}");
        assert_eq!(stand(wish, &[("old", "")]), [kept]);
    }
    let passed = format!("{PASSED} disallowed");
    assert_eq!(
        stand(tagged("databases+old"), &[("old", &passed)]),
        ["old withdrawn: waiting for its removal", "databases wanted"]
    );
    assert_eq!(
        stand(tagged("old+late"), &[("old", &passed)])[0],
        "old withdrawn: waiting for its removal"
    );
}

#[test]
fn each_reason_to_stay_says_what_it_waits_for() {
    let until = "2026-11-24T12:15:00Z";
    let expose = "the tag trellis:expose to return or its withdrawal after";
    let has = [("databases", "")];
    assert_eq!(
        stand(Wish::Tag(Asked::Nothing), &has),
        [format!("databases kept until {until}: waiting for {expose} {until}")]
    );
    assert_eq!(
        stand(Wish::Switched("db-NEW".into()), &has),
        [format!("databases kept until {until} switched db-NEW: waiting for {expose} {until}")]
    );
    assert_eq!(
        stand(tagged("reports"), &has)[0],
        format!(
            "databases kept until {until} moved: waiting for its withdrawal after {until}: \
             trellis:expose names other networks now"
        )
    );
    let soon = "2026-11-24T12:02:00Z";
    for wish in [Wish::Absent, Wish::Gone] {
        assert_eq!(
            stand(wish, &has),
            [format!(
                "databases kept until {soon} gone: waiting for it to return or its withdrawal \
                 after {soon}"
            )]
        );
    }
}

#[test]
fn off_and_another_in_its_place_are_withdrawn_at_once_from_whichever_network() {
    let removal = "withdrawn: waiting for its removal";
    let has = [("databases", ""), ("old", "")];
    let both = [format!("databases {removal}"), format!("old {removal}")];
    assert_eq!(stand(tagged("off"), &has), both);
    let replaced = Wish::Replaced(Refusal::new(Code::Replaced, "it is another"));
    let why = "withdrawn: refused REPLACED: it is another";
    assert_eq!(stand(replaced, &has), [format!("databases {why}"), format!("old {why}")]);
    let mut settings = settings();
    settings.mode = Mode::CreateOnly;
    assert_eq!(
        stand_with(vec![requester(tagged("off"), &[("databases", "")])], &settings),
        [format!("databases {removal}, which the mode create-only leaves to you")]
    );
}

#[test]
fn what_takes_its_place_must_work_before_it_goes() {
    let mut settings = settings();
    settings.networks.extend(as_for_all(["late".into()]));
    let moved = format!("{PASSED} moved");
    let of = |value: &str, deadline: &str| {
        stand_with(vec![requester(tagged(value), &[("databases", deadline)])], &settings)[0].clone()
    };
    assert_eq!(
        of("reports+late", &moved),
        format!(
            "databases kept until {moved}: waiting for late to work before this one is withdrawn"
        )
    );
    assert_eq!(of("reports", &moved), "databases withdrawn: waiting for its removal");
    assert!(of("late", "2026-11-24T12:10:00Z moved").contains("its withdrawal after"), "not yet");
}

#[test]
fn the_brake_holds_what_may_be_an_accident_and_nothing_else() {
    let braked = "databases kept: refused BRAKE: 4 of 5 would go at once: nothing is withdrawn for \
                  that; put trellis:expose back or set it to off";
    let lost = || requester(Wish::Tag(Asked::Nothing), &[("databases", PASSED)]);
    let mut requesters: Vec<_> = (0..4).map(|_| lost()).collect();
    requesters.push(requester(tagged("databases"), &[("databases", "")]));
    // What has nothing counts for nothing.
    requesters.extend((0..50).map(|_| requester(tagged("databases"), &[])));
    let found = stand_with(requesters, &settings());
    assert_eq!(found[..4], [braked; 4]);
    assert_eq!(found[4..], ["databases wanted"; 51]);
    let mut requesters: Vec<_> = (0..4).map(|_| lost()).collect();
    let disallowed = format!("{PASSED} disallowed");
    requesters.push(requester(tagged("old"), &[("old", &disallowed)]));
    let gone = format!("{PASSED} gone");
    requesters.push(requester(Wish::Gone, &[("databases", &gone)]));
    requesters.push(requester(tagged("off"), &[("databases", "")]));
    let found = stand_with(requesters, &settings());
    assert!(found[..4].iter().all(|it| it.contains("BRAKE: 4 of 7")), "{found:?}");
    let removal = "withdrawn: waiting for its removal";
    assert_eq!(found[4..], ["old", "databases", "databases"].map(|it| format!("{it} {removal}")));
}

#[test]
fn many_that_somebody_deletes_are_believed_and_many_that_nobody_uses_are_not() {
    let base = Base::parse("subnet-1").expect("an id");
    let deletion = Deletion { base, by: "me".to_owned(), at: at() };
    let of = |wish: &dyn Fn() -> Wish, deletion: Option<Deletion>| {
        let one = || {
            let mut requester = requester(wish(), &[("databases", "")]);
            requester.unused.insert("databases".into(), deletion.clone());
            requester
        };
        stand_with((0..5).map(|_| one()).collect(), &settings())
    };
    let deleted = of(&|| tagged("databases"), Some(deletion));
    let said = "databases kept until 2026-11-24T12:01:00Z deleted subnet-1: waiting for its \
                withdrawal after 2026-11-24T12:01:00Z: me deletes subnet-1 and nobody uses it";
    assert_eq!(deleted, [said; 5]);
    let vanished = of(&|| Wish::Tag(Asked::Nothing), None);
    assert!(
        vanished.iter().all(|it| it.starts_with("databases kept: refused BRAKE")),
        "{vanished:?}"
    );
    let off = of(&|| tagged("off"), None);
    assert!(off.iter().all(|it| it.starts_with("databases withdrawn")), "{off:?}");
}
