//! What VPC Lattice checks before it does anything, and the errors that it answers with.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::kind::Kind;
use crate::Fault;

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

    /// A name: lower-case letters, digits and single dashes inside.
    pub(super) fn name(&mut self, name: &str, longest: usize, reserved: &str) {
        let fits = (3..=longest).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-')
            && !name.contains("--")
            && (reserved.is_empty() || !name.starts_with(reserved));
        self.expect(fits, "name", &format!("3 to {longest} of a-z, 0-9 and single inner hyphens"));
    }

    /// One of the values of an enum.
    pub(super) fn one_of(&mut self, member: &str, value: Option<&str>, allowed: &[&str]) {
        let fits = value.is_none_or(|value| allowed.contains(&value));
        self.expect(fits, member, &format!("must be one of {}", allowed.join(", ")));
    }

    /// At most five ids of security groups.
    pub(super) fn groups(&mut self, groups: &[String]) {
        let fits = groups.len() <= 5 && groups.iter().all(|id| is_ec2_id(id, "sg-"));
        self.expect(fits, "securityGroupIds", "0 to 5 ids of security groups");
    }

    /// The id of a VPC.
    pub(super) fn vpc(&mut self, vpc: &str) {
        self.expect(is_ec2_id(vpc, "vpc-"), "vpcIdentifier", "must be the id of a VPC");
    }

    /// The options of private DNS.
    pub(super) fn dns_options(&mut self, options: Option<&Value>) {
        let Some(options) = options else { return };
        let preference = options.get("privateDnsPreference").and_then(Value::as_str);
        let allowed = [
            "VERIFIED_DOMAINS_ONLY",
            "ALL_DOMAINS",
            "VERIFIED_DOMAINS_AND_SPECIFIED_DOMAINS",
            "SPECIFIED_DOMAINS_ONLY",
        ];
        self.one_of("dnsOptions.privateDnsPreference", preference, &allowed);
        let specified = options.get("privateDnsSpecifiedDomains").and_then(Value::as_array);
        let fits = specified.is_none_or(|domains| (1..=10).contains(&domains.len()));
        self.expect(fits, "dnsOptions.privateDnsSpecifiedDomains", "1 to 10 domains");
    }

    /// Ports and ranges of ports.
    pub(super) fn port_ranges(&mut self, ranges: &[String]) {
        let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
        let fits = ranges.iter().all(|range| match range.split_once('-') {
            Some((low, high)) => matches!((port(low), port(high)), (Some(l), Some(h)) if l <= h),
            None => port(range).is_some(),
        });
        self.expect(fits, "portRanges", "ports or ranges of ports, such as 5432 or 1-65535");
    }

    /// A client token: something visible, and not too long.
    pub(super) fn token(&mut self, token: Option<&str>) {
        let fits = token.is_none_or(|token| {
            (1..=64).contains(&token.chars().count()) && token.bytes().any(|b| b.is_ascii_graphic())
        });
        self.expect(fits, "clientToken", "1 to 64 characters");
    }

    /// Tags: keys and values of letters, digits, spaces and `_.:/=+-@`.
    pub(super) fn tags(&mut self, tags: &BTreeMap<String, String>) {
        let allowed = |text: &str| {
            text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
        };
        let fits = tags.iter().all(|(key, value)| {
            (1..=128).contains(&key.chars().count())
                && value.chars().count() <= 256
                && !key.starts_with("aws:")
                && allowed(key)
                && allowed(value)
        });
        self.expect(fits, "tags", "keys of 1 to 128, values of 0 to 256 allowed characters");
        self.expect(tags.len() <= 50, "tags", "at most 50 tags");
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
            let fits = head.split(':').nth(1) == Some("vpc-lattice")
                && head.ends_with(&format!(":{}", kind.segment()));
            if fits { id } else { "" }
        }
    };
    let tail = id.strip_prefix(kind.prefix()).unwrap_or_default();
    let is_id =
        tail.len() == 17 && tail.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if is_id { Ok(id) } else { Err(invalid(member, &format!("{identifier:?} is no identifier"))) }
}

fn is_ec2_id(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix).is_some_and(|tail| {
        matches!(tail.len(), 8 | 17)
            && tail.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}
