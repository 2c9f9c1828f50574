//! What the platform team decided: the deployment's parameters, as the functions' environment
//! carries them.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::SignedDuration;

use crate::id::NetworkName;
use crate::name::Deployment;
use crate::tag;

/// When to believe that vanished tags are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brake {
    /// So many at once are always believed.
    pub count: usize,
    /// So many hundredths of all exposures at once are believed.
    pub percent: usize,
}

/// The deployment's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The deployment's name.
    pub deployment: Deployment,
    /// The networks that tags may choose among.
    pub networks: BTreeSet<NetworkName>,
    /// Whether an allowed network that does not exist is made.
    pub create_networks: bool,
    /// Whether databases' own groups get the rule that lets the gateway in.
    pub database_rules: bool,
    /// Whether databases and VPCs get the tag [`tag::STATUS`].
    pub status_tags: bool,
    /// Whether databases that inherited their tags are exposed all the same.
    pub expose_restored: bool,
    /// How long what lost its tag keeps its exposure.
    pub grace: SignedDuration,
    /// When vanished tags are not believed.
    pub brake: Brake,
    /// Addresses that a gateway asks for in each subnet, 1 to 62; each carries 55,000 connections
    /// per database address (VPC Lattice User Guide, Resource gateways).
    pub addresses_per_interface: u8,
}

impl Settings {
    /// The defaults of the template, for this deployment and these networks.
    pub fn new(
        deployment: Deployment,
        networks: impl IntoIterator<Item = NetworkName>,
    ) -> Settings {
        Settings {
            deployment,
            networks: networks.into_iter().collect(),
            create_networks: true,
            database_rules: true,
            status_tags: true,
            expose_restored: false,
            grace: SignedDuration::from_mins(15),
            brake: Brake { count: 3, percent: 20 },
            addresses_per_interface: 2,
        }
    }

    /// The settings that these variables hold; the template sets every one of them.
    ///
    /// # Errors
    ///
    /// One sentence that names the variable that is missing or wrong.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
        let text = |name: &str| {
            variable(name).filter(|value| !value.is_empty()).ok_or(format!("{name} is not set"))
        };
        let deployment = Deployment::new(&text("TRELLIS_DEPLOYMENT")?)
            .map_err(|why| format!("TRELLIS_DEPLOYMENT: {why}"))?;
        let list = text("TRELLIS_NETWORKS")?;
        let mut networks = BTreeSet::new();
        for word in list.split(['+', ' ', ',']).filter(|word| !word.is_empty()) {
            if !tag::is_network_name(word) {
                return Err(format!(
                    "TRELLIS_NETWORKS: {word:?} cannot be a service network's name"
                ));
            }
            networks.insert(NetworkName::from(word));
        }
        let addresses_per_interface = number("TRELLIS_ADDRESSES_PER_INTERFACE", &text)?;
        if !(1..=62).contains(&addresses_per_interface) {
            return Err("TRELLIS_ADDRESSES_PER_INTERFACE: AWS takes 1 to 62".to_owned());
        }
        let grace_minutes: u32 = number("TRELLIS_GRACE_MINUTES", &text)?;
        Ok(Settings {
            deployment,
            networks,
            create_networks: is_on("TRELLIS_CREATE_NETWORKS", &text)?,
            database_rules: is_on("TRELLIS_DATABASE_RULES", &text)?,
            status_tags: is_on("TRELLIS_STATUS_TAGS", &text)?,
            expose_restored: is_on("TRELLIS_EXPOSE_RESTORED", &text)?,
            grace: SignedDuration::from_mins(grace_minutes.into()),
            brake: Brake {
                count: number("TRELLIS_BRAKE_COUNT", &text)?,
                percent: number("TRELLIS_BRAKE_PERCENT", &text)?,
            },
            addresses_per_interface,
        })
    }
}

fn number<T: FromStr>(
    name: &str,
    text: &impl Fn(&str) -> Result<String, String>,
) -> Result<T, String> {
    let value = text(name)?;
    value.parse().map_err(|_| format!("{name}: {value:?} is no number that fits"))
}

fn is_on(name: &str, text: &impl Fn(&str) -> Result<String, String>) -> Result<bool, String> {
    match text(name)?.as_str() {
        "true" | "on" => Ok(true),
        "false" | "off" => Ok(false),
        other => Err(format!("{name}: {other:?} is neither true nor false")),
    }
}
