//! Shows what happens in a lab, line by line, with the simulated time since its beginning.
//!
//! Colour where it is a terminal, plain lines where it is not: `anstream` sees to it.

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde_json::Value;
use sim::CallRecord;

use crate::journal::{Entry, Happening};
use crate::lab::Lab;
use crate::look::{Look, Thing};
use crate::words::{self, Effect};

/// What stands out least: times, and events that ring nobody.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// Headings and what people do.
pub(crate) const BOLD: Style = Style::new().bold();
/// What comes, and what is good.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What goes, and what is bad.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
const BELL: Style = AnsiColor::Cyan.on_default();
const CHANGE: Style = AnsiColor::Yellow.on_default();
const STATUS: Style = AnsiColor::Blue.on_default();
const PLAIN: Style = Style::new();

/// So many events that ring nobody are named.
const FEW: usize = 3;

/// What has been shown of a lab so far.
pub(crate) struct Screen {
    beginning: Timestamp,
    entries: usize,
    /// The number of the last call.
    calls: u64,
    look: Look,
}

/// A line on its way to the screen.
struct Line {
    at: Timestamp,
    style: Style,
    mark: &'static str,
    text: String,
}

impl Screen {
    /// A screen on which nothing has been shown.
    pub(crate) fn new(lab: &Lab) -> Screen {
        let (look, beginning) = lab.sim().world(|world| (Look::at(world), world.now()));
        Screen { beginning, entries: 0, calls: 0, look }
    }

    /// A line that somebody other than the functions has to say.
    pub(crate) fn say(&self, lab: &Lab, style: Style, text: &str) {
        self.print(&Line { at: lab.sim().now(), style, mark: ">", text: text.to_owned() });
    }

    /// Shows everything that is new.
    pub(crate) fn refresh(&mut self, lab: &Lab) {
        let entries = lab.journal.since(self.entries);
        let calls = lab.sim().calls_since(self.calls);
        let (look, now) = lab.sim().world(|world| (Look::at(world), world.now()));
        self.entries += entries.len();
        self.calls = calls.last().map_or(self.calls, |call| call.number);
        let mut lines: Vec<Line> = entries.iter().filter_map(entry_line).collect();
        lines.extend(unheard(&entries));
        let writes = calls.iter().filter(|call| call.is_write());
        lines.extend(writes.map(|call| self.call_line(call, &look)));
        // Stable, so that what was noted first comes first among what happened at one moment.
        lines.sort_by_key(|line| line.at);
        let progress = progress(&look);
        lines.extend(status_changes(&self.look, &look).into_iter().map(|change| Line {
            at: now,
            style: STATUS,
            mark: "=",
            text: format!("{change}{progress}"),
        }));
        for line in &lines {
            self.print(line);
        }
        self.look = look;
    }

    fn call_line(&self, call: &CallRecord, look: &Look) -> Line {
        let (effect, words) = words::call(&call.action);
        let subject = call.id.as_deref().map(|id| self.named(look, id)).unwrap_or_default();
        let what = format!("{} {words} {subject}", call.caller).trim_end().to_owned();
        let (style, mark, text) = match (effect, &call.code) {
            (_, Some(code)) => (BAD, "!", format!("{what}: {code}")),
            (Effect::Creates, None) => (GOOD, "+", what),
            (Effect::Changes, None) => (CHANGE, "~", what),
            (Effect::Deletes, None) => (BAD, "-", what),
        };
        Line { at: call.at, style, mark, text }
    }

    /// An id, and the name of the thing if it has one.
    fn named(&self, look: &Look, id: &str) -> String {
        let id = words::short(id).rsplit(['/', ':']).next().unwrap_or(id);
        let things = || look.things.iter().chain(&self.look.things);
        match things().find(|thing| thing.id == id) {
            Some(thing) => label(thing),
            None => id.to_owned(),
        }
    }

    fn print(&self, line: &Line) {
        let Line { at, style, mark, text } = line;
        let seconds = at.duration_since(self.beginning).as_secs().max(0);
        let time = format!("{:3}:{:02}", seconds / 60, seconds % 60);
        anstream::println!("{FAINT}{time}{FAINT:#}  {style}{mark} {text}{style:#}");
    }
}

