//! The one error: which call, for what, of which kind, and what the SDK said.

mod said;
mod way;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use reconcile::refusal::{Code, Refusal};

/// What kind of error it is, which decides what happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
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
    /// There is no way to AWS: no such host, or nobody there.
    Unreachable,
    /// We may not.
    Denied,
    /// AWS does not know who we are: no credentials, or none that it takes (any more).
    NoCredentials,
    /// The call makes no sense to AWS.
    Invalid,
    /// A quota is exhausted.
    Limit,
    /// A subnet has no room.
    NoRoom,
    /// A security group has no room.
    GroupFull,
    /// Our own time is up: the next invocation.
    Late,
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
    pub kind: ErrorKind,
    /// What AWS said, for people.
    said: String,
    /// What the SDK says.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl Error {
    /// The error of a call through the SDK.
    pub fn of<E>(
        call: &'static str,
        subject: impl ToString,
        error: SdkError<E, HttpResponse>,
    ) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let (kind, said) = match &error {
            SdkError::ServiceError(service) => {
                let (code, message) = (service.err().code(), service.err().message());
                let kind = match code {
                    Some(_) => kind(code, message),
                    None => kind_by_status(service.raw().status().as_u16()),
                };
                (kind, said::sentence(code, message))
            }
            SdkError::TimeoutError(_) => {
                (ErrorKind::Unavailable, "AWS did not answer in time".into())
            }
            SdkError::DispatchFailure(failure) => {
                let kind = way::kind(failure.as_connector_error());
                (kind, said::of_the_way(kind).into())
            }
            // Nothing was sent: an endpoint or a region is missing.
            SdkError::ConstructionFailure(_) => {
                (ErrorKind::Unreachable, said::of_the_way(ErrorKind::Unreachable).into())
            }
            SdkError::ResponseError(_) => (ErrorKind::Unavailable, said::UNREADABLE.into()),
            _ => (ErrorKind::Unknown, said::UNREADABLE.into()),
        };
        Error { call, subject: subject.to_string(), kind, said, source: error.into() }
    }

    /// The error that a reply with status 200 can hold for a part of what was asked.
    pub fn partial(
        call: &'static str,
        subject: impl ToString,
        code: Option<&str>,
        message: &str,
    ) -> Error {
        let source = format!("{}: {message}", code.unwrap_or("no code"));
        let said = said::sentence(code, Some(message));
        Error { kind: kind(code, Some(message)), said, ..Error::other(call, subject, source) }
    }

    /// A reply that lacks what the API promises.
    pub fn lacking(call: &'static str, subject: impl ToString, member: &str) -> Error {
        Error::other(call, subject, format!("the answer lacks {member}"))
    }

    /// What would have taken longer than our own time.
    pub fn late(call: &'static str, subject: impl ToString) -> Error {
        Error { kind: ErrorKind::Late, ..Error::other(call, subject, "time is up".to_owned()) }
    }

    fn other(call: &'static str, subject: impl ToString, text: String) -> Error {
        let (subject, said) = (subject.to_string(), text.clone());
        Error { call, subject, kind: ErrorKind::Unknown, said, source: text.into() }
    }

    /// What AWS said, as one short sentence for people: code and message, without what changes
    /// from one call to the next.
    pub fn said(&self) -> &str {
        &self.said
    }

    /// Which call said what, as one short sentence for people.
    pub fn told(&self) -> String {
        format!("{}: {}", self.call, self.said())
    }

    /// The refusal that this error amounts to, if a person has to act.
    pub fn refusal(&self) -> Option<Refusal> {
        let code = match self.kind {
            ErrorKind::Limit => Code::Quota,
            ErrorKind::Denied => Code::Denied,
            ErrorKind::NoRoom => Code::NoSubnet,
            ErrorKind::GroupFull => Code::RulesFull,
            ErrorKind::Invalid | ErrorKind::Unknown => Code::Rejected,
            _ => return None,
        };
        Some(Refusal::new(code, self.told()))
    }

    /// The error and its sources as one sentence, in one line.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(inner) = source {
            let part = inner.to_string();
            // What comes after the first line explains it at length.
            let part = part.lines().next().unwrap_or_default();
            if !text.ends_with(part) {
                text.push_str(": ");
                text.push_str(part);
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
/// | code                                          | kind          |
/// |-----------------------------------------------|---------------|
/// | …NotFound, …NotFoundException, …NotFoundFault | Gone          |
/// | …Duplicate, …AlreadyExists                    | Exists        |
/// | ConflictException, DependencyViolation …      | Conflict      |
/// | RequestLimitExceeded, Throttling …            | Throttled     |
/// | InternalError, Unavailable …                  | Unavailable   |
/// | UnauthorizedOperation, AccessDenied …         | Denied        |
/// | ExpiredToken, InvalidClientTokenId …          | NoCredentials |
/// | RulesPerSecurityGroupLimitExceeded            | GroupFull     |
/// | InsufficientFreeAddressesInSubnet             | NoRoom        |
/// | …LimitExceeded, ServiceQuotaExceededException | Limit         |
/// | InvalidParameter…, ValidationException …      | Invalid       |
pub fn kind(code: Option<&str>, message: Option<&str>) -> ErrorKind {
    let Some(code) = code else { return ErrorKind::Unknown };
    match code {
        "ConflictException"
        | "DependencyViolation"
        | "IncorrectState"
        | "InvalidState"
        | "InvalidGroup.InUse"
        | "CannotDelete"
        | "InvalidDBInstanceState"
        | "ConcurrentTagAccess"
        | "IdempotentParameterMismatch" => ErrorKind::Conflict,
        "RequestLimitExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "EC2ThrottledException"
        | "SlowDown" => ErrorKind::Throttled,
        "InternalError"
        | "InternalFailure"
        | "InternalServerException"
        | "InternalServerError"
        | "Unavailable"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => ErrorKind::Unavailable,
        "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" => ErrorKind::Denied,
        "AuthFailure"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "UnrecognizedClient"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => ErrorKind::NoCredentials,
        "RulesPerSecurityGroupLimitExceeded" => ErrorKind::GroupFull,
        "InsufficientFreeAddressesInSubnet" => ErrorKind::NoRoom,
        "ServiceQuotaExceededException" | "LimitExceededException" => ErrorKind::Limit,
        // Private DNS of an endpoint, while another one's is still there.
        "InvalidParameter" if message.is_some_and(|m| m.contains("conflicting DNS domain")) => {
            ErrorKind::Conflict
        }
        _ => kind_by_form(code),
    }
}

/// An answer without a code is not one of AWS: a proxy on the way wrote it, or it was cut off. Of
/// such a one only a refusal by its status can be believed.
fn kind_by_status(status: u16) -> ErrorKind {
    match status {
        401 | 403 => ErrorKind::Denied,
        429 => ErrorKind::Throttled,
        400..=499 => ErrorKind::Unknown,
        _ => ErrorKind::Unavailable,
    }
}

/// Codes of EC2 and RDS say by their ends what they are about.
fn kind_by_form(code: &str) -> ErrorKind {
    let ends = |ends: &[&str]| ends.iter().any(|end| code.ends_with(end));
    if ends(&["NotFound", "NotFoundException", "NotFoundFault"]) {
        ErrorKind::Gone
    } else if ends(&["Duplicate", "AlreadyExists"]) {
        ErrorKind::Exists
    } else if ends(&["LimitExceeded"]) {
        ErrorKind::Limit
    } else if code.starts_with("InvalidParameter")
        || code.starts_with("Validation")
        || code.starts_with("Duplicate")
        || ends(&["Malformed", "MissingParameter"])
    {
        ErrorKind::Invalid
    } else {
        ErrorKind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_aws_documents_has_its_kind() {
        let table: &[(ErrorKind, &[&str])] = &[
            (
                ErrorKind::Gone,
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
            (ErrorKind::Exists, &["InvalidPermission.Duplicate", "InvalidGroup.Duplicate"]),
            (
                ErrorKind::Conflict,
                &[
                    "ConflictException",
                    "DependencyViolation",
                    "InvalidGroup.InUse",
                    "IncorrectState",
                    "InvalidDBInstanceState",
                    "IdempotentParameterMismatch",
                ],
            ),
            (ErrorKind::Throttled, &["RequestLimitExceeded", "Throttling", "ThrottlingException"]),
            (
                ErrorKind::Unavailable,
                &["InternalError", "Unavailable", "InternalServerException", "InternalFailure"],
            ),
            (
                ErrorKind::Denied,
                &["UnauthorizedOperation", "AccessDeniedException", "AccessDenied"],
            ),
            (
                ErrorKind::NoCredentials,
                &[
                    "AuthFailure",
                    "ExpiredToken",
                    "ExpiredTokenException",
                    "RequestExpired",
                    "InvalidClientTokenId",
                    "UnrecognizedClientException",
                    "SignatureDoesNotMatch",
                ],
            ),
            (ErrorKind::GroupFull, &["RulesPerSecurityGroupLimitExceeded"]),
            (ErrorKind::NoRoom, &["InsufficientFreeAddressesInSubnet"]),
            (
                ErrorKind::Limit,
                &[
                    "ServiceQuotaExceededException",
                    "VpcEndpointLimitExceeded",
                    "SecurityGroupLimitExceeded",
                    "NetworkInterfaceLimitExceeded",
                    "TagLimitExceeded",
                ],
            ),
            (
                ErrorKind::Invalid,
                &[
                    "InvalidParameter",
                    "InvalidParameterValue",
                    "ValidationException",
                    "ValidationError",
                    "InvalidPermission.Malformed",
                    "DuplicateSubnetsInSameZone",
                ],
            ),
            (ErrorKind::Unknown, &["SomethingNew"]),
        ];
        for (expected, codes) in table {
            for code in *codes {
                assert_eq!(kind(Some(code), None), *expected, "{code}");
            }
        }
        assert_eq!(kind(None, None), ErrorKind::Unknown);
        for (status, expected) in [
            (200, ErrorKind::Unavailable),
            (400, ErrorKind::Unknown),
            (403, ErrorKind::Denied),
            (429, ErrorKind::Throttled),
            (502, ErrorKind::Unavailable),
        ] {
            assert_eq!(kind_by_status(status), expected, "{status}");
        }
        let dns = "private-dns-enabled cannot be set because there is already a conflicting DNS \
                   domain for x in the VPC vpc-1";
        assert_eq!(kind(Some("InvalidParameter"), Some(dns)), ErrorKind::Conflict);
    }
}
