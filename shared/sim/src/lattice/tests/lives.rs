//! What is made takes its time, goes in one order, and fails where it must.

use serde_json::{Value, json};

use super::*;
use crate::switches::{GatewayAddresses, OrphanedConfiguration, SpentToken};

#[test]
fn a_gateway_takes_time_addresses_and_its_groups() {
    let (mut world, vpc, subnets) = world_with_database();
    let group = call(
        &mut world,
        Service::Ec2,
        "CreateSecurityGroup",
        json!({
            "GroupName": "gate", "GroupDescription": "d", "VpcId": vpc,
        }),
    )
    .expect("valid")["groupId"]
        .clone();
    let free = world.ec2.subnets[&subnets[1]].free_count();
    let mut members = gateway(&vpc, &subnets);
    members["securityGroupIds"] = json!([group]);
    members["tags"] = json!({"team": "payments"});
    let answer = lattice(&mut world, "CreateResourceGateway", members.clone()).expect("valid");
    assert_eq!(answer["status"], "CREATE_IN_PROGRESS");
    assert_eq!(answer["vpcIdentifier"], *vpc);
    assert_eq!(answer["tags"], Value::Null);
    assert_eq!(world.ec2.subnets[&subnets[1]].free_count(), free - 2);
    let id = one("resourceGatewayIdentifier", answer["id"].as_str().expect("an id"));
    assert_eq!(code(lattice(&mut world, "DeleteResourceGateway", id.clone())), conflict());
    assert_eq!(code(lattice(&mut world, "CreateResourceGateway", members)), conflict());
    pass(&mut world, 90);
    let found = lattice(&mut world, "GetResourceGateway", id.clone()).expect("there");
    assert_eq!((&found["status"], &found["vpcId"]), (&json!("ACTIVE"), &json!(vpc)));
    assert_eq!(found["vpcIdentifier"], Value::Null);
    let delete = json!({"GroupId": group});
    let used = call(&mut world, Service::Ec2, "DeleteSecurityGroup", delete.clone());
    assert_eq!(code(used).0, "DependencyViolation");
    lattice(&mut world, "DeleteResourceGateway", id.clone()).expect("free");
    pass(&mut world, 90);
    assert_eq!(code(lattice(&mut world, "GetResourceGateway", id)), gone());
    assert_eq!(world.ec2.subnets[&subnets[1]].free_count(), free);
    call(&mut world, Service::Ec2, "DeleteSecurityGroup", delete).expect("free");
}

/// Neither has an interface that would have the group.
#[test]
fn a_group_is_held_by_a_failed_gateway_and_by_an_associated_vpc() {
    let (mut world, vpc, subnets) = world_with_database();
    let new = json!({"GroupName": "gate", "GroupDescription": "d", "VpcId": vpc});
    let group = call(&mut world, Service::Ec2, "CreateSecurityGroup", new).expect("valid");
    let delete = json!({"GroupId": group["groupId"]});
    let is_held = |world: &World| {
        let mut world = world.clone();
        call(&mut world, Service::Ec2, "DeleteSecurityGroup", delete.clone()).is_err()
    };
    let mut members = gateway(&vpc, &subnets);
    members["securityGroupIds"] = json!([group["groupId"]]);
    let gateway = made(&mut world, "CreateResourceGateway", members);
    assert!(world.lattice_fails(&gateway));
    assert!(is_held(&world), "by a gateway that failed");
    lattice(&mut world, "DeleteResourceGateway", one("resourceGatewayIdentifier", &gateway))
        .expect("free");
    pass(&mut world, 90);
    assert!(!is_held(&world));

    let network = made(&mut world, "CreateServiceNetwork", json!({"name": "databases"}));
    let members = json!({
        "serviceNetworkIdentifier": network,
        "vpcIdentifier": vpc,
        "securityGroupIds": [group["groupId"]],
    });
    let association = made(&mut world, "CreateServiceNetworkVpcAssociation", members);
    pass(&mut world, 90);
    assert!(is_held(&world), "by an association");
    let one = one("serviceNetworkVpcAssociationIdentifier", &association);
    lattice(&mut world, "DeleteServiceNetworkVpcAssociation", one).expect("free");
    pass(&mut world, 90);
    assert!(!is_held(&world));
}

