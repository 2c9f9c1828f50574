//! How each service says that an input does not fit.

use serde_json::{Value, json};

use super::{Why, Wrong};
use crate::kernel::{Call, Fault, Service};

/// The fault for what is wrong with a call: VPC Lattice names every member, the others the first.
pub(super) fn of(call: &Call, wrong: Vec<Wrong>) -> Fault {
    match call.service {
        Service::Lattice => fields(&wrong),
        service => first(service, &wrong[0]),
    }
}

fn fields(wrong: &[Wrong]) -> Fault {
    let fields: Vec<Value> = wrong
        .iter()
        .map(|Wrong { path, why }| {
            let message = match why {
                Why::Missing => "must not be null",
                Why::Unknown => "is not known to the simulated VPC Lattice",
                Why::Form(must, _) => must,
                Why::TooManyValues => "has too many values",
            };
            json!({"name": path, "message": message})
        })
        .collect();
    let names: Vec<&str> = wrong.iter().map(|one| one.path.as_str()).collect();
    Fault::new("ValidationException", 400, format!("invalid input: {}", names.join(", ")))
        .with("reason", "fieldValidationFailed")
        .with("fieldList", fields)
}

fn first(service: Service, Wrong { path, why }: &Wrong) -> Fault {
    let (code, message) = match why {
        Why::Missing => {
            ("MissingParameter", format!("The request must contain the parameter {path}"))
        }
        Why::Unknown => {
            let message = format!("The parameter {path} is not recognized");
            let is_ec2 = service == Service::Ec2;
            (if is_ec2 { "UnknownParameter" } else { "InvalidParameterValue" }, message)
        }
        Why::Form(must, code) => {
            let code = code.filter(|_| service == Service::Ec2);
            let message = format!("Invalid value for parameter {path}: it {must}.");
            (code.unwrap_or("InvalidParameterValue"), message)
        }
        Why::TooManyValues => {
            let message = "The request uses too many filter values.";
            ("FilterLimitExceeded", message.to_owned())
        }
    };
    Fault::new(code, 400, message)
}
