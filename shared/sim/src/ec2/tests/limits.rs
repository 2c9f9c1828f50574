//! Quotas, by the calls that meet them.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::two_vpcs::{self, TwoVpcs};
use crate::{Call, Fault, Service, World};

fn start() -> (World, TwoVpcs) {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 3);
    let two_vpcs = two_vpcs::build(&mut world);
    (world, two_vpcs)
}

fn ask(world: &mut World, action: &str, input: Value) -> Result<Value, Fault> {
    world.answer(&Call::new(Service::Ec2, action, input))
}

fn code(world: &mut World, action: &str, input: Value) -> String {
    ask(world, action, input).expect_err(action).code
}

fn new_group(name: &str, vpc: &str) -> Value {
    json!({"GroupName": name, "GroupDescription": "d", "VpcId": vpc})
}

#[test]
fn rules_are_counted_in_each_direction() {
    let (mut world, two_vpcs) = start();
    world.switches.quotas.rules_per_group = 2;
    let rule = |port: u16| {
        let permission = json!({
            "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
            "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
        });
        json!({"GroupId": two_vpcs.client_group, "IpPermissions": [permission]})
    };
    for port in [1, 2] {
        ask(&mut world, "AuthorizeSecurityGroupIngress", rule(port)).expect("room");
    }
    let full = "RulesPerSecurityGroupLimitExceeded";
    assert_eq!(code(&mut world, "AuthorizeSecurityGroupIngress", rule(3)), full);
    ask(&mut world, "AuthorizeSecurityGroupEgress", rule(3)).expect("one is the default");
    assert_eq!(code(&mut world, "AuthorizeSecurityGroupEgress", rule(4)), full);
}

#[test]
fn groups_are_counted_in_the_region_and_the_vpc() {
    let (mut world, two_vpcs) = start();
    let full = "SecurityGroupLimitExceeded";
    world.switches.quotas.groups_per_vpc = 3;
    let one = new_group("one", &two_vpcs.consumer_vpc);
    ask(&mut world, "CreateSecurityGroup", one).expect("default, client and one");
    let two = new_group("two", &two_vpcs.consumer_vpc);
    assert_eq!(code(&mut world, "CreateSecurityGroup", two.clone()), full);
    ask(&mut world, "CreateSecurityGroup", new_group("one", &two_vpcs.provider_vpc)).expect("room");
    world.switches.quotas.groups_per_vpc = 9;
    world.switches.quotas.groups = 6;
    assert_eq!(code(&mut world, "CreateSecurityGroup", two), full);
}

#[test]
fn interfaces_are_counted_and_so_are_their_groups() {
    let (mut world, two_vpcs) = start();
    let mut groups = vec![two_vpcs.client_group.clone()];
    for name in ["one", "two"] {
        let made = ask(&mut world, "CreateSecurityGroup", new_group(name, &two_vpcs.consumer_vpc));
        groups.push(made.expect("room")["groupId"].as_str().expect("an id").to_owned());
    }
    world.switches.quotas.groups_per_interface = 2;
    let subnet = &two_vpcs.consumer_subnets[0];
    let interface = |groups: &[String]| json!({"SubnetId": subnet, "SecurityGroupId": groups});
    let many = code(&mut world, "CreateNetworkInterface", interface(&groups));
    assert_eq!(many, "SecurityGroupsPerInterfaceLimitExceeded");
    world.switches.quotas.interfaces = 2;
    ask(&mut world, "CreateNetworkInterface", interface(&groups[..2]))
        .expect("beside the database");
    let full = code(&mut world, "CreateNetworkInterface", interface(&groups[..2]));
    assert_eq!(full, "NetworkInterfaceLimitExceeded");
}

#[test]
fn endpoints_are_counted() {
    let (mut world, two_vpcs) = start();
    let call = Call::new(Service::Lattice, "CreateServiceNetwork", json!({"name": "databases"}));
    let network = world.answer(&call).expect("a network");
    world.switches.quotas.endpoints_per_network = 1;
    let endpoint = |vpc: &str, subnets: &[String]| {
        json!({
            "VpcEndpointType": "ServiceNetwork", "VpcId": vpc, "SubnetId": subnets,
            "ServiceNetworkArn": network["arn"],
        })
    };
    let first = endpoint(&two_vpcs.consumer_vpc, &two_vpcs.consumer_subnets);
    ask(&mut world, "CreateVpcEndpoint", first).expect("room");
    let second = endpoint(&two_vpcs.provider_vpc, &two_vpcs.provider_subnets);
    let full = code(&mut world, "CreateVpcEndpoint", second);
    assert_eq!(full, "VpcEndpointLimitExceeded");
}
