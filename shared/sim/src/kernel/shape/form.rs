//! What values a member takes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Shape, Why, Wrong, members};
use crate::kernel::{Call, page};

/// Filters of one call to EC2 may have so many values (Amazon EC2 API Reference, "Filter").
const MOST_FILTER_VALUES: usize = 200;

/// A text that looks like others of its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    /// Whether a text does.
    pub(crate) fits: fn(&str) -> bool,
    /// One that does.
    pub(crate) such_as: &'static str,
    /// EC2's code for one that does not, where it has one.
    pub(crate) code: Option<&'static str>,
}

/// What values a member takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// A text of so many characters.
    Text(usize, usize),
    /// A text of a pattern.
    Like(Pattern),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A boolean in JSON.
    Flag,
    /// A number in JSON.
    Number(i64, i64),
    /// A boolean in a query, where everything is text.
    FlagText,
    /// A number in a query.
    NumberText(i64, i64),
    /// An id of EC2's that begins so.
    Id(&'static str),
    /// A token of a page, given by the same listing.
    PageToken,
    /// A list: what is in it, and from how many to how many.
    List(&'static Form, usize, usize),
    /// A list of RDS, which has a name within the member: its own, or `member`.
    Named(&'static str, &'static Form, usize, usize),
    /// A structure.
    Structure(Shape),
    /// Exactly one of these members.
    Union(Shape),
    /// Tags as keys and values, checked all at once.
    Map(fn(&str, &str) -> bool, usize),
    /// Filters of EC2 by these names, by the key of a tag or by `tag-key`.
    Filters(&'static [&'static str]),
}

impl Form {
    /// Holds a value against it.
    pub(super) fn hold(self, call: &Call, value: &Value, path: &str, wrong: &mut Vec<Wrong>) {
        let mut must_be = |must: String, code: Option<&'static str>| {
            wrong.push(Wrong { path: path.to_owned(), why: Why::Form(must, code) });
        };
        match self {
            Form::Text(least, most) => {
                let length = value.as_str().map(|text| text.chars().count());
                if !length.is_some_and(|length| (least..=most).contains(&length)) {
                    must_be(format!("must have {least} to {most} characters"), None);
                }
            }
            Form::Like(pattern) => {
                if !value.as_str().is_some_and(pattern.fits) {
                    must_be(format!("must be such as {}", pattern.such_as), pattern.code);
                }
            }
            Form::OneOf(words) => {
                if !value.as_str().is_some_and(|text| words.contains(&text)) {
                    must_be(format!("must be one of {}", words.join(", ")), None);
                }
            }
            Form::Flag if !value.is_boolean() => must_be("must be a boolean".to_owned(), None),
            Form::FlagText if !is_flag(value) => must_be("must be true or false".to_owned(), None),
            Form::Flag | Form::FlagText => {}
            Form::Number(least, most) | Form::NumberText(least, most) => {
                let number = match self {
                    Form::Number(..) => value.as_i64(),
                    _ => value.as_str().map_or(value.as_i64(), |text| text.parse().ok()),
                };
                if !number.is_some_and(|number| (least..=most).contains(&number)) {
                    must_be(format!("must be a number from {least} to {most}"), None);
                }
            }
            Form::Id(prefix) => {
                if !value.as_str().is_some_and(|id| is_id(id, prefix)) {
                    let must = format!("must be an id ({prefix}-…), not {value}");
                    must_be(must, Some(malformed(prefix)));
                }
            }
            Form::PageToken => {
                if value.as_str().is_none_or(|token| page::last_key(call, token).is_err()) {
                    let code = Some("InvalidPaginationToken");
                    must_be("is not valid or has expired".to_owned(), code);
                }
            }
            Form::Map(fits, most) => {
                let fits = value.as_object().is_some_and(|map| {
                    let fits = |(key, value): (&String, &Value)| {
                        value.as_str().is_some_and(|value| fits(key, value))
                    };
                    map.len() <= most && map.iter().all(fits)
                });
                if !fits {
                    must_be(format!("must be at most {most} tags of allowed characters"), None);
                }
            }
            Form::List(form, least, most) => {
                // A client of a query protocol may write a list of one without its number.
                let one = value.is_string().then(|| std::slice::from_ref(value));
                match value.as_array().map(Vec::as_slice).or(one) {
                    Some(items) => list(call, items, (form, least, most), path, wrong),
                    None => must_be("must be a list".to_owned(), None),
                }
            }
            Form::Named(name, form, least, most) => {
                let list = value.get(name).or_else(|| value.get("member"));
                match list.and_then(Value::as_array) {
                    Some(items) => self::list(call, items, (form, least, most), path, wrong),
                    None => must_be("must be a list".to_owned(), None),
                }
            }
            Form::Structure(shape) => members(call, shape, value, path, wrong),
            Form::Union(shape) => {
                members(call, shape, value, path, wrong);
                let given = value
                    .as_object()
                    .map_or(0, |given| given.values().filter(|member| !member.is_null()).count());
                if given != 1 {
                    let names: Vec<&str> = shape.iter().map(|member| member.name).collect();
                    let must = format!("must have exactly one of {}", names.join(", "));
                    wrong.push(Wrong { path: path.to_owned(), why: Why::Form(must, None) });
                }
            }
            Form::Filters(names) => filters(value, names, path, wrong),
        }
    }
}

