//! What a service refuses with: code, HTTP status, message and the members of the error's shape.

use serde_json::{Map, Value};

use crate::kernel::Service;

/// A modelled (or, for EC2, documented) error of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The error code on the wire: `ConflictException`, `InvalidGroup.NotFound`.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// The sentence for people.
    pub message: String,
    /// Further members of the error's shape, such as `resourceId`, `retryAfterSeconds`.
    pub members: Box<Map<String, Value>>,
}

impl Fault {
    /// An error with this code, HTTP status and message.
    pub fn new(code: &str, status: u16, message: impl Into<String>) -> Fault {
        Fault { code: code.to_owned(), status, message: message.into(), members: Box::default() }
    }

    /// The same error with one more member of its shape.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Fault {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// The input does not fit the operation's shape, as each service says it.
    pub fn invalid(service: Service, message: impl Into<String>) -> Fault {
        match service {
            Service::Ec2 => Fault::new("InvalidParameterValue", 400, message),
            Service::Rds => Fault::new("InvalidParameterValue", 400, message),
            Service::Lattice | Service::Events | Service::Ssm | Service::Sts => {
                Fault::new("ValidationException", 400, message).with("reason", "other")
            }
        }
    }

    /// There were too many calls, as each service says it.
    pub fn throttled(service: Service) -> Fault {
        match service {
            Service::Ec2 => Fault::new("RequestLimitExceeded", 503, "Request limit exceeded."),
            Service::Lattice => Fault::new("ThrottlingException", 429, "Rate exceeded")
                .with("serviceCode", "vpc-lattice")
                .with("retryAfterSeconds", 1),
            Service::Rds | Service::Sts => Fault::new("Throttling", 400, "Rate exceeded"),
            Service::Events | Service::Ssm => {
                Fault::new("ThrottlingException", 400, "Rate exceeded")
            }
        }
    }

    /// The service is down, as each says it.
    pub fn unavailable(service: Service) -> Fault {
        let message = "The service is temporarily unavailable. Please try again later.";
        match service {
            Service::Ec2 => Fault::new("Unavailable", 503, message),
            Service::Rds | Service::Sts => Fault::new("ServiceUnavailable", 503, message),
            Service::Lattice => {
                Fault::new("InternalServerException", 500, message).with("retryAfterSeconds", 1)
            }
            Service::Events => Fault::new("InternalException", 500, message),
            Service::Ssm => Fault::new("InternalServerError", 500, message),
        }
    }
}
