//! What there is to be seen: steps, status, ways, resources, calls.

use std::collections::BTreeMap;

use aws::Side;
use aws::pass::Mode;
use reconcile::outcome::Taken;
use serde_json::json;
use sim::{Service, reach};

use super::Story;
use super::stage::text;

const SIDES: [Side; 2] = [Side::ExposeDatabase, Side::ConnectVpc];

impl Story<'_> {
    /// The steps, side by side. One that was repeated stands there once, with how often.
    pub(super) fn steps(&mut self, taken: Vec<(Side, Taken)>) -> Vec<String> {
        let mut told: Vec<(String, usize)> = Vec::new();
        for side in SIDES {
            for (_, Taken { verb, key, error, .. }) in taken.iter().filter(|(of, _)| *of == side) {
                let error = error.as_deref().map(without_request).unwrap_or_default();
                let line = self.names.put(&self.stage, &format!("{side}: {verb} {key}{error}"));
                match told.iter_mut().find(|(other, _)| *other == line) {
                    Some((_, count)) => *count += 1,
                    None => told.push((line, 1)),
                }
            }
        }
        let times = |(line, count)| match count {
            1 => line,
            count => format!("{line} ({count} times)"),
        };
        told.into_iter().map(times).collect()
    }

    /// What a side would still do, or wait for: nothing in a settled world.
    pub(super) async fn left_over(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        for side in SIDES {
            let pass = self.scene.side(side).pass(side, Mode::DryRun).await;
            let outcome = pass.expect("nothing keeps the world from being read");
            for Taken { verb, key, .. } in outcome.steps {
                told.push(format!("{side} would still {verb} {key}"));
            }
            for waiting in outcome.waiting {
                told.push(format!("{side} still waits with {} for {}", waiting.key, waiting.on));
            }
        }
        told.iter().map(|line| self.names.put(&self.stage, line)).collect()
    }

    /// The parameters that other stacks read.
    pub(super) fn parameters(&mut self) -> Vec<String> {
        let members = json!({"Path": "/", "Recursive": true});
        let all = self.stage.call(Service::Ssm, "GetParametersByPath", members);
        let all = all["Parameters"].as_array().cloned().unwrap_or_default();
        let lines = all.iter().map(|it| format!("{} is {}", text(&it["Name"]), text(&it["Value"])));
        let lines: Vec<String> = lines.collect();
        match lines.is_empty() {
            true => vec!["no parameter".to_owned()],
            false => lines.iter().map(|line| self.names.put(&self.stage, line)).collect(),
        }
    }

    /// The status of every database and VPC, as their tags show it.
    pub(super) fn standing(&mut self) -> Vec<String> {
        let standing = self.stage.statuses();
        let lines = standing.iter().map(|(name, status)| format!("{name}: {status}"));
        lines.map(|line| self.names.put(&self.stage, &line)).collect()
    }

    /// Whether members of a group reach a database: by which names, or where the way ends.
    pub(super) fn reach(&mut self, database: &str, group: &str) -> Vec<String> {
        let from = self.stage.group(group);
        let to = self.stage.identifier(database);
        let reachability = self.scene.sim.world(|world| reach::reachable(world, &from, &to));
        if reachability.reachable {
            let name = |name: &String| match name.starts_with(&format!("{to}.")) {
                true => "its own name",
                false => "the endpoint's name",
            };
            let by: Vec<_> = reachability.by.iter().map(name).collect();
            return vec![format!("{group} reaches {database} by {}", by.join(" and by "))];
        }
        let closed = reachability.hops.iter().find(|hop| !hop.is_open).expect("one is closed");
        let line = format!("{group} does not reach {database}: {} ({})", closed.at, closed.why);
        vec![self.names.put(&self.stage, &line)]
    }

    /// What carries the tags of this deployment, with the deadline of what is in grace.
    pub(super) fn ours(&mut self) -> Vec<String> {
        let mut told: Vec<String> = Vec::new();
        for (id, tags) in self.stage.ours() {
            let of = |key: &str| tags.get(key).map(String::as_str);
            let key = of(reconcile::tag::FOR).unwrap_or_default();
            let grace = of(reconcile::tag::WITHDRAW_AFTER)
                .map(|deadline| format!(", to be withdrawn after {deadline}"))
                .unwrap_or_default();
            let line = format!("{key} is {id}{grace}");
            told.push(self.names.put(&self.stage, &line));
        }
        told.sort();
        if told.is_empty() {
            told.push("nothing".to_owned());
        }
        told
    }

    /// What a deployment that is taken down says is left of it.
    pub(super) async fn left(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        for side in SIDES {
            let left = self.scene.side(side).left(side).await;
            let left = left.expect("nothing keeps the world from being read");
            told.extend(left.iter().map(|line| format!("{side} leaves {line}")));
        }
        if told.is_empty() {
            return vec!["nothing".to_owned()];
        }
        told.iter().map(|line| self.names.put(&self.stage, line)).collect()
    }

    /// The events that Trellis has put since the last time.
    pub(super) fn events(&mut self) -> Vec<String> {
        let told = std::mem::take(&mut *self.scene.told.borrow_mut());
        let known = ["deployment", "side", "at"];
        let lines = told.iter().map(|event| {
            let detail = event["detail"].as_object().into_iter().flatten();
            let parts = detail.filter(|(name, _)| !known.contains(&name.as_str())).map(|part| {
                let (name, value) = part;
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("{name} {text}")
            });
            let side = event["detail"]["side"].as_str().unwrap_or_default();
            let kind = event["detail-type"].as_str().unwrap_or_default();
            format!("{side} tells {kind}: {}", parts.collect::<Vec<_>>().join(", "))
        });
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() {
            return vec!["no event".to_owned()];
        }
        lines.iter().map(|line| self.names.put(&self.stage, line)).collect()
    }

    /// The calls with which Trellis changed something since the last time.
    pub(super) fn writes(&mut self) -> Vec<String> {
        let calls = self.scene.sim.calls_since(self.last_call);
        self.last_call = calls.last().map_or(self.last_call, |call| call.number);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for call in calls.iter().filter(|call| call.is_write()) {
            *counts.entry(&call.action).or_default() += 1;
        }
        if counts.is_empty() {
            return vec!["no write".to_owned()];
        }
        counts.into_iter().map(|(action, count)| format!("{action} {count}")).collect()
    }
}

