//! A room for each kind of resource: how it is listed, created, updated, deleted and asked about.
//!
//! What several of them share stands here, their tags in `tags`, and the states of VPC Lattice in
//! `life`.

mod association;
mod configuration;
mod database;
mod endpoint;
mod gateway;
mod group;
mod life;
mod network;
mod rule;
mod tags;
mod vpc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use reconcile::id::AccountId;
use reconcile::key::Key;
use reconcile::observed::Way;
use reconcile::tag::Tags;

use crate::{Aws, Error, ErrorKind};

/// The largest page of every EC2 listing used here but that of endpoint associations. Paging also
/// matters to throttling: listings without it have a smaller token bucket (Amazon EC2 Developer
/// Guide, Request throttling).
const EC2_PAGE: i32 = 1000;
/// The largest page of every Lattice listing.
const LATTICE_PAGE: i32 = 100;

/// What anything new has, of whichever kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct New<'a> {
    /// What it is for.
    pub(crate) key: &'a Key,
    /// The tags that are on it from the first moment.
    pub(crate) tags: &'a Tags,
    /// The client token, for the calls that take one.
    pub(crate) token: &'a str,
}

impl Aws {
    /// The ways of VPCs into networks, of every pattern.
    pub(crate) async fn ways(&self) -> Result<Vec<Way>, Error> {
        self.endpoints().await
    }

    /// Our account's id, asked once.
    async fn account(&self) -> Result<&AccountId, Error> {
        const CALL: &str = "GetCallerIdentity";
        let ask = async || {
            let answer = self.sts.get_caller_identity().send().await;
            let answer = answer.map_err(|error| Error::of(CALL, "us", error))?;
            Ok(promised(CALL, "Account", answer.account())?.into())
        };
        self.account.get_or_try_init(ask).await
    }
}

/// Names the call and what it was for in the error.
fn finish<T, E>(
    call: &'static str,
    key: &Key,
    answer: Result<T, SdkError<E, HttpResponse>>,
) -> Result<(), Error>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    answer.map(drop).map_err(|error| Error::of(call, key, error))
}

/// The same, and the id of what was made. What AWS has made is made, whether it says its id or not.
fn made<T, E>(
    call: &'static str,
    key: &Key,
    answer: Result<T, SdkError<E, HttpResponse>>,
    id: impl Fn(&T) -> Option<&str>,
) -> Result<Option<String>, Error>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let answer = answer.map_err(|error| Error::of(call, key, error))?;
    Ok(id(&answer).map(str::to_owned))
}

/// A member that the API promises.
fn promised<'a>(
    call: &'static str,
    member: &'static str,
    value: Option<&'a str>,
) -> Result<&'a str, Error> {
    value.filter(|text| !text.is_empty()).ok_or_else(|| Error::lacking(call, "an item", member))
}

/// What is gone by now has no answer, which is no error.
fn unless_gone<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == ErrorKind::Gone => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether AWS knows something under its name, as its answer about that one thing tells.
fn is_known<T>(answer: Result<T, Error>) -> Result<bool, Error> {
    Ok(unless_gone(answer)?.is_some())
}

/// Ids as the SDK takes them.
fn texts<T: ToString>(ids: impl IntoIterator<Item = T>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}
