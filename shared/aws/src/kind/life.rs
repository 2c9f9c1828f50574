//! The life of a thing, as VPC Lattice words it for its kinds, and the times of the SDK.

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use reconcile::observed::Life;

/// A status as part of a life. What failed to be updated works on as it was; `PARTIAL` is usable;
/// an unknown status is taken for one that changes by itself: hands off.
pub(super) fn life<S: AsRef<str>>(
    status: Option<&S>,
    failure: Option<&str>,
    created: Option<&DateTime>,
) -> Life {
    match status.map(AsRef::as_ref) {
        Some("ACTIVE" | "PARTIAL" | "UPDATE_FAILED") => Life::Ready,
        Some("DELETE_IN_PROGRESS") => Life::Leaving,
        Some(status @ ("CREATE_FAILED" | "DELETE_FAILED")) => {
            let why = failure.filter(|text| !text.is_empty()).unwrap_or(status);
            Life::broken(why, timestamp(created))
        }
        _ => Life::Coming,
    }
}

/// A time of the SDK's as one of ours.
pub(super) fn timestamp(time: Option<&DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(time?.secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_status_is_left_alone() {
        let life = |status: &str, failure| life(Some(&status), failure, None);
        assert_eq!(life("ACTIVE", None), Life::Ready);
        assert_eq!(life("PARTIAL", None), Life::Ready);
        assert_eq!(life("CREATE_FAILED", Some("no room")), Life::broken("no room", None));
        assert_eq!(life("DELETE_FAILED", None), Life::broken("DELETE_FAILED", None));
        assert_eq!(life("SOMETHING_NEW", None), Life::Coming);
    }
}
