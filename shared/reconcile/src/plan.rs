//! The plan: what can start now.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::desired::{Desired, Form, Want};
use crate::gate::{self, CONFIRMATION};
use crate::item::{Item, Items};
use crate::key::Key;
use crate::kind::{Difference, difference, tag_updates};
use crate::memory::{AGREEMENT, Memory};
use crate::name::Deployment;
use crate::observed::Life;
use crate::step::{Action, Create, Evidence, IfForeign, Intent, Owned, Update};
use crate::tag::Tags;
pub use crate::wait::Wait;

/// What can start now, and what waits for what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Independent of each other: none needs another to be done first.
    pub intents: Vec<Intent>,
    /// What cannot start yet.
    pub waiting: Vec<(Key, Wait)>,
}

/// What a plan is made from, beside what is there and what is wanted.
pub struct Context<'a> {
    /// Whose resources it touches.
    pub deployment: &'a Deployment,
    /// When the world was read.
    pub at: Timestamp,
    /// What earlier passes found out.
    pub memory: &'a Memory,
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
///
/// # Guarantees
///
/// - The intents are independent: any of them may be left out, in any order
///   (`the_steps_of_a_pass_may_be_taken_in_any_order_and_not_all_of_them`).
/// - What the [`gate`] let go comes first (`what_was_let_go_goes_first_and_at_once`).
/// - Else readings must agree for [`AGREEMENT`] before something goes
///   (`nothing_is_deleted_before_readings_agree_for_half_a_minute`).
/// - What AWS would make twice is made when more than one reading lacks it
///   (`what_aws_would_make_twice_is_made_once_a_second_reading_lacks_it`).
/// - What is to be withdrawn within the minute is waited for
///   (`what_nobody_uses_goes_within_one_invocation`).
/// - An endpoint is made in one zone alone when readings show no other for a minute
///   (`a_vpc_that_is_just_being_made_gets_its_endpoint_in_all_its_zones`).
/// - What came to nothing is done again after a pause (`what_came_to_nothing_is_left_for_later`).
/// - What the reading could not tell is held back afterwards, by [`crate::freeze`]
///   (`what_rests_on_a_listing_that_failed_waits_with_the_reason`).
pub fn plan(items: &Items, desired: &Desired, context: &Context<'_>) -> Plan {
    let going = going(items, desired, context.at);
    let mut plan = Plan::default();
    for (key, want) in desired.iter() {
        if items.get(key).is_some() && gate::is_near(&items.known_tags(key), want, context.at) {
            plan.waiting.push((key.clone(), Wait::Going));
        }
        match items.get(key) {
            None => plan.create(key, want, items, desired, &going, context),
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
                _ if is_going => plan.delete(key, place, item, items, desired, context),
                _ => {}
            }
        }
    }
    plan.waiting.extend(desired.coming.iter().map(|key| (key.clone(), Wait::Coming)));
    plan.pause(context);
    plan.intents.sort_by_key(|intent| !desired.released.contains(&intent.key));
    plan
}

impl Plan {
    /// What came to nothing lately is left for later.
    fn pause(&mut self, context: &Context<'_>) {
        let intents = std::mem::take(&mut self.intents);
        for intent in intents {
            let tried = context.memory.tried(intent.action.verb(), &intent.key);
            match tried.map(|tried| tried.next()).filter(|next| *next > context.at) {
                Some(next) => self.waiting.push((intent.key, Wait::Retry(next))),
                None => self.intents.push(intent),
            }
        }
    }

    fn create(
        &mut self,
        key: &Key,
        want: &Want,
        items: &Items,
        desired: &Desired,
        going: &BTreeSet<Key>,
        context: &Context<'_>,
    ) {
        let Form::Made { needs, create } = &want.form else { return };
        let is_here = |need: &&Key| {
            let item = items.ready(need).filter(|_| !going.contains(*need));
            item.is_some_and(|item| !will_be_busy(item, desired.get(need)))
        };
        if let Some(lacking) = needs.iter().find(|need| !is_here(need)) {
            self.waiting.push((key.clone(), Wait::Needs(lacking.clone())));
            return;
        }
        let Some(create) = create else { return };
        if may_be_made_twice(key) && !context.memory.believes_lacking(key, context.at) {
            self.waiting.push((key.clone(), Wait::Lacking));
            return;
        }
        if is_in_one_zone(create) && context.memory.lacks_for(key, context.at) < ONE_ZONE {
            self.waiting.push((key.clone(), Wait::Lacking));
            return;
        }
        // What a lookalike carries would be lost with it, so bases are proven too. Networks are
        // the exception: one that is shared into the account is used as it is. So are rules: one
        // lets traffic through, whoever made it.
        let is_base = |need: &&Key| {
            !matches!(need, Key::Network(_) | Key::GatewayRule(..) | Key::DatabaseRule(..))
        };
        let bases = needs.iter().filter(is_base);
        let evidence =
            bases.filter_map(|need| Some((need.clone(), items.get(need)?.evidence.clone())));
        let tags = want.tags.iter().filter_map(|(tag, value)| Some((*tag, value.clone()?)));
        self.intents.push(Intent {
            key: key.clone(),
            action: Action::Create(create.clone()),
            tags: tags.map(|(tag, value)| (tag.to_owned(), value)).collect(),
            evidence: evidence.collect(),
            if_foreign: IfForeign::Refuse,
        });
    }

