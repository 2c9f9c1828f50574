//! The shapes that RDS inputs share on the query wire, where every scalar is a string.

use serde::Deserialize;
use serde_json::Value;

use crate::kernel::{Call, Fault, Tags};
use crate::rds::World;

/// A boolean.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub(super) struct Flag(pub(super) bool);

impl TryFrom<String> for Flag {
    type Error = String;

    fn try_from(text: String) -> Result<Flag, String> {
        match text.as_str() {
            "true" => Ok(Flag(true)),
            "false" => Ok(Flag(false)),
            other => Err(format!("{other:?} is not a boolean")),
        }
    }
}

/// A number.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub(super) struct Number(pub(super) u32);

impl TryFrom<String> for Number {
    type Error = String;

    fn try_from(text: String) -> Result<Number, String> {
        text.parse().map(Number).map_err(|_| format!("{text:?} is not a number"))
    }
}

/// `Tags.Tag.1.Key=…`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TagList {
    #[serde(rename = "Tag", alias = "member", default)]
    pub(super) tags: Vec<Tag>,
}

/// One tag.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tag {
    #[serde(rename = "Key")]
    pub(super) key: String,
    #[serde(rename = "Value", default)]
    pub(super) value: String,
}

impl TagList {
    /// The tags, if there are not too many.
    pub(super) fn checked(&self) -> Result<Tags, Fault> {
        let tags: Tags = self.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        expect_few(&tags)?;
        Ok(tags)
    }
}

/// Whether keys and values of tags may have these characters ("Tagging Amazon RDS resources").
pub(super) fn is_allowed_tag_text(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
}

/// At most fifty.
pub(super) fn expect_few(tags: &Tags) -> Result<(), Fault> {
    if tags.len() <= 50 { Ok(()) } else { Err(invalid("A resource can have at most 50 tags")) }
}

/// `VpcSecurityGroupIds.VpcSecurityGroupId.1=…`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupList {
    #[serde(rename = "VpcSecurityGroupId", alias = "member", default)]
    pub(super) ids: Vec<String>,
}

/// `Filters.Filter.1.Name=…`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilterList {
    #[serde(rename = "Filter", alias = "member", default)]
    pub(super) filters: Vec<Filter>,
}

/// One filter: any of its values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Values", default)]
    values: FilterValues,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterValues {
    #[serde(rename = "Value", alias = "member", default)]
    values: Vec<String>,
}

impl FilterList {
    /// Whether a thing passes every filter. `field` gives what a filter of this name compares:
    /// any of several spellings. An unknown name is refused.
    pub(super) fn pass(&self, field: impl Fn(&str) -> Option<Vec<String>>) -> Result<bool, Fault> {
        for Filter { name, values } in &self.filters {
            let found =
                field(name).ok_or_else(|| invalid(format!("Unrecognized filter name: {name}")))?;
            if !values.values.iter().any(|value| found.contains(value)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The members of every Describe that pages.
#[derive(Clone, Debug, Default)]
pub(super) struct Paging {
    pub(super) max_records: Option<Number>,
    pub(super) marker: Option<String>,
}

/// One page: the items as trees, and the marker as a member beside them.
pub(super) fn page(
    world: &World,
    call: &Call,
    items: Vec<(String, Value)>,
    paging: &Paging,
) -> Result<(Vec<Value>, Option<String>), Fault> {
    let size = paging.max_records.map_or(100, |number| number.0 as usize);
    if !(20..=100).contains(&size) {
        return Err(invalid("MaxRecords must be between 20 and 100"));
    }
    let page = world.page(call, items, |item| item.0.clone(), size, paging.marker.as_deref())?;
    Ok((page.items.into_iter().map(|item| item.1).collect(), page.next))
}

/// Whether it can be the identifier of a database or of something made of one.
pub(super) fn is_identifier(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with('-')
        && !text.contains("--")
}

/// An identifier as RDS keeps it: in lower case.
pub(super) fn identifier(text: &str) -> Result<String, Fault> {
    if !is_identifier(text) {
        return Err(invalid(format!("{text:?} is not a valid identifier")));
    }
    Ok(text.to_ascii_lowercase())
}

/// A member has a value that it cannot have.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", 400, message)
}

/// Members that do not go together.
pub(super) fn unfit(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterCombination", 400, message)
}
