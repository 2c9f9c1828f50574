//! Events that we send.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use crate::case::{Fact, HELD, cases};
use crate::expect::{Refusal, done, equal, given, holds, refused, word};
use crate::stage::Stage;

cases! { Events:
    an_event_is_taken_and_gets_an_id =>
        "EventBridge API Reference, PutEvents",
    ten_events_are_taken_at_once_and_eleven_refused =>
        "EventBridge API model, PutEventsRequestEntryList",
    an_event_in_the_name_of_aws_is_refused =>
        "EventBridge User Guide, Sending events with PutEvents, Source",
    an_event_whose_detail_is_no_object_is_refused =>
        "EventBridge User Guide, Sending events with PutEvents, Detail",
    one_bad_event_does_not_keep_back_the_others =>
        "EventBridge API Reference, PutEvents, FailedEntryCount",
}

fn event(source: &str, detail: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder().source(source).detail_type("Fact Tried").detail(detail).build()
}

async fn an_event_is_taken_and_gets_an_id(stage: &Stage<'_>) -> Fact {
    let put = stage.events.put_events().entries(event("facts", r#"{"a":1}"#));
    let answer = done("sending an event", put.send().await)?;
    equal("the number that failed", answer.failed_entry_count(), 0)?;
    equal("the number of answers", answer.entries().len(), 1)?;
    given("an id", answer.entries()[0].event_id())?;
    HELD
}

async fn ten_events_are_taken_at_once_and_eleven_refused(stage: &Stage<'_>) -> Fact {
    let put = stage.events.put_events();
    let ten = put.clone().set_entries(Some(vec![event("facts", "{}"); 10]));
    let answer = done("sending ten events", ten.send().await)?;
    equal("the number that failed", answer.failed_entry_count(), 0)?;
    let eleven = put.set_entries(Some(vec![event("facts", "{}"); 11]));
    refused(eleven.send().await, &["ValidationException"])?;
    HELD
}

/// The whole call or this entry alone is refused.
async fn is_refused(stage: &Stage<'_>, what: &str, entry: PutEventsRequestEntry) -> Fact {
    match stage.events.put_events().entries(entry).send().await.map_err(Refusal::from) {
        Ok(answer) => {
            equal(&format!("how often {what} failed"), answer.failed_entry_count(), 1)?;
            let entry = given("an answer for the entry", answer.entries().first())?;
            given("an error code", entry.error_code())?;
            equal("its id", entry.event_id(), None)?;
        }
        refusal => drop(refused(refusal, &["ValidationException"])?),
    }
    HELD
}

async fn an_event_in_the_name_of_aws_is_refused(stage: &Stage<'_>) -> Fact {
    is_refused(stage, "an event of aws.", event("aws.rds", "{}")).await
}

async fn an_event_whose_detail_is_no_object_is_refused(stage: &Stage<'_>) -> Fact {
    is_refused(stage, "a detail that is not JSON", event("facts", "{")).await?;
    is_refused(stage, "a detail that is a list", event("facts", "[]")).await
}

async fn one_bad_event_does_not_keep_back_the_others(stage: &Stage<'_>) -> Fact {
    let put = stage.events.put_events();
    let put = put.entries(event("aws.rds", "{}")).entries(event("facts", "{}"));
    let answer = done("sending a bad and a good one", put.send().await)?;
    equal("the number that failed", answer.failed_entry_count(), 1)?;
    equal("the number of answers", answer.entries().len(), 2)?;
    let (bad, good) = (&answer.entries()[0], &answer.entries()[1]);
    holds(bad.error_code().is_some(), "the first has an error", word(bad.event_id()))?;
    holds(good.event_id().is_some(), "the second has an id", word(good.error_code()))?;
    HELD
}
