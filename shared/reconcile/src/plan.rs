//! The plan: what can start now.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::desired::{Desired, Form, Want};
use crate::item::{Item, Items, Spec};
use crate::key::Key;
use crate::name::Deployment;
use crate::observed::Life;
use crate::step::{Change, Deed, Evidence, Intent, Make, Owned, Stranger};

/// What can start now, and what waits for what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Independent of each other: none needs another to be done first.
    pub intents: Vec<Intent>,
    /// What cannot start yet.
    pub waiting: Vec<(Key, Wait)>,
}

/// What a key waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// AWS is making or changing it.
    Coming,
    /// AWS is removing it.
    Leaving,
    /// This must be there first.
    Needs(Key),
    /// This must be gone first.
    NeededBy(Key),
    /// Something that is none of ours stands on it.
    InUse,
}

/// The plan from what is there to what is wanted.
///
/// For each key, the first row that fits:
///
/// | observed         | wanted | what to do                                           |
/// |------------------|--------|------------------------------------------------------|
/// | nothing          | yes    | create, once all it needs is here to stay            |
/// | busy             | either | wait                                                 |
/// | staying          | yes    | nothing                                              |
/// | differs in place | yes    | update                                               |
/// | going, ours      | either | delete, once nothing left needs it                   |
/// | going, not ours  | yes    | refuse (when [`crate::step::prove`] finds it out)    |
/// | going, not ours  | no     | nothing                                              |
///
/// *Going* means unwanted, changed in a way that AWS cannot update, broken (for a while: it is not
/// made anew at once), one too many, or built on something going. What is wanted as it is never
/// goes.
pub fn plan(items: &Items, desired: &Desired, deployment: &Deployment, at: Timestamp) -> Plan {
    let going = going(items, desired, at);
    let mut plan = Plan::default();
    for (key, want) in desired.iter() {
        match items.get(key) {
            None => plan.create(key, want, items, desired, &going),
            Some(item) if item.life.is_busy() => {}
            Some(item) if !going.contains(key) => plan.update(key, item, want),
            Some(_) => {}
        }
    }
    for (key, found) in items.iter() {
        for (place, item) in found.iter().enumerate() {
            let is_going = place > 0 || going.contains(key);
            match &item.life {
                Life::Coming => plan.waiting.push((key.clone(), Wait::Coming)),
                Life::Leaving => plan.waiting.push((key.clone(), Wait::Leaving)),
                _ if is_going => plan.delete(key, place, item, items, desired, deployment),
                _ => {}
            }
        }
    }
    plan.waiting.extend(desired.coming.iter().map(|key| (key.clone(), Wait::Coming)));
    plan
}

impl Plan {
    fn create(
        &mut self,
        key: &Key,
        want: &Want,
        items: &Items,
        desired: &Desired,
        going: &BTreeSet<Key>,
    ) {
        let Form::Made { needs, make } = &want.form else { return };
        let is_here = |need: &&Key| {
            let item = items.ready(need).filter(|_| !going.contains(*need));
            item.is_some_and(|item| !will_be_busy(item, desired.get(need)))
        };
        if let Some(lacking) = needs.iter().find(|need| !is_here(need)) {
            self.waiting.push((key.clone(), Wait::Needs(lacking.clone())));
            return;
        }
        let Some(make) = make else { return };
        // What a lookalike carries would be lost with it, so bases are proven too. Networks are
        // the exception: one that is shared into the account is used as it is.
        let bases = needs.iter().filter(|need| !matches!(need, Key::Network(_)));
        let evidence =
            bases.filter_map(|need| Some((need.clone(), items.get(need)?.evidence.clone())));
        self.intents.push(Intent {
            key: key.clone(),
            deed: Deed::Make(make.clone()),
            evidence: evidence.collect(),
            stranger: Stranger::Refuse,
        });
    }

    fn update(&mut self, key: &Key, item: &Item, want: &Want) {
        let mut changes = Vec::new();
        if let Form::Made { make: Some(make), .. } = &want.form
            && item.life == Life::Ready
            && let Difference::InPlace(change) = difference(&item.spec, make)
        {
            changes.push(change);
        }
        changes.extend(tag_changes(item, want));
        for change in changes {
            self.intents.push(Intent {
                key: key.clone(),
                deed: Deed::Change(change),
                evidence: vec![(key.clone(), item.evidence.clone())],
                stranger: Stranger::Refuse,
            });
        }
    }

    fn delete(
        &mut self,
        key: &Key,
        place: usize,
        item: &Item,
        items: &Items,
        desired: &Desired,
        deployment: &Deployment,
    ) {
        let stranger = match desired.get(key) {
            Some(_) if place == 0 => Stranger::Refuse,
            _ => Stranger::Leave,
        };
        if let (Evidence::Tags(tags), Stranger::Leave) = (&item.evidence, stranger)
            && Owned::read(tags, key, deployment).is_none()
        {
            return;
        }
        if place == 0
            && let Some(user) = needed_by(key, items)
        {
            self.waiting.push((key.clone(), Wait::NeededBy(user.clone())));
            return;
        }
        if item.is_in_use {
            self.waiting.push((key.clone(), Wait::InUse));
            return;
        }
        self.intents.push(Intent {
            key: key.clone(),
            deed: Deed::Remove(item.remove.clone()),
            evidence: vec![(key.clone(), item.evidence.clone())],
            stranger,
        });
    }
}

/// The keys whose item goes.
fn going(items: &Items, desired: &Desired, at: Timestamp) -> BTreeSet<Key> {
    let mut going: BTreeSet<Key> = BTreeSet::new();
    loop {
        let before = going.len();
        for (key, found) in items.iter() {
            if found.first().is_some_and(|item| goes(item, desired.get(key), &going, at)) {
                going.insert(key.clone());
            }
        }
        if going.len() == before {
            return going;
        }
    }
}

