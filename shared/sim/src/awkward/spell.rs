//! Minutes in which a service does not work.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use crate::{Asked, Call, Fault, Rule, Service, Verdict};

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
    /// Each service in turn, with the spell that it is in or that comes next.
    All(BTreeMap<Service, (Timestamp, Timestamp)>),
}

impl Spell {
    /// Each service is in trouble now and again: for one to five minutes, after five to thirty
    /// without.
    pub fn seeded(seed: u64, trouble: Trouble) -> Spell {
        Spell { trouble, whom: Whom::All(BTreeMap::new()), dice: Rng::with_seed(seed) }
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
        let dice = &mut self.dice;
        let mut after = |time: Timestamp| {
            let from = time + SignedDuration::from_secs(dice.i64(300..1800));
            (from, from + SignedDuration::from_secs(dice.i64(60..300)))
        };
        match &mut self.whom {
            Whom::One { service, action, from, until } => {
                *service == call.service
                    && action.as_ref().is_none_or(|action| *action == call.action)
                    && (*from..*until).contains(&now)
            }
            Whom::All(spells) => {
                let spell = spells.entry(call.service).or_insert_with(|| after(now));
                while spell.1 <= now {
                    *spell = after(spell.1);
                }
                spell.0 <= now
            }
        }
    }
}

impl Rule for Spell {
    fn judge(&mut self, asked: &Asked<'_>) -> Verdict {
        if !self.holds(asked.call, asked.now) {
            return Verdict::Pass;
        }
        let service = asked.call.service;
        match self.trouble {
            Trouble::Throttling => Verdict::Refuse(Fault::throttled(service)),
            Trouble::Outage if self.dice.u8(..4) == 0 => Verdict::LoseRequest,
            Trouble::Outage => Verdict::Refuse(Fault::unavailable(service)),
        }
    }
}
