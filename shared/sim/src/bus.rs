//! The events that AWS puts on the default bus by itself.
//!
//! They are hints: best effort, after a while, and without the caller's name.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::world::{Tags, World};

/// An event that AWS puts on the default bus, ready to be matched and delivered.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it reaches the bus.
    pub at: Timestamp,
    /// The whole envelope: version, id, source, detail-type, account, time, region, resources,
    /// detail.
    pub envelope: Value,
}

impl World {
    /// An event is on its way to the bus. Returns the event's id.
    pub(crate) fn emit(
        &mut self,
        source: &str,
        detail_type: &str,
        resources: &[&str],
        detail: Value,
    ) -> String {
        let id = self.new_uuid();
        let envelope = json!({
            "version": "0",
            "id": id,
            "detail-type": detail_type,
            "source": source,
            "account": self.account,
            "time": self.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": self.region,
            "resources": resources,
            "detail": detail,
        });
        let at = self.now() + self.switches.durations.event;
        self.events.push(Event { at, envelope });
        id
    }

    /// The tags of a thing changed from `before` to `after`: "Tag Change on Resource", unless
    /// they are the same. `service` is `ec2`, `rds` or `vpc-lattice`; `resource_type` is the
    /// word that the service uses in these events: `vpc`, `db`, `service-network`.
    pub(crate) fn tag_changed(
        &mut self,
        service: &str,
        resource_type: &str,
        arn: &str,
        before: &Tags,
        after: &Tags,
    ) {
        let changed = changed_keys(before, after);
        if changed.is_empty() {
            return;
        }
        let version = self.tag_versions.entry(arn.to_owned()).or_default();
        *version += 1;
        let detail = json!({
            "changed-tag-keys": changed,
            "tags": after,
            "service": service,
            "resource-type": resource_type,
            "version": *version,
        });
        self.emit("aws.tag", "Tag Change on Resource", &[arn], detail);
    }
}

/// The keys that came, went or have another value.
fn changed_keys(before: &Tags, after: &Tags) -> Vec<String> {
    let all: BTreeMap<_, _> = before.iter().chain(after).collect();
    all.into_keys().filter(|key| before.get(*key) != after.get(*key)).cloned().collect()
}
