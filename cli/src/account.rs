//! The account that the environment names, for commands that only read it.

use aws::{Aws, Error, ErrorKind};
use reconcile::name::Deployment;
use reconcile::settings::Settings;

/// AWS for whoever reads what a deployment made, or what people tagged: of its settings nothing
/// but the name matters, since nothing is decided.
///
/// # Errors
///
/// One sentence about the name, or the environment.
pub(crate) async fn reader(deployment: &str) -> Result<Aws, String> {
    let deployment = Deployment::new(deployment).map_err(|error| error.to_string())?;
    let settings = Settings::new(deployment, []);
    Ok(Aws::new(&aws::load().await.map_err(|error| error.to_string())?, settings))
}

/// What went wrong, and first what it means where the SDK alone does not say it.
pub(crate) fn explained(error: &Error) -> String {
    match error.kind {
        ErrorKind::NoCredentials | ErrorKind::Unreachable => {
            format!("{}: {}", error.said(), error.chain())
        }
        _ => error.chain(),
    }
}
