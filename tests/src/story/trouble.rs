//! What AWS does to people and to Trellis in a story, command by command.

use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::awkward::Omission;
use sim::{Asked, Call, Fate, Fault, Rule, Service};

use super::stage::Stage;

/// `DeleteVpcEndpoints` deletes none, with this reason for each, and answers 200 all the same (EC2
/// API Reference, "DeleteVpcEndpoints").
struct Unsuccessful(Fault);

impl Rule for Unsuccessful {
    fn fate(&mut self, call: &Call, _: u64) -> Fate {
        match call.action == "DeleteVpcEndpoints" {
            true => Fate::Refuse(self.0.clone()),
            false => Fate::Pass,
        }
    }

    fn alter(&mut self, asked: &Asked<'_>, answer: &mut Result<Value, Fault>) {
        if asked.call.action != "DeleteVpcEndpoints" || answer.is_ok() {
            return;
        }
        let ids = asked.call.members["VpcEndpointId"].as_array().into_iter().flatten();
        let error = json!({"code": self.0.code, "message": self.0.message});
        let items: Vec<Value> =
            ids.map(|id| json!({"resourceId": id, "error": error.clone()})).collect();
        *answer = Ok(json!({"unsuccessful": {"item": items}}));
    }
}

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
            ["aws", "refuses", "DeleteVpcEndpoints", code, ref text @ ..] => {
                let fault = Fault::new(code, 400, text.join(" "));
                self.0.put_rule(Unsuccessful(fault));
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
