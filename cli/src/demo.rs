//! The main job, to watch: tags appear, a database becomes reachable, the tags go again.

use std::path::PathBuf;
use std::time::Duration;

use anstyle::Style;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::reach::{self, Reachability};
use sim::two_vpcs::TwoVpcs;
use sim::{Call, Service};

use crate::lab::{Lab, LabError, Options};
use crate::look::Look;
use crate::picture::picture;
use crate::show::{BAD, BOLD, FAINT, GOOD, Screen};

/// How often the screen is brought up to date.
const FRAME: Duration = Duration::from_millis(40);

/// When to give up waiting, in simulated time: several times of what AWS and the grace period
/// take together.
const PATIENCE: SignedDuration = SignedDuration::from_mins(45);

/// Runs the demo. True if everything was as it should be.
///
/// # Errors
///
/// The lab cannot be set up.
pub async fn run(program: PathBuf, speed: f64) -> Result<bool, LabError> {
    let lab = Lab::start(Options::new(program, speed)).await?;
    anstream::println!(
        "{BOLD}Trellis on a simulated AWS{BOLD:#}, {speed} times faster than real time; times are \
         simulated minutes and seconds.\n"
    );
    let went_well = match lab.two_vpcs.clone() {
        Some(two_vpcs) => Demo { screen: Screen::new(&lab), lab: &lab, two_vpcs }.play().await,
        None => false,
    };
    lab.stop().await;
    Ok(went_well)
}

/// What the demo does to the tags.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tagging {
    Add,
    Remove,
}

struct Demo<'a> {
    screen: Screen,
    lab: &'a Lab,
    two_vpcs: TwoVpcs,
}

impl Demo<'_> {
    async fn play(&mut self) -> bool {
        let before = self.look();
        let TwoVpcs { database, consumer_vpc, client_group, .. } = self.two_vpcs.clone();
        let scene = format!(
            "There is a private database, {database}, and a VPC, {consumer_vpc}, that nothing \
             connects with it."
        );
        self.say(BOLD, &scene);
        let first = self.reachability("Before");
        self.tag(Tagging::Add);
        self.say(FAINT, "From here on nobody but the functions touches anything.");
        let connected = self.wait(|demo| demo.names().len() == 2 && demo.lab.is_idle()).await;
        let second = self.reachability("With the tags");
        anstream::println!("\n{}", picture(&self.look(), &database, &client_group));
        self.tag(Tagging::Remove);
        self.say(
            FAINT,
            "A vanished tag may be an accident, so nothing happens for a grace period of 15 \
             simulated minutes.",
        );
        let cleared =
            self.wait(|demo| demo.look().ours().next().is_none() && demo.lab.is_idle()).await;
        let third = self.reachability("Without the tags");
        let untouched = self.compare(&before, &self.look());
        if !(connected && cleared) {
            self.say(BAD, &format!("Gave up after {} simulated minutes.", PATIENCE.as_mins()));
        }
        let was_right = !first.reachable && second.by.len() == 2 && !third.reachable;
        was_right && connected && cleared && untouched
    }

    fn look(&self) -> Look {
        self.lab.sim().world(|world| Look::at(world))
    }

    fn say(&mut self, style: Style, text: &str) {
        self.screen.refresh(self.lab);
        self.screen.say(self.lab, style, text);
    }

    fn reachable(&self) -> Reachability {
        let TwoVpcs { client_group, database, .. } = &self.two_vpcs;
        self.lab.sim().world(|world| reach::reachable(world, client_group, database))
    }

    /// The names by which the database is reachable.
    fn names(&self) -> Vec<String> {
        self.reachable().by
    }

    fn reachability(&mut self, when: &str) -> Reachability {
        let reachability = self.reachable();
        let (style, text) = if reachability.reachable {
            (GOOD, format!("{when}: reachable, by {}", reachability.by.join(" and by ")))
        } else {
            let closed = reachability.hops.iter().find(|hop| !hop.is_open);
            let hop = closed.map(|hop| format!(": {} ({})", hop.at, hop.why)).unwrap_or_default();
            (BOLD, format!("{when}: not reachable{hop}"))
        };
        self.say(style, &text);
        reachability
    }

    /// The three tags that people write, or their removal.
    fn tag(&mut self, tagging: Tagging) {
        let TwoVpcs { database_arn, consumer_vpc, client_group, .. } = self.two_vpcs.clone();
        for (key, thing) in [
            ("trellis:expose", &database_arn),
            ("trellis:consume", &consumer_vpc),
            ("trellis:client", &client_group),
        ] {
            let (call, text) = match tagging {
                Tagging::Add => {
                    (add_tag(thing, key), format!("Somebody tags {thing} with {key}=databases"))
                }
                Tagging::Remove => {
                    (remove_tag(thing, key), format!("Somebody removes the tag {key} from {thing}"))
                }
            };
            match self.lab.sim().world(|world| world.answer(&call)) {
                Ok(_) => self.say(BOLD, &text),
                Err(fault) => self.say(BAD, &format!("{text}: {}", fault.message)),
            }
        }
    }

    /// Shows what happens until this is true. False if it never becomes true.
    async fn wait(&mut self, is_done: impl Fn(&Self) -> bool) -> bool {
        let deadline = self.lab.sim().now() + PATIENCE;
        while self.lab.sim().now() < deadline {
            self.screen.refresh(self.lab);
            if is_done(self) {
                self.screen.refresh(self.lab);
                return true;
            }
            tokio::time::sleep(FRAME).await;
        }
        false
    }

    /// Whether nothing of ours is left and everything else is as it was.
    fn compare(&mut self, before: &Look, after: &Look) -> bool {
        let left: Vec<_> =
            after.ours().map(|thing| format!("{} {}", thing.kind, thing.id)).collect();
        let (was, is) = (before.others(), after.others());
        let mut touched: Vec<_> =
            was.keys().chain(is.keys()).filter(|key| was.get(key) != is.get(key)).collect();
        touched.sort();
        touched.dedup();
        if left.is_empty() {
            self.say(GOOD, "Everything that Trellis made is gone.");
        } else {
            self.say(BAD, &format!("Left behind: {}", left.join(", ")));
        }
        if touched.is_empty() {
            let count = was.len();
            self.say(GOOD, &format!("All {count} other things in the account are as they were."));
        } else {
            let names: Vec<_> = touched.iter().map(|(kind, id)| format!("{kind} {id}")).collect();
            self.say(BAD, &format!("Not as it was: {}", names.join(", ")));
        }
        left.is_empty() && touched.is_empty()
    }
}

fn add_tag(thing: &str, key: &str) -> Call {
    let tag = json!({"Key": key, "Value": "databases"});
    if thing.starts_with("arn:") {
        let members = json!({"ResourceName": thing, "Tags": {"Tag": [tag]}});
        call(Service::Rds, "AddTagsToResource", members)
    } else {
        call(Service::Ec2, "CreateTags", json!({"ResourceId": [thing], "Tag": [tag]}))
    }
}

fn remove_tag(thing: &str, key: &str) -> Call {
    if thing.starts_with("arn:") {
        let members = json!({"ResourceName": thing, "TagKeys": {"member": [key]}});
        call(Service::Rds, "RemoveTagsFromResource", members)
    } else {
        call(Service::Ec2, "DeleteTags", json!({"ResourceId": [thing], "Tag": [{"Key": key}]}))
    }
}

fn call(service: Service, action: &str, members: Value) -> Call {
    Call { caller: "somebody".to_owned(), ..Call::new(service, action, members) }
}
