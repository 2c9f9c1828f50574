//! Each way, and what it takes up.

use serde_json::json;

use super::*;

#[test]
fn the_database_is_reachable_by_both_names() {
    let mut all = connected();
    let reachability = all.reachability();
    assert!(reachability.reachable, "{reachability:?}");
    let database = all.world.rds.instance("orders").and_then(|it| it.address.clone());
    let address = database.expect("an address");
    assert_eq!(reachability.by.len(), 2, "{:?}", reachability.by);
    assert!(reachability.by.contains(&address));
    let public = format!("{}-snra-", all.endpoint);
    assert!(
        reachability.by.iter().any(|name| name.starts_with(&public) && name.ends_with(".on.aws"))
    );

    let rows = all.associations();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row["associatedResourceAccessibility"], "Accessible");
    assert_eq!(row["privateDnsEntry"]["dnsName"], address.as_str());
    let parent = row["resourceConfigurationGroupArn"].as_str().expect("the parent");
    assert!(parent.ends_with(&all.configuration));
    assert_ne!(row["associatedResourceArn"], parent);
}

#[test]
fn within_one_vpc_the_way_is_direct() {
    let mut all = connected();
    let client = group(&mut all.world, "neighbour", &all.two_vpcs.provider_vpc.clone());
    let database_group = all.two_vpcs.database_group.clone();
    let at = |all: &Connected| reachable(&all.world, &client, "orders").broken_at;
    assert_eq!(at(&all), Some(format!("egress of {client} to orders")));
    rule(&mut all.world, "AuthorizeSecurityGroupEgress", &client, &database_group, "5432");
    assert_eq!(at(&all), Some(format!("ingress of orders from {client}")));
    rule(&mut all.world, "AuthorizeSecurityGroupIngress", &database_group, &client, "5432");
    assert_eq!(at(&all), None);
}

#[test]
fn a_group_in_use_stays() {
    let mut all = connected();
    for group in [&all.gateway_group, &all.endpoint_group, &all.two_vpcs.database_group] {
        let input = json!({"GroupId": group});
        let fault = ask(&mut all.world, Service::Ec2, "DeleteSecurityGroup", input);
        assert_eq!(fault.expect_err("it is in use").code, "DependencyViolation");
    }
    let referenced = json!({"GroupId": all.two_vpcs.client_group});
    let fault = ask(&mut all.world, Service::Ec2, "DeleteSecurityGroup", referenced);
    assert_eq!(fault.expect_err("a rule refers to it").code, "DependencyViolation");
}

#[test]
fn an_endpoint_takes_a_block_and_one_address_per_database() {
    let all = connected();
    for id in &all.two_vpcs.consumer_subnets {
        assert_eq!(all.world.ec2.subnets[id].free_count(), 251 - 16 - 1);
    }
    let provider: usize = all
        .two_vpcs
        .provider_subnets
        .iter()
        .map(|id| 251 - all.world.ec2.subnets[id].free_count())
        .sum();
    assert_eq!(provider, 2 * 2 + 1, "two per gateway interface, one for the database");
}

#[test]
fn an_endpoint_of_the_resource_alone_leads_there_too_but_not_beside_the_other() {
    let mut all = connected();
    let arn = all.world.lattice.configurations[&all.configuration].entity.arn.clone();
    let input = json!({
        "VpcEndpointType": "Resource",
        "VpcId": all.two_vpcs.consumer_vpc,
        "ResourceConfigurationArn": arn,
        "SubnetId": all.two_vpcs.consumer_subnets,
        "SecurityGroupId": [all.endpoint_group],
        "PrivateDnsEnabled": "true",
    });
    let refused = ask(&mut all.world, Service::Ec2, "CreateVpcEndpoint", input.clone());
    let fault = refused.expect_err("both would resolve the same name");
    assert!(fault.code == "InvalidParameter" && fault.message.contains("conflicting DNS domain"));
    ec2(&mut all.world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [all.endpoint]}));
    pass(&mut all.world, 10);
    ec2(&mut all.world, "CreateVpcEndpoint", input);
    pass(&mut all.world, 10);
    let reachability = all.reachability();
    assert!(reachability.reachable, "{reachability:?}");
    assert_eq!(reachability.by.len(), 2);
}

