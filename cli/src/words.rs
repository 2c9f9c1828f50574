//! Events and calls in words for people.

use serde_json::Value;

/// What a call does to AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Something comes.
    Creates,
    /// Something changes.
    Changes,
    /// Something goes.
    Deletes,
}

/// A call that changes something, in words.
pub(crate) fn call(action: &str) -> (Effect, &str) {
    use Effect::{Changes, Creates, Deletes};
    match action {
        "CreateServiceNetwork" => (Creates, "makes the service network"),
        "CreateSecurityGroup" => (Creates, "makes the security group"),
        "AuthorizeSecurityGroupIngress" => (Creates, "lets traffic in by the rule"),
        "AuthorizeSecurityGroupEgress" => (Creates, "lets traffic out by the rule"),
        "CreateResourceGateway" => (Creates, "makes the resource gateway"),
        "CreateResourceConfiguration" => (Creates, "makes the resource configuration"),
        "CreateServiceNetworkResourceAssociation" => (Creates, "puts it on the network by"),
        "CreateVpcEndpoint" => (Creates, "makes the VPC endpoint"),
        "CreateTags" | "TagResource" | "AddTagsToResource" => (Changes, "writes a tag on"),
        "DeleteTags" | "UntagResource" | "RemoveTagsFromResource" => (Changes, "takes a tag off"),
        "UpdateResourceGateway" => (Changes, "changes the resource gateway"),
        "UpdateResourceConfiguration" => (Changes, "changes the resource configuration"),
        "ModifyVpcEndpoint" => (Changes, "changes the VPC endpoint"),
        "PutEvents" => (Changes, "tells what has changed"),
        "RevokeSecurityGroupIngress" => (Deletes, "no longer lets traffic in:"),
        "RevokeSecurityGroupEgress" => (Deletes, "no longer lets traffic out:"),
        "DeleteServiceNetworkResourceAssociation" => (Deletes, "takes it off the network:"),
        "DeleteResourceConfiguration" => (Deletes, "removes the resource configuration"),
        "DeleteResourceGateway" => (Deletes, "removes the resource gateway"),
        "DeleteServiceNetwork" => (Deletes, "removes the service network"),
        "DeleteSecurityGroup" => (Deletes, "removes the security group"),
        "DeleteVpcEndpoints" => (Deletes, "removes the VPC endpoint"),
        other if other.starts_with("Create") => (Creates, other),
        other if other.starts_with("Delete") => (Deletes, other),
        other => (Changes, other),
    }
}

/// An event, in words.
pub(crate) fn event(event: &Value) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let subject = short(text("/resources/0"));
    match (text("/source"), text("/detail-type")) {
        ("aws.tag", _) => format!("{subject}: {}", tag_change(&event["detail"])),
        ("aws.events", "Scheduled Event") => "the clock".to_owned(),
        ("aws.rds", _) => format!("{subject}: {}", text("/detail/Message")),
        (_, kind) if subject.is_empty() => kind.to_owned(),
        (_, kind) => format!("{subject}: {kind}"),
    }
}

/// What an event is about, in short: `tags of vpc/vpc-1`.
pub(crate) fn source(event: &Value) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let what = match text("/source") {
        "aws.tag" => "tags",
        _ => text("/detail-type"),
    };
    let subjects = [short(text("/resources/0")), text("/detail/vpc"), text("/detail/network")];
    match subjects.into_iter().find(|subject| !subject.is_empty()) {
        Some(subject) => format!("{what} of {subject}"),
        None => what.to_owned(),
    }
}

fn tag_change(detail: &Value) -> String {
    let keys = detail["changed-tag-keys"].as_array().into_iter().flatten();
    let changes = keys.filter_map(Value::as_str).map(|key| match detail["tags"][key].as_str() {
        Some(value) => format!("{key}={value}"),
        None => format!("{key} removed"),
    });
    changes.collect::<Vec<_>>().join(", ")
}

/// What remains of an ARN without what all have in common: `db:orders`, `vpc/vpc-1`.
pub(crate) fn short(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tag_change_names_the_thing_and_what_changed() {
        let changed = json!({
            "source": "aws.tag",
            "detail-type": "Tag Change on Resource",
            "resources": ["arn:aws:rds:us-east-1:111122223333:db:orders"],
            "detail": {
                "changed-tag-keys": ["trellis:expose", "team"],
                "tags": {"trellis:expose": "databases"},
            },
        });
        assert_eq!(event(&changed), "db:orders: trellis:expose=databases, team removed");
    }

    #[test]
    fn an_event_of_ours_names_what_it_is_about() {
        let detail = json!({"vpc": "vpc-1", "network": "databases"});
        let told = json!({"source": "trellis", "detail-type": "VPC Connected", "detail": detail});
        assert_eq!(source(&told), "VPC Connected of vpc-1");
        let told = json!({"source": "trellis", "detail-type": "Failed", "detail": {}});
        assert_eq!(source(&told), "Failed");
    }

    #[test]
    fn an_event_without_members_is_no_surprise() {
        assert_eq!(event(&json!({})), "");
        assert_eq!(event(&json!({"source": "aws.tag", "detail": []})), ": ");
    }
}
