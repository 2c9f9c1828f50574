//! The status tag: what it says, and since when.
//!
//! It is for people, and it is the only place where one invocation tells the next what it told: the
//! tag says how a database or VPC stood, so whoever finds it otherwise knows what has changed.
//!
//! ```text
//! waiting orders db-ABC for the resource gateway since 2026-11-24T12:10:05Z
//! waiting orders db-ABC for the resource gateway overdue since 2026-11-24T12:10:05Z
//! ```

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use crate::id::NetworkName;
use crate::report::{Report, State};
use crate::settings::Settings;
use crate::tag::Tags;

const SINCE: &str = " since ";
const OVERDUE: &str = " overdue since ";
/// What stands before the networks that work although the whole is not ready.
const WORKS: &str = " - ready on ";

/// Longest value that RDS and EC2 take for a tag.
const LONGEST_VALUE: usize = 256;
/// How much of it the networks that work may take.
const LONGEST_NETWORKS: usize = 80;
/// The length of a time in seconds.
const TIME: usize = "2026-11-24T12:10:05Z".len();

/// What a status says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How it stands, in words.
    pub text: String,
    /// The networks on which it is ready.
    pub ready_on: BTreeSet<NetworkName>,
    /// Since when it has been ready, waiting, or refused with this code. A status of an earlier
    /// version does not say.
    pub since: Option<Timestamp>,
    /// Whether it has waited for longer than anything should.
    pub is_overdue: bool,
}

impl Status {
    /// What the value of a status tag says.
    pub fn read(value: &str) -> Status {
        let ends = [(OVERDUE, true), (SINCE, false)];
        let parts = ends.iter().find_map(|(end, is_overdue)| {
            let (text, at) = value.rsplit_once(end)?;
            Some((text, Some(at.parse().ok()?), *is_overdue))
        });
        let (text, since, is_overdue) = parts.unwrap_or((value, None, false));
        let (text, networks) = match text.rsplit_once(WORKS) {
            Some((text, networks)) => (text, Some(networks)),
            None => {
                (text, text.strip_prefix("ready").and_then(|text| Some(text.split_once("on ")?.1)))
            }
        };
        let words = networks.into_iter().flat_map(|networks| networks.split(' '));
        let names = words.take_while(|word| !["-", "(warn"].contains(word));
        let ready_on = names.map(NetworkName::from).collect();
        Status { text: text.to_owned(), ready_on, since, is_overdue }
    }

    /// What follows this one (or none) when a report says this.
    pub(crate) fn next(
        before: Option<&Status>,
        report: &Report,
        tags: &Tags,
        at: Timestamp,
        settings: &Settings,
    ) -> Status {
        let ready = report.lines.iter().filter(|line| line.state == State::Ready);
        let ready_on: BTreeSet<_> = ready.filter_map(|line| line.network.clone()).collect();
        let mut text = report.status(tags);
        text.truncate(LONGEST_VALUE - works(&text, &ready_on).len() - OVERDUE.len() - TIME);
        let text = text.trim_end().to_owned();
        let same = before.filter(|before| kind(&before.text) == kind(&text));
        let since = match same {
            // One that says nothing new is left as it is, also by a new version.
            Some(before) if before.text == text => before.since,
            Some(before) => before.since.or(Some(at)),
            None => Some(at),
        };
        let has_waited_since = since.filter(|_| kind(&text) == ["waiting"]);
        let is_overdue = has_waited_since.is_some_and(|since| at >= since + settings.patience());
        Status { text, ready_on, since, is_overdue }
    }

    /// The code, if it is a refusal.
    pub fn code(&self) -> Option<&str> {
        kind(&self.text).get(1).copied()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.text, works(&self.text, &self.ready_on))?;
        match self.since {
            Some(since) if self.is_overdue => write!(f, "{OVERDUE}{since:.0}"),
            Some(since) => write!(f, "{SINCE}{since:.0}"),
            None => Ok(()),
        }
    }
}

/// What a text says of the networks that work, if it is not ready as a whole: that says so itself.
fn works(text: &str, ready_on: &BTreeSet<NetworkName>) -> String {
    if text.starts_with("ready") || ready_on.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = ready_on.iter().map(NetworkName::as_str).collect();
    let names = names.join(" ");
    if names.len() > LONGEST_NETWORKS { String::new() } else { format!("{WORKS}{names}") }
}

