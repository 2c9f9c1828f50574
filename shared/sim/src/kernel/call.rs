//! A call as the services see it: which action, by whom, with what members.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::kernel::Fault;

/// The services that the simulated AWS answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Amazon EC2, query protocol with XML answers, version 2016-11-15.
    Ec2,
    /// Amazon RDS, query protocol with XML answers, version 2014-10-31.
    Rds,
    /// Amazon VPC Lattice, REST with JSON, version 2022-11-30.
    Lattice,
    /// Amazon EventBridge, JSON 1.1, version 2015-10-07.
    Events,
    /// AWS Systems Manager Parameter Store, JSON 1.1, version 2014-11-06.
    Ssm,
    /// AWS STS, query protocol with XML answers, version 2011-06-15.
    Sts,
}

impl Service {
    /// The name that signs for it, names its actions in policies and stands in its ARNs.
    pub fn name(self) -> &'static str {
        match self {
            Service::Ec2 => "ec2",
            Service::Rds => "rds",
            Service::Lattice => "vpc-lattice",
            Service::Events => "events",
            Service::Ssm => "ssm",
            Service::Sts => "sts",
        }
    }

    /// The service of this signing name.
    pub fn named(name: &str) -> Option<Service> {
        [Service::Ec2, Service::Rds, Service::Lattice, Service::Events, Service::Ssm, Service::Sts]
            .into_iter()
            .find(|service| service.name() == name)
    }
}

/// One decoded call.
///
/// `members` has the names that the API model gives its members, whatever the protocol: lists are
/// arrays (`SubnetId.1=…` is `{"SubnetId": ["…"]}`), and path and query parameters of a REST call
/// stand beside the members of its body. Values of the query protocols are strings.
#[derive(Clone, Debug)]
pub struct Call {
    /// The access key id that signed the call: who is calling.
    pub caller: String,
    /// The service that the signature names.
    pub service: Service,
    /// The operation, by its name in the API model: `CreateVpcEndpoint`.
    pub action: String,
    /// The operation's input.
    pub members: Value,
}

impl Call {
    /// A call with these members, by nobody in particular.
    pub fn new(service: Service, action: &str, members: Value) -> Call {
        Call { caller: "nobody".to_owned(), service, action: action.to_owned(), members }
    }

    /// The input as a type of the operation's own. A member that the type does not name is
    /// refused: the simulator never succeeds silently at what it does not imitate.
    ///
    /// # Errors
    ///
    /// A validation fault in the words of the service.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let mut members = self.members.clone();
        if let Some(members) = members.as_object_mut() {
            // What is null is not given, and neither is an empty text in RDS.
            let is_rds = self.service == Service::Rds;
            members.retain(|_, value| !(value.is_null() || is_rds && *value == ""));
        }
        serde_json::from_value(members).map_err(|error| {
            let problem = error.to_string();
            let message = format!("{}: {problem}", self.action);
            match self.service {
                Service::Ec2 if problem.starts_with("missing field") => {
                    Fault::new("MissingParameter", 400, message)
                }
                Service::Ec2 if problem.starts_with("unknown field") => {
                    Fault::new("UnknownParameter", 400, message)
                }
                service => Fault::invalid(service, message),
            }
        })
    }
}

/// Whether this operation changes anything.
pub(crate) fn is_write(action: &str) -> bool {
    !["Describe", "List", "Get", "Assume"].iter().any(|start| action.starts_with(start))
}

/// A boolean of the query protocols: `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Flag(pub(crate) bool);

impl TryFrom<Value> for Flag {
    type Error = String;

    fn try_from(value: Value) -> Result<Flag, String> {
        match &value {
            Value::Bool(is_true) => Ok(Flag(*is_true)),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Flag(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Flag(false)),
            other => Err(format!("{other} is not a boolean")),
        }
    }
}

/// An integer of the query protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Number(pub(crate) i64);

impl TryFrom<Value> for Number {
    type Error = String;

    fn try_from(value: Value) -> Result<Number, String> {
        let number = match &value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.map(Number).ok_or_else(|| format!("{value} is not an integer"))
    }
}
