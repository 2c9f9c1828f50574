//! What the platform team decided: the deployment's parameters, as the functions' environment
//! carries them.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::SignedDuration;
use strum::EnumString;
use thiserror::Error;

use crate::id::NetworkName;
use crate::name::{Deployment, NoName};
use crate::tag;

/// When to believe that vanished tags are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brake {
    /// So many at once are always believed.
    pub count: usize,
    /// So many hundredths of all exposures at once are believed.
    pub percent: usize,
}

/// How far a deployment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum Mode {
    /// It makes, changes and removes.
    Apply,
    /// It never deletes or revokes anything.
    CreateOnly,
    /// It says what it would do, and writes nothing.
    Plan,
    /// It takes down everything that it made, whatever the tags say.
    Withdraw,
}

/// What gets a status tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum StatusTags {
    /// The databases and VPCs that it is about.
    All,
    /// What we made for them: nothing of theirs is written to for it.
    Ours,
    /// Nothing.
    Off,
}

/// What is decided for one network, where it is not as for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkSettings {
    /// How long what lost its tag keeps its place on this network.
    pub grace: Option<SignedDuration>,
}

/// A variable of the environment that is missing, or whose value makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{variable}{wrong}")]
pub struct SettingsError {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with a variable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Wrong {
    /// It is not set, or empty.
    #[error(" is not set")]
    Missing,
    /// It cannot be a deployment's name.
    #[error(": {0}")]
    Deployment(#[from] NoName),
    /// Its list of networks makes no sense.
    #[error(": {0}")]
    Networks(#[from] NoNetworks),
    /// It is not one of a few words.
    #[error(": {0:?} is not {1}")]
    Word(String, &'static str),
    /// It is not a number, or not one of this size.
    #[error(": {0:?} is not a number that fits")]
    Number(String),
    /// It is a number that AWS does not take.
    #[error(": AWS takes {0} to {1}")]
    Range(u8, u8),
}

/// Why a list of networks makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoNetworks {
    /// AWS would refuse a network of this name.
    #[error("{0:?} cannot be a service network's name")]
    Name(String),
    /// What stands behind the `@` is not an account.
    #[error("{0:?}: behind the @ stands the 12 digits of an account")]
    Owner(String),
    /// Two networks of one name: a tag says the name alone.
    #[error("{0} and {1}: a tag could mean either")]
    Twice(NetworkName, NetworkName),
}

/// The deployment's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The deployment's name.
    pub deployment: Deployment,
    /// The networks that tags may choose among, of which no two have the same name.
    pub networks: BTreeMap<NetworkName, NetworkSettings>,
    /// How far it goes.
    pub mode: Mode,
    /// Whether an allowed network of our own account that does not exist is made.
    pub create_networks: bool,
    /// Whether databases' own groups get the rule that lets the gateway in.
    pub database_rules: bool,
    /// What gets the tag [`tag::STATUS`].
    pub status_tags: StatusTags,
    /// Whether other stacks can read how databases are reached, see
    /// [`publication`](crate::publication).
    pub parameters: bool,
    /// Whether databases that inherited their tags are exposed all the same.
    pub expose_restored: bool,
    /// How long what lost its tag keeps its exposure.
    pub grace: SignedDuration,
    /// How long something may wait, beyond the grace period, until it is overdue.
    pub overdue: SignedDuration,
    /// How long nothing is made on what was let go because somebody deletes it.
    pub hold_off: SignedDuration,
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
            networks: as_for_all(networks),
            mode: Mode::Apply,
            create_networks: true,
            database_rules: true,
            status_tags: StatusTags::All,
            parameters: false,
            expose_restored: false,
            grace: SignedDuration::from_mins(15),
            overdue: SignedDuration::from_mins(60),
            hold_off: SignedDuration::from_mins(15),
            brake: Brake { count: 3, percent: 20 },
            addresses_per_interface: 2,
        }
    }

