//! Stories: text files that are replayed against the simulated AWS, transcript and all.
//!
//! | line              | what it is                                                        |
//! |-------------------|-------------------------------------------------------------------|
//! | `# …`             | prose                                                             |
//! | `> …`             | a command: what people do (`commands`) or look at (`Story::obey`), or |
//! |                   | what AWS does to them (`trouble`)                                  |
//! | two spaces, `…`   | what came of it, written anew by every replay                     |
//!
//! What `settle` and `wait` print are the steps that each side of Trellis took, in their order,
//! then the status of every database and VPC, as the tag `trellis:status` shows it in the console.
//! Ids are seeded and have names of their own here (`names`), so a transcript never changes unless
//! what it tells does.
//!
//! `new world` begins again, with nothing but the two VPCs, the database `orders` in `provider` and
//! the security group `client` in `consumer`. `connected world` does, too, and connects them as the
//! first story tells it.

mod commands;
mod names;
mod stage;
mod transcript;
mod trouble;

use jiff::SignedDuration;
use reconcile::id::NetworkName;
use reconcile::settings::{Mode, as_for_all};
use sim::Switches;
use sim::switches::{
    AddressesPerConfiguration, ChildAssociations, ChildNames, GatewayAddresses, GreenTags,
    OrphanedConfiguration, SecondEndpoint, SpentToken,
};

use crate::scene::{Scene, scene, settings};
use names::Names;
use stage::Stage;

/// The seed of every story.
const SEED: u64 = 7;
/// The commands that begin again.
const NEW_WORLDS: [&str; 2] = ["> new world", "> connected world"];
/// What people do to connect the world.
const CONNECT: [&str; 3] = [
    "tag database orders trellis:expose=databases",
    "tag vpc consumer trellis:consume=databases",
    "tag group client trellis:client=databases",
];
/// The longest that an invocation still at work holds up what comes after a `wait`.
const LONGEST_INVOCATION: SignedDuration = SignedDuration::from_mins(10);

/// The story with what comes of its commands today.
///
/// # Panics
///
/// If a command makes no sense, or AWS refuses what people do.
pub fn replay(text: &str) -> String {
    let mut worlds: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines().filter(|line| is_written(line)) {
        if NEW_WORLDS.contains(&line) {
            worlds.push(Vec::new());
        }
        worlds.last_mut().expect("there is one").push(line);
    }
    let transcript =
        worlds.into_iter().flat_map(|lines| scene(settings(), SEED, transcript(lines)));
    transcript.map(|line| format!("{line}\n")).collect()
}

/// Whether an author wrote this line; all others are transcript.
fn is_written(line: &str) -> bool {
    line.is_empty() || line.starts_with('#') || line.starts_with("> ")
}

fn transcript(lines: Vec<&str>) -> impl AsyncFnOnce(&Scene) -> Vec<String> {
    async move |scene| {
        let mut story = Story::new(scene);
        let mut transcript = Vec::new();
        for line in lines {
            transcript.push(line.to_owned());
            if let Some(command) = line.strip_prefix("> ") {
                let words: Vec<&str> = command.split_whitespace().collect();
                transcript.extend(story.obey(&words).await.iter().map(|line| format!("  {line}")));
            }
        }
        transcript
    }
}

/// A story while it is being told.
struct Story<'a> {
    scene: &'a Scene,
    stage: Stage<'a>,
    names: Names,
    /// The last call that `writes` looked at.
    last_call: u64,
}

impl Story<'_> {
    fn new(scene: &Scene) -> Story<'_> {
        let stage = Stage(&scene.sim);
        Story { scene, stage, names: Names::default(), last_call: 0 }
    }

    /// Does what a command says, and answers what there is to be seen.
    async fn obey(&mut self, words: &[&str]) -> Vec<String> {
        if self.stage.trouble(words) {
            return Vec::new();
        }
        match *words {
            ["new", "world"] => Vec::new(),
            ["connected", "world"] => {
                for command in CONNECT {
                    self.stage.act(&command.split_whitespace().collect::<Vec<_>>());
                }
                self.scene.settle().await;
                self.writes();
                self.events();
                self.standing()
            }
            ["settle"] => {
                let taken = self.scene.settle().await;
                let mut transcript = self.steps(taken);
                transcript.extend(self.left_over().await);
                transcript.extend(self.standing());
                transcript
            }
            ["wait", time] => {
                let time: SignedDuration = time.parse().expect("a time such as 5m");
                let end = self.scene.sim.now() + time;
                let is_over = |scene: &Scene| scene.sim.now() >= end;
                let taken = self.scene.live_until(time + LONGEST_INVOCATION, is_over).await;
                let mut transcript = self.steps(taken);
                transcript.extend(self.standing());
                transcript
            }
            ["delete", kind @ ("subnet" | "vpc" | "group"), name] => {
                vec![self.stage.delete(kind, name)]
            }
            ["parameters"] => self.parameters(),
            ["reach"] => self.reach("orders", "client"),
            ["reach", database, "from", group] => self.reach(database, group),
            ["ours"] => self.ours(),
            ["left"] => self.left().await,
            ["writes"] => self.writes(),
            ["events"] => self.events(),
            ["deploy", ref parameters @ ..] => {
                self.deploy(parameters);
                Vec::new()
            }
            ["switch", "trail", state] => {
                let trail = (state == "on").then(|| SignedDuration::from_mins(1));
                self.scene.sim.world(|world| world.switches.trail = trail);
                Vec::new()
            }
            ["switch", "rules-per-group", count] => {
                let count = count.parse().expect("a number");
                self.scene.sim.world(|world| world.switches.quotas.rules_per_group = count);
                Vec::new()
            }
            ["switch", name, way] => {
                self.scene.sim.world(|world| switch(&mut world.switches, name, way));
                Vec::new()
            }
            _ => {
                self.stage.act(words);
                Vec::new()
            }
        }
    }
}

