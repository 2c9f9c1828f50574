//! What VPC Lattice checks beyond the form of single members, and the errors that it answers with.

use serde_json::{Value, json};

use super::kind::Kind;
use crate::kernel::Fault;

/// Collects the members that do not fit, so that one answer names them all.
#[derive(Default)]
pub(super) struct Checks {
    wrong: Vec<Value>,
}

impl Checks {
    /// The member must be so.
    pub(super) fn expect(&mut self, holds: bool, member: &str, message: &str) {
        if !holds {
            self.wrong.push(json!({"name": member, "message": message}));
        }
    }

    /// Everything fits, or a `ValidationException` that names what does not.
    pub(super) fn pass(self) -> Result<(), Fault> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        let members: Vec<&str> =
            self.wrong.iter().filter_map(|wrong| wrong["name"].as_str()).collect();
        let message = format!("invalid input: {}", members.join(", "));
        Err(Fault::new("ValidationException", 400, message)
            .with("reason", "fieldValidationFailed")
            .with("fieldList", self.wrong))
    }
}

/// One member does not fit.
pub(super) fn invalid(member: &str, message: &str) -> Fault {
    Fault::new("ValidationException", 400, message)
        .with("reason", "fieldValidationFailed")
        .with("fieldList", json!([{"name": member, "message": message}]))
}

/// There is no such thing.
pub(super) fn not_found(kind: Kind, id: &str) -> Fault {
    absent(kind.resource_type(), id)
}

/// There is no such thing of another service, or of a kind without tags.
pub(super) fn absent(resource_type: &str, id: &str) -> Fault {
    Fault::new("ResourceNotFoundException", 404, format!("{resource_type} {id} not found"))
        .with("resourceId", id)
        .with("resourceType", resource_type)
}

/// Its state, or that of something that depends on it, does not allow this.
pub(super) fn conflict(kind: Kind, id: &str, message: impl Into<String>) -> Fault {
    Fault::new("ConflictException", 409, message)
        .with("resourceId", id)
        .with("resourceType", kind.resource_type())
}

/// The caller may not do this to that thing.
pub(super) fn denied(message: impl Into<String>) -> Fault {
    Fault::new("AccessDeniedException", 403, message)
}

/// There are as many as there may be.
pub(super) fn within(count: usize, limit: usize, kind: Kind, code: &str) -> Result<(), Fault> {
    if count < limit {
        return Ok(());
    }
    let message = format!("limit of {limit} reached for {}", kind.resource_type());
    Err(Fault::new("ServiceQuotaExceededException", 402, message)
        .with("resourceType", kind.resource_type())
        .with("serviceCode", "vpc-lattice")
        .with("quotaCode", code))
}

/// The id in an identifier that may be an id or an ARN.
pub(super) fn id_in<'a>(kind: Kind, member: &str, identifier: &'a str) -> Result<&'a str, Fault> {
    let id = match identifier.strip_prefix("arn:") {
        None => identifier,
        Some(rest) => {
            let (head, id) = rest.rsplit_once('/').unwrap_or_default();
            let fits = is_arn(identifier)
                && head.split(':').nth(1) == Some("vpc-lattice")
                && head.ends_with(&format!(":{}", kind.segment()));
            if fits { id } else { "" }
        }
    };
    let tail = id.strip_prefix(kind.prefix()).unwrap_or_default();
    let is_id =
        tail.len() == 17 && tail.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if is_id {
        Ok(id)
    } else {
        Err(invalid(member, &format!("{identifier:?} is not an identifier")))
    }
}

/// Whether it is the id or the ARN of such a thing.
pub(super) fn is_identifier(kind: Kind, text: &str) -> bool {
    id_in(kind, "identifier", text).is_ok()
}

/// Whether it is the id of a thing of EC2's, as VPC Lattice takes them.
pub(super) fn is_ec2_id(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix).is_some_and(|tail| {
        matches!(tail.len(), 8 | 17)
            && tail.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

/// Whether it is an ARN: partition, service, perhaps a region and an account, and something.
pub(super) fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, resource] = parts[..] else { return false };
    let is_word = |text: &str| {
        (1..=63).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
    };
    let is_account =
        account.is_empty() || account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let fits = (1..=1024).contains(&resource.chars().count()) && !resource.starts_with('/');
    is_word(partition)
        && is_word(service)
        && (region.is_empty() || is_word(region))
        && is_account
        && fits
}

/// Whether it is a tag: key and value of letters, digits, spaces and `_.:/=+-@` (Amazon VPC
/// Lattice User Guide, "Tag restrictions").
pub(super) fn is_tag(key: &str, value: &str) -> bool {
    let allowed = |text: &str| {
        text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
    };
    (1..=128).contains(&key.chars().count())
        && value.chars().count() <= 256
        && !key.starts_with("aws:")
        && allowed(key)
        && allowed(value)
}