type ListOf = (&'static Form, usize, usize);

fn list(call: &Call, items: &[Value], of: ListOf, path: &str, wrong: &mut Vec<Wrong>) {
    let (form, least, most) = of;
    if !(least..=most).contains(&items.len()) {
        let must = format!("must have {least} to {most} items");
        wrong.push(Wrong { path: path.to_owned(), why: Why::Form(must, None) });
    }
    items.iter().for_each(|item| form.hold(call, item, path, wrong));
}

fn filters(value: &Value, names: &[&str], path: &str, wrong: &mut Vec<Wrong>) {
    let mut count = 0;
    let mut unknown = BTreeSet::new();
    for filter in value.as_array().into_iter().flatten() {
        let name = filter["Name"].as_str().unwrap_or_default();
        if !(name.starts_with("tag:") || name == "tag-key" || names.contains(&name)) {
            unknown.insert(name.to_owned());
        }
        count += filter["Value"].as_array().map_or(1, Vec::len);
    }
    let mut push = |why| wrong.push(Wrong { path: path.to_owned(), why });
    if !value.is_array() {
        push(Why::Form("must be a list".to_owned(), None));
    }
    for name in unknown {
        push(Why::Form(format!("has no filter '{name}'"), None));
    }
    if count > MOST_FILTER_VALUES {
        push(Why::TooManyValues);
    }
}

fn is_flag(value: &Value) -> bool {
    let is_word = |text: &str| ["true", "false"].iter().any(|it| text.eq_ignore_ascii_case(it));
    value.is_boolean() || value.as_str().is_some_and(is_word)
}

/// Whether a text is such an id: eight digits in old resources, seventeen in all others ("Resource
/// IDs" in the Amazon EC2 User Guide).
fn is_id(text: &str, prefix: &str) -> bool {
    let digits = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| {
        matches!(digits.len(), 8 | 17)
            && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// EC2's code for what is no id of this kind (Amazon EC2 API Reference, "Error codes for the
/// Amazon EC2 API"): nobody could guess them.
fn malformed(prefix: &str) -> &'static str {
    match prefix {
        "acl" => "InvalidNetworkAclId.Malformed",
        "eni" => "InvalidNetworkInterfaceId.Malformed",
        "igw" => "InvalidInternetGatewayId.Malformed",
        "nat" => "NatGatewayMalformed",
        "pcx" => "InvalidVpcPeeringConnectionId.Malformed",
        "pl" => "InvalidPrefixListId.Malformed",
        "rtb" => "InvalidRouteTableId.Malformed",
        "sg" => "InvalidGroupId.Malformed",
        "sgr" => "InvalidSecurityGroupRuleId.Malformed",
        "subnet" => "InvalidSubnetID.Malformed",
        "tgw" => "InvalidTransitGatewayID.Malformed",
        "tgw-attach" => "InvalidTransitGatewayAttachmentID.Malformed",
        "vpc" => "InvalidVpcID.Malformed",
        "vpce" => "InvalidVpcEndpointId.Malformed",
        _ => "InvalidParameterValue",
    }
}
