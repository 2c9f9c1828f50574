//! What must hold after every call, held against the ground truth.
//!
//! | law     | says                                                                            |
//! |---------|---------------------------------------------------------------------------------|
//! | `OURS`  | nothing is written that is not ours                                             |
//! | `ASKED` | nothing is exposed that no tag ever asked for or no parameter allows            |
//! | `PATH`  | no working path is cut that is asked for, in grace, or braked                   |
//! | `END`   | two clocks after the last trouble, what is reachable is what the tags ask for   |
//! | `REST`  | from then on nothing is written                                                 |
//! | `TWICE` | one mishap makes nothing be made or removed more often than without it          |

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use sim::{Call, Tags, Witness, World, reach};

use super::act::Act;
use super::cast::Cast;
use super::wishes::{Standing, Wish, asked, standing};
use super::{ours, told::Told};

/// A pass may act on what it read a moment ago.
const MOMENT: SignedDuration = SignedDuration::from_secs(10);
/// Deadlines are in whole seconds.
const ROUNDING: SignedDuration = SignedDuration::from_secs(2);
/// Between two rings of the clock.
pub const CLOCK: SignedDuration = SignedDuration::from_mins(5);
/// So many are believed at once, and so many hundredths.
const BRAKE: (usize, usize) = (3, 20);

/// The network that everything begins on.
const PATH: &str = "databases";

/// A client group, by its number, and the resource id of a database.
type Pair = (usize, String);

/// Sees everything and remembers it.
pub struct Judge {
    cast: Cast,
    /// The entries of the parameter `Networks`.
    pub allowed: BTreeSet<String>,
    ever_allowed: BTreeSet<String>,
    grace: SignedDuration,
    /// How long something that nobody asked for may be reachable until it is seen and gone.
    reaction: SignedDuration,
    /// What owners have asked for, by the resource id of the database.
    consents: BTreeMap<String, BTreeSet<String>>,
    reached: BTreeSet<Pair>,
    ever_reached: BTreeSet<Pair>,
    lapsed: BTreeMap<Pair, Timestamp>,
    /// Since when they had lapsed that are asked for again, and from when on they are.
    returned: BTreeMap<Pair, (Timestamp, Timestamp)>,
    protected: BTreeMap<Pair, Timestamp>,
    /// From when on a path may be cut, if nothing happens before.
    free: BTreeMap<Pair, Timestamp>,
    braked: Option<Timestamp>,
    strange: BTreeMap<String, Timestamp>,
    version: Option<u64>,
    /// Acts that happen just before the call with this number.
    pub acts: Vec<(u64, Act)>,
    /// What was allowed anew by one of them.
    pub redeployed: Option<&'static [&'static str]>,
    /// When the last act or mishap was.
    pub trouble: Timestamp,
    /// What was made and removed.
    pub told: Told,
    /// What was broken, and when: at most a few.
    pub broken: Vec<String>,
    number: u64,
}

impl Judge {
    /// A judge of this world, in which everything is as it should be.
    pub fn new(
        world: &World,
        cast: &Cast,
        allowed: &[&str],
        grace: SignedDuration,
        reaction: SignedDuration,
    ) -> Judge {
        let allowed: BTreeSet<String> = allowed.iter().map(|it| (*it).to_owned()).collect();
        let of_cast =
            world.databases().filter(|it| cast.databases.iter().any(|id| id == it.resource_id));
        let consents = of_cast.map(|it| (it.resource_id.to_owned(), asked(it.tags))).collect();
        let mut judge = Judge {
            cast: cast.clone(),
            ever_allowed: allowed.clone(),
            allowed,
            grace,
            reaction,
            consents,
            reached: BTreeSet::new(),
            ever_reached: BTreeSet::new(),
            lapsed: BTreeMap::new(),
            returned: BTreeMap::new(),
            protected: BTreeMap::new(),
            free: BTreeMap::new(),
            braked: None,
            strange: BTreeMap::new(),
            version: None,
            acts: Vec::new(),
            redeployed: None,
            trouble: world.now(),
            told: Told::new(world),
            broken: Vec::new(),
            number: 0,
        };
        judge.look(world, None);
        // It has stood like this for long.
        judge.protected.values_mut().for_each(|since| *since -= CLOCK);
        judge
    }

