//! Reads one resource of the template, of each kind that the program knows.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Function, Queue, Redrive, Rule, Target, TemplateError, Trigger};

/// A resource as it stands in the template, its functions resolved.
#[derive(Deserialize)]
pub(super) struct Resource {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    #[serde(rename = "Properties", default)]
    properties: Value,
    #[serde(rename = "Metadata", default)]
    metadata: Value,
}

impl Resource {
    pub(super) fn read(id: &str, value: Value) -> Result<Resource, TemplateError> {
        part(id, value)
    }
}

fn part<T: DeserializeOwned>(id: &str, value: Value) -> Result<T, TemplateError> {
    serde_json::from_value(value)
        .map_err(|error| TemplateError::Part(id.to_owned(), error.to_string()))
}

pub(super) fn wrong(id: &str, what: &str) -> TemplateError {
    TemplateError::Part(id.to_owned(), what.to_owned())
}

/// A scalar as CloudFormation passes it on: as a string.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `ExposeDatabaseQueue` for `ExposeDatabaseQueue.Arn`.
fn owner_of(attribute: &str) -> String {
    attribute.split('.').next().unwrap_or(attribute).to_owned()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionProperties {
    function_name: String,
    timeout: i64,
    memory_size: u64,
    environment: Environment,
    role: String,
    events: BTreeMap<String, Mapping>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mapping {
    r#type: String,
    properties: MappingProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MappingProperties {
    queue: String,
    batch_size: usize,
}

pub(super) fn function(
    id: &str,
    resource: Resource,
    globals: &Value,
) -> Result<Function, TemplateError> {
    let mut merged = globals.clone();
    merge(&mut merged, resource.properties);
    let properties: FunctionProperties = part(id, merged)?;
    let binary = resource.metadata["BuildProperties"]["Binary"].as_str();
    let mapping = properties.events.into_values().find(|mapping| mapping.r#type == "SQS");
    let mapping = mapping.ok_or_else(|| wrong(id, "no queue feeds it"))?.properties;
    let variables = properties.environment.variables.iter();
    Ok(Function {
        id: id.to_owned(),
        binary: binary.ok_or_else(|| wrong(id, "it names no binary"))?.to_owned(),
        name: properties.function_name,
        timeout: SignedDuration::from_secs(properties.timeout),
        memory_megabytes: properties.memory_size,
        environment: variables.map(|(name, value)| (name.clone(), text(value))).collect(),
        queue: owner_of(&mapping.queue),
        batch_size: mapping.batch_size,
        role: owner_of(&properties.role),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleProperties {
    policies: Vec<RolePolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RolePolicy {
    policy_document: PolicyDocument,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    statement: Vec<Value>,
}

/// The statements of all policies of a role.
pub(super) fn statements(id: &str, resource: Resource) -> Result<Value, TemplateError> {
    let properties: RoleProperties = part(id, resource.properties)?;
    Ok(properties.policies.into_iter().flat_map(|it| it.policy_document.statement).collect())
}

/// What a function says itself goes before what `Globals` says, member by member.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueProperties {
    queue_name: String,
    #[serde(default)]
    fifo_queue: bool,
    #[serde(default)]
    content_based_deduplication: bool,
    #[serde(default = "half_a_minute")]
    visibility_timeout: i64,
    redrive_policy: Option<RedrivePolicy>,
}

/// What SQS takes unless told otherwise.
fn half_a_minute() -> i64 {
    30
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    max_receive_count: u32,
}

pub(super) fn queue(id: &str, resource: Resource) -> Result<Queue, TemplateError> {
    let properties: QueueProperties = part(id, resource.properties)?;
    Ok(Queue {
        name: properties.queue_name,
        is_fifo: properties.fifo_queue,
        deduplicates_by_content: properties.content_based_deduplication,
        visibility: SignedDuration::from_secs(properties.visibility_timeout),
        redrive: properties.redrive_policy.map(|policy| Redrive {
            dead_letters: owner_of(&policy.dead_letter_target_arn),
            max_receives: policy.max_receive_count,
        }),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RuleProperties {
    name: String,
    event_pattern: Option<Value>,
    schedule_expression: Option<String>,
    targets: Vec<TargetProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TargetProperties {
    arn: String,
    sqs_parameters: SqsParameters,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SqsParameters {
    message_group_id: String,
}

pub(super) fn rule(id: &str, resource: Resource) -> Result<Rule, TemplateError> {
    let properties: RuleProperties = part(id, resource.properties)?;
    let trigger = match (properties.event_pattern, properties.schedule_expression) {
        (Some(pattern), None) => Trigger::Pattern(pattern),
        (None, Some(schedule)) => Trigger::Every(
            rate(&schedule).ok_or_else(|| wrong(id, "only rate(n minutes) is known"))?,
        ),
        _ => return Err(wrong(id, "it needs either a pattern or a schedule")),
    };
    let targets = properties.targets.into_iter().map(|target| Target {
        queue: owner_of(&target.arn),
        group: target.sqs_parameters.message_group_id,
    });
    Ok(Rule { id: id.to_owned(), name: properties.name, trigger, targets: targets.collect() })
}

/// The time between two rings of `rate(5 minutes)`.
fn rate(schedule: &str) -> Option<SignedDuration> {
    let (count, unit) = schedule.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let count: i64 = count.parse().ok().filter(|count| *count > 0)?;
    match unit {
        "minute" | "minutes" => Some(SignedDuration::from_mins(count)),
        "hour" | "hours" => Some(SignedDuration::from_hours(count)),
        _ => None,
    }
}
