//! A small AWS over the planner's own types: enough to refuse what AWS would refuse.
//!
//! What is made is coming, then ready; what is removed is leaving, then gone. A step that AWS
//! would refuse is remembered in [`Model::refusals`]: its base is missing, busy or broken, its
//! name is taken, or something still depends on what it removes.

mod apply;
pub(crate) mod judge;
pub(crate) mod small;
pub(crate) mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use reconcile::id::{Arn, ConfigurationId, GroupId, NetworkId};
use reconcile::key::{Key, Side};
use reconcile::memory::Memory;
use reconcile::observed::{Access, Binding, Life, Observed, Question, Thing};
use reconcile::outcome::{Outcome, Taken};
use reconcile::settings::Settings;
use reconcile::step::{Step, prove, to_read};
use reconcile::tag::{self, Tags};
use reconcile::{decide, questions};

/// Both sides, in the order in which they take their turns.
pub(crate) const SIDES: [Side; 2] = [Side::ExposeDatabase, Side::ConnectVpc];
/// What AWS begins is done after so many turns.
const WORK: u32 = 2;
/// How long a turn is.
const TURN: SignedDuration = SignedDuration::from_secs(30);

/// The whole world of one account.
#[derive(Clone)]
pub(crate) struct Model {
    /// What a perfect reading would show.
    pub(crate) there: Observed,
    /// The tags that VPC Lattice keeps, by ARN.
    pub(crate) tags: BTreeMap<Arn, Tags>,
    /// What configurations are bound to.
    pub(crate) bindings: BTreeMap<ConfigurationId, Binding>,
    /// What AWS refused.
    pub(crate) refusals: Vec<String>,
    /// What each side remembers.
    pub(crate) memories: [Memory; 2],
    /// The thing that readings lack although it is there: its number among all, if there is one.
    pub(crate) hidden: Option<usize>,
    /// The groups that no network interface carries; every other is carried by one.
    pub(crate) idle: BTreeSet<GroupId>,
    turn: u32,
    made: u32,
    /// When the work on a thing is done, by the thing's id.
    due: BTreeMap<String, u32>,
}

impl Model {
    /// An empty account.
    pub(crate) fn new() -> Model {
        let at = Timestamp::from_second(1_800_000_000).expect("in range");
        let there = Observed::nothing(at);
        Model {
            memories: [Memory::default(), Memory::default()],
            hidden: None,
            idle: BTreeSet::new(),
            there,
            tags: BTreeMap::new(),
            bindings: BTreeMap::new(),
            refusals: Vec::new(),
            turn: 0,
            made: 0,
            due: BTreeMap::new(),
        }
    }

    /// A new id such as `sg-7`.
    pub(crate) fn id(&mut self, stem: &str) -> String {
        self.made += 1;
        format!("{stem}-{}", self.made)
    }

    /// AWS is at work on the thing with this id.
    pub(crate) fn begins(&mut self, id: &str) {
        self.due.insert(id.to_owned(), self.turn + WORK);
    }

    /// A complete reading by this side, with the answers to all its questions.
    pub(crate) fn observe(&self, side: Side, settings: &Settings) -> Observed {
        let mut seen = self.there.clone();
        seen.memory = self.memories[side as usize].clone();
        self.hidden.into_iter().for_each(|number| hide(number, &mut seen));
        match side {
            Side::ExposeDatabase => seen.ways.clear(),
            Side::ConnectVpc => {
                seen.databases.clear();
                seen.accesses = self.accesses();
            }
        }
        loop {
            let before = seen.clone();
            for question in questions(side, &before, settings) {
                self.answer(&question, &mut seen);
            }
            if seen == before {
                return seen;
            }
        }
    }

    fn answer(&self, question: &Question, seen: &mut Observed) {
        match question {
            Question::Tags(arn) => {
                seen.answers
                    .tags
                    .extend(self.tags.get(arn).map(|tags| (arn.clone(), tags.clone())));
            }
            Question::Configuration(id) => {
                let binding = self.bindings.get(id).map(|found| (id.clone(), found.clone()));
                seen.answers.configurations.extend(binding);
            }
            Question::Dns(vpc) => {
                seen.answers.dns.insert(vpc.clone(), true);
            }
            Question::Ways => seen.ways.clone_from(&self.there.ways),
            Question::Switchovers => seen.answers.switchovers = Some(Vec::new()),
            Question::Passages => seen.answers.passages = Some(Vec::new()),
            Question::Published => seen.answers.published = Some(BTreeMap::new()),
            Question::Members(group) => {
                let member = (!self.idle.contains(group)).then(|| "eni-1".into());
                seen.answers.members.insert(group.clone(), member.into_iter().collect());
            }
            Question::Thing(thing) => {
                let is_there = match thing {
                    Thing::Database(arn) => self.there.databases.iter().any(|it| it.arn == *arn),
                    Thing::Vpc(id) => self.there.vpcs.iter().any(|it| it.id == *id),
                    Thing::Group(id) => self.there.groups.iter().any(|it| it.id == *id),
                };
                if !is_there {
                    seen.answers.gone.insert(thing.clone());
                }
            }
        }
    }

