//! YAML with CloudFormation's short-form functions, resolved as far as a laptop needs it.
//!
//! | in the template          | becomes                                                      |
//! |--------------------------|--------------------------------------------------------------|
//! | `!Ref Parameter`         | the parameter's value                                        |
//! | `!Ref AWS::Region`       | the pseudo parameter's value                                 |
//! | `!Ref Resource`          | the resource's logical id                                    |
//! | `!GetAtt Resource.Arn`   | `Resource.Arn`                                               |
//! | `!Sub text`              | the text, with what stands in `${…}` resolved as `!Ref` does |
//! | any other, such as `!If` | `{"Fn::If": …}`, unresolved                                  |

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, json};

/// A YAML node and its tag.
#[derive(Debug)]
pub struct Node {
    tag: Option<String>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The node as plain JSON, its functions resolved with these values of parameters.
    pub fn resolve(&self, parameters: &BTreeMap<String, String>) -> Value {
        let plain = match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(nodes) => nodes.iter().map(|node| node.resolve(parameters)).collect(),
            Content::Map(members) => Value::Object(
                members.iter().map(|(key, node)| (key.clone(), node.resolve(parameters))).collect(),
            ),
        };
        match (self.tag.as_deref(), plain) {
            (Some("!Ref"), Value::String(name)) => json!(reference(&name, parameters)),
            (Some("!GetAtt"), Value::String(attribute)) => json!(attribute),
            (Some("!Sub"), Value::String(text)) => json!(substitute(&text, parameters)),
            (Some(tag), plain) if tag.starts_with('!') => {
                Value::Object(Map::from_iter([(format!("Fn::{}", &tag[1..]), plain)]))
            }
            (_, plain) => plain,
        }
    }

    /// The member of a map with this key.
    pub fn member(&self, key: &str) -> Option<&Node> {
        self.members().find(|(name, _)| *name == key).map(|(_, node)| node)
    }

    /// The members of a map; nothing if it is none.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Node)> {
        let members: &[(String, Node)] = match &self.content {
            Content::Map(members) => members,
            _ => &[],
        };
        members.iter().map(|(key, node)| (key.as_str(), node))
    }
}

fn reference(name: &str, parameters: &BTreeMap<String, String>) -> String {
    match name {
        "AWS::Region" => crate::REGION.to_owned(),
        "AWS::AccountId" => crate::ACCOUNT.to_owned(),
        "AWS::Partition" => "aws".to_owned(),
        _ => parameters.get(name).cloned().unwrap_or_else(|| name.to_owned()),
    }
}

fn substitute(text: &str, parameters: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&reference(name, parameters));
        rest = tail;
    }
    out + rest
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        let serde_saphyr::Tagged(content, tag) = Deserialize::deserialize(deserializer)?;
        Ok(Node { tag, content })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Content, D::Error> {
        deserializer.deserialize_any(AnyContent)
    }
}

struct AnyContent;

impl<'de> Visitor<'de> for AnyContent {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML node")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Content, E> {
        Ok(Content::Scalar(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Content, D::Error> {
        Content::deserialize(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = seq.next_element()? {
            nodes.push(node);
        }
        Ok(Content::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Content::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Value {
        let node: Node = serde_saphyr::from_str(text).expect("it is YAML");
        node.resolve(&BTreeMap::from([("Deployment".to_owned(), "garden".to_owned())]))
    }

    #[test]
    fn short_forms_are_resolved() {
        assert_eq!(resolved("a: !Ref Deployment"), json!({"a": "garden"}));
        assert_eq!(resolved("a: !Ref AWS::Region"), json!({"a": "us-east-1"}));
        assert_eq!(resolved("a: !Ref Queue"), json!({"a": "Queue"}));
        assert_eq!(resolved("a: !GetAtt Queue.Arn"), json!({"a": "Queue.Arn"}));
        let text = "a: !Sub ${Deployment}-x/${AWS::Region}";
        assert_eq!(resolved(text), json!({"a": "garden-x/us-east-1"}));
        assert_eq!(
            resolved("a: [!Ref Deployment, {b: !If [X, \"on\", !Ref Deployment]}]"),
            json!({"a": ["garden", {"b": {"Fn::If": ["X", "on", "garden"]}}]})
        );
    }

    #[test]
    fn plain_yaml_stays_what_it_is() {
        assert_eq!(
            resolved("a: 330\nb: true\nc: \"on\"\nd:\ne: [{exists: false}]"),
            json!({"a": 330, "b": true, "c": "on", "d": null, "e": [{"exists": false}]})
        );
    }
}
