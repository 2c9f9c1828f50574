//! Names and client tokens, computed from the key and the deployment's name.
//!
//! A lost reply or a repeated call makes nothing twice, because the repetition has the same name
//! and token: AWS's own uniqueness is the lock.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::action::Create;
use crate::id::{DatabaseArn, DatabaseResourceId, NetworkName, Port, VpcId};
use crate::tag::Tags;

/// Longest name that VPC Lattice takes for gateways and configurations.
const LONGEST: usize = 40;
/// Digits of the hash in a configuration's name: 50 bits, among at most 2,000 configurations.
const HASH_DIGITS: usize = 10;
/// Digits that stand behind them for the database's resource id: they tell whether the database
/// is still the one that its owner wanted exposed.
const ID_DIGITS: usize = 6;
/// So many gateway groups a provider VPC can have: AWS takes five on a gateway (VPC Lattice API,
/// CreateResourceGateway).
pub const GATEWAY_GROUPS: u8 = 5;
/// What stands before the first hyphen in names that AWS refuses: configurations and gateways (VPC
/// Lattice API model, `ResourceConfigurationName` and `ResourceGatewayName`) and security groups
/// (EC2 API Reference, `CreateSecurityGroup`) cannot be named like their own ids.
pub const RESERVED: [&str; 3] = ["rcfg", "rgw", "sg"];
/// How long a client token stays the same.
///
/// What was deleted and is made again needs a new token (what AWS does with a spent one is
/// undocumented), while a repetition after a lost reply needs the old one. Repetitions come
/// within seconds; so the token changes with the time.
const TOKEN_SECONDS: i64 = 600;

/// The deployment's name: what the owner tag says, and the prefix of every name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment(String);

/// Why a text cannot be a deployment's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoName {
    /// It is not made of what names are made of.
    Form(String),
    /// A name that begins so is one of AWS's own: no gateway, configuration or security group of
    /// this deployment could be made.
    Reserved(String),
}

impl fmt::Display for NoName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoName::Form(text) => write!(
                formatter,
                "{text:?} is not a name for a deployment: a lower-case letter, then up to 11 \
                 lower-case letters and digits"
            ),
            NoName::Reserved(text) => write!(
                formatter,
                "{text:?} is not a name for a deployment: AWS keeps names that begin with {text}- \
                 for itself"
            ),
        }
    }
}

impl std::error::Error for NoName {}

