//! The gate: when something that works and is no longer asked for may go. There is no other way.
//!
//! | why it is no longer asked for                | when it goes                        | braked |
//! |----------------------------------------------|-------------------------------------|--------|
//! | `off`                                        | at once                             | no     |
//! | another database stands where it stood       | at once                             | no     |
//! | a reading lacks what asked for it            | not: later readings must confirm it | yes    |
//! |                                              | for [`CONFIRMATION`], and AWS, asked|        |
//! |                                              | by name, say that it is gone        | no     |
//! | its tag makes no sense or names what is      | not: it stays until the new can be  | -      |
//! | refused                                      |                                     |        |
//! | its tag names other networks                 | after grace, once they work         | yes    |
//! | its tag vanished, also by a switchover       | after grace                         | yes    |
//! | its tag vanished, and no client of it has a  | once readings agree for             | yes    |
//! | network interface (consumer side)            | [`UNUSED`]                          |        |
//! | somebody deletes what it stands on, and no   | once readings agree for             | no     |
//! | client of it has a network interface         | [`UNUSED`]                          |        |
//! | its network left the deployment's list       | after grace: the team decided       | no     |
//!
//! It is asked for each association, for each endpoint, and for each group of clients. What these
//! rest on stays as long as they do.

use jiff::{SignedDuration, Timestamp};

use crate::deletion::Deletion;
use crate::desired::Want;
use crate::id::DatabaseResourceId;
use crate::settings::Brake;
use crate::tag::{self, Tags};

/// How long later readings must lack a database, VPC or group before it counts as gone.
///
/// In a blue/green switchover there is a moment in which no instance has the name (RDS User Guide,
/// Switching a blue/green deployment); AWS binds the configuration to the name, and connections
/// live on. What is really gone carries no connections, so waiting costs nothing.
pub const CONFIRMATION: SignedDuration = SignedDuration::from_mins(2);

/// How long readings must agree that nobody uses something: listings of network interfaces may lag.
pub const UNUSED: SignedDuration = SignedDuration::from_mins(1);

/// What goes within this time is waited for, and not left to the next ring of the clock.
const NEAR: SignedDuration = SignedDuration::from_secs(75);

/// Why something that works is no longer asked for, where it does not go at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The tag vanished.
    Vanished,
    /// The tag vanished, and nobody uses what it asked for.
    Unused,
    /// Somebody deletes what it stands on, and nobody uses it.
    Deleted(Deletion),
    /// The tag did not come along to the database with this id, which a blue/green switchover put
    /// in the place of one that had it.
    Switched(DatabaseResourceId),
    /// The tag names other networks.
    Moved,
    /// The network left the deployment's list.
    Disallowed,
    /// The reading lacks the database, the VPC or the group.
    Absent,
}

impl Reason {
    /// Whether it may be an accident, so that many at once are not believed.
    pub fn may_be_an_accident(&self) -> bool {
        !matches!(self, Reason::Disallowed | Reason::Deleted(_))
    }

    /// The words in a deadline's tag that tell the reason. One that was set for another reason
    /// counts as none: a database that returns without its tag gets all of the grace period, not
    /// what is left of [`CONFIRMATION`].
    fn words(&self) -> String {
        match self {
            Reason::Vanished => String::new(),
            Reason::Unused => "unused".to_owned(),
            Reason::Deleted(deletion) => format!("deleted {}", deletion.base),
            Reason::Switched(id) => format!("switched {id}"),
            Reason::Moved => "moved".to_owned(),
            Reason::Disallowed => "disallowed".to_owned(),
            Reason::Absent => "gone".to_owned(),
        }
    }

    /// How long it stays.
    fn period(&self, grace: SignedDuration) -> SignedDuration {
        match self {
            Reason::Absent => CONFIRMATION,
            Reason::Unused | Reason::Deleted(_) => UNUSED,
            _ => grace,
        }
    }
}

/// When something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// Not before this time.
    Until(Timestamp),
    /// It was this one, and it has passed.
    Passed(Timestamp),
}

/// The deadline of what carries these tags and is no longer asked for, for this reason.
pub fn deadline(tags: &Tags, reason: &Reason, at: Timestamp, grace: SignedDuration) -> Deadline {
    match written(tags).filter(|(_, words)| *words == reason.words()) {
        Some((deadline, _)) if deadline <= at => Deadline::Passed(deadline),
        Some((deadline, _)) => Deadline::Until(deadline),
        // Whole seconds, so that the tag reads well and equals itself when read back.
        None => {
            let seconds = (at + reason.period(grace)).as_second();
            Deadline::Until(Timestamp::from_second(seconds).unwrap_or(at))
        }
    }
}

