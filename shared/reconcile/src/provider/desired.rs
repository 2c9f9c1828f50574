//! What the databases' tags ask for, as keys.

use std::collections::{BTreeMap, BTreeSet};

use super::consent::Consent;
use super::exposure::{Exposed, Placement, exposures};
use super::marks;
use super::report::{held_up, reports};
use crate::desired::{Desired, Want};
use crate::id::{DatabaseArn, GroupId, NetworkName, SubnetId, VpcId};
use crate::item::Items;
use crate::key::Key;
use crate::observed::Direction;
use crate::request::Standing;
use crate::step::Create;
use crate::subnet;
use crate::tag;
use crate::view::View;

/// What the tags ask for on the provider side.
///
/// | exposure          | its network, groups, gateway, rules, configuration, association |
/// |-------------------|------------------------------------------------------------------|
/// | wanted            | made                                                             |
/// | kept              | as they are                                                      |
/// | withdrawn, refused| not wanted for its sake                                          |
pub fn desired(view: View<'_>) -> Desired {
    let exposures = exposures(view);
    let mut desired = Desired::default();
    let made = Making { view };
    made.named_networks(&mut desired);
    let mut shared: BTreeMap<&VpcId, Shared> = BTreeMap::new();
    for exposure in &exposures {
        if let Standing::Wanted(placement) = &exposure.standing {
            let shared = shared.entry(&placement.vpc).or_default();
            shared.subnets.extend(placement.subnets.iter().cloned());
            // Rules on databases' groups refer to the first.
            shared.groups.extend([1, placement.through]);
        }
    }
    for exposure in &exposures {
        let (Some(network), Standing::Wanted(placement)) = (&exposure.network, &exposure.standing)
        else {
            continue;
        };
        made.exposure(&exposure.subject, network, placement, &shared[&placement.vpc], &mut desired);
    }
    for exposure in &exposures {
        let Some(network) = &exposure.network else { continue };
        let key = Key::Association(exposure.subject.arn.clone(), network.clone());
        match &exposure.standing {
            Standing::Kept(_, deadline) => {
                made.kept(&exposure.subject.arn, network, &mut desired);
                // It follows a configuration that another network has made anew: kept on the old
                // one, it would hold that, and the other network with it.
                let configuration = Key::Configuration(exposure.subject.arn.clone());
                if desired.get(&configuration).is_some_and(Want::is_made) {
                    made.association(&exposure.subject.arn, network, Vec::new(), &mut desired);
                }
                desired.tag(&key, tag::WITHDRAW_AFTER, deadline.clone());
            }
            Standing::Withdrawn(_) => desired.release(key),
            // What is on its way is not torn down because it has to wait.
            Standing::Refused(_) if made.has_begun(&exposure.subject.arn, network) => {
                made.kept(&exposure.subject.arn, network, &mut desired);
            }
            Standing::Wanted(_) | Standing::Refused(_) => {}
        }
    }
    marks::hold_rules(&exposures, &mut desired, view);
    marks::mark_groups(&exposures, &mut desired, view);
    desired.held_up = shared.keys().flat_map(|vpc| held_up(vpc, view)).collect();
    desired.reports = reports(&exposures, view);
    desired
}

/// What all databases of a VPC share.
#[derive(Default)]
struct Shared {
    /// Where a gateway would get its interfaces.
    subnets: BTreeSet<SubnetId>,
    /// The numbers of the gateway groups.
    groups: BTreeSet<u8>,
}

struct Making<'a> {
    view: View<'a>,
}

