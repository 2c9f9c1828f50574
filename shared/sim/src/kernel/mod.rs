//! What every service stands on: time, ids, luck, tags, tokens, events, and what holds what.
//!
//! Each service sees a `World` of its own: what is its own on top of the world of the service
//! below it, and nothing of those above. `kernel` ◄ `ec2` ◄ `rds` ◄ `lattice` ◄ `privatelink` ◄
//! [`crate::World`], which hands calls and due moments down to them.

pub mod bus;
pub mod call;
pub mod fault;
mod holders;
pub(crate) mod page;
pub(crate) mod shape;
pub mod switches;
pub(crate) mod things;
mod throttle;
pub(crate) mod token;

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

pub use bus::Event;
pub use call::{Call, Service};
pub use fault::Fault;
use holders::Holders;
pub use switches::Switches;
pub(crate) use things::Things;
use throttle::Buckets;
use token::Tokens;

/// The tags of a thing.
pub type Tags = BTreeMap<String, String>;

/// One account in one region, of which nothing is known but its time.
#[derive(Clone, Debug)]
pub struct World {
    /// The account's id.
    pub account: String,
    /// The region, which also names the availability zones.
    pub region: String,
    /// How this AWS behaves.
    pub switches: Switches,
    /// Events on their way to the bus, with the time at which they reach it.
    pub events: Vec<Event>,
    tokens: Tokens,
    buckets: Buckets,
    holders: Holders,
    /// How often the tags of a thing have changed, by its ARN.
    tag_versions: BTreeMap<String, u64>,
    now: Timestamp,
    seed: u64,
    made: u64,
    /// Decides what depends on luck. Ids do not.
    dice: Rng,
    /// How often anything has changed, by a call that may write or by itself.
    pub(crate) version: u64,
    /// What changes by itself, and when: the thing's service and id.
    due: BTreeMap<(Timestamp, u64), (Service, String)>,
}

impl AsMut<World> for World {
    fn as_mut(&mut self) -> &mut World {
        self
    }
}

impl World {
    /// An empty world at this time. The seed decides every id.
    pub fn new(region: &str, now: Timestamp, seed: u64) -> World {
        World {
            account: "111122223333".to_owned(),
            region: region.to_owned(),
            switches: Switches::default(),
            events: Vec::new(),
            tokens: Tokens::default(),
            buckets: Buckets::default(),
            holders: Holders::default(),
            tag_versions: BTreeMap::new(),
            now,
            seed,
            made: 0,
            dice: Rng::with_seed(seed),
            version: 0,
            due: BTreeMap::new(),
        }
    }

    /// What decides every id.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The thing with this id changes by itself after `delay`, or about that. Returns when.
    pub fn ripens(&mut self, service: Service, id: &str, delay: SignedDuration) -> Timestamp {
        self.made += 1;
        let at = self.now + self.about(delay);
        self.due.insert((at, self.made), (service, id.to_owned()));
        at
    }

    /// This time, as much shorter or longer as [`Switches::jitter`] says.
    pub(crate) fn about(&mut self, time: SignedDuration) -> SignedDuration {
        let jitter = self.switches.jitter;
        if jitter <= 0.0 {
            return time;
        }
        let factor = 1.0 + jitter * (2.0 * self.dice.f64() - 1.0);
        SignedDuration::from_secs_f64(time.as_secs_f64() * factor.max(0.0))
    }

    /// Any time up to this one.
    pub(crate) fn up_to(&mut self, longest: SignedDuration) -> SignedDuration {
        SignedDuration::from_secs_f64(longest.as_secs_f64() * self.dice.f64())
    }

    /// Whether something happens that happens so often.
    pub(crate) fn happens(&mut self, chance: f64) -> bool {
        chance > 0.0 && self.dice.f64() < chance
    }

    /// The next thing that is due until `to`, at whose time it is now; or none, and it is `to`.
    pub(crate) fn next_until(&mut self, to: Timestamp) -> Option<(Service, String)> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= to);
        let Some(entry) = entry else {
            self.now = self.now.max(to);
            return None;
        };
        self.now = self.now.max(entry.key().0);
        self.version += 1;
        Some(entry.remove())
    }

    /// When something changes by itself next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// A new id such as `vpc-0…`: the prefix, a dash and this many hex digits. It depends on
    /// the seed and on how many were made before.
    pub(crate) fn new_id(&mut self, prefix: &str, digits: usize) -> String {
        format!("{prefix}-0{}", &self.new_hex()[..digits - 1])
    }

    /// A new UUID, as deterministic as the ids.
    pub(crate) fn new_uuid(&mut self) -> String {
        let hex = self.new_hex();
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32]];
        parts.join("-")
    }

    /// 64 hex digits that nothing else has.
    pub(crate) fn new_hex(&mut self) -> String {
        self.made += 1;
        HEXLOWER.encode(&Sha256::digest(format!("{}/{}/{}", self.region, self.seed, self.made)))
    }

    /// The ARN of a thing of this account and region: `suffix` is `vpc/vpc-1`, `db:orders`.
    pub(crate) fn arn(&self, service: &str, suffix: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{suffix}", self.region, self.account)
    }

    /// Whether listings show a thing: they learn of its creation and of its end only after
    /// [`Switches::listing_lag`].
    pub(crate) fn is_listed(&self, created: Timestamp, deleted: Option<Timestamp>) -> bool {
        let lag = self.switches.listing_lag;
        created + lag <= self.now && deleted.is_none_or(|deleted| self.now < deleted + lag)
    }
}

/// A time as the services write it.
pub(crate) fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
