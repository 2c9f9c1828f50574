//! Other ways to a network or a database than ours, and what is said about them.

use std::collections::BTreeSet;

use crate::id::{NetworkName, VpcId};
use crate::observed::Observed;
use crate::refusal::{Code, Refusal};
use crate::report::State;
use crate::tag;

/// Why our private DNS must not capture names of databases in `provider` from `consumer`: that VPC
/// reaches them by a connection of its own, and every client outside the client groups would be
/// turned away. Whoever migrates says so with the tag [`tag::TAKEOVER`].
pub(crate) fn takeover(consumer: &VpcId, provider: &VpcId, observed: &Observed) -> Option<Refusal> {
    if consumer == provider {
        return None;
    }
    let vpc = observed.vpcs.iter().find(|vpc| vpc.id == *consumer)?;
    if vpc.tags.get(tag::TAKEOVER).is_some_and(|value| value == "yes") {
        return None;
    }
    let both = BTreeSet::from([consumer.clone(), provider.clone()]);
    let passages = observed.answers.passages.iter().flatten();
    let passage = passages.into_iter().find(|passage| passage.vpcs.is_superset(&both))?;
    Some(Refusal::new(
        Code::Takeover,
        format!(
            "{consumer} reaches {provider} by {} which our private DNS would end for every client \
             in no client group: when all are in one tag {consumer} {}=yes",
            passage.id,
            tag::TAKEOVER
        ),
    ))
}

/// What a network is waited for that this deployment does not make, with those of its name that
/// belong to somebody else: a name is no reason to trust them.
pub(crate) fn absent_network(network: &NetworkName, observed: &Observed) -> State {
    let mut text = match network.owner() {
        Some(owner) => {
            let name = network.name();
            format!("the service network {name} to be shared with this account by {owner}")
        }
        None => format!("the service network {network}: this deployment makes none so make it"),
    };
    let others = passed_over(network, observed);
    if !others.is_empty() {
        text.push_str(&format!(" ({} is not what the list names)", others.join(" ")));
    }
    State::Waiting(text)
}

/// The networks of the same name that belong to other accounts.
pub(crate) fn passed_over<'a>(network: &NetworkName, observed: &'a Observed) -> Vec<&'a str> {
    let others = observed.networks.iter().map(|other| &other.name);
    let others = others.filter(|other| *other != network && other.name() == network.name());
    others.map(NetworkName::as_str).collect()
}
