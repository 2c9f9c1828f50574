//! Each hop, closed on its own.

use serde_json::json;

use super::*;

#[test]
fn each_missing_rule_breaks_its_hop() {
    let all = connected();
    let (two_vpcs, egress) = (all.two_vpcs.clone(), "RevokeSecurityGroupEgress");
    let ingress = "RevokeSecurityGroupIngress";
    let copy = || Connected { world: all.world.clone(), two_vpcs: two_vpcs.clone(), ..connected() };

    let mut one = copy();
    one.revoke(egress, &all.gateway_group, &two_vpcs.database_group);
    assert_eq!(one.broken_at(), format!("egress of {} to orders", all.gateway));
    let mut one = copy();
    one.revoke(ingress, &two_vpcs.database_group, &all.gateway_group);
    assert_eq!(one.broken_at(), format!("ingress of orders from {}", all.gateway));
    let mut one = copy();
    one.revoke(ingress, &all.endpoint_group, &two_vpcs.client_group);
    let at = format!("ingress of {} from {}", all.endpoint, two_vpcs.client_group);
    assert_eq!(one.broken_at(), at);
    let mut one = copy();
    let all_out = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    let input = json!({"GroupId": two_vpcs.client_group, "IpPermissions": all_out});
    ec2(&mut one.world, egress, input);
    let at = format!("egress of {} to {}", two_vpcs.client_group, all.endpoint);
    assert_eq!(one.broken_at(), at);
}

#[test]
fn rules_for_addresses_have_to_cover_them_and_the_port() {
    let mut all = connected();
    let two_vpcs = all.two_vpcs.clone();
    all.revoke("RevokeSecurityGroupIngress", &two_vpcs.database_group, &all.gateway_group.clone());
    let mut allow = |cidr: &str, from: &str, to: &str| {
        let range = json!([{
            "IpProtocol": "tcp", "FromPort": from, "ToPort": to, "IpRanges": [{"CidrIp": cidr}],
        }]);
        let input = json!({"GroupId": two_vpcs.database_group, "IpPermissions": range});
        ec2(&mut all.world, "AuthorizeSecurityGroupIngress", input);
        reachable(&all.world, &two_vpcs.client_group, "orders").reachable
    };
    assert!(!allow("10.0.1.0/24", "5432", "5432"), "the gateway is in 10.0.2.0/24 too");
    assert!(!allow("10.0.0.0/16", "5433", "6000"), "another port");
    assert!(allow("10.0.2.0/24", "1", "5432"), "both together cover it");
}

#[test]
fn what_lattice_takes_away_breaks_the_way() {
    let mut all = connected();
    let input = json!({"serviceNetworkResourceAssociationIdentifier": all.association});
    lattice(&mut all.world, "DeleteServiceNetworkResourceAssociation", input);
    assert_eq!(all.broken_at(), format!("association {}", all.association), "at once");
    pass(&mut all.world, 5);
    assert_eq!(all.broken_at(), format!("association of {} with orders", all.endpoint));
    assert_eq!(all.associations().len(), 0);
    let input = json!({"resourceConfigurationIdentifier": all.configuration});
    lattice(&mut all.world, "DeleteResourceConfiguration", input);
    pass(&mut all.world, 5);
    let input = json!({"serviceNetworkIdentifier": all.network});
    let busy = ask(&mut all.world, Service::Lattice, "DeleteServiceNetwork", input.clone());
    assert_eq!(busy.expect_err("the endpoint is there").code, "ConflictException");
    ec2(&mut all.world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [all.endpoint]}));
    assert_eq!(all.broken_at(), format!("endpoint {}", all.endpoint));
    pass(&mut all.world, 5);
    assert_eq!(all.broken_at(), format!("VPC {}", all.two_vpcs.consumer_vpc));
    lattice(&mut all.world, "DeleteServiceNetwork", input);
}

#[test]
fn without_a_common_zone_the_association_fails() {
    let third = |world: &mut World, vpc: &str| {
        let input = json!({
            "VpcId": vpc, "CidrBlock": "10.0.9.0/24", "AvailabilityZone": "us-east-1c",
        });
        text(&ec2(world, "CreateSubnet", input)["subnet"]["subnetId"])
    };
    let mut all = connected();
    let subnet = third(&mut all.world, &all.two_vpcs.consumer_vpc.clone());
    ec2(&mut all.world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [all.endpoint]}));
    pass(&mut all.world, 10);
    let arn = all.world.lattice.networks[&all.network].entity.arn.clone();
    let input = json!({
        "VpcEndpointType": "ServiceNetwork",
        "VpcId": all.two_vpcs.consumer_vpc,
        "ServiceNetworkArn": arn,
        "SubnetId": [subnet],
        "SecurityGroupId": [all.endpoint_group],
    });
    let made = ec2(&mut all.world, "CreateVpcEndpoint", input);
    all.endpoint = text(&made["vpcEndpoint"]["vpcEndpointId"]);
    pass(&mut all.world, 10);
    let rows = all.associations();
    assert_eq!(rows[0]["associatedResourceAccessibility"], "FAILED");
    assert_eq!(rows[0]["failureCode"], "AZ_MISMATCH");
    assert!(all.broken_at().starts_with("association vpce-rsc-asc-"));
}

#[test]
fn a_database_that_is_stopped_or_gone_is_not_reachable() {
    let mut all = connected();
    let input = json!({"DBInstanceIdentifier": "orders"});
    ask(&mut all.world, Service::Rds, "StopDBInstance", input).expect("it stops");
    pass(&mut all.world, 10);
    assert_eq!(all.broken_at(), "database orders");
    all.two_vpcs.database = "nothing".to_owned();
    assert_eq!(all.broken_at(), "database nothing");
}

#[test]
fn dns_attributes_decide_over_names() {
    let mut all = connected();
    let vpc = all.two_vpcs.consumer_vpc.clone();
    let input = json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": "false"}});
    ec2(&mut all.world, "ModifyVpcAttribute", input);
    let reachability = all.reachability();
    assert!(reachability.reachable);
    assert_eq!(reachability.by.len(), 1, "only the public name: {:?}", reachability.by);
    let input = json!({"VpcId": vpc, "EnableDnsSupport": {"Value": "false"}});
    ec2(&mut all.world, "ModifyVpcAttribute", input);
    assert_eq!(all.broken_at(), format!("names in {vpc}"));
}
