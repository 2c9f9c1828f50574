//! What the tags ask for, as keys and what is wanted of each.

use std::collections::{BTreeMap, BTreeSet};

use crate::deletion::HeldUp;
use crate::key::Key;
use crate::report::Report;
use crate::step::Create;

/// What is wanted of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Want {
    /// In which form.
    pub form: Form,
    /// Tags that it should have beside those of ownership, or should not have.
    pub tags: BTreeMap<&'static str, Option<String>>,
}

/// In which form a resource is wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// As it is, if it is there: in grace, braked, or refused while it works. It is neither made
    /// nor repaired nor removed.
    AsItIs,
    /// In this form, made if it is not there.
    Made {
        /// What must be there first, in this order.
        needs: Vec<Key>,
        /// How it is made; unknown as long as something that it needs has no id yet.
        create: Option<Create>,
    },
}

/// What the tags ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desired {
    wants: BTreeMap<Key, Want>,
    /// What the [gate](crate::gate) let go: it goes at once, before anything else is done.
    pub released: BTreeSet<Key>,
    /// What is ready, while AWS still brings about what it is for.
    pub coming: BTreeSet<Key>,
    /// Whose deletions a client is in the way of.
    pub held_up: Vec<HeldUp>,
    /// What is to be said about each database or VPC.
    pub reports: Vec<Report>,
}

impl Desired {
    /// Wants this resource in this form.
    pub fn want(&mut self, key: Key, needs: Vec<Key>, create: Option<Create>) {
        let form = Form::Made { needs, create };
        self.wants.entry(key).or_insert_with(|| Want::new(Form::AsItIs)).form = form;
    }

    /// Wants this resource as it is, unless it is already wanted in a form.
    pub fn keep(&mut self, key: Key) {
        self.wants.entry(key).or_insert_with(|| Want::new(Form::AsItIs));
    }

    /// Lets this go.
    pub fn release(&mut self, key: Key) {
        self.released.insert(key);
    }

    /// Wants this tag on a resource that is wanted, or (`None`) wants it away.
    pub fn tag(&mut self, key: &Key, tag: &'static str, value: Option<String>) {
        if let Some(want) = self.wants.get_mut(key) {
            want.tags.insert(tag, value);
        }
    }

    /// What is wanted of this key.
    pub fn get(&self, key: &Key) -> Option<&Want> {
        self.wants.get(key)
    }

    /// Everything wanted.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Want)> {
        self.wants.iter()
    }
}

impl Want {
    /// Whether it is wanted in a form, and not only as it is.
    pub fn is_made(&self) -> bool {
        matches!(self.form, Form::Made { .. })
    }

    fn new(form: Form) -> Want {
        Want { form, tags: BTreeMap::new() }
    }
}
