//! Grace and brake: when what is no longer asked for is withdrawn.
//!
//! | why it is no longer asked for     | withdrawn                        | braked |
//! |-----------------------------------|----------------------------------|--------|
//! | tag says `off`, or other networks | at once                          | no     |
//! | tag vanished or makes no sense    | after the grace period           | yes    |
//! | network no longer allowed         | after the grace period           | yes    |
//! | database is gone                  | after [`CONFIRMATION`]           | no     |

use jiff::{SignedDuration, Timestamp};

use crate::settings::Brake;
use crate::tag::{self, Tags};

/// How long a database must be gone before its exposure goes.
///
/// In a blue/green switchover there is a moment in which no instance has the name (RDS User Guide,
/// Switching a blue/green deployment); AWS binds the configuration to the name, and connections
/// live on. What is really gone carries no connections, so waiting costs nothing.
pub const CONFIRMATION: SignedDuration = SignedDuration::from_mins(2);

/// Why a deadline was set. One that was set for another reason counts as none: a database that
/// returns without its tag gets all of the grace period, not what is left of [`CONFIRMATION`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The tag vanished.
    Vanished,
    /// The database is gone.
    Gone,
}

/// The word in a tag's value that tells the second cause.
const GONE: &str = "gone";

/// What to do with an exposure that is no longer asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Keep it, and write this deadline on it.
    Until(Timestamp),
    /// Withdraw it now.
    Now,
}

/// The verdict on an exposure that carries these tags.
pub fn verdict(tags: &Tags, at: Timestamp, grace: SignedDuration, cause: Cause) -> Verdict {
    match deadline(tags).filter(|_| self::cause(tags) == cause) {
        Some(deadline) if deadline <= at => Verdict::Now,
        Some(deadline) => Verdict::Until(deadline),
        // Whole seconds, so that the tag reads well and equals itself when read back.
        None => {
            let seconds = (at + grace).as_second();
            Verdict::Until(Timestamp::from_second(seconds).unwrap_or(at))
        }
    }
}

/// The deadline that a tag holds. One that cannot be read counts as none: grace starts anew.
pub fn deadline(tags: &Tags) -> Option<Timestamp> {
    tags.get(tag::WITHDRAW_AFTER)?.split(' ').next()?.parse().ok()
}

fn cause(tags: &Tags) -> Cause {
    let is_gone = tags.get(tag::WITHDRAW_AFTER).is_some_and(|value| value.ends_with(GONE));
    if is_gone { Cause::Gone } else { Cause::Vanished }
}

/// The value of the tag for this deadline.
pub fn value(deadline: Timestamp, cause: Cause) -> String {
    match cause {
        Cause::Vanished => deadline.to_string(),
        Cause::Gone => format!("{deadline} {GONE}"),
    }
}

/// Whether so many of all exposures vanished at once that they are not believed.
pub fn is_braked(vanished: usize, all: usize, brake: Brake) -> bool {
    vanished > brake.count && vanished * 100 > all * brake.percent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_starts_once_and_ends_once() {
        let at: Timestamp = "2026-11-24T12:00:00.5Z".parse().expect("a timestamp");
        let grace = SignedDuration::from_mins(15);
        let verdict = |tags: &Tags, at| verdict(tags, at, grace, Cause::Vanished);
        let Verdict::Until(until) = verdict(&Tags::new(), at) else { panic!("no grace") };
        assert_eq!(until.to_string(), "2026-11-24T12:15:00Z");
        let tags = Tags::from([(tag::WITHDRAW_AFTER.to_owned(), until.to_string())]);
        assert_eq!(verdict(&tags, at + SignedDuration::from_mins(5)), Verdict::Until(until));
        assert_eq!(verdict(&tags, until), Verdict::Now);
        let broken = Tags::from([(tag::WITHDRAW_AFTER.to_owned(), "soon".to_owned())]);
        assert_eq!(verdict(&broken, at), Verdict::Until(until));
    }

    #[test]
    fn a_deadline_counts_for_its_own_cause_only() {
        let at: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a timestamp");
        for (cause, other) in [(Cause::Gone, Cause::Vanished), (Cause::Vanished, Cause::Gone)] {
            let tags = Tags::from([(tag::WITHDRAW_AFTER.to_owned(), value(at, cause))]);
            assert_eq!(deadline(&tags), Some(at));
            assert_eq!(verdict(&tags, at, CONFIRMATION, cause), Verdict::Now);
            let anew = Verdict::Until(at + CONFIRMATION);
            assert_eq!(verdict(&tags, at, CONFIRMATION, other), anew);
        }
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