#[test]
fn an_auth_policy_is_kept_and_is_active_where_iam_decides() {
    let (mut world, _, _) = world_with_database();
    let network = made(&mut world, "CreateServiceNetwork", json!({"name": "databases"}));
    let one = one("resourceIdentifier", &network);
    assert_eq!(lattice(&mut world, "GetAuthPolicy", one.clone()).expect("none"), json!({}));
    let put = json!({"resourceIdentifier": network, "policy": "{\"Version\":\"2012-10-17\"}"});
    let answer = lattice(&mut world, "PutAuthPolicy", put.clone()).expect("valid");
    assert_eq!((&answer["policy"], &answer["state"]), (&put["policy"], &json!("Inactive")));
    let iam = json!({"serviceNetworkIdentifier": network, "authType": "AWS_IAM"});
    lattice(&mut world, "UpdateServiceNetwork", iam).expect("valid");
    let found = lattice(&mut world, "GetAuthPolicy", one.clone()).expect("one");
    assert_eq!(found["state"], "Active");
    let malformed = json!({"resourceIdentifier": network, "policy": "allow everybody"});
    assert_eq!(code(lattice(&mut world, "PutAuthPolicy", malformed)), invalid());
    lattice(&mut world, "DeleteAuthPolicy", one.clone()).expect("one");
    assert_eq!(lattice(&mut world, "GetAuthPolicy", one).expect("none"), json!({}));
}

#[test]
fn a_gateway_without_room_fails_later_and_gives_everything_back() {
    let (mut world, vpc, subnets) = world_with_database();
    let tight = call(
        &mut world,
        Service::Ec2,
        "CreateSubnet",
        json!({
            "VpcId": vpc, "CidrBlock": "10.0.9.0/28", "AvailabilityZone": "us-east-1b",
        }),
    )
    .expect("valid")["subnet"]["subnetId"]
        .as_str()
        .expect("an id")
        .to_owned();
    world.switches.gateway_addresses = GatewayAddresses::Block;
    let free = world.ec2.subnets[&subnets[0]].free_count();
    let members = gateway(&vpc, &[subnets[0].clone(), tight]);
    let id = made(&mut world, "CreateResourceGateway", members);
    assert_eq!(world.ec2.subnets[&subnets[0]].free_count(), free);
    pass(&mut world, 90);
    let id = one("resourceGatewayIdentifier", &id);
    let found = lattice(&mut world, "GetResourceGateway", id.clone()).expect("still there");
    assert_eq!(found["status"], "CREATE_FAILED");
    lattice(&mut world, "DeleteResourceGateway", id).expect("all that helps");
}

#[test]
fn an_arn_configuration_needs_an_active_gateway_and_a_private_database() {
    let (mut world, vpc, subnets) = world_with_database();
    let gate = made(&mut world, "CreateResourceGateway", gateway(&vpc, &subnets));
    let create = "CreateResourceConfiguration";
    assert_eq!(code(lattice(&mut world, create, configuration(&gate))), conflict());
    pass(&mut world, 90);
    let with = |member: &str, value: Value| {
        let mut members = configuration(&gate);
        members[member] = value;
        members
    };
    let ports = with("portRanges", json!(["5432"]));
    let fault = lattice(&mut world, create, ports).expect_err("ports are those of RDS");
    assert_eq!(fault.members["reason"], "fieldValidationFailed");
    assert_eq!(fault.members["fieldList"][0]["name"], "portRanges");
    assert_eq!(code(lattice(&mut world, create, with("protocol", json!("TCP")))), invalid());
    assert_eq!(code(lattice(&mut world, create, with("name", json!("a--b")))), invalid());
    let other = json!({"arnResource": {"arn": DATABASE.replace("orders", "none")}});
    let other = with("resourceConfigurationDefinition", other);
    assert_eq!(code(lattice(&mut world, create, other)), gone());
    let publicly = json!({"DBInstanceIdentifier": "orders", "PubliclyAccessible": "true"});
    call(&mut world, Service::Rds, "ModifyDBInstance", publicly).expect("valid");
    pass(&mut world, 60);
    assert_eq!(code(lattice(&mut world, create, configuration(&gate))), invalid());
}