    /// A person does this now. Answers whether AWS let them.
    pub fn act(&mut self, act: &Act, world: &mut World) -> bool {
        let before = world.now();
        if act.apply(world, &self.cast).is_err() {
            return false;
        }
        self.trouble = before;
        if let Some((number, value)) = act.speaks_for()
            && let Wish::Networks(networks) = Wish::read(Some(value))
        {
            let of = self.consents.entry(self.cast.databases[number].clone()).or_default();
            of.extend(networks);
        }
        if let Act::Allow(networks) = act {
            self.allowed = networks.iter().map(|it| (*it).to_owned()).collect();
            self.ever_allowed.extend(self.allowed.iter().cloned());
            self.redeployed = Some(networks);
            self.version = None;
        }
        self.look(world, None);
        true
    }

    /// Whether something is in its grace, and until when there may be writes for it.
    pub fn pending(&self) -> Option<Timestamp> {
        let reached = self.lapsed.iter().filter(|(pair, _)| self.ever_reached.contains(*pair));
        let latest = reached.map(|(_, since)| *since).max()?;
        Some(latest + self.grace)
    }

    /// The trouble is over for two clocks: what is reachable is what the tags ask for.
    pub fn end(&mut self, world: &World) {
        self.look(world, None);
        for pair in self.pairs(world) {
            let is_reached = self.reached.contains(&pair);
            let standing = self.standing(world, &pair);
            let consented = self.consents.get(&pair.1).is_some_and(|it| !it.is_empty());
            let should_be = match standing {
                // The blue side that has been switched over keeps its tags and means nothing by
                // them.
                Standing::Asked if is_old(world, &pair.1) => None,
                // A refused pattern keeps things as they are.
                Standing::Asked if self.has_pattern(world) => None,
                Standing::Asked => Some(consented),
                Standing::Explicit => Some(false),
                Standing::Lapsed if self.is_braked(world, &pair) => None,
                Standing::Lapsed | Standing::NotAllowed => Some(false),
                // It stays as it is; or until the other network works, which it may never do.
                Standing::Refused | Standing::Moved => None,
            };
            if should_be.is_some_and(|it| it != is_reached) {
                let client = &self.cast.clients[pair.0];
                let why = reach::reachable(world, client, &name(world, &pair.1));
                let at = why.broken_at.unwrap_or_default();
                self.report("END", world, format!("{pair:?} {standing:?}: {is_reached} {at}"));
            }
        }
    }

    /// A law is broken.
    pub fn report(&mut self, law: &str, world: &World, what: String) {
        if self.broken.len() < 5 {
            let at = world.now().strftime("%T");
            self.broken.push(format!("{law} at {at}, call {}: {what}", self.number));
        }
    }

    fn pairs(&self, world: &World) -> Vec<Pair> {
        let clients = 0..self.cast.clients.len();
        let databases: Vec<&str> = world.databases().map(|it| it.resource_id).collect();
        clients.flat_map(|it| databases.iter().map(move |id| (it, (*id).to_owned()))).collect()
    }

    fn standing(&self, world: &World, (client, database): &Pair) -> Standing {
        let names: BTreeSet<String> =
            self.allowed.iter().filter_map(|it| it.split('@').next()).map(str::to_owned).collect();
        standing(world, &names, &self.cast.clients[*client], database)
    }

