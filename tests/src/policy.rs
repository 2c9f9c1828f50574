//! What the template says of permissions, and the raw resources.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reconcile::settings::{Settings, StatusTags};
use serde_json::Value;
use sim::Sim;
use sim::iam::Policy;
use trellis::template::Template;
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
    let role = &section("Resources")[&format!("{function}Role")];
    let statements = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].as_array();
    statements
        .unwrap_or_else(|| panic!("{function} has no role of its own"))
        .iter()
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

/// A role and its function, by their names, and what they may do.
type Restricted = ((String, String), Policy);

/// Both functions may do what their roles allow in a deployment with these settings, and nothing
/// else.
///
/// # Panics
///
/// If the template cannot be read.
pub fn restrict(sim: &Sim, settings: &Settings) {
    static READ: Mutex<BTreeMap<Vec<String>, BTreeMap<String, Restricted>>> =
        Mutex::new(BTreeMap::new());
    let on = |is_on: bool| if is_on { "on" } else { "off" };
    let status_tags = match settings.status_tags {
        StatusTags::All => "all",
        StatusTags::Ours => "ours",
        StatusTags::Off => "off",
    };
    let parameters = [
        ("Deployment", settings.deployment.as_str().to_owned()),
        ("CreateNetworks", settings.create_networks.to_string()),
        ("DatabaseRules", on(settings.database_rules).to_owned()),
        ("StatusTags", status_tags.to_owned()),
        ("ConnectionParameters", on(settings.parameters).to_owned()),
    ];
    let values: Vec<String> = parameters.iter().map(|(_, value)| value.clone()).collect();
    let mut read = READ.lock().expect("nobody panicked");
    let policies = read.entry(values).or_insert_with(|| {
        let overrides = parameters.map(|(name, value)| (name.to_owned(), value));
        let template = Template::built_in(&overrides.into()).expect("it can be read");
        let all = template.functions.iter().map(|function| {
            let statements = template.permissions(function).expect("it has a role");
            let policy = Policy::parse(statements).expect("it is a policy");
            (function.binary.clone(), ((function.role.clone(), function.name.clone()), policy))
        });
        all.collect()
    });
    for (caller, ((role, function), policy)) in policies {
        sim.restrict(caller, (role, function), policy.clone());
    }
}

/// One text or a list of them.
pub fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
