//! Claims: how each pair of a tagged thing and a network stands, before anything is planned.
//!
//! The same for databases that are offered and for VPCs that consume: what differs is what they
//! stand on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::grace::{self, Cause, Verdict};
use crate::id::NetworkName;
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::settings::Settings;
use crate::tag::{Asked, Tags};

/// A tagged thing that may ask for networks.
pub(crate) struct Asker<S> {
    /// The thing.
    pub(crate) subject: S,
    /// What its tags ask for, or why they cannot ask for it.
    pub(crate) asked: Result<Asked, Refusal>,
    /// The networks that it has, each with the tags of what carries it, as far as they are known.
    pub(crate) has: BTreeMap<NetworkName, Tags>,
}

/// A thing and a network, and how they stand.
pub(crate) struct Claim<S, G> {
    /// The thing.
    pub(crate) subject: S,
    /// The network; `None` where what is said concerns the thing as a whole.
    pub(crate) network: Option<NetworkName>,
    /// How they stand.
    pub(crate) stance: Stance<G>,
}

/// How a claim stands.
pub(crate) enum Stance<G> {
    /// It is asked for and can be, on this ground.
    Wanted(G),
    /// What there is of it is kept as it is, until a deadline if there is one.
    Kept(State, Option<Timestamp>),
    /// It is not asked for any more: what there is of it goes.
    Withdrawn,
    /// It is asked for and cannot be; there is nothing of it.
    Refused(State),
}

/// What a tag asks for of one network.
enum Ask {
    Wanted,
    Withdraw,
    /// No longer, but perhaps by accident; the state says what a person should know.
    Vanished(State),
}

/// Every claim that is asked for or there. `tag` is the key that asks, `ground` says what a claim
/// stands on, or why it cannot.
pub(crate) fn claims<S: Copy, G>(
    askers: Vec<Asker<S>>,
    tag: &str,
    at: Timestamp,
    settings: &Settings,
    ground: impl Fn(S, &NetworkName) -> Result<G, State>,
) -> Vec<Claim<S, G>> {
    let all = askers.iter().filter(|asker| !asker.has.is_empty()).count();
    let asked: Vec<_> =
        askers.into_iter().map(|asker| (asks(&asker, tag, settings), asker)).collect();
    let lost = asked.iter().filter(|(asks, asker)| {
        asks.iter().any(|(network, ask)| {
            matches!(ask, Ask::Vanished(_))
                && network.as_ref().is_some_and(|n| asker.has.contains_key(n))
        })
    });
    let lost = lost.count();
    let brake = grace::is_braked(lost, all, settings.brake).then(|| braked(lost, all));
    let mut claims = Vec::new();
    for (asks, asker) in asked {
        for (network, ask) in asks {
            let has = network.as_ref().and_then(|network| asker.has.get(network));
            let stance = match (ask, has, &network) {
                (Ask::Withdraw, ..) => Stance::Withdrawn,
                (Ask::Vanished(state), Some(tags), _) => match &brake {
                    Some(brake) => Stance::Kept(brake.clone(), None),
                    None => lapsing(state, tags, at, settings),
                },
                (Ask::Vanished(state), None, _) => Stance::Refused(state),
                (Ask::Wanted, has, Some(network)) => match (ground(asker.subject, network), has) {
                    (Ok(ground), _) => Stance::Wanted(ground),
                    (Err(state), Some(_)) => Stance::Kept(state, None),
                    (Err(state), None) => Stance::Refused(state),
                },
                (Ask::Wanted, _, None) => continue,
            };
            claims.push(Claim { subject: asker.subject, network, stance });
        }
    }
    claims
}

