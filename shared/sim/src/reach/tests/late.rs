//! What comes and goes later than what it belongs to, and what works in part.

use serde_json::json;

use super::*;

/// The associations of the network, with those of managed children.
fn all_associations(all: &mut Connected) -> Vec<Value> {
    let input = json!({"serviceNetworkIdentifier": all.network, "includeChildren": "true"});
    let listed = lattice(&mut all.world, "ListServiceNetworkResourceAssociations", input);
    listed["items"].as_array().cloned().expect("a list")
}

fn state(all: &mut Connected) -> String {
    let input = json!({"VpcEndpointId": [all.endpoint]});
    let listed = ec2(&mut all.world, "DescribeVpcEndpoints", input);
    text(&listed["vpcEndpointSet"]["item"][0]["state"])
}

#[test]
fn managed_children_come_and_go_late() {
    let late = |world: &mut World| {
        world.switches.durations.child = SignedDuration::from_mins(12);
    };
    let mut all = connected_with(late, |two_vpcs| two_vpcs.consumer_subnets.clone());
    assert!(!all.reachability().reachable, "the parents are active, the children are not there");
    assert_eq!(all_associations(&mut all).len(), 1);
    pass(&mut all.world, 30);
    assert!(all.reachability().reachable);
    assert_eq!(all_associations(&mut all).len(), 2);
    let input = json!({"serviceNetworkResourceAssociationIdentifier": all.association});
    lattice(&mut all.world, "DeleteServiceNetworkResourceAssociation", input);
    pass(&mut all.world, 2);
    let left = all_associations(&mut all);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["status"], "DELETE_IN_PROGRESS");
    assert!(!all.reachability().reachable, "an orphan carries nothing");
    pass(&mut all.world, 12);
    assert_eq!(all_associations(&mut all).len(), 0);
    let input = json!({"resourceConfigurationIdentifier": all.configuration});
    lattice(&mut all.world, "DeleteResourceConfiguration", input);
    let count = |all: &mut Connected| {
        let listed = lattice(&mut all.world, "ListResourceConfigurations", json!({}));
        listed["items"].as_array().map(Vec::len)
    };
    pass(&mut all.world, 2);
    assert_eq!(count(&mut all), Some(1));
    pass(&mut all.world, 12);
    assert_eq!(count(&mut all), Some(0));
}

#[test]
fn interfaces_are_listed_late_and_outlive_their_endpoint() {
    let mut all = connected();
    all.world.switches.durations.interface = SignedDuration::from_mins(5);
    ec2(&mut all.world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [all.endpoint]}));
    pass(&mut all.world, 4);
    let group = json!({"GroupId": all.endpoint_group});
    let held = ask(&mut all.world, Service::Ec2, "DeleteSecurityGroup", group.clone());
    assert_eq!(held.expect_err("in use").code, "DependencyViolation");
    pass(&mut all.world, 4);
    ec2(&mut all.world, "DeleteSecurityGroup", group);

    let arn = all.world.lattice.networks[&all.network].entity.arn.clone();
    let input = json!({
        "VpcEndpointType": "ServiceNetwork",
        "VpcId": all.two_vpcs.consumer_vpc,
        "ServiceNetworkArn": arn,
        "SubnetId": all.two_vpcs.consumer_subnets,
    });
    ec2(&mut all.world, "CreateVpcEndpoint", input);
    let count = |all: &mut Connected| {
        let filter = json!([{"Name": "interface-type", "Value": ["vpc_endpoint"]}]);
        let listed = ec2(&mut all.world, "DescribeNetworkInterfaces", json!({"Filter": filter}));
        listed["networkInterfaceSet"]["item"].as_array().map(Vec::len)
    };
    assert_eq!(count(&mut all), Some(0));
    pass(&mut all.world, 5);
    assert_eq!(count(&mut all), Some(2));
}

#[test]
fn a_partial_endpoint_carries_and_a_rejected_one_does_not() {
    let mut all = connected();
    let id = all.endpoint.clone();
    assert!(all.world.endpoint_turns_partial(&id));
    assert_eq!(state(&mut all), "partial");
    let input = json!({"serviceNetworkResourceAssociationIdentifier": all.association});
    lattice(&mut all.world, "DeleteServiceNetworkResourceAssociation", input);
    pass(&mut all.world, 5);
    let input = json!({
        "resourceConfigurationIdentifier": all.configuration,
        "serviceNetworkIdentifier": all.network,
    });
    lattice(&mut all.world, "CreateServiceNetworkResourceAssociation", input);
    pass(&mut all.world, 60);
    assert!(all.reachability().reachable, "what is new is carried too");
    assert_eq!(state(&mut all), "partial", "it does not heal by itself");
    assert!(all.world.endpoint_heals(&id));
    assert_eq!(state(&mut all), "available");
    assert!(all.world.endpoint_is_rejected(&id));
    assert_eq!(state(&mut all), "rejected");
    assert_eq!(all.broken_at(), format!("endpoint {id}"));
    assert_eq!(all.associations().len(), 0);
    assert!(!all.world.endpoint_heals(&id));
    ec2(&mut all.world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [id]}));
    pass(&mut all.world, 2);
    assert_eq!(state(&mut all), "deleted");
}

#[test]
fn a_new_endpoint_may_be_partial_at_first() {
    let mut all = connected();
    all.world.switches.chances.partial_endpoint = 1.0;
    let id = all.endpoint.clone();
    ec2(&mut all.world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [id]}));
    pass(&mut all.world, 5);
    let arn = all.world.lattice.networks[&all.network].entity.arn.clone();
    let input = json!({
        "VpcEndpointType": "ServiceNetwork",
        "VpcId": all.two_vpcs.consumer_vpc,
        "ServiceNetworkArn": arn,
        "SubnetId": all.two_vpcs.consumer_subnets,
        "SecurityGroupId": [all.endpoint_group],
    });
    let made = ec2(&mut all.world, "CreateVpcEndpoint", input);
    all.endpoint = text(&made["vpcEndpoint"]["vpcEndpointId"]);
    pass(&mut all.world, 3);
    assert_eq!(state(&mut all), "partial");
    assert!(all.reachability().reachable, "its names resolve");
    pass(&mut all.world, 1);
    assert_eq!(state(&mut all), "available");
}
