//! JSON 1.1, as EventBridge and Systems Manager speak it: the operation in a header, members in the
//! body.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use super::response;
use crate::Fault;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The action and its members.
pub(super) fn read(api: &str, request: &Request<Bytes>) -> Result<(String, Value), Fault> {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
    let action = target.and_then(|target| target.strip_prefix(api)?.strip_prefix('.'));
    let Some(action) = action else {
        let message = format!("The request has no X-Amz-Target of {api}.");
        return Err(Fault::new("UnknownOperationException", 400, message));
    };
    match serde_json::from_slice(request.body()) {
        Ok(members @ Value::Object(_)) => Ok((action.to_owned(), members)),
        _ => Err(Fault::new("SerializationException", 400, "The body is not a JSON object.")),
    }
}

/// The response to a call that was answered.
pub(super) fn write(answer: &Value) -> Response<Bytes> {
    response(200, CONTENT_TYPE, answer.to_string())
}

/// The response to a call that was refused.
pub(super) fn write_fault(fault: &Fault) -> Response<Bytes> {
    let mut body = json!({"__type": fault.code, "message": fault.message});
    if let Some(body) = body.as_object_mut() {
        body.extend((*fault.members).clone());
    }
    response(fault.status, CONTENT_TYPE, body.to_string())
}