fn goes(item: &Item, want: Option<&Want>, going: &BTreeSet<Key>, at: Timestamp) -> bool {
    let Some(want) = want else { return true };
    let Form::Made { make, .. } = &want.form else { return false };
    let is_replaced =
        make.as_ref().is_some_and(|make| difference(&item.spec, make) == Difference::Replace);
    item.life.is_to_be_replaced(at)
        || is_replaced
        || item.built_on.iter().any(|base| going.contains(base))
}

/// Whether this very plan changes it in a way that keeps AWS at work on it, and everything that
/// would build on it out.
fn will_be_busy(item: &Item, want: Option<&Want>) -> bool {
    let Some(Form::Made { make: Some(make), .. }) = want.map(|want| &want.form) else {
        return false;
    };
    matches!(
        difference(&item.spec, make),
        Difference::InPlace(Change::GatewayGroups { .. } | Change::Share { .. })
    )
}

/// Something observed that is built on this key.
fn needed_by<'a>(key: &Key, items: &'a Items) -> Option<&'a Key> {
    items
        .iter()
        .find(|(_, found)| found.iter().any(|item| item.built_on.contains(key)))
        .map(|(user, _)| user)
}

/// How what is there differs from what is wanted.
#[derive(Clone, Debug, PartialEq)]
enum Difference {
    None,
    InPlace(Change),
    Replace,
}

/// The one place that knows which members AWS can update. Only what breaks the exposure's purpose
/// is a difference: subnets, descriptions and names are not.
fn difference(spec: &Spec, make: &Make) -> Difference {
    match (spec, make) {
        (Spec::Group { id, open }, Make::Group { .. }) if !open.is_empty() => {
            Difference::InPlace(Change::CloseEgress { group: id.clone(), rules: open.clone() })
        }
        // A group that somebody added stays, here and at the endpoint: it can only let more
        // through, and whoever added it meant it.
        (Spec::Gateway { id, groups }, Make::Gateway { groups: wanted, .. })
            if !wanted.is_subset(groups) =>
        {
            let groups = groups.union(wanted).cloned().collect();
            Difference::InPlace(Change::GatewayGroups { gateway: id.clone(), groups })
        }
        (
            Spec::Configuration { id, gateway, port, is_shareable },
            Make::Configuration { gateway: wanted, name, .. },
        ) => {
            if gateway != wanted || Some(*port) != crate::name::port(name) {
                Difference::Replace
            } else if *is_shareable == Some(false) {
                Difference::InPlace(Change::Share { configuration: id.clone() })
            } else {
                Difference::None
            }
        }
        (
            Spec::Association { configuration, network },
            Make::Association { configuration: wanted, network: on, .. },
        ) if configuration != wanted || network != on => Difference::Replace,
        (
            Spec::Endpoint { id, network, groups },
            Make::Endpoint { network: wanted, groups: through, .. },
        ) => {
            if network != wanted {
                Difference::Replace
            } else if !through.is_subset(groups) {
                Difference::InPlace(Change::EndpointGroups {
                    endpoint: id.clone(),
                    add: through.difference(groups).cloned().collect(),
                })
            } else {
                Difference::None
            }
        }
        _ => Difference::None,
    }
}

/// The tags to put on or take off, where the item's tags are known.
fn tag_changes(item: &Item, want: &Want) -> Vec<Change> {
    let (Some(target), Evidence::Tags(found)) = (&item.target, &item.evidence) else {
        return Vec::new();
    };
    let changes = want.tags.iter().filter_map(|(key, value)| match value {
        Some(value) if found.get(*key) != Some(value) => {
            Some(Change::Tag { target: target.clone(), key, value: value.clone() })
        }
        None if found.contains_key(*key) => Some(Change::Untag { target: target.clone(), key }),
        _ => None,
    });
    changes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::EndpointId;
    use crate::step::Remove;
    use crate::tag::{self, Tags};

    fn endpoint(key: &Key, id: &str, life: Life) -> Item {
        let tags = [(tag::OWNER, "trellis".to_owned()), (tag::FOR, key.to_string())];
        let tags: Tags = tags.map(|(key, value)| (key.to_owned(), value)).into();
        let id = EndpointId::from(id);
        Item {
            life,
            evidence: Evidence::Tags(tags),
            built_on: BTreeSet::new(),
            is_in_use: false,
            spec: Spec::Endpoint {
                id: id.clone(),
                network: "sn-1".into(),
                groups: BTreeSet::new(),
            },
            target: None,
            remove: Remove::Endpoint(id),
        }
    }

    /// As a lost reply and a listing that lags can make it, at the change of a client token.
    #[test]
    fn of_two_for_one_purpose_the_one_that_works_stays() {
        let deployment = Deployment::new("trellis").expect("a good name");
        let key = Key::Endpoint("vpc-1".into(), "databases".into());
        let mut items = Items::default();
        items.add(key.clone(), endpoint(&key, "vpce-failed", Life::broken("no room", None)));
        items.add(key.clone(), endpoint(&key, "vpce-works", Life::Ready));
        let mut desired = Desired::default();
        desired.keep(key.clone());
        let plan = plan(&items, &desired, &deployment, Timestamp::UNIX_EPOCH);
        let deeds: Vec<_> = plan.intents.into_iter().map(|intent| intent.deed).collect();
        assert_eq!(deeds, [Deed::Remove(Remove::Endpoint("vpce-failed".into()))]);
    }
}
