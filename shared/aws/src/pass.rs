//! One pass: look, decide, prove, and take every step that can be taken now.

use std::collections::BTreeSet;

use jiff::Timestamp;
use reconcile::key::Side;
use reconcile::memory::{Memory, Try};
use reconcile::news::{newly_held_up, news};
use reconcile::observed::Observed;
use reconcile::outcome::{Outcome, Taken};
use reconcile::publication::{Publication, publications};
use reconcile::step::{self, Create, Step};
use reconcile::telling::{self, Telling};
use reconcile::{decide, settings};
use tracing::{Level, debug, error, info, warn};

use crate::{Aws, Error, ErrorKind, measure};

/// Whether a pass acts or only says what it would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Take the steps.
    Apply,
    /// Print the plan: nothing is written.
    DryRun,
}

impl Aws {
    /// One pass of this side.
    ///
    /// # Errors
    ///
    /// If the world could not be read completely: then nothing was written.
    pub async fn pass(&self, side: Side, mode: Mode) -> Result<Outcome, Error> {
        // Boxed, here and below: the SDK's futures are deep and large, and whoever waits for a
        // pass should neither hold them nor look through them.
        let begun = std::time::Instant::now();
        let observed = Box::pin(self.observe(side)).await?;
        let decision = decide(side, &observed, &self.settings);
        let intents = decision.plan.intents.clone();
        let read = Box::pin(self.prove(step::to_read(&intents))).await?;
        let (steps, refused) = step::prove(intents, &read, &self.settings.deployment, observed.at);
        let planned = steps.len();
        let mut memory = decision.memory.clone();
        let writes = mode == Mode::Apply && self.settings.mode != settings::Mode::Plan;
        let taken = match writes {
            true => Box::pin(self.take(steps, observed.at, &mut memory)).await,
            false => {
                steps.iter().for_each(|step| info!("would {} {}", step.verb(), step.key()));
                steps.iter().map(|step| Taken::of(step, None)).collect()
            }
        };
        let is_whole = taken.len() == planned;
        let mut outcome = Outcome::new(side, &observed, &decision, &memory, taken, refused);
        outcome.is_settled &= is_whole;
        if writes {
            Box::pin(self.tell(side, &observed, &outcome, &mut memory)).await;
        }
        *self.memory(side) = memory;
        measure::pass(&outcome, is_whole && observed.unknown.is_empty(), begun.elapsed());
        // ERROR means that a person must look: once for each cause.
        self.new_alarms(side, outcome.alarms()).iter().for_each(|alarm| error!("{alarm}"));
        Ok(outcome)
    }

    /// Takes the steps, one after the other. A step that fails holds up none of the others, but
    /// when AWS throttles a kind of step the rest of that kind waits for the next pass, and what
    /// our own time does not suffice for waits for the next invocation.
    async fn take(&self, steps: Vec<Step>, at: Timestamp, memory: &mut Memory) -> Vec<Taken> {
        let mut throttled = BTreeSet::new();
        let mut done = Vec::new();
        for step in steps {
            if self.deadline.is_near() {
                break;
            }
            let (verb, key) = (step.verb(), step.key());
            let kind = (verb, key.kind());
            if throttled.contains(&kind) {
                continue;
            }
            let before = memory.tried(verb, key).cloned();
            match self.start(&step).await {
                Ok(id) => {
                    let aws_request_id = self.meter.request_id();
                    info!(%key, id, aws_request_id, "{verb}");
                    memory.tries(verb, key, at, None, None);
                    done.push(Taken::of(&step, None));
                }
                // A reply was lost, or a listing lags behind; or something is in the way that
                // listings do not show: then it comes to nothing, again and again.
                Err(error) if has_happened(&step, &error) => {
                    debug!("{verb} {key} had happened already");
                    memory.tries(verb, key, at, None, None);
                    done.push(Taken::of(&step, None));
                }
                Err(error) => {
                    if error.kind == ErrorKind::Throttled {
                        throttled.insert(kind);
                    }
                    self.report(&step, &error, before.as_ref());
                    if error.kind == ErrorKind::GroupFull
                        && let Step::Create { create: Create::Rule { group, .. }, .. } = &step
                    {
                        memory.is_full(group.clone());
                    }
                    memory.tries(verb, key, at, Some(error.told()), error.refusal());
                    done.push(Taken::of(&step, Some(error.chain())));
                }
            }
        }
        done
    }

    fn report(&self, step: &Step, error: &Error, before: Option<&Try>) {
        let (key, said) = (step.key(), error.chain());
        let is_answered = error.kind != ErrorKind::Late;
        let aws_request_id = self.meter.request_id().filter(|_| is_answered);
        match level(error.kind, before) {
            Level::ERROR => error!(%key, aws_request_id, "{said}"),
            Level::WARN => warn!(%key, aws_request_id, "{said}"),
            _ => info!(%key, aws_request_id, "later: {said}"),
        }
    }

    async fn start(&self, step: &Step) -> Result<Option<String>, Error> {
        let answer = self.deadline.call(self.apply(step)).await;
        answer.unwrap_or_else(|| Err(Error::late(step.verb(), step.key())))
    }

