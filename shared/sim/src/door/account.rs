//! What is behind the doors: the worlds of an account, and the rules in front of its calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::front::{Asked, Delivery, Fate, Rule, Witness};
use super::past::Past;
use super::{CallRecord, Clock, HOME, trail, wire};
use crate::iam::{self, Denial, Policy};
use crate::{Call, Fault, World};

/// A function as those see it whom it calls.
#[derive(Clone)]
pub(super) struct Role {
    /// The role's name.
    pub(super) name: String,
    /// The function's.
    pub(super) function: String,
    /// What it may do.
    pub(super) policy: Arc<Policy>,
}

pub(super) struct Account {
    pub(super) clock: Clock,
    pub(super) seed: u64,
    pub(super) worlds: BTreeMap<String, World>,
    pub(super) rules: Vec<Box<dyn Rule>>,
    pub(super) past: Past,
    pub(super) witness: Option<Box<dyn Witness>>,
    /// The functions, by their access keys. Who is not here may do everything.
    pub(super) roles: BTreeMap<String, Role>,
    /// What was denied to them of what is there.
    pub(super) denials: Vec<String>,
    pub(super) records: Vec<CallRecord>,
    pub(super) number: u64,
}

impl Account {
    /// These worlds, with nothing in front of them and nothing called yet.
    pub(super) fn new(clock: Clock, seed: u64, worlds: BTreeMap<String, World>) -> Account {
        Account {
            clock,
            seed,
            worlds,
            rules: Vec::new(),
            past: Past::default(),
            witness: None,
            roles: BTreeMap::new(),
            denials: Vec::new(),
            records: Vec::new(),
            number: 0,
        }
    }

    /// The world of a region as it is now.
    pub(super) fn world(&mut self, region: &str) -> &mut World {
        let now = self.clock.now();
        if !self.worlds.contains_key(region) {
            let mut world = World::new(region, now, self.seed);
            if let Some(home) = self.worlds.get(HOME) {
                world.account.clone_from(&home.account);
                world.switches = home.switches.clone();
            }
            self.worlds.insert(region.to_owned(), world);
        }
        let world = self.worlds.get_mut(region).expect("it is there or was just inserted");
        world.advance_to(now);
        world
    }

    /// What comes back from a call, and what the rules make of it.
    pub(super) fn answer(&mut self, call: &Call, region: &str) -> Delivery {
        self.number += 1;
        let number = self.number;
        let now = self.world(region).now();
        self.remember(region);
        let asked = Asked { call, number, now, region, past: &self.past };
        let fate = self
            .rules
            .iter_mut()
            .map(|rule| rule.judge(&asked))
            .find(|fate| *fate != Fate::Pass)
            .unwrap_or(Fate::Pass);
        if let (Some(witness), Some(home)) = (&mut self.witness, self.worlds.get_mut(HOME)) {
            witness.before(home, call, number);
        }
        let role = self.roles.get(&call.caller).cloned();
        let world = self.world(region);
        let mut denial = None;
        let mut arrives = |world: &mut World| {
            let allowed = role.as_ref().map_or(Ok(()), |it| iam::check(world, &it.policy, call));
            allowed.map_err(|Denial { fault, is_there }| {
                denial = is_there.then(|| fault.message.clone());
                fault
            })?;
            world.answer(call)
        };
        let mut answer = match &fate {
            Fate::LoseRequest => {
                self.record(call, None, 0);
                return Delivery::Lost;
            }
            Fate::Refuse(fault) => Err(fault.clone()),
            Fate::Pass | Fate::LoseReply => arrives(world),
            Fate::Repeat => {
                let _ = arrives(world);
                arrives(world)
            }
        };
        let request_id = self.request_id();
        trail::note(self.world(region), call, role.as_ref(), &answer, &request_id);
        self.denials.extend(denial);
        if let (Some(witness), Some(home)) = (&mut self.witness, self.worlds.get(HOME)) {
            witness.after(home, call);
        }
        let asked = Asked { call, number, now, region, past: &self.past };
        self.rules.iter_mut().for_each(|rule| rule.alter(&asked, &mut answer));
        self.remember(region);
        let mut response = match &answer {
            Ok(answer) => wire::encode(call, answer, &request_id),
            Err(fault) => wire::encode_fault(call.service, fault, &request_id),
        };
        wire::stamp(&mut response, now, &request_id);
        self.record(call, Some(&answer), response.status().as_u16());
        match fate {
            Fate::LoseReply => Delivery::Lost,
            _ => Delivery::Reply(response),
        }
    }

    /// Notes the world of a region as it is, if a rule looks back.
    pub(super) fn remember(&mut self, region: &str) {
        self.worlds.get(region).into_iter().for_each(|world| self.past.note(world));
    }

    fn record(&mut self, call: &Call, answer: Option<&Result<Value, Fault>>, status: u16) {
        let (number, now) = (self.number, self.clock.now());
        self.records.push(CallRecord::of(number, now, call, answer, status));
    }

    /// The id of this request, which no other has.
    pub(super) fn request_id(&self) -> String {
        format!("{:08x}-0000-4000-8000-{:012x}", self.seed & 0xffff_ffff, self.number)
    }
}
