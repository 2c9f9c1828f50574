//! Deletions that AWS refused: somebody wants something gone that ours may stand on or refer to.
//!
//! AWS says so to whoever tried, and CloudTrail tells us. What nobody uses is let go for it (see
//! the [`gate`](crate::gate)) and held off for a while, so that the deletion can be tried again,
//! which Terraform and CloudFormation do by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use serde::Serialize;

use crate::id::{GatewayId, GroupId, InterfaceId, SubnetId, VpcId};
use crate::tag::{self, Tags};

/// What ours stands on or refers to and is somebody else's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    /// A subnet, in which an endpoint has an interface.
    Subnet(SubnetId),
    /// A VPC, with our groups in it.
    Vpc(VpcId),
    /// A security group of clients, which a rule of ours names.
    Group(GroupId),
}

impl Base {
    /// What has this id.
    pub fn parse(id: &str) -> Option<Base> {
        match id.split_once('-')? {
            (_, "") => None,
            ("subnet", _) => Some(Base::Subnet(id.into())),
            ("vpc", _) => Some(Base::Vpc(id.into())),
            ("sg", _) => Some(Base::Group(id.into())),
            _ => None,
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Base::Subnet(id) => id.fmt(f),
            Base::Vpc(id) => id.fmt(f),
            Base::Group(id) => id.fmt(f),
        }
    }
}

/// A deletion that AWS refused because something depends on what was to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// What was to go.
    pub base: Base,
    /// The ARN of who tried.
    pub by: String,
    /// When, by CloudTrail.
    pub at: Timestamp,
}

impl Deletion {
    /// Who tried, in the few words that a tag has room for: `role/session` or the user's name.
    pub fn who(&self) -> &str {
        short(&self.by)
    }
}

/// Who has this ARN, in a few words: role and session, or the user's name.
pub(crate) fn short(arn: &str) -> &str {
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let name = name.split_once('/').map_or(name, |(_, name)| name);
    name.char_indices().nth(48).map_or(name, |(end, _)| &name[..end])
}

/// A deletion in whose way somebody is, and we for its sake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldUp {
    /// The deletion.
    pub deletion: Deletion,
    /// The VPC whose connection it would break.
    pub vpc: VpcId,
    /// Who is in the way.
    pub holder: Holder,
}

/// Who is in the way of a deletion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the schema of Deletion Held Up describes the fields")]
pub enum Holder {
    /// A network interface of a client, and the group that makes it one.
    Client {
        interface: InterfaceId,
        #[serde(rename = "security-group")]
        group: GroupId,
    },
    /// A resource gateway: who is connected through it cannot be told, since that may be in other
    /// accounts.
    Gateway { gateway: GatewayId },
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Holder::Client { interface, group } => write!(f, "{interface} carries {group}"),
            Holder::Gateway { gateway } => write!(f, "{gateway} lies in it"),
        }
    }
}

impl fmt::Display for HeldUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HeldUp { deletion, holder, .. } = self;
        write!(f, "{}: {} cannot delete it while {holder}", deletion.base, deletion.who())
    }
}

/// A deletion, and whether we have told that somebody is in its way.
#[derive(Clone, Debug, PartialEq)]
struct Heard {
    deletion: Deletion,
    is_told: bool,
}

/// So many are remembered at once: whoever deletes in a loop fills no memory.
const MOST_HEARD: usize = 500;

/// The deletions of late, as CloudTrail told of them: the last of each base.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deletions(BTreeMap<Base, Heard>);

impl Deletions {
    /// Somebody tried to delete something, and AWS refused.
    pub fn hear(&mut self, deletion: Deletion) {
        let before = self.0.get(&deletion.base);
        if before.is_some_and(|before| before.deletion.at > deletion.at) {
            return;
        }
        let is_told = before.is_some_and(|before| before.is_told);
        self.0.insert(deletion.base.clone(), Heard { deletion, is_told });
        while self.0.len() > MOST_HEARD {
            let oldest = self.0.values().min_by_key(|heard| heard.deletion.at);
            let base = oldest.map(|heard| heard.deletion.base.clone());
            base.into_iter().for_each(|base| drop(self.0.remove(&base)));
        }
    }

    /// Those within this time. None is from a time that has not come: clocks differ, but not by
    /// more than a minute.
    pub fn of_late(
        &self,
        at: Timestamp,
        within: SignedDuration,
    ) -> impl Iterator<Item = &Deletion> {
        let all = self.0.values().map(|heard| &heard.deletion);
        let soon = at + SignedDuration::from_mins(1);
        all.filter(move |deletion| at - within < deletion.at && deletion.at <= soon)
    }

    /// Whether it has been told that somebody is in the way of deleting this.
    pub fn has_told(&self, base: &Base) -> bool {
        self.0.get(base).is_some_and(|heard| heard.is_told)
    }

    /// It is told now that somebody is in the way of deleting these.
    pub fn tell<'a>(&mut self, bases: impl IntoIterator<Item = &'a Base>) {
        for base in bases {
            self.0.entry(base.clone()).and_modify(|heard| heard.is_told = true);
        }
    }

    /// Those of longer ago are forgotten.
    pub fn forget(&mut self, at: Timestamp, within: SignedDuration) {
        self.0.retain(|_, heard| at - within < heard.deletion.at);
    }
}

/// What was let go, and until when nothing is made on it: the tag [`tag::HELD_OFF`] on the
/// endpoint group of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldOff {
    /// Until when.
    pub until: Timestamp,
    /// What somebody deletes.
    pub bases: BTreeSet<Base>,
}

