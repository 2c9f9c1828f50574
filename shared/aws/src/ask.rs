//! Answers questions about single things, and reads tags as proof of ownership.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::VpcAttributeName;
use aws_sdk_vpclattice::types::ResourceConfigurationDefinition;
use futures::future::try_join_all;
use reconcile::id::{Arn, ConfigurationId, VpcId};
use reconcile::observed::{Binding, Life, Observed, Question};
use reconcile::tag::Tags;

use crate::{Aws, Error, Kind};

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
            Question::Endpoints => observed.endpoints = self.endpoints().await?,
        }
        Ok(())
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

    async fn tags(&self, arn: &Arn) -> Result<Option<Tags>, Error> {
        let answer = self.lattice.list_tags_for_resource().resource_arn(arn.as_str()).send().await;
        match answer {
            Ok(answer) => {
                let tags = answer.tags().cloned().unwrap_or_default();
                Ok(Some(tags.into_iter().collect()))
            }
            Err(error) => unless_gone(Error::of("ListTagsForResource", arn, error)),
        }
    }

    async fn binding(&self, id: &ConfigurationId) -> Result<Option<Binding>, Error> {
        let call = self.lattice.get_resource_configuration();
        let answer = match call.resource_configuration_identifier(id.as_str()).send().await {
            Ok(answer) => answer,
            Err(error) => return unless_gone(Error::of("GetResourceConfiguration", id, error)),
        };
        let database = match answer.resource_configuration_definition() {
            Some(ResourceConfigurationDefinition::ArnResource(resource)) => resource.arn(),
            _ => None,
        };
        Ok(Some(Binding {
            // Bound to something that is no ARN: to no database, that is.
            database: database.unwrap_or_default().into(),
            is_shareable: answer.allow_association_to_shareable_service_network() != Some(false),
        }))
    }

    /// Whether both DNS attributes are on. DescribeVpcAttribute tells one at a time.
    async fn has_dns(&self, vpc: &VpcId) -> Result<bool, Error> {
        let ask = async |attribute: VpcAttributeName| {
            let call = self.ec2.describe_vpc_attribute().vpc_id(vpc.as_str()).attribute(attribute);
            call.send().await.map_err(|error| Error::of("DescribeVpcAttribute", vpc, error))
        };
        let (support, hostnames) = tokio::try_join!(
            ask(VpcAttributeName::EnableDnsSupport),
            ask(VpcAttributeName::EnableDnsHostnames)
        )?;
        let support = support.enable_dns_support().and_then(|value| value.value());
        let hostnames = hostnames.enable_dns_hostnames().and_then(|value| value.value());
        Ok(support == Some(true) && hostnames == Some(true))
    }
}

/// What is gone by now has no answer, which is no error.
fn unless_gone<T>(error: Error) -> Result<Option<T>, Error> {
    match error.kind {
        Kind::Gone => Ok(None),
        _ => Err(error),
    }
}
