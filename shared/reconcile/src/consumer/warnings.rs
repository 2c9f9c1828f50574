//! Warnings: what works, and is not as its owner may believe.

use std::collections::BTreeSet;

use super::client::{Admission, lets_out};
use super::connection::taken_over;
use super::desired::Making;
use super::usage;
use crate::id::{NetworkName, Port, VpcId};
use crate::item::Spec;
use crate::key::Key;
use crate::report::State;
use crate::request::Standing;
use crate::subnet;
use crate::tag::SubnetUse;
use crate::view::View;

/// What should be said about a connection that works, each cause once.
///
/// | code     | what it says                                                                  |
/// |----------|-------------------------------------------------------------------------------|
/// | `EGRESS` | a tagged group of clients lets nothing out to the endpoint (Terraform's do not)|
/// | `CLIENT` | a group's tag vanished, and what the group had stays for now                  |
/// | `ZONE`   | a zone in which the VPC has subnets has no interface of the endpoint          |
/// | `DELETION`| somebody cannot delete what a client is connected through                      |
/// | others   | a group's tag is refused; a database is held for the sake of this VPC         |
pub(super) fn of_connection(vpc: &VpcId, network: &NetworkName, made: &Making<'_>) -> Vec<String> {
    let Making { view, admissions } = *made;
    let View { observed, settings, items } = view;
    let mut warnings = Vec::new();
    let endpoint_group = items.group(&Key::EndpointGroup(vpc.clone(), network.clone()));
    let concerns = |it: &&Admission<'_>| {
        let is_named = |named: &NetworkName| {
            named.name() == network.name() || settings.allowed(&named.name().into()).is_none()
        };
        it.subject.vpc == *vpc && it.network.as_ref().is_none_or(is_named)
    };
    for admission in admissions.iter().filter(concerns) {
        let group = &admission.subject.id;
        match (&admission.standing, endpoint_group) {
            (Standing::Wanted(()), Some(to)) => {
                let ports = view.ports_on(network);
                let closed: BTreeSet<&Port> =
                    ports.iter().filter(|port| !lets_out(group, to, **port, observed)).collect();
                if !closed.is_empty() {
                    let ports: Vec<String> = closed.iter().map(ToString::to_string).collect();
                    warnings.push(format!(
                        "EGRESS {group}: allow tcp {} out, or attach {}",
                        ports.join(" "),
                        settings.deployment.client_group(network)
                    ));
                }
            }
            (Standing::Kept(state, _) | Standing::Refused(state), _) => {
                warnings.push(match state {
                    State::Refused(refusal) => {
                        let short = refusal.sentence.split(": ").next().unwrap_or_default();
                        format!("{} {group}: {short}", refusal.code)
                    }
                    State::Waiting(what) => format!("CLIENT {group}: waiting for {what}"),
                    State::Ready => continue,
                });
            }
            _ => {}
        }
    }
    let held_up = usage::held_up(vpc, network, view);
    warnings.extend(held_up.iter().map(|held_up| format!("DELETION {held_up}")));
    let takeover = taken_over(vpc, network, view);
    warnings.extend(takeover.map(|refusal| format!("{}: {}", refusal.code, refusal.sentence)));
    warnings.extend(unserved_zones(vpc, network, view));
    warnings
}