impl Story<'_> {
    /// The stack is updated with these parameters, beside the defaults.
    fn deploy(&self, parameters: &[&str]) {
        let mut settings = self.scene.settings.clone();
        for parameter in parameters {
            match parameter.split_once('=').expect("a parameter has a value") {
                ("Networks", list) => {
                    settings.networks = as_for_all(list.split('+').map(NetworkName::from));
                }
                ("Mode", "apply") => settings.mode = Mode::Apply,
                ("Mode", "create-only") => settings.mode = Mode::CreateOnly,
                ("Mode", "plan") => settings.mode = Mode::Plan,
                ("Mode", "withdraw") => settings.mode = Mode::Withdraw,
                ("ConnectionParameters", value) => settings.parameters = value == "on",
                ("DatabaseRules", value) => settings.database_rules = value == "on",
                ("StatusTags", value) => settings.status_tags = value.parse().expect("a word"),
                ("HoldOffMinutes", value) => {
                    settings.hold_off = SignedDuration::from_mins(value.parse().expect("minutes"));
                }
                ("OverdueMinutes", value) => {
                    settings.overdue = SignedDuration::from_mins(value.parse().expect("minutes"));
                }
                _ => panic!("no story sets {parameter}"),
            }
        }
        self.scene.deploy(&settings);
    }
}

/// Puts a switch of the simulated AWS into one of its positions.
fn switch(switches: &mut Switches, name: &str, way: &str) {
    match (name, way) {
        ("green-tags", "at-creation") => switches.green_tags = GreenTags::AtCreation,
        ("green-tags", "at-switchover") => switches.green_tags = GreenTags::AtSwitchover,
        ("green-tags", "never") => switches.green_tags = GreenTags::Never,
        ("orphaned-configuration", "stays-active") => {
            switches.orphaned_configuration = OrphanedConfiguration::StaysActive;
        }
        ("orphaned-configuration", "fails") => {
            switches.orphaned_configuration = OrphanedConfiguration::Fails;
        }
        ("spent-token", "makes-anew") => switches.spent_token = SpentToken::MakesAnew,
        ("spent-token", "answers-old") => switches.spent_token = SpentToken::AnswersOld,
        ("addresses-per-configuration", "per-child") => {
            switches.addresses_per_configuration = AddressesPerConfiguration::PerChild;
        }
        ("addresses-per-configuration", "parent-and-children") => {
            switches.addresses_per_configuration = AddressesPerConfiguration::ParentAndChildren;
        }
        ("second-endpoint", "refused") => switches.second_endpoint = SecondEndpoint::Refused,
        ("second-endpoint", "fails") => switches.second_endpoint = SecondEndpoint::Fails,
        ("second-endpoint", "works") => switches.second_endpoint = SecondEndpoint::Works,
        ("gateway-addresses", "single") => switches.gateway_addresses = GatewayAddresses::Single,
        ("children", "by-themselves") => {
            switches.child_names = ChildNames::Own;
            switches.child_associations = ChildAssociations::WhenAskedFor;
        }
        ("children", "like-the-article") => {
            switches.child_names = ChildNames::OfParentAndDatabase;
            switches.child_associations = ChildAssociations::Always;
        }
        ("gateway-addresses", "block") => switches.gateway_addresses = GatewayAddresses::Block,
        ("tag-event-on-delete", "on") => switches.tag_event_on_delete = true,
        ("tag-event-on-delete", "off") => switches.tag_event_on_delete = false,
        _ => panic!("no switch {name} has a position {way}"),
    }
}
