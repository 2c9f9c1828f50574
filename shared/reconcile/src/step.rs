//! Steps: what is done to AWS, with every detail, and the proof that we may.
//!
//! A plan holds [`Intent`]s. Touching needs proof: an intent becomes a [`Step`] only through
//! [`prove`], which reads the tags of what it touches. [`Owned`] has no other maker, and a change
//! or removal cannot be built without one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use crate::action::{Action, Create, Delete, Target, Update};
use crate::id::Arn;
use crate::key::Key;
use crate::name::Deployment;
use crate::refusal::{Code, Refusal};
use crate::tag::{self, Tags};

/// How it can be told whose a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Its tags stood in the listing, or were asked for already.
    Tags(Tags),
    /// Its tags must be read.
    Ask(Arn),
}

impl Evidence {
    pub(crate) fn tags<'a>(&'a self, read: &'a BTreeMap<Arn, Tags>) -> Option<&'a Tags> {
        match self {
            Evidence::Tags(tags) => Some(tags),
            Evidence::Ask(arn) => read.get(arn),
        }
    }
}

/// What to do about a thing that proves not to be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfForeign {
    /// A tag asks for what it stands in the way of: say so.
    Refuse,
    /// Nobody asks for it: it does not concern us.
    Leave,
}

/// What a plan wants done, not proven yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// What it is for.
    pub key: Key,
    /// What is to be done.
    pub action: Action,
    /// Tags that what is made gets beside those of ownership.
    pub tags: Tags,
    /// Whose tags prove that we may: of what is changed or removed, or of what is built on.
    pub evidence: Vec<(Key, Evidence)>,
    /// What to do if the evidence speaks against us.
    pub if_foreign: IfForeign,
}

/// Proof that a thing is ours, made only by reading our own tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned(());

impl Owned {
    pub(crate) fn read(tags: &Tags, key: &Key, deployment: &Deployment) -> Option<Owned> {
        let is_owner = tags.get(tag::OWNER).is_some_and(|found| found == deployment.as_str());
        let is_for = tags.get(tag::FOR).is_some_and(|found| {
            // The first version wrote a network of another account without its owner.
            let is_first = || *found == without_owner(&key.to_string());
            *found == key.to_string() || is_first()
        });
        (is_owner && is_for).then_some(Owned(()))
    }
}

/// The text without the account behind an `@`.
fn without_owner(text: &str) -> String {
    let words: Vec<&str> =
        text.split(' ').map(|word| word.split('@').next().unwrap_or(word)).collect();
    words.join(" ")
}

/// A step that may be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants say what the fields are")]
pub enum Step {
    /// Create something, with these tags on it; with this client token, where the call takes one.
    Create { key: Key, create: Create, tags: Tags, token: String },
    /// Update something of ours in place.
    Update { key: Key, update: Update, owned: Owned },
    /// Delete something of ours.
    Delete { key: Key, delete: Delete, owned: Owned },
}

impl Step {
    /// What it is for.
    pub fn key(&self) -> &Key {
        match self {
            Step::Create { key, .. } | Step::Update { key, .. } | Step::Delete { key, .. } => key,
        }
    }

    /// Whether it only puts a tag of ours on, or takes one off: a deadline, or another mark.
    pub fn is_mark(&self) -> bool {
        let mark = |update: &Update| matches!(update, Update::Tag { .. } | Update::Untag { .. });
        matches!(self, Step::Update { update, .. } if mark(update))
    }

    /// What it does, in one word.
    pub fn verb(&self) -> &'static str {
        match self {
            Step::Create { .. } => "create",
            Step::Update { .. } => "update",
            Step::Delete { .. } => "delete",
        }
    }
}

/// The tags that must be read before these intents can be proven.
pub fn to_read(intents: &[Intent]) -> BTreeSet<Arn> {
    let asks = intents.iter().flat_map(|intent| &intent.evidence);
    asks.filter_map(|(_, evidence)| match evidence {
        Evidence::Ask(arn) => Some(arn.clone()),
        Evidence::Tags(_) => None,
    })
    .collect()
}

