//! The one error: which call, for what, of which kind, and what the SDK said.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use reconcile::refusal::{Code, Refusal};

/// What kind of error it is, which decides what happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It does not exist (any more).
    Gone,
    /// It exists already.
    Exists,
    /// It is in use or in transition: later.
    Conflict,
    /// Too many calls: later.
    Throttled,
    /// AWS, or the way to it, is out of order: later.
    Unavailable,
    /// We may not.
    Denied,
    /// The call makes no sense to AWS.
    Invalid,
    /// A quota is exhausted.
    Limit,
    /// A subnet has no room.
    NoRoom,
    /// A security group has no room.
    GroupFull,
    /// Anything else.
    Unknown,
}

/// An error of AWS, or on the way to it.
#[derive(Debug, thiserror::Error)]
#[error("{call} for {subject}")]
pub struct Error {
    /// The operation, as the API names it.
    pub call: &'static str,
    /// What it was for.
    pub subject: String,
    /// What kind of error.
    pub kind: Kind,
    /// What the SDK says.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl Error {
    /// The error of a call through the SDK.
    pub fn of<E, R>(call: &'static str, subject: impl ToString, error: SdkError<E, R>) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let kind = match &error {
            SdkError::ServiceError(service) => kind(service.err().code(), service.err().message()),
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => Kind::Unavailable,
            _ => Kind::Unknown,
        };
        Error { call, subject: subject.to_string(), kind, source: error.into() }
    }

    /// The error that a reply with status 200 can hold for a part of what was asked.
    pub fn partial(
        call: &'static str,
        subject: impl ToString,
        code: Option<&str>,
        message: &str,
    ) -> Error {
        let text = format!("{}: {message}", code.unwrap_or("no code"));
        let kind = kind(code, Some(message));
        Error { call, subject: subject.to_string(), kind, source: text.into() }
    }

    /// A reply that lacks what the API promises.
    pub fn lacking(call: &'static str, subject: impl ToString, member: &str) -> Error {
        let text = format!("the answer lacks {member}");
        Error { call, subject: subject.to_string(), kind: Kind::Unknown, source: text.into() }
    }

    /// What AWS said.
    pub fn said(&self) -> String {
        self.source.to_string()
    }

    /// Which call said what, as one short sentence for people.
    pub fn told(&self) -> String {
        format!("{}: {}", self.call, self.said())
    }

    /// The refusal that this error amounts to, if a person has to act.
    pub fn refusal(&self) -> Option<Refusal> {
        let code = match self.kind {
            Kind::Limit => Code::Quota,
            Kind::Denied => Code::Denied,
            Kind::NoRoom => Code::NoSubnet,
            Kind::GroupFull => Code::RulesFull,
            Kind::Invalid | Kind::Unknown => Code::Rejected,
            _ => return None,
        };
        Some(Refusal::new(code, self.told()))
    }

    /// The error and its sources as one sentence.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(inner) = source {
            let part = inner.to_string();
            if !text.ends_with(&part) {
                text.push_str(": ");
                text.push_str(&part);
            }
            source = inner.source();
        }
        text
    }
}

/// The table. EC2 errors are not modelled, and some Lattice operations lack an error in the model
/// that they do return (UpdateResourceConfiguration and ConflictException); so codes are matched,
/// never types.
///
/// | code                                          | kind        |
/// |-----------------------------------------------|-------------|
/// | …NotFound, …NotFoundException, …NotFoundFault | Gone        |
/// | …Duplicate, …AlreadyExists                    | Exists      |
/// | ConflictException, DependencyViolation …      | Conflict    |
/// | RequestLimitExceeded, Throttling …            | Throttled   |
/// | InternalError, Unavailable …                  | Unavailable |
/// | UnauthorizedOperation, AccessDenied …         | Denied      |
/// | RulesPerSecurityGroupLimitExceeded            | GroupFull   |
/// | InsufficientFreeAddressesInSubnet             | NoRoom      |
/// | …LimitExceeded, ServiceQuotaExceededException | Limit       |
/// | InvalidParameter…, ValidationException …      | Invalid     |
pub fn kind(code: Option<&str>, message: Option<&str>) -> Kind {
    let Some(code) = code else { return Kind::Unknown };
    match code {
        "ConflictException"
        | "DependencyViolation"
        | "IncorrectState"
        | "InvalidState"
        | "InvalidGroup.InUse"
        | "CannotDelete"
        | "InvalidDBInstanceState"
        | "ConcurrentTagAccess"
        | "IdempotentParameterMismatch" => Kind::Conflict,
        "RequestLimitExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "EC2ThrottledException"
        | "SlowDown" => Kind::Throttled,
        "InternalError"
        | "InternalFailure"
        | "InternalServerException"
        | "InternalServerError"
        | "Unavailable"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Kind::Unavailable,
        "UnauthorizedOperation"
        | "AccessDenied"
        | "AccessDeniedException"
        | "AuthFailure"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch" => Kind::Denied,
        "RulesPerSecurityGroupLimitExceeded" => Kind::GroupFull,
        "InsufficientFreeAddressesInSubnet" => Kind::NoRoom,
        "ServiceQuotaExceededException" | "LimitExceededException" => Kind::Limit,
        // Private DNS of an endpoint, while another one's is still there.
        "InvalidParameter" if message.is_some_and(|m| m.contains("conflicting DNS domain")) => {
            Kind::Conflict
        }
        _ => kind_by_form(code),
    }
}

