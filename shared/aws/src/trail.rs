//! What AWS CloudTrail tells through EventBridge: that somebody has changed something under us, or
//! could not delete something that ours may stand on.
//!
//! Best effort, minutes late, and only in accounts that have a trail: the clock is what makes us
//! correct. (CloudTrail User Guide, "CloudTrail record contents": the parameters of a request stand
//! in other places for each operation, so ids are looked for wherever they are.)

use jiff::Timestamp;
use reconcile::deletion::{Base, Deletion};
use reconcile::name::Deployment;
use serde::Deserialize;
use serde_json::Value;

use crate::trigger::NotForUs;

/// The detail type of these events.
pub(crate) const DETAIL_TYPE: &str = "AWS API Call via CloudTrail";

/// What changes or removes a thing of ours, a database or its place: the rule `ChangedUnderUs`
/// knows them too.
const CHANGES: [(&str, &[&str]); 3] = [
    (
        "aws.ec2",
        &[
            // What was refused for want of a subnet may have one now.
            "CreateSubnet",
            "DeleteSecurityGroup",
            "DeleteVpcEndpoints",
            "ModifySecurityGroupRules",
            "ModifyVpcEndpoint",
            "RevokeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
        ],
    ),
    ("aws.rds", &["ModifyDBCluster", "ModifyDBInstance"]),
    (
        "aws.vpc-lattice",
        &[
            "DeleteResourceConfiguration",
            "DeleteResourceGateway",
            "DeleteServiceNetwork",
            "DeleteServiceNetworkResourceAssociation",
            "UpdateResourceConfiguration",
            "UpdateResourceGateway",
        ],
    ),
];

/// What removes a thing that ours may stand on: the rule `DeletionRefused` knows them too.
const DELETIONS: [(&str, &str); 3] =
    [("DeleteSecurityGroup", "sg-"), ("DeleteSubnet", "subnet-"), ("DeleteVpc", "vpc-")];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    event_name: String,
    event_time: Option<Timestamp>,
    aws_region: Option<String>,
    error_code: Option<String>,
    #[serde(default)]
    user_identity: Identity,
    #[serde(default)]
    request_parameters: Value,
}

#[derive(Default, Deserialize)]
struct Identity {
    arn: Option<String>,
}

/// What a record tells us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Somebody changed or removed what may be ours.
    Change {
        /// The call.
        name: String,
        /// The ARN of who made it.
        by: String,
        /// The ids that it names.
        ids: Vec<String>,
    },
    /// Somebody could not delete what ours may stand on.
    Deletion(Deletion, Vec<String>),
}

impl Told {
    /// The ids that the call names.
    pub fn ids(&self) -> &[String] {
        match self {
            Told::Change { ids, .. } | Told::Deletion(_, ids) => ids,
        }
    }

    /// The call, and who made it.
    pub fn what(&self) -> String {
        match self {
            Told::Change { name, by, .. } => format!("{name} by {by}"),
            Told::Deletion(deletion, _) => format!("refused deletion by {}", deletion.by),
        }
    }
}

/// What the detail of an event of this source, region and time tells us.
///
/// # Errors
///
/// It is of another shape, about something else, or our own doing.
pub(crate) fn told(
    source: &str,
    region: &str,
    detail: &Value,
    deployment: &Deployment,
) -> Result<Told, NotForUs> {
    let record = Record::deserialize(detail)
        .map_err(|error| NotForUs::Unreadable(format!("{DETAIL_TYPE}: {error}")))?;
    let Record { event_name, event_time, aws_region, error_code, .. } = record;
    let by = record.user_identity.arn.unwrap_or_default();
    let what = format!("{event_name} by {by}");
    if is_our_own(&by, deployment) {
        return Err(NotForUs::OurOwn(what));
    }
    let ids = ids(&record.request_parameters);
    let is_elsewhere = aws_region.is_some_and(|other| other != region);
    let is_change =
        || CHANGES.iter().any(|(of, names)| *of == source && names.contains(&&*event_name));
    match error_code.as_deref() {
        _ if is_elsewhere => {}
        None if is_change() => return Ok(Told::Change { name: event_name, by, ids }),
        // Who may not delete it gets another code: nothing goes for somebody without permission.
        Some("Client.DependencyViolation" | "DependencyViolation") if source == "aws.ec2" => {
            let deletion = DELETIONS.iter().find(|(name, _)| *name == event_name);
            let id = deletion.and_then(|(_, stem)| ids.iter().find(|id| id.starts_with(stem)));
            if let (Some(base), Some(at)) = (id.and_then(|id| Base::parse(id)), event_time) {
                return Ok(Told::Deletion(Deletion { base, by, at }, ids));
            }
        }
        _ => {}
    }
    Err(NotForUs::SomethingElse(format!("{source} {what}")))
}

/// Whether one of our functions made the call: Lambda names the session after the function.
fn is_our_own(by: &str, deployment: &Deployment) -> bool {
    by.contains(":assumed-role/")
        && by.rsplit_once('/').is_some_and(|(_, session)| {
            ["expose-database", "connect-vpc"]
                .iter()
                .any(|side| session == format!("{}-{side}", deployment.as_str()))
        })
}

