//! What the tags say, read anew from the README: no code of the planner's is in here.

use std::collections::BTreeSet;

use sim::{Tags, World};

/// What one tag asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// There is no such tag.
    None,
    /// Nothing that makes sense.
    Nonsense,
    /// Nothing, and this is meant.
    Off,
    /// These networks.
    Networks(BTreeSet<String>),
}

impl Wish {
    /// What this value asks for.
    pub fn read(value: Option<&str>) -> Wish {
        let Some(value) = value else { return Wish::None };
        let words: BTreeSet<String> =
            value.split(['+', ' ']).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let is_name = |word: &String| {
            (3..=63).contains(&word.len())
                && word != "off"
                && word.split('-').all(|part| {
                    !part.is_empty()
                        && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                })
        };
        match words.len() {
            0 => Wish::Nonsense,
            1 if words.contains("off") => Wish::Off,
            _ if words.iter().all(is_name) => Wish::Networks(words),
            _ => Wish::Nonsense,
        }
    }

    fn of(tags: Option<&Tags>, key: &str) -> Wish {
        Wish::read(tags.and_then(|tags| tags.get(key)).map(String::as_str))
    }

    /// Whether it names this network.
    pub fn names(&self, network: &str) -> bool {
        matches!(self, Wish::Networks(named) if named.contains(network))
    }
}

/// How the wish that a client group reaches a database stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is asked for and allowed.
    Asked,
    /// Somebody said `off`, or the database is not there.
    Explicit,
    /// What carries it is no longer allowed.
    NotAllowed,
    /// A tag has vanished, perhaps by accident.
    Lapsed,
    /// The tags name allowed networks, and not the same, or not the one that carries it; or one is
    /// refused and one has vanished.
    Moved,
    /// What a tag says is refused: that is no reason for what works to go.
    Refused,
}

/// How it stands between this client group and this database.
pub fn standing(
    world: &World,
    allowed: &BTreeSet<String>,
    client: &str,
    database: &str,
) -> Standing {
    let Some(database) = world.databases().find(|it| it.resource_id == database) else {
        return Standing::Explicit;
    };
    let Some(group) = world.groups().find(|it| it.id == client) else {
        return Standing::Explicit;
    };
    let expose = Wish::of(Some(database.tags), "trellis:expose");
    let consume = Wish::of(world.tags_of(group.vpc), "trellis:consume");
    let client = Wish::of(Some(group.tags), "trellis:client");
    let all = [&expose, &consume, &client];
    if database.status == "deleting" || all.contains(&&Wish::Off) {
        return Standing::Explicit;
    }
    if allowed.iter().any(|network| all.iter().all(|wish| wish.names(network))) {
        return Standing::Asked;
    }
    let leads_to =
        |network: &str| world.connections().any(|it| it.vpc == group.vpc && it.network == network);
    let on = world.exposures().filter(|it| it.database == database.arn);
    let on = on.filter(|it| leads_to(it.network_arn)).map(|it| it.network);
    let on: BTreeSet<&str> = on.collect();
    if !on.is_empty() && on.iter().all(|network| !allowed.contains(*network)) {
        return Standing::NotAllowed;
    }
    let is_refused =
        |wish: &&&Wish| **wish != &Wish::None && !allowed.iter().any(|network| wish.names(network));
    let refused = all.iter().filter(is_refused).count();
    let moves = |network: &&&str| {
        all.iter().any(|wish| **wish != Wish::None && !is_refused(&wish) && !wish.names(network))
    };
    if !on.is_empty() && on.iter().filter(|it| !moves(it)).count() == 0 {
        return Standing::Moved;
    }
    match (all.contains(&&Wish::None), refused) {
        (true, 0) => Standing::Lapsed,
        (false, 1..) => Standing::Refused,
        _ => Standing::Moved,
    }
}

/// The networks that a database asks for.
pub fn asked(tags: &Tags) -> BTreeSet<String> {
    match Wish::of(Some(tags), "trellis:expose") {
        Wish::Networks(networks) => networks,
        _ => BTreeSet::new(),
    }
}
