//! Passes until nothing moves any more, or time is up.

use std::time::Duration;

use aws_smithy_async::rt::sleep::AsyncSleep;
use reconcile::key::Side;
use reconcile::outcome::{Outcome, Taken};
use reconcile::settings;
use tracing::{info, warn};

use crate::pass::Mode;
use crate::{Aws, Deadline, Error, ErrorKind, measure};

/// After a step that AWS finishes at once.
const FIRST: Duration = Duration::from_secs(1);
/// Between looks at something that takes its time.
const SHORTEST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(15);
/// Between readings that must agree: so many that one of them may err, and no more.
const CONFIRMING: Duration = Duration::from_secs(10);
/// Looking adds a twentieth to what AWS takes, at most.
const SHARE: u32 = 20;

/// What an invocation has come to so far.
#[derive(Default)]
struct Progress {
    /// The outcome of the last pass that read the world.
    last: Option<Outcome>,
    /// The steps of all passes.
    steps: Vec<Taken>,
    /// Why the world was not read, the last time that it was not.
    error: Option<Error>,
}

/// Why an invocation has ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Nothing of ours is on its way.
    Settled,
    /// It is too late for another look.
    TimeUp,
}

impl Aws {
    /// Passes until nothing of ours is on its way or time is up; the outcome of the last, with the
    /// steps of all.
    ///
    /// # Guarantees
    ///
    /// - It ends before the deadline, however slow AWS is
    ///   (`calls_that_take_their_time_take_no_invocation_beyond_its_own`).
    /// - Stopping anywhere is safe (`what_one_invocation_does_not_finish_the_next_ones_do`):
    ///   nothing is remembered from one pass to the next but how long to wait.
    ///
    /// # Errors
    ///
    /// If not a single pass could read the world, or what is wrong is nothing that time heals.
    pub async fn settle(&self, side: Side, deadline: Deadline) -> Result<Outcome, Error> {
        let aws = self.until(deadline);
        let mut progress = Progress::default();
        let ended = deadline.all(Box::pin(aws.look_again(side, &mut progress))).await;
        if ended.transpose()? != Some(Ended::Settled) {
            info!("time is up, the clock carries on");
        }
        let late = || Error::late("read", "the world");
        let mut outcome = progress.last.ok_or_else(|| progress.error.unwrap_or_else(late))?;
        outcome.steps = progress.steps;
        measure::standing(&outcome, &self.memory(side));
        Ok(outcome)
    }

    async fn look_again(&self, side: Side, progress: &mut Progress) -> Result<Ended, Error> {
        // What is only planned never settles.
        if self.settings.mode == settings::Mode::Plan {
            let outcome = self.pass(side, Mode::DryRun).await?;
            progress.steps.clone_from(&outcome.steps);
            progress.last = Some(outcome);
            return Ok(Ended::Settled);
        }
        let mut quiet = Duration::ZERO;
        while !self.deadline.is_near() {
            let pause = match self.pass(side, Mode::Apply).await {
                Ok(outcome) => {
                    let (is_moving, confirms) = (outcome.is_moving(), outcome.only_confirms());
                    if outcome.steps.iter().any(|taken| taken.error.is_none()) {
                        quiet = Duration::ZERO;
                    }
                    progress.steps.extend(outcome.steps.iter().cloned());
                    progress.last = Some(outcome);
                    if !is_moving {
                        return Ok(Ended::Settled);
                    }
                    if confirms { CONFIRMING } else { pause(quiet) }
                }
                Err(error) if self.is_beyond_waiting(&error, progress) => return Err(error),
                Err(error) => {
                    warn!("nothing changed, since the world was not read: {}", error.chain());
                    progress.error = Some(error);
                    (quiet / 2).clamp(SHORTEST, LONGEST)
                }
            };
            if self.deadline.comes_within(pause) {
                break;
            }
            self.sleep.sleep(pause).await;
            quiet += pause;
        }
        Ok(Ended::TimeUp)
    }

    /// Whether time does not heal this error of a reading: whoever may mend it should hear of it
    /// now.
    fn is_beyond_waiting(&self, error: &Error, progress: &Progress) -> bool {
        match error.kind {
            ErrorKind::NoCredentials => true,
            ErrorKind::Denied => progress.last.is_none(),
            // An AWS that has answered comes back; an address at which it never did may be wrong.
            ErrorKind::Unreachable => !self.clock.has_been_read(),
            _ => false,
        }
    }
}

/// How long to wait after this long without a step.
fn pause(quiet: Duration) -> Duration {
    match quiet {
        Duration::ZERO => FIRST,
        quiet => (quiet / SHARE).clamp(SHORTEST, LONGEST),
    }
}
