//! AWS IAM: what a role may do, judged for each call by what AWS asks of the role's policy.
//!
//! A call asks for more than its own action: AWS demands a permission for each resource that it
//! names, one for tagging what it makes, and some for what the service does in the caller's name.
//! Each is a [`Need`]; a call is answered if the policy allows all of them. The table of needs is
//! the service authorization reference, and the API permissions of the services' user guides.

mod needs;
mod policy;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use needs::needs;
pub use policy::{Policy, PolicyError};

use crate::switches::DenialOfAbsent;
use crate::{Call, Fault, Service, Tags, World};

/// What AWS knows about a request when it judges it: the values of condition keys.
pub type Context = BTreeMap<String, Vec<String>>;

/// One permission that a call asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The action, with its service: `ec2:CreateTags`.
    pub action: String,
    /// The ARN of what it is done to; `*` where the action knows no resources.
    pub resource: String,
    /// What conditions may ask about.
    pub context: Context,
    /// Whether it is there: what is to be made counts as there.
    pub is_there: bool,
}

/// A denial.
#[derive(Clone, Debug)]
pub(crate) struct Denial {
    /// In the words of the service.
    pub(crate) fault: Fault,
    /// Whether it is about something that is there.
    pub(crate) is_there: bool,
}

/// The policy allows all that this call asks for.
pub(crate) fn check(world: &World, policy: &Policy, call: &Call) -> Result<(), Denial> {
    let is_asked =
        |need: &Need| need.is_there || world.switches.denial_of_absent == DenialOfAbsent::Denied;
    let needs = needs(world, call).into_iter();
    match needs.filter(is_asked).find(|need| !policy.allows(need)) {
        Some(need) => Err(Denial { fault: denied(world, call, &need), is_there: need.is_there }),
        None => Ok(()),
    }
}

fn denied(world: &World, call: &Call, need: &Need) -> Fault {
    let message = format!(
        "User: arn:aws:sts::{}:assumed-role/{} is not authorized to perform: {} on resource: {} \
         because no identity-based policy allows the {} action",
        world.account, call.caller, need.action, need.resource, need.action
    );
    match call.service {
        Service::Ec2 => {
            let message = format!("You are not authorized to perform this operation. {message}");
            Fault::new("UnauthorizedOperation", 403, message)
        }
        Service::Rds | Service::Sts => Fault::new("AccessDenied", 403, message),
        Service::Lattice => Fault::new("AccessDeniedException", 403, message),
        Service::Events | Service::Ssm => Fault::new("AccessDeniedException", 400, message),
    }
}

/// The condition keys of the tags in a request.
fn of_request(tags: &Tags) -> Context {
    let mut context: Context = tags
        .iter()
        .map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value.clone()]))
        .collect();
    context.extend(of_keys(tags.keys().cloned().collect()));
    context
}

/// The condition key of the keys of tags in a request, if there are any.
fn of_keys(keys: Vec<String>) -> Option<(String, Vec<String>)> {
    (!keys.is_empty()).then(|| ("aws:TagKeys".to_owned(), keys))
}

/// The condition keys of the tags of a resource.
fn of_resource(tags: &Tags) -> Context {
    tags.iter()
        .map(|(key, value)| (format!("aws:ResourceTag/{key}"), vec![value.clone()]))
        .collect()
}
