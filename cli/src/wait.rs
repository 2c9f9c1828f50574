//! Waits until what is tagged is ready: the last step of a pipeline that tags it.

use std::time::{Duration, Instant};

use aws::{Aws, Error, ErrorKind};
use jiff::SignedDuration;
use reconcile::answer::{self, Answer};
use reconcile::tag;

use crate::account::{explained, reader};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(5);

/// What is waited for: a database by its identifier, a VPC by its id, or that the one can be
/// reached from the other.
#[derive(Debug, PartialEq, clap::Args)]
#[group(required = true, multiple = true)]
pub struct Awaited {
    /// The database's identifier.
    #[arg(long, value_name = "IDENTIFIER")]
    pub database: Option<String>,
    /// The VPC's id.
    #[arg(long, value_name = "ID")]
    pub vpc: Option<String>,
}

/// Waits for so long, and says on the way what for.
///
/// # Errors
///
/// One sentence about the account, or about what is not there.
pub async fn run(awaited: &Awaited, timeout: SignedDuration) -> Result<Answer, String> {
    let aws = reader("trellis").await?;
    let end = Instant::now() + timeout.unsigned_abs();
    let mut said = String::new();
    loop {
        let what = match Box::pin(look(&aws, awaited)).await {
            Ok(Ok(Answer::Waiting(what))) => what,
            Ok(found) => return found,
            // Time heals it.
            Err(error) if passes_by(&error) => error.told(),
            Err(error) => return Err(explained(&error)),
        };
        if what != said {
            anstream::eprintln!("{what}");
            said.clone_from(&what);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Answer::Waiting(what));
        }
        tokio::time::sleep(left.min(LOOK)).await;
    }
}

fn passes_by(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Throttled | ErrorKind::Unavailable)
}

async fn look(aws: &Aws, awaited: &Awaited) -> Result<Result<Answer, String>, Error> {
    let database = match &awaited.database {
        None => None,
        Some(name) => {
            let all = aws.databases().await?;
            let found = all.into_iter().find(|it| it.arn.identifier() == name);
            let found = found.map(|it| answer::of(&it.tags, tag::EXPOSE));
            Some(found.ok_or_else(|| format!("there is no database {name}")))
        }
    };
    let vpc = match &awaited.vpc {
        None => None,
        Some(id) => {
            let found = aws.vpcs().await?.into_iter().find(|it| it.id.as_str() == id);
            let found = found.map(|it| answer::of(&it.tags, tag::CONSUME));
            Some(found.ok_or_else(|| format!("there is no VPC {id}")))
        }
    };
    Ok(match (database, vpc) {
        (Some(Ok(database)), Some(Ok(vpc))) => Ok(answer::of_both(database, vpc)),
        (Some(Err(why)), _) | (_, Some(Err(why))) => Err(why),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Err("there is nothing to wait for".to_owned()),
    })
}
