//! Events of our own: what has changed, for whoever listens; three of them ring the consumer side.

use std::collections::BTreeSet;

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use jiff::Timestamp;
use reconcile::key::Side;
use reconcile::news::News;
use serde_json::{Value, json};
use tracing::info;

use crate::{Aws, Error};

/// The source of our events.
pub const SOURCE: &str = "trellis";
/// The detail types by which the provider side rings the consumer side: the rule knows them too.
pub const RINGING: [&str; 3] = ["Database Exposed", "Database Withdrawn", "Network Created"];

/// The largest number of entries of one call (EventBridge API Reference, PutEvents).
const BATCH: usize = 10;
/// How often what EventBridge did not take is sent.
const TRIES: usize = 3;

const CALL: &str = "PutEvents";

impl Aws {
    /// Tells the news, at this time. If that fails the clock rings the other side all the same.
    pub(crate) async fn announce(&self, side: Side, at: Timestamp, news: BTreeSet<News>) {
        let news: Vec<News> = news.into_iter().collect();
        for batch in news.chunks(BATCH) {
            if self.deadline.is_near() {
                return;
            }
            let put = Box::pin(self.put_events(side, at, batch));
            let put = self.deadline.call(put).await.unwrap_or_else(|| Err(Error::late(CALL, "us")));
            match put {
                Ok(()) => batch.iter().for_each(|it| info!("told: {} {it}", it.detail_type())),
                Err(error) => self.warn_once(&error),
            }
        }
    }

    /// Status 200 can hold failed entries: they are sent again, alone.
    async fn put_events(&self, side: Side, at: Timestamp, batch: &[News]) -> Result<(), Error> {
        let mut left: Vec<_> = batch.iter().map(|news| self.entry(side, at, news)).collect();
        for is_last in (1..=TRIES).map(|number| number == TRIES) {
            let call = self.events.put_events().set_entries(Some(left.clone()));
            let answer = call.send().await.map_err(|error| Error::of(CALL, "news", error))?;
            let failed = |it: &&PutEventsResultEntry| it.error_code().is_some();
            match answer.entries().iter().find(failed) {
                None => return Ok(()),
                Some(entry) if is_last => {
                    let message = entry.error_message().unwrap_or_default();
                    return Err(Error::partial(CALL, "news", entry.error_code(), message));
                }
                Some(_) => {}
            }
            // As many as were sent, in the same order (EventBridge API Reference, PutEvents).
            let answers = answer.entries().iter().map(|it| it.error_code().is_some());
            let again = left.into_iter().zip(answers).filter(|(_, has_failed)| *has_failed);
            left = again.map(|(entry, _)| entry).collect();
        }
        Ok(())
    }

    fn entry(&self, side: Side, at: Timestamp, news: &News) -> PutEventsRequestEntry {
        let detail = self.detail(side, at, news).to_string();
        PutEventsRequestEntry::builder()
            .source(SOURCE)
            .detail_type(news.detail_type())
            .set_resources(Some(news.resources()))
            .detail(detail)
            .build()
    }

    fn detail(&self, side: Side, at: Timestamp, news: &News) -> Value {
        let deployment = self.settings.deployment.as_str();
        let mut detail = json!({"deployment": deployment, "side": side, "at": at});
        let fields = serde_json::to_value(news).unwrap_or_default();
        if let (Some(detail), Value::Object(fields)) = (detail.as_object_mut(), fields) {
            detail.extend(fields);
        }
        detail
    }
}
