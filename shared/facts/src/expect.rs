//! How a case says what must come back.

use std::fmt::Debug;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::case::Trouble;

/// The codes with which an endpoint says that it does not know an operation.
const UNKNOWN_OPERATION: [&str; 5] = [
    "InvalidAction",
    "NotImplemented",
    "NotImplementedException",
    "UnknownOperation",
    "UnknownOperationException",
];

/// VPC Lattice has no code of its own for it: a ValidationException gives this as its reason.
const UNKNOWN_TO_LATTICE: &[u8] = b"\"unknownOperation\"";

/// What an endpoint answered instead of doing what it was asked.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub operation: String,
    /// Empty if the call never got an answer, or got one without a code.
    pub code: String,
    pub message: String,
    pub status: Option<u16>,
    /// It does not know how to do such things at all.
    pub is_unknown_operation: bool,
}

impl<E> From<SdkError<E, HttpResponse>> for Refusal
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Refusal {
        let code = error.code().unwrap_or_default().to_owned();
        let message = match error.message() {
            Some(message) => message.to_owned(),
            None => DisplayErrorContext(&error).to_string(),
        };
        let response = error.raw_response();
        let status = response.map(|response| response.status().as_u16());
        let body = response.and_then(|response| response.body().bytes()).unwrap_or_default();
        let says_so = body.windows(UNKNOWN_TO_LATTICE.len()).any(|it| it == UNKNOWN_TO_LATTICE);
        let is_unknown_operation = UNKNOWN_OPERATION.contains(&code.as_str())
            || status == Some(501)
            || (status == Some(404) && code.is_empty())
            || says_so;
        Refusal { operation: operation::<E>(), code, message, status, is_unknown_operation }
    }
}

impl Refusal {
    fn found(&self) -> String {
        match self.code.as_str() {
            "" => format!("{}: {}", self.operation, self.message),
            code => format!("{}: {code}: {}", self.operation, self.message),
        }
    }
}

/// A call that had to succeed so that the case could go on.
impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        if refusal.is_unknown_operation {
            return Trouble::NotImplemented(refusal.operation);
        }
        Trouble::Failed(refusal.found())
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Trouble
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Trouble {
        Refusal::from(error).into()
    }
}

/// The operation that an error type is for: every operation of the SDK has one of its own, named
/// after it.
fn operation<E>() -> String {
    let path = std::any::type_name::<E>();
    let name = path.rsplit("::").next().unwrap_or(path);
    name.strip_suffix("Error").unwrap_or(name).to_owned()
}

/// The call is refused, with one of these codes.
pub(crate) fn refused<T, E: Into<Refusal>>(
    answer: Result<T, E>,
    codes: &[&str],
) -> Result<Refusal, Trouble> {
    let expected = || format!("a refusal with {}", codes.join(" or "));
    match answer.map_err(Into::into) {
        Ok(_) => Err(Trouble::Differs { expected: expected(), found: "it was done".to_owned() }),
        Err(refusal) if refusal.is_unknown_operation => Err(refusal.into()),
        Err(refusal) if codes.contains(&refusal.code.as_str()) => Ok(refusal),
        Err(refusal) => Err(Trouble::Differs { expected: expected(), found: refusal.found() }),
    }
}

/// The call is refused, whatever the code: AWS says that it is, not how.
pub(crate) fn refused_somehow<T, E: Into<Refusal>>(
    what: &str,
    answer: Result<T, E>,
) -> Result<Refusal, Trouble> {
    match answer.map_err(Into::into) {
        Ok(_) => differs(format!("{what} is refused"), "it was done"),
        Err(refusal) if refusal.is_unknown_operation => Err(refusal.into()),
        Err(refusal) if refusal.code.is_empty() => Err(refusal.into()),
        Err(refusal) => Ok(refusal),
    }
}

/// The call is done: it is what the case is about.
pub(crate) fn done<T, E: Into<Refusal>>(what: &str, answer: Result<T, E>) -> Result<T, Trouble> {
    match answer.map_err(Into::into) {
        Ok(answer) => Ok(answer),
        Err(refusal) if refusal.is_unknown_operation => Err(refusal.into()),
        Err(refusal) => differs(format!("{what} is done"), refusal.found()),
    }
}

/// What came back is this.
pub(crate) fn equal<T: PartialEq + Debug>(
    what: &str,
    found: T,
    expected: T,
) -> Result<(), Trouble> {
    if found == expected {
        return Ok(());
    }
    differs(format!("{what} is {expected:?}"), format!("{found:?}"))
}

/// What came back is as stated; `found` is what it is otherwise.
pub(crate) fn holds(is_so: bool, stated: &str, found: impl Debug) -> Result<(), Trouble> {
    if is_so { Ok(()) } else { differs(stated, format!("{found:?}")) }
}

/// It is not as stated.
pub(crate) fn differs<T>(
    expected: impl Into<String>,
    found: impl Into<String>,
) -> Result<T, Trouble> {
    Err(Trouble::Differs { expected: expected.into(), found: found.into() })
}

/// A member that an answer must have.
pub(crate) fn given<T>(what: &str, member: Option<T>) -> Result<T, Trouble> {
    match member {
        Some(member) => Ok(member),
        None => differs(format!("an answer with {what}"), "none"),
    }
}

/// The wire value of an enum or text, or nothing.
pub(crate) fn word<T: AsRef<str> + ?Sized>(value: Option<&T>) -> &str {
    value.map_or("", AsRef::as_ref)
}
