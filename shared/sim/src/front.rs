//! What stands in front of the calls: rules that decide what happens to them, and who watches.

use crate::{Call, Fault, World};

/// What happens to a call on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
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

/// Decides what happens to calls. Of several rules the first that does not let a call pass wins.
pub trait Rule: Send {
    /// What happens to this call, the `number`-th of all.
    fn verdict(&mut self, call: &Call, number: u64) -> Verdict;
}

impl<F: FnMut(&Call, u64) -> Verdict + Send> Rule for F {
    fn verdict(&mut self, call: &Call, number: u64) -> Verdict {
        self(call, number)
    }
}

/// Sees every call, with the world before and after it.
pub trait Witness: Send {
    /// This call is about to be answered, if it is not refused or lost before.
    fn before(&mut self, world: &World, call: &Call);

    /// It was answered.
    fn after(&mut self, world: &World, call: &Call);
}
