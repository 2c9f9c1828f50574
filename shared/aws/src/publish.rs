//! Parameters of Systems Manager, which other stacks read. (Systems Manager API Reference,
//! PutParameter: tags and overwriting do not go together, so ours are told by the tags that they
//! were made with.)

use std::collections::BTreeMap;

use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};
use reconcile::publication::{Publication, path};
use reconcile::tag;
use tracing::{debug, warn};

use crate::{Aws, Error, ErrorKind};

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
        let made = match value {
            Some(value) => self.put_parameter(name, value).await,
            None => Err(Error::lacking("PutParameter", name.as_str(), "value")),
        };
        match made {
            Err(error) if value.is_none() || error.kind == ErrorKind::Exists => {}
            other => return other,
        }
        if !self.is_own_parameter(name).await? {
            if self.is_news(format!("passed over {name}")) {
                warn!("passed over the parameter {name}: it is not ours");
            }
            return Ok(());
        }
        debug!("the parameter {name} changes");
        match value {
            Some(value) => {
                const CALL: &str = "PutParameter";
                let call = self.ssm.put_parameter().name(name).value(value).overwrite(true);
                let answer = call.send().await;
                answer.map(drop).map_err(|error| Error::of(CALL, name.as_str(), error))
            }
            None => {
                const CALL: &str = "DeleteParameter";
                let answer = self.ssm.delete_parameter().name(name).send().await;
                answer.map(drop).map_err(|error| Error::of(CALL, name.as_str(), error))
            }
        }
    }

    async fn put_parameter(&self, name: &str, value: &str) -> Result<(), Error> {
        const CALL: &str = "PutParameter";
        let owner = self.settings.deployment.as_str();
        let tags = [(tag::OWNER, owner), (tag::FOR, "parameter")].map(|(key, value)| {
            Tag::builder().key(key).value(value).build().expect("it has a key and a value")
        });
        let call = self.ssm.put_parameter().name(name).value(value).r#type(ParameterType::String);
        let answer = call.set_tags(Some(tags.into())).send().await;
        answer.map(drop).map_err(|error| Error::of(CALL, name, error))
    }

    async fn is_own_parameter(&self, name: &str) -> Result<bool, Error> {
        const CALL: &str = "ListTagsForResource";
        let call = self.ssm.list_tags_for_resource().resource_id(name);
        let answer = call.resource_type(ResourceTypeForTagging::Parameter).send().await;
        let answer = answer.map_err(|error| Error::of(CALL, name, error))?;
        let owner = self.settings.deployment.as_str();
        Ok(answer.tag_list().iter().any(|it| it.key() == tag::OWNER && it.value() == owner))
    }
}
