//! AWS Systems Manager Parameter Store: texts by name, for whoever reads them (Systems Manager API
//! Reference, PutParameter).

use std::collections::BTreeMap;

use derive_more::{Deref, DerefMut};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::kernel::Tags;
use crate::{Call, Fault, World};

/// The parameters of an account and region.
#[derive(Clone, Debug, Default, Deref, DerefMut)]
pub(crate) struct Parameters(BTreeMap<String, Parameter>);

/// A parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    value: String,
    version: u64,
    changed: Timestamp,
    pub(crate) tags: Tags,
}

/// The longest value of the standard tier.
const LONGEST: usize = 4096;
/// The most that a page of GetParametersByPath holds.
const PAGE: usize = 10;

/// Answers one call to Systems Manager.
pub(crate) fn answer(world: &mut World, call: &Call) -> Result<Value, Fault> {
    match call.action.as_str() {
        "PutParameter" => put(world, call),
        "GetParameter" => get(world, call),
        "GetParametersByPath" => get_by_path(world, call),
        "DeleteParameter" => delete(world, call),
        "ListTagsForResource" => list_tags(world, call),
        other => Err(Fault::new(
            "UnknownOperationException",
            400,
            format!("The simulated Systems Manager does not know the operation {other}."),
        )),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Put {
    name: String,
    value: String,
    r#type: Option<String>,
    #[serde(rename = "Description")]
    _description: Option<String>,
    #[serde(default)]
    overwrite: bool,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

fn put(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Put = call.input()?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let segments = input.name.split('/').count();
    if input.name.is_empty() || !input.name.chars().all(is_name) || segments > 16 {
        return Err(invalid("Parameter name must be a fully qualified name"));
    }
    if input.value.is_empty() || input.value.len() > LONGEST {
        return Err(invalid(
            "Standard tier parameters support a maximum value of 4096 characters.",
        ));
    }
    let before = world.parameters.get(&input.name).cloned();
    match (&before, input.overwrite) {
        (Some(_), false) => {
            let message = "The parameter already exists. To overwrite this value, set the \
                           overwrite option in the request to true.";
            return Err(Fault::new("ParameterAlreadyExists", 400, message));
        }
        (_, true) if !input.tags.is_empty() => {
            return Err(invalid("tags and overwrite can't be used together"));
        }
        (None, _) if input.r#type.as_deref() != Some("String") => {
            return Err(invalid("A parameter type is required when you create a parameter."));
        }
        _ => {}
    }
    let tags = match &before {
        Some(before) => before.tags.clone(),
        None => input.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    };
    let version = before.map_or(0, |before| before.version) + 1;
    let parameter = Parameter { value: input.value, version, changed: world.now(), tags };
    world.parameters.insert(input.name, parameter);
    Ok(json!({"Version": version, "Tier": "Standard"}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    name: String,
    #[serde(rename = "WithDecryption")]
    _with_decryption: Option<bool>,
}

fn get(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Named = call.input()?;
    let parameter = world.parameters.get(&input.name).ok_or_else(not_found)?;
    Ok(json!({"Parameter": show(world, &input.name, parameter)}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ByPath {
    path: String,
    #[serde(default)]
    recursive: bool,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// A token is the name that the page before ended with.
fn get_by_path(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: ByPath = call.input()?;
    if !input.path.starts_with('/') {
        return Err(invalid("The parameter doesn't meet the parameter name requirements."));
    }
    let most = input.max_results.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&most) {
        return Err(invalid("maxResults must be from 1 to 10"));
    }
    let path = format!("{}/", input.path.trim_end_matches('/'));
    let is_under = |name: &str| {
        let rest = name.strip_prefix(&path);
        rest.is_some_and(|rest| input.recursive || !rest.contains('/'))
    };
    let is_further = |name: &str| input.next_token.as_deref().is_none_or(|last| name > last);
    let under = world.parameters.iter().filter(|(name, _)| is_under(name) && is_further(name));
    let all: Vec<_> = under.collect();
    let page = all.iter().take(most);
    let shown: Vec<_> = page.map(|(name, parameter)| show(world, name, parameter)).collect();
    let next = (all.len() > most).then(|| all[most - 1].0.clone());
    Ok(json!({"Parameters": shown, "NextToken": next}))
}

fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Named = call.input()?;
    world.parameters.remove(&input.name).ok_or_else(not_found)?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tagged {
    resource_type: String,
    resource_id: String,
}

fn list_tags(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Tagged = call.input()?;
    if input.resource_type != "Parameter" {
        return Err(Fault::new("InvalidResourceType", 400, "only parameters are imitated"));
    }
    let parameter = world.parameters.get(&input.resource_id);
    let parameter = parameter
        .ok_or_else(|| Fault::new("InvalidResourceId", 400, "The resource ID isn't valid."))?;
    let tags = parameter.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
    Ok(json!({"TagList": tags.collect::<Vec<_>>()}))
}

fn show(world: &World, name: &str, parameter: &Parameter) -> Value {
    json!({
        "Name": name,
        "Type": "String",
        "Value": parameter.value,
        "Version": parameter.version,
        "LastModifiedDate": parameter.changed.as_second(),
        "ARN": world.arn("ssm", &format!("parameter{name}")),
        "DataType": "text",
    })
}

fn invalid(message: &str) -> Fault {
    Fault::new("ValidationException", 400, message)
}

fn not_found() -> Fault {
    Fault::new("ParameterNotFound", 400, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Service;

    fn ask(world: &mut World, action: &str, members: Value) -> Result<Value, String> {
        let answer = world.answer(&Call::new(Service::Ssm, action, members));
        answer.map_err(|fault| fault.code)
    }

    #[test]
    fn a_parameter_is_made_once_and_changed_on_purpose() {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 1);
        let put = |world: &mut World, more: Value| {
            let mut members = json!({"Name": "/a/b", "Value": "1", "Type": "String"});
            members.as_object_mut().expect("members").extend(more.as_object().cloned().unwrap());
            ask(world, "PutParameter", members)
        };
        let tags = json!([{"Key": "team", "Value": "blue"}]);
        assert_eq!(put(&mut world, json!({"Tags": tags})).expect("it is made")["Version"], 1);
        assert_eq!(put(&mut world, json!({})), Err("ParameterAlreadyExists".to_owned()));
        let both = json!({"Overwrite": true, "Tags": tags});
        assert_eq!(put(&mut world, both), Err("ValidationException".to_owned()));
        let changed = put(&mut world, json!({"Overwrite": true, "Value": "2"}));
        assert_eq!(changed.expect("it is changed")["Version"], 2);
        let found = ask(&mut world, "GetParameter", json!({"Name": "/a/b"})).expect("it is there");
        assert_eq!(found["Parameter"]["Value"], "2");
        let named = json!({"ResourceType": "Parameter", "ResourceId": "/a/b"});
        let found = ask(&mut world, "ListTagsForResource", named).expect("it is there");
        assert_eq!(found["TagList"], tags, "they stay");
        for name in ["", "/a b", "/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/0"] {
            let refused = put(&mut world, json!({ "Name": name }));
            assert_eq!(refused, Err("ValidationException".to_owned()), "{name}");
        }
        let long = json!({"Name": "/long", "Value": "x".repeat(4097)});
        assert_eq!(put(&mut world, long), Err("ValidationException".to_owned()));
        ask(&mut world, "DeleteParameter", json!({"Name": "/a/b"})).expect("it goes");
        let again = ask(&mut world, "DeleteParameter", json!({"Name": "/a/b"}));
        assert_eq!(again, Err("ParameterNotFound".to_owned()));
    }

    #[test]
    fn a_path_is_read_page_by_page() {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 1);
        for number in 0..25 {
            let name = format!("/trellis/databases/db-{number:02}");
            let members = json!({"Name": name, "Value": "x", "Type": "String"});
            ask(&mut world, "PutParameter", members).expect("it is made");
        }
        let (mut names, mut token) = (Vec::new(), Value::Null);
        for size in [10, 10, 5] {
            let path = json!({"Path": "/trellis", "Recursive": true, "NextToken": token});
            let page = ask(&mut world, "GetParametersByPath", path).expect("a page");
            let items = page["Parameters"].as_array().expect("a list").clone();
            assert_eq!(items.len(), size);
            names.extend(items.iter().map(|item| item["Name"].to_string()));
            token = page["NextToken"].clone();
        }
        names.dedup();
        assert_eq!((names.len(), token), (25, Value::Null));
        let path = json!({"Path": "/trellis"});
        let page = ask(&mut world, "GetParametersByPath", path).expect("a page");
        assert_eq!(page["Parameters"], json!([]), "only what is right under it");
    }
}
