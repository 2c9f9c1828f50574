//! AWS STS: who is calling.

use serde_json::{Value, json};

use crate::{Call, Fault, World};

/// Answers one call to STS.
pub(crate) fn answer(world: &mut World, call: &Call) -> Result<Value, Fault> {
    match call.action.as_str() {
        "GetCallerIdentity" => Ok(json!({
            "UserId": call.caller,
            "Account": world.account,
            "Arn": format!("arn:aws:iam::{}:user/{}", world.account, call.caller),
        })),
        other => Err(Fault::new(
            "InvalidAction",
            400,
            format!("The simulated STS does not know the action {other}."),
        )),
    }
}
