//! AWS CloudTrail, as far as EventBridge hears of it: "AWS API Call via CloudTrail" for each call
//! that may write, made or refused, with who made it. An account without a trail has none of them.
//!
//! (CloudTrail User Guide, "CloudTrail record contents"; Amazon EventBridge User Guide, "AWS
//! service events delivered via CloudTrail".)

use serde_json::{Map, Value, json};

use super::account::Role;
use crate::kernel::call::is_write;
use crate::{Call, Fault, Service, World};

impl World {
    /// Answers a call of a person, which comes through no door and which the trail notes all the
    /// same.
    ///
    /// # Errors
    ///
    /// What the service refuses.
    pub fn answer_person(&mut self, call: &Call) -> Result<Value, Fault> {
        let answer = self.answer(call);
        let request_id = self.new_uuid();
        note(self, call, None, &answer, &request_id);
        answer
    }
}

/// The event about this call is on its way to the bus, if there is a trail that notes it.
pub(super) fn note(
    world: &mut World,
    call: &Call,
    role: Option<&Role>,
    answer: &Result<Value, Fault>,
    request_id: &str,
) {
    let Some(delay) = world.switches.trail else { return };
    // Putting an event is a data event, which no trail notes by itself.
    if !is_write(&call.action) || call.service == Service::Events {
        return;
    }
    let service = call.service.name();
    let mut detail = json!({
        "eventVersion": "1.11",
        "userIdentity": identity(&world.account, &call.caller, role),
        "eventTime": world.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": call.action,
        "awsRegion": world.region,
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-sdk",
        "requestParameters": parameters(call),
        "responseElements": null,
        "requestID": request_id,
        "eventID": world.new_uuid(),
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": world.account,
        "eventCategory": "Management",
    });
    if let Err(fault) = answer {
        detail["errorCode"] = code(call.service, fault).into();
        detail["errorMessage"] = fault.message.clone().into();
    }
    let source = format!("aws.{service}");
    world.emit_after(delay, &source, "AWS API Call via CloudTrail", &[], detail);
}

/// EC2's codes say whose fault it is.
fn code(service: Service, fault: &Fault) -> String {
    match (service, fault.status) {
        (Service::Ec2, 500..) => format!("Server.{}", fault.code),
        (Service::Ec2, _) => format!("Client.{}", fault.code),
        _ => fault.code.clone(),
    }
}

/// A function has a role, and its name for the session's; anybody else here is a user.
fn identity(account: &str, caller: &str, role: Option<&Role>) -> Value {
    let Some(Role { name, function, .. }) = role else {
        let arn = format!("arn:aws:iam::{account}:user/{caller}");
        return json!({
            "type": "IAMUser",
            "principalId": "AIDASIMULATED",
            "arn": arn,
            "accountId": account,
            "userName": caller,
        });
    };
    json!({
        "type": "AssumedRole",
        "principalId": format!("AROASIMULATED:{function}"),
        "arn": format!("arn:aws:sts::{account}:assumed-role/{name}/{function}"),
        "accountId": account,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "arn": format!("arn:aws:iam::{account}:role/{name}"),
                "accountId": account,
                "userName": name,
            },
        },
    })
}

/// The members of the call as records have them: those of the newer calls of EC2 stand in one named
/// after the request and keep their names; all others begin with a small letter.
fn parameters(call: &Call) -> Value {
    match call.service {
        Service::Ec2 if NEWER.contains(&call.action.as_str()) => {
            let members = numbered(&call.members);
            json!({ format!("{}Request", call.action): members })
        }
        Service::Ec2 => lowered(&call.members, &|items| json!({ "items": items })),
        _ => lowered(&call.members, &Value::Array),
    }
}

const NEWER: [&str; 4] =
    ["CreateVpcEndpoint", "DeleteVpcEndpoints", "ModifySecurityGroupRules", "ModifyVpcEndpoint"];

