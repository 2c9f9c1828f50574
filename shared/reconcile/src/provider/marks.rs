//! What listings do not tell, kept where they do: marks on gateway groups; and the rules of
//! configurations of which nothing else tells that they are still in use.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::vpc_of;
use super::exposure::Exposure;
use super::items::named;
use crate::desired::Desired;
use crate::freeze::Listing;
use crate::gate;
use crate::id::{DatabaseArn, NetworkName, Port, VpcId};
use crate::item::{Item, Items};
use crate::key::Key;
use crate::name;
use crate::observed::Observed;
use crate::request::Standing;
use crate::settings::Settings;
use crate::step::Evidence;
use crate::tag::{self, Tags};
use crate::view::View;

/// The longest value of a tag (Amazon EC2 User Guide, Tag restrictions).
const LONGEST_VALUE: usize = 256;

/// What the mark says where the networks are too many for a tag.
const EVERY_NETWORK: &str = "every";

/// Marks the gateway groups of VPCs in which an association has a deadline, or gets one, and with
/// the networks that the VPC's databases are offered on.
pub(super) fn mark_groups(exposures: &[Exposure<'_>], desired: &mut Desired, view: View<'_>) {
    let View { observed, items, .. } = view;
    let mut in_grace: BTreeSet<VpcId> = BTreeSet::new();
    let mut networks: BTreeMap<VpcId, BTreeSet<NetworkName>> = BTreeMap::new();
    for exposure in exposures {
        let Some(network) = &exposure.network else { continue };
        let key = Key::Association(exposure.subject.arn.clone(), network.clone());
        let found = items.get(&key);
        let vpc = match &exposure.standing {
            Standing::Wanted(placement) => Some(&placement.vpc),
            _ => vpc_of(&exposure.subject.arn, items),
        };
        let Some(vpc) = vpc else { continue };
        if matches!(exposure.standing, Standing::Kept(_, Some(_)))
            || found.is_some_and(has_deadline)
        {
            in_grace.insert(vpc.clone());
        }
        if matches!(exposure.standing, Standing::Wanted(_)) || found.is_some() {
            networks.entry(vpc.clone()).or_default().insert(network.clone());
        }
    }
    let groups = desired.iter().map(|(key, _)| key.clone());
    let groups: Vec<Key> = groups.filter(|key| matches!(key, Key::GatewayGroup(_, 1))).collect();
    for key in groups {
        let Key::GatewayGroup(vpc, _) = &key else { continue };
        let mark = in_grace.contains(vpc).then(|| "yes".to_owned());
        let tags = items.known_tags(&key);
        // Stopping between two calls must not leave a deadline without any mark.
        if mark.is_none() || tags.contains_key(tag::IN_GRACE) {
            desired.tag(&key, tag::FIRST_IN_GRACE, None);
        }
        desired.tag(&key, tag::IN_GRACE, mark);
        let mut networks = networks.remove(vpc).unwrap_or_default();
        networks.extend(unread(tags, observed));
        networks.extend(marked_by(&key, items));
        let names: Vec<&str> = networks.iter().map(NetworkName::as_str).collect();
        let value = match names.join("+") {
            value if value.is_empty() => None,
            value if value.len() > LONGEST_VALUE => Some(EVERY_NETWORK.to_owned()),
            value => Some(value),
        };
        desired.tag(&key, tag::NETWORKS, value);
    }
}

/// Whether these tags of a gateway group say that something in its VPC may carry a deadline.
pub(super) fn is_in_grace(tags: &Tags) -> bool {
    [tag::IN_GRACE, tag::FIRST_IN_GRACE].iter().any(|mark| tags.contains_key(*mark))
}

/// The networks that are to go and that nothing but this group's mark tells of.
fn marked_by(group: &Key, items: &Items) -> BTreeSet<NetworkName> {
    let is_it = |found: &[Item]| found.iter().any(|item| item.built_on.contains(group));
    let networks = items.iter().filter_map(|(key, found)| match key {
        Key::Network(network) if is_it(found) => Some(network.clone()),
        _ => None,
    });
    networks.collect()
}

/// The networks that a mark names and of which nothing can be said now: a reading lacks them, or
/// their associations could not be read.
fn unread(tags: Tags, observed: &Observed) -> BTreeSet<NetworkName> {
    let is_read = |network: &NetworkName| {
        observed.networks.iter().any(|listed| listed.name == *network)
            && !observed.unknown.contains_key(&Listing::Associations(network.clone()))
    };
    let marked = tags.get(tag::NETWORKS).map(String::as_str).unwrap_or_default();
    let marked = marked.split('+').filter(|name| !name.is_empty() && *name != EVERY_NETWORK);
    marked.map(NetworkName::from).filter(|network| !is_read(network)).collect()
}

/// The networks that the marks of our gateway groups name, beside the deployment's list; `None` if
/// they may be any.
pub fn marked_networks(observed: &Observed, settings: &Settings) -> Option<BTreeSet<NetworkName>> {
    let owner = settings.deployment.as_str();
    let ours = observed.groups.iter().filter(|group| {
        settings.deployment.gateway_group_number(&group.name) == Some(1)
            && group.tags.get(tag::OWNER).is_some_and(|found| found == owner)
    });
    let mut networks = BTreeSet::new();
    for value in ours.filter_map(|group| group.tags.get(tag::NETWORKS)) {
        if value == EVERY_NETWORK {
            return None;
        }
        networks.extend(value.split('+').map(NetworkName::from));
    }
    Some(networks)
}

fn has_deadline(item: &Item) -> bool {
    matches!(&item.evidence, Evidence::Tags(tags) if gate::has_deadline(tags))
}

/// Keeps the rules behind configurations that no exposure is wanted for, until they are gone: a
/// listing that lacks an association must not cost it its rules.
pub(super) fn hold_rules(exposures: &[Exposure<'_>], desired: &mut Desired, view: View<'_>) {
    let View { observed, settings, items } = view;
    let wanted: BTreeSet<&DatabaseArn> = exposures
        .iter()
        .filter(|exposure| matches!(exposure.standing, Standing::Wanted(_)))
        .map(|exposure| &exposure.subject.arn)
        .collect();
    let mut held: Vec<(Port, Option<&VpcId>)> = Vec::new();
    for (configuration, database) in named(observed, settings) {
        let is_wanted = database.is_some_and(|arn| wanted.contains(&arn));
        let gateway = observed.gateways.iter().find(|it| it.id == configuration.gateway);
        let is_ours = |name: &str, vpc| name == settings.deployment.gateway(vpc);
        if is_wanted || gateway.is_some_and(|it| !is_ours(&it.name, &it.vpc)) {
            continue;
        }
        held.extend(name::port(&configuration.name).map(|port| (port, gateway.map(|it| &it.vpc))));
    }
    // A listing may lack the configuration, too.
    let is_listed = |id| observed.configurations.iter().any(|it| it.id == id);
    for association in &observed.associations {
        let is_ours = settings.deployment.may_have_named(&association.configuration_name)
            && association.configuration_arn.account() == association.arn.account();
        if is_ours && !is_listed(association.configuration.clone()) {
            held.extend(name::port(&association.configuration_name).map(|port| (port, None)));
        }
    }
    for key in items.keys() {
        let (Key::GatewayRule(of, _, at) | Key::DatabaseRule(of, _, at)) = key else { continue };
        if held.iter().any(|(port, vpc)| port == at && vpc.is_none_or(|vpc| vpc == of)) {
            desired.keep(key.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide;
    use crate::desired::Form;
    use crate::key::Side;
    use crate::observed::{Database, Gateway, Group};
    use crate::settings::as_for_all;
    use crate::tests::{
        another, association, configuration, connected, lattice, network, ours, settings, tags,
    };

    fn wanted(observed: &Observed, settings: &Settings) -> Desired {
        decide(Side::ExposeDatabase, observed, settings).desired
    }

    /// Both marks of the gateway group of `vpc-p`: of grace, and of the networks.
    fn marks(observed: &Observed) -> (Option<String>, Option<String>) {
        marks_by(observed, &settings())
    }

    fn marks_by(observed: &Observed, settings: &Settings) -> (Option<String>, Option<String>) {
        let desired = wanted(observed, settings);
        let group = desired.get(&Key::GatewayGroup("vpc-p".into(), 1)).expect("it is wanted");
        let mark = |tag| group.tags.get(tag).cloned().flatten();
        (mark(tag::IN_GRACE), mark(tag::NETWORKS))
    }

    fn some(grace: Option<&str>, networks: &str) -> (Option<String>, Option<String>) {
        (grace.map(str::to_owned), Some(networks.to_owned()))
    }

    fn asking(networks: &str) -> Observed {
        let mut observed = connected();
        observed.databases[0].tags = tags(&[(tag::EXPOSE, networks)]);
        observed
    }

    #[test]
    fn a_group_is_marked_with_the_networks_that_its_databases_are_or_will_be_on() {
        assert_eq!(marks(&connected()), some(None, "databases"));
        assert_eq!(marks(&asking("databases+reports")), some(None, "databases+reports"));
        assert_eq!(marks(&asking("databases+others")), some(None, "databases"), "refused");
        let mut observed = asking("off");
        observed.databases.push(Database {
            tags: tags(&[(tag::EXPOSE, "reports")]),
            ..another("sales", "db-SALES")
        });
        assert_eq!(marks(&observed), some(None, "databases+reports"), "on its way out");
        observed.associations.clear();
        assert_eq!(marks(&observed), some(None, "reports"));
    }

    #[test]
    fn a_group_is_marked_with_grace_while_an_association_has_a_deadline_or_gets_one() {
        let mut observed = connected();
        observed.databases[0].tags.clear();
        assert_eq!(marks(&observed), some(Some("yes"), "databases"), "the tag vanished");
        let mut observed = connected();
        let arn = observed.associations[0].arn.clone();
        let mut found = ours("association arn:aws:rds:us-east-1:111122223333:db:orders databases");
        observed.answers.tags.insert(arn.clone(), found.clone());
        assert_eq!(marks(&observed), some(None, "databases"));
        found.insert(tag::WITHDRAW_AFTER.to_owned(), "2026-11-24T12:15:00Z".to_owned());
        observed.answers.tags.insert(arn, found);
        assert_eq!(marks(&observed), some(Some("yes"), "databases"), "the tag has returned");
    }

    #[test]
    fn the_mark_of_the_first_version_stays_until_the_new_one_is_there_or_none_is_needed() {
        let mut observed = connected();
        observed.groups[1].tags.insert(tag::FIRST_IN_GRACE.to_owned(), "yes".to_owned());
        let goes = |observed: &Observed| {
            let desired = wanted(observed, &settings());
            let group = desired.get(&Key::GatewayGroup("vpc-p".into(), 1)).expect("it is wanted");
            group.tags.get(tag::FIRST_IN_GRACE) == Some(&None)
        };
        assert!(goes(&observed), "nothing is in grace");
        observed.databases[0].tags.clear();
        assert!(!goes(&observed), "nothing else tells of it");
        observed.groups[1].tags.insert(tag::IN_GRACE.to_owned(), "yes".to_owned());
        assert!(goes(&observed));
    }

    #[test]
    fn the_marks_of_one_vpc_say_nothing_of_another() {
        let mut observed = connected();
        observed.databases.push(Database {
            tags: tags(&[(tag::EXPOSE, "reports")]),
            vpc: Some("vpc-q".into()),
            ..another("sales", "db-SALES")
        });
        assert_eq!(marks(&observed), some(None, "databases"));
    }

    #[test]
    fn only_the_first_group_is_marked() {
        let mut observed = asking("databases+reports");
        observed.rules.clear();
        observed.memory.is_full("sg-gateway".into());
        let desired = wanted(&observed, &settings());
        let second = desired.get(&Key::GatewayGroup("vpc-p".into(), 2)).expect("the first is full");
        assert_eq!(second.tags, [].into());
        assert_eq!(marks(&observed), some(None, "databases+reports"));
    }

    #[test]
    fn a_mark_keeps_the_networks_that_cannot_be_read_now() {
        let mut observed = connected();
        observed.networks.push(network("sn-2", "reports"));
        let mut marked = |value: &str| {
            observed.groups[1].tags.insert(tag::NETWORKS.to_owned(), value.to_owned());
            observed.clone()
        };
        assert_eq!(marks(&marked("databases+gone")), some(None, "databases+gone"));
        assert_eq!(marks(&marked("")), some(None, "databases"));
        assert_eq!(marks(&marked(EVERY_NETWORK)), some(None, "databases"));
        let mut both = marked("databases+reports");
        assert_eq!(marks(&both), some(None, "databases"), "nothing is there any more");
        both.unknown.insert(Listing::Associations("reports".into()), "it failed".to_owned());
        assert_eq!(marks(&both), some(None, "databases+reports"));
    }

    #[test]
    fn a_group_whose_databases_are_on_no_network_is_not_marked() {
        let mut observed = connected();
        observed.associations.clear();
        observed.databases[0].status = "creating".to_owned();
        assert_eq!(marks(&observed), (None, None));
    }

    #[test]
    fn networks_that_do_not_fit_a_tag_are_every_network() {
        for (last, expected) in [("abc", 256), ("abcd", EVERY_NETWORK.len())] {
            let name = |(letter, length): (&str, usize)| letter.repeat(length);
            let mut names: Vec<String> =
                [("a", 60), ("d", 63), ("e", 63), ("f", 63)].map(name).to_vec();
            names.push(last.to_owned());
            let mut settings = settings();
            settings.networks = as_for_all(names.iter().map(NetworkName::from));
            let mut observed = asking(&names.join("+"));
            observed.associations.clear();
            observed.groups[1].tags.remove(tag::NETWORKS);
            let (_, value) = marks_by(&observed, &settings);
            assert_eq!(value.map(|value| value.len()), Some(expected), "{last}");
        }
    }

    #[test]
    fn the_first_groups_of_ours_tell_which_networks_to_read() {
        let of = |observed: &Observed| marked_networks(observed, &settings());
        let mut observed = connected();
        assert_eq!(of(&observed), Some(["databases".into()].into()));
        let other = |name: &str, tags: Tags| Group {
            id: "sg-2".into(),
            name: name.to_owned(),
            vpc: "vpc-q".into(),
            tags,
        };
        let marked =
            |owner: &str, value: &str| tags(&[(tag::OWNER, owner), (tag::NETWORKS, value)]);
        for (name, tags) in [
            ("trellis-gateway", marked("somebody", "every")),
            ("trellis-gateway", tags(&[(tag::NETWORKS, "every")])),
            ("trellis-gateway-2", marked("trellis", "every")),
            ("gateway", marked("trellis", "every")),
        ] {
            let mut observed = observed.clone();
            observed.groups.push(other(name, tags));
            assert_eq!(of(&observed), Some(["databases".into()].into()), "{name}");
        }
        observed.groups.push(other("trellis-gateway", marked("trellis", "a-b+reports")));
        let three = ["a-b".into(), "databases".into(), "reports".into()];
        assert_eq!(of(&observed), Some(three.into()));
        observed.groups.push(other("trellis-gateway", marked("trellis", "every")));
        assert_eq!(of(&observed), None);
    }

    /// The rules that are kept as they are.
    fn held(observed: &Observed) -> Vec<String> {
        let desired = wanted(observed, &settings());
        let rules = desired.iter().filter(|(key, want)| {
            matches!(key, Key::GatewayRule(..) | Key::DatabaseRule(..)) && want.form == Form::AsItIs
        });
        rules.map(|(key, _)| key.to_string()).collect()
    }

    const BOTH: [&str; 2] =
        ["gateway-rule vpc-p sg-orders 5432", "database-rule vpc-p sg-orders 5432"];
    const NONE: [&str; 0] = [];

    #[test]
    fn rules_stay_as_long_as_there_is_a_configuration_that_may_need_them() {
        assert_eq!(held(&connected()), NONE, "they are wanted");
        let mut observed = asking("off");
        assert_eq!(held(&observed), BOTH);
        observed.associations.clear();
        assert_eq!(held(&observed), BOTH);
        let rcfg = observed.configurations.remove(0);
        assert_eq!(held(&observed), NONE);
        // On another port, on another's gateway, in another VPC.
        let mut other = another("orders", "db-ORDERS");
        other.endpoint = Some(("orders.example".to_owned(), crate::id::Port(3306)));
        observed.configurations = vec![configuration("rcfg-1", &other)];
        assert_eq!(held(&observed), NONE);
        observed.configurations = vec![rcfg];
        observed.gateways[0].name = "another".to_owned();
        assert_eq!(held(&observed), NONE);
        let elsewhere = Gateway {
            name: "trellis-vpc-q".to_owned(),
            vpc: "vpc-q".into(),
            ..observed.gateways[0].clone()
        };
        observed.gateways = vec![elsewhere];
        assert_eq!(held(&observed), NONE);
        observed.gateways.clear();
        assert_eq!(held(&observed), BOTH, "the listing lacks the gateway: it may be any");
    }

    #[test]
    fn rules_stay_for_an_association_whose_configuration_a_listing_lacks() {
        let mut observed = asking("off");
        observed.configurations.clear();
        assert_eq!(held(&observed), BOTH);
        let theirs = "arn:aws:vpc-lattice:us-east-1:444455556666:resourceconfiguration/rcfg-1";
        observed.associations[0].configuration_arn = theirs.into();
        assert_eq!(held(&observed), NONE, "another account's");
        observed.associations[0].configuration_arn = lattice("resourceconfiguration", "rcfg-1");
        observed.associations[0].configuration_name = "somebody-5432-aaaaaaaaaa".to_owned();
        assert_eq!(held(&observed), NONE, "of another name");
        let rcfg = configuration("rcfg-2", &another("sales", "db-SALES"));
        observed.associations = vec![association("snra-2", &rcfg)];
        assert_eq!(held(&observed), BOTH, "of whichever database");
        observed.configurations = vec![rcfg];
        observed.gateways[0].name = "another".to_owned();
        assert_eq!(held(&observed), NONE, "it is listed, and is on another gateway");
    }
}
