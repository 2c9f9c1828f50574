//! What is there of a deployment, by what its own tags say: for whoever takes it down, or takes it
//! over.

use std::collections::BTreeSet;

use reconcile::key::{Key, Side};
use reconcile::step::Evidence;
use reconcile::{Decision, decide};

use crate::{Aws, Error};

/// What there is for one purpose: its key, and the ids that AWS gave. Two have one key where
/// something is being replaced.
pub type Own = (Key, Vec<String>);

impl Aws {
    /// What is there of this deployment on this side.
    ///
    /// # Errors
    ///
    /// Of the first call that failed.
    pub async fn own(&self, side: Side) -> Result<Vec<Own>, Error> {
        Ok(self.look(side).await?.1)
    }

    /// The same, a sentence each: what it is, and what it waits for.
    ///
    /// # Errors
    ///
    /// Of the first call that failed.
    pub async fn left(&self, side: Side) -> Result<Vec<String>, Error> {
        let (decision, own) = self.look(side).await?;
        let why = |key: &Key| {
            let waits = decision.plan.waiting.iter().find(|(other, _)| other == key);
            waits.map_or("something else is on it".to_owned(), |(_, on)| {
                format!("it waits for {on}")
            })
        };
        Ok(own.iter().map(|(key, _)| format!("{key}: {}", why(key))).collect())
    }

    async fn look(&self, side: Side) -> Result<(Decision, Vec<Own>), Error> {
        let observed = Box::pin(self.observe(side)).await?;
        let decision = decide(side, &observed, &self.settings);
        let of_side = || decision.items.iter().filter(|(key, _)| key.side() == side);
        let evidence = of_side().flat_map(|(_, items)| items).map(|item| &item.evidence);
        let unread: BTreeSet<_> = evidence
            .filter_map(|evidence| match evidence {
                Evidence::Ask(arn) => Some(arn.clone()),
                Evidence::Tags(_) => None,
            })
            .collect();
        let read = Box::pin(self.prove(unread)).await?;
        let deployment = &self.settings.deployment;
        let own = of_side().filter_map(|(key, items)| {
            let ours = items.iter().filter(|item| item.is_ours(key, &read, deployment));
            let ids: Vec<String> = ours.map(|item| item.delete.id().to_owned()).collect();
            (!ids.is_empty()).then(|| (key.clone(), ids))
        });
        let own = own.collect();
        Ok((decision, own))
    }
}
