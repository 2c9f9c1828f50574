//! How every Describe works: by id or by filter, a page at a time, as late as listings are.

use std::ops::DerefMut;

use serde_json::{Map, Value, json};

use crate::ec2::World;
use crate::kernel::{Call, Fault, Tags, Things};

use jiff::Timestamp;

/// What every thing of EC2 has.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) tags: Tags,
}

impl Head {
    /// That of a new thing, whose id begins with this stem.
    pub(crate) fn new(world: &mut World, stem: &str, tags: Tags) -> Head {
        Head { id: world.new_id(stem, 17), created: world.now(), tags }
    }
}

/// A kind of thing that EC2 describes.
pub(crate) trait Described: DerefMut<Target = Head> {
    /// The word for it in tags and in ARNs: `security-group`.
    const TYPE: &'static str;
    /// What its ids begin with: `sg`.
    const STEM: &'static str;
    /// The member that names ids: `VpcId`.
    const IDS: &'static str;
    /// The list in the answer: `vpcSet`.
    const SET: &'static str;
    /// The filters that EC2 documents for it, apart from `tag:<key>` and `tag-key`.
    const FILTERS: &'static [&'static str];
    /// The fewest and the most that may be asked for per page.
    const SIZES: (usize, usize) = (5, 1000);

    /// What a filter compares: one of [`Described::FILTERS`].
    fn field(&self, world: &World, filter: &str) -> Vec<String>;
    /// The thing as the answer shows it.
    fn show(&self, world: &World) -> Value;
    /// What an unknown id is refused with.
    fn not_found(id: &str) -> Fault;
}

/// Describes things of one kind.
pub(crate) fn describe<T: Described>(
    world: &World,
    call: &Call,
    things: &Things<T>,
) -> Result<Value, Fault> {
    let listed: Vec<&T> = things
        .ever()
        .filter(|(thing, gone)| world.is_listed(thing.created, *gone))
        .map(|(thing, _)| thing)
        .collect();
    describe_these(world, call, &listed)
}

/// Describes these, which are all that a listing knows of.
pub(crate) fn describe_these<T: Described>(
    world: &World,
    call: &Call,
    listed: &[&T],
) -> Result<Value, Fault> {
    let query = Query::read(call, T::IDS, T::SIZES)?;
    let is_there = |id: &&String| listed.iter().any(|thing| thing.id == **id);
    if let Some(missing) = query.ids.iter().find(|id| !is_there(id)) {
        return Err(T::not_found(missing));
    }
    let chosen: Vec<&T> = listed
        .iter()
        .filter(|thing| query.ids.is_empty() || query.ids.iter().any(|id| *id == thing.id))
        .filter(|thing| query.keeps(&thing.tags, |filter| thing.field(world, filter)))
        .copied()
        .collect();
    let token = query.token.as_deref();
    let page = world.page(call, chosen, |thing| thing.id.clone(), query.size, token)?;
    let items = page.items.iter().map(|thing| thing.show(world)).collect();
    Ok(set(T::SET, items, page.next))
}

/// A list of the answer, and the token for the next page.
pub(crate) fn set(name: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = Map::new();
    answer.insert(name.to_owned(), json!({ "item": items }));
    if let Some(next) = next {
        answer.insert("nextToken".to_owned(), next.into());
    }
    answer.into()
}

/// What a Describe asks for.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) ids: Vec<String>,
    pub(crate) size: usize,
    pub(crate) token: Option<String>,
    filters: Vec<(String, Vec<String>)>,
}

impl Query {
    /// The query of a call. It has been held against its shape, so only what is left out, or is
    /// more than a page may have, is to be made good.
    pub(crate) fn read(call: &Call, ids: &str, (_, most): (usize, usize)) -> Result<Query, Fault> {
        let mut query = Query { ids: Vec::new(), size: most, token: None, filters: Vec::new() };
        for (name, value) in call.members.as_object().into_iter().flatten() {
            match name.as_str() {
                name if name == ids => query.ids = strings(value),
                "Filter" => query.filters = filters(value),
                "MaxResults" => query.size = size(value, most),
                "NextToken" => query.token = value.as_str().map(str::to_owned),
                other => return Err(unknown(other)),
            }
        }
        Ok(query)
    }

    /// Whether a thing with these tags and fields passes every filter.
    pub(crate) fn keeps(&self, tags: &Tags, field: impl Fn(&str) -> Vec<String>) -> bool {
        self.filters.iter().all(|(name, patterns)| {
            let actual = match (name.strip_prefix("tag:"), name.as_str()) {
                (Some(key), _) => tags.get(key).cloned().into_iter().collect(),
                (None, "tag-key") => tags.keys().cloned().collect(),
                (None, name) => field(name),
            };
            actual.iter().any(|value| patterns.iter().any(|pattern| fits(pattern, value)))
        })
    }
}

/// A member that the operation does not know.
pub(crate) fn unknown(member: &str) -> Fault {
    Fault::new("UnknownParameter", 400, format!("The parameter {member} is not recognized"))
}

/// The strings of a list.
fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn filters(value: &Value) -> Vec<(String, Vec<String>)> {
    let list = value.as_array().into_iter().flatten();
    list.map(|filter| {
        let name = filter["Name"].as_str().unwrap_or_default();
        (name.to_owned(), strings(&filter["Value"]))
    })
    .collect()
}

fn size(value: &Value, most: usize) -> usize {
    value.as_str().and_then(|text| text.parse().ok()).map_or(most, |size: usize| size.min(most))
}

/// Whether a value fits a pattern, in which `*` stands for anything, `?` for one character and a
/// backslash takes the meaning from the next one.
fn fits(pattern: &str, value: &str) -> bool {
    fn fits_from(pattern: &[char], value: &[char]) -> bool {
        match (pattern, value) {
            ([], rest) => rest.is_empty(),
            (['*', more @ ..], rest) => {
                (0..=rest.len()).any(|skipped| fits_from(more, &rest[skipped..]))
            }
            (['?', more @ ..], [_, rest @ ..]) => fits_from(more, rest),
            (['\\', literal, more @ ..], [first, rest @ ..]) if literal == first => {
                fits_from(more, rest)
            }
            ([literal, more @ ..], [first, rest @ ..]) if literal == first => fits_from(more, rest),
            _ => false,
        }
    }
    if !pattern.contains(['*', '?', '\\']) {
        return pattern == value;
    }
    let chars = |text: &str| text.chars().collect::<Vec<char>>();
    fits_from(&chars(pattern), &chars(value))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_know_stars_question_marks_and_backslashes() {
        assert!(fits("or*s", "orders"));
        assert!(fits("*", ""));
        assert!(fits("order?", "orders"));
        assert!(!fits("order?", "order"));
        assert!(fits(r"a\*b", "a*b"));
        assert!(!fits(r"a\*b", "axb"));
        assert!(!fits("orders", "Orders"));
    }
}
