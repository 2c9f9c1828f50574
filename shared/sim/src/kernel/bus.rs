//! The events that AWS puts on the default bus by itself.
//!
//! They are hints: best effort, after a while, and but for a trail's without the caller's name.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Tags, World};

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
        let usual = self.switches.durations.event;
        self.emit_after(usual, source, detail_type, resources, detail)
    }

    /// The same, after this long or about that.
    pub(crate) fn emit_after(
        &mut self,
        delay: SignedDuration,
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
        self.send(envelope, delay);
        id
    }

    /// The event reaches the bus: usually once and soon.
    fn send(&mut self, envelope: Value, usual: SignedDuration) {
        let chances = self.switches.chances;
        if self.happens(chances.event_lost) {
            return;
        }
        let times = if self.happens(chances.event_twice) { 2 } else { 1 };
        for _ in 0..times {
            let mut delay = self.about(usual);
            if self.happens(chances.event_late) {
                delay += self.up_to(self.switches.durations.latest_event);
            }
            self.events.push(Event { at: self.now() + delay, envelope: envelope.clone() });
        }
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

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use serde_json::json;

    use crate::kernel::World;

    /// When, in seconds, each of a hundred events reaches the bus, with its number.
    fn sent(chances: impl Fn(&mut World)) -> Vec<(i64, u64)> {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 7);
        chances(&mut world);
        for number in 0..100 {
            world.emit("test", "Test", &[], json!({ "number": number }));
        }
        let number = |event: &super::Event| event.envelope["detail"]["number"].as_u64();
        world
            .events
            .iter()
            .map(|event| (event.at.as_second(), number(event).expect("one")))
            .collect()
    }

    #[test]
    fn events_are_lost_doubled_and_late_by_chance() {
        assert_eq!(sent(|_| ()), (0..100).map(|number| (1, number)).collect::<Vec<_>>());
        assert_eq!(sent(|world| world.switches.chances.event_lost = 1.0), []);
        let some = sent(|world| world.switches.chances.event_lost = 0.5).len();
        assert!((30..70).contains(&some), "{some}");
        let twice = sent(|world| world.switches.chances.event_twice = 1.0);
        assert_eq!(twice.len(), 200);
        assert!(twice.chunks(2).all(|pair| pair[0].1 == pair[1].1));
        let late = |world: &mut World| {
            world.switches.chances.event_late = 0.5;
            world.switches.durations.latest_event = SignedDuration::from_secs(300);
        };
        let some = sent(late);
        assert_eq!(some.len(), 100);
        assert!(some.iter().all(|(at, _)| (1..=301).contains(at)));
        assert!((30..70).contains(&some.iter().filter(|(at, _)| *at > 1).count()));
        assert_eq!(some, sent(late), "from one seed");
    }
}
