//! What holds a key up.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::key::Key;

/// What a key waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// AWS is making or changing it.
    Coming,
    /// AWS is removing it.
    Leaving,
    /// This must be there first.
    Needs(Key),
    /// This must be gone first.
    NeededBy(Key),
    /// Something that is none of ours stands on it.
    InUse,
    /// Later readings must agree that it is to go.
    Going,
    /// Later readings must agree that it is not there.
    Lacking,
    /// It was tried and is not done; it is tried again at this time.
    Retry(Timestamp),
    /// A listing that it rests on failed.
    Unknown(String),
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::Coming => f.write_str("AWS, which makes it"),
            Wait::Leaving => f.write_str("AWS, which removes it"),
            Wait::Needs(key) => write!(f, "{key}, which it needs"),
            Wait::NeededBy(key) => write!(f, "{key} to go"),
            Wait::InUse => f.write_str("what somebody else has built on it"),
            Wait::Going | Wait::Lacking => f.write_str("later readings that agree"),
            Wait::Retry(_) => f.write_str("another try"),
            Wait::Unknown(why) => write!(f, "a listing that failed ({why})"),
        }
    }
}
