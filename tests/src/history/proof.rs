//! Whether a call writes to what is ours, by the tags that the thing itself carries at the time.

use serde_json::Value;
use sim::{Call, Service, World};

use super::ours;

/// The one tag that we write to what is not ours.
const STATUS: &str = "trellis:status";

/// Why this call should never have been made, if that is so.
pub(super) fn not_ours(world: &World, call: &Call) -> Option<String> {
    let action = call.action.as_str();
    let is_read = ["Describe", "List", "Get"].iter().any(|verb| action.starts_with(verb));
    if is_read || matches!(call.service, Service::Events | Service::Ssm | Service::Sts) {
        return None;
    }
    let is_fine = match action {
        "CreateTags" | "DeleteTags" => {
            texts(&call.members["ResourceId"]).iter().all(|id| is_ours(world, id))
                || names(&call.members["Tag"], "Key").iter().all(|key| key == STATUS)
        }
        "AddTagsToResource" => {
            names(&call.members["Tags"]["Tag"], "Key").iter().all(|key| key == STATUS)
        }
        "RemoveTagsFromResource" => {
            texts(&call.members["TagKeys"]["member"]).iter().all(|key| key == STATUS)
        }
        "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress" => is_marked(call),
        "RevokeSecurityGroupIngress" | "RevokeSecurityGroupEgress" => {
            let rules = texts(&call.members["SecurityGroupRuleId"]);
            let all = rules.iter().all(|rule| {
                let group = world.group_of(rule);
                is_ours(world, rule) || group.is_some_and(|group| is_ours(world, group))
            });
            all && (!rules.is_empty() || is_ours(world, &text(&call.members["GroupId"])))
        }
        action if action.starts_with("Create") => is_marked(call),
        _ => targets(&call.members).iter().all(|id| is_ours(world, id)),
    };
    (!is_fine).then(|| format!("{action} {}", call.members))
}

/// Whether what is made carries our tag.
fn is_marked(call: &Call) -> bool {
    let specified = call.members["TagSpecification"].as_array().into_iter().flatten();
    let given = specified.flat_map(|it| it["Tag"].as_array().into_iter().flatten());
    let mut given = given.filter(|tag| tag["Key"] == "trellis:owner");
    given.any(|tag| tag["Value"] == "trellis") || call.members["tags"]["trellis:owner"] == "trellis"
}

/// What a change or a removal names.
fn targets(members: &Value) -> Vec<String> {
    let named = members.as_object().into_iter().flatten().filter(|(name, _)| {
        name.ends_with("Identifier")
            || ["GroupId", "VpcEndpointId", "resourceArn"].contains(&name.as_str())
    });
    named.flat_map(|(_, value)| texts(value)).collect()
}

/// What is gone needs no proof: nothing can happen to it.
fn is_ours(world: &World, id: &str) -> bool {
    world.tags_of(id).is_none_or(|tags| ours(Some(tags)))
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn names(list: &Value, member: &str) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|it| text(&it[member])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