/// Turns intents into steps, or into refusals for what is not ours. What was gone when its tags
/// were to be read needs no step: the next reading shows the world without it.
///
/// # Guarantees
///
/// - Nothing is changed, removed or built on unless its own tags say that it is ours
///   (`what_is_made_rests_on_bases_that_are_proven_and_on_rules_and_networks_of_anybody`,
///   `a_stranger_in_the_way_is_refused_and_one_that_nobody_asks_for_left_alone`).
/// - A repetition has the client token of the first attempt, for as long as AWS may know it
///   (`a_repetition_has_the_same_token_and_a_later_attempt_has_another`).
///
/// # Assumptions
///
/// `read` has the tags of everything in [`to_read`] as AWS answered in this pass: what is not in it
/// was gone.
pub fn prove(
    intents: Vec<Intent>,
    read: &BTreeMap<Arn, Tags>,
    deployment: &Deployment,
    at: Timestamp,
) -> (Vec<Step>, Vec<(Key, Refusal)>) {
    let mut steps = Vec::new();
    let mut refused = Vec::new();
    for intent in intents {
        match ownership(&intent.evidence, read, deployment) {
            Ownership::Ours(owned) => steps.extend(step(intent, owned, deployment, at)),
            Ownership::Foreign(key) if intent.if_foreign == IfForeign::Refuse => {
                let refusal = foreign(&key, deployment);
                refused.push((intent.key, refusal));
            }
            Ownership::Foreign(_) | Ownership::Gone => {}
        }
    }
    (steps, refused)
}

enum Ownership {
    Ours(Option<Owned>),
    Foreign(Key),
    Gone,
}

fn ownership(
    evidence: &[(Key, Evidence)],
    read: &BTreeMap<Arn, Tags>,
    deployment: &Deployment,
) -> Ownership {
    let mut proof = None;
    for (touched, evidence) in evidence {
        let Some(tags) = evidence.tags(read) else { return Ownership::Gone };
        match Owned::read(tags, touched, deployment) {
            Some(owned) => proof = Some(owned),
            None => return Ownership::Foreign(touched.clone()),
        }
    }
    Ownership::Ours(proof)
}

/// A change or removal without proof is no step.
fn step(
    intent: Intent,
    owned: Option<Owned>,
    deployment: &Deployment,
    at: Timestamp,
) -> Option<Step> {
    let key = intent.key;
    Some(match intent.action {
        Action::Create(create) => {
            let mut tags = intent.tags;
            tags.insert(tag::OWNER.to_owned(), deployment.as_str().to_owned());
            tags.insert(tag::FOR.to_owned(), key.to_string());
            let token = deployment.token(&create, &tags, at);
            Step::Create { key, create, tags, token }
        }
        Action::Update(update) => Step::Update { key, update, owned: owned? },
        Action::Delete(delete) => Step::Delete { key, delete, owned: owned? },
    })
}