/// What is asked for each network that is named or there.
fn asks<S>(asker: &Asker<S>, tag: &str, settings: &Settings) -> Vec<(Option<NetworkName>, Ask)> {
    let each = |ask: &dyn Fn() -> Ask| -> Vec<(Option<NetworkName>, Ask)> {
        asker.has.keys().map(|network| (Some(network.clone()), ask())).collect()
    };
    let refused = |refusal: Refusal| {
        let ask = || Ask::Vanished(State::Refused(refusal.clone()));
        if asker.has.is_empty() { vec![(None, ask())] } else { each(&ask) }
    };
    match &asker.asked {
        Err(refusal) => refused(refusal.clone()),
        Ok(Asked::Nonsense(why)) => refused(Refusal::new(Code::BadTag, why.clone())),
        Ok(Asked::Off) => each(&|| Ask::Withdraw),
        Ok(Asked::Nothing) => {
            each(&|| Ask::Vanished(State::Waiting(format!("the tag {tag} to return"))))
        }
        Ok(Asked::Networks(named)) => {
            let left = asker.has.keys().filter(|network| !named.contains(*network));
            let left = left.map(|network| (Some(network.clone()), Ask::Withdraw));
            left.chain(named_asks(named, settings)).collect()
        }
    }
}

fn named_asks<'a>(
    named: &'a BTreeSet<NetworkName>,
    settings: &'a Settings,
) -> impl Iterator<Item = (Option<NetworkName>, Ask)> + 'a {
    named.iter().map(|network| {
        let ask = match settings.networks.contains(network) {
            true => Ask::Wanted,
            false => Ask::Vanished(State::Refused(not_allowed(network, settings))),
        };
        (Some(network.clone()), ask)
    })
}

fn not_allowed(network: &NetworkName, settings: &Settings) -> Refusal {
    let allowed: Vec<&str> = settings.networks.iter().map(NetworkName::as_str).collect();
    Refusal::new(
        Code::NotAllowed,
        format!("{network} is not among the allowed networks: {}", allowed.join(" ")),
    )
}

/// The refusal to believe that so many tags vanished on purpose.
fn braked(lost: usize, all: usize) -> State {
    State::Refused(Refusal::new(
        Code::Brake,
        format!(
            "the tags of {lost} of {all} vanished at once: nothing is withdrawn for that; put \
             them back or set them to off"
        ),
    ))
}

/// Gives what lost its tag its grace.
fn lapsing<G>(state: State, tags: &Tags, at: Timestamp, settings: &Settings) -> Stance<G> {
    match grace::verdict(tags, at, settings.grace, Cause::Vanished) {
        Verdict::Now => Stance::Withdrawn,
        Verdict::Until(deadline) => {
            let state = match state {
                State::Waiting(what) => {
                    State::Waiting(format!("{what} or its withdrawal after {deadline}"))
                }
                other => other,
            };
            Stance::Kept(state, Some(deadline))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Deployment;

    /// How `lost` of `all` things stand that have a network and lost their tag long ago.
    fn stances(lost: usize, all: usize) -> Vec<Stance<()>> {
        let deployment = Deployment::new("trellis").expect("a good name");
        let network = NetworkName::from("databases");
        let settings = Settings::new(deployment, [network.clone()]);
        let long_ago = (crate::tag::WITHDRAW_AFTER.to_owned(), "1970-01-01T00:00:00Z".to_owned());
        let askers = (0..all).map(|number| Asker {
            subject: number,
            asked: Ok(match number < lost {
                true => Asked::Nothing,
                false => Asked::Networks([network.clone()].into()),
            }),
            has: [(network.clone(), Tags::from([long_ago.clone()]))].into(),
        });
        let at = Timestamp::from_second(1_800_000_000).expect("in range");
        let claims = claims(askers.collect(), "trellis:expose", at, &settings, |_, _| Ok(()));
        claims.into_iter().filter(|claim| claim.subject < lost).map(|claim| claim.stance).collect()
    }

    #[test]
    fn many_that_vanish_at_once_are_not_believed_and_a_few_are() {
        let is_braked = |stance: &Stance<()>| match stance {
            Stance::Kept(State::Refused(why), None) => why.code == Code::Brake,
            _ => false,
        };
        assert!(stances(5, 10).iter().all(is_braked));
        assert!(stances(3, 10).iter().all(|stance| matches!(stance, Stance::Withdrawn)));
        assert!(stances(5, 100).iter().all(|stance| matches!(stance, Stance::Withdrawn)));
    }
}