/// The ids and identifiers in a request: the texts in members that are named so, or in what these
/// hold. Others are nobody's business, and may be anything.
fn ids(request: &Value) -> Vec<String> {
    let is_named = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["id", "ids", "identifier", "arn"].iter().any(|end| name.ends_with(end))
    };
    match request {
        Value::Array(items) => items.iter().flat_map(ids).collect(),
        Value::Object(members) => {
            let of = |(name, member): (&String, &Value)| match is_named(name) {
                true => texts(member),
                false => ids(member),
            };
            members.iter().flat_map(of).collect()
        }
        _ => Vec::new(),
    }
}

/// All texts in this.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SOMEBODY: &str = "arn:aws:sts::111122223333:assumed-role/terraform/ci";

    fn refused() -> Value {
        json!({
            "eventName": "DeleteSubnet",
            "eventTime": "2026-11-24T12:00:00Z",
            "awsRegion": "us-east-1",
            "errorCode": "Client.DependencyViolation",
            "userIdentity": {"arn": SOMEBODY},
            "requestParameters": {"subnetId": "subnet-0a"},
        })
    }

    fn hears(source: &str, detail: &Value) -> Result<Told, NotForUs> {
        let deployment = Deployment::new("trellis").expect("a good name");
        told(source, "us-east-1", detail, &deployment)
    }

    /// The record with this member another.
    fn with(mut detail: Value, member: &str, value: Value) -> Value {
        detail[member] = value;
        detail
    }

    #[test]
    fn a_deletion_that_depends_on_something_is_told_with_who_tried() {
        let told = hears("aws.ec2", &refused()).expect("it is for us");
        let Told::Deletion(deletion, _) = told else { panic!("a deletion") };
        assert_eq!((deletion.base.to_string().as_str(), &*deletion.by), ("subnet-0a", SOMEBODY));
        assert_eq!(deletion.at.to_string(), "2026-11-24T12:00:00Z");
    }

    #[test]
    fn who_may_not_delete_gets_nothing_let_go() {
        for code in ["Client.UnauthorizedOperation", "Client.DryRunOperation", "Client.Other"] {
            let detail = with(refused(), "errorCode", json!(code));
            assert!(matches!(hears("aws.ec2", &detail), Err(NotForUs::SomethingElse(_))), "{code}");
        }
    }

    #[test]
    fn a_record_of_another_shape_or_of_something_else_tells_nothing() {
        for (member, value) in [
            ("eventName", json!(1)),
            ("eventTime", json!("soon")),
            ("userIdentity", json!("me")),
            ("errorCode", json!({})),
        ] {
            let detail = with(refused(), member, value);
            assert!(matches!(hears("aws.ec2", &detail), Err(NotForUs::Unreadable(_))), "{member}");
        }
        for (member, value) in [
            ("eventName", json!("DeleteRouteTable")),
            ("eventTime", json!(null)),
            ("awsRegion", json!("eu-west-1")),
            ("requestParameters", json!(null)),
            ("requestParameters", json!({"subnetId": "vpc-1"})),
            ("requestParameters", json!({"subnetId": 17})),
            ("errorCode", json!(null)),
        ] {
            let detail = with(refused(), member, value);
            assert!(
                matches!(hears("aws.ec2", &detail), Err(NotForUs::SomethingElse(_))),
                "{member}"
            );
        }
        assert!(matches!(hears("aws.rds", &refused()), Err(NotForUs::SomethingElse(_))));
        for nothing in [json!(null), json!([]), json!({})] {
            assert!(matches!(hears("aws.ec2", &nothing), Err(NotForUs::Unreadable(_))));
        }
    }

    #[test]
    fn what_we_do_ourselves_is_no_news() {
        let own = "arn:aws:sts::111122223333:assumed-role/some-role/trellis-connect-vpc";
        let by = |arn: &str| with(refused(), "userIdentity", json!({"arn": arn}));
        assert!(matches!(hears("aws.ec2", &by(own)), Err(NotForUs::OurOwn(_))));
        for other in [
            "arn:aws:sts::111122223333:assumed-role/some-role/garden-connect-vpc",
            "arn:aws:iam::111122223333:user/trellis-connect-vpc",
        ] {
            assert!(hears("aws.ec2", &by(other)).is_ok(), "{other}");
        }
    }

    #[test]
    fn ids_are_found_wherever_an_operation_has_them() {
        let request = json!({
            "DeleteVpcEndpointsRequest": {"VpcEndpointId": {"content": "vpce-1", "tag": 1}},
        });
        let detail = json!({"eventName": "DeleteVpcEndpoints", "requestParameters": request});
        assert_eq!(hears("aws.ec2", &detail).expect("it is for us").ids(), ["vpce-1"]);
        assert!(matches!(hears("aws.rds", &detail), Err(NotForUs::SomethingElse(_))));
        let request = json!({
            "groupId": "sg-1",
            "ipPermissions": {"items": [{
                "groups": {"items": [{"groupId": "sg-2", "description": "what people write"}]},
                "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}]},
            }]},
            "securityGroupRuleIds": {"items": ["sgr-3"]},
        });
        let name = "RevokeSecurityGroupIngress";
        let detail = json!({"eventName": name, "requestParameters": request});
        assert_eq!(
            hears("aws.ec2", &detail).expect("it is for us").ids(),
            ["sg-1", "sg-2", "sgr-3"]
        );
        let request = json!({
            "dBInstanceIdentifier": "orders", "vpcSecurityGroupIds": ["sg-4"],
            "masterUserPassword": "****",
        });
        let detail = json!({"eventName": "ModifyDBInstance", "requestParameters": request});
        assert_eq!(hears("aws.rds", &detail).expect("it is for us").ids(), ["orders", "sg-4"]);
    }
}
