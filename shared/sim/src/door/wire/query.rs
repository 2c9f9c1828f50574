//! The query protocols of EC2, RDS and STS: `SubnetId.1=…&Filter.1.Value.1=…` in, XML out.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};

use super::{response, xml};
use crate::{Call, Fault, Service};

/// Names are nested at most this deep.
const DEEPEST: usize = 12;

/// Lists of RDS that clients write as an empty string when there is nothing in them.
const EMPTY_LISTS: [&str; 5] = ["Filters", "SubnetIds", "TagKeys", "Tags", "VpcSecurityGroupIds"];

/// The action and its members, from the form in the body or, for a GET, from the URL.
pub(super) fn read(service: Service, request: &Request<Bytes>) -> Result<(String, Value), Fault> {
    let url = request.uri().query().unwrap_or_default().as_bytes();
    let form = if request.body().is_empty() { url } else { request.body() };
    let mut root = Node::default();
    for (name, value) in form_urlencoded::parse(form) {
        if !name.starts_with("X-Amz-") {
            root.put(&name, &value).ok_or_else(|| malformed(&name))?;
        }
    }
    let Value::Object(mut members) = root.value() else {
        return Err(Fault::new("MissingAction", 400, "The request has no Action."));
    };
    members.shift_remove("Version");
    if service == Service::Rds {
        members.retain(|name, value| value != "" || !EMPTY_LISTS.contains(&name.as_str()));
    }
    match members.shift_remove("Action") {
        Some(Value::String(action)) => Ok((action, members.into())),
        _ => Err(Fault::new("MissingAction", 400, "The request has no Action.")),
    }
}

fn malformed(name: &str) -> Fault {
    let message = format!("The parameter {name} is malformed, or contradicts another.");
    Fault::new("MalformedQueryString", 400, message)
}

/// A value, or names with values of their own.
#[derive(Default)]
struct Node {
    text: Option<String>,
    names: Vec<(String, Node)>,
}

impl Node {
    /// Puts a value under a dotted name; `None` when the place is taken or too deep.
    fn put(&mut self, name: &str, value: &str) -> Option<()> {
        let parts: Vec<&str> = name.split('.').collect();
        if parts.len() > DEEPEST || parts.contains(&"") {
            return None;
        }
        let mut node = self;
        for part in parts {
            if node.text.is_some() {
                return None;
            }
            let index = match node.names.iter().position(|(other, _)| other == part) {
                Some(index) => index,
                None => {
                    node.names.push((part.to_owned(), Node::default()));
                    node.names.len() - 1
                }
            };
            node = &mut node.names[index].1;
        }
        if node.text.is_some() || !node.names.is_empty() {
            return None;
        }
        node.text = Some(value.to_owned());
        Some(())
    }

    /// Names that are all numbers make an array, in the order of the numbers.
    fn value(self) -> Value {
        if let Some(text) = self.text {
            return text.into();
        }
        let numbers: Option<Vec<u32>> =
            self.names.iter().map(|(name, _)| name.parse().ok()).collect();
        let nodes = self.names.into_iter();
        match numbers.filter(|numbers| !numbers.is_empty()) {
            Some(numbers) => {
                let sorted: BTreeMap<u32, Value> =
                    numbers.into_iter().zip(nodes.map(|(_, node)| node.value())).collect();
                Value::Array(sorted.into_values().collect())
            }
            None => nodes
                .map(|(name, node)| (name, node.value()))
                .collect::<Map<String, Value>>()
                .into(),
        }
    }
}

/// The response to a call that was answered.
pub(super) fn write(call: &Call, answer: &Value, request_id: &str) -> http::Response<Bytes> {
    let root = format!("{}Response", call.action);
    let content = match call.service {
        Service::Ec2 => {
            let mut content = json!({"requestId": request_id});
            if let (Some(content), Some(answer)) = (content.as_object_mut(), answer.as_object()) {
                content.extend(answer.clone());
            }
            content
        }
        _ => {
            let mut content = Map::new();
            content.insert(format!("{}Result", call.action), answer.clone());
            content.insert("ResponseMetadata".to_owned(), json!({"RequestId": request_id}));
            content.into()
        }
    };
    response(200, "text/xml;charset=UTF-8", xml::document(&root, namespace(call.service), &content))
}

/// The response to a call that was refused.
pub(super) fn write_fault(
    service: Service,
    fault: &Fault,
    request_id: &str,
) -> http::Response<Bytes> {
    let mut error = Map::new();
    if service != Service::Ec2 {
        let who = if fault.status < 500 { "Sender" } else { "Receiver" };
        error.insert("Type".to_owned(), who.into());
    }
    error.insert("Code".to_owned(), fault.code.clone().into());
    error.insert("Message".to_owned(), fault.message.clone().into());
    if service != Service::Ec2 {
        error.extend((*fault.members).clone());
    }
    let document = match service {
        Service::Ec2 => {
            let content = json!({"Errors": {"Error": error}, "RequestID": request_id});
            xml::document("Response", None, &content)
        }
        _ => {
            let content = json!({"Error": error, "RequestId": request_id});
            xml::document("ErrorResponse", namespace(service), &content)
        }
    };
    response(fault.status, "text/xml;charset=UTF-8", document)
}

fn namespace(service: Service) -> Option<&'static str> {
    match service {
        Service::Ec2 => Some("http://ec2.amazonaws.com/doc/2016-11-15/"),
        Service::Rds => Some("http://rds.amazonaws.com/doc/2014-10-31/"),
        Service::Sts => Some("https://sts.amazonaws.com/doc/2011-06-15/"),
        Service::Lattice | Service::Events | Service::Ssm => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_form(form: &'static str) -> Result<(String, Value), Fault> {
        let request = Request::post("/").body(Bytes::from(form)).expect("a request");
        read(Service::Ec2, &request)
    }

    #[test]
    fn numbered_names_are_lists_in_their_order() {
        let (action, members) = read_form(
            "Action=CreateVpcEndpoint&Version=2016-11-15&SubnetId.2=b&SubnetId.1=a&SubnetId.10=j\
             &TagSpecification.1.ResourceType=vpc-endpoint&TagSpecification.1.Tag.1.Key=k%3Ae+y\
             &TagSpecification.1.Tag.1.Value=&EnableDnsSupport.Value=true",
        )
        .expect("a call");
        assert_eq!(action, "CreateVpcEndpoint");
        assert_eq!(
            members,
            json!({
                "SubnetId": ["a", "b", "j"],
                "TagSpecification": [
                    {"ResourceType": "vpc-endpoint", "Tag": [{"Key": "k:e y", "Value": ""}]},
                ],
                "EnableDnsSupport": {"Value": "true"},
            })
        );
    }

    #[test]
    fn lists_of_rds_keep_the_names_of_the_wire() {
        let (_, members) =
            read_form("Action=DescribeDBInstances&Filters.Filter.1.Values.Value.1=x")
                .expect("a call");
        assert_eq!(members, json!({"Filters": {"Filter": [{"Values": {"Value": ["x"]}}]}}));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for form in ["Action=A&B=1&B.1=2", "Action=A&B.1=1&B=2", "Action=A&B=1&B=2", "Action=A&.=1"]
        {
            assert_eq!(read_form(form).expect_err(form).code, "MalformedQueryString");
        }
        assert_eq!(read_form("Version=1").expect_err("no action").code, "MissingAction");
    }
}