    /// Says what is new: in the log, by events, and by the status tags that say something else
    /// than they should, in this order, so that nothing is told less than once. None of it is in
    /// the way of the main job: what fails is reported once and, but for events, tried again.
    async fn tell(&self, side: Side, observed: &Observed, outcome: &Outcome, memory: &mut Memory) {
        // What is not told now is news to the next invocation.
        if self.deadline.is_near() {
            return;
        }
        let tellings = telling::tellings(observed, &outcome.reports, memory, &self.settings);
        for (subject, Telling { before, now }) in &tellings {
            if before.as_ref().is_none_or(|before| before.text != now.text) {
                info!("{}: {now}", subject.name());
            }
        }
        for held_up in newly_held_up(outcome, memory) {
            info!(vpc = %held_up.vpc, by = held_up.deletion.by, "{held_up}");
        }
        measure::changes(&tellings);
        self.announce(side, observed.at, news(&tellings, outcome, memory)).await;
        let said = tellings.iter().map(|(subject, it)| (subject.clone(), it.now.clone()));
        memory.says(said.collect());
        memory.deletions.tell(outcome.held_up.iter().map(|it| &it.deletion.base));
        let notes = telling::notes(side, observed, &tellings, memory, &self.settings);
        for target in &notes.left_alone {
            if self.is_news(format!("left alone: {target}")) {
                warn!(
                    "somebody takes trellis:status off {target} again and again: it is left alone \
                     until there is something new to say"
                );
            }
        }
        if side == Side::ConnectVpc {
            self.publish_all(observed, memory).await;
        }
        for note in notes.due {
            if self.deadline.is_near() {
                return;
            }
            match self.note(&note).await {
                Ok(()) => {
                    debug!("the status of {} is written", note.target);
                    let status = note.status.as_deref();
                    status.into_iter().for_each(|it| memory.notes(&note.target, it));
                }
                Err(error) if error.kind == ErrorKind::Gone => {}
                Err(error) => self.warn_once(&error),
            }
        }
    }

    /// Lets other stacks read how databases are reached.
    async fn publish_all(&self, observed: &Observed, memory: &mut Memory) {
        for publication in publications(observed, memory, &self.settings) {
            if self.deadline.is_near() {
                return;
            }
            let Publication { name, value } = &publication;
            match self.publish(&publication).await {
                Ok(()) => {
                    let known = memory.published.iter_mut();
                    known.for_each(|known| match value {
                        Some(value) => drop(known.values.insert(name.clone(), value.clone())),
                        None => drop(known.values.remove(name)),
                    });
                }
                Err(error) => self.warn_once(&error),
            }
        }
    }
}

/// It has happened already: a reply was lost, or a listing lags behind.
fn has_happened(step: &Step, error: &Error) -> bool {
    matches!(
        (step, error.kind),
        (Step::Create { .. }, ErrorKind::Exists) | (Step::Delete { .. }, ErrorKind::Gone)
    )
}

/// How loud it is said, after what came of the same step before. What time heals is no more than
/// information; an ERROR means that a person must look. What AWS denies once may be what a lost
/// reply has done already: what is not there has no tags that allow it.
fn level(kind: ErrorKind, before: Option<&Try>) -> Level {
    let was_refused = before.is_some_and(|tried| tried.said.is_some());
    match kind {
        ErrorKind::Conflict
        | ErrorKind::Gone
        | ErrorKind::Exists
        | ErrorKind::Unavailable
        | ErrorKind::Unreachable
        | ErrorKind::Throttled
        | ErrorKind::Late => Level::INFO,
        ErrorKind::Limit | ErrorKind::NoRoom | ErrorKind::GroupFull => Level::WARN,
        ErrorKind::NoCredentials => Level::ERROR,
        ErrorKind::Denied | ErrorKind::Invalid | ErrorKind::Unknown => match was_refused {
            true => Level::ERROR,
            false => Level::WARN,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_woken_by_what_aws_denies_twice_in_a_row() {
        let tried = |said: Option<&str>| {
            let said = said.map(str::to_owned);
            Try { at: Timestamp::UNIX_EPOCH, count: 1, said, refusal: None }
        };
        let (taken, refused) = (tried(None), tried(Some("AccessDenied")));
        for kind in [ErrorKind::Denied, ErrorKind::Invalid, ErrorKind::Unknown] {
            assert_eq!(level(kind, None), Level::WARN, "{kind:?}");
            // It was taken and is seen no more: the first one denies what is gone.
            assert_eq!(level(kind, Some(&taken)), Level::WARN, "{kind:?}");
            assert_eq!(level(kind, Some(&refused)), Level::ERROR, "{kind:?}");
        }
        assert_eq!(level(ErrorKind::NoCredentials, None), Level::ERROR);
        assert_eq!(level(ErrorKind::Throttled, Some(&refused)), Level::INFO);
        assert_eq!(level(ErrorKind::Limit, Some(&refused)), Level::WARN);
    }
}
