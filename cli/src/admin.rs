//! What the lab answers under `/_trellis/`, next to AWS.
//!
//! | request                              | answer                                             |
//! |--------------------------------------|----------------------------------------------------|
//! | `GET reachable?from=<group>&to=<db>` | whether, by which names, where it breaks, the hops |
//! | `GET calls`                          | every AWS call so far                              |
//! | `POST advance {"seconds": n}`        | simulated time has moved; as `clock`               |
//! | `GET clock`                          | the time, the speed, whether a function is at work |
//!
//! How AWS is awkward is set at `awkward`, `switches`, `omit`, `late`, `trouble` and `turn`: see
//! [`crate::awkward`].
//!
//! What is wrong gets 400 and one sentence.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sim::reach;

use crate::awkward;
use crate::lab::Shared;
use crate::look::Look;
use crate::reply::reply;

/// Where it is found.
pub(crate) const PREFIX: &str = "/_trellis/";

/// Time cannot be moved further than this at once: nobody means more, and the clock could not.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 366);

/// Answers a request under [`PREFIX`].
pub(crate) fn answer(lab: &Shared, request: &Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    let answer = match (request.method(), path) {
        (&Method::GET, "reachable") => reachable(lab, request.uri().query().unwrap_or_default()),
        (&Method::GET, "calls") => Ok(json!(lab.sim.calls_since(0))),
        (&Method::GET, "clock") => Ok(clock(lab)),
        (&Method::POST, "advance") => advance(lab, request.body()),
        (method, "awkward" | "switches" | "omit" | "late" | "trouble" | "turn") => {
            awkward::answer(lab, method, path, request.body())
        }
        (_, "reachable" | "calls" | "clock") => Err(format!("{PREFIX}{path} answers GET only")),
        (_, "advance") => Err(format!("{PREFIX}{path} answers POST only")),
        _ => Err(format!(
            "there is no {PREFIX}{path}: there are reachable, calls, clock, advance, awkward, \
             switches, omit, late, trouble and turn"
        )),
    };
    match answer {
        Ok(value) => reply(StatusCode::OK, value.to_string()),
        Err(sentence) => reply(StatusCode::BAD_REQUEST, json!({"error": sentence}).to_string()),
    }
}

fn reachable(lab: &Shared, query: &str) -> Result<Value, String> {
    let mut from = None;
    let mut to = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "from" => from = Some(value.into_owned()),
            "to" => to = Some(value.into_owned()),
            other => return Err(format!("reachable knows from and to, not {other:?}")),
        }
    }
    let (Some(from), Some(to)) = (from, to) else {
        return Err("say which: reachable?from=<security group id>&to=<database>".to_owned());
    };
    lab.sim.world(|world| {
        let look = Look::at(world);
        if look.find("group", &from).is_none() {
            return Err(format!("there is no security group {from:?}"));
        }
        if look.find("database", &to).is_none() {
            return Err(format!("there is no database {to:?}"));
        }
        Ok(json!(reach::reachable(world, &from, &to)))
    })
}

fn advance(lab: &Shared, body: &[u8]) -> Result<Value, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Advance {
        seconds: f64,
    }
    let Ok(Advance { seconds }) = object(body) else {
        return Err("say by how much: {\"seconds\": 300}".to_owned());
    };
    if !(0.0..=FURTHEST.as_secs_f64()).contains(&seconds) {
        return Err(
            "seconds is a number from 0 to a year's worth: time does not go back".to_owned()
        );
    }
    lab.sim.advance(SignedDuration::from_secs_f64(seconds));
    Ok(clock(lab))
}

/// A body that is a JSON object with these members. By way of an object: serde also takes a list
/// for a structure's fields, in their order.
pub(crate) fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice::<serde_json::Map<String, Value>>(body)
        .and_then(|object| serde_json::from_value(Value::Object(object)))
        .map_err(|error| error.to_string())
}

fn clock(lab: &Shared) -> Value {
    let functions: Vec<Value> = lab
        .runtimes
        .iter()
        .map(|it| json!({"name": it.function.binary, "at_work": it.is_at_work()}))
        .collect();
    json!({
        "time": lab.sim.now().to_string(),
        "speed": lab.speed,
        "at_work": lab.runtimes.iter().any(|runtime| runtime.is_at_work()),
        "idle": lab.is_idle(),
        "functions": functions,
    })
}