/// Codes of EC2 and RDS say by their ends what they are about.
fn kind_by_form(code: &str) -> Kind {
    let ends = |ends: &[&str]| ends.iter().any(|end| code.ends_with(end));
    if ends(&["NotFound", "NotFoundException", "NotFoundFault"]) {
        Kind::Gone
    } else if ends(&["Duplicate", "AlreadyExists"]) {
        Kind::Exists
    } else if ends(&["LimitExceeded"]) {
        Kind::Limit
    } else if code.starts_with("InvalidParameter")
        || code.starts_with("Validation")
        || code.starts_with("Duplicate")
        || ends(&["Malformed", "MissingParameter"])
    {
        Kind::Invalid
    } else {
        Kind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_aws_documents_has_its_kind() {
        let table: &[(Kind, &[&str])] = &[
            (
                Kind::Gone,
                &[
                    "ResourceNotFoundException",
                    "InvalidGroup.NotFound",
                    "InvalidPermission.NotFound",
                    "InvalidVpcEndpoint.NotFound",
                    "InvalidVpcEndpointId.NotFound",
                    "InvalidSubnetID.NotFound",
                    "InvalidVpcID.NotFound",
                    "DBInstanceNotFound",
                    "DBInstanceNotFoundFault",
                    "DBClusterNotFoundFault",
                    "InvalidSecurityGroupRuleId.NotFound",
                ],
            ),
            (Kind::Exists, &["InvalidPermission.Duplicate", "InvalidGroup.Duplicate"]),
            (
                Kind::Conflict,
                &[
                    "ConflictException",
                    "DependencyViolation",
                    "InvalidGroup.InUse",
                    "IncorrectState",
                    "InvalidDBInstanceState",
                    "IdempotentParameterMismatch",
                ],
            ),
            (Kind::Throttled, &["RequestLimitExceeded", "Throttling", "ThrottlingException"]),
            (
                Kind::Unavailable,
                &["InternalError", "Unavailable", "InternalServerException", "InternalFailure"],
            ),
            (Kind::Denied, &["UnauthorizedOperation", "AccessDeniedException", "AccessDenied"]),
            (Kind::GroupFull, &["RulesPerSecurityGroupLimitExceeded"]),
            (Kind::NoRoom, &["InsufficientFreeAddressesInSubnet"]),
            (
                Kind::Limit,
                &[
                    "ServiceQuotaExceededException",
                    "VpcEndpointLimitExceeded",
                    "SecurityGroupLimitExceeded",
                    "NetworkInterfaceLimitExceeded",
                    "TagLimitExceeded",
                ],
            ),
            (
                Kind::Invalid,
                &[
                    "InvalidParameter",
                    "InvalidParameterValue",
                    "ValidationException",
                    "ValidationError",
                    "InvalidPermission.Malformed",
                    "DuplicateSubnetsInSameZone",
                ],
            ),
            (Kind::Unknown, &["SomethingNew"]),
        ];
        for (expected, codes) in table {
            for code in *codes {
                assert_eq!(kind(Some(code), None), *expected, "{code}");
            }
        }
        assert_eq!(kind(None, None), Kind::Unknown);
        let dns = "private-dns-enabled cannot be set because there is already a conflicting DNS \
                   domain for x in the VPC vpc-1";
        assert_eq!(kind(Some("InvalidParameter"), Some(dns)), Kind::Conflict);
    }
}
