//! What the template says that the program does not read: permissions, and the raw resources.

use std::collections::BTreeMap;

use serde_json::Value;
use trellis::yaml::Node;

/// The template of this source tree.
const TEMPLATE: &str = include_str!("../../template.yaml");

/// A statement of a function's policy.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its name.
    pub sid: String,
    /// What it allows.
    pub actions: Vec<String>,
    /// On what.
    pub resources: Vec<String>,
    /// Under which conditions, `null` for none.
    pub condition: Value,
    /// The condition of the template without which it is not there.
    pub only_if: Option<String>,
}

impl Statement {
    /// Whether it demands our owner tag, on the request or on the resource.
    pub fn demands_owner(&self) -> bool {
        ["aws:RequestTag/trellis:owner", "aws:ResourceTag/trellis:owner"]
            .iter()
            .any(|key| self.condition["StringEquals"][key] == "trellis")
    }
}

/// A section of the template with the defaults of its parameters: `Resources`, `Parameters`.
///
/// # Panics
///
/// If the template is no YAML, or lacks the section.
pub fn section(name: &str) -> BTreeMap<String, Value> {
    let document: Node = serde_saphyr::from_str(TEMPLATE).expect("the template is YAML");
    let parameters = document.member("Parameters").expect("it has parameters").members();
    let defaults = parameters.map(|(name, node)| {
        let default = node.resolve(&BTreeMap::new())["Default"].clone();
        (name.to_owned(), default.as_str().map_or(default.to_string(), str::to_owned))
    });
    let defaults = defaults.collect();
    let section = document.member(name).unwrap_or_else(|| panic!("the template has no {name}"));
    section.members().map(|(id, node)| (id.to_owned(), node.resolve(&defaults))).collect()
}

/// The statements of a function's policy with every condition of the template true: the most
/// that the function may ever do.
///
/// # Panics
///
/// If a statement is not written as the others are.
pub fn statements(function: &str) -> Vec<Statement> {
    let resource = &section("Resources")[function];
    let policies = resource["Properties"]["Policies"].as_array().expect("it has policies");
    let statements = policies.iter().flat_map(|policy| {
        policy["Statement"].as_array().unwrap_or_else(|| panic!("no statements: {policy}"))
    });
    statements
        .map(|statement| {
            let one = statement.get("Fn::If").map_or(statement, |branches| &branches[1]);
            assert_eq!(one["Effect"], "Allow", "{one}");
            Statement {
                sid: one["Sid"].as_str().unwrap_or_else(|| panic!("no Sid: {one}")).to_owned(),
                actions: texts(&one["Action"]),
                resources: texts(&one["Resource"]),
                condition: one["Condition"].clone(),
                only_if: statement["Fn::If"][0].as_str().map(str::to_owned),
            }
        })
        .collect()
}

/// One text or a list of them.
fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