    /// Looks at the world; what is lost since the last look is this call's doing.
    fn look(&mut self, world: &World, blamed: Option<&Call>) {
        if self.version == Some(world.version()) && self.strange.is_empty() {
            return;
        }
        self.version = Some(world.version());
        for it in world.switchovers().filter(|it| it.is_done) {
            let of_blue = self.consents.get(it.blue).cloned().unwrap_or_default();
            self.consents.entry(it.green.to_owned()).or_default().extend(of_blue);
        }
        let clients = self.cast.clients.clone();
        let is_open = |(client, id): &Pair| {
            reach::reachable(world, &clients[*client], &name(world, id)).reachable
        };
        let all = self.pairs(world);
        let reached: BTreeSet<Pair> = all.into_iter().filter(is_open).collect();
        let before = std::mem::replace(&mut self.reached, reached);
        self.ever_reached.extend(self.reached.iter().cloned());
        if let Some(call) = blamed {
            for pair in before.difference(&self.reached.clone()) {
                self.lost(world, pair, call);
            }
        }
        self.stand(world);
        self.unasked(world);
        self.told.look(world);
    }

    fn lost(&mut self, world: &World, pair: &Pair, call: &Call) {
        // Without what carried it, nothing tells any more why it might go.
        if self.is_over(world, pair) && !self.is_braked(world, pair) {
            return;
        }
        let since = self.protected.get(pair).filter(|_| !self.may_go(world, pair)).copied();
        if since.is_some_and(|since| since + MOMENT <= world.now()) {
            let what = format!("{} cut {pair:?}, {:?}", call.action, self.standing(world, pair));
            self.report("PATH", world, what);
        }
    }

    /// How every pair stands now, and since when.
    fn stand(&mut self, world: &World) {
        let now = world.now();
        self.braked = match self.lapses(world) {
            true => self.braked.or(Some(now)),
            false => None,
        };
        for pair in self.pairs(world) {
            match self.standing(world, &pair) {
                Standing::Asked | Standing::Explicit | Standing::Refused => {
                    if let Some(since) = self.lapsed.remove(&pair) {
                        self.returned.insert(pair.clone(), (since, now));
                    }
                }
                // A return so short that a pass may have missed it is none.
                _ => {
                    let returned = self.returned.remove(&pair);
                    let unseen = returned.filter(|(_, from)| *from + MOMENT > now);
                    let since = unseen.map_or(now, |(since, _)| since);
                    self.lapsed.entry(pair.clone()).or_insert(since);
                }
            }
            let may_go = self.may_go(world, &pair);
            let was_free = self.free.remove(&pair).is_some_and(|since| since <= now);
            if may_go || was_free {
                self.protected.remove(&pair);
            }
            if !may_go {
                self.protected.entry(pair.clone()).or_insert(now);
            }
            let over = self.lapsed.get(&pair).map(|since| *since + self.grace - ROUNDING);
            if let Some(over) = over.filter(|_| !self.is_braked(world, &pair)) {
                self.free.insert(pair, over);
            }
        }
    }

    /// Whether this pair's grace was over when the world was looked at last.
    fn is_over(&self, world: &World, pair: &Pair) -> bool {
        let since = self.lapsed.get(pair);
        since.is_some_and(|since| *since + self.grace - ROUNDING <= world.now())
    }

    /// Whether this pair's path, if there is one, may be cut now.
    fn may_go(&self, world: &World, pair: &Pair) -> bool {
        let is_over = self.is_over(world, pair);
        let never = self.consents.get(&pair.1).is_none_or(BTreeSet::is_empty);
        match self.standing(world, pair) {
            Standing::Explicit => true,
            Standing::Asked | Standing::Refused => never,
            Standing::NotAllowed => never || is_over,
            Standing::Lapsed | Standing::Moved => never || is_over && !self.is_braked(world, pair),
        }
    }

    /// Whether so many databases lost their tags that none of it is believed.
    fn lapses(&self, world: &World) -> bool {
        let exposed: BTreeSet<&str> = world.exposures().map(|it| it.database).collect();
        let lost = exposed.iter().filter(|arn| {
            let found = world.databases().find(|it| it.arn == **arn);
            found.is_some_and(|it| self.is_lapsed(it.tags))
        });
        let lost = lost.count();
        lost > BRAKE.0 && lost * 100 > exposed.len() * BRAKE.1
    }

