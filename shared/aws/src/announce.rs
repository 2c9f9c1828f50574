//! Events of our own: the provider side rings the consumer side.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use reconcile::id::{DatabaseArn, NetworkName};
use serde_json::json;
use tracing::{info, warn};

use crate::{Aws, Error};

/// The source of our events.
pub const SOURCE: &str = "trellis";
/// The detail types of our events: the rule that rings the consumer side knows them too.
pub const DETAIL_TYPES: [&str; 3] = ["Database Exposed", "Database Withdrawn", "Network Created"];

/// What the provider side tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// A database became ready on a network.
    Exposed(DatabaseArn, NetworkName),
    /// A database is not ready on a network any more.
    Withdrawn(DatabaseArn, NetworkName),
    /// A network was made: VPCs may wait for it.
    NetworkCreated(NetworkName),
}

impl News {
    fn entry(&self, deployment: &str) -> PutEventsRequestEntry {
        let [exposed, withdrawn, created] = DETAIL_TYPES;
        let (kind, database, network) = match self {
            News::Exposed(database, network) => (exposed, Some(database), network),
            News::Withdrawn(database, network) => (withdrawn, Some(database), network),
            News::NetworkCreated(network) => (created, None, network),
        };
        let mut detail = json!({"deployment": deployment, "network": network});
        if let Some(database) = database {
            detail["database"] = json!(database);
        }
        PutEventsRequestEntry::builder()
            .source(SOURCE)
            .detail_type(kind)
            .set_resources(database.map(|arn| vec![arn.to_string()]))
            .detail(detail.to_string())
            .build()
    }
}

impl Aws {
    /// Tells the news. If that fails the clock rings the consumer side all the same.
    pub(crate) async fn announce(&self, news: &News) {
        match self.put_event(news).await {
            Ok(()) => info!("told: {news:?}"),
            Err(error) => warn!("{}", error.chain()),
        }
    }

    async fn put_event(&self, news: &News) -> Result<(), Error> {
        const CALL: &str = "PutEvents";
        let entry = news.entry(self.settings.deployment.as_str());
        let answer = self.events.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| Error::of(CALL, "news", error))?;
        // Status 200 can hold failed entries.
        match answer.entries().iter().find(|entry| entry.error_code().is_some()) {
            Some(entry) => {
                let message = entry.error_message().unwrap_or_default();
                Err(Error::partial(CALL, "news", entry.error_code(), message))
            }
            None => Ok(()),
        }
    }
}
