//! The ways past VPC Lattice, and how an endpoint takes their name away.

use serde_json::json;

use super::*;

/// The article's world with addresses that can be peered, and a database that lets the client's
/// VPC in.
fn apart() -> (World, Article) {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 7);
    let article = article::build_with(&mut world, "10.1.0.0/16");
    let range = json!([{
        "IpProtocol": "tcp", "FromPort": "5432", "ToPort": "5432",
        "IpRanges": [{"CidrIp": "10.1.0.0/16"}],
    }]);
    let input = json!({"GroupId": article.database_group, "IpPermissions": range});
    ec2(&mut world, "AuthorizeSecurityGroupIngress", input);
    (world, article)
}

fn peer(world: &mut World, article: &Article) -> String {
    let input = json!({"VpcId": article.consumer_vpc, "PeerVpcId": article.provider_vpc});
    let made = ec2(world, "CreateVpcPeeringConnection", input);
    text(&made["vpcPeeringConnection"]["vpcPeeringConnectionId"])
}

fn accept(world: &mut World, peering: &str) {
    let input = json!({"VpcPeeringConnectionId": peering});
    ec2(world, "AcceptVpcPeeringConnection", input);
    pass(world, 1);
}

fn is_reached(world: &World, article: &Article) -> bool {
    reachable(world, &article.client_group, &article.database).reachable
}

/// An endpoint that carries the database by its own name.
fn endpoint(world: &mut World, article: &Article) -> String {
    let network = lattice(world, "CreateServiceNetwork", json!({"name": "databases"}));
    let gateway_group = group(world, "gateway", &article.provider_vpc);
    let endpoint_group = group(world, "endpoint", &article.consumer_vpc);
    let input = json!({
        "name": "provider",
        "vpcIdentifier": article.provider_vpc,
        "subnetIds": article.provider_subnets,
        "securityGroupIds": [gateway_group],
    });
    let gateway = text(&lattice(world, "CreateResourceGateway", input)["id"]);
    pass(world, 10);
    let input = json!({
        "name": "orders",
        "type": "ARN",
        "resourceGatewayIdentifier": gateway,
        "resourceConfigurationDefinition": {"arnResource": {"arn": article.database_arn}},
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
        "VpcId": article.consumer_vpc,
        "ServiceNetworkArn": network["arn"],
        "SubnetId": article.consumer_subnets,
        "SecurityGroupId": [endpoint_group],
        "PrivateDnsEnabled": "true",
    });
    text(&ec2(world, "CreateVpcEndpoint", input)["vpcEndpoint"]["vpcEndpointId"])
}

#[test]
fn an_active_peering_leads_to_the_database_by_its_own_name() {
    let (mut world, article) = apart();
    let peering = peer(&mut world, &article);
    assert!(!is_reached(&world, &article), "nobody has accepted it");
    accept(&mut world, &peering);
    let verdict = reachable(&world, &article.client_group, "orders");
    assert!(verdict.reachable, "{verdict:?}");
    let address = world.rds.instance("orders").and_then(|it| it.address.clone());
    assert_eq!(verdict.by, Vec::from_iter(address));
    ec2(&mut world, "DeleteVpcPeeringConnection", json!({"VpcPeeringConnectionId": peering}));
    assert!(!is_reached(&world, &article));
}

