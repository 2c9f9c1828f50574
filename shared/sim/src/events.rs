//! Amazon EventBridge: events of one's own, put on the default bus.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Call, Fault, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutEvents {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    event_bus_name: Option<String>,
    #[serde(rename = "Time")]
    _time: Option<Value>,
    #[serde(rename = "TraceHeader")]
    _trace_header: Option<String>,
}

/// All entries of a call together ("Sending events with PutEvents").
const LARGEST: usize = 1024 * 1024;

/// Answers one call to EventBridge.
pub(crate) fn answer(world: &mut World, call: &Call) -> Result<Value, Fault> {
    match call.action.as_str() {
        "PutEvents" => put_events(world, call),
        other => Err(Fault::new(
            "UnknownOperationException",
            400,
            format!("The simulated EventBridge does not know the operation {other}."),
        )),
    }
}

/// Each entry is judged by itself: a call with bad entries succeeds, and says how many failed.
fn put_events(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: PutEvents = call.input()?;
    if !(1..=10).contains(&input.entries.len()) {
        return Err(Fault::new("ValidationException", 400, "1 to 10 entries are allowed"));
    }
    if call.members.to_string().len() > LARGEST {
        let message = "Total size of the entries in the request is over the limit.";
        return Err(Fault::new("ValidationException", 400, message));
    }
    let mut failed = 0;
    let mut entries = Vec::new();
    for entry in input.entries {
        match put(world, entry) {
            Ok(id) => entries.push(json!({"EventId": id})),
            Err((code, message)) => {
                failed += 1;
                entries.push(json!({"ErrorCode": code, "ErrorMessage": message}));
            }
        }
    }
    Ok(json!({"FailedEntryCount": failed, "Entries": entries}))
}

/// Puts one event on the bus, or says why not. Returns its id.
fn put(world: &mut World, entry: Entry) -> Result<String, (&'static str, &'static str)> {
    let invalid = |message| ("InvalidArgument", message);
    let present = |text: Option<String>| text.filter(|text| !text.is_empty());
    let source = present(entry.source).ok_or(invalid("Parameter Source is not valid."))?;
    let detail_type =
        present(entry.detail_type).ok_or(invalid("Parameter DetailType is not valid."))?;
    if source.starts_with("aws.") {
        return Err(("NotAuthorizedForSourceException", "Not authorized for the source."));
    }
    if detail_type.len() > 128 {
        return Err(invalid("Parameter DetailType is not valid."));
    }
    let detail = entry.detail.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let detail = detail.filter(Value::is_object);
    let detail = detail.ok_or(("MalformedDetail", "Detail is malformed."))?;
    let bus = entry.event_bus_name.unwrap_or_else(|| "default".to_owned());
    if bus != "default" && !bus.ends_with(":event-bus/default") {
        return Err(invalid("The simulated EventBridge knows the default bus only."));
    }
    let resources: Vec<&str> = entry.resources.iter().map(String::as_str).collect();
    Ok(world.emit(&source, &detail_type, &resources, detail))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use crate::{Call, Service, World};

    #[test]
    fn each_entry_is_judged_by_itself() {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 1);
        let entry = |source: &str, detail: &str| {
            json!({"Source": source, "DetailType": "Order Placed", "Detail": detail,
                   "Resources": ["arn:aws:rds:us-east-1:111122223333:db:orders"]})
        };
        let entries = json!({"Entries": [
            entry("shop", r#"{"order": "17"}"#),
            entry("aws.rds", "{}"),
            entry("shop", "[1]"),
        ]});
        let call = Call::new(Service::Events, "PutEvents", entries);
        let answer = world.answer(&call).expect("succeeds as a whole");
        assert_eq!(answer["FailedEntryCount"], 2);
        assert_eq!(answer["Entries"][1]["ErrorCode"], "NotAuthorizedForSourceException");
        assert_eq!(answer["Entries"][2]["ErrorCode"], "MalformedDetail");
        let [event] = &world.events[..] else { panic!("one event") };
        assert_eq!(event.envelope["id"], answer["Entries"][0]["EventId"]);
        assert_eq!(event.envelope["detail-type"], "Order Placed");
        assert_eq!(event.envelope["detail"]["order"], "17");
    }
}
