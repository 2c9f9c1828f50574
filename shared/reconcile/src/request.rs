//! Requests: how each pair of a tagged thing and a network stands, before anything is planned.
//!
//! The same for databases that are offered, for VPCs that consume and for groups of clients: what
//! differs is where what they ask for is placed. Whatever is there and no longer asked for passes
//! the [`gate`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::deletion::Deletion;
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
    /// Those of them on which nobody uses it, as AWS says, each with the deletion in whose way it
    /// is, if there is one.
    pub(crate) unused: BTreeMap<NetworkName, Option<Deletion>>,
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
                _ if let Some(ask) = let_go(requester, network) => ask,
                (Wish::Absent | Wish::Gone, _) => Ask::Leaves(Reason::Absent, BTreeSet::new()),
                _ if !is_allowed => Ask::Leaves(Reason::Disallowed, wanted.clone()),
                (_, Some(refusal)) => Ask::Refused(refusal.clone()),
                (Wish::Switched(id), _) => {
                    Ask::Leaves(Reason::Switched(id.clone()), BTreeSet::new())
                }
                (Wish::Tag(Asked::Networks(_)), _) => Ask::Leaves(Reason::Moved, wanted.clone()),
                _ if requester.unused.contains_key(network) => {
                    Ask::Leaves(Reason::Unused, BTreeSet::new())
                }
                _ => Ask::Leaves(Reason::Vanished, BTreeSet::new()),
            };
            (Some(network.clone()), ask)
        })
        .collect();
    asks.extend(wanted.into_iter().map(|network| {
        let ask = let_go(requester, &network).unwrap_or(Ask::Wanted);
        (Some(network), ask)
    }));
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

/// What somebody deletes from under it, and nobody uses, is let go for that.
fn let_go<S>(requester: &Requester<S>, network: &NetworkName) -> Option<Ask> {
    let deletion = requester.unused.get(network)?.clone()?;
    Some(Ask::Leaves(Reason::Deleted(deletion), BTreeSet::new()))
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
            (Reason::Deleted(deletion), _) => State::Waiting(format!(
                "its withdrawal after {deadline}: {} deletes {} and nobody uses it",
                deletion.who(),
                deletion.base
            )),
            (Reason::Unused, _) => State::Waiting(format!(
                "the tag {tag} to return or its withdrawal after {deadline}: nobody uses it"
            )),
            (Reason::Vanished | Reason::Switched(_), _) => State::Waiting(format!(
                "the tag {tag} to return or its withdrawal after {deadline}"
            )),
        };
        Standing::Kept(state, Some(value))
    }
}
