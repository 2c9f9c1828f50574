//! How this AWS behaves where the real one is undocumented, slow or awkward.

mod ways;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use ways::{
    AddressesPerConfiguration, ChildAssociations, ChildNames, DenialOfAbsent, GatewayAddresses,
    GreenTags, GroupMembership, OrphanedConfiguration, SecondEndpoint, SpentToken, TagsWhileBusy,
};

/// How often what need not happen does, from 0 for never to 1 for always.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chances {
    /// A new endpoint is `partial` for as long as it took to make it.
    pub partial_endpoint: f64,
    /// An event never reaches the bus: AWS services send them on a best-effort basis (Amazon
    /// EventBridge User Guide, "Events from AWS services").
    pub event_lost: f64,
    /// An event reaches the bus twice, at different times.
    pub event_twice: f64,
    /// An event is up to [`Durations::latest_event`] late.
    pub event_late: f64,
}

impl Chances {
    /// Nothing of it ever happens.
    pub const NONE: Chances =
        Chances { partial_endpoint: 0.0, event_lost: 0.0, event_twice: 0.0, event_late: 0.0 };
}

/// How long AWS takes, in simulated time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Durations {
    /// A resource gateway, from create to `ACTIVE`, and from delete to gone.
    pub gateway: SignedDuration,
    /// A resource configuration.
    pub configuration: SignedDuration,
    /// A service-network resource association.
    pub association: SignedDuration,
    /// A service-network VPC association.
    pub vpc_association: SignedDuration,
    /// A VPC endpoint.
    pub endpoint: SignedDuration,
    /// From an association or endpoint becoming active to the name resolving in the VPC.
    pub private_dns: SignedDuration,
    /// A DB instance, from create to `available`, and from delete to gone.
    pub instance: SignedDuration,
    /// A rename, modification or blue/green switchover.
    pub modification: SignedDuration,
    /// How long what is gone is still listed as `deleted` by EC2.
    pub deleted_endpoint_listed: SignedDuration,
    /// From a change to the event that tells of it.
    pub event: SignedDuration,
    /// How late an event that is late may be.
    pub latest_event: SignedDuration,
    /// From a configuration or an association becoming active to its managed children being
    /// there, and from its end to theirs.
    pub child: SignedDuration,
    /// From the creation of a service's network interface to its being listed, and from the end
    /// of its endpoint, gateway or attachment to its own.
    pub interface: SignedDuration,
    /// How long before a DB instance that is deleted is gone its tags are.
    pub untagged: SignedDuration,
    /// A VPC peering connection, from its acceptance to `active`.
    pub peering: SignedDuration,
    /// A transit gateway or an attachment to it, from create to `available`, and from delete to
    /// `deleted`.
    pub attachment: SignedDuration,
}

/// How much there may be of a thing (Amazon VPC User Guide, "Amazon VPC quotas"; AWS PrivateLink,
/// "AWS PrivateLink quotas"; Amazon VPC Lattice User Guide, "Quotas for Amazon VPC Lattice").
/// People have these raised, and AWS tells nobody but them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// Rules of a security group, in each direction.
    pub rules_per_group: usize,
    /// Security groups in the region.
    pub groups: usize,
    /// Security groups in a VPC: AWS has no such quota but that of the region.
    pub groups_per_vpc: usize,
    /// Security groups of a network interface. A gateway takes five at most whatever this is:
    /// that is in its API model.
    pub groups_per_interface: usize,
    /// Network interfaces in the region.
    pub interfaces: usize,
    /// Endpoints of type service network in a VPC.
    pub endpoints_per_vpc: usize,
    /// Endpoints of a service network.
    pub endpoints_per_network: usize,
}

/// Every switch, each a plain field: a test sets those that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// See [`Durations`].
    pub durations: Durations,
    /// By which share every duration may be shorter or longer: 0.5 is from half to one and a half.
    pub jitter: f64,
    /// See [`Chances`].
    pub chances: Chances,
    /// See [`Quotas`].
    pub quotas: Quotas,
    /// See [`GroupMembership`].
    pub group_membership: GroupMembership,
    /// See [`TagsWhileBusy`].
    pub tags_while_busy: TagsWhileBusy,
    /// See [`OrphanedConfiguration`].
    pub orphaned_configuration: OrphanedConfiguration,
    /// See [`SpentToken`].
    pub spent_token: SpentToken,
    /// See [`AddressesPerConfiguration`].
    pub addresses_per_configuration: AddressesPerConfiguration,
    /// See [`SecondEndpoint`].
    pub second_endpoint: SecondEndpoint,
    /// See [`GreenTags`].
    pub green_tags: GreenTags,
    /// See [`GatewayAddresses`].
    pub gateway_addresses: GatewayAddresses,
    /// See [`ChildNames`].
    pub child_names: ChildNames,
    /// See [`ChildAssociations`].
    pub child_associations: ChildAssociations,
    /// What who may touch only things with certain tags gets for one that is not there.
    pub denial_of_absent: DenialOfAbsent,
    /// Whether deleting a tagged database or VPC emits a tag event (undocumented).
    pub tag_event_on_delete: bool,
    /// How late EventBridge hears from the account's trail of each call that may write; `None`: the
    /// account has no trail.
    pub trail: Option<SignedDuration>,
    /// How long a listing does not yet show what was created (and still shows what is gone).
    pub listing_lag: SignedDuration,
    /// A page holds at most this many items, however many the call asks for.
    pub largest_page: Option<usize>,
    /// Whether the published token buckets throttle.
    pub throttling: bool,
}

