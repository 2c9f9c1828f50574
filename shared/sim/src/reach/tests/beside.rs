//! The ways past VPC Lattice, and how an endpoint takes their name away.

use serde_json::json;

use super::*;

/// The article's world with addresses that can be peered, and a database that lets the client's
/// VPC in.
fn apart() -> (World, TwoVpcs) {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 7);
    let two_vpcs = two_vpcs::build_with(&mut world, "10.1.0.0/16");
    let range = json!([{
        "IpProtocol": "tcp", "FromPort": "5432", "ToPort": "5432",
        "IpRanges": [{"CidrIp": "10.1.0.0/16"}],
    }]);
    let input = json!({"GroupId": two_vpcs.database_group, "IpPermissions": range});
    ec2(&mut world, "AuthorizeSecurityGroupIngress", input);
    (world, two_vpcs)
}

fn peer(world: &mut World, two_vpcs: &TwoVpcs) -> String {
    let input = json!({"VpcId": two_vpcs.consumer_vpc, "PeerVpcId": two_vpcs.provider_vpc});
    let made = ec2(world, "CreateVpcPeeringConnection", input);
    text(&made["vpcPeeringConnection"]["vpcPeeringConnectionId"])
}

fn accept(world: &mut World, peering: &str) {
    let input = json!({"VpcPeeringConnectionId": peering});
    ec2(world, "AcceptVpcPeeringConnection", input);
    pass(world, 1);
}

fn is_reached(world: &World, two_vpcs: &TwoVpcs) -> bool {
    reachable(world, &two_vpcs.client_group, &two_vpcs.database).reachable
}

/// An endpoint that carries the database by its own name.
fn endpoint(world: &mut World, two_vpcs: &TwoVpcs) -> String {
    let network = lattice(world, "CreateServiceNetwork", json!({"name": "databases"}));
    let gateway_group = group(world, "gateway", &two_vpcs.provider_vpc);
    let endpoint_group = group(world, "endpoint", &two_vpcs.consumer_vpc);
    let input = json!({
        "name": "provider",
        "vpcIdentifier": two_vpcs.provider_vpc,
        "subnetIds": two_vpcs.provider_subnets,
        "securityGroupIds": [gateway_group],
    });
    let gateway = text(&lattice(world, "CreateResourceGateway", input)["id"]);
    pass(world, 10);
    let input = json!({
        "name": "orders",
        "type": "ARN",
        "resourceGatewayIdentifier": gateway,
        "resourceConfigurationDefinition": {"arnResource": {"arn": two_vpcs.database_arn}},
    });
    let configuration = text(&lattice(world, "CreateResourceConfiguration", input)["id"]);
    pass(world, 10);
    let input = json!({
        "resourceConfigurationIdentifier": configuration,
        "serviceNetworkIdentifier": network["id"],
    });
    lattice(world, "CreateServiceNetworkResourceAssociation", input);
    let input = json!({
        "VpcEndpointType": "ServiceNetwork",
        "VpcId": two_vpcs.consumer_vpc,
        "ServiceNetworkArn": network["arn"],
        "SubnetId": two_vpcs.consumer_subnets,
        "SecurityGroupId": [endpoint_group],
        "PrivateDnsEnabled": "true",
    });
    text(&ec2(world, "CreateVpcEndpoint", input)["vpcEndpoint"]["vpcEndpointId"])
}

#[test]
fn an_active_peering_leads_to_the_database_by_its_own_name() {
    let (mut world, two_vpcs) = apart();
    let peering = peer(&mut world, &two_vpcs);
    assert!(!is_reached(&world, &two_vpcs), "nobody has accepted it");
    accept(&mut world, &peering);
    let reachability = reachable(&world, &two_vpcs.client_group, "orders");
    assert!(reachability.reachable, "{reachability:?}");
    let address = world.rds.instance("orders").and_then(|it| it.address.clone());
    assert_eq!(reachability.by, Vec::from_iter(address));
    ec2(&mut world, "DeleteVpcPeeringConnection", json!({"VpcPeeringConnectionId": peering}));
    assert!(!is_reached(&world, &two_vpcs));
}

#[test]
fn a_peered_group_counts_until_the_peering_goes() {
    let (mut world, two_vpcs) = apart();
    let change = |world: &mut World, action: &str, peer: Value| {
        let mut permission = json!({"IpProtocol": "tcp", "FromPort": "5432", "ToPort": "5432"});
        for (name, value) in peer.as_object().expect("a member") {
            permission[name] = value.clone();
        }
        let input = json!({"GroupId": two_vpcs.database_group, "IpPermissions": [permission]});
        ask(world, Service::Ec2, action, input)
    };
    let address = json!({"IpRanges": [{"CidrIp": "10.1.0.0/16"}]});
    change(&mut world, "RevokeSecurityGroupIngress", address).expect("it is there");
    let client = json!({"Groups": [{"GroupId": two_vpcs.client_group}]});
    let foreign = change(&mut world, "AuthorizeSecurityGroupIngress", client.clone());
    assert_eq!(foreign.expect_err("of another VPC").code, "InvalidGroup.NotFound");
    let peering = peer(&mut world, &two_vpcs);
    accept(&mut world, &peering);
    assert!(!is_reached(&world, &two_vpcs));
    let made = change(&mut world, "AuthorizeSecurityGroupIngress", client).expect("of a peer");
    let referenced = &made["securityGroupRuleSet"]["item"][0]["referencedGroupInfo"];
    assert_eq!(referenced["vpcPeeringConnectionId"], peering.as_str());
    assert!(is_reached(&world, &two_vpcs));
    let held = ask(
        &mut world,
        Service::Ec2,
        "DeleteSecurityGroup",
        json!({"GroupId":
        two_vpcs.client_group}),
    );
    held.expect("a rule in another VPC does not hold a group");
}

