//! Answers questions about single things, and reads tags as proof of ownership.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use reconcile::id::Arn;
use reconcile::observed::{Life, Observed, Question, Thing};
use reconcile::tag::Tags;

use crate::{Aws, Error};

impl Aws {
    /// Puts the answer to a question into the reading.
    pub(crate) async fn ask(
        &self,
        question: &Question,
        observed: &mut Observed,
    ) -> Result<(), Error> {
        match question {
            Question::Tags(arn) => match self.tags(arn).await? {
                Some(tags) => drop(observed.answers.tags.insert(arn.clone(), tags)),
                // It was on its way out and went between the listing and the question.
                None => {
                    let is_left = |of: &Arn, life: &Life| of == arn && *life == Life::Leaving;
                    observed.configurations.retain(|found| !is_left(&found.arn, &found.life));
                    observed.associations.retain(|found| !is_left(&found.arn, &found.life));
                }
            },
            Question::Configuration(id) => {
                if let Some(binding) = self.binding(id).await? {
                    observed.answers.configurations.insert(id.clone(), binding);
                }
            }
            Question::Dns(vpc) => {
                let is_on = self.has_dns(vpc).await?;
                observed.answers.dns.insert(vpc.clone(), is_on);
            }
            Question::Ways => observed.ways = self.ways().await?,
            Question::Switchovers => {
                observed.answers.switchovers = Some(self.switchovers().await?);
            }
            Question::Passages => observed.answers.passages = Some(self.passages().await?),
            Question::Members(group) => {
                // Without an answer it counts as used.
                match self.members(group).await {
                    Ok(members) => drop(observed.answers.members.insert(group.clone(), members)),
                    Err(error) => self.warn_once(&error),
                }
            }
            // Without an answer nothing is published.
            Question::Published => match self.published().await {
                Ok(published) => observed.answers.published = Some(published),
                Err(error) => self.warn_once(&error),
            },
            Question::Thing(thing) => {
                if !self.is_there(thing).await? {
                    observed.answers.gone.insert(thing.clone());
                }
            }
        }
        Ok(())
    }

    /// Whether AWS knows this under its name, where a listing lacks it.
    async fn is_there(&self, thing: &Thing) -> Result<bool, Error> {
        match thing {
            Thing::Database(arn) => self.knows_database(arn).await,
            Thing::Vpc(id) => self.knows_vpc(id).await,
            Thing::Group(id) => self.knows_group(id).await,
        }
    }

    /// The tags of these Lattice resources, as proof of whose they are. What is gone has no entry.
    ///
    /// # Errors
    ///
    /// Of the first call that failed.
    pub async fn prove(&self, arns: BTreeSet<Arn>) -> Result<BTreeMap<Arn, Tags>, Error> {
        let reads = arns.into_iter().map(|arn| async {
            let tags = self.tags(&arn).await?;
            Ok(tags.map(|tags| (arn, tags)))
        });
        Ok(try_join_all(reads).await?.into_iter().flatten().collect())
    }
}