    /// Behind a ready endpoint every ready association of its network is accessible.
    fn accesses(&self) -> Vec<Access> {
        let mut accesses = Vec::new();
        for endpoint in self.there.ways.iter().filter(|e| e.life == Life::Ready) {
            for association in &self.there.associations {
                let network = self.network(&association.network);
                if network == Some(&endpoint.network) && association.life == Life::Ready {
                    accesses.push(Access {
                        endpoint: endpoint.id.as_str().into(),
                        configuration: association.configuration_arn.clone(),
                        is_accessible: true,
                        failure: None,
                        private_name: Some("orders.example".to_owned()),
                    });
                }
            }
        }
        accesses
    }

    fn network(&self, id: &NetworkId) -> Option<&Arn> {
        self.there.networks.iter().find(|network| network.id == *id).map(|network| &network.arn)
    }

    /// One pass of this side, which takes those of its steps that are chosen, in that order.
    pub(crate) fn pass(
        &mut self,
        side: Side,
        settings: &Settings,
        choose: &mut dyn FnMut(Vec<Step>) -> Vec<Step>,
    ) -> Outcome {
        let observed = self.observe(side, settings);
        let decision = decide(side, &observed, settings);
        let intents = decision.plan.intents.clone();
        let mut read = BTreeMap::new();
        for arn in to_read(&intents) {
            read.extend(self.tags.get(&arn).map(|tags| (arn.clone(), tags.clone())));
        }
        let (steps, refused) = prove(intents, &read, &settings.deployment, observed.at);
        let mut taken = Vec::new();
        let mut memory = decision.memory.clone();
        for step in choose(steps) {
            let error = self.apply(&step).err();
            let (verb, key, at) = (step.verb(), step.key(), observed.at);
            memory.tries(verb, key, at, error.clone(), None);
            taken.push(Taken::of(&step, error.clone()));
            self.refusals.extend(error.map(|why| format!("{} {}: {why}", step.verb(), step.key())));
        }
        let outcome = Outcome::new(side, &observed, &decision, &memory, taken, refused);
        self.memories[side as usize] = memory;
        outcome
    }

    /// A turn later: what is due has happened.
    pub(crate) fn wait(&mut self) {
        self.turn += 1;
        self.there.at += TURN;
        let turn = self.turn;
        let done: Vec<String> =
            self.due.iter().filter(|(_, due)| **due <= turn).map(|(id, _)| id.clone()).collect();
        for id in done {
            self.due.remove(&id);
            self.ripens(&id);
        }
    }

    fn ripens(&mut self, id: &str) {
        let there = &mut self.there;
        ripen(&mut there.gateways, |it| (it.id.as_str() == id, &mut it.life));
        ripen(&mut there.configurations, |it| (it.id.as_str() == id, &mut it.life));
        ripen(&mut there.associations, |it| (it.id.as_str() == id, &mut it.life));
        ripen(&mut there.ways, |it| (it.id.as_str() == id, &mut it.life));
    }

    /// Whether AWS is at work, or a grace period runs.
    pub(crate) fn is_moving(&self) -> bool {
        let at = self.there.at;
        let is_marked = |tags: &Tags| {
            let deadline = tags.get(tag::WITHDRAW_AFTER).and_then(|text| text.split(' ').next());
            // A turn later it is acted on. What is replaced may stay longer, for good reasons.
            deadline.is_some_and(|text| text.parse().is_ok_and(|it: Timestamp| it + TURN > at))
        };
        let arns = self.there.associations.iter().filter_map(|it| self.tags.get(&it.arn));
        !self.due.is_empty()
            || arns.into_iter().any(is_marked)
            || self.there.rules.iter().any(|rule| is_marked(&rule.tags))
            || self.there.ways.iter().any(|endpoint| is_marked(&endpoint.tags))
    }

