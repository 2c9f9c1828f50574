//! What those who build VPCs with Terraform ask for beside VPCs, subnets and groups.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::two_vpcs::{self, TwoVpcs};
use crate::{Call, Fault, Service, World};

fn start() -> (World, TwoVpcs) {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 3);
    world.switches.throttling = false;
    let two_vpcs = two_vpcs::build(&mut world);
    (world, two_vpcs)
}

fn ask(world: &mut World, action: &str, input: Value) -> Result<Value, Fault> {
    world.answer(&Call::new(Service::Ec2, action, input))
}

fn ok(world: &mut World, action: &str, input: Value) -> Value {
    ask(world, action, input).expect(action)
}

fn code(world: &mut World, action: &str, input: Value) -> String {
    ask(world, action, input).expect_err(action).code
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn tables(world: &mut World, filter: &str, value: &str) -> Vec<Value> {
    let filter = json!([{"Name": filter, "Value": [value]}]);
    let answer = ok(world, "DescribeRouteTables", json!({ "Filter": filter }));
    answer["routeTableSet"]["item"].as_array().expect("a list").clone()
}

#[test]
fn a_subnet_has_the_main_table_or_one_of_its_own() {
    let (mut world, two_vpcs) = start();
    let (vpc, subnet) = (&two_vpcs.consumer_vpc, &two_vpcs.consumer_subnets[0]);
    let main = tables(&mut world, "vpc-id", vpc);
    assert_eq!(main.len(), 1);
    assert_eq!(main[0]["associationSet"]["item"][0]["main"], true);
    let input = json!({"VpcId": vpc, "ClientToken": "t"});
    let made = ok(&mut world, "CreateRouteTable", input.clone());
    assert_eq!(made, ok(&mut world, "CreateRouteTable", input), "one for one token");
    let id = text(&made["routeTable"]["routeTableId"]);
    let pair = json!({"RouteTableId": id, "SubnetId": subnet});
    let association = text(&ok(&mut world, "AssociateRouteTable", pair.clone())["associationId"]);
    assert_eq!(code(&mut world, "AssociateRouteTable", pair), "Resource.AlreadyAssociated");
    let found = tables(&mut world, "association.subnet-id", subnet);
    assert_eq!(found[0]["routeTableId"], *id);
    assert_eq!(found[0]["associationSet"]["item"][0]["main"], false);
    let foreign = json!({"RouteTableId": id, "SubnetId": two_vpcs.provider_subnets[0]});
    assert_eq!(code(&mut world, "AssociateRouteTable", foreign), "InvalidParameterValue");

    let one = json!({"RouteTableId": id});
    assert_eq!(code(&mut world, "DeleteRouteTable", one.clone()), "DependencyViolation");
    let to_main = json!({"AssociationId": association, "RouteTableId": main[0]["routeTableId"]});
    let replaced = ok(&mut world, "ReplaceRouteTableAssociation", to_main);
    let gone = json!({"AssociationId": association});
    assert_eq!(code(&mut world, "DisassociateRouteTable", gone), "InvalidAssociationID.NotFound");
    let there = json!({"AssociationId": replaced["newAssociationId"]});
    ok(&mut world, "DisassociateRouteTable", there);
    ok(&mut world, "DeleteRouteTable", one.clone());
    assert_eq!(code(&mut world, "DeleteRouteTable", one), "InvalidRouteTableID.NotFound");
    let main = json!({"RouteTableId": main[0]["routeTableId"]});
    assert_eq!(code(&mut world, "DeleteRouteTable", main), "DependencyViolation");
}

#[test]
fn routes_have_one_destination_and_one_target() {
    let (mut world, two_vpcs) = start();
    let made = ok(&mut world, "CreateRouteTable", json!({"VpcId": two_vpcs.consumer_vpc}));
    let id = text(&made["routeTable"]["routeTableId"]);
    let subnet = &two_vpcs.consumer_subnets[0];
    let made = ok(&mut world, "CreateNetworkInterface", json!({"SubnetId": subnet}));
    let interface = &made["networkInterface"]["networkInterfaceId"];
    let route = json!({
        "RouteTableId": id, "DestinationCidrBlock": "192.168.0.0/16",
        "NetworkInterfaceId": interface,
    });
    let with = |member: &str, value: Value| {
        let mut route = route.clone();
        route[member] = value;
        route
    };
    ok(&mut world, "CreateRoute", route.clone());
    assert_eq!(code(&mut world, "CreateRoute", route.clone()), "RouteAlreadyExists");
    let shown = tables(&mut world, "route.destination-cidr-block", "192.168.0.0/16");
    assert_eq!(shown[0]["routeSet"]["item"][0]["gatewayId"], "local");
    assert_eq!(shown[0]["routeSet"]["item"][1]["networkInterfaceId"], *interface);
    let none = with("NetworkInterfaceId", Value::Null);
    assert_eq!(code(&mut world, "CreateRoute", none), "MissingParameter");
    let two = with("GatewayId", json!("igw-0a1b2c3d"));
    assert_eq!(code(&mut world, "CreateRoute", two), "InvalidParameterCombination");
    let local = with("DestinationCidrBlock", json!("10.0.1.0/24"));
    assert_eq!(code(&mut world, "CreateRoute", local), "InvalidParameterValue");
    let lists = ok(&mut world, "DescribePrefixLists", json!({}));
    let list = &lists["prefixListSet"]["item"][0]["prefixListId"];
    let mut to_list = with("DestinationCidrBlock", Value::Null);
    to_list["DestinationPrefixListId"] = list.clone();
    ok(&mut world, "CreateRoute", to_list);
    let one = json!({"RouteTableId": id, "DestinationCidrBlock": "192.168.0.0/16"});
    ok(&mut world, "DeleteRoute", one.clone());
    assert_eq!(code(&mut world, "DeleteRoute", one), "InvalidRoute.NotFound");
}

#[test]
fn prefix_lists_are_found_by_the_name_of_their_service() {
    let (mut world, two_vpcs) = start();
    let name = json!([{"Name": "prefix-list-name", "Value": ["com.amazonaws.us-east-1.s3"]}]);
    let found = ok(&mut world, "DescribePrefixLists", json!({"Filter": name}));
    let [list] = &found["prefixListSet"]["item"].as_array().expect("a list")[..] else {
        panic!("one: {found}")
    };
    assert!(list["cidrSet"]["item"].as_array().is_some_and(|cidrs| !cidrs.is_empty()));
    let managed = ok(&mut world, "DescribeManagedPrefixLists", json!({"Filter": name}));
    assert_eq!(managed["prefixListSet"]["item"][0]["prefixListId"], list["prefixListId"]);
    let one = json!({"PrefixListId": list["prefixListId"]});
    let entries = ok(&mut world, "GetManagedPrefixListEntries", one);
    let count = |list: &Value| list["item"].as_array().map(Vec::len);
    assert_eq!(count(&entries["entrySet"]), count(&list["cidrSet"]));
    let rule = |id: &Value| {
        json!({"GroupId": two_vpcs.client_group, "IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": "443", "ToPort": "443",
            "PrefixListIds": [{"PrefixListId": id}],
        }]})
    };
    ok(&mut world, "AuthorizeSecurityGroupEgress", rule(&list["prefixListId"]));
    let unknown = rule(&json!("pl-00000000"));
    let refused = code(&mut world, "AuthorizeSecurityGroupEgress", unknown);
    assert_eq!(refused, "InvalidPrefixListID.NotFound");
}

