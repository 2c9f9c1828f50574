//! No call makes the simulated AWS panic, however wrong it is and whatever there is.
//!
//! Before the calls that facts make, the same calls are made with something wrong in them, each on
//! a copy of the world of that moment, which lives on for a day.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use facts::Clients;
use fastrand::Rng;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::{Call, Clock, Sim, Witness, World};
use tests::scene::{on_virtual_time, sdk, start};

/// How often the first call of an operation is made wrong, in each case. The second one is half as
/// often, and so on: most are listings, again and again, until something is ready.
const TIMES: usize = 24;

struct Spoiler {
    dice: Rng,
    /// How often each operation was called.
    calls: BTreeMap<String, usize>,
    /// Texts that calls have had so far: ids of all kinds, names, numbers.
    seen: BTreeSet<String>,
}

impl Witness for Spoiler {
    fn before(&mut self, world: &mut World, call: &Call, _: u64) {
        let mut places = Vec::new();
        places_in(&call.members, String::new(), &mut places);
        let values = places.iter().filter_map(|place| call.members.pointer(place)?.as_str());
        self.seen.extend(values.map(str::to_owned));
        let calls = self.calls.entry(call.action.clone()).or_default();
        *calls += 1;
        for _ in 0..TIMES / *calls {
            let mut wrong = call.clone();
            self.spoil(&mut wrong.members, &places);
            let mut copy = world.clone();
            copy.switches.throttling = false;
            let lives = catch_unwind(AssertUnwindSafe(|| {
                let _ = copy.answer(&wrong);
                let _ = copy.answer(call);
                copy.advance_to(copy.now() + SignedDuration::from_hours(24));
            }));
            assert!(lives.is_ok(), "{wrong:?}");
        }
    }

    fn after(&mut self, _: &World, _: &Call) {}
}

impl Spoiler {
    /// One member or two, at any depth, are something else, twice there, or not there.
    fn spoil(&mut self, members: &mut Value, places: &[String]) {
        for _ in 0..self.dice.usize(1..=2) {
            let Some(place) = self.dice.choice(places) else { return };
            let Some(value) = members.pointer_mut(place) else { continue };
            match (value, self.dice.u8(..8)) {
                (Value::Array(items), 1..) if !items.is_empty() => items.push(items[0].clone()),
                (Value::Object(inner), 1..) => {
                    let name = self.dice.choice(inner.keys()).cloned();
                    name.and_then(|name| inner.remove(&name));
                }
                (Value::String(text), 2..) => *text = self.like(text),
                (value, _) => *value = self.dice.choice(odd()).unwrap_or_default(),
            }
        }
    }

    /// A text that may do in place of this one: it begins so, is as long, or is nearly the same.
    fn like(&mut self, text: &str) -> String {
        let kind = |text: &str| text.split(['-', ':', '.']).next().map(str::to_owned);
        let alike: Vec<_> = match self.dice.u8(..3) {
            0 => self.seen.iter().filter(|seen| kind(seen) == kind(text)).collect(),
            1 => self.seen.iter().filter(|seen| seen.len() == text.len()).collect(),
            _ => self.seen.iter().collect(),
        };
        match self.dice.u8(..6) {
            0 => text.chars().take(text.len() / 2).collect(),
            1 => format!("{text}{text}"),
            2 => text.to_uppercase(),
            3 => text.replace(char::is_numeric, "9"),
            _ => self.dice.choice(alike).cloned().unwrap_or_default(),
        }
    }
}

fn odd() -> Vec<Value> {
    let texts = ["", " ", "0", "-1", "65536", "99999999999999999999", "é\0", "::", "a/b:c/", "-"];
    let ranges = ["0.0.0.0/0", "10.0.0.0/32", "10.0.0.7/8", "255.255.255.255/1", "::/0", "10.0"];
    let words = ["off", "all", "tcp", "true", "2026-02-30T00:00:00Z", "arn:aws:rds:::db:", "sn-0"];
    let texts = [&texts[..], &ranges, &words].concat().into_iter().map(Value::from);
    let others = json!([null, true, 0, -1, i64::MAX, 1.5, [], {}, [[]], [null], {"a": {}}]);
    let long = Value::from("a".repeat(3000));
    let others = others.as_array().cloned().unwrap_or_default();
    texts.chain(others).chain([long]).collect()
}

/// JSON pointers to all that is in a value, itself too.
fn places_in(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            places_in(inner, format!("{at}/{name}"), places);
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, inner)| {
            places_in(inner, format!("{at}/{index}"), places);
        }),
        _ => {}
    }
    places.push(at);
}

#[test]
fn no_call_makes_the_simulated_aws_panic() {
    for (seed, case) in (0..).zip(facts::all()) {
        on_virtual_time(async {
            let sim = Sim::new(Clock::virtual_from(start()), seed);
            let dice = Rng::with_seed(seed);
            let (calls, seen) = Default::default();
            sim.put_witness(Spoiler { dice, calls, seen });
            let reachability = facts::run(&case, &Clients::new(&sdk(&sim, "facts"))).await;
            drop(reachability);
        });
    }
}