#[test]
fn the_managed_child_is_nobodys() {
    let Exposed { mut world, configuration, network, .. } = exposed();
    let group = one("resourceConfigurationGroupIdentifier", &configuration);
    let children = lattice(&mut world, "ListResourceConfigurations", group).expect("valid");
    let child = children["items"][0].clone();
    assert_eq!((&child["type"], &child["amazonManaged"]), (&json!("CHILD"), &json!(true)));
    let denied = ("AccessDeniedException".to_owned(), 403);
    let id = one("resourceConfigurationIdentifier", child["id"].as_str().expect("an id"));
    assert_eq!(code(lattice(&mut world, "DeleteResourceConfiguration", id.clone())), denied);
    assert_eq!(code(lattice(&mut world, "UpdateResourceConfiguration", id.clone())), denied);
    let mut pair = id;
    pair["serviceNetworkIdentifier"] = network.into();
    let associate = "CreateServiceNetworkResourceAssociation";
    assert_eq!(code(lattice(&mut world, associate, pair)), denied);
    let tag = json!({"resourceArn": child["arn"], "tags": {"a": "b"}});
    assert_eq!(code(lattice(&mut world, "TagResource", tag)), denied);
}

#[test]
fn an_association_shows_the_names_and_hides_its_children() {
    let Exposed { mut world, network, association, .. } = exposed();
    let id = one("serviceNetworkResourceAssociationIdentifier", &association);
    let found = lattice(&mut world, "GetServiceNetworkResourceAssociation", id).expect("there");
    assert_eq!(found["status"], "ACTIVE");
    assert_eq!(found["privateDnsEnabled"], true);
    let private = found["privateDnsEntry"]["domainName"].as_str().expect("a name");
    assert!(private.starts_with("orders.") && private.ends_with(".rds.amazonaws.com"));
    let list = "ListServiceNetworkResourceAssociations";
    let mut of = one("serviceNetworkIdentifier", &network);
    let rows = lattice(&mut world, list, of.clone()).expect("valid");
    assert_eq!(rows["items"].as_array().map(Vec::len), Some(1));
    of["includeChildren"] = "true".into();
    let rows = lattice(&mut world, list, of).expect("valid");
    assert_eq!(rows["items"].as_array().map(Vec::len), Some(2));
    let carried = world.lattice.carried_by(&network);
    assert_eq!(carried.len(), 1);
    assert_eq!(carried[0].private_name.as_deref(), Some(private));
}

#[test]
fn everything_goes_in_one_order_only() {
    let it = exposed();
    let mut world = it.world;
    let gateway = one("resourceGatewayIdentifier", &it.gateway);
    let configuration = one("resourceConfigurationIdentifier", &it.configuration);
    let network = one("serviceNetworkIdentifier", &it.network);
    let association = one("serviceNetworkResourceAssociationIdentifier", &it.association);
    for (action, members) in [
        ("DeleteResourceGateway", &gateway),
        ("DeleteResourceConfiguration", &configuration),
        ("DeleteServiceNetwork", &network),
    ] {
        assert_eq!(code(lattice(&mut world, action, members.clone())), conflict(), "{action}");
    }
    let delete = "DeleteServiceNetworkResourceAssociation";
    lattice(&mut world, delete, association.clone()).expect("free");
    assert_eq!(code(lattice(&mut world, delete, association.clone())), conflict());
    pass(&mut world, 45);
    assert_eq!(code(lattice(&mut world, delete, association)), gone());
    lattice(&mut world, "DeleteServiceNetwork", network).expect("nothing left");
    lattice(&mut world, "DeleteResourceConfiguration", configuration).expect("nothing left");
    assert_eq!(code(lattice(&mut world, "DeleteResourceGateway", gateway.clone())), conflict());
    pass(&mut world, 45);
    lattice(&mut world, "DeleteResourceGateway", gateway).expect("nothing left");
    pass(&mut world, 90);
    let left = &world.lattice;
    assert!(left.gateways.is_empty() && left.configurations.is_empty());
    assert!(left.resource_associations.is_empty() && left.networks.is_empty());
}

#[test]
fn a_client_token_makes_one_thing() {
    for (spent, makes_anew) in [(SpentToken::MakesAnew, true), (SpentToken::AnswersOld, false)] {
        let (mut world, ..) = world_with_database();
        world.switches.spent_token = spent;
        let members = json!({"name": "databases", "clientToken": "once"});
        let create = "CreateServiceNetwork";
        let first = made(&mut world, create, members.clone());
        assert_eq!(made(&mut world, create, members.clone()), first);
        let other = json!({"name": "others", "clientToken": "once"});
        assert_eq!(code(lattice(&mut world, create, other)), conflict());
        let id = one("serviceNetworkIdentifier", &first);
        lattice(&mut world, "DeleteServiceNetwork", id).expect("unused");
        assert_eq!(made(&mut world, create, members) != first, makes_anew);
    }
}

