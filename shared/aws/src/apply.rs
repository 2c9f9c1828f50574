//! Starts one step. Every id and every detail is in the step: there is nothing to choose here.

mod create;
mod delete;
mod update;

use reconcile::outcome::Note;
use reconcile::step::{Step, Target};
use reconcile::tag;

use crate::{Aws, Error};

impl Aws {
    /// Starts this step.
    ///
    /// # Errors
    ///
    /// Of the call that AWS refused. [`crate::Kind::Exists`] for something to be made and
    /// [`crate::Kind::Gone`] for something to be removed say that it has happened already.
    pub async fn apply(&self, step: &Step) -> Result<(), Error> {
        match step {
            Step::Create { key, create, tags, token } => {
                self.create(key, create, tags, token).await
            }
            Step::Update { key, update, .. } => self.update(key, update).await,
            Step::Delete { key, delete, .. } => self.delete(key, delete).await,
        }
    }

    /// Writes a status tag, or takes it off.
    ///
    /// # Errors
    ///
    /// Of the call that AWS refused.
    pub async fn note(&self, note: &Note) -> Result<(), Error> {
        let Note { target, status } = note;
        match status {
            Some(status) => self.tag(target, tag::STATUS, status).await,
            None => self.untag(target, tag::STATUS).await,
        }
    }

    async fn tag(&self, target: &Target, key: &str, value: &str) -> Result<(), Error> {
        match target {
            Target::Lattice(arn) => {
                let call = self.lattice.tag_resource().resource_arn(arn.as_str()).tags(key, value);
                call.send().await.map_err(|error| Error::of("TagResource", arn, error))?;
            }
            Target::Ec2(id) => {
                let tag = aws_sdk_ec2::types::Tag::builder().key(key).value(value).build();
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

    async fn untag(&self, target: &Target, key: &str) -> Result<(), Error> {
        match target {
            Target::Lattice(arn) => {
                let call = self.lattice.untag_resource().resource_arn(arn.as_str()).tag_keys(key);
                call.send().await.map_err(|error| Error::of("UntagResource", arn, error))?;
            }
            Target::Ec2(id) => {
                // Without a list of tags, DeleteTags would delete all of them.
                let tag = aws_sdk_ec2::types::Tag::builder().key(key).build();
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
}
