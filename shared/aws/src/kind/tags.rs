//! Tags: how each service takes, lists, adds and removes them.

use std::collections::HashMap;

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use reconcile::id::Arn;
use reconcile::step::Target;
use reconcile::tag::Tags;

use super::unless_gone;
use crate::{Aws, Error};

impl Aws {
    /// Puts a tag on something.
    pub(crate) async fn tag(&self, target: &Target, key: &str, value: &str) -> Result<(), Error> {
        match target {
            Target::Lattice(arn) => {
                let call = self.lattice.tag_resource().resource_arn(arn.as_str()).tags(key, value);
                call.send().await.map_err(|error| Error::of("TagResource", arn, error))?;
            }
            Target::Ec2(id) => {
                let tag = Tag::builder().key(key).value(value).build();
                let call = self.ec2.create_tags().resources(id).tags(tag);
                call.send().await.map_err(|error| Error::of("CreateTags", id, error))?;
            }
            Target::Database(arn) => {
                let tag = aws_sdk_rds::types::Tag::builder().key(key).value(value).build();
                let call = self.rds.add_tags_to_resource().resource_name(arn.as_str()).tags(tag);
                call.send().await.map_err(|error| Error::of("AddTagsToResource", arn, error))?;
            }
        }
        Ok(())
    }

    /// Takes a tag off something.
    pub(crate) async fn untag(&self, target: &Target, key: &str) -> Result<(), Error> {
        match target {
            Target::Lattice(arn) => {
                let call = self.lattice.untag_resource().resource_arn(arn.as_str()).tag_keys(key);
                call.send().await.map_err(|error| Error::of("UntagResource", arn, error))?;
            }
            Target::Ec2(id) => {
                // Without a list of tags, DeleteTags would delete all of them.
                let tag = Tag::builder().key(key).build();
                let call = self.ec2.delete_tags().resources(id).tags(tag);
                call.send().await.map_err(|error| Error::of("DeleteTags", id, error))?;
            }
            Target::Database(arn) => {
                let call = self.rds.remove_tags_from_resource().resource_name(arn.as_str());
                let answer = call.tag_keys(key).send().await;
                answer.map_err(|error| Error::of("RemoveTagsFromResource", arn, error))?;
            }
        }
        Ok(())
    }

    /// The tags of a Lattice resource, whose listings show none; `None` if it is gone.
    pub(crate) async fn tags(&self, arn: &Arn) -> Result<Option<Tags>, Error> {
        let answer = self.lattice.list_tags_for_resource().resource_arn(arn.as_str()).send().await;
        let answer = answer.map_err(|error| Error::of("ListTagsForResource", arn, error));
        let answer = unless_gone(answer)?;
        Ok(answer.map(|it| it.tags().cloned().unwrap_or_default().into_iter().collect()))
    }
}

/// Our tags as Lattice takes them when it creates something.
pub(super) fn lattice_tags(tags: &Tags) -> HashMap<String, String> {
    tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Our tags, and the name for people, as EC2 takes them when it creates something.
pub(super) fn ec2_tags(kind: ResourceType, tags: &Tags, name: Option<&str>) -> TagSpecification {
    let ours = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let name = name.map(|name| Tag::builder().key("Name").value(name).build());
    let all = ours.chain(name).collect();
    TagSpecification::builder().resource_type(kind).set_tags(Some(all)).build()
}

/// The tags that stand in a listing of EC2.
pub(super) fn from_ec2(list: &[Tag]) -> Tags {
    let pairs = list.iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default())));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The tags that stand in a listing of RDS.
pub(super) fn from_rds(list: &[aws_sdk_rds::types::Tag]) -> Tags {
    let pairs = list.iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default())));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
