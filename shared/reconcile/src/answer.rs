//! How what is tagged stands, for whoever waits for it: by its tags alone, so that nobody needs the
//! deployment's settings for it, or more permissions than to read tags.

use std::collections::BTreeSet;

use crate::id::NetworkName;
use crate::status::Status;
use crate::tag::{self, Asked, Tags};

/// How something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is ready on all the networks that its tag names: these.
    Ready(BTreeSet<NetworkName>),
    /// It is not yet.
    Waiting(String),
    /// It will not be until somebody acts.
    Refused(String),
}

/// How a database or VPC with these tags stands, which this tag has ask.
pub fn of(tags: &Tags, key: &str) -> Answer {
    let status = tags.get(tag::STATUS).map(|value| Status::read(value));
    let named = match tag::asked(tags, key) {
        Asked::Networks(named) => named,
        Asked::Nothing => return Answer::Waiting(format!("it is not tagged {key}")),
        Asked::Off => return Answer::Refused(format!("{key} is off")),
        Asked::Nonsense(why) => return Answer::Refused(why),
    };
    let Some(status) = status else {
        return Answer::Waiting(format!("it has no tag {}", tag::STATUS));
    };
    let is_ready = |name: &NetworkName| status.ready_on.iter().any(|on| on.name() == name.as_str());
    match () {
        () if named.iter().all(is_ready) => Answer::Ready(status.ready_on),
        () if status.code().is_some() => Answer::Refused(status.text),
        () => Answer::Waiting(status.text),
    }
}

/// How a database and a VPC stand together: a client in the one reaches the other once both are
/// ready, and on a network that both name.
pub fn of_both(database: Answer, vpc: Answer) -> Answer {
    match (database, vpc) {
        (Answer::Ready(one), Answer::Ready(other)) => match one.is_disjoint(&other) {
            true => Answer::Refused("they are on no network in common".to_owned()),
            false => Answer::Ready(one.intersection(&other).cloned().collect()),
        },
        (Answer::Refused(why), _) | (_, Answer::Refused(why)) => Answer::Refused(why),
        (Answer::Waiting(what), _) | (_, Answer::Waiting(what)) => Answer::Waiting(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::tags;

    fn answer(asked: &str, status: &str) -> Answer {
        let all = [(tag::EXPOSE, asked), (tag::STATUS, status)];
        let all: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        of(&tags(&all), tag::EXPOSE)
    }

    fn on(networks: &[&str]) -> Answer {
        Answer::Ready(networks.iter().map(|name| (*name).into()).collect())
    }

    #[test]
    fn what_is_ready_is_ready_on_all_that_its_tag_names() {
        assert_eq!(
            answer("one", "ready orders db-1 on one since 2026-11-24T12:00:00Z"),
            on(&["one"])
        );
        let shared = answer("one", "ready orders db-1 on one@111122223333");
        assert_eq!(shared, on(&["one@111122223333"]));
        // Of before the tag was changed.
        let stale = "ready orders db-1 on one";
        assert_eq!(answer("one+two", stale), Answer::Waiting(stale.to_owned()));
        let half = "waiting orders db-1 for the gateway - ready on one";
        assert_eq!(answer("one", half), on(&["one"]), "the rest is of nobody's concern any more");
    }

    #[test]
    fn what_is_not_ready_waits_or_is_refused() {
        let waiting = |text: &str| Answer::Waiting(text.to_owned());
        let refused = |text: &str| Answer::Refused(text.to_owned());
        assert_eq!(answer("", ""), waiting("it is not tagged trellis:expose"));
        assert_eq!(answer("one", ""), waiting("it has no tag trellis:status"));
        assert_eq!(answer("off", "ready orders db-1 on one"), refused("trellis:expose is off"));
        assert!(matches!(answer("-a-", ""), Answer::Refused(_)));
        let public = "refused PUBLIC orders db-1 switch it off";
        assert_eq!(answer("one", &format!("{public} since 2026-11-24T12:00:00Z")), refused(public));
    }

    #[test]
    fn a_database_and_a_vpc_meet_on_a_network() {
        let waiting = || Answer::Waiting("rain".to_owned());
        let refused = || Answer::Refused("no".to_owned());
        assert_eq!(of_both(on(&["one", "two"]), on(&["two", "three"])), on(&["two"]));
        assert_eq!(of_both(waiting(), on(&["two"])), waiting());
        assert_eq!(of_both(on(&["two"]), waiting()), waiting());
        assert_eq!(of_both(waiting(), refused()), refused());
        assert!(matches!(of_both(on(&["one"]), on(&["two"])), Answer::Refused(_)));
    }
}
