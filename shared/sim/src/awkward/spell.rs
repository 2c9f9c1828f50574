//! Minutes in which a service does not work.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use crate::{Asked, Call, Fate, Fault, Rule, Service};

/// What is the matter with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It refuses everything, or does not answer.
    Outage,
    /// It refuses everything as too much.
    Throttling,
}

/// A service, or one action of it, is in trouble for a time.
#[derive(Debug)]
pub struct Spell {
    trouble: Trouble,
    whom: Whom,
    dice: Rng,
}

#[derive(Debug)]
enum Whom {
    /// One, from then until then.
    One { service: Service, action: Option<String>, from: Timestamp, until: Timestamp },
    /// Each service at times of its own.
    All(Calendar),
}

/// The spells of many, each with times of its own.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    /// The spell that each is in, or that comes next.
    spells: BTreeMap<String, (Timestamp, Timestamp)>,
}

/// The shortest and the longest, in seconds, that one is well and ill.
pub(super) struct Lengths {
    pub(super) well: (i64, i64),
    pub(super) ill: (i64, i64),
}

impl Calendar {
    /// Whether this one is in a spell now.
    pub(super) fn holds(
        &mut self,
        dice: &mut Rng,
        lengths: &Lengths,
        whom: &str,
        now: Timestamp,
    ) -> bool {
        let mut after = |time: Timestamp| {
            let from = time + SignedDuration::from_secs(dice.i64(lengths.well.0..=lengths.well.1));
            (from, from + SignedDuration::from_secs(dice.i64(lengths.ill.0..=lengths.ill.1)))
        };
        if !self.spells.contains_key(whom) {
            self.spells.insert(whom.to_owned(), after(now));
        }
        let Some(spell) = self.spells.get_mut(whom) else { return false };
        while spell.1 <= now {
            *spell = after(spell.1);
        }
        spell.0 <= now
    }
}

/// How long services are well and ill.
const OF_SERVICES: Lengths = Lengths { well: (300, 1800), ill: (60, 300) };

impl Spell {
    /// Each service is in trouble now and again: for one to five minutes, after five to thirty
    /// without.
    pub fn seeded(seed: u64, trouble: Trouble) -> Spell {
        Spell { trouble, whom: Whom::All(Calendar::default()), dice: Rng::with_seed(seed) }
    }

    /// This service, or this action of it, is in trouble from then on for so long.
    pub fn of(
        trouble: Trouble,
        service: Service,
        action: Option<&str>,
        from: Timestamp,
        lasts: SignedDuration,
    ) -> Spell {
        let action = action.map(str::to_owned);
        let whom = Whom::One { service, action, from, until: from + lasts };
        Spell { trouble, whom, dice: Rng::with_seed(0) }
    }

    fn holds(&mut self, call: &Call, now: Timestamp) -> bool {
        match &mut self.whom {
            Whom::One { service, action, from, until } => {
                *service == call.service
                    && action.as_ref().is_none_or(|action| *action == call.action)
                    && (*from..*until).contains(&now)
            }
            Whom::All(calendar) => {
                calendar.holds(&mut self.dice, &OF_SERVICES, call.service.name(), now)
            }
        }
    }
}

impl Rule for Spell {
    fn judge(&mut self, asked: &Asked<'_>) -> Fate {
        if !self.holds(asked.call, asked.now) {
            return Fate::Pass;
        }
        let service = asked.call.service;
        match self.trouble {
            Trouble::Throttling => Fate::Refuse(Fault::throttled(service)),
            Trouble::Outage if self.dice.u8(..4) == 0 => Fate::LoseRequest,
            Trouble::Outage => Fate::Refuse(Fault::unavailable(service)),
        }
    }
}
