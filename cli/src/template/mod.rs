//! Reads `template.yaml`: the one source of what runs where.
//!
//! The functions with their environment and what their roles may do, the queues, the rules that
//! ring them. The file is part of the program, so that it runs from anywhere; logs and alarms are
//! AWS's business and not read.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::Value;

use crate::yaml::Node;

mod condition;
mod resource;

use condition::Conditions;
use resource::Resource;

/// The template as it was when the program was built.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// What runs where.
#[derive(Clone, Debug)]
pub struct Template {
    /// The functions, in the order of the template.
    pub functions: Vec<Function>,
    /// The queues by their logical id, dead-letter queues among them.
    pub queues: BTreeMap<String, Queue>,
    /// What rings them, in the order of the template.
    pub rules: Vec<Rule>,
    /// The statements of each role's policy, by the role's logical id.
    pub roles: BTreeMap<String, Value>,
}

/// A Lambda function and the queue that feeds it.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its logical id: `ExposeDatabase`.
    pub id: String,
    /// The binary that it is built from: `expose-database`.
    pub binary: String,
    /// Its name in AWS: `trellis-expose-database`.
    pub name: String,
    /// How long an invocation may take.
    pub timeout: SignedDuration,
    /// Its memory.
    pub memory_megabytes: u64,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// The logical id of the queue that its event source mapping reads.
    pub queue: String,
    /// How many messages an invocation gets at most.
    pub batch_size: usize,
    /// The logical id of its role.
    pub role: String,
}

/// An SQS queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name in AWS.
    pub name: String,
    /// Whether it keeps the order within a message group.
    pub is_fifo: bool,
    /// Whether two messages with the same body are one.
    pub deduplicates_by_content: bool,
    /// How long a received message stays invisible.
    pub visibility: SignedDuration,
    /// After how many receives a message goes to another queue, and to which.
    pub redrive: Option<Redrive>,
}

/// Where a message goes that was received too often.
#[derive(Clone, Debug)]
pub struct Redrive {
    /// The logical id of the dead-letter queue.
    pub dead_letters: String,
    /// How often a message is received at most.
    pub max_receives: u32,
}

/// An EventBridge rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its logical id: `DatabaseTagged`.
    pub id: String,
    /// Its name in AWS.
    pub name: String,
    /// When it rings.
    pub trigger: Trigger,
    /// Where it rings.
    pub targets: Vec<Target>,
}

/// When a rule rings.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// When an event matches this pattern.
    Pattern(Value),
    /// Again and again after this long.
    Every(SignedDuration),
}

/// A queue that a rule rings.
#[derive(Clone, Debug)]
pub struct Target {
    /// The queue's logical id.
    pub queue: String,
    /// The message group.
    pub group: String,
}

/// Why a template cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is no YAML.
    #[error("template.yaml is not YAML: {0}")]
    Yaml(String),
    /// A part of it is not as the program needs it.
    #[error("template.yaml, {0}: {1}")]
    Part(String, String),
}

impl Template {
    /// The template that this program was built with. `overrides` are values of parameters, in
    /// place of their defaults.
    ///
    /// # Errors
    ///
    /// The part that cannot be understood.
    pub fn built_in(overrides: &BTreeMap<String, String>) -> Result<Template, TemplateError> {
        Template::read(TEMPLATE, overrides)
    }

    /// Reads a template.
    ///
    /// # Errors
    ///
    /// The part that cannot be understood.
    pub fn read(
        text: &str,
        overrides: &BTreeMap<String, String>,
    ) -> Result<Template, TemplateError> {
        let document: Node =
            serde_saphyr::from_str(text).map_err(|error| TemplateError::Yaml(error.to_string()))?;
        let parameters = parameters(&document, overrides)?;
        let globals = document
            .member("Globals")
            .and_then(|globals| globals.member("Function"))
            .map(|globals| globals.resolve(&parameters))
            .unwrap_or_default();
        let conditions = Conditions::read(&document, &parameters)?;
        let mut template = Template {
            functions: Vec::new(),
            queues: BTreeMap::new(),
            rules: Vec::new(),
            roles: BTreeMap::new(),
        };
        for (id, node) in document.member("Resources").into_iter().flat_map(Node::members) {
            let resource = Resource::read(id, conditions.decide(node.resolve(&parameters))?)?;
            match resource.kind.as_str() {
                "AWS::Serverless::Function" => {
                    template.functions.push(resource::function(id, resource, &globals)?);
                }
                "AWS::SQS::Queue" => {
                    template.queues.insert(id.to_owned(), resource::queue(id, resource)?);
                }
                "AWS::IAM::Role" => {
                    template.roles.insert(id.to_owned(), resource::statements(id, resource)?);
                }
                "AWS::Events::Rule" => template.rules.push(resource::rule(id, resource)?),
                _ => {}
            }
        }
        Ok(template)
    }