/// So many fit into a tag, with the time.
const MOST: usize = 9;

impl HoldOff {
    /// What these tags say, if it is not over yet. A value that makes no sense says nothing.
    pub fn read(tags: &Tags, at: Timestamp) -> Option<HoldOff> {
        let mut words = tags.get(tag::HELD_OFF)?.split(' ');
        let until: Timestamp = words.next()?.parse().ok()?;
        let bases: BTreeSet<Base> = words.filter_map(Base::parse).collect();
        (until > at && !bases.is_empty()).then_some(HoldOff { until, bases })
    }

    /// This one (or none) and a further deletion. One that is tried again extends it, but not so
    /// often that every try would be a call of ours.
    pub fn and(before: Option<HoldOff>, deletion: &Deletion, period: SignedDuration) -> HoldOff {
        let base = deletion.base.clone();
        let until = deletion.at + period;
        let until = Timestamp::from_second(until.as_second()).unwrap_or(until);
        let Some(mut before) = before else {
            return HoldOff { until, bases: BTreeSet::from([base]) };
        };
        let is_new = before.bases.len() < MOST && before.bases.insert(base);
        if is_new || before.until < until - period / 2 {
            before.until = before.until.max(until);
        }
        before
    }
}

impl fmt::Display for HoldOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.until)?;
        self.bases.iter().try_for_each(|base| write!(f, " {base}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: SignedDuration = SignedDuration::from_mins(15);

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn deletion(id: &str, minute: i64) -> Deletion {
        let base = Base::parse(id).expect("an id");
        Deletion { base, by: "arn:aws:iam::111122223333:user/me".to_owned(), at: at(minute) }
    }

    fn read(value: &str, minute: i64) -> Option<HoldOff> {
        HoldOff::read(&Tags::from([(tag::HELD_OFF.to_owned(), value.to_owned())]), at(minute))
    }

    #[test]
    fn a_hold_off_reads_as_it_was_written_until_it_is_over() {
        let hold = HoldOff::and(None, &deletion("subnet-1", 0), PERIOD);
        let hold = HoldOff::and(Some(hold), &deletion("sg-2", 1), PERIOD);
        assert_eq!(hold.to_string(), "1970-01-01T00:16:00Z subnet-1 sg-2");
        assert_eq!(read(&hold.to_string(), 15), Some(hold.clone()));
        assert_eq!(read(&hold.to_string(), 16), None);
        for nonsense in
            ["", "soon", "soon subnet-1", "1970-01-01T00:16:00Z", "1970-01-01T00:16:00Z x"]
        {
            assert_eq!(read(nonsense, 0), None, "{nonsense}");
        }
    }

    #[test]
    fn the_last_deletion_of_each_base_counts_for_a_while_and_is_told_once() {
        let mut heard = Deletions::default();
        heard.hear(deletion("subnet-1", 5));
        heard.hear(deletion("subnet-1", 1));
        heard.hear(deletion("sg-2", 30));
        let late = |heard: &Deletions, minute| {
            let late = heard.of_late(at(minute), PERIOD);
            late.map(|it| format!("{} {}", it.base, it.at.strftime("%M"))).collect::<Vec<_>>()
        };
        assert_eq!(late(&heard, 6), ["subnet-1 05"], "what comes late does not count");
        assert_eq!(late(&heard, 20), Vec::<String>::new());
        assert_eq!(late(&heard, 29), ["sg-2 30"]);
        let base = Base::parse("sg-2").expect("an id");
        assert!(!heard.has_told(&base));
        heard.tell([&base]);
        heard.hear(deletion("sg-2", 31));
        assert!(heard.has_told(&base), "who tries again is told nothing again");
        heard.forget(at(46), PERIOD);
        assert_eq!(heard, Deletions::default());
        (0..9999).for_each(|number| heard.hear(deletion(&format!("vpc-{number}"), number)));
        assert_eq!(heard.0.len(), MOST_HEARD);
        assert!(heard.0.contains_key(&Base::Vpc("vpc-9998".into())));
    }

    #[test]
    fn who_tries_again_and_again_extends_it_now_and_then() {
        let first = HoldOff::and(None, &deletion("subnet-1", 0), PERIOD);
        let again =
            |minute| HoldOff::and(Some(first.clone()), &deletion("subnet-1", minute), PERIOD).until;
        assert_eq!([0, 1, 7].map(again), [at(15); 3]);
        assert_eq!(again(8), at(23));
        let many = (0..99).fold(None, |hold, number| {
            Some(HoldOff::and(hold, &deletion(&format!("subnet-{number:017x}"), 0), PERIOD))
        });
        assert!(many.expect("some").to_string().len() <= 256);
    }

    #[test]
    fn who_tried_is_named_by_role_and_session() {
        let who = |by: &str| {
            let by = by.to_owned();
            Deletion { by, ..deletion("vpc-1", 0) }.who().to_owned()
        };
        let role = "arn:aws:sts::111122223333:assumed-role/terraform/ci-17";
        assert_eq!(who(role), "terraform/ci-17");
        assert_eq!(who("arn:aws:iam::111122223333:user/me"), "me");
        assert_eq!(who("arn:aws:iam::111122223333:root"), "root");
        assert_eq!(who("somebody"), "somebody");
        assert_eq!(who(&"é".repeat(60)).chars().count(), 48);
    }
}
