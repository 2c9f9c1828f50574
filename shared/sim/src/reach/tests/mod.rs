//! The article's two VPCs, connected by hand and broken in one place at a time.

mod beside;
mod hops;
mod late;
mod ways;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Reachability, reachable};
use crate::two_vpcs::{self, TwoVpcs};
use crate::{Call, Fault, Service, World};

/// The two VPCs with everything between client and database.
struct Connected {
    world: World,
    two_vpcs: TwoVpcs,
    gateway: String,
    gateway_group: String,
    configuration: String,
    network: String,
    association: String,
    endpoint: String,
    endpoint_group: String,
}

fn ask(world: &mut World, service: Service, action: &str, input: Value) -> Result<Value, Fault> {
    world.answer(&Call::new(service, action, input))
}

fn ec2(world: &mut World, action: &str, input: Value) -> Value {
    ask(world, Service::Ec2, action, input).expect(action)
}

fn lattice(world: &mut World, action: &str, input: Value) -> Value {
    ask(world, Service::Lattice, action, input).expect(action)
}

fn pass(world: &mut World, minutes: i64) {
    world.advance_to(world.now() + SignedDuration::from_mins(minutes));
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

fn group(world: &mut World, name: &str, vpc: &str) -> String {
    let input = json!({"GroupName": name, "GroupDescription": name, "VpcId": vpc});
    let id = text(&ec2(world, "CreateSecurityGroup", input)["groupId"]);
    let all = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    let input = json!({"GroupId": id, "IpPermissions": all});
    ec2(world, "RevokeSecurityGroupEgress", input);
    id
}

fn rule(world: &mut World, action: &str, group: &str, peer: &str, port: &str) {
    let permission = json!([{
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "Groups": [{"GroupId": peer}],
    }]);
    ec2(world, action, json!({"GroupId": group, "IpPermissions": permission}));
}

fn connected() -> Connected {
    connected_with(|_| {}, |two_vpcs| two_vpcs.consumer_subnets.clone())
}

fn connected_with(
    prepare: impl FnOnce(&mut World),
    subnets: impl FnOnce(&TwoVpcs) -> Vec<String>,
) -> Connected {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 7);
    prepare(&mut world);
    let two_vpcs = two_vpcs::build(&mut world);
    let gateway_group = group(&mut world, "gateway", &two_vpcs.provider_vpc);
    let endpoint_group = group(&mut world, "endpoint", &two_vpcs.consumer_vpc);
    let database_group = two_vpcs.database_group.clone();
    let (ingress, egress) = ("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress");
    rule(&mut world, egress, &gateway_group, &database_group, "5432");
    rule(&mut world, ingress, &database_group, &gateway_group, "5432");
    rule(&mut world, ingress, &endpoint_group, &two_vpcs.client_group, "5432");
    let input = json!({"name": "databases"});
    let network = lattice(&mut world, "CreateServiceNetwork", input);
    let input = json!({
        "name": "provider",
        "vpcIdentifier": two_vpcs.provider_vpc,
        "subnetIds": two_vpcs.provider_subnets,
        "securityGroupIds": [gateway_group],
        "ipv4AddressesPerEni": 2,
    });
    let gateway = text(&lattice(&mut world, "CreateResourceGateway", input)["id"]);
    let input = json!({
        "VpcEndpointType": "ServiceNetwork",
        "VpcId": two_vpcs.consumer_vpc,
        "ServiceNetworkArn": network["arn"],
        "SubnetId": subnets(&two_vpcs),
        "SecurityGroupId": [endpoint_group],
        "PrivateDnsEnabled": "true",
        "ClientToken": "once",
    });
    let made = ec2(&mut world, "CreateVpcEndpoint", input);
    let endpoint = text(&made["vpcEndpoint"]["vpcEndpointId"]);
    pass(&mut world, 10);
    let input = json!({
        "name": "orders",
        "type": "ARN",
        "resourceGatewayIdentifier": gateway,
        "resourceConfigurationDefinition": {"arnResource": {"arn": two_vpcs.database_arn}},
    });
    let configuration = text(&lattice(&mut world, "CreateResourceConfiguration", input)["id"]);
    pass(&mut world, 10);
    let input = json!({
        "resourceConfigurationIdentifier": configuration,
        "serviceNetworkIdentifier": network["id"],
    });
    let made = lattice(&mut world, "CreateServiceNetworkResourceAssociation", input);
    let association = text(&made["id"]);
    pass(&mut world, 10);
    Connected {
        world,
        two_vpcs,
        gateway,
        gateway_group,
        configuration,
        network: text(&network["id"]),
        association,
        endpoint,
        endpoint_group,
    }
}

impl Connected {
    fn reachability(&self) -> Reachability {
        reachable(&self.world, &self.two_vpcs.client_group, &self.two_vpcs.database)
    }

    fn broken_at(&self) -> String {
        let reachability = self.reachability();
        assert!(!reachability.reachable && reachability.by.is_empty(), "{reachability:?}");
        reachability.broken_at.expect("a hop")
    }

    fn associations(&mut self) -> Vec<Value> {
        let input = json!({"VpcEndpointId": [self.endpoint]});
        let answer = ec2(&mut self.world, "DescribeVpcEndpointAssociations", input);
        answer["vpcEndpointAssociationSet"]["item"].as_array().cloned().expect("a list")
    }

    fn revoke(&mut self, action: &str, group: &str, peer: &str) {
        let permission = json!([{
            "IpProtocol": "tcp",
            "FromPort": "5432",
            "ToPort": "5432",
            "Groups": [{"GroupId": peer}],
        }]);
        ec2(&mut self.world, action, json!({"GroupId": group, "IpPermissions": permission}));
    }
}
