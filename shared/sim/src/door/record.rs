//! What was called, by whom, and what came of it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::kernel::call::is_write;
use crate::{Call, Fault};

/// One call that was answered or refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallRecord {
    /// Calls are numbered from 1 as they come, whatever their region.
    pub number: u64,
    /// The simulated time.
    pub at: Timestamp,
    /// The access key id that signed it.
    pub caller: String,
    /// The service's signing name.
    pub service: &'static str,
    /// The operation.
    pub action: String,
    /// The id, ARN or name of the thing that it is about, if it is about one.
    pub id: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The error code, if it was refused.
    pub code: Option<String>,
}

impl CallRecord {
    /// What came of a call, if it arrived.
    pub(crate) fn of(
        number: u64,
        at: Timestamp,
        call: &Call,
        answer: Option<&Result<Value, Fault>>,
        status: u16,
    ) -> CallRecord {
        let refused = answer.and_then(|answer| answer.as_ref().err());
        CallRecord {
            number,
            at,
            caller: call.caller.clone(),
            service: call.service.name(),
            action: call.action.clone(),
            id: main_id(call, answer.and_then(|answer| answer.as_ref().ok())),
            status,
            code: refused.map(|fault| fault.code.clone()),
        }
    }

    /// Whether it would change anything.
    pub fn is_write(&self) -> bool {
        is_write(&self.action)
    }
}

/// The records after the one with this number.
pub(crate) fn since(records: &[CallRecord], number: u64) -> &[CallRecord] {
    &records[records.partition_point(|record| record.number <= number)..]
}

/// What a call is about: for a create what it made, for any other what it names.
fn main_id(call: &Call, answer: Option<&Value>) -> Option<String> {
    let makes = ["Create", "Authorize", "Restore"].iter().any(|one| call.action.starts_with(one));
    let made = answer.filter(|_| makes).and_then(|answer| find(answer, is_id));
    made.or_else(|| find(&call.members, is_id)).or_else(|| find(&call.members, is_name))
}

/// The first string under a name of this kind, in the order of the document.
fn find(value: &Value, fits: fn(&str) -> bool) -> Option<String> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let first = if member.is_array() { &member[0] } else { member };
            match first.as_str() {
                Some(text) if fits(name) => Some(text.to_owned()),
                Some(_) => None,
                None if name.starts_with("Filter") => None,
                None => find(member, fits),
            }
        }),
        Value::Array(items) => items.iter().find_map(|item| find(item, fits)),
        _ => None,
    }
}

fn is_id(name: &str) -> bool {
    let is_other = ["requestId", "ownerId", "resourceGatewayId"].contains(&name);
    !is_other
        && ["id", "Id", "Identifier", "Arn", "ResourceName"].iter().any(|end| name.ends_with(end))
}

fn is_name(name: &str) -> bool {
    ["name", "Name"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Service;
    use serde_json::json;

    #[test]
    fn a_call_is_about_what_it_makes_or_names() {
        let about = |action: &str, members: Value, answer: Value| {
            main_id(&Call::new(Service::Ec2, action, members), Some(&answer))
        };
        let made = json!({"vpcEndpoint": {"vpcEndpointId": "vpce-1", "vpcId": "vpc-1"}});
        let id = about("CreateVpcEndpoint", json!({"VpcId": "vpc-1"}), made);
        assert_eq!(id.as_deref(), Some("vpce-1"));
        let id = about("DeleteVpcEndpoints", json!({"VpcEndpointId": ["vpce-1"]}), json!({}));
        assert_eq!(id.as_deref(), Some("vpce-1"));
        let filter = json!({"Filter": [{"Name": "vpc-id", "Value": ["vpc-1"]}]});
        assert_eq!(about("DescribeVpcEndpoints", filter, json!({"vpcId": "vpc-1"})), None);
    }
}
