//! The wire: requests into calls, answers and faults into responses, per protocol.
//!
//! | service | protocol | file |
//! |---|---|---|
//! | EC2, RDS, STS | query: a form in, XML out | `query`, `xml` |
//! | VPC Lattice | REST with JSON | `rest` |
//! | EventBridge, Systems Manager | JSON 1.1 | `json` |

mod json;
mod query;
mod rest;
mod signature;
mod xml;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use jiff::Timestamp;
use serde_json::Value;

pub(crate) use signature::Signature;

use crate::{Call, Fault, Service};

/// A request that could be read.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The call.
    pub(crate) call: Call,
    /// The region that it is signed for.
    pub(crate) region: String,
}

/// A request that could not: what it is refused with, as the service that it is likely for.
#[derive(Debug)]
pub(crate) struct Undecoded {
    /// The service.
    pub(crate) service: Service,
    /// Why.
    pub(crate) fault: Fault,
}

/// Reads a request.
pub(crate) fn decode(request: &Request<Bytes>) -> Result<Decoded, Undecoded> {
    let Some(signature) = Signature::of(request) else {
        let service = guess(request);
        return Err(Undecoded { service, fault: unsigned(service) });
    };
    let Some(service) = Service::named(&signature.service) else {
        let service = guess(request);
        return Err(Undecoded { service, fault: absent(service, &signature.service) });
    };
    let read = match service {
        Service::Ec2 | Service::Rds | Service::Sts => query::read(service, request),
        Service::Lattice => rest::read(request),
        Service::Events => json::read("AWSEvents", request),
        Service::Ssm => json::read("AmazonSSM", request),
    };
    let (action, members) = read.map_err(|fault| Undecoded { service, fault })?;
    let call = Call { caller: signature.caller, service, action, members };
    Ok(Decoded { call, region: signature.region })
}

/// Which service an unsigned request is for, or, of those that are imitated, the one that speaks
/// the protocol of a request for another.
fn guess(request: &Request<Bytes>) -> Service {
    if request.headers().contains_key("x-amz-target") {
        return Service::Events;
    }
    if request.uri().path() != "/" {
        return Service::Lattice;
    }
    let text = String::from_utf8_lossy(request.body());
    match text {
        text if text.contains("Version=2016-11-15") => Service::Ec2,
        text if text.contains("Version=2014-10-31") => Service::Rds,
        _ => Service::Sts,
    }
}

/// There is no such service: said in the protocol that the request is in.
fn absent(service: Service, name: &str) -> Fault {
    let message = format!("The simulated AWS has no service '{name}'.");
    match service {
        Service::Lattice => Fault::new("UnknownOperationException", 404, message),
        Service::Events | Service::Ssm => Fault::new("UnknownOperationException", 400, message),
        Service::Ec2 | Service::Rds | Service::Sts => Fault::new("InvalidAction", 400, message),
    }
}

/// What each service says to a request without a signature.
fn unsigned(service: Service) -> Fault {
    let message = "Request is missing Authentication Token";
    match service {
        Service::Ec2 => Fault::new("AuthFailure", 401, message),
        Service::Rds | Service::Sts => Fault::new("MissingAuthenticationToken", 403, message),
        Service::Lattice => Fault::new("AccessDeniedException", 403, message),
        Service::Events | Service::Ssm => {
            Fault::new("MissingAuthenticationTokenException", 400, message)
        }
    }
}

/// The response to a call that was answered.
pub(crate) fn encode(call: &Call, answer: &Value, request_id: &str) -> Response<Bytes> {
    match call.service {
        Service::Ec2 | Service::Rds | Service::Sts => query::write(call, answer, request_id),
        Service::Lattice => rest::write(call, answer),
        Service::Events | Service::Ssm => json::write(answer),
    }
}

/// The response to a call that was refused.
pub(crate) fn encode_fault(service: Service, fault: &Fault, request_id: &str) -> Response<Bytes> {
    match service {
        Service::Ec2 | Service::Rds | Service::Sts => {
            query::write_fault(service, fault, request_id)
        }
        Service::Lattice => rest::write_fault(fault),
        Service::Events | Service::Ssm => json::write_fault(fault),
    }
}

/// The response says what time it is and which request it belongs to.
pub(crate) fn stamp(response: &mut Response<Bytes>, now: Timestamp, request_id: &str) {
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (name, value) in [("date", date.as_str()), ("x-amzn-requestid", request_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// A response with this status, content type and body.
fn response(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Sim};

    fn respond(service: &str, headers: &[(&str, &str)], uri: &str) -> Response<Bytes> {
        let scope = format!("A/20260102/us-east-1/{service}/aws4_request");
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, Signature=0");
        let mut request = Request::post(uri).header("authorization", signature);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sim = Sim::new(Clock::virtual_from(Timestamp::UNIX_EPOCH), 1);
        sim.respond(&request.body(Bytes::from("{}")).expect("a request"))
    }

    #[test]
    fn what_does_not_exist_is_refused_in_the_protocol_of_the_request() {
        let is_json = |response: &Response<Bytes>| {
            let body: Value = serde_json::from_slice(response.body()).expect("JSON");
            (response.status().as_u16(), body)
        };
        let target = [("x-amz-target", "AmazonSQS.ListQueues")];
        let (status, body) = is_json(&respond("sqs", &target, "/"));
        assert_eq!((status, &body["__type"]), (400, &Value::from("UnknownOperationException")));
        let (status, body) = is_json(&respond("events", &target, "/"));
        assert_eq!((status, &body["__type"]), (400, &Value::from("UnknownOperationException")));
        let (status, body) = is_json(&respond("lambda", &[], "/2015-03-31/functions"));
        assert_eq!(status, 404);
        assert!(body["message"].as_str().is_some_and(|text| text.contains("lambda")), "{body}");
        let query = respond("iam", &[], "/");
        assert!(String::from_utf8_lossy(query.body()).contains("<Code>InvalidAction</Code>"));
    }
}