/// An entry of the journal as a line, if it is worth one.
fn entry_line(entry: &Entry) -> Option<Line> {
    let (style, mark, text) = match &entry.what {
        Happening::Event { rung, .. } if rung.is_empty() => return None,
        Happening::Event { event, rules, rung } => {
            let (rules, rung) = (rules.join(", "), rung.join(" and "));
            (BELL, "*", format!("{} ({rules}) rings {rung}", words::event(event)))
        }
        Happening::Started { function, bells: 1 } => (PLAIN, " ", format!("{function} wakes")),
        Happening::Started { function, bells } => {
            (PLAIN, " ", format!("{function} wakes for {bells} bells"))
        }
        Happening::Finished { function, outcome: Ok(_) } => {
            (PLAIN, " ", format!("{function} rests"))
        }
        Happening::Finished { function, outcome: Err(why) } => {
            (BAD, "!", format!("{function} failed: {why}"))
        }
        Happening::Said { function, line } => (BAD, "!", format!("{function}: {}", said(line)?)),
        Happening::Ended { function, how } => (BAD, "!", format!("{function}: its process {how}")),
    };
    Some(Line { at: entry.at, style, mark, text })
}

/// The events that rang nobody, in one line. Most of them tell of tags that the functions wrote,
/// and there are many.
fn unheard(entries: &[Entry]) -> Option<Line> {
    let mut last = None;
    let mut sources = Vec::new();
    for entry in entries {
        if let Happening::Event { event, rung, .. } = &entry.what
            && rung.is_empty()
            // A trail tells of everything, our own calls before all.
            && event["detail-type"] != "AWS API Call via CloudTrail"
        {
            last = Some(entry.at);
            sources.push(words::source(event));
        }
    }
    sources.dedup();
    let more = sources.len().saturating_sub(FEW);
    sources.truncate(FEW);
    let mut text = sources.join(", ");
    if more > 0 {
        text += &format!(" and {more} more");
    }
    text += ": no rule asks for it";
    last.map(|at| Line { at, style: FAINT, mark: ".", text })
}

/// What of a log line concerns the person at the screen: warnings, errors, and what is no log
/// line at all.
fn said(line: &str) -> Option<String> {
    let Ok(log @ Value::Object(_)) = serde_json::from_str(line) else {
        return Some(line.to_owned()).filter(|line| !line.trim().is_empty());
    };
    if !matches!(log["level"].as_str(), Some("WARN" | "ERROR")) {
        return None;
    }
    let message = log.pointer("/fields/message").or_else(|| log.get("message"));
    Some(message.and_then(Value::as_str).unwrap_or(line).to_owned())
}

/// How far everything is that is ours.
fn progress(look: &Look) -> String {
    let busy = look.ours().filter(|thing| thing.is_busy()).count();
    match (look.ours().count() - busy, busy) {
        (0, 0) => String::new(),
        (ready, 0) => format!("  [{ready} ready]"),
        (ready, busy) => format!("  [{ready} ready, {busy} on the way]"),
    }
}

/// What is different between two looks, apart from what calls have told already.
fn status_changes(before: &Look, after: &Look) -> Vec<String> {
    let mut lines = Vec::new();
    let status_tag = |thing: &Thing| thing.tags.get("trellis:status").cloned();
    for thing in &after.things {
        let was = before.find(thing.kind, &thing.id);
        let old = was.map_or("", |was| was.status.as_str());
        if thing.status != old && !thing.status.is_empty() {
            lines.push(format!("{} {} is {}", kind(thing), label(thing), thing.status));
        }
        let value = status_tag(thing);
        if value != was.and_then(status_tag) {
            let value = value.unwrap_or_else(|| "gone".to_owned());
            lines.push(format!("{} {}: trellis:status is {value}", kind(thing), label(thing)));
        }
    }
    for thing in &before.things {
        if after.find(thing.kind, &thing.id).is_none() && !thing.status.is_empty() {
            lines.push(format!("{} {} is gone", kind(thing), label(thing)));
        }
    }
    lines
}

fn kind(thing: &Thing) -> &'static str {
    match thing.kind {
        "link" => "the endpoint's way to the database",
        "vpc" => "VPC",
        kind => kind,
    }
}

fn label(thing: &Thing) -> String {
    if thing.name.is_empty() || thing.name == thing.id {
        thing.id.clone()
    } else {
        format!("{} ({})", thing.id, thing.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_warnings_errors_and_what_is_no_log_line_are_shown() {
        let line = |level| format!(r#"{{"level":"{level}","fields":{{"message":"it rained"}}}}"#);
        assert_eq!(said(&line("INFO")), None);
        assert_eq!(said(&line("WARN")).as_deref(), Some("it rained"));
        assert_eq!(said("thread main panicked").as_deref(), Some("thread main panicked"));
        assert_eq!(said("  "), None);
    }
}
