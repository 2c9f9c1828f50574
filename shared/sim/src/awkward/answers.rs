//! Where the things are in an answer, whatever the service.

use serde_json::Value;

use crate::{Call, Service};

/// The members that say which thing a row is, the most telling first.
const IDS: [&str; 18] = [
    "id",
    "DbiResourceId",
    "DbClusterResourceId",
    "BlueGreenDeploymentIdentifier",
    "DBSnapshotArn",
    "DBSubnetGroupArn",
    "securityGroupRuleId",
    "networkInterfaceId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
    "transitGatewayAttachmentId",
    "transitGatewayId",
    "routeTableId",
    "networkAclId",
    "groupId",
    "subnetId",
    "vpcId",
    "arn",
];

/// The members that hold tags.
pub(super) const TAGS: [&str; 3] = ["tagSet", "TagList", "tags"];

/// Members of a listing that do not say which things it is about.
const NO_IDS: [&str; 10] = [
    "Filter",
    "Filters",
    "MaxResults",
    "maxResults",
    "NextToken",
    "nextToken",
    "MaxRecords",
    "Marker",
    "IncludeShared",
    "includeChildren",
];

/// Whether the call is for a listing of things.
pub(super) fn is_listing(call: &Call) -> bool {
    let action = call.action.as_str();
    let lists = action.starts_with("Describe") || action.starts_with("List");
    lists && !["Attribute", "Attributes", "TagsForResource"].iter().any(|it| action.ends_with(it))
}

/// Whether the call names the things that it is about.
pub(super) fn names_things(call: &Call) -> bool {
    let mut members = call.members.as_object().into_iter().flatten().map(|(name, _)| name);
    members.any(|name| !NO_IDS.contains(&name.as_str()))
        && !(is_listing(call) && call.service == Service::Lattice)
}

/// The rows of a listing.
pub(super) fn rows(answer: &mut Value) -> Option<&mut Vec<Value>> {
    answer.as_object_mut()?.values_mut().find_map(|member| match member {
        Value::Array(rows) => Some(rows),
        Value::Object(inner) if inner.len() == 1 => {
            inner.values_mut().next().and_then(Value::as_array_mut)
        }
        _ => None,
    })
}

/// Which thing a row is.
pub(super) fn id(row: &Value) -> Option<String> {
    IDS.iter().find_map(|name| row.get(name)?.as_str()).map(str::to_owned)
}

/// Whether the row is the thing of this id, name or ARN.
pub(super) fn is_called(row: &Value, name: &str) -> bool {
    row.as_object().is_some_and(|members| members.values().any(|member| member == name))
}

/// Whether the call asks for a later page.
pub(super) fn continues(call: &Call) -> bool {
    ["NextToken", "nextToken", "Marker"].iter().any(|it| call.members.get(it).is_some())
}

/// Whether there is a later page.
pub(super) fn is_continued(answer: &Value) -> bool {
    ["nextToken", "Marker"].iter().any(|it| answer.get(it).is_some_and(Value::is_string))
}
