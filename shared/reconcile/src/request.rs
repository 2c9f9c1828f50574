//! Requests: how each pair of a tagged thing and a network stands, before anything is planned.
//!
//! The same for databases that are offered, for VPCs that consume and for groups of clients: what
//! differs is where what they ask for is placed. Whatever is there and no longer asked for passes
//! the [`gate`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::gate::{self, Deadline, Reason};
use crate::id::{DatabaseResourceId, NetworkName};
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::settings::{Mode, Settings};
use crate::tag::{Asked, Tags};

/// A tagged thing that may ask for networks.
pub(crate) struct Requester<S> {
    /// The thing.
    pub(crate) subject: S,
    /// What it asks for.
    pub(crate) wish: Wish,
    /// The networks that it has, each with the tags of what carries it, as far as they are known.
    pub(crate) has: BTreeMap<NetworkName, Tags>,
}

/// What a thing asks for.
pub(crate) enum Wish {
    /// What its tag says.
    Tag(Asked),
    /// Something that it cannot have, whatever the network.
    Refused(Refusal),
    /// Nothing since a blue/green switchover to this database.
    Switched(DatabaseResourceId),
    /// The reading lacks the thing itself.
    Absent,
    /// The same, and AWS, asked by its name, says that it is gone.
    Gone,
    /// Something else stands in its place.
    Replaced(Refusal),
}

/// A thing and a network, and how they stand.
pub(crate) struct Request<S, P> {
    /// The thing.
    pub(crate) subject: S,
    /// The network; `None` where what is said concerns the thing as a whole.
    pub(crate) network: Option<NetworkName>,
    /// How they stand.
    pub(crate) standing: Standing<P>,
}

/// How a request stands.
pub(crate) enum Standing<P> {
    /// It is asked for and can be, placed like this.
    Wanted(P),
    /// What there is of it is kept as it is, until a deadline (the value of its tag) if there is
    /// one.
    Kept(State, Option<String>),
    /// It is not asked for any more, and has passed the gate: what there is of it goes.
    Withdrawn(State),
    /// It is asked for and cannot be; there is nothing of it.
    Refused(State),
}

/// What is asked of one network.
enum Ask {
    Wanted,
    /// Something that cannot be had. What is there stays for its sake.
    Refused(Refusal),
    /// No more, at once.
    Withdraw(State),
    /// No more; these networks replace it.
    Leaves(Reason, BTreeSet<NetworkName>),
}

/// Every request: what is asked for, and what is there. `tag` is the key that asks, `placement`
/// says where what is asked for goes, or why it cannot be, and `works` whether it is there and does
/// its work.
pub(crate) fn requests<S: Clone, P>(
    requesters: Vec<Requester<S>>,
    tag: &str,
    at: Timestamp,
    settings: &Settings,
    placement: impl Fn(&S, &NetworkName) -> Result<P, State>,
    works: impl Fn(&S, &NetworkName) -> bool,
) -> Vec<Request<S, P>> {
    let all = requesters.iter().filter(|requester| !requester.has.is_empty()).count();
    let asked: Vec<_> =
        requesters.into_iter().map(|requester| (asks(&requester, settings), requester)).collect();
    let is_lost = |ask: &Ask| matches!(ask, Ask::Leaves(why, _) if why.may_be_an_accident());
    let is_believed = |requester: &Requester<S>| matches!(requester.wish, Wish::Gone);
    let lost = asked.iter().filter(|(asks, requester)| {
        !is_believed(requester) && asks.iter().any(|(_, ask)| is_lost(ask))
    });
    let lost = lost.count();
    let brake = gate::is_braked(lost, all, settings.brake).then(|| braked(tag, lost, all));
    let mut requests = Vec::new();
    for (asks, requester) in asked {
        for (network, ask) in asks {
            let has = network.as_ref().and_then(|network| requester.has.get(network));
            let standing = match (ask, has) {
                (Ask::Withdraw(state), _) => Standing::Withdrawn(state),
                (Ask::Refused(refusal), Some(_)) => Standing::Kept(State::Refused(refusal), None),
                (Ask::Refused(refusal), None) => Standing::Refused(State::Refused(refusal)),
                (Ask::Leaves(reason, by), Some(tags)) => match &brake {
                    Some(brake) if reason.may_be_an_accident() && !is_believed(&requester) => {
                        Standing::Kept(brake.clone(), None)
                    }
                    _ => {
                        let late = by.iter().find(|network| !works(&requester.subject, network));
                        let grace =
                            network.as_ref().map_or(settings.grace, |it| settings.grace_on(it));
                        let gate = Gate { tag, at, settings, grace, wish: &requester.wish, late };
                        gate.standing(&reason, tags)
                    }
                },
                (Ask::Wanted, has) => {
                    let Some(network) = &network else { continue };
                    match (placement(&requester.subject, network), has) {
                        (Ok(placement), _) => Standing::Wanted(placement),
                        (Err(state), Some(_)) => Standing::Kept(state, None),
                        (Err(state), None) => Standing::Refused(state),
                    }
                }
                // It leaves what it does not have.
                (Ask::Leaves(..), None) => continue,
            };
            requests.push(Request { subject: requester.subject.clone(), network, standing });
        }
    }
    requests
}