impl super::Stage<'_> {
    /// The resources with an owner tag of this deployment: their ids, and their tags.
    fn ours(&self) -> Vec<(String, BTreeMap<String, String>)> {
        let mut ours: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let tags = self.call(Service::Ec2, "DescribeTags", json!({}));
        for tag in items(&tags["tagSet"]["item"]) {
            let text = |member: &str| tag[member].as_str().unwrap_or_default().to_owned();
            ours.entry(text("resourceId")).or_default().insert(text("key"), text("value"));
        }
        let networks = self.lattice("ListServiceNetworks", json!({}));
        let associations = networks.iter().flat_map(|(_, arn)| {
            let members = json!({"serviceNetworkIdentifier": arn});
            self.lattice("ListServiceNetworkResourceAssociations", members)
        });
        let all = [
            associations.collect(),
            self.lattice("ListResourceGateways", json!({})),
            self.lattice("ListResourceConfigurations", json!({})),
            networks,
        ];
        for (id, arn) in all.into_iter().flatten() {
            let found =
                self.call(Service::Lattice, "ListTagsForResource", json!({"resourceArn": arn}));
            let tags = serde_json::from_value(found["tags"].clone()).expect("tags are texts");
            ours.insert(id, tags);
        }
        let is_ours = |tags: &BTreeMap<String, String>| {
            tags.get(reconcile::tag::OWNER).is_some_and(|owner| owner == "trellis")
        };
        ours.into_iter().filter(|(_, tags)| is_ours(tags)).collect()
    }

    /// Ids and ARNs of a listing of VPC Lattice.
    fn lattice(&self, action: &str, members: serde_json::Value) -> Vec<(String, String)> {
        let found = self.call(Service::Lattice, action, members);
        let text = |member: &serde_json::Value| member.as_str().unwrap_or_default().to_owned();
        items(&found["items"]).iter().map(|item| (text(&item["id"]), text(&item["arn"]))).collect()
    }
}

/// What AWS said, without the id of the request, which tells nothing.
fn without_request(error: &str) -> String {
    let end = error.find(", aws_request_id").unwrap_or(error.len());
    format!(": {}", &error[..end])
}

fn items(list: &serde_json::Value) -> &[serde_json::Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}
