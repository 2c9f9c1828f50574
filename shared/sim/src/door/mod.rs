//! The simulated AWS as a whole: its worlds, its clock, and what stands in front of its calls.
//!
//! Faults are rules put in front of the calls ([`Rule`]), not cases inside them.

mod account;
mod client;
mod clock;
mod front;
mod past;
mod record;
pub mod tcp;
mod trail;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};

pub use clock::Clock;
pub use front::{Altering, Asked, Fate, Rule, Witness};
pub use record::CallRecord;

use account::{Account, Role};
use front::Delivery;
use past::Past;
use record::since;
use wire::{Decoded, Undecoded};

use crate::iam::Policy;
use crate::{Event, World};

/// The region of [`Sim::world`].
const HOME: &str = "us-east-1";

/// A simulated AWS. Clones are the same one; [`Sim::fork`] makes another.
///
/// # Guarantees
///
/// - With a virtual clock, the same calls at the same times get the same answers, ids and events
///   (`one_history_makes_one_world`).
/// - A call finds the world as it is at the time of the call
///   (`time_passes_by_sleeping_or_by_advancing`).
/// - What is not a call that AWS would understand is refused in the form of its protocol
///   (`faults_are_in_the_form_of_their_protocol`, `no_form_makes_it_panic`).
#[derive(Clone)]
pub struct Sim {
    inner: Arc<Mutex<Account>>,
}

impl Sim {
    /// An empty account. The seed decides every id.
    pub fn new(clock: Clock, seed: u64) -> Sim {
        let home = World::new(HOME, clock.now(), seed);
        let inner = Account::new(clock, seed, BTreeMap::from([(HOME.to_owned(), home)]));
        Sim { inner: Arc::new(Mutex::new(inner)) }
    }

    /// The same account in the same state and at the same time, with a life of its own from now
    /// on. Rules stay behind.
    pub fn fork(&self) -> Sim {
        let inner = self.lock();
        let (clock, worlds) = (inner.clock.clone(), inner.worlds.clone());
        let copy = Account {
            records: inner.records.clone(),
            number: inner.number,
            roles: inner.roles.clone(),
            ..Account::new(clock, inner.seed, worlds)
        };
        Sim { inner: Arc::new(Mutex::new(copy)) }
    }

    /// An account in this state, with a life of its own on this clock.
    pub fn of(world: World, clock: Clock) -> Sim {
        let seed = world.seed();
        let inner = Account::new(clock, seed, BTreeMap::from([(world.region.clone(), world)]));
        Sim { inner: Arc::new(Mutex::new(inner)) }
    }

    /// From now on whoever calls with this access key is the function of this name in this role,
    /// and may do what the policy allows and nothing else. Who has no policy may do everything.
    pub fn restrict(&self, caller: &str, (role, function): (&str, &str), policy: Policy) {
        let (name, function) = (role.to_owned(), function.to_owned());
        let role = Role { name, function, policy: Arc::new(policy) };
        self.lock().roles.insert(caller.to_owned(), role);
    }

    /// What was denied so far to those who have a policy, of what is there.
    pub fn denials(&self) -> Vec<String> {
        self.lock().denials.clone()
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.lock().clock.now()
    }

    /// The clock, for those who sleep by it. Advancing the simulation does not advance this copy.
    pub fn clock(&self) -> Clock {
        self.lock().clock.clone()
    }

    /// So much time has passed, and with it what was due.
    pub fn advance(&self, by: SignedDuration) {
        let mut inner = self.lock();
        inner.clock.advance(by);
        let now = inner.clock.now();
        inner.worlds.values_mut().for_each(|world| world.advance_to(now));
    }

    /// When something changes by itself, or an event arrives, next.
    pub fn next_due(&self) -> Option<Timestamp> {
        let inner = self.lock();
        let due = inner.worlds.values().filter_map(|world| world.next_due());
        let events = inner.worlds.values().flat_map(|world| &world.events).map(|event| event.at);
        due.chain(events).min()
    }

    /// Looks into, or reaches into, the account in us-east-1 as it is now.
    pub fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        self.region(HOME, look)
    }

    /// The same in another region, which is a world of its own.
    pub fn region<T>(&self, region: &str, look: impl FnOnce(&mut World) -> T) -> T {
        let mut inner = self.lock();
        let found = look(inner.world(region));
        inner.remember(region);
        found
    }

    /// The events that have reached the bus since the last time, in the order of their arrival.
    pub fn take_events(&self) -> Vec<Event> {
        let mut inner = self.lock();
        let now = inner.clock.now();
        let mut taken = Vec::new();
        for world in inner.worlds.values_mut() {
            world.advance_to(now);
            let (come, coming) = std::mem::take(&mut world.events)
                .into_iter()
                .partition::<Vec<_>, _>(|event| event.at <= now);
            world.events = coming;
            taken.extend(come);
        }
        taken.sort_by_key(|event| event.at);
        taken
    }

    /// The calls after the one with this number: all of them after 0.
    pub fn calls_since(&self, number: u64) -> Vec<CallRecord> {
        since(&self.lock().records, number).to_vec()
    }

    /// The number of the last call.
    pub fn last_call(&self) -> u64 {
        self.lock().number
    }

    /// How many of the calls after the one with this number are such.
    pub fn count_since(&self, number: u64, is_such: impl FnMut(&&CallRecord) -> bool) -> usize {
        since(&self.lock().records, number).iter().filter(is_such).count()
    }

    /// From now on this one sees every call in us-east-1, in place of any other.
    pub fn put_witness(&self, witness: impl Witness + 'static) {
        self.lock().witness = Some(Box::new(witness));
    }

    /// One more rule, behind those that are there.
    pub fn put_rule(&self, rule: impl Rule + 'static) {
        let mut inner = self.lock();
        inner.past.keep(rule.looks_back());
        inner.rules.push(Box::new(rule));
        inner.remember(HOME);
    }

    /// How many rules there are.
    pub fn rules(&self) -> usize {
        self.lock().rules.len()
    }

    /// All calls pass again.
    pub fn clear_rules(&self) {
        let mut inner = self.lock();
        (inner.rules, inner.past) = (Vec::new(), Past::default());
    }

    /// Answers a request. One whose answer is lost is answered with status 500.
    pub fn respond(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.deliver(request) {
            Delivery::Reply(response) => response,
            Delivery::Lost => {
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }

    /// What comes back from a request, through either door.
    pub(crate) fn deliver(&self, request: &Request<Bytes>) -> Delivery {
        let mut inner = self.lock();
        match wire::decode(request) {
            Ok(Decoded { call, region }) => inner.answer(&call, &region),
            Err(Undecoded { service, fault }) => {
                let now = inner.clock.now();
                let request_id = inner.request_id();
                let mut response = wire::encode_fault(service, &fault, &request_id);
                wire::stamp(&mut response, now, &request_id);
                Delivery::Reply(response)
            }
        }
    }

    /// A panic while the account was locked leaves it as it is: the panic is reported anyway.
    fn lock(&self) -> MutexGuard<'_, Account> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
