//! Reads the world: every listing, every page, independent listings at the same time.
//!
//! *Guarantees*: what comes back is complete. A listing that fails, or an item that lacks what the
//! API promises, is an error, because unknown is not absent.

mod ec2;
mod lattice;
mod rds;

use std::collections::BTreeSet;

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use reconcile::key::Side;
use reconcile::observed::{Answers, Network, Observed};
use reconcile::questions;

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
                self.ask(question, &mut observed).await?;
            }
        }
    }

    async fn observe_provider(&self) -> Result<Observed, Error> {
        let matters = |network: &Network, configurations: i64| {
            configurations > 0 || self.settings.networks.contains(&network.name)
        };
        let ((instances, clusters), common) = tokio::try_join!(
            async { tokio::try_join!(self.instances(), self.clusters()) },
            self.observe_for_both(matters),
        )?;
        Ok(Observed { databases: [instances, clusters].concat(), ..common })
    }

    async fn observe_consumer(&self) -> Result<Observed, Error> {
        let matters = |network: &Network, _| self.settings.networks.contains(&network.name);
        let endpoints = async {
            let endpoints = self.endpoints().await?;
            let accesses = self.accesses(&endpoints).await?;
            Ok((endpoints, accesses))
        };
        let ((endpoints, accesses), common) =
            tokio::try_join!(endpoints, self.observe_for_both(matters))?;
        Ok(Observed { endpoints, accesses, ..common })
    }

    /// What both sides read.
    async fn observe_for_both(
        &self,
        matters: impl Fn(&Network, i64) -> bool,
    ) -> Result<Observed, Error> {
        let (vpcs, subnets, (groups, rules), (networks, associations), gateways, configurations) =
            tokio::try_join!(
                self.vpcs(),
                self.subnets(),
                self.groups_and_rules(),
                self.networks_and_associations(matters),
                self.gateways(),
                self.configurations(),
            )?;
        Ok(Observed {
            at: self.clock.now(),
            databases: Vec::new(),
            vpcs,
            subnets,
            groups,
            rules,
            networks,
            gateways,
            configurations,
            associations,
            endpoints: Vec::new(),
            accesses: Vec::new(),
            answers: Answers::default(),
        })
    }
}

/// A member that the API promises.
fn promised<'a>(
    call: &'static str,
    member: &'static str,
    value: Option<&'a str>,
) -> Result<&'a str, Error> {
    value.filter(|text| !text.is_empty()).ok_or_else(|| Error::lacking(call, "an item", member))
}

/// A time of the SDK's as one of ours.
fn timestamp(time: Option<&DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(time?.secs()).ok()
}
