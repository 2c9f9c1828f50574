//! The memory for client tokens: a repeated create makes nothing twice.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kernel::switches::SpentToken;
use crate::kernel::{Call, Fault, Service, World};

/// What each token of each service was spent on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens(BTreeMap<(Service, String, String), Spent>);

#[derive(Clone, Debug)]
struct Spent {
    parameters: String,
    id: String,
    answer: Value,
}

/// Makes a thing at most once for this client token.
///
/// `make` returns the new thing's id and the answer. `show` answers for a thing that is
/// still there, and `None` for one that is not.
///
/// ```text
/// token    parameters   thing     answer
/// ------   ----------   -------   ---------------------------------------
/// none     any          any       make
/// new      any          any       make
/// spent    others       any       refused, in the words of the service
/// spent    the same     there     show
/// spent    the same     gone      as `Switches::spent_token` says
/// ```
pub(crate) fn once<W: AsMut<World>>(
    world: &mut W,
    call: &Call,
    token: Option<&str>,
    show: impl FnOnce(&W, &str) -> Option<Value>,
    make: impl FnOnce(&mut W) -> Result<(String, Value), Fault>,
) -> Result<Value, Fault> {
    let Some(token) = token else { return Ok(make(world)?.1) };
    let key = (call.service, call.action.clone(), token.to_owned());
    let parameters = parameters(call);
    if let Some(spent) = world.as_mut().tokens.0.get(&key).cloned() {
        if spent.parameters != parameters {
            return Err(mismatch(call, &spent.id));
        }
        if let Some(answer) = show(world, &spent.id) {
            return Ok(answer);
        }
        if world.as_mut().switches.spent_token == SpentToken::AnswersOld {
            return Ok(spent.answer);
        }
    }
    let (id, answer) = make(world)?;
    world.as_mut().tokens.0.insert(key, Spent { parameters, id, answer: answer.clone() });
    Ok(answer)
}
/// The members in one order, without the token itself.
fn parameters(call: &Call) -> String {
    let mut members = call.members.clone();
    if let Some(members) = members.as_object_mut() {
        members.retain(|name, _| !name.eq_ignore_ascii_case("clientToken"));
    }
    // Tags, for one, are a map: in which order they arrive is nobody's choice.
    members.sort_all_objects();
    members.to_string()
}

fn mismatch(call: &Call, id: &str) -> Fault {
    match call.service {
        Service::Lattice => Fault::new(
            "ConflictException",
            409,
            "The client token was already used with other parameters.",
        )
        .with("resourceId", id)
        .with("resourceType", "CLIENT_TOKEN"),
        _ => Fault::new(
            "IdempotentParameterMismatch",
            400,
            "The client token was already used, with parameters that are not these.",
        ),
    }
}