    fn update(&mut self, key: &Key, item: &Item, want: &Want) {
        let mut updates = Vec::new();
        if let Form::Made { create: Some(create), .. } = &want.form
            && item.life == Life::Ready
            && let Difference::InPlace(update) = difference(&item.spec, create)
        {
            updates.push(update);
        }
        updates.extend(tag_updates(item, want));
        for update in updates {
            self.intents.push(Intent {
                key: key.clone(),
                action: Action::Update(update),
                tags: Tags::new(),
                evidence: vec![(key.clone(), item.evidence.clone())],
                if_foreign: IfForeign::Refuse,
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
        context: &Context<'_>,
    ) {
        let Context { deployment, at, memory } = *context;
        let if_foreign = match desired.get(key) {
            Some(_) if place == 0 => IfForeign::Refuse,
            _ => IfForeign::Leave,
        };
        if let (Evidence::Tags(tags), IfForeign::Leave) = (&item.evidence, if_foreign)
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
        if place == 0
            && !desired.released.contains(key)
            && at < memory.going_since(key, at) + agreement(key)
        {
            self.waiting.push((key.clone(), Wait::Going));
            return;
        }
        self.intents.push(Intent {
            key: key.clone(),
            action: Action::Delete(item.delete.clone()),
            tags: Tags::new(),
            evidence: vec![(key.clone(), item.evidence.clone())],
            if_foreign,
        });
    }
}

/// How long a VPC has had subnets in one zone only before its endpoint is made there, for good: one
/// that is just being made gets the others soon (CloudFormation makes them one after the other).
const ONE_ZONE: SignedDuration = SignedDuration::from_mins(1);

fn is_in_one_zone(create: &Create) -> bool {
    // One subnet a zone is chosen (AWS PrivateLink Guide, "Access service networks").
    matches!(create, Create::Endpoint { subnets, .. } if subnets.len() == 1)
}

/// Whether AWS would make a second one for the same purpose: nothing about an endpoint is unique,
/// and a configuration's name tells the port and the database of its day.
fn may_be_made_twice(key: &Key) -> bool {
    matches!(key, Key::Configuration(_) | Key::Endpoint(..))
}

/// How long readings must agree that this is to go. AWS itself refuses to remove what something
/// else stands on; rules alone it removes from under a working endpoint.
fn agreement(key: &Key) -> SignedDuration {
    match key {
        Key::ClientRule(..) | Key::EndpointRule(..) => CONFIRMATION,
        _ => AGREEMENT,
    }
}

/// The keys whose item goes.
pub(crate) fn going(items: &Items, desired: &Desired, at: Timestamp) -> BTreeSet<Key> {
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
    let Form::Made { create, .. } = &want.form else { return false };
    let is_replaced =
        create.as_ref().is_some_and(|create| difference(&item.spec, create) == Difference::Replace);
    item.life.is_to_be_replaced(at)
        || is_replaced
        || item.built_on.iter().any(|base| going.contains(base))
}

/// Whether this very plan changes it in a way that keeps AWS at work on it, and everything that
/// would build on it out.
fn will_be_busy(item: &Item, want: Option<&Want>) -> bool {
    let Some(Form::Made { create: Some(create), .. }) = want.map(|want| &want.form) else {
        return false;
    };
    matches!(
        difference(&item.spec, create),
        Difference::InPlace(Update::GatewayGroups { .. } | Update::Share { .. })
    )
}

/// Something observed that is built on this key.
fn needed_by<'a>(key: &Key, items: &'a Items) -> Option<&'a Key> {
    items
        .iter()
        .find(|(_, found)| found.iter().any(|item| item.built_on.contains(key)))
        .map(|(user, _)| user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::EndpointId;
    use crate::item::Spec;
    use crate::kind::WayId;
    use crate::step::Delete;
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
            spec: Spec::Way { id: WayId::Endpoint(id.clone()), groups: BTreeSet::new() },
            target: None,
            delete: Delete::Endpoint(id),
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
        let memory = Memory::default();
        let at = Timestamp::UNIX_EPOCH;
        let context = Context { deployment: &deployment, at, memory: &memory };
        let plan = plan(&items, &desired, &context);
        let actions: Vec<_> = plan.intents.into_iter().map(|intent| intent.action).collect();
        assert_eq!(actions, [Action::Delete(Delete::Endpoint("vpce-failed".into()))]);
    }
}