    /// The statements of the policy of a function's role: what it may do in AWS.
    pub fn permissions(&self, function: &Function) -> Option<&Value> {
        self.roles.get(&function.role)
    }

    /// The function of this binary.
    pub fn function(&self, binary: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.binary == binary)
    }
}

fn parameters(
    document: &Node,
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut parameters = BTreeMap::new();
    for (name, node) in document.member("Parameters").into_iter().flat_map(Node::members) {
        let default = node.resolve(&BTreeMap::new())["Default"].clone();
        parameters.insert(name.to_owned(), resource::text(&default));
    }
    for (name, value) in overrides {
        if parameters.insert(name.clone(), value.clone()).is_none() {
            return Err(resource::wrong(name, "there is no such parameter"));
        }
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in() -> Template {
        Template::built_in(&BTreeMap::new()).expect("it can be read")
    }

    #[test]
    fn the_template_names_two_functions_each_fed_by_a_queue_that_outlasts_it() {
        let template = built_in();
        let binaries: Vec<_> = template.functions.iter().map(|f| f.binary.as_str()).collect();
        assert_eq!(binaries, ["expose-database", "connect-vpc"]);
        for function in &template.functions {
            let queue = &template.queues[&function.queue];
            assert!(queue.is_fifo && queue.deduplicates_by_content, "{}", queue.name);
            assert!(queue.visibility > function.timeout, "{}", queue.name);
            let redrive = queue.redrive.as_ref().expect("it has a dead-letter queue");
            assert!(template.queues[&redrive.dead_letters].is_fifo, "{}", queue.name);
            assert_eq!(redrive.max_receives, 5);
            assert!(function.batch_size <= 10, "AWS gives at most ten of a FIFO queue");
        }
    }

    #[test]
    fn every_bell_rings_both_sides_but_the_one_by_which_one_rings_the_other() {
        let template = built_in();
        for rule in &template.rules {
            let queues: Vec<_> = rule.targets.iter().map(|t| t.queue.as_str()).collect();
            match rule.id.as_str() {
                "ExposureChanged" => assert_eq!(queues, ["ConnectVpcQueue"]),
                id => assert_eq!(queues, ["ExposeDatabaseQueue", "ConnectVpcQueue"], "{id}"),
            }
        }
    }

    #[test]
    fn parameters_reach_the_environment_and_the_names() {
        let overrides = BTreeMap::from([
            ("Deployment".to_owned(), "garden".to_owned()),
            ("GracePeriodMinutes".to_owned(), "1".to_owned()),
        ]);
        let template = Template::built_in(&overrides).expect("it can be read");
        let function = template.function("connect-vpc").expect("there is one");
        assert_eq!(function.name, "garden-connect-vpc");
        assert_eq!(function.environment["TRELLIS_DEPLOYMENT"], "garden");
        assert_eq!(function.environment["TRELLIS_GRACE_MINUTES"], "1");
        assert_eq!(function.environment["TRELLIS_BRAKE_COUNT"], "3");
        assert_eq!(template.queues["ConnectVpcQueue"].name, "garden-connect-vpc.fifo");
    }

    #[test]
    fn a_wrong_template_is_refused_by_the_part_that_is_wrong() {
        let none = BTreeMap::new();
        let read = |text| Template::read(text, &none).expect_err("it is wrong").to_string();
        assert!(read("a: [").starts_with("template.yaml is not YAML"));
        let rule = "Resources: {R: {Type: AWS::Events::Rule, Properties: {Name: r, Targets: []}}}";
        assert_eq!(read(rule), "template.yaml, R: it needs either a pattern or a schedule");
        let overrides = BTreeMap::from([("Nonsense".to_owned(), String::new())]);
        let error = Template::built_in(&overrides).expect_err("it is wrong").to_string();
        assert_eq!(error, "template.yaml, Nonsense: there is no such parameter");
    }
}