impl Switches {
    /// The same with these changed, by the names of the fields: `{"durations": {"endpoint": "5m"},
    /// "jitter": 0.5}`.
    ///
    /// # Errors
    ///
    /// A sentence on what cannot be so.
    pub fn changed(&self, changes: &Value) -> Result<Switches, String> {
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        lay(&mut all, changes);
        serde_json::from_value(all).map_err(|error| error.to_string())
    }
}

/// Lays values over others, object into object.
fn lay(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                lay(below.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        (below, above) => below.clone_from(above),
    }
}

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            durations: Durations {
                gateway: SignedDuration::from_secs(90),
                configuration: SignedDuration::from_secs(45),
                association: SignedDuration::from_secs(45),
                vpc_association: SignedDuration::from_secs(45),
                endpoint: SignedDuration::from_secs(120),
                private_dns: SignedDuration::from_secs(10),
                instance: SignedDuration::from_secs(480),
                modification: SignedDuration::from_secs(60),
                deleted_endpoint_listed: SignedDuration::from_secs(60),
                event: SignedDuration::from_secs(1),
                latest_event: SignedDuration::from_mins(10),
                child: SignedDuration::ZERO,
                interface: SignedDuration::ZERO,
                untagged: SignedDuration::ZERO,
                peering: SignedDuration::from_secs(5),
                attachment: SignedDuration::from_secs(60),
            },
            jitter: 0.0,
            chances: Chances::NONE,
            quotas: Quotas {
                rules_per_group: 60,
                groups: 2500,
                groups_per_vpc: 2500,
                groups_per_interface: 5,
                interfaces: 5000,
                endpoints_per_vpc: 50,
                endpoints_per_network: 200,
            },
            group_membership: GroupMembership::Active,
            tags_while_busy: TagsWhileBusy::Change,
            orphaned_configuration: OrphanedConfiguration::StaysActive,
            spent_token: SpentToken::MakesAnew,
            addresses_per_configuration: AddressesPerConfiguration::PerChild,
            second_endpoint: SecondEndpoint::Refused,
            green_tags: GreenTags::AtCreation,
            gateway_addresses: GatewayAddresses::Single,
            child_names: ChildNames::Own,
            child_associations: ChildAssociations::WhenAskedFor,
            denial_of_absent: DenialOfAbsent::NotFound,
            tag_event_on_delete: true,
            trail: None,
            listing_lag: SignedDuration::ZERO,
            largest_page: None,
            throttling: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Service;
    use crate::kernel::World;
    use jiff::Timestamp;

    #[test]
    fn jitter_keeps_within_its_share_and_depends_on_the_seed() {
        let minute = SignedDuration::from_mins(1);
        let times = |jitter: f64, seed: u64| {
            let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, seed);
            world.switches.jitter = jitter;
            let ripe = (0..100).map(|_| world.ripens(Service::Events, "x", minute));
            ripe.map(|at| at.as_second()).collect::<Vec<_>>()
        };
        assert_eq!(times(0.0, 1), [60; 100]);
        let some = times(0.5, 1);
        assert!(some.iter().all(|at| (30..=90).contains(at)));
        assert!(some.iter().any(|at| *at < 40) && some.iter().any(|at| *at > 80));
        assert_eq!(some, times(0.5, 1));
        assert_ne!(some, times(0.5, 2));
    }

    #[test]
    fn switches_are_changed_by_name() {
        let changes = serde_json::json!({
            "durations": {"endpoint": "5m"}, "quotas": {"rules_per_group": 2},
            "green_tags": "never", "largest_page": 7,
        });
        let changed = Switches::default().changed(&changes).expect("all are there");
        let mut expected = Switches::default();
        expected.durations.endpoint = SignedDuration::from_mins(5);
        expected.quotas.rules_per_group = 2;
        expected.green_tags = GreenTags::Never;
        expected.largest_page = Some(7);
        assert_eq!(changed, expected);
        for wrong in [
            serde_json::json!({"jiter": 1}),
            serde_json::json!({"durations": {"endpoint": "soon"}}),
            serde_json::json!({"durations": 5}),
        ] {
            assert!(Switches::default().changed(&wrong).is_err(), "{wrong}");
        }
    }
}