fn lowered(value: &Value, list: &dyn Fn(Vec<Value>) -> Value) -> Value {
    match value {
        Value::Object(members) => {
            let lower = |(name, member): (&String, &Value)| {
                let (first, rest) = name.split_at(name.len().min(1));
                (first.to_ascii_lowercase() + rest, lowered(member, list))
            };
            Value::Object(members.iter().map(lower).collect::<Map<_, _>>())
        }
        Value::Array(items) => list(items.iter().map(|item| lowered(item, list)).collect()),
        other => other.clone(),
    }
}

/// Items of lists, each with its number.
fn numbered(value: &Value) -> Value {
    let item = |(place, item): (usize, &Value)| match numbered(item) {
        Value::Object(mut members) => {
            members.insert("tag".to_owned(), (place + 1).into());
            Value::Object(members)
        }
        content => json!({ "content": content, "tag": place + 1 }),
    };
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| (name.clone(), numbered(member)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) if items.len() == 1 => item((0, &items[0])),
        Value::Array(items) => Value::Array(items.iter().enumerate().map(item).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Sim};
    use jiff::{SignedDuration, Timestamp};

    const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

    /// What the bus hears of these calls, one line each.
    fn heard(trail: Option<SignedDuration>) -> Vec<String> {
        let sim = Sim::new(Clock::virtual_from(Timestamp::UNIX_EPOCH), 1);
        sim.world(|world| world.switches.trail = trail);
        let role = Role {
            name: "ConnectVpcRole".to_owned(),
            function: "trellis-connect-vpc".to_owned(),
            policy: crate::iam::Policy::parse(&json!([])).expect("a policy").into(),
        };
        for (action, members, role) in [
            ("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}), None),
            ("DescribeVpcs", json!({}), None),
            ("DeleteSubnet", json!({"SubnetId": "subnet-1"}), None),
            ("DeleteVpcEndpoints", json!({"VpcEndpointId": ["vpce-1"]}), Some(&role)),
        ] {
            let call = Call { caller: "me".to_owned(), ..Call::new(Service::Ec2, action, members) };
            sim.world(|world| {
                let answer = world.answer(&call);
                note(world, &call, role, &answer, "00000001-0000-4000-8000-000000000001");
            });
        }
        sim.advance(A_MINUTE);
        let mut lines = Vec::new();
        for event in sim.take_events() {
            let detail = &event.envelope["detail"];
            if event.envelope["detail-type"] == "AWS API Call via CloudTrail" {
                lines.push(format!(
                    "{} {} {} {} {}",
                    event.envelope["source"],
                    detail["eventName"],
                    detail["userIdentity"]["arn"],
                    detail["requestParameters"],
                    detail["errorCode"],
                ));
            }
        }
        lines
    }

    #[test]
    fn a_trail_tells_of_calls_that_write_who_made_them_and_what_came_of_it() {
        let user = r#""arn:aws:iam::111122223333:user/me""#;
        let role = r#""arn:aws:sts::111122223333:assumed-role/ConnectVpcRole/trellis-connect-vpc""#;
        let request =
            r#"{"DeleteVpcEndpointsRequest":{"VpcEndpointId":{"content":"vpce-1","tag":1}}}"#;
        let told = [
            format!(r#""aws.ec2" "CreateVpc" {user} {{"cidrBlock":"10.0.0.0/16"}} null"#),
            format!(
                r#""aws.ec2" "DeleteSubnet" {user} {{"subnetId":"subnet-1"}} {}"#,
                r#""Client.InvalidSubnetID.Malformed""#
            ),
            format!(
                r#""aws.ec2" "DeleteVpcEndpoints" {role} {request} {}"#,
                r#""Client.InvalidVpcEndpointId.Malformed""#
            ),
        ];
        assert_eq!(heard(Some(A_MINUTE)), told);
        assert_eq!(heard(Some(A_MINUTE * 2)), Vec::<String>::new(), "not yet");
        assert_eq!(heard(None), Vec::<String>::new(), "no trail");
    }
}
