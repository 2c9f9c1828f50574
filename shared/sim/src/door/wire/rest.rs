//! REST with JSON, as VPC Lattice speaks it: method and path name the operation, and members are
//! in the path, the query and the body.

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::response;
use crate::{Call, Fault};

const CONTENT_TYPE: &str = "application/json";

/// Method, first segment of the path, the member that its second one is (if it has one), the
/// operation.
type Route = (&'static str, &'static str, Option<&'static str>, &'static str);

const GATEWAY: Option<&str> = Some("resourceGatewayIdentifier");
const CONFIGURATION: Option<&str> = Some("resourceConfigurationIdentifier");
const NETWORK: Option<&str> = Some("serviceNetworkIdentifier");
const POLICY: Option<&str> = Some("resourceIdentifier");
const RESOURCE_ASSOCIATION: Option<&str> = Some("serviceNetworkResourceAssociationIdentifier");
const VPC_ASSOCIATION: Option<&str> = Some("serviceNetworkVpcAssociationIdentifier");
const ARN: Option<&str> = Some("resourceArn");

#[rustfmt::skip]
const ROUTES: [Route; 32] = [
    ("POST",   "resourcegateways", None, "CreateResourceGateway"),
    ("GET",    "resourcegateways", None, "ListResourceGateways"),
    ("GET",    "resourcegateways", GATEWAY, "GetResourceGateway"),
    ("PATCH",  "resourcegateways", GATEWAY, "UpdateResourceGateway"),
    ("DELETE", "resourcegateways", GATEWAY, "DeleteResourceGateway"),
    ("POST",   "resourceconfigurations", None, "CreateResourceConfiguration"),
    ("GET",    "resourceconfigurations", None, "ListResourceConfigurations"),
    ("GET",    "resourceconfigurations", CONFIGURATION, "GetResourceConfiguration"),
    ("PATCH",  "resourceconfigurations", CONFIGURATION, "UpdateResourceConfiguration"),
    ("DELETE", "resourceconfigurations", CONFIGURATION, "DeleteResourceConfiguration"),
    ("POST",   "servicenetworks", None, "CreateServiceNetwork"),
    ("GET",    "servicenetworks", None, "ListServiceNetworks"),
    ("GET",    "servicenetworks", NETWORK, "GetServiceNetwork"),
    ("PATCH",  "servicenetworks", NETWORK, "UpdateServiceNetwork"),
    ("DELETE", "servicenetworks", NETWORK, "DeleteServiceNetwork"),
    ("PUT",    "authpolicy", POLICY, "PutAuthPolicy"),
    ("GET",    "authpolicy", POLICY, "GetAuthPolicy"),
    ("DELETE", "authpolicy", POLICY, "DeleteAuthPolicy"),
    ("POST",   "servicenetworkresourceassociations", None,
        "CreateServiceNetworkResourceAssociation"),
    ("GET",    "servicenetworkresourceassociations", None,
        "ListServiceNetworkResourceAssociations"),
    ("GET",    "servicenetworkresourceassociations", RESOURCE_ASSOCIATION,
        "GetServiceNetworkResourceAssociation"),
    ("DELETE", "servicenetworkresourceassociations", RESOURCE_ASSOCIATION,
        "DeleteServiceNetworkResourceAssociation"),
    ("POST",   "servicenetworkvpcassociations", None, "CreateServiceNetworkVpcAssociation"),
    ("GET",    "servicenetworkvpcassociations", None, "ListServiceNetworkVpcAssociations"),
    ("GET",    "servicenetworkvpcassociations", VPC_ASSOCIATION,
        "GetServiceNetworkVpcAssociation"),
    ("PATCH",  "servicenetworkvpcassociations", VPC_ASSOCIATION,
        "UpdateServiceNetworkVpcAssociation"),
    ("DELETE", "servicenetworkvpcassociations", VPC_ASSOCIATION,
        "DeleteServiceNetworkVpcAssociation"),
    ("GET",    "servicenetworkvpcendpointassociations", None,
        "ListServiceNetworkVpcEndpointAssociations"),
    ("GET",    "resourceendpointassociations", None, "ListResourceEndpointAssociations"),
    ("GET",    "tags", ARN, "ListTagsForResource"),
    ("POST",   "tags", ARN, "TagResource"),
    ("DELETE", "tags", ARN, "UntagResource"),
];

