//! What is left of a deployment that is being taken down, and why.

use std::collections::BTreeSet;

use reconcile::decide;
use reconcile::item::Item;
use reconcile::key::{Key, Side};
use reconcile::step::Evidence;

use crate::{Aws, Error};

impl Aws {
    /// What is there of this deployment on this side, a sentence each: what it is, and what it
    /// waits for.
    ///
    /// # Errors
    ///
    /// Of the first call that failed.
    pub async fn left(&self, side: Side) -> Result<Vec<String>, Error> {
        let observed = Box::pin(self.observe(side)).await?;
        let decision = decide(side, &observed, &self.settings);
        let own = || decision.items.iter().filter(|(key, _)| key.side() == side);
        let evidence = own().flat_map(|(_, items)| items).map(|item| &item.evidence);
        let unread: BTreeSet<_> = evidence
            .filter_map(|evidence| match evidence {
                Evidence::Ask(arn) => Some(arn.clone()),
                Evidence::Tags(_) => None,
            })
            .collect();
        let read = Box::pin(self.prove(unread)).await?;
        let deployment = &self.settings.deployment;
        let is_there = |(key, items): &(&Key, &[Item])| {
            items.iter().any(|item| item.is_ours(key, &read, deployment))
        };
        let left = own().filter(is_there);
        let why = |key: &Key| {
            let waits = decision.plan.waiting.iter().find(|(other, _)| other == key);
            waits.map_or("something else is on it".to_owned(), |(_, on)| {
                format!("it waits for {on}")
            })
        };
        Ok(left.map(|(key, _)| format!("{key}: {}", why(key))).collect())
    }
}
