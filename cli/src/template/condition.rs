//! The conditions of the template: what is there with these values of the parameters, and what is
//! not.

use std::collections::BTreeMap;

use serde_json::Value;

use super::TemplateError;
use super::resource::wrong;
use crate::yaml::Node;

/// What stands for nothing at all.
const NOTHING: &str = "AWS::NoValue";

/// Which conditions hold, by name.
pub(super) struct Conditions(BTreeMap<String, bool>);

impl Conditions {
    /// Those of the template, with these values of its parameters.
    pub(super) fn read(
        document: &Node,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Conditions, TemplateError> {
        let all = document.member("Conditions").into_iter().flat_map(Node::members);
        let read = all.map(|(name, node)| {
            let holds = holds(&node.resolve(parameters));
            let holds = holds.ok_or_else(|| wrong(name, "it is neither !Equals nor !Not"))?;
            Ok((name.to_owned(), holds))
        });
        read.collect::<Result<_, _>>().map(Conditions)
    }

    /// The value with each `!If` decided, and without what stands for nothing.
    pub(super) fn decide(&self, value: Value) -> Result<Value, TemplateError> {
        Ok(match value {
            Value::Object(members) => match members.get("Fn::If") {
                Some(choice) => return self.choose(choice),
                None => {
                    let members = members.into_iter().filter(|(_, it)| it != NOTHING);
                    let decided = members.map(|(key, value)| Ok((key, self.decide(value)?)));
                    let decided: Vec<(String, Value)> = decided.collect::<Result<_, _>>()?;
                    let is_there = |it: &(String, Value)| it.1 != NOTHING;
                    Value::Object(decided.into_iter().filter(is_there).collect())
                }
            },
            Value::Array(items) => {
                let decided = items.into_iter().map(|item| self.decide(item));
                let decided: Vec<Value> = decided.collect::<Result<_, _>>()?;
                Value::Array(decided.into_iter().filter(|it| it != NOTHING).collect())
            }
            scalar => scalar,
        })
    }

    fn choose(&self, choice: &Value) -> Result<Value, TemplateError> {
        let name = choice[0].as_str().unwrap_or_default();
        let holds = self.0.get(name).ok_or_else(|| wrong(name, "there is no such condition"))?;
        self.decide(choice[if *holds { 1 } else { 2 }].clone())
    }
}

/// Whether a condition holds, if it is one of those that the template uses.
fn holds(condition: &Value) -> Option<bool> {
    if let Some(both) = condition["Fn::Equals"].as_array() {
        return Some(both.first() == both.get(1));
    }
    holds(condition["Fn::Not"].get(0)?).map(|it| !it)
}