/// A way's subnets, if it lies in any, are a choice made once: AWS changes none (AWS PrivateLink
/// Guide, Manage service-network endpoints).
fn unserved_zones(vpc: &VpcId, network: &NetworkName, view: View<'_>) -> Option<String> {
    let View { observed, items, .. } = view;
    let way = items.ready(&Key::Endpoint(vpc.clone(), network.clone()))?;
    let Spec::Way { id, .. } = &way.spec else { return None };
    let way = observed.ways.iter().find(|found| found.id == *id && !found.subnets.is_empty())?;
    let chosen = subnet::choose(observed, vpc, SubnetUse::Endpoint, |_| true, subnet::has_block);
    let unserved = subnet::unserved(observed, &way.subnets, &chosen)?;
    Some(format!(
        "ZONE {}: {id} was made before it had a subnet there; to serve it set trellis:consume to \
         off and back",
        unserved.join(" ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide;
    use crate::key::Side;
    use crate::observed::{Direction, Life, Observed, Passage, Peer};
    use crate::tag;
    use crate::tests::{
        another, association, configuration, connected, ours, rule, settings, subnet, tags,
    };

    fn warned(observed: &Observed) -> Vec<String> {
        let reports = decide(Side::ConnectVpc, observed, &settings()).desired.reports;
        assert_eq!(reports.len(), 1, "{reports:?}");
        reports.into_iter().flat_map(|it| it.lines).flat_map(|it| it.warnings).collect()
    }

    /// A world in which the tag of the group `sg-app` says this.
    fn client(value: &str) -> Observed {
        let mut observed = connected();
        observed.groups[2].tags = tags(&[(tag::CLIENT, value)]);
        observed
    }

    const EGRESS: &str = "EGRESS sg-app: allow tcp 5432 out, or attach trellis-client-databases";

    #[test]
    fn a_client_that_lets_nothing_out_to_the_endpoint_is_told_so() {
        assert_eq!(warned(&connected()), Vec::<String>::new());
        assert_eq!(warned(&client("databases")), [EGRESS]);
        let to = |peer: &str, port| Peer::Group(peer.into(), Port(port));
        let addresses = |from, up_to| Peer::Addresses(Port(from), Port(up_to));
        let (out, into) = (Direction::Egress, Direction::Ingress);
        for (group, direction, peer, is_enough) in [
            ("sg-app", out, Peer::Everybody, true),
            ("sg-app", out, to("sg-endpoint", 5432), true),
            ("sg-app", out, addresses(5432, 5432), true),
            ("sg-app", out, addresses(80, 443), false),
            ("sg-app", out, to("sg-endpoint", 3306), false),
            ("sg-app", out, to("sg-client", 5432), false),
            ("sg-app", out, Peer::Other, false),
            ("sg-app", into, Peer::Everybody, false),
            ("sg-client", out, Peer::Everybody, false),
        ] {
            let mut observed = client("databases");
            let mut added = rule("sgr-9", group, direction, "sg-endpoint", [].into());
            added.peer = peer;
            let what = format!("{added:?}");
            observed.rules.push(added);
            assert_eq!(warned(&observed).is_empty(), is_enough, "{what}");
        }
    }

    #[test]
    fn a_client_is_told_every_port_that_is_closed() {
        let mut observed = client("databases");
        let mut sales = another("sales", "db-SALES");
        sales.endpoint = Some(("sales.example".to_owned(), Port(3306)));
        let sales = configuration("rcfg-2", &sales);
        observed.associations.push(association("snra-2", &sales));
        let both = "EGRESS sg-app: allow tcp 3306 5432 out, or attach trellis-client-databases";
        assert_eq!(warned(&observed), [both]);
        observed.rules.push(rule("sgr-9", "sg-app", Direction::Egress, "sg-endpoint", [].into()));
        assert_eq!(
            warned(&observed),
            ["EGRESS sg-app: allow tcp 3306 out, or attach trellis-client-databases"]
        );
        observed.groups.retain(|group| group.id.as_str() != "sg-endpoint");
        assert_eq!(warned(&observed), Vec::<String>::new(), "there is nothing to let out to");
    }

    #[test]
    fn a_client_whose_tag_vanished_or_is_refused_is_named_with_the_cause() {
        let mut observed = client("databases");
        observed.groups[2].tags.clear();
        observed.rules.push(rule(
            "sgr-5",
            "sg-endpoint",
            Direction::Ingress,
            "sg-app",
            ours("endpoint-rule vpc-c databases sg-app 5432"),
        ));
        assert_eq!(
            warned(&observed),
            ["CLIENT sg-app: waiting for the tag trellis:client to return or its withdrawal \
                 after 2026-11-24T12:15:00Z"]
        );
        observed.groups[2].tags = tags(&[(tag::CLIENT, "Databases")]);
        let nonsense = "BAD_TAG sg-app: the tag trellis:client names \"Databases\", which cannot \
                        be the name of a service network";
        assert_eq!(warned(&observed), [nonsense], "what it has stays");
        assert_eq!(warned(&client("Databases")), [nonsense]);
        assert_eq!(
            warned(&client("others")),
            ["NOT_ALLOWED sg-app: others is not among the allowed networks"]
        );
    }

    #[test]
    fn a_client_of_another_network_or_vpc_is_not_spoken_of() {
        assert_eq!(warned(&client("reports")), Vec::<String>::new());
        let mut observed = client("databases");
        observed.groups[2].vpc = "vpc-p".into();
        assert_eq!(warned(&observed), Vec::<String>::new());
    }

    #[test]
    fn a_database_that_is_held_for_the_sake_of_the_vpc_is_said_there() {
        let mut observed = connected();
        observed.answers.passages = Some(vec![Passage {
            id: "pcx-1".to_owned(),
            vpcs: ["vpc-c".into(), "vpc-p".into()].into(),
        }]);
        let warned = warned(&observed);
        assert_eq!(warned.len(), 1, "{warned:?}");
        assert!(warned[0].starts_with("TAKEOVER: vpc-c reaches vpc-p by pcx-1 "), "{warned:?}");
    }

    #[test]
    fn a_zone_without_an_interface_of_the_endpoint_is_named() {
        let mut observed = connected();
        observed.subnets.push(subnet("subnet-c3", "vpc-c", "use1-az4"));
        assert_eq!(
            warned(&observed),
            ["ZONE use1-az4: vpce-1 was made before it had a subnet there; to serve it set \
              trellis:consume to off and back"]
        );
        observed.subnets[4].free = 15;
        assert_eq!(warned(&observed), Vec::<String>::new(), "none fits there");
        observed.subnets[4].free = 16;
        observed.ways[0].life = Life::Coming;
        assert_eq!(warned(&observed), Vec::<String>::new(), "not yet");
    }
}
