//! What AWS said, as one short sentence for a status tag.
//!
//! The same trouble makes the same sentence: a tag that changed with every try would be written
//! with every try.

use super::ErrorKind;

/// The longest sentence: the value of a tag takes 256 characters, and more stands in it.
const LONGEST: usize = 160;

/// From where on a message is about this one call: EC2's encoded reason, which takes another call
/// to read (IAM User Guide, "DecodeAuthorizationMessage"), and ids of requests in all forms.
const FROM_HERE: [&str; 6] = [
    "encoded authorization failure message",
    "(request id",
    "(requestid",
    "request id:",
    "requestid:",
    "(service:",
];

/// Of an answer that is none.
pub(super) const UNREADABLE: &str = "AWS answered what cannot be read";

/// Code and message of an answer.
pub(super) fn sentence(code: Option<&str>, message: Option<&str>) -> String {
    let message = message.map(about_the_thing).unwrap_or_default();
    let text = match code.map(about_the_thing).filter(|code| !code.is_empty()) {
        None if message.is_empty() => "AWS gave no reason".to_owned(),
        None => message,
        Some(code) if message.is_empty() => code,
        Some(code) => format!("{code}: {message}"),
    };
    cut(text)
}

/// What there is to say where AWS did not answer.
pub(super) fn of_the_way(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NoCredentials => "there are no credentials that AWS takes",
        ErrorKind::Unreachable => "AWS cannot be reached at its address",
        _ => "the connection to AWS failed",
    }
}

/// A text in one line, without what is about one call alone.
fn about_the_thing(text: &str) -> String {
    // Bytes of letters of ASCII stay where they are.
    let small = text.to_ascii_lowercase();
    let ends = FROM_HERE.iter().filter_map(|start| small.find(start));
    let text = &text[..ends.min().unwrap_or(text.len())];
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    words.join(" ").trim_end_matches(['.', ':', ',']).to_owned()
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => {
            let head = &text[..end];
            let whole = head.rsplit_once(' ').map_or(head, |(words, _)| words);
            format!("{whole} …")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_said_is_one_short_sentence() {
        let dns = "private-dns-enabled cannot be set because there is already a conflicting DNS \
                   domain for orders.example in the VPC vpc-1";
        for (code, message, expected) in [
            (Some("InvalidParameter"), Some(dns), format!("InvalidParameter: {dns}")),
            (
                Some("ValidationException"),
                Some("1 validation error\n\tdetected: name."),
                "ValidationException: 1 validation error detected: name".to_owned(),
            ),
            (
                Some("UnauthorizedOperation"),
                Some(
                    "You are not authorized to perform this operation. User: x is not authorized \
                     to perform: ec2:CreateVpcEndpoint. Encoded authorization failure message: \
                     aGVsbG8",
                ),
                "UnauthorizedOperation: You are not authorized to perform this operation. User: x \
                 is not authorized to perform: ec2:CreateVpcEndpoint"
                    .to_owned(),
            ),
            (
                Some("AccessDenied"),
                Some("Not this. (Service: Rds, Status Code: 403, Request ID: 1-2-3)"),
                "AccessDenied: Not this".to_owned(),
            ),
            (
                Some("InternalFailure"),
                Some("Try later. Request ID: 1-2-3"),
                "InternalFailure: Try later".to_owned(),
            ),
            (Some("Throttling"), None, "Throttling".to_owned()),
            (Some("Throttling"), Some(" "), "Throttling".to_owned()),
            (None, Some("no code"), "no code".to_owned()),
            (None, None, "AWS gave no reason".to_owned()),
        ] {
            assert_eq!(sentence(code, message), expected);
        }
    }

    #[test]
    fn what_is_too_long_ends_after_a_word() {
        let long = sentence(Some("Long"), Some(&"ä word ".repeat(100)));
        assert!(long.chars().count() <= LONGEST + 2, "{long}");
        assert!(long.ends_with("word …") || long.ends_with("ä …"), "{long}");
        let solid = sentence(None, Some(&"ä".repeat(1000)));
        assert_eq!(solid.chars().count(), LONGEST + 2);
    }
}
