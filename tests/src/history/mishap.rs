//! What can go wrong with one call.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use sim::{Asked, Call, Fate, Fault, Rule, Service};

/// What can happen to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// It never arrives.
    LoseRequest,
    /// It is done, and the answer is lost.
    LoseReply,
    /// It arrives twice.
    Repeat,
    /// It comes too fast.
    Throttled,
    /// AWS fails.
    Unavailable,
    /// It is not permitted.
    Denied,
    /// Something is busy or depended on.
    Conflict,
    /// What it names is not there.
    Gone,
    /// What it makes is there.
    Exists,
    /// A quota is used up.
    Limit,
    /// It makes no sense to AWS.
    Invalid,
    /// An error that nobody has seen.
    Unknown,
    /// A listing that succeeds lacks its first item.
    OmitFirst,
    /// A listing that succeeds lacks its last item.
    OmitLast,
    /// A listing that succeeds is empty.
    OmitAll,
}

use Mishap::{
    Conflict, Denied, Exists, Gone, Invalid, Limit, LoseReply, LoseRequest, OmitAll, OmitFirst,
    OmitLast, Repeat, Throttled, Unavailable, Unknown,
};

/// All of them.
pub const MISHAPS: [Mishap; 12] = [
    LoseRequest,
    LoseReply,
    Repeat,
    Throttled,
    Unavailable,
    Denied,
    Conflict,
    Gone,
    Exists,
    Limit,
    Invalid,
    Unknown,
];

/// What a listing may keep to itself.
pub const OMISSIONS: [Mishap; 3] = [OmitFirst, OmitLast, OmitAll];

impl Mishap {
    /// Takes out of an answer what is omitted.
    pub fn alter(self, answer: &mut Value) {
        let Some(rows) = rows(answer) else { return };
        match self {
            OmitFirst if !rows.is_empty() => drop(rows.remove(0)),
            OmitLast => drop(rows.pop()),
            OmitAll => rows.clear(),
            _ => {}
        }
    }

    /// What the simulated AWS does with such a call to this service.
    pub fn fate(self, service: Service) -> Fate {
        let refuse = |ec2: (&str, u16), lattice: (&str, u16), rds: (&str, u16)| {
            let (code, status) = match service {
                Service::Ec2 => ec2,
                Service::Lattice | Service::Events | Service::Ssm => lattice,
                Service::Rds | Service::Sts => rds,
            };
            Fate::Refuse(Fault::new(code, status, "it is refused once"))
        };
        match self {
            OmitFirst | OmitLast | OmitAll => Fate::Pass,
            LoseRequest => Fate::LoseRequest,
            LoseReply => Fate::LoseReply,
            Repeat => Fate::Repeat,
            Throttled => refuse(
                ("RequestLimitExceeded", 503),
                ("ThrottlingException", 429),
                ("Throttling", 400),
            ),
            Unavailable => refuse(
                ("InternalError", 500),
                ("InternalServerException", 500),
                ("InternalFailure", 500),
            ),
            Denied => refuse(
                ("UnauthorizedOperation", 403),
                ("AccessDeniedException", 403),
                ("AccessDenied", 403),
            ),
            Conflict => refuse(
                ("DependencyViolation", 400),
                ("ConflictException", 409),
                ("InvalidDBInstanceState", 400),
            ),
            Gone => refuse(
                ("InvalidGroup.NotFound", 400),
                ("ResourceNotFoundException", 404),
                ("DBInstanceNotFound", 404),
            ),
            Exists => refuse(
                ("InvalidPermission.Duplicate", 400),
                ("ConflictException", 409),
                ("DBInstanceAlreadyExists", 400),
            ),
            Limit => refuse(
                ("SecurityGroupLimitExceeded", 400),
                ("ServiceQuotaExceededException", 402),
                ("TagLimitExceeded", 400),
            ),
            Invalid => refuse(
                ("InvalidParameterValue", 400),
                ("ValidationException", 400),
                ("InvalidParameterValue", 400),
            ),
            Unknown => refuse(("SomethingNew", 400), ("SomethingNew", 400), ("SomethingNew", 400)),
        }
    }
}

/// What goes wrong with single calls.
pub(super) struct Bad {
    /// By the numbers of the calls.
    pub(super) mishaps: Vec<(u64, Mishap)>,
    /// How many of them came to pass.
    pub(super) hits: Arc<Mutex<usize>>,
}

impl Rule for Bad {
    fn fate(&mut self, call: &Call, number: u64) -> Fate {
        let found = self.mishaps.iter().find(|(at, _)| *at == number);
        found.map_or(Fate::Pass, |(_, mishap)| {
            *self.hits.lock().expect("nobody panicked") += 1;
            mishap.fate(call.service)
        })
    }

    fn alter(&mut self, asked: &Asked<'_>, answer: &mut Result<Value, Fault>) {
        let is_listing =
            ["Describe", "List"].iter().any(|verb| asked.call.action.starts_with(verb));
        let found = self.mishaps.iter().find(|(at, _)| *at == asked.number);
        if let (true, Some((_, mishap)), Ok(answer)) = (is_listing, found, answer) {
            mishap.alter(answer);
        }
    }
}

/// The rows of a listing: the list in the answer, or in its only part.
fn rows(answer: &mut Value) -> Option<&mut Vec<Value>> {
    answer.as_object_mut()?.values_mut().find_map(|member| match member {
        Value::Array(rows) => Some(rows),
        Value::Object(inner) if inner.len() == 1 => {
            inner.values_mut().next().and_then(Value::as_array_mut)
        }
        _ => None,
    })
}
