//! What time it is in the simulation.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Simulated time: it starts at a chosen moment and passes by itself.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Timestamp,
    origin: Origin,
    ahead: SignedDuration,
}

#[derive(Clone, Copy, Debug)]
enum Origin {
    Virtual(tokio::time::Instant),
    Scaled(std::time::Instant, f64),
}

impl Clock {
    /// Time as Tokio has it: on a paused current-thread runtime it jumps to the next moment for
    /// which anybody sleeps, so a run takes no real time and is the same every time. To be made
    /// on that runtime.
    pub fn virtual_from(start: Timestamp) -> Clock {
        let origin = Origin::Virtual(tokio::time::Instant::now());
        Clock { start, origin, ahead: SignedDuration::ZERO }
    }

    /// Real time, `speed` times as fast.
    pub fn scaled(start: Timestamp, speed: f64) -> Clock {
        let origin = Origin::Scaled(std::time::Instant::now(), speed);
        Clock { start, origin, ahead: SignedDuration::ZERO }
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        let passed = match self.origin {
            Origin::Virtual(since) => tokio::time::Instant::now().saturating_duration_since(since),
            Origin::Scaled(since, speed) => since.elapsed().mul_f64(speed),
        };
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::ZERO);
        self.start.saturating_add(passed + self.ahead).unwrap_or(Timestamp::MAX)
    }

    /// Time has passed at once.
    pub(crate) fn advance(&mut self, by: SignedDuration) {
        self.ahead += by;
    }

    /// How long one has to sleep for so much simulated time to pass.
    pub fn real(&self, simulated: SignedDuration) -> Duration {
        let simulated = simulated.unsigned_abs();
        match self.origin {
            Origin::Virtual(_) => simulated,
            Origin::Scaled(_, speed) => simulated.div_f64(speed),
        }
    }
}