    /// The settings that these variables hold; the template sets every one of them.
    ///
    /// # Errors
    ///
    /// Which variable is missing or wrong, and how.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Settings, SettingsError> {
        let read = |name| Variable::read(name, &variable);
        let minutes = |name| -> Result<SignedDuration, SettingsError> {
            let minutes: u32 = read(name)?.number()?;
            Ok(SignedDuration::from_mins(minutes.into()))
        };
        Ok(Settings {
            deployment: read("TRELLIS_DEPLOYMENT")?.so(|text| Ok(Deployment::new(text)?))?,
            networks: as_for_all(read("TRELLIS_NETWORKS")?.so(|text| Ok(networks(text)?))?),
            mode: read("TRELLIS_MODE")?.word("apply, create-only, plan or withdraw")?,
            create_networks: read("TRELLIS_CREATE_NETWORKS")?.is_on()?,
            database_rules: read("TRELLIS_DATABASE_RULES")?.is_on()?,
            status_tags: read("TRELLIS_STATUS_TAGS")?.word("all, ours or off")?,
            parameters: read("TRELLIS_CONNECTION_PARAMETERS")?.is_on()?,
            expose_restored: read("TRELLIS_EXPOSE_RESTORED")?.is_on()?,
            grace: minutes("TRELLIS_GRACE_MINUTES")?,
            overdue: minutes("TRELLIS_OVERDUE_MINUTES")?,
            hold_off: minutes("TRELLIS_HOLD_OFF_MINUTES")?,
            brake: Brake {
                count: read("TRELLIS_BRAKE_COUNT")?.number()?,
                percent: read("TRELLIS_BRAKE_PERCENT")?.number()?,
            },
            addresses_per_interface: read("TRELLIS_ADDRESSES_PER_INTERFACE")?.within(1, 62)?,
        })
    }
}

/// These networks, with nothing decided for any of them alone.
pub fn as_for_all(
    networks: impl IntoIterator<Item = NetworkName>,
) -> BTreeMap<NetworkName, NetworkSettings> {
    networks.into_iter().map(|network| (network, NetworkSettings::default())).collect()
}

impl Settings {
    /// The network that a tag means by this name, if it may be named.
    pub fn allowed(&self, named: &NetworkName) -> Option<&NetworkName> {
        self.networks.keys().find(|network| network.name() == named.as_str())
    }

    /// Whether this network is made if it is not there: never one of another account.
    pub fn makes(&self, network: &NetworkName) -> bool {
        self.create_networks && network.owner().is_none()
    }

    /// For how long a status may say that something waits until that is too long: what waits for
    /// its tag to return waits for the grace period.
    pub fn patience(&self) -> SignedDuration {
        let own = self.networks.values().filter_map(|network| network.grace);
        self.overdue + own.fold(self.grace, SignedDuration::max)
    }

    /// How long what lost its tag keeps its place on this network.
    pub fn grace_on(&self, network: &NetworkName) -> SignedDuration {
        self.networks.get(network).and_then(|it| it.grace).unwrap_or(self.grace)
    }
}

/// The networks of a list such as `databases+reports@111122223333`.
pub(crate) fn networks(list: &str) -> Result<Vec<NetworkName>, NoNetworks> {
    let mut networks: Vec<NetworkName> = Vec::new();
    for word in list.split(['+', ' ', ',']).filter(|word| !word.is_empty()) {
        let network = NetworkName::from(word);
        if !tag::is_network_name(network.name()) {
            return Err(NoNetworks::Name(word.to_owned()));
        }
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        if network.owner().is_some_and(|owner| !is_account(owner)) {
            return Err(NoNetworks::Owner(word.to_owned()));
        }
        if let Some(other) = networks.iter().find(|other| other.name() == network.name()) {
            return Err(NoNetworks::Twice(other.clone(), network));
        }
        networks.push(network);
    }
    Ok(networks)
}

/// A variable that is set.
struct Variable {
    name: &'static str,
    value: String,
}

impl Variable {
    fn read(
        name: &'static str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Variable, SettingsError> {
        let value = variable(name).filter(|value| !value.is_empty());
        let missing = SettingsError { variable: name, wrong: Wrong::Missing };
        value.map(|value| Variable { name, value }).ok_or(missing)
    }

    /// What `of` makes of its value.
    fn so<T>(&self, of: impl FnOnce(&str) -> Result<T, Wrong>) -> Result<T, SettingsError> {
        of(&self.value).map_err(|wrong| SettingsError { variable: self.name, wrong })
    }

    /// One of a few words.
    fn word<T: FromStr>(&self, words: &'static str) -> Result<T, SettingsError> {
        self.so(|text| text.parse().map_err(|_| Wrong::Word(text.to_owned(), words)))
    }

    fn number<T: FromStr>(&self) -> Result<T, SettingsError> {
        self.so(|text| text.parse().map_err(|_| Wrong::Number(text.to_owned())))
    }

    fn within(&self, least: u8, most: u8) -> Result<u8, SettingsError> {
        let number = self.number()?;
        self.so(|_| match (least..=most).contains(&number) {
            true => Ok(number),
            false => Err(Wrong::Range(least, most)),
        })
    }

    fn is_on(&self) -> Result<bool, SettingsError> {
        self.so(|text| match text {
            "true" | "on" => Ok(true),
            "false" | "off" => Ok(false),
            other => Err(Wrong::Word(other.to_owned(), "true or false")),
        })
    }
}