impl Making<'_> {
    fn network(&self, network: &NetworkName, desired: &mut Desired) {
        let key = Key::Network(network.clone());
        match self.view.settings.makes(network) {
            true => {
                let create = Create::Network { name: network.clone() };
                desired.want(key, Vec::new(), Some(create));
            }
            false => desired.keep(key),
        }
    }

    /// A network is wanted as long as any tag names it, or an endpoint is left on it. A VPC's tag
    /// has it made; a database that is refused only keeps it.
    fn named_networks(&self, desired: &mut Desired) {
        let View { observed, .. } = self.view;
        for vpc in &observed.vpcs {
            for network in self.view.networks_named(&vpc.tags, tag::CONSUME) {
                self.network(&network, desired);
            }
        }
        for database in &observed.databases {
            for network in self.view.networks_named(&database.tags, tag::EXPOSE) {
                desired.keep(Key::Network(network));
            }
        }
        for network in &observed.networks {
            if observed.ways.iter().any(|endpoint| endpoint.network == network.arn) {
                desired.keep(Key::Network(network.name.clone()));
            }
        }
    }

    fn exposure(
        &self,
        exposed: &Exposed<'_>,
        network: &NetworkName,
        placement: &Placement,
        shared: &Shared,
        desired: &mut Desired,
    ) {
        let Placement { vpc, group, next, .. } = placement;
        let arn = &exposed.arn;
        self.network(network, desired);
        let groups: Vec<Key> =
            shared.groups.iter().map(|number| self.gateway_group(vpc, *number, desired)).collect();
        let [gateway_rule, database_rule] = self.rules(arn, placement, group, desired);
        next.iter().for_each(|next| drop(self.rules(arn, placement, next, desired)));
        let gateway = self.gateway(vpc, groups, &shared.subnets, desired);
        self.configuration(exposed, placement, gateway.clone(), desired);
        if placement.held.is_none() {
            self.association(arn, network, vec![gateway, gateway_rule, database_rule], desired);
        }
    }

    /// The rules by which the gateway reaches a database through this group: out, and in.
    fn rules(
        &self,
        arn: &DatabaseArn,
        placement: &Placement,
        group: &GroupId,
        desired: &mut Desired,
    ) -> [Key; 2] {
        let Placement { vpc, through, port, .. } = placement;
        let id = |number| self.view.items.group(&Key::GatewayGroup(vpc.clone(), number)).cloned();
        let rule = |direction, own: Option<_>, peer: Option<_>| {
            let description = format!("{}: {arn}", self.view.settings.deployment.as_str());
            Some(Create::Rule { group: own?, direction, peer: peer?, port: *port, description })
        };
        let gateway_rule = Key::GatewayRule(vpc.clone(), group.clone(), *port);
        desired.want(
            gateway_rule.clone(),
            vec![Key::GatewayGroup(vpc.clone(), *through)],
            rule(Direction::Egress, id(*through), Some(group.clone())),
        );
        let database_rule = Key::DatabaseRule(vpc.clone(), group.clone(), *port);
        match self.view.settings.database_rules {
            true => desired.want(
                database_rule.clone(),
                vec![Key::GatewayGroup(vpc.clone(), 1)],
                rule(Direction::Ingress, Some(group.clone()), id(1)),
            ),
            false => desired.keep(database_rule.clone()),
        }
        [gateway_rule, database_rule]
    }

    /// Whether there is a configuration for a database that is still asked for on this network.
    fn has_begun(&self, arn: &DatabaseArn, network: &NetworkName) -> bool {
        self.view.settings.networks.contains_key(network)
            && self.view.items.get(&Key::Configuration(arn.clone())).is_some()
    }

    fn gateway_group(&self, vpc: &VpcId, number: u8, desired: &mut Desired) -> Key {
        let key = Key::GatewayGroup(vpc.clone(), number);
        let name = self.view.settings.deployment.gateway_group(number);
        let description = "Interfaces of the VPC Lattice resource gateway".to_owned();
        let create = Create::Group { name, description, vpc: vpc.clone() };
        desired.want(key.clone(), Vec::new(), Some(create));
        key
    }

    fn gateway(
        &self,
        vpc: &VpcId,
        groups: Vec<Key>,
        subnets: &BTreeSet<SubnetId>,
        desired: &mut Desired,
    ) -> Key {
        let key = Key::Gateway(vpc.clone());
        let ids: Option<BTreeSet<GroupId>> =
            groups.iter().map(|group| self.view.items.group(group).cloned()).collect();
        let create = ids.map(|ids| Create::Gateway {
            name: self.view.settings.deployment.gateway(vpc),
            vpc: vpc.clone(),
            subnets: subnet::one_per_zone(
                self.view.observed.subnets.iter().filter(|subnet| subnets.contains(&subnet.id)),
            ),
            groups: ids,
            addresses_per_interface: self.view.settings.addresses_per_interface,
        });
        desired.want(key.clone(), groups, create);
        key
    }

    fn configuration(
        &self,
        exposed: &Exposed<'_>,
        placement: &Placement,
        gateway: Key,
        desired: &mut Desired,
    ) {
        let key = Key::Configuration(exposed.arn.clone());
        let Some(database) = exposed.database else { return };
        let id = &database.resource_id;
        let create = self.view.items.gateway(&gateway).map(|gateway| Create::Configuration {
            name: self.view.settings.deployment.configuration(&exposed.arn, id, placement.port),
            gateway: gateway.clone(),
            database: exposed.arn.clone(),
        });
        desired.want(key.clone(), vec![gateway], create);
        if exposed.consent == Some(Consent::Renewed) {
            desired.tag(&key, tag::DATABASE, Some(id.to_string()));
        }
    }

    /// DNS is captured last: whatever the way to the database takes is there before.
    fn association(
        &self,
        arn: &DatabaseArn,
        network: &NetworkName,
        way: Vec<Key>,
        desired: &mut Desired,
    ) {
        let configuration = Key::Configuration(arn.clone());
        let key = Key::Association(arn.clone(), network.clone());
        let network = Key::Network(network.clone());
        let ids =
            self.view.items.configuration(&configuration).zip(self.view.items.network(&network));
        let create = ids.map(|(configuration, (_, network))| Create::Association {
            configuration: configuration.clone(),
            network: network.clone(),
        });
        let needs = [configuration, network].into_iter().chain(way).collect();
        desired.want(key.clone(), needs, create);
        // The tag has returned: a deadline must not outlive its reason.
        desired.tag(&key, tag::WITHDRAW_AFTER, None);
    }

    /// Keeps everything that may carry this exposure. Which rules do cannot be told without the
    /// database, so all of the VPC's stay; without the VPC, all of all.
    fn kept(&self, arn: &DatabaseArn, network: &NetworkName, desired: &mut Desired) {
        desired.keep(Key::Association(arn.clone(), network.clone()));
        desired.keep(Key::Configuration(arn.clone()));
        desired.keep(Key::Network(network.clone()));
        let vpc = vpc_of(arn, self.view.items);
        for key in self.view.items.keys() {
            let of = match key {
                Key::Gateway(of)
                | Key::GatewayGroup(of, _)
                | Key::GatewayRule(of, ..)
                | Key::DatabaseRule(of, ..) => of,
                _ => continue,
            };
            if vpc.is_none_or(|vpc| of == vpc) {
                desired.keep(key.clone());
            }
        }
    }
}

/// The VPC whose gateway carries a database's configuration.
pub(super) fn vpc_of<'a>(arn: &DatabaseArn, items: &'a Items) -> Option<&'a VpcId> {
    items.get(&Key::Configuration(arn.clone()))?.built_on.iter().find_map(|key| match key {
        Key::Gateway(vpc) => Some(vpc),
        _ => None,
    })
}
