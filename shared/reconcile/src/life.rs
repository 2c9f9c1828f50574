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