#[test]
fn what_fails_can_only_be_deleted() {
    let Exposed { mut world, configuration, network, association, .. } = exposed();
    assert!(world.lattice_fails(&association));
    let id = one("serviceNetworkResourceAssociationIdentifier", &association);
    let get = "GetServiceNetworkResourceAssociation";
    assert_eq!(lattice(&mut world, get, id.clone()).expect("there")["status"], "PARTIAL");
    let delete = "DeleteServiceNetworkResourceAssociation";
    lattice(&mut world, delete, id.clone()).expect("free");
    pass(&mut world, 10);
    world.lattice_fails(&association);
    let failed = lattice(&mut world, get, id.clone()).expect("still there");
    assert_eq!(failed["status"], "DELETE_FAILED");
    assert_ne!(failed["failureReason"], Value::Null);
    lattice(&mut world, delete, id.clone()).expect("may be tried again");
    pass(&mut world, 44);
    assert!(lattice(&mut world, get, id.clone()).is_ok(), "the first deletion's moment is void");
    pass(&mut world, 1);
    assert_eq!(code(lattice(&mut world, get, id)), gone());
    let pair = json!({
        "resourceConfigurationIdentifier": configuration, "serviceNetworkIdentifier": network,
    });
    let again = made(&mut world, "CreateServiceNetworkResourceAssociation", pair);
    world.lattice_fails(&again);
    pass(&mut world, 45);
    let id = one("serviceNetworkResourceAssociationIdentifier", &again);
    assert_eq!(lattice(&mut world, get, id).expect("there")["status"], "CREATE_FAILED");
}

#[test]
fn a_shared_network_takes_associations_by_its_arn_and_no_orders() {
    let Exposed { mut world, configuration, .. } = exposed();
    let arn = world.share_network("central", "999988887777");
    let rows = lattice(&mut world, "ListServiceNetworks", json!({})).expect("valid");
    assert_eq!(rows["items"].as_array().map(Vec::len), Some(2));
    let denied = ("AccessDeniedException".to_owned(), 403);
    let id = one("serviceNetworkIdentifier", &arn);
    assert_eq!(code(lattice(&mut world, "DeleteServiceNetwork", id)), denied);
    let tag = json!({"resourceArn": arn, "tags": {"a": "b"}});
    assert_eq!(code(lattice(&mut world, "TagResource", tag)), denied);
    let create = "CreateServiceNetworkResourceAssociation";
    let pair = |network: &str| {
        json!({"resourceConfigurationIdentifier": configuration,
               "serviceNetworkIdentifier": network})
    };
    assert_eq!(code(lattice(&mut world, create, pair(&arn))), invalid());
    lattice(
        &mut world,
        "UpdateResourceConfiguration",
        json!({
            "resourceConfigurationIdentifier": configuration,
            "allowAssociationToShareableServiceNetwork": true,
        }),
    )
    .expect("changes in place");
    pass(&mut world, 45);
    let bare = arn.rsplit('/').next().expect("an id").to_owned();
    assert_eq!(code(lattice(&mut world, create, pair(&bare))), gone());
    lattice(&mut world, create, pair(&arn)).expect("shareable now");
}

#[test]
fn an_orphaned_configuration_does_as_the_switch_says() {
    for (switch, status) in [
        (OrphanedConfiguration::StaysActive, "ACTIVE"),
        (OrphanedConfiguration::Fails, "UPDATE_FAILED"),
    ] {
        let Exposed { mut world, configuration, .. } = exposed();
        world.switches.orphaned_configuration = switch;
        let delete = json!({"DBInstanceIdentifier": "orders", "SkipFinalSnapshot": "true"});
        call(&mut world, Service::Rds, "DeleteDBInstance", delete).expect("valid");
        pass(&mut world, 480);
        let id = one("resourceConfigurationIdentifier", &configuration);
        let found = lattice(&mut world, "GetResourceConfiguration", id).expect("there");
        assert_eq!(found["status"], status);
    }
}
