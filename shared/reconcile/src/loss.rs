//! What somebody takes away again and again, while we put it back: told, instead of fighting in
//! silence.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::deletion::short;
use crate::key::Key;

/// So often within [`WINDOW`] is no accident.
const OFTEN: usize = 3;
/// How long a loss counts.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// So many changes are remembered at once.
const MOST_CHANGES: usize = 500;

/// What was there, was to stay, and had to be made again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// When each was made again, for the last [`OFTEN`] times.
    times: BTreeMap<Key, VecDeque<Timestamp>>,
    /// Who changed what has this id last, and when, as CloudTrail told.
    changes: BTreeMap<String, (Timestamp, String)>,
}

impl Losses {
    /// What was there is made again.
    pub(crate) fn note(&mut self, key: &Key, at: Timestamp) {
        let times = self.times.entry(key.clone()).or_default();
        times.push_back(at);
        while times.len() > OFTEN {
            times.pop_front();
        }
    }

    /// Somebody changed what has one of these ids.
    pub fn hear(&mut self, ids: &[String], by: &str, at: Timestamp) {
        let ids = ids.iter().filter(|id| id.contains('-'));
        self.changes.extend(ids.map(|id| (id.clone(), (at, by.to_owned()))));
        while self.changes.len() > MOST_CHANGES {
            let oldest = self.changes.iter().min_by_key(|(_, (at, _))| *at);
            let id = oldest.map(|(id, _)| id.clone());
            id.into_iter().for_each(|id| drop(self.changes.remove(&id)));
        }
    }

    /// What should be said of this, if it is taken away again and again.
    pub fn warning(&self, key: &Key, at: Timestamp) -> Option<String> {
        let times = self.times.get(key)?;
        let first = times.front().filter(|first| at - WINDOW < **first && times.len() == OFTEN)?;
        let (what, remedy) = match key {
            Key::DatabaseRule(_, group, port) => {
                (format!("{group} tcp {port}"), "see Beside Terraform in the README")
            }
            _ => (key.to_string(), "leave it alone"),
        };
        let text = key.to_string();
        let by = text.split(' ').filter_map(|id| self.changes.get(id)).max();
        let by = by.map_or(String::new(), |(_, by)| format!(" last by {}", short(by)));
        let since = first.strftime("%FT%TZ");
        Some(format!("CONTESTED {what}: taken away {OFTEN} times since {since}{by}: {remedy}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour)
    }

    #[test]
    fn what_is_lost_for_the_third_time_in_a_day_is_contested() {
        let rule = Key::DatabaseRule("vpc-1".into(), "sg-1".into(), crate::id::Port(5432));
        let mut losses = Losses::default();
        losses.note(&rule, at(0));
        losses.note(&rule, at(1));
        assert_eq!(losses.warning(&rule, at(1)), None);
        losses.note(&rule, at(2));
        let said = losses.warning(&rule, at(2)).expect("it is contested");
        assert!(
            said.starts_with("CONTESTED sg-1 tcp 5432: taken away 3 times since 1970-01-01T00:")
        );
        let role = "arn:aws:sts::111122223333:assumed-role/terraform/ci";
        losses.hear(&["sg-1".to_owned()], role, at(2));
        losses.hear(&["sg-2".to_owned()], "another", at(2));
        let said = losses.warning(&rule, at(3)).expect("it is contested");
        assert!(said.contains(" last by terraform/ci: "), "{said}");
        assert_eq!(losses.warning(&rule, at(24)), None, "not within a day");
        losses.note(&rule, at(23));
        assert!(losses.warning(&rule, at(24)).is_some());
        assert_eq!(losses.warning(&Key::Gateway("vpc-1".into()), at(2)), None);
    }

    #[test]
    fn so_many_changes_are_remembered_and_no_more() {
        let mut losses = Losses::default();
        (0..9999).for_each(|hour| losses.hear(&[format!("sg-{hour}")], "me", at(hour)));
        assert_eq!(losses.changes.len(), MOST_CHANGES);
        assert!(losses.changes.contains_key("sg-9998"));
    }
}
