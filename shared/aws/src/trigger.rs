//! Who rang: an event is parsed only to log it, and to refuse what is not for us.

use std::fmt;

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_lambda_events::event::sqs::SqsEvent;
use reconcile::name::Deployment;
use reconcile::tag;
use serde_json::Value;

pub use crate::trail::Told;
use crate::{announce, trail};

/// The tags whose change is for us, and on what. [`tag::STATUS`] is ours to write; what takes it
/// off is a person who releases a refused copy.
const TAGS: [(&str, &[&str]); 7] = [
    (tag::EXPOSE, &["db", "cluster"]),
    (tag::STATUS, &["db", "cluster"]),
    (tag::CONSUME, &["vpc"]),
    (tag::VIA, &["vpc"]),
    (tag::TAKEOVER, &["vpc"]),
    (tag::CLIENT, &["security-group"]),
    (tag::SUBNET, &["subnet"]),
];

/// Somebody rang.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Source and detail type.
    pub what: String,
    /// The resources that the event names.
    pub resources: Vec<String>,
    /// The call that CloudTrail tells of, if it does.
    pub call: Option<Told>,
}

impl Trigger {
    /// Whether nobody rang but the clock.
    pub fn is_clock(&self) -> bool {
        self.what.ends_with(" Scheduled Event")
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.resources.join(" "))
    }
}

/// Why an event rings nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotForUs {
    /// It cannot be read as an event.
    #[error("not an event: {0}")]
    Unreadable(String),
    /// It is an event about something else.
    #[error("an event about something else: {0}")]
    SomethingElse(String),
    /// It is about a call of ours.
    #[error("our own doing: {0}")]
    OurOwn(String),
}

/// The triggers in what a function was invoked with: an SQS batch of EventBridge events, or one
/// EventBridge event as it is.
pub fn triggers(payload: Value, deployment: &Deployment) -> Vec<Result<Trigger, NotForUs>> {
    if payload.get("Records").is_none() {
        return vec![trigger(payload, deployment)];
    }
    let records = match serde_json::from_value::<SqsEvent>(payload) {
        Ok(batch) => batch.records,
        Err(error) => return vec![Err(NotForUs::Unreadable(error.to_string()))],
    };
    let bodies = records.into_iter().map(|record| record.body.unwrap_or_default());
    bodies
        .map(|body| match serde_json::from_str(&body) {
            Ok(event) => trigger(event, deployment),
            Err(error) => Err(NotForUs::Unreadable(error.to_string())),
        })
        .collect()
}

fn trigger(event: Value, deployment: &Deployment) -> Result<Trigger, NotForUs> {
    let event: EventBridgeEvent<Value> =
        serde_json::from_value(event).map_err(|error| NotForUs::Unreadable(error.to_string()))?;
    let what = format!("{} {}", event.source, event.detail_type);
    if event.detail_type == trail::DETAIL_TYPE {
        let region = event.region.as_deref().unwrap_or_default();
        let told = trail::told(&event.source, region, &event.detail, deployment)?;
        let what = format!("{what}: {}", told.what());
        return Ok(Trigger { what, resources: told.ids().to_vec(), call: Some(told) });
    }
    let is_for_us = match (event.source.as_str(), event.detail_type.as_str()) {
        ("aws.tag", "Tag Change on Resource") => changes_a_tag_of_ours(&event.detail),
        (
            "aws.rds",
            "RDS DB Instance Event" | "RDS DB Cluster Event" | "RDS Blue Green Deployment Event",
        ) => true,
        ("aws.events" | "aws.scheduler", "Scheduled Event") => true,
        (announce::SOURCE, kind) => announce::RINGING.contains(&kind),
        _ => false,
    };
    match is_for_us {
        true => {
            let resources = event.resources.unwrap_or_default();
            Ok(Trigger { what, resources, call: None })
        }
        false => Err(NotForUs::SomethingElse(what)),
    }
}

fn changes_a_tag_of_ours(detail: &Value) -> bool {
    let changed = detail.get("changed-tag-keys").and_then(Value::as_array);
    let kind = detail.get("resource-type").and_then(Value::as_str).unwrap_or_default();
    let is_ours = |key: &str| TAGS.iter().any(|(tag, kinds)| *tag == key && kinds.contains(&kind));
    changed.is_some_and(|keys| keys.iter().filter_map(Value::as_str).any(is_ours))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment() -> Deployment {
        Deployment::new("trellis").expect("a good name")
    }

    #[test]
    fn what_cannot_be_read_rings_nothing() {
        for payload in [
            json!(null),
            json!("text"),
            json!([]),
            json!({}),
            json!({"source": "aws.tag"}),
            json!({"source": 1, "detail-type": "Tag Change on Resource", "detail": {}}),
            json!({"Records": "none"}),
            json!({"Records": [{"body": "not json", "eventSource": "aws:sqs"}]}),
            json!({"Records": [{"eventSource": "aws:sqs"}]}),
        ] {
            let triggers = triggers(payload.clone(), &deployment());
            assert!(!triggers.is_empty(), "{payload}");
            assert!(
                triggers.iter().all(|b| matches!(b, Err(NotForUs::Unreadable(_)))),
                "{payload}"
            );
        }
    }

    #[test]
    fn what_is_about_something_else_rings_nothing() {
        for (source, kind, detail) in [
            ("aws.ec2", "EC2 Instance State-change Notification", json!({})),
            ("aws.tag", "Tag Change on Resource", json!({"changed-tag-keys": ["team"]})),
            ("aws.tag", "Tag Change on Resource", json!({"changed-tag-keys": "trellis:expose"})),
            ("trellis", "Database Renamed", json!({})),
        ] {
            let event = json!({"source": source, "detail-type": kind, "detail": detail});
            let triggers = triggers(event, &deployment());
            assert!(matches!(triggers[..], [Err(NotForUs::SomethingElse(_))]), "{source} {kind}");
        }
    }
}