/// The action and its members. Those of the query are strings; `tagKeys` is a list.
pub(super) fn read(request: &Request<Bytes>) -> Result<(String, Value), Fault> {
    let path = request.uri().path().trim_matches('/');
    let (segment, rest) = match path.split_once('/') {
        Some((segment, rest)) => (segment, Some(rest)),
        None => (path, None),
    };
    let is_it = |route: &&Route| {
        route.0 == request.method().as_str()
            && route.1 == segment
            && route.2.is_some() == rest.is_some()
    };
    let Some((_, _, identifier, action)) = ROUTES.iter().find(is_it) else {
        let message = format!("Unknown operation {} /{path}", request.method());
        return Err(Fault::new("UnknownOperationException", 404, message));
    };
    let mut members = body(request.body())?;
    let query = request.uri().query().unwrap_or_default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = value.into_owned();
        match (name.as_ref(), members.get_mut(name.as_ref())) {
            ("tagKeys", Some(Value::Array(keys))) => keys.push(value.into()),
            ("tagKeys", _) => drop(members.insert(name.into_owned(), vec![value].into())),
            _ => drop(members.insert(name.into_owned(), value.into())),
        }
    }
    if let (Some(member), Some(text)) = (identifier, rest) {
        let text = percent_decode_str(text).decode_utf8_lossy().into_owned();
        members.insert((*member).to_owned(), text.into());
    }
    Ok(((*action).to_owned(), members.into()))
}

fn body(body: &Bytes) -> Result<Map<String, Value>, Fault> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Fault::new("ValidationException", 400, "The body is not a JSON object.")
            .with("reason", "cannotParse")),
    }
}

/// The response to a call that was answered.
pub(super) fn write(call: &Call, answer: &Value) -> Response<Bytes> {
    match call.action.as_str() {
        "DeleteResourceConfiguration" | "DeleteServiceNetwork" | "DeleteAuthPolicy" => {
            response(204, CONTENT_TYPE, Bytes::new())
        }
        "CreateServiceNetworkVpcAssociation" => response(200, CONTENT_TYPE, answer.to_string()),
        action if action.starts_with("Create") => response(201, CONTENT_TYPE, answer.to_string()),
        _ => response(200, CONTENT_TYPE, answer.to_string()),
    }
}

/// The response to a call that was refused. `retryAfterSeconds` is a header.
pub(super) fn write_fault(fault: &Fault) -> Response<Bytes> {
    let mut body = Map::new();
    body.insert("message".to_owned(), fault.message.clone().into());
    body.extend((*fault.members).clone());
    let retry_after = body.shift_remove("retryAfterSeconds").map(|seconds| seconds.to_string());
    let mut response = response(fault.status, CONTENT_TYPE, Value::from(body).to_string());
    let headers = [("x-amzn-errortype", Some(fault.code.clone())), ("retry-after", retry_after)];
    for (name, value) in headers {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_request(method: &str, uri: &str, body: &'static str) -> Result<(String, Value), Fault> {
        let request =
            Request::builder().method(method).uri(uri).body(Bytes::from(body)).expect("a request");
        read(&request)
    }

    #[test]
    fn members_are_in_path_query_and_body() {
        let (action, members) =
            read_request("PATCH", "/resourcegateways/rgw-1", r#"{"securityGroupIds": ["sg-1"]}"#)
                .expect("a call");
        assert_eq!(action, "UpdateResourceGateway");
        assert_eq!(
            members,
            json!({"securityGroupIds": ["sg-1"], "resourceGatewayIdentifier": "rgw-1"})
        );
        let (action, members) =
            read_request("GET", "/servicenetworks?maxResults=5", "").expect("a call");
        assert_eq!((action.as_str(), members), ("ListServiceNetworks", json!({"maxResults": "5"})));
    }

    #[test]
    fn an_arn_in_the_path_is_decoded_and_keys_are_a_list() {
        let uri = "/tags/arn%3Aaws%3Avpc-lattice%3Aus-east-1%3A1%3Aresourcegateway%2Frgw-1\
                   ?tagKeys=a&tagKeys=b%3Ac";
        let (action, members) = read_request("DELETE", uri, "").expect("a call");
        assert_eq!(action, "UntagResource");
        let arn = "arn:aws:vpc-lattice:us-east-1:1:resourcegateway/rgw-1";
        assert_eq!(members, json!({"tagKeys": ["a", "b:c"], "resourceArn": arn}));
    }

    #[test]
    fn what_is_no_operation_is_refused() {
        let fault = read_request("PUT", "/resourcegateways", "").expect_err("no such operation");
        assert_eq!(fault.code, "UnknownOperationException");
        let fault = read_request("POST", "/resourcegateways", "[1").expect_err("no JSON");
        assert_eq!(fault.code, "ValidationException");
    }

    #[test]
    fn a_fault_is_named_in_a_header() {
        let fault = Fault::new("ThrottlingException", 429, "slow").with("retryAfterSeconds", 7);
        let response = write_fault(&fault);
        assert_eq!(response.headers()["x-amzn-errortype"], "ThrottlingException");
        assert_eq!(response.headers()["retry-after"], "7");
        assert_eq!(response.body(), r#"{"message":"slow"}"#);
    }
}