#[test]
fn a_peered_group_counts_until_the_peering_goes() {
    let (mut world, article) = apart();
    let change = |world: &mut World, action: &str, peer: Value| {
        let mut permission = json!({"IpProtocol": "tcp", "FromPort": "5432", "ToPort": "5432"});
        for (name, value) in peer.as_object().expect("a member") {
            permission[name] = value.clone();
        }
        let input = json!({"GroupId": article.database_group, "IpPermissions": [permission]});
        ask(world, Service::Ec2, action, input)
    };
    let address = json!({"IpRanges": [{"CidrIp": "10.1.0.0/16"}]});
    change(&mut world, "RevokeSecurityGroupIngress", address).expect("it is there");
    let client = json!({"Groups": [{"GroupId": article.client_group}]});
    let foreign = change(&mut world, "AuthorizeSecurityGroupIngress", client.clone());
    assert_eq!(foreign.expect_err("of another VPC").code, "InvalidGroup.NotFound");
    let peering = peer(&mut world, &article);
    accept(&mut world, &peering);
    assert!(!is_reached(&world, &article));
    let made = change(&mut world, "AuthorizeSecurityGroupIngress", client).expect("of a peer");
    let referenced = &made["securityGroupRuleSet"]["item"][0]["referencedGroupInfo"];
    assert_eq!(referenced["vpcPeeringConnectionId"], peering.as_str());
    assert!(is_reached(&world, &article));
    let held = ask(
        &mut world,
        Service::Ec2,
        "DeleteSecurityGroup",
        json!({"GroupId":
        article.client_group}),
    );
    held.expect("a rule in another VPC does not hold a group");
}

#[test]
fn a_shared_transit_gateway_leads_there_too() {
    let (mut world, article) = apart();
    let made = ec2(&mut world, "CreateTransitGateway", json!({}));
    let gateway = text(&made["transitGateway"]["transitGatewayId"]);
    let attach = |world: &mut World, vpc: &str, subnets: &[String]| {
        let input = json!({"TransitGatewayId": gateway, "VpcId": vpc, "SubnetIds": subnets});
        ask(world, Service::Ec2, "CreateTransitGatewayVpcAttachment", input)
    };
    let (one, other) = (&article.provider_subnets, &article.consumer_subnets);
    let early = attach(&mut world, &article.provider_vpc, one).expect_err("pending");
    assert_eq!(early.code, "IncorrectState");
    pass(&mut world, 5);
    attach(&mut world, &article.provider_vpc, one).expect("available");
    pass(&mut world, 5);
    assert!(!is_reached(&world, &article), "one of them is attached");
    let made = attach(&mut world, &article.consumer_vpc, other).expect("available");
    assert!(!is_reached(&world, &article), "the attachment is pending");
    pass(&mut world, 5);
    assert!(is_reached(&world, &article));
    let id = &made["transitGatewayVpcAttachment"]["transitGatewayAttachmentId"];
    let filter = |name: &str, value: &str| {
        json!({"Filter": [{"Name": name, "Value": [value]}, {"Name": "state", "Value":
            ["available"]}]})
    };
    let by_vpc = filter("vpc-id", &article.consumer_vpc);
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
    assert!(!is_reached(&world, &article));
}

#[test]
fn overlapping_addresses_are_neither_peered_nor_routed() {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 7);
    let article = article::build(&mut world);
    let peering = peer(&mut world, &article);
    let listed = ec2(
        &mut world,
        "DescribeVpcPeeringConnections",
        json!({
            "Filter": [{"Name": "requester-vpc-info.vpc-id", "Value": [article.consumer_vpc]}],
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
        (&article.provider_vpc, &article.provider_subnets),
        (&article.consumer_vpc, &article.consumer_subnets),
    ];
    for (vpc, subnets) in both {
        let input = json!({"TransitGatewayId": gateway, "VpcId": vpc, "SubnetIds": subnets});
        ec2(&mut world, "CreateTransitGatewayVpcAttachment", input);
    }
    pass(&mut world, 5);
    let verdict = reachable(&world, &article.client_group, "orders");
    assert_eq!(verdict.broken_at, Some(format!("transit gateway {gateway}")));
}

#[test]
fn an_endpoint_takes_the_name_away_from_the_peering() {
    let (mut world, article) = apart();
    let peering = peer(&mut world, &article);
    accept(&mut world, &peering);
    let endpoint = endpoint(&mut world, &article);
    assert!(is_reached(&world, &article), "the endpoint is pending");
    pass(&mut world, 10);
    let verdict = reachable(&world, &article.client_group, "orders");
    assert!(!verdict.reachable, "the endpoint lets nobody in: {verdict:?}");
    ec2(&mut world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [endpoint]}));
    pass(&mut world, 10);
    assert!(is_reached(&world, &article), "the name is the database's own again");
}
