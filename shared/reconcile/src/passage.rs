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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observed::Passage;
    use crate::tests::{connected, network, tags};

    /// A world with these ways between VPCs.
    fn with(passages: &[(&str, &[&str])]) -> Observed {
        let mut observed = connected();
        let passage = |(id, vpcs): &(&str, &[&str])| Passage {
            id: (*id).to_owned(),
            vpcs: vpcs.iter().map(|vpc| VpcId::from(*vpc)).collect(),
        };
        observed.answers.passages = Some(passages.iter().map(passage).collect());
        observed
    }

    fn between(consumer: &str, provider: &str, observed: &Observed) -> Option<Refusal> {
        takeover(&consumer.into(), &provider.into(), observed)
    }

    #[test]
    fn a_vpc_that_reaches_the_database_another_way_keeps_it_until_its_owner_says_so() {
        let others: (&str, &[&str]) = ("pcx-1", &["vpc-c", "vpc-x"]);
        let mut observed = with(&[others, ("tgw-1", &["vpc-c", "vpc-p", "vpc-x"])]);
        let refusal = between("vpc-c", "vpc-p", &observed).expect("it is held");
        assert_eq!(
            refusal.to_string(),
            "TAKEOVER: vpc-c reaches vpc-p by tgw-1 which our private DNS would end for every \
             client in no client group: when all are in one tag vpc-c trellis:takeover=yes"
        );
        for (value, is_held) in [("no", true), ("yes", false)] {
            observed.vpcs[0].tags = tags(&[(tag::TAKEOVER, value)]);
            assert_eq!(between("vpc-c", "vpc-p", &observed).is_some(), is_held, "{value}");
        }
    }

    #[test]
    fn a_way_to_another_vpc_and_the_vpc_itself_are_no_other_way() {
        let observed = with(&[("pcx-1", &["vpc-c", "vpc-x"]), ("pcx-2", &["vpc-p", "vpc-x"])]);
        assert_eq!(between("vpc-c", "vpc-p", &observed), None);
        let observed = with(&[("pcx-1", &["vpc-c", "vpc-p"])]);
        assert_eq!(between("vpc-c", "vpc-c", &observed), None);
        assert_eq!(between("vpc-of-somebody", "vpc-p", &observed), None, "not in our account");
        assert_eq!(between("vpc-c", "vpc-p", &connected()), None, "nobody asked");
    }

    #[test]
    fn a_network_is_waited_for_with_those_of_its_name_that_are_passed_over() {
        let mut observed = connected();
        let text = |network: &str, observed: &Observed| {
            absent_network(&network.into(), observed).to_string()
        };
        assert_eq!(
            text("reports", &observed),
            "waiting for the service network reports: this deployment makes none so make it"
        );
        let shared = "reports@444455556666";
        assert_eq!(
            text(shared, &observed),
            "waiting for the service network reports to be shared with this account by \
             444455556666"
        );
        observed.networks.extend([
            network("sn-2", "reports@777788889999"),
            network("sn-3", "reports"),
            network("sn-4", shared),
        ]);
        let text = text(shared, &observed);
        assert!(text.ends_with(" (reports@777788889999 reports is not what the list names)"));
        assert_eq!(passed_over(&"databases".into(), &observed), Vec::<&str>::new());
    }
}
