//! Reads the world: every listing, every page, independent listings at the same time.
//!
//! # Guarantees
//!
//! - What comes back is complete, but for the listings that it names as unknown
//!   (`every_listing_is_read_to_its_last_page`, `an_empty_page_is_not_the_last`).
//! - An item that lacks what the API promises is an error: unknown is not absent
//!   (`an_item_without_what_it_must_have_fails_the_reading`,
//!   `an_answer_without_its_list_is_no_listing`).

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use reconcile::freeze::Listing;
use reconcile::key::Side;
use reconcile::observed::{Network, Observed};
use reconcile::provider::marked_networks;
use reconcile::questions;
use tracing::warn;

use crate::{Aws, Error};

impl Aws {
    /// One reading of the world for this side, with the answers to the questions that it raises.
    ///
    /// # Errors
    ///
    /// Of the first call that failed.
    pub async fn observe(&self, side: Side) -> Result<Observed, Error> {
        let mut observed = match side {
            Side::ExposeDatabase => self.observe_provider().await?,
            Side::ConnectVpc => self.observe_consumer().await?,
        };
        observed.memory = self.memory(side).clone();
        let mut asked = BTreeSet::new();
        // An answer can raise the next question: the tags of a configuration tell its database,
        // and that which of its associations to ask about.
        loop {
            let questions: Vec<_> = questions(side, &observed, &self.settings)
                .into_iter()
                .filter(|question| asked.insert(question.clone()))
                .collect();
            if questions.is_empty() {
                return Ok(observed);
            }
            for question in &questions {
                if self.deadline.is_near() {
                    return Err(Error::late("ask", "more questions"));
                }
                self.ask(question, &mut observed).await?;
            }
        }
    }

    /// A reading of what clients' connections rest on, and of nothing else.
    ///
    /// # Errors
    ///
    /// Of the first call that failed.
    pub async fn observe_connections(&self) -> Result<Observed, Error> {
        let (databases, vpcs, subnets, groups, networks, ways) = tokio::try_join!(
            self.databases(),
            self.vpcs(),
            self.subnets(),
            self.groups(),
            self.networks(),
            self.ways(),
        )?;
        let accesses = self.accesses(&ways).await?;
        let nothing = Observed::nothing(self.clock.now());
        let here = Observed { databases, vpcs, subnets, groups, networks, ..nothing };
        Ok(Observed { ways, accesses, ..here })
    }

    async fn observe_provider(&self) -> Result<Observed, Error> {
        let (instances, clusters, common) = tokio::try_join!(
            self.instances(),
            tolerant(Listing::Clusters, self.clusters()),
            self.observe_for_both(Side::ExposeDatabase),
        )?;
        let mut observed = Observed { databases: instances, ..common };
        observed.databases.extend(clusters.into_known(&mut observed.unknown));
        Ok(observed)
    }

    async fn observe_consumer(&self) -> Result<Observed, Error> {
        let ways = async {
            let ways = self.ways().await?;
            let accesses = tolerant(Listing::Accesses, self.accesses(&ways)).await?;
            Ok((ways, accesses))
        };
        let ((ways, accesses), common) =
            tokio::try_join!(ways, self.observe_for_both(Side::ConnectVpc))?;
        let mut observed = Observed { ways, ..common };
        observed.accesses = accesses.into_known(&mut observed.unknown);
        Ok(observed)
    }

    /// What both sides read. What a side can do without is known or not; anything else fails the
    /// reading.
    async fn observe_for_both(&self, side: Side) -> Result<Observed, Error> {
        let is_provider = side == Side::ExposeDatabase;
        let vpcs = async {
            let vpcs = self.vpcs();
            if is_provider { tolerant(Listing::Vpcs, vpcs).await } else { essential(vpcs).await }
        };
        let gateways = async {
            let all = self.gateways();
            if is_provider { essential(all).await } else { tolerant(Listing::Gateways, all).await }
        };
        let configurations = async {
            let all = self.configurations();
            match is_provider {
                true => essential(all).await,
                false => tolerant(Listing::Configurations, all).await,
            }
        };
        let (vpcs, subnets, groups, rules, networks, gateways, configurations) = tokio::try_join!(
            vpcs,
            tolerant(Listing::Subnets, self.subnets()),
            self.groups(),
            self.rules(),
            self.networks(),
            gateways,
            configurations,
        )?;
        let nothing = Observed::nothing(self.clock.now());
        let mut observed = Observed { groups, rules, networks, ..nothing };
        observed.vpcs = vpcs.into_known(&mut observed.unknown);
        observed.subnets = subnets.into_known(&mut observed.unknown);
        observed.gateways = gateways.into_known(&mut observed.unknown);
        observed.configurations = configurations.into_known(&mut observed.unknown);
        self.observe_associations(side, &mut observed).await?;
        Ok(observed)
    }

    /// The associations of the networks that may be named, and on the provider side of those that
    /// still carry something of ours. What concerns neither is not read: no stranger can stop us.
    async fn observe_associations(&self, side: Side, observed: &mut Observed) -> Result<(), Error> {
        let marked = marked_networks(observed, &self.settings);
        let concerns_us = |network: &Network| {
            let is_marked = marked.as_ref().is_none_or(|names| names.contains(&network.name));
            self.settings.networks.contains_key(&network.name)
                || (side == Side::ExposeDatabase && is_marked)
        };
        for network in &observed.networks {
            self.pass_over(network);
        }
        let networks: Vec<Network> =
            observed.networks.iter().filter(|it| concerns_us(it)).cloned().collect();
        let asked = networks.into_iter().map(|network| {
            let listing = Listing::Associations(network.name.clone());
            tolerant(listing, self.associations(network))
        });
        for found in try_join_all(asked).await? {
            observed.associations.extend(found.into_known(&mut observed.unknown));
        }
        Ok(())
    }

    /// Says once that a network has the name of an allowed one and another owner.
    fn pass_over(&self, network: &Network) {
        let named = self.settings.allowed(&network.name.name().into());
        if named.is_some_and(|allowed| *allowed != network.name)
            && self.is_news(format!("passed over {}", network.arn))
        {
            let (name, arn) = (network.name.name(), &network.arn);
            warn!("passed over {arn}: it is called {name}, and is not the one that is allowed");
        }
    }
}

/// What a listing shows, or why it cannot be known.
enum Reading<T> {
    Known(Vec<T>),
    Unknown(Listing, String),
}

impl<T> Reading<T> {
    /// What it shows; a failed one is noted down and shows nothing.
    fn into_known(self, unknown: &mut BTreeMap<Listing, String>) -> Vec<T> {
        match self {
            Reading::Known(items) => items,
            Reading::Unknown(listing, why) => {
                unknown.insert(listing, why);
                Vec::new()
            }
        }
    }
}

/// A listing without which nothing can be decided.
async fn essential<T>(
    listing: impl Future<Output = Result<Vec<T>, Error>>,
) -> Result<Reading<T>, Error> {
    listing.await.map(Reading::Known)
}

/// A listing that freezes what rests on it if it fails.
async fn tolerant<T>(
    which: Listing,
    listing: impl Future<Output = Result<Vec<T>, Error>>,
) -> Result<Reading<T>, Error> {
    match listing.await {
        Ok(items) => Ok(Reading::Known(items)),
        Err(error) => {
            warn!("what rests on it is frozen: {}", error.chain());
            Ok(Reading::Unknown(which, error.said().to_owned()))
        }
    }
}