    /// Everything that does not carry our tags, bit for bit. Rules in a group of ours go with it.
    pub(crate) fn foreign(&self) -> Vec<String> {
        let is_ours = |tags: &Tags| tags.contains_key(tag::OWNER);
        let lattice = |arn: &Arn| self.tags.get(arn).cloned().unwrap_or_default();
        let groups = self.there.groups.iter().filter(|it| !is_ours(&it.tags));
        let rules = self.there.rules.iter().filter(|rule| {
            let group = self.there.groups.iter().find(|group| group.id == rule.group);
            !is_ours(&rule.tags) && group.is_some_and(|group| !is_ours(&group.tags))
        });
        let networks = self.there.networks.iter().filter(|it| !is_ours(&lattice(&it.arn)));
        let gateways = self.there.gateways.iter().filter(|it| !is_ours(&lattice(&it.arn)));
        let configurations =
            self.there.configurations.iter().filter(|it| !is_ours(&lattice(&it.arn)));
        let associations = self.there.associations.iter().filter(|it| !is_ours(&lattice(&it.arn)));
        let endpoints = self.there.ways.iter().filter(|it| !is_ours(&it.tags));
        let mut all: Vec<String> = groups.map(|it| format!("{it:?}")).collect();
        all.extend(rules.map(|it| format!("{it:?}")));
        all.extend(networks.map(|it| format!("{it:?} {:?}", lattice(&it.arn))));
        all.extend(gateways.map(|it| format!("{it:?} {:?}", lattice(&it.arn))));
        all.extend(configurations.map(|it| format!("{it:?} {:?}", lattice(&it.arn))));
        all.extend(associations.map(|it| format!("{it:?} {:?}", lattice(&it.arn))));
        all.extend(endpoints.map(|it| format!("{it:?}")));
        all
    }

    /// What there is by its keys, without ids: two worlds that look the same here are the same to
    /// everybody.
    pub(crate) fn picture(&self, settings: &Settings) -> Vec<String> {
        let mut lines = Vec::new();
        for side in SIDES {
            let observed = self.observe(side, settings);
            let decision = decide(side, &observed, settings);
            for (key, items) in decision.items.iter().filter(|(key, _)| key.side() == side) {
                let lives: Vec<_> = items.iter().map(|item| &item.life).collect();
                lines.push(format!("{} {lives:?}", self.nameless(key)));
            }
        }
        lines.sort();
        lines
    }

    fn nameless(&self, key: &Key) -> String {
        let mut text = key.to_string();
        for group in self.there.groups.iter().rev() {
            text = text.replace(group.id.as_str(), &group.name);
        }
        text
    }
}

/// How many things there are that a reading can lack.
pub(crate) fn things(there: &Observed) -> usize {
    there.databases.len()
        + there.vpcs.len()
        + there.subnets.len()
        + there.groups.len()
        + there.rules.len()
        + there.networks.len()
        + there.gateways.len()
        + there.configurations.len()
        + there.associations.len()
        + there.ways.len()
}

/// Takes the thing with this number out of a reading. What stands on it in other listings stays.
fn hide(mut number: usize, seen: &mut Observed) {
    fn take<T>(number: &mut usize, list: &mut Vec<T>) -> bool {
        if *number < list.len() {
            list.remove(*number);
            return true;
        }
        *number -= list.len();
        false
    }
    let number = &mut number;
    let _ = take(number, &mut seen.databases)
        || take(number, &mut seen.vpcs)
        || take(number, &mut seen.subnets)
        || take(number, &mut seen.groups)
        || take(number, &mut seen.rules)
        || hide_network(number, seen)
        || take(number, &mut seen.gateways)
        || take(number, &mut seen.configurations)
        || take(number, &mut seen.associations)
        || take(number, &mut seen.ways);
}

/// Associations are listed by network: without it they are not read.
fn hide_network(number: &mut usize, seen: &mut Observed) -> bool {
    if *number >= seen.networks.len() {
        *number -= seen.networks.len();
        return false;
    }
    let network = seen.networks.remove(*number);
    seen.associations.retain(|it| it.network != network.id);
    true
}

/// What was coming is ready, what was leaving is gone.
fn ripen<T>(things: &mut Vec<T>, look: impl Fn(&mut T) -> (bool, &mut Life)) {
    things.retain_mut(|thing| {
        let (is_due, life) = look(thing);
        if is_due && *life == Life::Coming {
            *life = Life::Ready;
        }
        !(is_due && *life == Life::Leaving)
    });
}