#[test]
fn a_shared_transit_gateway_leads_there_too() {
    let (mut world, two_vpcs) = apart();
    let made = ec2(&mut world, "CreateTransitGateway", json!({}));
    let gateway = text(&made["transitGateway"]["transitGatewayId"]);
    let attach = |world: &mut World, vpc: &str, subnets: &[String]| {
        let input = json!({"TransitGatewayId": gateway, "VpcId": vpc, "SubnetIds": subnets});
        ask(world, Service::Ec2, "CreateTransitGatewayVpcAttachment", input)
    };
    let (one, other) = (&two_vpcs.provider_subnets, &two_vpcs.consumer_subnets);
    let early = attach(&mut world, &two_vpcs.provider_vpc, one).expect_err("pending");
    assert_eq!(early.code, "IncorrectState");
    pass(&mut world, 5);
    attach(&mut world, &two_vpcs.provider_vpc, one).expect("available");
    pass(&mut world, 5);
    assert!(!is_reached(&world, &two_vpcs), "one of them is attached");
    let made = attach(&mut world, &two_vpcs.consumer_vpc, other).expect("available");
    assert!(!is_reached(&world, &two_vpcs), "the attachment is pending");
    pass(&mut world, 5);
    assert!(is_reached(&world, &two_vpcs));
    let id = &made["transitGatewayVpcAttachment"]["transitGatewayAttachmentId"];
    let filter = |name: &str, value: &str| {
        json!({"Filter": [{"Name": name, "Value": [value]}, {"Name": "state", "Value":
            ["available"]}]})
    };
    let by_vpc = filter("vpc-id", &two_vpcs.consumer_vpc);
    let listed = ec2(&mut world, "DescribeTransitGatewayVpcAttachments", by_vpc);
    let items = &listed["transitGatewayVpcAttachments"]["item"];
    assert_eq!(items.as_array().map(Vec::len), Some(1));
    assert_eq!(items[0]["transitGatewayAttachmentId"], *id);
    let by_gateway = filter("transit-gateway-id", &gateway);
    let listed = ec2(&mut world, "DescribeTransitGatewayVpcAttachments", by_gateway);
    let items = &listed["transitGatewayVpcAttachments"]["item"];
    assert_eq!(items.as_array().map(Vec::len), Some(2));
    let input = json!({"TransitGatewayAttachmentId": id});
    ec2(&mut world, "DeleteTransitGatewayVpcAttachment", input);
    assert!(!is_reached(&world, &two_vpcs));
}

#[test]
fn overlapping_addresses_are_neither_peered_nor_routed() {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 7);
    let two_vpcs = two_vpcs::build(&mut world);
    let peering = peer(&mut world, &two_vpcs);
    let listed = ec2(
        &mut world,
        "DescribeVpcPeeringConnections",
        json!({
            "Filter": [{"Name": "requester-vpc-info.vpc-id", "Value": [two_vpcs.consumer_vpc]}],
        }),
    );
    let item = &listed["vpcPeeringConnectionSet"]["item"][0];
    assert_eq!(item["vpcPeeringConnectionId"], peering.as_str());
    assert_eq!(item["status"]["code"], "failed");
    let input = json!({"VpcPeeringConnectionId": peering});
    let refused = ask(&mut world, Service::Ec2, "AcceptVpcPeeringConnection", input);
    assert_eq!(refused.expect_err("failed").code, "InvalidStateTransition");

    let made = ec2(&mut world, "CreateTransitGateway", json!({}));
    let gateway = text(&made["transitGateway"]["transitGatewayId"]);
    pass(&mut world, 5);
    let both = [
        (&two_vpcs.provider_vpc, &two_vpcs.provider_subnets),
        (&two_vpcs.consumer_vpc, &two_vpcs.consumer_subnets),
    ];
    for (vpc, subnets) in both {
        let input = json!({"TransitGatewayId": gateway, "VpcId": vpc, "SubnetIds": subnets});
        ec2(&mut world, "CreateTransitGatewayVpcAttachment", input);
    }
    pass(&mut world, 5);
    let reachability = reachable(&world, &two_vpcs.client_group, "orders");
    assert_eq!(reachability.broken_at, Some(format!("transit gateway {gateway}")));
}

#[test]
fn an_endpoint_takes_the_name_away_from_the_peering() {
    let (mut world, two_vpcs) = apart();
    let peering = peer(&mut world, &two_vpcs);
    accept(&mut world, &peering);
    let endpoint = endpoint(&mut world, &two_vpcs);
    assert!(is_reached(&world, &two_vpcs), "the endpoint is pending");
    pass(&mut world, 10);
    let reachability = reachable(&world, &two_vpcs.client_group, "orders");
    assert!(!reachability.reachable, "the endpoint lets nobody in: {reachability:?}");
    ec2(&mut world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [endpoint]}));
    pass(&mut world, 10);
    assert!(is_reached(&world, &two_vpcs), "the name is the database's own again");
}
