//! What AWS does to people and to Trellis in a story, command by command.

use jiff::SignedDuration;
use serde_json::json;
use sim::awkward::Omission;
use sim::{Call, Fate, Fault, Service};

use super::stage::Stage;

impl Stage<'_> {
    /// AWS misbehaves as a command says, if it is one that does. `aws is well` ends it.
    pub(super) fn trouble(&self, words: &[&str]) -> bool {
        match *words {
            [action, "lacks", "vpc", name, "once"] => {
                self.0.put_rule(Omission::of(action, &self.vpc(name), SignedDuration::ZERO));
            }
            [action, "lacks", "network", name, "once"] => {
                self.0.put_rule(Omission::of(action, name, SignedDuration::ZERO));
            }
            [action, "lacks", "subnet", name, "for", time] => {
                let time = time.parse().expect("a time such as 5m");
                self.0.put_rule(Omission::of(action, &self.subnet(name), time));
            }
            ["nobody", "may", action, "of", "network", name] => {
                let (action, arn) = (action.to_owned(), self.network(name));
                self.0.put_rule(move |call: &Call, _: u64| {
                    let is_it = call.action == action
                        && call.members["serviceNetworkIdentifier"] == arn.as_str();
                    let denied = "You are not authorized to perform this operation.";
                    match is_it {
                        true => Fate::Refuse(Fault::new("AccessDeniedException", 403, denied)),
                        false => Fate::Pass,
                    }
                });
            }
            ["aws", "refuses", action, code, ref text @ ..] => {
                let (action, code, text) = (action.to_owned(), code.to_owned(), text.join(" "));
                self.0.put_rule(move |call: &Call, _: u64| match call.action == action {
                    true => Fate::Refuse(Fault::new(&code, 400, text.clone())),
                    false => Fate::Pass,
                });
            }
            ["aws", "is", "well"] => self.0.clear_rules(),
            _ => return false,
        }
        true
    }

    /// The ARN of a service network.
    fn network(&self, name: &str) -> String {
        let all = self.call(Service::Lattice, "ListServiceNetworks", json!({}));
        let all = all["items"].as_array().cloned().unwrap_or_default();
        let found = all.iter().find(|item| item["name"] == name);
        found.expect("there is such a network")["arn"].as_str().unwrap_or_default().to_owned()
    }
}