impl Deployment {
    /// The deployment of this name: a lower-case letter, then up to 11 letters and digits, and not
    /// one of [`RESERVED`]. The template's pattern says the same.
    ///
    /// # Errors
    ///
    /// What the text is instead.
    pub fn new(name: &str) -> Result<Deployment, NoName> {
        let fits = (1..=12).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        match name {
            _ if !fits => Err(NoName::Form(name.to_owned())),
            _ if RESERVED.contains(&name) => Err(NoName::Reserved(name.to_owned())),
            _ => Ok(Deployment(name.to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a provider VPC's gateway.
    pub fn gateway(&self, vpc: &VpcId) -> String {
        format!("{}-{vpc}", self.0)
    }

    /// The name of a database's configuration: `trellis-orders-5432-k3jh5w2pqa4bn2qz`.
    ///
    /// The port stands in it for the consumer side, which may be another account: it learns the
    /// ports from the network's list of associations, see [`port`]. Behind it stand digits for the
    /// ARN, which AWS binds the configuration to, and for the resource id, which its owner's
    /// consent is bound to.
    pub fn configuration(
        &self,
        database: &DatabaseArn,
        id: &DatabaseResourceId,
        port: Port,
    ) -> String {
        let tail = format!("{port}-{}{}", digest(database), id_digest(id));
        let room = LONGEST - self.0.len() - tail.len() - 2;
        let slug: String = database.identifier().to_ascii_lowercase().chars().take(room).collect();
        format!("{}-{}-{tail}", self.0, slug.trim_end_matches('-'))
    }

    /// Whether this may be the name of a configuration of ours.
    pub fn may_have_named(&self, configuration: &str) -> bool {
        let rest = configuration.strip_prefix(self.as_str());
        rest.is_some_and(|rest| rest.starts_with('-')) && port(configuration).is_some()
    }

    /// The name of a gateway group, unique in its VPC: a VPC with more databases than the rules of
    /// one group can open has several.
    pub fn gateway_group(&self, number: u8) -> String {
        match number {
            1 => format!("{}-gateway", self.0),
            number => format!("{}-gateway-{number}", self.0),
        }
    }

    /// The number of the gateway group of this name. AWS allows no two names in one VPC that differ
    /// by case alone, so one in other letters is in the way of ours.
    pub fn gateway_group_number(&self, name: &str) -> Option<u8> {
        let is_it = |number: &u8| name.eq_ignore_ascii_case(&self.gateway_group(*number));
        (1..=GATEWAY_GROUPS).find(is_it)
    }

    /// The name of the group that workloads attach, unique in its VPC.
    pub fn client_group(&self, network: &NetworkName) -> String {
        format!("{}-client-{network}", self.0)
    }

    /// The name of the endpoint's group, unique in its VPC.
    pub fn endpoint_group(&self, network: &NetworkName) -> String {
        format!("{}-endpoint-{network}", self.0)
    }

    /// The client token for making this with these tags at this time.
    ///
    /// It stands for every member of the call: a token that comes again with other members is an
    /// error (VPC Lattice API, `clientToken`), so whatever is made in another way has another.
    pub fn token(&self, create: &Create, tags: &Tags, at: Timestamp) -> String {
        let generation = at.as_second().div_euclid(TOKEN_SECONDS).to_string();
        let members = format!("{create:?} {tags:?}");
        format!("{}-{}", self.0, hash(&[&generation, &members], 32))
    }
}

/// The digits that stand for a database's ARN in its configuration's name.
pub fn digest(database: &DatabaseArn) -> String {
    hash(&[database.as_str()], HASH_DIGITS)
}

/// The digits that stand for a database's resource id in its configuration's name.
pub fn id_digest(id: &DatabaseResourceId) -> String {
    hash(&[id.as_str()], ID_DIGITS)
}

/// The database's port that a configuration's name tells, whichever deployment made it.
pub fn port(configuration: &str) -> Option<Port> {
    digits(configuration)?;
    let port = configuration.rsplit('-').nth(1)?;
    port.parse().ok().filter(|port| *port > 0).map(Port)
}

/// The digits for the ARN and for the resource id that a configuration's name tells. Those of the
/// first version tell no resource id.
pub fn digits(configuration: &str) -> Option<(&str, Option<&str>)> {
    let word = configuration.rsplit('-').next()?;
    let is_hash = word.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
    match (is_hash, word.split_at_checked(HASH_DIGITS)?) {
        (true, (arn, "")) => Some((arn, None)),
        (true, (arn, id)) if id.len() == ID_DIGITS => Some((arn, Some(id))),
        _ => None,
    }
}

fn hash(parts: &[&str], digits: usize) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // The length keeps ["ab", "c"] and ["a", "bc"] apart.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let mut text = BASE32_NOPAD.encode(&hasher.finalize()).to_ascii_lowercase();
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_name_fits_lattice_and_tells_the_port() {
        let deployment = Deployment::new("trellisstage").expect("a good name");
        for identifier in ["orders", "a", "orders-with-a-very-long-name", "x-y-z-w-"] {
            let arn =
                DatabaseArn::from(format!("arn:aws:rds:us-east-1:111122223333:db:{identifier}"));
            let id = DatabaseResourceId::from("db-ABC");
            let name = deployment.configuration(&arn, &id, Port(65535));
            assert!(name.len() <= LONGEST && !name.contains("--"), "{name}");
            assert_eq!(port(&name), Some(Port(65535)), "{name}");
            assert_eq!(digits(&name), Some((&*digest(&arn), Some(&*id_digest(&id)))), "{name}");
        }
        assert_eq!(port("someone-elses-configuration"), None);
        assert_eq!(port("x-0-aaaaaaaaaa"), None);
        assert_eq!(port("x-5432-aaaaaaaaaa"), Some(Port(5432)), "as the first version named it");
        assert_eq!(port("x-5432-aaaaaaaaaabbb"), None);
    }

    #[test]
    fn a_token_stays_for_a_repetition_and_no_longer() {
        let deployment = Deployment::new("trellis").expect("a good name");
        let create = |name: &str| Create::Network { name: name.into() };
        let (one, tags) = (create("one"), Tags::new());
        let at = Timestamp::from_second(1_800_000_000).expect("in range");
        let later = Timestamp::from_second(1_800_000_000 + TOKEN_SECONDS).expect("in range");
        let token = deployment.token(&one, &tags, at);
        assert!(token.len() <= 64, "VPC Lattice takes tokens of up to 64 characters");
        assert_eq!(token, deployment.token(&one, &tags, at));
        assert_ne!(token, deployment.token(&one, &tags, later));
        assert_ne!(token, deployment.token(&create("other"), &tags, at));
        let other = Tags::from([("trellis:for".to_owned(), "other".to_owned())]);
        assert_ne!(token, deployment.token(&one, &other, at));
    }

    #[test]
    fn every_name_begins_with_the_deployment_and_says_what_it_is_for() {
        let deployment = Deployment::new("trellis").expect("a good name");
        assert_eq!(deployment.gateway(&"vpc-1".into()), "trellis-vpc-1");
        assert_eq!(deployment.client_group(&"databases".into()), "trellis-client-databases");
        assert_eq!(deployment.endpoint_group(&"databases".into()), "trellis-endpoint-databases");
        let arn = DatabaseArn::from("arn:aws:rds:us-east-1:111122223333:db:Orders");
        let name = deployment.configuration(&arn, &"db-ABC".into(), Port(5432));
        assert!(name.starts_with("trellis-orders-5432-"), "{name}");
        assert!(deployment.may_have_named(&name));
        let longest = DatabaseArn::from(format!("{arn}-{}", "x".repeat(60)));
        let name = deployment.configuration(&longest, &"db-ABC".into(), Port(5432));
        assert_eq!(name.len(), LONGEST, "all the room is used: {name}");
        for other in ["trellis-orders", "trellis2-orders-5432-aaaaaaaaaa", "trellis"] {
            assert!(!deployment.may_have_named(other), "{other}");
        }
        assert!(!deployment.may_have_named("other-orders-5432-aaaaaaaaaa"));
    }

    #[test]
    fn a_gateway_group_has_a_number_behind_its_name_but_for_the_first() {
        let deployment = Deployment::new("trellis").expect("a good name");
        for (number, name) in [(1, "trellis-gateway"), (2, "trellis-gateway-2")] {
            assert_eq!(deployment.gateway_group(number), name);
            assert_eq!(deployment.gateway_group_number(name), Some(number));
        }
        assert_eq!(deployment.gateway_group_number("Trellis-GATEWAY-5"), Some(5));
        for other in ["trellis-gateway-1", "trellis-gateway-6", "gateway"] {
            assert_eq!(deployment.gateway_group_number(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_with_other_than_our_digits_tells_nothing() {
        assert_eq!(digits("x-5432-aaaaaaaaaa"), Some(("aaaaaaaaaa", None)));
        assert_eq!(digits("x-5432-234567aaaabbbbbb"), Some(("234567aaaa", Some("bbbbbb"))));
        for name in ["x-5432-aaaaaaaaa", "x-5432-aaaaaaaaa1", "x-5432-AAAAAAAAAA"] {
            assert_eq!(digits(name), None, "{name}");
        }
        assert_eq!(digits("x-5432-aaaaaaaaaa88"), None);
        assert_eq!(digits("x-5432-aaaaaaaaaabbbbbbb"), None);
        assert_eq!((port("x-65536-aaaaaaaaaa"), port("aaaaaaaaaa")), (None, None));
    }

    #[test]
    fn a_deployment_has_a_short_name_of_small_letters_and_digits() {
        for name in ["t", "trellis", "t2", "abcdefghijkl"] {
            assert!(Deployment::new(name).is_ok(), "{name}");
        }
        for name in ["", "2t", "Trellis", "tre-llis", "abcdefghijklm", "é"] {
            assert!(Deployment::new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_that_is_refused_is_told_why() {
        let why = |name: &str| Deployment::new(name).expect_err(name).to_string();
        assert_eq!(
            why("Trellis"),
            "\"Trellis\" is not a name for a deployment: a lower-case letter, then up to 11 \
             lower-case letters and digits"
        );
        for name in RESERVED {
            let expected = format!("AWS keeps names that begin with {name}- for itself");
            assert!(why(name).ends_with(&expected), "{}", why(name));
        }
    }
}
