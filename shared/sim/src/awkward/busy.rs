//! Databases that RDS is at work on, by itself.

use fastrand::Rng;
use serde_json::Value;

use super::answers;
use super::spell::{Calendar, Lengths};
use crate::{Asked, Fate, Fault, Rule};

/// What RDS does to databases unasked (Amazon RDS User Guide, "Viewing Amazon RDS DB instance
/// status").
const STATUSES: [&str; 4] =
    ["backing-up", "modifying", "maintenance", "configuring-enhanced-monitoring"];

/// How long, and how long apart.
const LENGTHS: Lengths = Lengths { well: (600, 3600), ill: (60, 600) };

/// A database is busy now and again: it works, but its tags cannot be changed.
#[derive(Debug)]
pub struct Busy {
    dice: Rng,
    calendar: Calendar,
}

impl Busy {
    /// Each database is busy for one to ten minutes, after ten to sixty without.
    pub fn seeded(seed: u64) -> Busy {
        Busy { dice: Rng::with_seed(seed), calendar: Calendar::default() }
    }
}

impl Rule for Busy {
    fn judge(&mut self, asked: &Asked<'_>) -> Fate {
        let is_meant =
            ["AddTagsToResource", "RemoveTagsFromResource"].contains(&asked.call.action.as_str());
        let arn = asked.call.members["ResourceName"].as_str().unwrap_or_default();
        if !is_meant
            || !arn.contains(":db:")
            || !self.calendar.holds(&mut self.dice, &LENGTHS, arn, asked.now)
        {
            return Fate::Pass;
        }
        let message = format!("The resource {arn} is not in available state.");
        Fate::Refuse(Fault::new("InvalidDBInstanceState", 400, message))
    }

    fn alter(&mut self, asked: &Asked<'_>, answer: &mut Result<Value, Fault>) {
        if asked.call.action != "DescribeDBInstances" {
            return;
        }
        let rows = answer.as_mut().ok().and_then(answers::rows).into_iter().flatten();
        for row in rows.filter(|row| row["DBInstanceStatus"] == "available") {
            let arn = row["DBInstanceArn"].as_str().unwrap_or_default().to_owned();
            if self.calendar.holds(&mut self.dice, &LENGTHS, &arn, asked.now) {
                // The same as long as it lasts: a busy database does not change its mind.
                row["DBInstanceStatus"] = STATUSES[arn.len() % STATUSES.len()].into();
            }
        }
    }
}
