//! Refusals: answers with a code and a sentence that a person can act on.

use std::fmt;

use serde::Serialize;
use strum::{EnumMessage, IntoEnumIterator};

/// Why something that was asked for is not done. Each variant has its code, what it is, and what
/// people should do about it: the row in the README is written from here.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    strum::Display,
    strum::EnumIter,
    strum::EnumMessage,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The tag's value makes no sense.
    #[strum(message = "correct the tag's value")]
    BadTag,
    /// The network is not in the deployment's list.
    #[strum(message = "name an allowed network, or have it added to `Networks`")]
    NotAllowed,
    /// The database is publicly accessible, for which AWS makes no ARN configuration.
    #[strum(message = "switch public access off: AWS exposes private databases only")]
    Public,
    /// The instance belongs to a cluster.
    #[strum(message = "tag the cluster instead of its member")]
    Member,
    /// The engine, or the kind of database or connection, cannot be exposed (yet).
    #[strum(
        message = "this kind of database, or this value of `trellis:via`, cannot be had (so far): \
                       what stands behind the code says which can"
    )]
    Unsupported,
    /// The database lies in no VPC.
    #[strum(message = "the database must lie in a VPC")]
    NoVpc,
    /// The tags were inherited from another database by a restore or a copy.
    #[strum(
        message = "the tags were copied from another database by a restore: take `trellis:status` \
                       off to expose this one too"
    )]
    Restored,
    /// Another database stands where the one stood that was to be exposed.
    #[strum(
        message = "another database took the name of an exposed one, and nobody tagged it: it is \
                   withdrawn at once; tag it `trellis:expose` to offer it too"
    )]
    Replaced,
    /// The VPC reaches the database another way already, which our private DNS would cut off.
    #[strum(
        message = "the VPC reaches the database by a peering connection or transit gateway, and \
                       private DNS would turn away every client there that is in no client group: \
                       see *Coming from peering*"
    )]
    Takeover,
    /// No subnet has room for our interfaces.
    #[strum(message = "give the gateway free addresses, or the endpoint a subnet with a free \
                       contiguous /28")]
    NoSubnet,
    /// The database's groups have no room for another rule.
    #[strum(message = "make room in the database's security group, or add another group")]
    RulesFull,
    /// The VPC has DNS support or DNS hostnames switched off.
    #[strum(message = "switch on `enableDnsSupport` and `enableDnsHostnames` of the VPC")]
    DnsOff,
    /// Two networks of one VPC offer the same database, whose name can resolve to one only.
    #[strum(message = "one VPC consumes two networks that offer the same database: consume one")]
    DnsConflict,
    /// The endpoint's zones and the gateway's have none in common.
    #[strum(message = "gateway and endpoint need a zone in common: tag subnets in one")]
    NoCommonZone,
    /// A resource with our name does not carry our tags.
    #[strum(
        message = "something has our name and not our tags: it is never adopted; rename or remove \
                       it"
    )]
    Foreign,
    /// Too many tags vanished at once to be meant.
    #[strum(message = "many tags vanished at once: put them back, or set them to `off`")]
    Brake,
    /// AWS says that a quota is exhausted.
    #[strum(message = "have the quota raised that AWS names behind the code, or make room")]
    Quota,
    /// AWS says that we may not.
    #[strum(
        message = "allow the function what stands behind the code: a permissions boundary or a \
                   service control policy may forbid it"
    )]
    Denied,
    /// AWS refuses what we ask for, for another reason than these.
    #[strum(message = "mend what AWS says behind the code; Trellis tries again by itself")]
    Rejected,
}

impl Code {
    /// Every code.
    pub fn all() -> impl Iterator<Item = Code> {
        Code::iter()
    }

    /// What to do about it, in Markdown.
    pub fn remedy(self) -> &'static str {
        self.get_message().expect("each has one: a test asks for all")
    }

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
    fn there_is_something_to_do_about_every_code() {
        assert!(Code::all().all(|code| !code.remedy().is_empty()));
    }

    #[test]
    fn a_person_must_look_where_a_database_may_be_exposed_or_withdrawn_against_the_will() {
        assert!(Code::Brake.is_alarming() && Code::Replaced.is_alarming());
        for code in [Code::BadTag, Code::Foreign, Code::Restored, Code::Quota, Code::Takeover] {
            assert!(!code.is_alarming(), "{code}");
        }
    }
}