/// The value of the tag [`tag::WITHDRAW_AFTER`] for this deadline.
pub fn value(deadline: Timestamp, reason: &Reason) -> String {
    format!("{deadline} {}", reason.words()).trim_end().to_owned()
}

/// Whether there is a deadline in these tags at all. One that cannot be read counts as none: the
/// period starts anew.
pub fn has_deadline(tags: &Tags) -> bool {
    written(tags).is_some()
}

/// The database for which a switchover's deadline stands in these tags.
pub fn switched_to(tags: &Tags) -> Option<DatabaseResourceId> {
    Some(written(tags)?.1.strip_prefix("switched ")?.into())
}

/// The deadline for [`Reason::Absent`] in these tags, if it has passed.
pub fn is_overdue(tags: &Tags, at: Timestamp) -> bool {
    written(tags).is_some_and(|(deadline, words)| words == Reason::Absent.words() && deadline <= at)
}

/// Whether the deadline in these tags is the one that is wanted, and so near that it is worth
/// staying for. One that could not be written is never near: it moves on.
pub fn is_near(tags: &Tags, want: &Want, at: Timestamp) -> bool {
    let wanted = want.tags.get(tag::WITHDRAW_AFTER).and_then(Option::as_ref);
    let is_wanted = wanted.is_some() && wanted == tags.get(tag::WITHDRAW_AFTER);
    is_wanted && written(tags).is_some_and(|(until, _)| at < until && until <= at + NEAR)
}

fn written(tags: &Tags) -> Option<(Timestamp, &str)> {
    let text = tags.get(tag::WITHDRAW_AFTER)?;
    let (deadline, words) = text.split_once(' ').unwrap_or((text, ""));
    Some((deadline.parse().ok()?, words))
}

/// Whether so many of all would go at once that they are not believed.
pub fn is_braked(going: usize, all: usize, brake: Brake) -> bool {
    going > brake.count && going * 100 > all * brake.percent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::Base;

    const GRACE: SignedDuration = SignedDuration::from_mins(15);

    fn at() -> Timestamp {
        "2026-11-24T12:00:00.5Z".parse().expect("a timestamp")
    }

    fn deleted(id: &str) -> Reason {
        let base = Base::parse(id).expect("an id");
        Reason::Deleted(Deletion { base, by: "me".to_owned(), at: at() })
    }

    fn marked(value: &str) -> Tags {
        Tags::from([(tag::WITHDRAW_AFTER.to_owned(), value.to_owned())])
    }

    #[test]
    fn grace_starts_once_and_ends_once() {
        let of = |tags: &Tags, at| deadline(tags, &Reason::Vanished, at, GRACE);
        let Deadline::Until(until) = of(&Tags::new(), at()) else { panic!("no grace") };
        assert_eq!(until.to_string(), "2026-11-24T12:15:00Z");
        let tags = marked(&value(until, &Reason::Vanished));
        assert_eq!(of(&tags, at() + SignedDuration::from_mins(5)), Deadline::Until(until));
        assert_eq!(of(&tags, until), Deadline::Passed(until));
        assert_eq!(of(&marked("soon"), at()), Deadline::Until(until));
    }

    #[test]
    fn a_deadline_counts_for_its_own_reason_only() {
        let reasons = [
            Reason::Vanished,
            Reason::Unused,
            deleted("subnet-1"),
            deleted("subnet-2"),
            Reason::Switched("db-ABC".into()),
            Reason::Switched("db-DEF".into()),
            Reason::Moved,
            Reason::Disallowed,
            Reason::Absent,
        ];
        let passed: Timestamp = "2026-11-24T11:00:00Z".parse().expect("a timestamp");
        for reason in &reasons {
            let tags = marked(&value(passed, reason));
            for other in &reasons {
                let is_over = deadline(&tags, other, at(), GRACE) == Deadline::Passed(passed);
                assert_eq!(is_over, reason == other, "{reason:?} {other:?}");
            }
        }
        let tags = marked(&value(passed, &Reason::Switched("db-ABC".into())));
        assert_eq!(switched_to(&tags), Some("db-ABC".into()));
        assert!(is_overdue(&marked(&value(passed, &Reason::Absent)), at()));
        assert!(!is_overdue(&marked(&value(passed, &Reason::Moved)), at()));
    }

    #[test]
    fn the_brake_needs_both_the_count_and_the_share() {
        let brake = Brake { count: 3, percent: 20 };
        assert!(!is_braked(3, 3, brake), "a few are always believed");
        assert!(is_braked(4, 10, brake));
        assert!(!is_braked(20, 100, brake), "a fifth is believed");
        assert!(is_braked(21, 100, brake));
    }
}
