//! The default event bus: matches events with the template's rules.
//!
//! Patterns are matched by quamina, whose pattern language is EventBridge's.

use jiff::{SignedDuration, Timestamp};
use quamina::{Quamina, QuaminaError};
use serde_json::{Value, json};

use crate::template::{Rule, Target, Trigger};
use crate::{ACCOUNT, REGION};

/// The rules, ready to match.
pub struct Bus {
    rules: Vec<Rule>,
    /// Gives the places in `rules`.
    patterns: Quamina<usize>,
    /// The rules with a schedule, and when each rings next.
    clocks: Vec<Clock>,
    rung: u64,
}

struct Clock {
    rule: usize,
    every: SignedDuration,
    next: Timestamp,
}

/// A rule that matched and where it rings.
#[derive(Clone, Copy, Debug)]
pub struct Ring<'a> {
    /// The rule's logical id.
    pub rule: &'a str,
    /// The queues.
    pub targets: &'a [Target],
}

impl Bus {
    /// A bus with these rules, at this time. A clock rings for the first time after its first
    /// period, as EventBridge's do.
    ///
    /// # Errors
    ///
    /// A pattern that is none.
    pub fn new(rules: Vec<Rule>, now: Timestamp) -> Result<Bus, QuaminaError> {
        let mut patterns = Quamina::new();
        let mut clocks = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            match &rule.trigger {
                Trigger::Pattern(pattern) => patterns.add_pattern(place, &pattern.to_string())?,
                Trigger::Every(every) => {
                    clocks.push(Clock { rule: place, every: *every, next: now + *every });
                }
            }
        }
        Ok(Bus { rules, patterns, clocks, rung: 0 })
    }

    /// The rules that an event matches, in the order of the template.
    ///
    /// # Errors
    ///
    /// The event is no JSON object.
    pub fn matches(&self, event: &Value) -> Result<Vec<Ring<'_>>, QuaminaError> {
        let mut places = self.patterns.matches_for_event(event.to_string().as_bytes())?;
        places.sort_unstable();
        Ok(places.into_iter().map(|place| self.ring(place)).collect())
    }

    /// When the next clock rings.
    pub fn next_clock(&self) -> Option<Timestamp> {
        self.clocks.iter().map(|clock| clock.next).min()
    }

    /// The events of the clocks that have rung until `now`, each with its rule. A clock that
    /// missed several rings, because time was moved, rings once.
    pub fn clocks_until(&mut self, now: Timestamp) -> Vec<(Value, Ring<'_>)> {
        let mut rung = Vec::new();
        for clock in &mut self.clocks {
            if clock.next > now {
                continue;
            }
            let at = clock.next;
            while clock.next <= now {
                clock.next += clock.every;
            }
            self.rung += 1;
            let event = scheduled(&self.rules[clock.rule].name, at, self.rung);
            rung.push((event, clock.rule));
        }
        rung.into_iter().map(|(event, place)| (event, self.ring(place))).collect()
    }

    fn ring(&self, place: usize) -> Ring<'_> {
        let rule = &self.rules[place];
        Ring { rule: &rule.id, targets: &rule.targets }
    }
}

/// What EventBridge sends when a schedule rings.
fn scheduled(rule: &str, at: Timestamp, number: u64) -> Value {
    json!({
        "version": "0",
        "id": format!("c10c0000-0000-4000-8000-{number:012x}"),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}")],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::template::Template;

    fn bus() -> Bus {
        let template = Template::built_in(&BTreeMap::new()).expect("it can be read");
        Bus::new(template.rules, Timestamp::UNIX_EPOCH).expect("its patterns are patterns")
    }

    #[test]
    fn the_clock_rings_every_five_minutes_and_once_for_all_that_it_missed() {
        let mut bus = bus();
        let at = |minutes: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        assert_eq!(bus.next_clock(), Some(at(5)));
        assert!(bus.clocks_until(at(4)).is_empty());
        let first = bus.clocks_until(at(5));
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].1.rule, "Clock");
        assert_eq!(first[0].1.targets.len(), 2);
        let id = first[0].0["id"].clone();
        assert!(bus.clocks_until(at(9)).is_empty());
        let later = bus.clocks_until(at(33));
        assert_eq!(later.len(), 1);
        assert_ne!(later[0].0["id"], id, "two rings are two bells");
        assert_eq!(bus.next_clock(), Some(at(35)));
    }
}
