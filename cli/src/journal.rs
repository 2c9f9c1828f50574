//! What happens in the lab, for whoever watches: the screen, and the tests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

/// Something that happened, and when in simulated time.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happening,
}

/// What can happen.
#[derive(Clone, Debug)]
pub enum Happening {
    /// An event came to the bus. Without a rule nobody was rung.
    Event {
        /// The whole event.
        event: Value,
        /// The rules that matched it.
        rules: Vec<String>,
        /// The functions that were rung.
        rung: Vec<String>,
    },
    /// A function was given a batch.
    Started {
        /// The function's binary.
        function: String,
        /// How many messages were in the batch.
        bells: usize,
    },
    /// A function is done with its batch.
    Finished {
        /// The function's binary.
        function: String,
        /// What it answered, or why it failed.
        outcome: Result<Value, String>,
    },
    /// A function wrote a line.
    Said {
        /// The function's binary.
        function: String,
        /// The line: JSON, unless something went wrong badly.
        line: String,
    },
    /// A function's process ended and is started again.
    Ended {
        /// The function's binary.
        function: String,
        /// How it ended.
        how: String,
    },
}

/// Everything that happened so far.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Mutex<Vec<Entry>>,
}

impl Journal {
    /// Writes down what happened.
    pub fn note(&self, at: Timestamp, what: Happening) {
        self.lock().push(Entry { at, what });
    }

    /// Everything after the first `seen` entries.
    pub fn since(&self, seen: usize) -> Vec<Entry> {
        self.lock().iter().skip(seen).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
