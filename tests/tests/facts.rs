//! Every fact about AWS holds of the simulated one; what AWS does not document, it does either way.
//!
//! Each case gets a simulator of its own, whose time jumps to the next moment at which something
//! happens.

use std::collections::BTreeSet;

use facts::{Area, Case, Clients, Conformance};
use sim::switches::{
    AddressesPerConfiguration, ChildAssociations, ChildNames, GatewayAddresses, GreenTags,
    OrphanedConfiguration, SecondEndpoint, SpentToken,
};
use sim::{Clock, Sim, Switches};
use tests::scene::{on_virtual_time, sdk, start};

/// The seed of every simulator here: it decides ids, and nothing that a case is about.
const SEED: u64 = 6;

/// What comes out of a case in a world of its own, and the operations that it called.
fn run(case: &Case, set: impl Fn(&mut Switches)) -> (Conformance, BTreeSet<String>) {
    on_virtual_time(async {
        let sim = Sim::new(Clock::virtual_from(start()), SEED);
        sim.world(|world| set(&mut world.switches));
        let conformance = facts::run(case, &Clients::new(&sdk(&sim, "facts"))).await;
        let calls = sim.calls_since(0).into_iter().map(|call| call.action).collect();
        (conformance, calls)
    })
}

/// Runs every case of these areas. Answers those that did not come out as they should.
fn wrong(areas: &[Area], set: impl Fn(&mut Switches)) -> Vec<String> {
    let cases = facts::all().into_iter().filter(|case| areas.contains(&case.area));
    let conformances = cases.map(|case| (case, run(&case, &set).0));
    conformances
        .filter(|(case, conformance)| match conformance {
            Conformance::Held => case.area == Area::Unsure,
            Conformance::Found(_) => case.area != Area::Unsure,
            _ => true,
        })
        .map(|(case, conformance)| format!("{}: {conformance:?}", case.name))
        .collect()
}

