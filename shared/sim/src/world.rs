//! The ground truth of one account in one region, and its time.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::bus::Event;
use crate::ec2::{self, Ec2};
use crate::lattice::{self, Lattice};
use crate::rds::{self, Rds};
use crate::record::is_write;
use crate::throttle::Buckets;
use crate::token::Tokens;
use crate::{Call, Fault, Service, Switches, events, shape, sts};

/// The tags of a thing.
pub type Tags = BTreeMap<String, String>;

/// One account in one region: cheap to make, to copy and to replay.
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
    pub(crate) ec2: Ec2,
    pub(crate) rds: Rds,
    pub(crate) lattice: Lattice,
    pub(crate) tokens: Tokens,
    pub(crate) buckets: Buckets,
    /// How often the tags of a thing have changed, by its ARN.
    pub(crate) tag_versions: BTreeMap<String, u64>,
    now: Timestamp,
    seed: u64,
    made: u64,
    /// Decides what depends on luck. Ids do not.
    dice: Rng,
    pub(crate) version: u64,
    /// What changes by itself, and when: the thing's service and id.
    due: BTreeMap<(Timestamp, u64), (Service, String)>,
}

impl World {
    /// An empty world at this time. The seed decides every id.
    pub fn new(region: &str, now: Timestamp, seed: u64) -> World {
        World {
            account: "111122223333".to_owned(),
            region: region.to_owned(),
            switches: Switches::default(),
            events: Vec::new(),
            ec2: Ec2::default(),
            rds: Rds::default(),
            lattice: Lattice::default(),
            tokens: Tokens::default(),
            buckets: Buckets::default(),
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

    /// Answers one call, at the present time.
    ///
    /// # Errors
    ///
    /// What the service refuses.
    pub fn answer(&mut self, call: &Call) -> Result<Value, Fault> {
        self.throttle(call)?;
        shape::check(call)?;
        self.version += u64::from(is_write(&call.action));
        match call.service {
            Service::Ec2 => ec2::answer(self, call),
            Service::Rds => rds::answer(self, call),
            Service::Lattice => lattice::answer(self, call),
            Service::Events => events::answer(self, call),
            Service::Sts => sts::answer(self, call),
        }
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

    /// Everything that was due until `to` has happened, in order, each at its own time.
    pub fn advance_to(&mut self, to: Timestamp) {
        while let Some(entry) = self.due.first_entry() {
            let at = entry.key().0;
            if at > to {
                break;
            }
            let (service, id) = entry.remove();
            self.now = self.now.max(at);
            self.version += 1;
            match service {
                Service::Ec2 => ec2::ripen(self, &id),
                Service::Rds => rds::ripen(self, &id),
                Service::Lattice => lattice::ripen(self, &id),
                Service::Events | Service::Sts => {}
            }
        }
        self.now = self.now.max(to);
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
