//! The inputs of operations, as the API models have them: what a call must give, and of what form.
//!
//! Every call is held against the shape of its operation before anything is looked up, as AWS does
//! it: a request that is wrong in itself is refused as such, whether or not what it names is
//! there. The shapes stand in the file `members` of each service, a line or a few per operation.
//!
//! A member that the shape does not have is refused too: the simulator never succeeds silently at
//! what it does not imitate.

mod fault;
mod form;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub(crate) use form::{Form, Pattern};

use crate::kernel::{Call, Fault, Service};

/// The members of an input, or of a structure in it.
pub(crate) type Shape = &'static [Member];

/// The inputs of some operations, each by its operation's name.
pub(crate) type Shapes = &'static [(&'static str, Shape)];

/// A member of an input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    name: &'static str,
    form: Form,
    is_required: bool,
}

/// A member that has to be given.
pub(crate) const fn need(name: &'static str, form: Form) -> Member {
    Member { name, form, is_required: true }
}

/// A member that may be given.
pub(crate) const fn may(name: &'static str, form: Form) -> Member {
    Member { name, form, is_required: false }
}

/// A member that does not fit.
#[derive(Debug)]
struct Wrong {
    /// Such as `dnsOptions.privateDnsPreference`.
    path: String,
    why: Why,
}

/// Why it does not.
#[derive(Debug)]
enum Why {
    /// It is required.
    Missing,
    /// The operation has no such member.
    Unknown,
    /// It has a value of another form: what it must be, and EC2's code for it.
    Form(String, Option<&'static str>),
    /// More values of filters than one call may have.
    TooManyValues,
}

/// The call fits the shape of its operation, if `tables` has one.
///
/// # Errors
///
/// A validation fault in the words of the service.
pub(crate) fn check(tables: &[Shapes], call: &Call) -> Result<(), Fault> {
    let Some(shape) = of(tables, &call.action) else { return Ok(()) };
    let mut wrong = Vec::new();
    members(call, shape, &call.members, "", &mut wrong);
    if wrong.is_empty() { Ok(()) } else { Err(fault::of(call, wrong)) }
}

/// The shape of an operation's input, unless there is no such operation.
fn of(tables: &[Shapes], action: &str) -> Option<Shape> {
    let is_it = |one: &&(&str, Shape)| one.0 == action;
    tables.iter().flat_map(|shapes| shapes.iter()).find(is_it).map(|one| one.1)
}

/// Holds the members of a structure against its shape.
fn members(call: &Call, shape: Shape, value: &Value, path: &str, wrong: &mut Vec<Wrong>) {
    let Some(given) = value.as_object() else {
        let why = Why::Form("must be a structure".to_owned(), None);
        return wrong.push(Wrong { path: path.to_owned(), why });
    };
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    // Every operation of EC2 can be tried without being done.
    let is_dry = path.is_empty() && call.service == Service::Ec2;
    let dry_run = is_dry.then_some(may("DryRun", Form::FlagText));
    let known = || shape.iter().chain(&dry_run);
    for name in given.keys() {
        if !known().any(|member| member.name == name) {
            wrong.push(Wrong { path: below(name), why: Why::Unknown });
        }
    }
    for member in known() {
        match given.get(member.name).filter(|value| !value.is_null()) {
            Some(value) => member.form.hold(call, value, &below(member.name), wrong),
            None if member.is_required => {
                wrong.push(Wrong { path: below(member.name), why: Why::Missing });
            }
            None => {}
        }
    }
}
