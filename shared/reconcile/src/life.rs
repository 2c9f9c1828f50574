//! Where a thing is in its life, and what follows from that alone.

use jiff::{SignedDuration, Timestamp};

/// Where a thing is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// AWS is making or changing it.
    Coming,
    /// It does its work.
    Ready,
    /// AWS is removing it.
    Leaving,
    /// It failed and does no work.
    Broken {
        /// What AWS says about it.
        why: String,
        /// When it was made, if AWS says so.
        made: Option<Timestamp>,
    },
}

/// How old something that failed gets before it is made anew. What made it fail is rarely gone the
/// next moment, and making it again and again would only use up calls and addresses.
const REST: SignedDuration = SignedDuration::from_mins(10);

impl Life {
    /// Broken, for this reason.
    pub fn broken(why: impl Into<String>, made: Option<Timestamp>) -> Life {
        Life::Broken { why: why.into(), made }
    }

    /// Whether it failed, and long enough ago to be made anew.
    pub(crate) fn is_to_be_replaced(&self, at: Timestamp) -> bool {
        match self {
            Life::Broken { made, .. } => made.is_none_or(|made| at >= made + REST),
            _ => false,
        }
    }

    /// Whether AWS is at work on it, so that it can neither be changed nor be built on.
    pub fn is_busy(&self) -> bool {
        matches!(self, Life::Coming | Life::Leaving)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_rests_for_ten_minutes_before_it_is_made_anew() {
        let made = Timestamp::from_second(1_800_000_000).expect("in range");
        let after = |life: &Life, seconds| {
            life.is_to_be_replaced(made + SignedDuration::from_secs(seconds))
        };
        let failed = Life::broken("no room", Some(made));
        assert!(!after(&failed, 599));
        assert!(after(&failed, 600));
        assert!(after(&Life::broken("no room", None), 0), "nobody knows since when");
        for life in [Life::Coming, Life::Ready, Life::Leaving] {
            assert!(!after(&life, 600), "{life:?}");
        }
    }

    #[test]
    fn aws_is_at_work_on_what_comes_or_leaves() {
        assert!(Life::Coming.is_busy() && Life::Leaving.is_busy());
        assert!(!Life::Ready.is_busy() && !Life::broken("no room", None).is_busy());
    }
}