/// The refusal for something that has our name and not our tags.
pub(crate) fn foreign(key: &Key, deployment: &Deployment) -> Refusal {
    Refusal::new(
        Code::Foreign,
        format!(
            "the {} of this name is not tagged {}={} and {}={key}, so it is not ours: remove it",
            key.kind(),
            tag::OWNER,
            deployment.as_str(),
            tag::FOR,
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{at, key, ours, settings, tags};

    fn intent(action: Action, evidence: Vec<Evidence>, if_foreign: IfForeign) -> Intent {
        let key = key("gateway vpc-1");
        let evidence = evidence.into_iter().map(|it| (key.clone(), it)).collect();
        Intent { key, action, tags: tags(&[("more", "yes")]), evidence, if_foreign }
    }

    fn delete() -> Action {
        Action::Delete(Delete::Gateway("rgw-1".into()))
    }

    /// What becomes of it, where these tags were read.
    fn proven(intent: Intent, read: &[(&str, Tags)]) -> (Vec<Step>, Vec<(Key, Refusal)>) {
        let read = read.iter().map(|(arn, tags)| (Arn::from(*arn), tags.clone())).collect();
        prove(vec![intent], &read, &settings().deployment, at())
    }

    #[test]
    fn only_both_tags_of_ours_are_proof() {
        let read = |pairs: &[(&str, &str)], text: &str| {
            Owned::read(&tags(pairs), &key(text), &settings().deployment).is_some()
        };
        let (owner, own) = ((tag::OWNER, "trellis"), "gateway vpc-1");
        assert!(read(&[owner, (tag::FOR, own)], own));
        assert!(!read(&[owner], own));
        assert!(!read(&[(tag::FOR, own)], own));
        assert!(!read(&[(tag::OWNER, "another"), (tag::FOR, own)], own));
        assert!(!read(&[owner, (tag::FOR, "gateway vpc-2")], own));
        // As the first version wrote a network of another account.
        let shared = "endpoint vpc-1 databases@111122223333";
        assert!(read(&[owner, (tag::FOR, shared)], shared));
        assert!(read(&[owner, (tag::FOR, "endpoint vpc-1 databases")], shared));
        assert!(!read(&[owner, (tag::FOR, "endpoint vpc-1 reports")], shared));
        assert!(!read(&[owner, (tag::FOR, shared)], "endpoint vpc-1 databases"));
    }

    #[test]
    fn what_is_ours_is_removed_and_what_is_made_bears_our_tags() {
        let known = Evidence::Tags(ours("gateway vpc-1"));
        let (steps, refused) = proven(intent(delete(), vec![known], IfForeign::Leave), &[]);
        assert_eq!((steps[0].verb(), steps.len(), refused), ("delete", 1, Vec::new()));
        assert_eq!(*steps[0].key(), key("gateway vpc-1"));
        let (steps, _) = proven(intent(delete(), Vec::new(), IfForeign::Leave), &[]);
        assert_eq!(steps, Vec::new(), "nothing without proof");
        let create = Create::Network { name: "databases".into() };
        let made = intent(Action::Create(create.clone()), Vec::new(), IfForeign::Refuse);
        let (steps, _) = proven(made, &[]);
        let Some(Step::Create { tags: found, token, .. }) = steps.first() else {
            panic!("{steps:?}")
        };
        let mut expected = ours("gateway vpc-1");
        expected.extend(tags(&[("more", "yes")]));
        assert_eq!((found, steps[0].verb()), (&expected, "create"));
        assert_eq!(*token, settings().deployment.token(&create, &expected, at()));
        let update = Update::Share { configuration: "rcfg-1".into() };
        let known = vec![Evidence::Tags(ours("gateway vpc-1"))];
        let (steps, _) = proven(intent(Action::Update(update), known, IfForeign::Refuse), &[]);
        assert_eq!(steps[0].verb(), "update");
    }

    #[test]
    fn what_is_not_ours_is_refused_if_it_stands_in_the_way_and_left_alone_if_not() {
        let ask = || vec![Evidence::Ask("arn:1".into())];
        let of = |if_foreign, found: Tags| {
            proven(intent(delete(), ask(), if_foreign), &[("arn:1", found)])
        };
        let (steps, refused) = of(IfForeign::Refuse, tags(&[]));
        assert_eq!((steps, refused.len()), (Vec::new(), 1));
        assert_eq!(
            refused[0].1.to_string(),
            "FOREIGN: the resource gateway of this name is not tagged trellis:owner=trellis and \
             trellis:for=gateway vpc-1, so it is not ours: remove it"
        );
        assert_eq!(of(IfForeign::Leave, tags(&[])), (Vec::new(), Vec::new()));
        assert_eq!(of(IfForeign::Refuse, ours("gateway vpc-1")).0.len(), 1);
        let gone = proven(intent(delete(), ask(), IfForeign::Refuse), &[]);
        assert_eq!(gone, (Vec::new(), Vec::new()), "gone when its tags were to be read");
        let both = vec![Evidence::Tags(ours("gateway vpc-1")), Evidence::Tags(tags(&[]))];
        assert_eq!(proven(intent(delete(), both, IfForeign::Refuse), &[]).0, Vec::new());
    }

    #[test]
    fn only_tags_that_are_not_known_are_read() {
        let evidence = vec![Evidence::Tags(tags(&[])), Evidence::Ask("arn:1".into())];
        let intents = [intent(delete(), evidence, IfForeign::Leave)];
        assert_eq!(to_read(&intents), ["arn:1".into()].into());
    }
}
