//! What clients in a VPC need to connect to a database: for people, and for what configures them.

use reconcile::connection::{Connection, connection};

use crate::account::{explained, reader};

/// The two ends.
#[derive(Debug, PartialEq, clap::Args)]
pub struct Ends {
    /// The database's identifier.
    #[arg(long, value_name = "IDENTIFIER")]
    pub database: String,
    /// The VPC's id.
    #[arg(long, value_name = "ID")]
    pub vpc: String,
    /// The name of the deployment that connects them.
    #[arg(long, default_value = "trellis")]
    pub deployment: String,
}

/// How the database is reached from the VPC.
///
/// # Errors
///
/// One sentence about the account, or about what is not there.
pub async fn run(ends: &Ends) -> Result<Connection, String> {
    let aws = reader(&ends.deployment).await?;
    let observed = Box::pin(aws.observe_connections()).await.map_err(|error| explained(&error))?;
    connection(&observed, &ends.database, &ends.vpc.as_str().into())
}

/// The same for people, a line for each way.
pub fn told(connection: &Connection) -> String {
    let Connection { host, port, ways } = connection;
    let lines = ways.iter().map(|way| {
        let zones: Vec<&str> = way.zones.iter().map(|zone| zone.as_str()).collect();
        let attach = way.attach.iter().map(|group| format!("{} ({})", group.id, group.name));
        let attach = attach.collect::<Vec<_>>().join(", ");
        let (network, endpoint, zones) = (&way.network, &way.endpoint, zones.join(" "));
        format!("{host}:{port} on {network} by {endpoint} in {zones}; attach {attach}")
    });
    lines.collect::<Vec<_>>().join("\n")
}
