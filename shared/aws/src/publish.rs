//! Parameters of Systems Manager, which other stacks read. (Systems Manager API Reference,
//! PutParameter: tags and overwriting do not go together, so ours are told by the tags that they
//! were made with.)

use std::collections::BTreeMap;

use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};
use reconcile::publication::{Publication, path};
use reconcile::tag;
use tracing::warn;

use crate::{Aws, Error, ErrorKind};

const PUT: &str = "PutParameter";

impl Aws {
    /// The parameters under the deployment's path, whoever made them.
    pub(crate) async fn published(&self) -> Result<BTreeMap<String, String>, Error> {
        const CALL: &str = "GetParametersByPath";
        let listing = self.ssm.get_parameters_by_path().path(path(&self.settings)).recursive(true);
        let mut pages = listing.into_paginator().send();
        let mut published = BTreeMap::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::of(CALL, "all", error))?;
            let named = page.parameters.unwrap_or_default().into_iter();
            published.extend(named.filter_map(|it| Some((it.name?, it.value?))));
        }
        Ok(published)
    }

    /// Makes it so. A parameter of that name that is not ours stays as it is.
    pub(crate) async fn publish(&self, publication: &Publication) -> Result<(), Error> {
        let Publication { name, value } = publication;
        match value {
            Some(value) => match self.make_parameter(name, value).await {
                Err(error) if error.kind == ErrorKind::Exists => {
                    self.change_parameter(name, value).await
                }
                made => made,
            },
            None => self.remove_parameter(name).await,
        }
    }

    async fn make_parameter(&self, name: &str, value: &str) -> Result<(), Error> {
        let owner = self.settings.deployment.as_str();
        let tags = [(tag::OWNER, owner), (tag::FOR, "parameter")].map(|(key, value)| {
            Tag::builder().key(key).value(value).build().expect("it has a key and a value")
        });
        let call = self.ssm.put_parameter().name(name).value(value).r#type(ParameterType::String);
        let answer = call.set_tags(Some(tags.into())).send().await;
        answer.map(drop).map_err(|error| Error::of(PUT, name, error))
    }

    async fn change_parameter(&self, name: &str, value: &str) -> Result<(), Error> {
        if !self.is_own_parameter(name).await? {
            return Ok(());
        }
        let call = self.ssm.put_parameter().name(name).value(value).overwrite(true);
        call.send().await.map(drop).map_err(|error| Error::of(PUT, name, error))
    }

    async fn remove_parameter(&self, name: &str) -> Result<(), Error> {
        const CALL: &str = "DeleteParameter";
        if !self.is_own_parameter(name).await? {
            return Ok(());
        }
        let answer = self.ssm.delete_parameter().name(name).send().await;
        answer.map(drop).map_err(|error| Error::of(CALL, name, error))
    }

    /// Whether its own tags say so; if not, that is said once.
    async fn is_own_parameter(&self, name: &str) -> Result<bool, Error> {
        const CALL: &str = "ListTagsForResource";
        let call = self.ssm.list_tags_for_resource().resource_id(name);
        let answer = call.resource_type(ResourceTypeForTagging::Parameter).send().await;
        let answer = answer.map_err(|error| Error::of(CALL, name, error))?;
        let owner = self.settings.deployment.as_str();
        let is_own =
            answer.tag_list().iter().any(|it| it.key() == tag::OWNER && it.value() == owner);
        if !is_own && self.is_news(format!("passed over {name}")) {
            warn!("passed over the parameter {name}: it is not ours");
        }
        Ok(is_own)
    }
}