#[test]
fn an_associated_vpc_reaches_it_without_an_endpoint() {
    let mut all = connected();
    ec2(&mut all.world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [all.endpoint]}));
    pass(&mut all.world, 10);
    let input = json!({
        "serviceNetworkIdentifier": all.network,
        "vpcIdentifier": all.two_vpcs.consumer_vpc,
        "securityGroupIds": [all.endpoint_group],
    });
    let made = lattice(&mut all.world, "CreateServiceNetworkVpcAssociation", input);
    assert_eq!(all.broken_at(), format!("association {}", text(&made["id"])));
    pass(&mut all.world, 10);
    let reachability = all.reachability();
    assert!(reachability.reachable, "{reachability:?}");
    assert_eq!(reachability.by.len(), 1, "only the private name");
}

#[test]
fn a_subnet_without_room_fails_the_association_and_not_the_call() {
    let mut all = connected();
    let input = json!({
        "serviceNetworkResourceAssociationIdentifier": all.association,
    });
    lattice(&mut all.world, "DeleteServiceNetworkResourceAssociation", input);
    pass(&mut all.world, 10);
    let subnet = all.two_vpcs.consumer_subnets[0].clone();
    let free = all.world.ec2.subnets[&subnet].free_count();
    let stuffed = all.world.ec2.subnets.get_mut(&subnet).map(|one| one.take(free));
    assert!(stuffed.is_some_and(|taken| taken.is_ok()));
    let input = json!({
        "resourceConfigurationIdentifier": all.configuration,
        "serviceNetworkIdentifier": all.network,
    });
    lattice(&mut all.world, "CreateServiceNetworkResourceAssociation", input);
    pass(&mut all.world, 10);
    let rows = all.associations();
    assert_eq!(rows[0]["associatedResourceAccessibility"], "FAILED");
    assert_eq!(rows[0]["failureCode"], "INSUFFICIENT_FREE_ADDRESSES");
    let other = &all.two_vpcs.consumer_subnets[1];
    assert_eq!(all.world.ec2.subnets[other].free_count(), 251 - 16, "nothing is half taken");
}

#[test]
fn whoever_takes_over_a_name_is_who_is_reached() {
    let mut all = connected();
    let two_vpcs = all.two_vpcs.clone();
    let rds = |world: &mut World, action: &str, input: Value| {
        ask(world, Service::Rds, action, input).expect(action)
    };
    let payroll = json!({
        "DBInstanceIdentifier": "payroll", "DBInstanceClass": "db.t4g.micro", "Engine": "postgres",
        "MasterUsername": "postgres", "DBSubnetGroupName": "orders",
        "VpcSecurityGroupIds": {"VpcSecurityGroupId": [two_vpcs.database_group]},
    });
    rds(&mut all.world, "CreateDBInstance", payroll);
    pass(&mut all.world, 10);
    let reaches = |all: &Connected, database: &str| {
        reachable(&all.world, &two_vpcs.client_group, database).reachable
    };
    assert!(reaches(&all, "orders") && !reaches(&all, "payroll"));
    for (from, to) in [("orders", "orders-away"), ("payroll", "orders")] {
        let input = json!({
            "DBInstanceIdentifier": from, "NewDBInstanceIdentifier": to, "ApplyImmediately": "true",
        });
        rds(&mut all.world, "ModifyDBInstance", input);
        pass(&mut all.world, 2);
    }
    let renamed = all.world.rds.instance("orders").expect("payroll");
    assert_eq!(renamed.arn, two_vpcs.database_arn, "the ARN goes with the name");
    assert!(reaches(&all, "orders"), "the configuration leads to payroll now");
    assert!(!reaches(&all, "orders-away"));
}
