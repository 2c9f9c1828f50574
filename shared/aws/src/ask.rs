//! Answers questions about single things, and reads tags as proof of ownership.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, VpcAttributeName};
use aws_sdk_vpclattice::types::ResourceConfigurationDefinition;
use futures::future::try_join_all;
use reconcile::id::{Arn, ConfigurationId, VpcId};
use reconcile::observed::{Binding, Life, Observed, Passage, Question, Switchover, Thing};
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
            Question::Switchovers => {
                observed.answers.switchovers = Some(self.switchovers().await?);
            }
            Question::Passages => observed.answers.passages = Some(self.passages().await?),
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
        let found = match thing {
            Thing::Database(arn) if arn.as_str().contains(":cluster:") => {
                let call = self.rds.describe_db_clusters().db_cluster_identifier(arn.as_str());
                let answer = call.send().await.map(|it| it.db_clusters().len());
                answer.map_err(|error| Error::of("DescribeDBClusters", arn, error))
            }
            Thing::Database(arn) => {
                let call = self.rds.describe_db_instances().db_instance_identifier(arn.as_str());
                let answer = call.send().await.map(|it| it.db_instances().len());
                answer.map_err(|error| Error::of("DescribeDBInstances", arn, error))
            }
            Thing::Vpc(id) => {
                let answer = self.ec2.describe_vpcs().vpc_ids(id.as_str()).send().await;
                let answer = answer.map(|it| it.vpcs().len());
                answer.map_err(|error| Error::of("DescribeVpcs", id, error))
            }
            Thing::Group(id) => {
                let call = self.ec2.describe_security_groups().group_ids(id.as_str());
                let answer = call.send().await.map(|it| it.security_groups().len());
                answer.map_err(|error| Error::of("DescribeSecurityGroups", id, error))
            }
        };
        match found {
            Ok(_) => Ok(true),
            Err(error) if error.kind == Kind::Gone => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The blue/green deployments that were, or are being, switched over.
    async fn switchovers(&self) -> Result<Vec<Switchover>, Error> {
        const CALL: &str = "DescribeBlueGreenDeployments";
        let listing = self.rds.describe_blue_green_deployments();
        let mut pages = listing.into_paginator().items().send();
        let mut switchovers = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(CALL, "all", error))?;
            // AVAILABLE and PROVISIONING are before, INVALID_CONFIGURATION is never.
            if !item.status().is_some_and(|status| status.starts_with("SWITCHOVER_")) {
                continue;
            }
            let members = item.switchover_details().iter();
            let members = members.flat_map(|it| [it.source_member(), it.target_member()]);
            let named = members.chain([item.source(), item.target()]).flatten();
            switchovers.push(Switchover { databases: named.map(Into::into).collect() });
        }
        Ok(switchovers)
    }

    /// Active peering connections, and what is attached to the same transit gateway.
    async fn passages(&self) -> Result<Vec<Passage>, Error> {
        let (mut passages, attached) =
            tokio::try_join!(self.peering_connections(), self.transit_gateways())?;
        passages.extend(attached);
        Ok(passages)
    }

    async fn peering_connections(&self) -> Result<Vec<Passage>, Error> {
        const CALL: &str = "DescribeVpcPeeringConnections";
        let active = Filter::builder().name("status-code").values("active").build();
        let listing = self.ec2.describe_vpc_peering_connections().filters(active);
        let mut pages = listing.into_paginator().items().send();
        let mut passages = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(CALL, "all", error))?;
            let ends = [item.requester_vpc_info(), item.accepter_vpc_info()].into_iter().flatten();
            passages.push(Passage {
                id: item.vpc_peering_connection_id().unwrap_or_default().to_owned(),
                vpcs: ends.filter_map(|end| end.vpc_id().map(Into::into)).collect(),
            });
        }
        Ok(passages)
    }

    async fn transit_gateways(&self) -> Result<Vec<Passage>, Error> {
        const CALL: &str = "DescribeTransitGatewayVpcAttachments";
        let available = Filter::builder().name("state").values("available").build();
        let listing = self.ec2.describe_transit_gateway_vpc_attachments().filters(available);
        let mut pages = listing.into_paginator().items().send();
        let mut attached: BTreeMap<String, BTreeSet<VpcId>> = BTreeMap::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| Error::of(CALL, "all", error))?;
            let (Some(gateway), Some(vpc)) = (item.transit_gateway_id(), item.vpc_id()) else {
                continue;
            };
            attached.entry(gateway.to_owned()).or_default().insert(vpc.into());
        }
        Ok(attached.into_iter().map(|(id, vpcs)| Passage { id, vpcs }).collect())
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
