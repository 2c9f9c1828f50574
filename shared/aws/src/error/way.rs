//! What went wrong on the way, where AWS never answered.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::ErrorKind;

/// The kind of an error of the connection. Before the SDK connects it asks who we are: that error
/// comes in the same coat.
///
/// | somewhere in its chain                   | kind          |
/// |------------------------------------------|---------------|
/// | a provider of credentials took too long  | Unavailable   |
/// | any other error of credentials           | NoCredentials |
/// | no such host; connection refused         | Unreachable   |
/// | the connection took too long to be made  | Unreachable   |
/// | anything else                            | Unavailable   |
pub(super) fn kind(error: Option<&ConnectorError>) -> ErrorKind {
    let Some(error) = error else { return ErrorKind::Unavailable };
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(found) = cause {
        if let Some(kind) = cause_kind(found) {
            return kind;
        }
        cause = found.source();
    }
    if error.is_timeout() { ErrorKind::Unreachable } else { ErrorKind::Unavailable }
}

fn cause_kind(cause: &(dyn Error + 'static)) -> Option<ErrorKind> {
    match cause.downcast_ref::<CredentialsError>() {
        Some(CredentialsError::ProviderTimedOut(_)) => return Some(ErrorKind::Unavailable),
        Some(_) => return Some(ErrorKind::NoCredentials),
        None => {}
    }
    let io = cause.downcast_ref::<io::Error>();
    let is_refused = io.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    // The resolver's error has no kind of its own (rust-lang/rust issue 76154), and Hyper's around
    // it is private: what both have is this word.
    let is_unknown_host = cause.to_string() == "dns error";
    (is_refused || is_unknown_host).then_some(ErrorKind::Unreachable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Around(&'static str, #[source] Box<dyn Error + Send + Sync>);

    #[test]
    fn every_error_of_the_way_has_its_kind() {
        let io = |kind: io::ErrorKind| -> Box<dyn Error + Send + Sync> {
            Box::new(Around("tcp connect error", io::Error::from(kind).into()))
        };
        let unknown = Box::new(Around("dns error", "failed to lookup address".into()));
        let reset = io(io::ErrorKind::ConnectionReset);
        let timed_out = io(io::ErrorKind::TimedOut);
        let refused = io(io::ErrorKind::ConnectionRefused);
        let who = |error: CredentialsError| ConnectorError::other(error.into(), None);
        for (error, expected) in [
            (who(CredentialsError::not_loaded("none")), ErrorKind::NoCredentials),
            (who(CredentialsError::invalid_configuration("no profile")), ErrorKind::NoCredentials),
            (who(CredentialsError::provider_error("expired")), ErrorKind::NoCredentials),
            (
                who(CredentialsError::provider_timed_out(std::time::Duration::ZERO)),
                ErrorKind::Unavailable,
            ),
            (ConnectorError::io(unknown), ErrorKind::Unreachable),
            (ConnectorError::io(refused), ErrorKind::Unreachable),
            (ConnectorError::timeout(timed_out), ErrorKind::Unreachable),
            (ConnectorError::io(reset), ErrorKind::Unavailable),
            (ConnectorError::io("anything".into()), ErrorKind::Unavailable),
        ] {
            assert_eq!(kind(Some(&error)), expected, "{error:?}");
        }
        assert_eq!(kind(None), ErrorKind::Unavailable);
    }
}