/// What is asked for each network that is named or there.
fn asks<S>(requester: &Requester<S>, settings: &Settings) -> Vec<(Option<NetworkName>, Ask)> {
    let wanted: BTreeSet<NetworkName> = match &requester.wish {
        Wish::Tag(Asked::Networks(named)) => {
            named.iter().filter_map(|name| settings.allowed(name)).cloned().collect()
        }
        _ => BTreeSet::new(),
    };
    let refusal = refusal(&requester.wish, settings);
    let left = requester.has.keys().filter(|network| !wanted.contains(*network));
    let mut asks: Vec<_> = left
        .map(|network| {
            let is_allowed = settings.networks.contains_key(network);
            let ask = match (&requester.wish, &refusal) {
                (Wish::Tag(Asked::Off), _) => Ask::Withdraw(removal(settings.mode)),
                (Wish::Replaced(refusal), _) => Ask::Withdraw(State::Refused(refusal.clone())),
                (Wish::Absent | Wish::Gone, _) => Ask::Leaves(Reason::Absent, BTreeSet::new()),
                _ if !is_allowed => Ask::Leaves(Reason::Disallowed, wanted.clone()),
                (_, Some(refusal)) => Ask::Refused(refusal.clone()),
                (Wish::Switched(id), _) => {
                    Ask::Leaves(Reason::Switched(id.clone()), BTreeSet::new())
                }
                (Wish::Tag(Asked::Networks(_)), _) => Ask::Leaves(Reason::Moved, wanted.clone()),
                _ => Ask::Leaves(Reason::Vanished, BTreeSet::new()),
            };
            (Some(network.clone()), ask)
        })
        .collect();
    asks.extend(wanted.into_iter().map(|network| (Some(network), Ask::Wanted)));
    match (&requester.wish, refusal) {
        (Wish::Tag(Asked::Networks(named)), _) => {
            let is_there = |name: &&NetworkName| {
                settings.allowed(name).is_some()
                    || requester.has.keys().any(|network| network.name() == name.as_str())
            };
            let refused = named.iter().filter(|name| !is_there(name));
            asks.extend(
                refused.map(|name| (Some(name.clone()), Ask::Refused(not_allowed(name, settings)))),
            );
        }
        (_, Some(refusal)) if requester.has.is_empty() => asks.push((None, Ask::Refused(refusal))),
        _ => {}
    }
    asks
}

/// Why a wish, or a part of it, is refused.
fn refusal(wish: &Wish, settings: &Settings) -> Option<Refusal> {
    match wish {
        Wish::Refused(refusal) => Some(refusal.clone()),
        Wish::Tag(Asked::Nonsense(why)) => Some(Refusal::new(Code::BadTag, why.clone())),
        Wish::Tag(Asked::Networks(named)) => {
            let other = named.iter().find(|name| settings.allowed(name).is_none())?;
            Some(not_allowed(other, settings))
        }
        _ => None,
    }
}

fn not_allowed(network: &NetworkName, settings: &Settings) -> Refusal {
    let allowed: Vec<&str> = settings.networks.keys().map(NetworkName::as_str).collect();
    Refusal::new(
        Code::NotAllowed,
        format!("{network} is not among the allowed networks: {}", allowed.join(" ")),
    )
}

fn removal(mode: Mode) -> State {
    State::Waiting(match mode {
        Mode::CreateOnly => "its removal, which the mode create-only leaves to you".to_owned(),
        Mode::Apply | Mode::Plan | Mode::Withdraw => "its removal".to_owned(),
    })
}

/// The refusal to believe that so many leave on purpose.
fn braked(tag: &str, lost: usize, all: usize) -> State {
    State::Refused(Refusal::new(
        Code::Brake,
        format!(
            "{lost} of {all} would go at once: nothing is withdrawn for that; put {tag} back or \
             set it to off"
        ),
    ))
}

/// What decides when one request goes.
struct Gate<'a> {
    tag: &'a str,
    at: Timestamp,
    settings: &'a Settings,
    /// The network's own grace period, or that of all.
    grace: SignedDuration,
    wish: &'a Wish,
    /// A network that replaces it and does not work yet.
    late: Option<&'a NetworkName>,
}

impl Gate<'_> {
    fn standing<P>(&self, reason: &Reason, tags: &Tags) -> Standing<P> {
        let deadline = match gate::deadline(tags, reason, self.at, self.grace) {
            Deadline::Until(deadline) => deadline,
            Deadline::Passed(_) if self.late.is_none() && !matches!(self.wish, Wish::Absent) => {
                return Standing::Withdrawn(removal(self.settings.mode));
            }
            Deadline::Passed(deadline) => deadline,
        };
        let value = gate::value(deadline, reason);
        let tag = self.tag;
        let state = match (reason, self.late) {
            (Reason::Disallowed, _) => State::Refused(Refusal::new(
                Code::NotAllowed,
                format!(
                    "the platform team took the network off the list: it is withdrawn after \
                     {deadline}"
                ),
            )),
            (_, Some(network)) if deadline <= self.at => {
                State::Waiting(format!("{network} to work before this one is withdrawn"))
            }
            (Reason::Moved, _) => State::Waiting(format!(
                "its withdrawal after {deadline}: {tag} names other networks now"
            )),
            (Reason::Absent, _) => {
                State::Waiting(format!("it to return or its withdrawal after {deadline}"))
            }
            (Reason::Vanished | Reason::Switched(_), _) => State::Waiting(format!(
                "the tag {tag} to return or its withdrawal after {deadline}"
            )),
        };
        Standing::Kept(state, Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Deployment;
    use crate::tag;

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
}
