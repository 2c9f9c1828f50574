//! Names instead of ids: what a person calls things, so that a transcript reads well and stays.
//!
//! | in AWS                          | in a story                                              |
//! |---------------------------------|---------------------------------------------------------|
//! | a VPC, subnet or security group | its name                                                |
//! | an ARN                          | the name at its end                                     |
//! | any other id                    | its kind and a number, as they come: `vpce-1`, `db-2`   |
//! | a time                          | the time of day: every story begins at `12:00:00`       |
//! | what a name has of hash         | nothing                                                 |

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::stage::Stage;

/// Names given so far.
#[derive(Default)]
pub(super) struct Names {
    given: BTreeMap<String, String>,
    counts: BTreeMap<String, usize>,
}

impl Names {
    /// The text with names for ids. What is gone keeps the name that it had.
    pub(super) fn put(&mut self, stage: &Stage<'_>, text: &str) -> String {
        self.given.extend(stage.named());
        let mut named = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c| is_part(c) != is_part(first)).unwrap_or(rest.len());
            let (token, after) = rest.split_at(end);
            match token.strip_suffix(':') {
                Some(token) => named.push_str(&format!("{}:", self.token(token))),
                None => named.push_str(&self.token(token)),
            }
            rest = after;
        }
        named
    }

    fn token(&mut self, token: &str) -> String {
        if let Some(name) = self.given.get(token) {
            return name.clone();
        }
        if token.starts_with("arn:") {
            let end = token.rsplit([':', '/']).next().unwrap_or_default().to_owned();
            return self.token(&end);
        }
        if let Ok(at) = token.parse::<Timestamp>() {
            return at.strftime("%H:%M:%S").to_string();
        }
        if reconcile::name::port(token).is_some() {
            return token.rsplit_once('-').expect("it has a hash").0.to_owned();
        }
        match token.rsplit_once('-') {
            Some((stem, end)) if stem.ends_with("-green") && is_hex(end, 6) => stem.to_owned(),
            Some((kind, end)) if is_hex(end, 17) || is_hex(end, 26) => self.number(kind, token),
            _ => token.to_owned(),
        }
    }

    /// A number for an id that has no name.
    fn number(&mut self, kind: &str, id: &str) -> String {
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let name = format!("{kind}-{count}");
        self.given.insert(id.to_owned(), name.clone());
        name
    }
}

/// Whether ids can hold this character.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-:/_".contains(c)
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
}
