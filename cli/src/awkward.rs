//! What the lab answers under `/_trellis/` to those who want AWS to be awkward.
//!
//! | request                                                     | from now on                  |
//! |-------------------------------------------------------------|------------------------------|
//! | `GET awkward`                                               | (every kind that there is)   |
//! | `POST awkward {"kinds": ["omissions"], "seed": 7}`          | it is so, and nothing else   |
//! | `GET switches`                                              | (every switch as it is)      |
//! | `POST switches {"jitter": 0.5, "durations": {"child": "1m"}}` | these are so               |
//! | `POST omit {"action": …, "name": …, "seconds": 60}`         | that listing omits the thing |
//! | `POST late {"action": …, "part": "tags", "seconds": 60}`    | those answers are so late    |
//! | `POST trouble {"service": "rds", "kind": …, "seconds": 60}` | it is down, or throttles     |
//! | `POST turn {"id": …, "state": "partial"}`                   | the thing is in that state   |
//!
//! `omit` without `seconds` omits once. What `omit`, `late` and `trouble` did is undone by the
//! next `awkward`.

use http::Method;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use sim::awkward::{self, Kind, Late, Omission, Part, Spell, Trouble};
use sim::{Service, World};

use crate::admin::{PREFIX, object};
use crate::lab::Shared;

/// Answers one such request.
pub(crate) fn answer(
    lab: &Shared,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Result<Value, String> {
    match (method, path) {
        (&Method::GET, "awkward") => Ok(json!({"kinds": Kind::ALL.map(Kind::name)})),
        (&Method::GET, "switches") => Ok(json!(lab.sim.world(|world| world.switches.clone()))),
        (&Method::POST, "awkward") => be_awkward(lab, body),
        (&Method::POST, "switches") => switch(lab, body),
        (&Method::POST, "omit") => omit(lab, body),
        (&Method::POST, "late") => late(lab, body),
        (&Method::POST, "trouble") => trouble(lab, body),
        (&Method::POST, "turn") => turn(lab, body),
        _ => Err(format!("{PREFIX}{path} answers POST")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BeAwkward {
    kinds: Vec<String>,
    seed: Option<u64>,
}

fn be_awkward(lab: &Shared, body: &[u8]) -> Result<Value, String> {
    let asked: BeAwkward = object(body)?;
    let seed = asked.seed.unwrap_or(lab.seed);
    let kinds: Option<Vec<Kind>> = asked.kinds.iter().map(|name| Kind::named(name)).collect();
    let kinds = kinds
        .ok_or_else(|| format!("there are the kinds {}", Kind::ALL.map(Kind::name).join(", ")))?;
    awkward::set(&lab.sim, &kinds, seed);
    Ok(json!({"kinds": asked.kinds, "seed": seed}))
}

fn switch(lab: &Shared, body: &[u8]) -> Result<Value, String> {
    let changes: Value = object(body)?;
    lab.sim.world(|world| {
        world.switches = world.switches.changed(&changes)?;
        Ok(json!(world.switches))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Omit {
    action: String,
    name: String,
    #[serde(default)]
    seconds: u32,
}

fn omit(lab: &Shared, body: &[u8]) -> Result<Value, String> {
    let asked: Omit = object(body)?;
    lab.sim.put_rule(Omission::of(&asked.action, &asked.name, seconds(asked.seconds)));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BeLate {
    action: String,
    part: Option<String>,
    seconds: u32,
}

fn late(lab: &Shared, body: &[u8]) -> Result<Value, String> {
    let asked: BeLate = object(body)?;
    let part = match asked.part.as_deref() {
        None => Part::Whole,
        Some("tags") => Part::Tags,
        Some("attributes") => Part::Attributes,
        Some(_) => return Err("part is tags or attributes, or not said".to_owned()),
    };
    lab.sim.put_rule(Late::of(&asked.action, part, seconds(asked.seconds)));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BeInTrouble {
    service: String,
    action: Option<String>,
    kind: String,
    seconds: u32,
}

fn trouble(lab: &Shared, body: &[u8]) -> Result<Value, String> {
    let asked: BeInTrouble = object(body)?;
    let service = Service::named(&asked.service);
    let service = service.ok_or("service is ec2, rds, vpc-lattice, events or sts")?;
    let trouble = match asked.kind.as_str() {
        "outage" => Trouble::Outage,
        "throttling" => Trouble::Throttling,
        _ => return Err("kind is outage or throttling".to_owned()),
    };
    let (now, lasts) = (lab.sim.now(), seconds(asked.seconds));
    lab.sim.put_rule(Spell::of(trouble, service, asked.action.as_deref(), now, lasts));
    Ok(json!({"until": (now + lasts).to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    id: String,
    state: String,
    seconds: Option<u32>,
}

fn turn(lab: &Shared, body: &[u8]) -> Result<Value, String> {
    let asked: Turn = object(body)?;
    let (id, state) = (asked.id.as_str(), asked.state.as_str());
    let has_turned = lab.sim.world(|world| match id.starts_with("vpce-") {
        true => turn_endpoint(world, id, state),
        false => Ok(match (state, asked.seconds) {
            ("ACTIVE", _) => world.lattice_heals(id),
            ("FAILED", _) => world.lattice_fails(id),
            (_, Some(time)) => world.database_is_busy(id, state, seconds(time)),
            (_, None) => world.database_turns(id, state),
        }),
    })?;
    match has_turned {
        true => Ok(json!({})),
        false => Err(format!("there is no {id:?} that can be {state}")),
    }
}

fn turn_endpoint(world: &mut World, id: &str, state: &str) -> Result<bool, String> {
    Ok(match state {
        "available" => world.endpoint_heals(id),
        "failed" => world.endpoint_fails(id, "an internal failure"),
        "partial" => world.endpoint_turns_partial(id),
        "rejected" => world.endpoint_is_rejected(id),
        _ => return Err("an endpoint is available, failed, partial or rejected".to_owned()),
    })
}

fn seconds(number: u32) -> SignedDuration {
    SignedDuration::from_secs(number.into())
}
