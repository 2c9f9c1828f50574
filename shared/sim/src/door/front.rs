//! What stands in front of the calls: rules that decide what happens to them and what is answered,
//! and who watches.

use bytes::Bytes;
use http::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::past::Past;
use crate::{Call, Fault, World};

/// What happens to a call on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It is answered.
    Pass,
    /// It is refused with this, and nothing is done.
    Refuse(Fault),
    /// It never arrives: nothing is done, and the caller gets no answer.
    LoseRequest,
    /// It is done, and the caller gets no answer.
    LoseReply,
    /// It arrives twice, as when a proxy or a retry repeats it; the caller gets the second answer.
    Repeat,
}

/// What comes back from a request.
pub(crate) enum Delivery {
    /// A response.
    Reply(Response<Bytes>),
    /// Nothing.
    Lost,
}

/// A call that has arrived, as a rule sees it.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The call.
    pub call: &'a Call,
    /// Calls are numbered from 1 as they come.
    pub number: u64,
    /// The simulated time.
    pub now: Timestamp,
    pub(crate) region: &'a str,
    pub(crate) past: &'a Past,
}

impl Asked<'_> {
    /// What the call would have been answered so long ago. Nothing when nobody remembers: see
    /// [`Rule::looks_back`].
    pub fn answered_then(&self, ago: SignedDuration) -> Option<Result<Value, Fault>> {
        self.past.answer(self.region, self.call, self.now - ago)
    }
}

/// Decides what happens to calls and what is answered. Of several rules the first that does not
/// let a call pass wins; all of them change the answer, one after the other.
pub trait Rule: Send {
    /// What happens to this call, the `number`-th of all.
    fn fate(&mut self, _call: &Call, _number: u64) -> Fate {
        Fate::Pass
    }

    /// The same, for a rule that wants to know what time it is, or what was.
    fn judge(&mut self, asked: &Asked<'_>) -> Fate {
        self.fate(asked.call, asked.number)
    }

    /// Changes the answer on its way back. What was done stays done.
    fn alter(&mut self, _asked: &Asked<'_>, _answer: &mut Result<Value, Fault>) {}

    /// How far back it wants to look: what was is remembered for so long.
    fn looks_back(&self) -> SignedDuration {
        SignedDuration::ZERO
    }
}

impl<F: FnMut(&Call, u64) -> Fate + Send> Rule for F {
    fn fate(&mut self, call: &Call, number: u64) -> Fate {
        self(call, number)
    }
}

/// A rule that changes answers and nothing else.
pub struct Altering<F>(pub F);

impl<F: FnMut(&Asked<'_>, &mut Result<Value, Fault>) + Send> Rule for Altering<F> {
    fn alter(&mut self, asked: &Asked<'_>, answer: &mut Result<Value, Fault>) {
        (self.0)(asked, answer);
    }
}

/// Sees every call, with the world before and after it.
pub trait Witness: Send {
    /// This call is about to be answered, if it is not refused or lost before. Here is where
    /// something may still happen between two calls.
    fn before(&mut self, world: &mut World, call: &Call, number: u64);

    /// It was answered.
    fn after(&mut self, world: &World, call: &Call);
}
