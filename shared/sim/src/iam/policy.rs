//! Identity-based policies: statements, and whether they allow something.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use wildmatch::WildMatch;

use super::{Context, Need};

/// A policy that cannot be read: a member, an operator or a form that is not known here.
#[derive(Debug)]
pub struct PolicyError(serde_json::Error);

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a policy: {}", self.0)
    }
}

impl std::error::Error for PolicyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// The statements of a policy.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Policy(Vec<Statement>);

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    #[serde(default, rename = "Sid")]
    _sid: Option<String>,
    effect: Effect,
    action: Patterns,
    resource: Patterns,
    #[serde(default)]
    condition: BTreeMap<Operator, BTreeMap<String, Patterns>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Operator {
    StringEquals,
    StringNotEquals,
    StringLike,
    StringNotLike,
    #[serde(rename = "ForAllValues:StringEquals")]
    AllEqual,
    #[serde(rename = "ForAllValues:StringLike")]
    AllLike,
    #[serde(rename = "ForAnyValue:StringEquals")]
    AnyEquals,
    #[serde(rename = "ForAnyValue:StringLike")]
    AnyLike,
    Null,
    ArnLike,
    ArnNotLike,
}

/// One text or a list of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Many(Vec<String>),
}

impl Patterns {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            Patterns::One(one) => std::slice::from_ref(one),
            Patterns::Many(many) => many.as_slice(),
        };
        all.iter().map(String::as_str)
    }

    fn have(&self, value: &str) -> bool {
        self.iter().any(|one| one == value)
    }

    /// Whether one of them fits: `*` stands for anything and `?` for one character.
    fn fit(&self, value: &str) -> bool {
        self.iter().any(|pattern| WildMatch::new(pattern).matches(value))
    }

    /// The same, whatever the case: so it is with the names of actions.
    fn fit_action(&self, action: &str) -> bool {
        self.iter().any(|pattern| WildMatch::new_case_insensitive(pattern).matches(action))
    }
}

impl Policy {
    /// The policy of these statements.
    ///
    /// # Errors
    ///
    /// If one of them has something that is not known here: it is never passed over.
    pub fn parse(statements: &Value) -> Result<Policy, PolicyError> {
        Policy::deserialize(statements).map_err(PolicyError)
    }

    /// Whether it allows this: some statement does, and none denies it (IAM User Guide, "Policy
    /// evaluation logic").
    pub fn allows(&self, need: &Need) -> bool {
        let has = |effect| self.0.iter().any(|it| it.effect == effect && it.concerns(need));
        has(Effect::Allow) && !has(Effect::Deny)
    }
}

impl Statement {
    fn concerns(&self, need: &Need) -> bool {
        self.action.fit_action(&need.action)
            && self.resource.fit(&need.resource)
            && self.condition.iter().all(|(operator, keys)| {
                keys.iter().all(|(key, wanted)| operator.holds(&need.context, key, wanted))
            })
    }
}

impl Operator {
    /// Whether the values of a key are as wanted. What is not in the request equals nothing, and
    /// all values of none are equal (IAM User Guide, "IAM JSON policy elements: Condition
    /// operators" and "Multivalued context keys").
    fn holds(self, context: &Context, key: &str, wanted: &Patterns) -> bool {
        let found = context.get(key).filter(|values| !values.is_empty());
        let any = |holds: &dyn Fn(&str) -> bool| {
            found.is_some_and(|values| values.iter().any(|value| holds(value)))
        };
        match self {
            Operator::StringEquals | Operator::AnyEquals => any(&|value| wanted.have(value)),
            Operator::StringNotEquals => !any(&|value| wanted.have(value)),
            Operator::StringLike | Operator::AnyLike | Operator::ArnLike => {
                any(&|value| wanted.fit(value))
            }
            Operator::StringNotLike | Operator::ArnNotLike => !any(&|value| wanted.fit(value)),
            Operator::AllLike => !any(&|value| !wanted.fit(value)),
            Operator::AllEqual => !any(&|value| !wanted.have(value)),
            Operator::Null => wanted.have(if found.is_none() { "true" } else { "false" }),
        }
    }
}
