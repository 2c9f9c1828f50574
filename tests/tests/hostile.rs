//! Properties of what comes from outside: whatever it is, it is answered, and never by a panic.

use aws::error::kind;
use aws::{Error, ErrorKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reconcile::settings::Settings;
use serde_json::{Value, json};
use tests::hostile::{self, LISTINGS};

/// Listings whose failure freezes what rests on them and fails no reading.
const TOLERATED: [&str; 5] = [
    "DescribeVpcs",
    "DescribeSubnets",
    "DescribeDBClusters",
    "DescribeVpcEndpointAssociations",
    "GET servicenetworkresourceassociations",
];

/// Any JSON, a few levels deep, made of words that mean something and of others.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn word() -> impl Strategy<Value = String> {
    const WORDS: [&str; 14] = [
        "Records",
        "body",
        "source",
        "detail-type",
        "detail",
        "resources",
        "aws.tag",
        "aws.rds",
        "Tag Change on Resource",
        "RDS DB Instance Event",
        "changed-tag-keys",
        "resource-type",
        "trellis:expose",
        "db",
    ];
    prop_oneof![4 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => ".{0,8}"]
}

proptest! {
    #[test]
    fn every_event_is_heard_or_refused(payload in anything()) {
        hostile::event(payload);
    }

    #[test]
    fn every_message_in_a_batch_is_heard_or_refused(
        events in prop::collection::vec(anything(), 0..5),
        wrap in any::<bool>(),
    ) {
        let record = |event: &Value| match wrap {
            true => json!({"eventSource": "aws:sqs", "body": event.to_string()}),
            false => json!({"eventSource": "aws:sqs", "body": event}),
        };
        let records: Vec<Value> = events.iter().map(record).collect();
        hostile::event(json!({ "Records": records }));
    }

    #[test]
    fn every_tag_names_networks_or_says_why_not(value in "[a-z0-9+@ -]{0,40}|off[+ ]*|.{0,80}") {
        hostile::tag(&value);
    }

    #[test]
    fn every_setting_is_understood_or_refused(value in "[a-z0-9+@, -]{0,40}|.{0,40}") {
        let template = trellis::template::Template::built_in(&Default::default());
        let defaults = template.expect("it can be read").functions.remove(0).environment;
        for name in defaults.keys().filter(|name| name.starts_with("TRELLIS_")) {
            let with = |wanted: &str| match wanted == name {
                true => Some(value.clone()),
                false => defaults.get(wanted).cloned(),
            };
            if let Err(why) = Settings::read(with) {
                prop_assert!(why.to_string().starts_with(name.as_str()), "{why}");
            }
        }
    }

    #[test]
    fn every_error_has_a_kind_and_can_be_said_in_one_short_line(
        code in prop::option::of(
            "[A-Z][A-Za-z.]{0,30}(NotFound|Duplicate|LimitExceeded|Fault|Malformed)?|.{0,40}"
        ),
        message in "(.|\n|\t){0,400}|[a-z ]{0,40}( Request ID: [0-9a-f-]{36}[)]?)?",
    ) {
        let error = Error::partial("CreateTags", "vpc-1", code.as_deref(), &message);
        prop_assert_eq!(error.kind, kind(code.as_deref(), Some(&message)));
        let said = error.said();
        prop_assert!(!said.is_empty() && said.chars().count() <= 162, "{said:?}");
        prop_assert!(!said.chars().any(char::is_control), "{said:?}");
        prop_assert!(!said.to_ascii_lowercase().contains("request id"), "{said:?}");
        prop_assert!(!error.chain().contains('\n'));
        prop_assert!(error.refusal().is_none_or(|refusal| !refusal.sentence.contains('\n')));
    }
}

/// What may become of an answer on its way.
#[derive(Clone, Debug)]
enum Harm {
    /// Something else.
    Else(Vec<u8>),
    /// Cut off after this part of it.
    Cut(f64),
    /// One byte is another.
    Byte(f64, u8),
    /// A part is missing.
    Gap(f64, f64),
    /// A part comes twice.
    Twice(f64, f64),
}

impl Harm {
    fn any() -> impl Strategy<Value = Harm> {
        let part = || 0.0..1.0;
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200).prop_map(Harm::Else),
            part().prop_map(Harm::Cut),
            (part(), any::<u8>()).prop_map(|(at, byte)| Harm::Byte(at, byte)),
            (part(), part()).prop_map(|(from, to)| Harm::Gap(from, to)),
            (part(), part()).prop_map(|(from, to)| Harm::Twice(from, to)),
        ]
    }

    fn to(&self, body: &[u8]) -> Vec<u8> {
        let at = |part: f64| ((body.len() as f64) * part) as usize;
        match self {
            Harm::Else(bytes) => bytes.clone(),
            Harm::Cut(part) => body[..at(*part)].to_vec(),
            Harm::Byte(part, byte) => {
                let mut body = body.to_vec();
                if let Some(place) = body.get_mut(at(*part)) {
                    *place = *byte;
                }
                body
            }
            Harm::Gap(from, to) => {
                let (from, to) = (at(from.min(*to)), at(from.max(*to)));
                [&body[..from], &body[to..]].concat()
            }
            Harm::Twice(from, to) => {
                let (from, to) = (at(from.min(*to)), at(from.max(*to)));
                [&body[..to], &body[from..]].concat()
            }
        }
    }

    /// Whether what is left cannot be taken for an answer.
    fn is_fatal(&self) -> bool {
        matches!(self, Harm::Else(_) | Harm::Cut(_))
    }
}

#[test]
fn whatever_a_listing_answers_is_read_or_refused() {
    let world = hostile::built();
    let mut runner =
        TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let case = (prop::sample::select(&LISTINGS[..]), Harm::any());
    let result = runner.run(&case, |((side, call), harm)| {
        let done = harm.clone();
        let (outcome, times) = hostile::pass(&world, (side, call), move |body| done.to(body));
        prop_assert!(times > 0, "nobody asks for {call}");
        if harm.is_fatal() {
            is_no_reading(call, outcome)?;
        }
        Ok(())
    });
    result.expect("it is read or refused");
}

/// Nothing was read; or what rests on it is frozen, and nothing is to be done about it.
fn is_no_reading(
    call: &str,
    outcome: Result<reconcile::outcome::Outcome, Error>,
) -> Result<(), TestCaseError> {
    match outcome {
        Ok(outcome) => {
            prop_assert!(TOLERATED.contains(&call), "{call} was read");
            prop_assert!(outcome.steps.is_empty(), "{call}: {:?}", outcome.steps);
        }
        Err(error) => {
            prop_assert!(!TOLERATED.contains(&call), "{}", error.chain());
            prop_assert!(
                matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Unknown),
                "{error:?}"
            );
        }
    }
    Ok(())
}

/// The SDK takes these for listings without an item.
#[test]
fn an_answer_without_its_list_is_no_listing() {
    let world = hostile::built();
    for (side, call) in LISTINGS {
        for body in ["", "{}", r#"{"message": null}"#, "<html><body/></html>", "<x/>"] {
            let (outcome, _) = hostile::pass(&world, (side, call), |_| body.into());
            is_no_reading(call, outcome).unwrap_or_else(|why| panic!("{call} {body:?}: {why}"));
        }
    }
}
