//! Refusals: answers with a code and a sentence that a person can act on.

use std::fmt;

use serde::Serialize;

/// Why something that was asked for is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The tag's value makes no sense.
    BadTag,
    /// The network is not in the deployment's list.
    NotAllowed,
    /// The database is publicly accessible, for which AWS makes no ARN configuration.
    Public,
    /// The instance belongs to a cluster.
    Member,
    /// The engine, or the kind of database or connection, cannot be exposed (yet).
    Unsupported,
    /// The database lies in no VPC.
    NoVpc,
    /// The tags were inherited from another database by a restore or a copy.
    Restored,
    /// Another database stands where the one stood that was to be exposed.
    Replaced,
    /// The VPC reaches the database another way already, which our private DNS would cut off.
    Takeover,
    /// No subnet has room for our interfaces.
    NoSubnet,
    /// The database's groups have no room for another rule.
    RulesFull,
    /// The VPC has DNS support or DNS hostnames switched off.
    DnsOff,
    /// Two networks of one VPC offer the same database, whose name can resolve to one only.
    DnsConflict,
    /// The endpoint's zones and the gateway's have none in common.
    NoCommonZone,
    /// A resource with our name does not carry our tags.
    Foreign,
    /// Too many tags vanished at once to be meant.
    Brake,
    /// AWS says that a quota is exhausted.
    Quota,
    /// AWS says that we may not.
    Denied,
    /// AWS refuses what we ask for, for another reason than these.
    Rejected,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Code::BadTag => "BAD_TAG",
            Code::NotAllowed => "NOT_ALLOWED",
            Code::Public => "PUBLIC",
            Code::Member => "MEMBER",
            Code::Unsupported => "UNSUPPORTED",
            Code::NoVpc => "NO_VPC",
            Code::Restored => "RESTORED",
            Code::Replaced => "REPLACED",
            Code::Takeover => "TAKEOVER",
            Code::NoSubnet => "NO_SUBNET",
            Code::RulesFull => "RULES_FULL",
            Code::DnsOff => "DNS_OFF",
            Code::DnsConflict => "DNS_CONFLICT",
            Code::NoCommonZone => "NO_COMMON_ZONE",
            Code::Foreign => "FOREIGN",
            Code::Brake => "BRAKE",
            Code::Quota => "QUOTA",
            Code::Denied => "DENIED",
            Code::Rejected => "REJECTED",
        })
    }
}

impl Code {
    /// Whether a person must look now: a database may be exposed, or withdrawn, against its
    /// owner's will.
    pub fn is_alarming(self) -> bool {
        matches!(self, Code::Brake | Code::Replaced)
    }
}

/// A code, and the sentence that tells a person what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What kind of refusal.
    pub code: Code,
    /// What to do about it.
    pub sentence: String,
}

impl Refusal {
    /// A refusal with this code and sentence.
    pub fn new(code: Code, sentence: impl Into<String>) -> Refusal {
        Refusal { code, sentence: sentence.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_begins_with_the_code_that_the_readme_explains() {
        let refusal = Refusal::new(Code::NoCommonZone, "tag subnets in a common zone");
        assert_eq!(refusal.to_string(), "NO_COMMON_ZONE: tag subnets in a common zone");
    }

    #[test]
    fn a_person_must_look_where_a_database_may_be_exposed_or_withdrawn_against_the_will() {
        assert!(Code::Brake.is_alarming() && Code::Replaced.is_alarming());
        for code in [Code::BadTag, Code::Foreign, Code::Restored, Code::Quota, Code::Takeover] {
            assert!(!code.is_alarming(), "{code}");
        }
    }
}