fn hold(areas: &[Area]) {
    let wrong = wrong(areas, |_| {});
    assert!(wrong.is_empty(), "{} of the facts:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn facts_about_callers_vpcs_and_events_hold() {
    hold(&[Area::Account, Area::Vpc, Area::Events]);
}

#[test]
fn facts_about_groups_hold() {
    hold(&[Area::Group]);
}

#[test]
fn facts_about_databases_hold() {
    hold(&[Area::Database]);
}

#[test]
fn facts_about_gateways_hold() {
    hold(&[Area::Gateway]);
}

#[test]
fn facts_about_configurations_hold() {
    hold(&[Area::Configuration]);
}

#[test]
fn facts_about_networks_and_tags_hold() {
    hold(&[Area::Network, Area::Tags]);
}

#[test]
fn facts_about_associations_hold() {
    hold(&[Area::Association]);
}

#[test]
fn facts_about_endpoints_hold() {
    hold(&[Area::Endpoint]);
}

#[test]
fn facts_that_surprise_hold() {
    hold(&[Area::Traps]);
}

#[test]
fn what_is_unsure_is_one_way_or_the_other() {
    hold(&[Area::Unsure]);
}

#[test]
fn listings_are_complete_however_small_their_pages_are() {
    let pages = facts::all().into_iter().filter(|case| case.name.contains("in_pages"));
    let wrong: Vec<_> = pages
        .map(|case| (case.name, run(&case, |switches| switches.largest_page = Some(1)).0))
        .filter(|(_, conformance)| *conformance != Conformance::Held)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A position of a switch, and what a case finds with it.
type Way = (fn(&mut Switches), &'static str);

/// Runs the case with the switch in each of its positions, and compares what it finds.
fn finds(name: &str, ways: &[Way]) {
    let case = facts::all().into_iter().find(|case| case.name == name).expect("there is one");
    for (set, way) in ways {
        assert_eq!(run(&case, set).0, Conformance::Found((*way).to_owned()), "{name}");
    }
}

#[test]
fn a_database_that_is_deleted_leaves_its_configuration_either_way() {
    finds(
        "a_configuration_after_its_database_was_deleted",
        &[
            (|it| it.orphaned_configuration = OrphanedConfiguration::StaysActive, "it is ACTIVE"),
            (|it| it.orphaned_configuration = OrphanedConfiguration::Fails, "it is UPDATE_FAILED"),
        ],
    );
}

#[test]
fn a_spent_token_makes_another_or_answers_with_what_is_gone() {
    finds(
        "a_create_with_the_token_of_something_deleted",
        &[
            (|it| it.spent_token = SpentToken::MakesAnew, "it makes another"),
            (|it| it.spent_token = SpentToken::AnswersOld, "it answers with what is deleted"),
        ],
    );
}

#[test]
fn a_configuration_takes_an_address_for_its_child_or_for_itself_too() {
    use AddressesPerConfiguration::{ParentAndChildren, PerChild};

    finds(
        "the_addresses_that_a_configuration_takes_of_an_endpoint_subnet",
        &[
            (|it| it.addresses_per_configuration = PerChild, "it takes 1"),
            (|it| it.addresses_per_configuration = ParentAndChildren, "it takes 2"),
        ],
    );
}

#[test]
fn a_second_endpoint_is_refused_fails_or_works() {
    finds(
        "a_second_endpoint_to_the_same_network_in_one_vpc",
        &[
            (
                |it| it.second_endpoint = SecondEndpoint::Refused,
                "it is refused with InvalidParameter",
            ),
            (|it| it.second_endpoint = SecondEndpoint::Fails, "it is failed"),
            (|it| it.second_endpoint = SecondEndpoint::Works, "it is available"),
        ],
    );
}

#[test]
fn a_green_instance_has_tags_at_once_after_the_switchover_or_never() {
    finds(
        "the_tags_of_a_green_instance",
        &[
            (|it| it.green_tags = GreenTags::AtCreation, "it has them when it is created"),
            (|it| it.green_tags = GreenTags::AtSwitchover, "it has them once it is switched over"),
            (|it| it.green_tags = GreenTags::Never, "it never has them"),
        ],
    );
}

#[test]
fn a_gateway_takes_the_addresses_that_it_asks_for_or_a_block() {
    finds(
        "the_addresses_that_a_gateway_takes_of_a_subnet",
        &[
            (|it| it.gateway_addresses = GatewayAddresses::Single, "it takes 2 for 2"),
            (|it| it.gateway_addresses = GatewayAddresses::Block, "it takes 16 for 2"),
        ],
    );
}

#[test]
fn a_managed_child_is_named_by_itself_or_after_its_parent_and_database() {
    let of_both = "it is the configuration's id and the database's identifier";
    finds(
        "the_name_of_a_managed_child",
        &[
            (|it| it.child_names = ChildNames::Own, "it is something of its own"),
            (|it| it.child_names = ChildNames::OfParentAndDatabase, of_both),
        ],
    );
}

#[test]
fn associations_of_children_are_listed_when_asked_for_or_always() {
    use ChildAssociations::{Always, WhenAskedFor};

    finds(
        "the_association_of_a_managed_child_in_a_plain_listing",
        &[
            (|it| it.child_associations = WhenAskedFor, "it is listed when it is asked for"),
            (|it| it.child_associations = Always, "it is listed, asked for or not"),
        ],
    );
}

/// The operations that Trellis calls.
const CALLED: [&str; 45] = [
    "AddTagsToResource",
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateResourceConfiguration",
    "CreateResourceGateway",
    "CreateSecurityGroup",
    "CreateServiceNetwork",
    "CreateServiceNetworkResourceAssociation",
    "CreateTags",
    "CreateVpcEndpoint",
    "DeleteResourceConfiguration",
    "DeleteResourceGateway",
    "DeleteSecurityGroup",
    "DeleteServiceNetwork",
    "DeleteServiceNetworkResourceAssociation",
    "DeleteTags",
    "DeleteVpcEndpoints",
    "DescribeDBClusters",
    "DescribeDBInstances",
    "DescribeSecurityGroupRules",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcAttribute",
    "DescribeVpcEndpointAssociations",
    "DescribeVpcEndpoints",
    "DescribeVpcs",
    "GetCallerIdentity",
    "GetResourceConfiguration",
    "GetResourceGateway",
    "GetServiceNetwork",
    "GetServiceNetworkResourceAssociation",
    "ListResourceConfigurations",
    "ListResourceGateways",
    "ListServiceNetworkResourceAssociations",
    "ListServiceNetworks",
    "ListTagsForResource",
    "ModifyVpcEndpoint",
    "PutEvents",
    "RemoveTagsFromResource",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "TagResource",
    "UntagResource",
    "UpdateResourceConfiguration",
    "UpdateResourceGateway",
];

#[test]
fn there_is_a_fact_about_every_operation_that_trellis_calls() {
    let mut tried = BTreeSet::new();
    for case in facts::all() {
        if CALLED.iter().all(|operation| tried.contains(*operation)) {
            break;
        }
        tried.extend(run(&case, |_| {}).1);
    }
    let untried: Vec<_> =
        CALLED.into_iter().filter(|operation| !tried.contains(*operation)).collect();
    assert!(untried.is_empty(), "{untried:?}");
}

#[test]
fn every_fact_has_a_name_of_its_own_and_a_source() {
    let cases = facts::all();
    let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len());
    assert!(cases.len() >= 60, "{}", cases.len());
    assert!(cases.iter().all(|case| !case.source.is_empty()));
}