#[test]
fn there_is_one_default_vpc_in_which_groups_stand_that_name_none() {
    let (mut world, _) = start();
    let group = json!({"GroupName": "a", "GroupDescription": "a"});
    assert_eq!(code(&mut world, "CreateSecurityGroup", group.clone()), "VPCIdNotSpecified");
    world.place_default_vpc();
    let refused = code(&mut world, "CreateDefaultVpc", json!({}));
    assert_eq!(refused, "DefaultVpcAlreadyExists");
    let is_default = json!([{"Name": "is-default", "Value": ["true"]}]);
    let found = ok(&mut world, "DescribeVpcs", json!({"Filter": is_default}));
    let [vpc] = &found["vpcSet"]["item"].as_array().expect("a list")[..] else {
        panic!("one: {found}")
    };
    assert_eq!((&vpc["isDefault"], &vpc["cidrBlock"]), (&json!(true), &json!("172.31.0.0/16")));
    let of_zone = json!([{"Name": "default-for-az", "Value": ["true"]}]);
    let subnets = ok(&mut world, "DescribeSubnets", json!({"Filter": of_zone}));
    assert_eq!(subnets["subnetSet"]["item"].as_array().map(Vec::len), Some(6));
    let id = ok(&mut world, "CreateSecurityGroup", group)["groupId"].clone();
    let groups = ok(&mut world, "DescribeSecurityGroups", json!({"GroupId": [id]}));
    assert_eq!(groups["securityGroupInfo"]["item"][0]["vpcId"], vpc["vpcId"]);
    let account = ok(
        &mut world,
        "DescribeAccountAttributes",
        json!({
            "AttributeName": ["default-vpc"],
        }),
    );
    let value = &account["accountAttributeSet"]["item"][0]["attributeValueSet"]["item"][0];
    assert_eq!(value["attributeValue"], vpc["vpcId"]);
}

#[test]
fn an_interface_endpoint_has_the_name_of_its_service_once_in_a_vpc() {
    let (mut world, two_vpcs) = start();
    let input = json!({
        "VpcEndpointType": "Interface", "VpcId": two_vpcs.consumer_vpc,
        "ServiceName": "com.amazonaws.us-east-1.ssm", "PrivateDnsEnabled": "true",
        "SubnetId": two_vpcs.consumer_subnets, "SecurityGroupId": [two_vpcs.client_group],
    });
    let made = ok(&mut world, "CreateVpcEndpoint", input.clone());
    let names = &made["vpcEndpoint"]["dnsEntrySet"]["item"];
    assert_eq!(names[1]["dnsName"], "ssm.us-east-1.amazonaws.com");
    assert!(text(&made["vpcEndpoint"]["policyDocument"]).contains("Allow"));
    assert_eq!(code(&mut world, "CreateVpcEndpoint", input.clone()), "InvalidParameter");
    let mut public = input;
    public["PrivateDnsEnabled"] = json!("false");
    ok(&mut world, "CreateVpcEndpoint", public);
}
