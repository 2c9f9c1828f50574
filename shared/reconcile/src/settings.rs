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

/// How far a deployment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It makes, changes and removes.
    Apply,
    /// It never deletes or revokes anything.
    CreateOnly,
    /// It says what it would do, and writes nothing.
    Plan,
}

/// The deployment's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The deployment's name.
    pub deployment: Deployment,
    /// The networks that tags may choose among, of which no two have the same name.
    pub networks: BTreeSet<NetworkName>,
    /// How far it goes.
    pub mode: Mode,
    /// Whether an allowed network of our own account that does not exist is made.
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
            mode: Mode::Apply,
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
        let networks = networks(&text("TRELLIS_NETWORKS")?)
            .map_err(|why| format!("TRELLIS_NETWORKS: {why}"))?;
        let mode = mode(&text("TRELLIS_MODE")?)?;
        let addresses_per_interface = number("TRELLIS_ADDRESSES_PER_INTERFACE", &text)?;
        if !(1..=62).contains(&addresses_per_interface) {
            return Err("TRELLIS_ADDRESSES_PER_INTERFACE: AWS takes 1 to 62".to_owned());
        }
        let grace_minutes: u32 = number("TRELLIS_GRACE_MINUTES", &text)?;
        Ok(Settings {
            deployment,
            networks,
            mode,
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

impl Settings {
    /// The network that a tag means by this name, if it may be named.
    pub fn allowed(&self, named: &NetworkName) -> Option<&NetworkName> {
        self.networks.iter().find(|network| network.name() == named.as_str())
    }

    /// Whether this network is made if it is not there: never one of another account.
    pub fn makes(&self, network: &NetworkName) -> bool {
        self.create_networks && network.owner().is_none()
    }
}

/// The networks of a list such as `databases+reports@111122223333`.
fn networks(list: &str) -> Result<BTreeSet<NetworkName>, String> {
    let mut networks: BTreeSet<NetworkName> = BTreeSet::new();
    for word in list.split(['+', ' ', ',']).filter(|word| !word.is_empty()) {
        let network = NetworkName::from(word);
        if !tag::is_network_name(network.name()) {
            return Err(format!("{word:?} cannot be a service network's name"));
        }
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        if network.owner().is_some_and(|owner| !is_account(owner)) {
            return Err(format!("{word:?}: behind the @ stands the 12 digits of an account"));
        }
        if let Some(other) = networks.iter().find(|other| other.name() == network.name()) {
            return Err(format!("{other} and {network}: a tag could mean either"));
        }
        networks.insert(network);
    }
    Ok(networks)
}

fn mode(text: &str) -> Result<Mode, String> {
    match text {
        "apply" => Ok(Mode::Apply),
        "create-only" => Ok(Mode::CreateOnly),
        "plan" => Ok(Mode::Plan),
        other => Err(format!("TRELLIS_MODE: {other:?} is not apply, create-only or plan")),
    }
}

fn number<T: FromStr>(
    name: &str,
    text: &impl Fn(&str) -> Result<String, String>,
) -> Result<T, String> {
    let value = text(name)?;
    value.parse().map_err(|_| format!("{name}: {value:?} is not a number that fits"))
}

fn is_on(name: &str, text: &impl Fn(&str) -> Result<String, String>) -> Result<bool, String> {
    match text(name)?.as_str() {
        "true" | "on" => Ok(true),
        "false" | "off" => Ok(false),
        other => Err(format!("{name}: {other:?} is neither true nor false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_each_network_once_and_no_network_that_cannot_be() {
        let names = |list| networks(list).map(|it| it.len());
        assert_eq!(names("databases"), Ok(1));
        assert_eq!(names("databases+reports@111122223333 a-b"), Ok(3));
        for list in ["off", "a--b", "-ab", "databases@1", "databases@", "databases@12345678901x"] {
            assert!(names(list).is_err(), "{list}");
        }
        assert!(names("databases+databases").is_err());
        assert!(names("databases+databases@111122223333").is_err());
    }

    #[test]
    fn a_tag_means_the_one_network_of_its_name() {
        let deployment = Deployment::new("trellis").expect("a good name");
        let shared = NetworkName::from("databases@111122223333");
        let settings = Settings::new(deployment, [shared.clone(), "reports".into()]);
        assert_eq!(settings.allowed(&"databases".into()), Some(&shared));
        assert_eq!(settings.allowed(&"others".into()), None);
        assert!(!settings.makes(&shared));
        assert!(settings.makes(&"reports".into()));
    }

    /// The template's variables, with one of them another, or (`None`) not set.
    fn read(name: &str, value: Option<&str>) -> Result<Settings, String> {
        Settings::read(|variable| {
            let found = match variable {
                _ if variable == name => value,
                "TRELLIS_DEPLOYMENT" => Some("trellis"),
                "TRELLIS_NETWORKS" => Some("databases"),
                "TRELLIS_MODE" => Some("apply"),
                "TRELLIS_ADDRESSES_PER_INTERFACE" => Some("2"),
                "TRELLIS_GRACE_MINUTES" => Some("15"),
                "TRELLIS_BRAKE_COUNT" => Some("3"),
                "TRELLIS_BRAKE_PERCENT" => Some("20"),
                "TRELLIS_EXPOSE_RESTORED" => Some("false"),
                _ => Some("true"),
            };
            found.map(str::to_owned)
        })
    }

    #[test]
    fn the_defaults_of_the_template_are_those_of_the_crate() {
        let deployment = Deployment::new("trellis").expect("a good name");
        assert_eq!(read("", None), Ok(Settings::new(deployment, ["databases".into()])));
    }

    #[test]
    fn every_variable_says_what_it_sets() {
        let with = |name, value| read(name, Some(value)).expect("it is one of its values");
        assert_eq!(with("TRELLIS_MODE", "create-only").mode, Mode::CreateOnly);
        assert_eq!(with("TRELLIS_MODE", "plan").mode, Mode::Plan);
        assert_eq!(with("TRELLIS_ADDRESSES_PER_INTERFACE", "1").addresses_per_interface, 1);
        assert_eq!(with("TRELLIS_ADDRESSES_PER_INTERFACE", "62").addresses_per_interface, 62);
        assert_eq!(with("TRELLIS_GRACE_MINUTES", "0").grace, SignedDuration::ZERO);
        assert_eq!(with("TRELLIS_BRAKE_COUNT", "5").brake, Brake { count: 5, percent: 20 });
        assert_eq!(with("TRELLIS_BRAKE_PERCENT", "7").brake, Brake { count: 3, percent: 7 });
        assert!(!with("TRELLIS_CREATE_NETWORKS", "false").create_networks);
        assert!(!with("TRELLIS_DATABASE_RULES", "off").database_rules);
        assert!(!with("TRELLIS_STATUS_TAGS", "off").status_tags);
        assert!(with("TRELLIS_EXPOSE_RESTORED", "on").expose_restored);
    }

    #[test]
    fn a_variable_that_is_missing_or_wrong_is_named() {
        for (name, value) in [
            ("TRELLIS_DEPLOYMENT", "Trellis"),
            ("TRELLIS_NETWORKS", "a--b"),
            ("TRELLIS_MODE", "dry-run"),
            ("TRELLIS_ADDRESSES_PER_INTERFACE", "0"),
            ("TRELLIS_ADDRESSES_PER_INTERFACE", "63"),
            ("TRELLIS_GRACE_MINUTES", "-1"),
            ("TRELLIS_BRAKE_COUNT", "some"),
            ("TRELLIS_STATUS_TAGS", "yes"),
        ] {
            let why = read(name, Some(value)).expect_err(value);
            assert!(why.starts_with(&format!("{name}: ")), "{why}");
            for missing in [None, Some("")] {
                assert_eq!(read(name, missing), Err(format!("{name} is not set")));
            }
        }
    }

    #[test]
    fn a_network_of_our_own_account_is_made_unless_the_deployment_makes_none() {
        let deployment = Deployment::new("trellis").expect("a good name");
        let mut settings = Settings::new(deployment, ["reports".into()]);
        settings.create_networks = false;
        assert!(!settings.makes(&"reports".into()));
    }
}