    /// Whether this pair's going is braked: its database lost its tag with many others, a while
    /// ago, and that is all that it lost.
    fn is_braked(&self, world: &World, pair: &Pair) -> bool {
        let is_old = self.braked.is_some_and(|since| since + MOMENT <= world.now());
        let found = world.databases().find(|it| it.resource_id == pair.1);
        let names = |id: &str, key: &str| {
            let value = world.tags_of(id).and_then(|tags| tags.get(key));
            Wish::read(value.map(String::as_str)).names(PATH)
        };
        is_old
            && found.is_some_and(|it| self.is_lapsed(it.tags))
            && names(&self.cast.two_vpcs.consumer_vpc, "trellis:consume")
            && names(&self.cast.clients[pair.0], "trellis:client")
    }

    /// Whether the consumer VPC asks for a pattern of its own.
    fn has_pattern(&self, world: &World) -> bool {
        let tags = world.tags_of(&self.cast.two_vpcs.consumer_vpc);
        tags.is_some_and(|tags| tags.contains_key("trellis:via"))
    }

    /// Whether a database's tag is gone, or leads elsewhere.
    fn is_lapsed(&self, tags: &Tags) -> bool {
        match Wish::read(tags.get("trellis:expose").map(String::as_str)) {
            Wish::None => true,
            Wish::Off | Wish::Nonsense => false,
            Wish::Networks(networks) => {
                !networks.contains(PATH) && networks.iter().any(|it| self.allowed.contains(it))
            }
        }
    }

    /// What is exposed and nobody asked for.
    fn unasked(&mut self, world: &World) {
        let mut strange = BTreeMap::new();
        for (client, id) in &self.reached {
            if self.consents.get(id).is_none_or(BTreeSet::is_empty) {
                strange.insert(format!("client {client} reaches {}", name(world, id)), false);
            }
        }
        for it in world.exposures().filter(|it| ours(world.tags_of(it.association))) {
            let entries = [it.network.to_owned(), format!("{}@{}", it.network, it.owner)];
            let is_own = it.owner == world.account;
            let entry = &entries[usize::from(!is_own)];
            if !self.ever_allowed.contains(entry) {
                strange.insert(format!("{} is on {}@{}", it.database, it.network, it.owner), true);
            }
            let Some(database) = world.databases().find(|one| one.arn == it.database) else {
                continue;
            };
            let of = self.consents.get(database.resource_id);
            if !of.is_some_and(|networks| networks.contains(it.network)) {
                strange.insert(format!("{} is on {}", database.name, it.network), false);
            }
        }
        let now = world.now();
        let old = std::mem::take(&mut self.strange);
        for (what, is_plain) in strange {
            let since = old.get(&what).copied().unwrap_or(now);
            let is_new = !self.broken.iter().any(|it| it.ends_with(&what));
            if is_new && (is_plain || since + self.reaction < now) {
                self.report("ASKED", world, what.clone());
            }
            self.strange.insert(what, since);
        }
    }
}

/// Whether a database has been the blue side of a switchover.
fn is_old(world: &World, id: &str) -> bool {
    world.switchovers().any(|it| it.blue == id && it.is_done)
}

fn name(world: &World, id: &str) -> String {
    let found = world.databases().find(|it| it.resource_id == id);
    found.map(|it| it.name.to_owned()).unwrap_or_default()
}

/// A judge who is also a witness.
pub struct Seat(pub std::sync::Arc<std::sync::Mutex<Judge>>);

impl Witness for Seat {
    fn before(&mut self, world: &mut World, call: &Call, number: u64) {
        let mut judge = self.0.lock().expect("nobody panicked");
        judge.number = number;
        while let Some(at) = judge.acts.iter().position(|(at, _)| *at == number) {
            let (_, act) = judge.acts.remove(at);
            judge.act(&act, world);
        }
        judge.look(world, None);
        if let Some(what) = super::proof::not_ours(world, call) {
            judge.report("OURS", world, what);
        }
    }

    fn after(&mut self, world: &World, call: &Call) {
        self.0.lock().expect("nobody panicked").look(world, Some(call));
    }
}
