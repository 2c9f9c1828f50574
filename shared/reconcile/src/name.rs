//! Names and client tokens, computed from the key and the deployment's name.
//!
//! A lost reply or a repeated call makes nothing twice, because the repetition has the same name
//! and token: AWS's own uniqueness is the lock.

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::id::{DatabaseArn, NetworkName, Port, VpcId};
use crate::key::Key;

/// Longest name that VPC Lattice takes for gateways and configurations.
const LONGEST: usize = 40;
/// Digits of the hash in a configuration's name: 50 bits, among at most 2,000 configurations.
const HASH_DIGITS: usize = 10;
/// How long a client token stays the same.
///
/// What was deleted and is made again needs a new token (what AWS does with a spent one is
/// undocumented), while a repetition after a lost reply needs the old one. Repetitions come
/// within seconds; so the token changes with the time.
const TOKEN_SECONDS: i64 = 600;

/// The deployment's name: what the owner tag says, and the prefix of every name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment(String);

impl Deployment {
    /// The deployment of this name: a lower-case letter, then up to 11 letters and digits.
    ///
    /// # Errors
    ///
    /// A sentence that says what a name must look like.
    pub fn new(name: &str) -> Result<Deployment, String> {
        let fits = (1..=12).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        match fits {
            true => Ok(Deployment(name.to_owned())),
            false => Err(format!(
                "{name:?} is no name for a deployment: a lower-case letter, then up to 11 \
                 lower-case letters and digits"
            )),
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

    /// The name of a database's configuration: `trellis-orders-5432-k3jh5w2pqa`.
    ///
    /// The port stands in it for the consumer side, which may be another account: it learns the
    /// ports from the network's list of associations, see [`port`].
    pub fn configuration(&self, database: &DatabaseArn, port: Port) -> String {
        let tail = format!("{port}-{}", digest(database));
        let room = LONGEST - self.0.len() - tail.len() - 2;
        let slug: String = database.identifier().to_ascii_lowercase().chars().take(room).collect();
        format!("{}-{}-{tail}", self.0, slug.trim_end_matches('-'))
    }

    /// The name of the gateway group, unique in its VPC.
    pub fn gateway_group(&self) -> String {
        format!("{}-gateway", self.0)
    }

    /// The name of the group that workloads attach, unique in its VPC.
    pub fn client_group(&self, network: &NetworkName) -> String {
        format!("{}-client-{network}", self.0)
    }

    /// The name of the endpoint's group, unique in its VPC.
    pub fn endpoint_group(&self, network: &NetworkName) -> String {
        format!("{}-endpoint-{network}", self.0)
    }

    /// The client token for creating what this key is for, built on the things with these ids.
    pub fn token(&self, key: &Key, built_on: &[&str], at: Timestamp) -> String {
        let generation = at.as_second().div_euclid(TOKEN_SECONDS).to_string();
        let key = key.to_string();
        let mut parts = vec![self.as_str(), &key, &generation];
        parts.extend(built_on);
        format!("{}-{}", self.0, hash(&parts, 32))
    }
}

/// The digits that stand for a database's ARN in its configuration's name.
pub fn digest(database: &DatabaseArn) -> String {
    hash(&[database.as_str()], HASH_DIGITS)
}

/// The database's port that a configuration's name tells, whichever deployment made it.
pub fn port(configuration: &str) -> Option<Port> {
    let mut parts = configuration.rsplit('-');
    let hash = parts.next()?;
    let port = parts.next()?.parse().ok().filter(|port| *port > 0)?;
    let is_hash = hash.len() == HASH_DIGITS
        && hash.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
    is_hash.then_some(Port(port))
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
        for identifier in ["orders", "a", "orders-with-a-very-long-name-indeed", "x-y-z-w-v-u-t-s-"]
        {
            let arn =
                DatabaseArn::from(format!("arn:aws:rds:us-east-1:111122223333:db:{identifier}"));
            let name = deployment.configuration(&arn, Port(65535));
            assert!(name.len() <= LONGEST && !name.contains("--"), "{name}");
            assert_eq!(port(&name), Some(Port(65535)), "{name}");
        }
        assert_eq!(port("someone-elses-configuration"), None);
        assert_eq!(port("x-0-aaaaaaaaaa"), None);
    }

    #[test]
    fn a_token_stays_for_a_repetition_and_changes_with_the_generation() {
        let deployment = Deployment::new("trellis").expect("a good name");
        let key = Key::Gateway("vpc-1".into());
        let at = Timestamp::from_second(1_800_000_000).expect("in range");
        let later = Timestamp::from_second(1_800_000_000 + TOKEN_SECONDS).expect("in range");
        let token = deployment.token(&key, &["sg-1"], at);
        assert!(token.len() <= 64, "VPC Lattice takes tokens of up to 64 characters");
        assert_eq!(token, deployment.token(&key, &["sg-1"], at));
        assert_ne!(token, deployment.token(&key, &["sg-1"], later));
        assert_ne!(token, deployment.token(&key, &["sg-2"], at));
    }
}