/// The words that tell one kind of status from another: that it is refused, and why; or ready; or
/// waiting.
fn kind(text: &str) -> Vec<&str> {
    let count = if text.starts_with("refused") { 2 } else { 1 };
    text.split(' ').take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::{Code, Refusal};
    use crate::report::{Line, Subject};
    use crate::tests::settings;

    fn line(network: &str, state: State) -> Line {
        let network = Some(network.into());
        Line { network, state, warnings: Vec::new(), rests_on: Vec::new() }
    }

    fn waiting(what: &str) -> State {
        State::Waiting(what.to_owned())
    }

    fn next(before: &str, lines: Vec<Line>, time: &str) -> String {
        let report = Report { subject: Subject::Vpc("vpc-1".into()), lines };
        let before = Some(before).filter(|text| !text.is_empty()).map(Status::read);
        let at = format!("2026-11-24T{time}Z").parse().expect("a time");
        Status::next(before.as_ref(), &report, &Tags::new(), at, &settings()).to_string()
    }

    #[test]
    fn a_status_says_since_when() {
        let gateway = || vec![line("a", waiting("the gateway"))];
        let waits = "waiting for the gateway since 2026-11-24T12:00:00Z";
        assert_eq!(next("", gateway(), "12:00:00"), waits);
        assert_eq!(next(waits, gateway(), "12:09:00"), waits);
        let other = "waiting for its name since 2026-11-24T12:00:00Z";
        assert_eq!(next(waits, vec![line("a", waiting("its name"))], "12:10:00"), other);
        let ready = "ready on a since 2026-11-24T12:11:00Z";
        assert_eq!(next(other, vec![line("a", State::Ready)], "12:11:00"), ready);
        let refused = |code| vec![line("a", State::Refused(Refusal::new(code, "no")))];
        let public = "refused PUBLIC no since 2026-11-24T12:12:00Z";
        assert_eq!(next(ready, refused(Code::Public), "12:12:00"), public);
        let another = "refused NO_VPC no since 2026-11-24T12:13:00Z";
        assert_eq!(next(public, refused(Code::NoVpc), "12:13:00"), another);
    }

    #[test]
    fn what_waits_for_longer_than_anything_should_is_overdue() {
        let gateway = || vec![line("a", waiting("the gateway"))];
        let waits = "waiting for the gateway since 2026-11-24T12:00:00Z";
        assert_eq!(next(waits, gateway(), "13:14:59"), waits);
        let late = "waiting for the gateway overdue since 2026-11-24T12:00:00Z";
        assert_eq!(next(waits, gateway(), "13:15:00"), late);
        assert_eq!(next(late, gateway(), "13:20:00"), late);
        let ready = "ready on a since 2026-11-24T13:26:00Z";
        assert_eq!(next(late, vec![line("a", State::Ready)], "13:26:00"), ready);
        assert_eq!(next(ready, vec![line("a", State::Ready)], "23:00:00"), ready);
    }

    #[test]
    fn a_status_of_the_version_before_stays_until_there_is_something_new() {
        assert_eq!(next("ready on a", vec![line("a", State::Ready)], "12:00:00"), "ready on a");
        let more = vec![line("a", State::Ready), line("b", State::Ready)];
        let said = "ready on a b since 2026-11-24T12:00:00Z";
        assert_eq!(next("ready on a", more, "12:00:00"), said);
    }

    #[test]
    fn what_works_is_said_beside_what_does_not() {
        let lines = || vec![line("a", State::Ready), line("b", waiting("the gateway"))];
        let said = "waiting for the gateway - ready on a since 2026-11-24T12:00:00Z";
        assert_eq!(next("", lines(), "12:00:00"), said);
        assert_eq!(next(said, lines(), "12:01:00"), said);
        let long = vec![line("a", State::Ready), line("b", waiting(&"the gateway ".repeat(30)))];
        let cut = next("", long, "12:00:00");
        assert!(cut.len() <= LONGEST_VALUE && cut.contains(" - ready on a since "), "{cut}");
    }

    #[test]
    fn a_status_names_the_networks_that_work_and_the_code_that_does_not() {
        let on = |value: &str| {
            let networks = Status::read(value).ready_on;
            networks.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
        };
        assert_eq!(on("ready orders db-1 on a b@444455556666"), "a+b@444455556666");
        assert_eq!(on("ready on a b since 2026-11-24T12:00:00Z"), "a+b");
        assert_eq!(on("ready on a (warn ZONE x)"), "a");
        assert_eq!(on("ready orders db-1 on a - warn ZONE x"), "a");
        assert_eq!(on("waiting orders db-1 for a tag on a"), "");
        assert_eq!(on("refused X y - ready on a b overdue since 2026-11-24T12:00:00Z"), "a+b");
        assert_eq!(Status::read("refused DNS_OFF switch it on").code(), Some("DNS_OFF"));
        assert_eq!(Status::read("waiting for something").code(), None);
    }
}
