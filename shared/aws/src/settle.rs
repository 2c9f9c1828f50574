//! Passes until nothing moves any more, or time is up.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_smithy_async::rt::sleep::AsyncSleep;
use reconcile::id::{DatabaseArn, NetworkName};
use reconcile::key::{Key, Side};
use reconcile::outcome::Outcome;
use reconcile::report::{State, Subject};
use tracing::{info, warn};

use crate::announce::News;
use crate::pass::Mode;
use crate::{Aws, Error, Kind};

/// How long an invocation goes on: well below the function's time-out of 300 s. The clock carries
/// on after that.
pub const BUDGET: Duration = Duration::from_secs(240);
/// After a step that AWS finishes at once.
const FIRST: Duration = Duration::from_secs(1);
/// Between looks at something that takes its time.
const SHORTEST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(15);
/// Looking adds a twentieth to what AWS takes, at most.
const SHARE: u32 = 20;

impl Aws {
    /// Passes until nothing of ours is on its way; the outcome of the last, with the steps of all.
    ///
    /// Stopping anywhere is safe: nothing is remembered from one pass to the next but how long to
    /// wait, and what was ready before, so that a change can be announced.
    ///
    /// # Errors
    ///
    /// If we may not read the world, or not a single pass could.
    pub async fn settle(&self, side: Side) -> Result<Outcome, Error> {
        let mut waited = Duration::ZERO;
        let mut quiet = Duration::ZERO;
        let mut steps = Vec::new();
        let mut last: Option<Outcome> = None;
        loop {
            let result = self.pass(side, Mode::Apply).await;
            let pause = match result {
                Ok(outcome) => {
                    Box::pin(self.announce_news(last.as_ref(), &outcome)).await;
                    if outcome.steps.iter().any(|taken| taken.error.is_none()) {
                        quiet = Duration::ZERO;
                    }
                    steps.extend(outcome.steps.iter().cloned());
                    let is_moving = outcome.is_moving();
                    last = Some(outcome);
                    if is_moving { pause(quiet) } else { break }
                }
                // Time heals no missing permission; whoever may mend it should hear of it now.
                Err(error) if last.is_none() && error.kind == Kind::Denied => return Err(error),
                Err(error) if last.is_none() && waited + LONGEST >= BUDGET => return Err(error),
                Err(error) => {
                    warn!("nothing changed, since the world was not read: {}", error.chain());
                    (quiet / 2).clamp(SHORTEST, LONGEST)
                }
            };
            if waited + pause >= BUDGET {
                info!("time is up, the clock carries on");
                break;
            }
            self.sleep.sleep(pause).await;
            waited += pause;
            quiet += pause;
        }
        let mut outcome = last.expect("the loop ends after a pass, or returns its error");
        outcome.steps = steps;
        Ok(outcome)
    }

    async fn announce_news(&self, before: Option<&Outcome>, after: &Outcome) {
        for news in news(before, after) {
            self.announce(&news).await;
        }
    }
}

/// What is new by this outcome, if this was the one before.
fn news(before: Option<&Outcome>, after: &Outcome) -> BTreeSet<News> {
    let mut news = BTreeSet::new();
    for taken in after.steps.iter().filter(|taken| taken.error.is_none()) {
        match (taken.verb, &taken.key) {
            ("create", Key::Network(network)) => {
                news.insert(News::NetworkCreated(network.clone()));
            }
            // It may have stopped being ready long before, in its grace.
            ("delete", Key::Association(database, network)) => {
                news.insert(News::Withdrawn(database.clone(), network.clone()));
            }
            _ => {}
        }
    }
    let Some(before) = before else { return news };
    let (was, is) = (exposed(before), exposed(after));
    let to = |(database, network): &(DatabaseArn, NetworkName)| (database.clone(), network.clone());
    news.extend(is.difference(&was).map(to).map(|(d, n)| News::Exposed(d, n)));
    news.extend(was.difference(&is).map(to).map(|(d, n)| News::Withdrawn(d, n)));
    news
}

/// How long to wait after this long without a step.
fn pause(quiet: Duration) -> Duration {
    match quiet {
        Duration::ZERO => FIRST,
        quiet => (quiet / SHARE).clamp(SHORTEST, LONGEST),
    }
}

/// What is ready on which network, by this outcome.
fn exposed(outcome: &Outcome) -> BTreeSet<(DatabaseArn, NetworkName)> {
    let mut exposed = BTreeSet::new();
    for report in &outcome.reports {
        let Subject::Database(arn, _) = &report.subject else { continue };
        for line in report.lines.iter().filter(|line| line.state == State::Ready) {
            exposed.extend(line.network.clone().map(|network| (arn.clone(), network)));
        }
    }
    exposed
}
