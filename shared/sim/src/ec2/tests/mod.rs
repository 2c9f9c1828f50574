//! EC2 by its calls.

mod limits;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::switches::{SecondEndpoint, SpentToken};
use crate::two_vpcs::{self, TwoVpcs};
use crate::{Call, Fault, Service, World};

fn start() -> (World, TwoVpcs, Value) {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 3);
    let two_vpcs = two_vpcs::build(&mut world);
    let call = Call::new(Service::Lattice, "CreateServiceNetwork", json!({"name": "databases"}));
    let network = world.answer(&call).expect("a network");
    let endpoint = json!({
        "VpcEndpointType": "ServiceNetwork",
        "VpcId": two_vpcs.consumer_vpc,
        "ServiceNetworkArn": network["arn"],
        "SubnetId": two_vpcs.consumer_subnets,
        "ClientToken": "t",
    });
    (world, two_vpcs, endpoint)
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

fn pass(world: &mut World, seconds: i64) {
    world.advance_to(world.now() + SignedDuration::from_secs(seconds));
}

fn with(input: &Value, member: &str, value: Value) -> Value {
    let mut input = input.clone();
    input[member] = value;
    input
}

fn state_of(world: &mut World, id: &str) -> Option<String> {
    let filter = json!([{"Name": "vpc-endpoint-id", "Value": [id]}]);
    let answer = ok(world, "DescribeVpcEndpoints", json!({ "Filter": filter }));
    answer["vpcEndpointSet"]["item"][0]["state"].as_str().map(str::to_owned)
}

#[test]
fn an_endpoint_lives_from_pending_to_deleted() {
    let (mut world, _, input) = start();
    let made = ok(&mut world, "CreateVpcEndpoint", input);
    let id = made["vpcEndpoint"]["vpcEndpointId"].as_str().expect("an id").to_owned();
    assert_eq!(state_of(&mut world, &id).as_deref(), Some("pending"));
    let modify = json!({"VpcEndpointId": id, "AddSecurityGroupId": []});
    assert_eq!(code(&mut world, "ModifyVpcEndpoint", modify), "IncorrectState");
    pass(&mut world, 119);
    assert_eq!(state_of(&mut world, &id).as_deref(), Some("pending"));
    pass(&mut world, 1);
    assert_eq!(state_of(&mut world, &id).as_deref(), Some("available"));
    let both = json!({"VpcEndpointId": [id, "vpce-00000000000000000"]});
    let deleted = ok(&mut world, "DeleteVpcEndpoints", both);
    let unsuccessful = deleted["unsuccessful"]["item"].as_array().expect("a list");
    assert_eq!(unsuccessful.len(), 1);
    assert_eq!(unsuccessful[0]["error"]["code"], "InvalidVpcEndpoint.NotFound");
    assert_eq!(state_of(&mut world, &id).as_deref(), Some("deleting"));
    pass(&mut world, 120);
    assert_eq!(state_of(&mut world, &id).as_deref(), Some("deleted"));
    pass(&mut world, 60);
    assert_eq!(state_of(&mut world, &id), None);
    assert!(world.ec2.subnets.values().all(|subnet| subnet.free_count() >= 250));
}

#[test]
fn a_client_token_makes_one_endpoint() {
    let (mut world, _, input) = start();
    let first = ok(&mut world, "CreateVpcEndpoint", input.clone());
    let again = ok(&mut world, "CreateVpcEndpoint", input.clone());
    assert_eq!(first["vpcEndpoint"]["vpcEndpointId"], again["vpcEndpoint"]["vpcEndpointId"]);
    assert_eq!(world.ec2.endpoints.len(), 1);
    let other = with(&input, "PrivateDnsEnabled", json!("true"));
    assert_eq!(code(&mut world, "CreateVpcEndpoint", other), "IdempotentParameterMismatch");
    ok(
        &mut world,
        "DeleteVpcEndpoints",
        json!({"VpcEndpointId": [first["vpcEndpoint"]["vpcEndpointId"]]}),
    );
    pass(&mut world, 600);
    world.switches.spent_token = SpentToken::AnswersOld;
    ok(&mut world, "CreateVpcEndpoint", input.clone());
    assert_eq!(world.ec2.endpoints.len(), 0, "the old answer, and nothing made");
    world.switches.spent_token = SpentToken::MakesAnew;
    let anew = ok(&mut world, "CreateVpcEndpoint", input);
    assert_ne!(first["vpcEndpoint"]["vpcEndpointId"], anew["vpcEndpoint"]["vpcEndpointId"]);
}

#[test]
fn what_an_endpoint_may_not_be() {
    let (mut world, two_vpcs, input) = start();
    world.switches.throttling = false;
    let mut refused = |input: Value| code(&mut world, "CreateVpcEndpoint", input);
    let first = &two_vpcs.consumer_subnets[0];
    let twice = with(&input, "SubnetId", json!([first, first]));
    assert_eq!(refused(twice), "DuplicateSubnetsInSameZone");
    let elsewhere = with(&input, "SubnetId", json!([two_vpcs.provider_subnets[0]]));
    assert_eq!(refused(elsewhere), "InvalidParameter");
    let arn = "arn:aws:vpc-lattice:us-east-1:111122223333:servicenetwork/sn-0a1b2c3d4e5f6a7b8";
    let no_network = with(&input, "ServiceNetworkArn", json!(arn));
    assert_eq!(refused(no_network), "InvalidServiceNetworkArn.NotFound");
    let foreign = with(&input, "SecurityGroupId", json!([two_vpcs.database_group]));
    assert_eq!(refused(foreign), "InvalidGroup.NotFound");
    assert_eq!(refused(with(&input, "Colour", json!("red"))), "UnknownParameter");
    assert_eq!(refused(with(&input, "DryRun", json!("true"))), "DryRunOperation");
    let no_type = with(&input, "VpcEndpointType", Value::Null);
    assert_eq!(refused(no_type), "MissingParameter", "a Gateway endpoint has a service name");
    let wrong = with(&input, "VpcEndpointType", json!("Tunnel"));
    assert_eq!(refused(wrong), "InvalidVpcEndpointType");
    let attribute = json!({"VpcId": two_vpcs.consumer_vpc, "EnableDnsSupport": {"Value": "false"}});
    ok(&mut world, "ModifyVpcAttribute", attribute);
    let private = with(&input, "PrivateDnsEnabled", json!("true"));
    assert_eq!(code(&mut world, "CreateVpcEndpoint", private), "InvalidParameter");
    assert!(world.ec2.endpoints.is_empty());
    let unsupported = json!({
        "VpcId": two_vpcs.consumer_vpc, "CidrBlock": "10.0.9.0/24",
        "AvailabilityZoneId": "use1-az3",
    });
    let subnet = ok(&mut world, "CreateSubnet", unsupported)["subnet"]["subnetId"].clone();
    let there = with(&input, "SubnetId", json!([subnet]));
    assert_eq!(code(&mut world, "CreateVpcEndpoint", there), "InvalidParameter");
    let small = json!({
        "VpcId": two_vpcs.consumer_vpc, "CidrBlock": "10.0.8.0/28",
        "AvailabilityZone": "us-east-1c",
    });
    let subnet = ok(&mut world, "CreateSubnet", small)["subnet"]["subnetId"].clone();
    let there = with(&input, "SubnetId", json!([first, subnet]));
    let refused = code(&mut world, "CreateVpcEndpoint", there);
    assert_eq!(refused, "InsufficientFreeAddressesInSubnet");
    assert_eq!(world.ec2.subnets[first].free_count(), 251, "all or nothing");
}

#[test]
fn a_second_endpoint_gets_what_the_switch_says() {
    for (switch, then) in [
        (SecondEndpoint::Refused, None),
        (SecondEndpoint::Fails, Some("failed")),
        (SecondEndpoint::Works, Some("available")),
    ] {
        let (mut world, _, input) = start();
        world.switches.second_endpoint = switch;
        ok(&mut world, "CreateVpcEndpoint", input.clone());
        let second = ask(&mut world, "CreateVpcEndpoint", with(&input, "ClientToken", json!("u")));
        pass(&mut world, 300);
        let state = second.map(|made| {
            state_of(&mut world, made["vpcEndpoint"]["vpcEndpointId"].as_str().expect("an id"))
        });
        match then {
            None => assert_eq!(state.expect_err("refused").code, "InvalidParameter"),
            Some(then) => assert_eq!(state.expect("made").as_deref(), Some(then)),
        }
    }
}

#[test]
fn endpoint_changes_are_throttled_as_published() {
    let (mut world, _, _) = start();
    let unknown = json!({"VpcEndpointId": ["vpce-00000000000000000"]});
    for _ in 0..4 {
        ok(&mut world, "DeleteVpcEndpoints", unknown.clone());
    }
    let refused = ask(&mut world, "DeleteVpcEndpoints", unknown.clone()).expect_err("too many");
    assert_eq!((refused.code.as_str(), refused.status), ("RequestLimitExceeded", 503));
    pass(&mut world, 4);
    ok(&mut world, "DeleteVpcEndpoints", unknown);
}

#[test]
fn rules_are_unique_and_revoked_by_id_or_by_what_they_say() {
    let (mut world, two_vpcs, _) = start();
    let permission = |port: &str| {
        json!([{
            "IpProtocol": "6", "FromPort": port, "ToPort": port,
            "Groups": [{"GroupId": two_vpcs.client_group, "Description": "clients"}],
        }])
    };
    let input =
        |port: &str| json!({"GroupId": two_vpcs.client_group, "IpPermissions": permission(port)});
    let tagged = with(
        &input("5432"),
        "TagSpecification",
        json!([{"ResourceType": "security-group-rule", "Tag": [{"Key": "k", "Value": "v"}]}]),
    );
    let (allow, forbid) = ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress");
    let made = ok(&mut world, allow, tagged);
    let rule = &made["securityGroupRuleSet"]["item"][0];
    assert_eq!(rule["ipProtocol"], "tcp");
    assert_eq!(code(&mut world, allow, input("5432")), "InvalidPermission.Duplicate");
    let by_tag = json!({"Filter": [{"Name": "tag:k", "Value": ["v"]}]});
    let found = ok(&mut world, "DescribeSecurityGroupRules", by_tag);
    assert_eq!(found["securityGroupRuleSet"]["item"].as_array().map(Vec::len), Some(1));
    assert_eq!(code(&mut world, forbid, input("5433")), "InvalidPermission.NotFound");
    let by_id = json!({
        "GroupId": two_vpcs.client_group, "SecurityGroupRuleId": [rule["securityGroupRuleId"]],
    });
    ok(&mut world, forbid, by_id.clone());
    assert_eq!(code(&mut world, forbid, by_id), "InvalidSecurityGroupRuleId.NotFound");
    let foreign = json!({
        "GroupId": two_vpcs.client_group,
        "IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": "1", "ToPort": "1",
            "Groups": [{"GroupId": two_vpcs.database_group}],
        }],
    });
    assert_eq!(code(&mut world, allow, foreign), "InvalidGroup.NotFound");
}

#[test]
fn group_names_are_unique_in_their_vpc_whatever_the_case() {
    let (mut world, two_vpcs, _) = start();
    let input =
        |name: &str, vpc: &str| json!({"GroupName": name, "GroupDescription": "d", "VpcId": vpc});
    let same = input("CLIENT", &two_vpcs.consumer_vpc);
    assert_eq!(code(&mut world, "CreateSecurityGroup", same), "InvalidGroup.Duplicate");
    ok(&mut world, "CreateSecurityGroup", input("client", &two_vpcs.provider_vpc));
    let reserved = input("sg-x", &two_vpcs.provider_vpc);
    assert_eq!(code(&mut world, "CreateSecurityGroup", reserved), "InvalidParameterValue");
}

#[test]
fn pages_are_cut_small_and_tokens_belong_to_their_listing() {
    let (mut world, _, _) = start();
    world.switches.largest_page = Some(1);
    let mut seen = Vec::new();
    let mut token = Value::Null;
    loop {
        let input = if token.is_null() { json!({}) } else { json!({ "NextToken": token }) };
        let page = ok(&mut world, "DescribeSubnets", input);
        let items = page["subnetSet"]["item"].as_array().expect("a list").clone();
        assert!(items.len() <= 1);
        seen.extend(items);
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
        let refused = code(&mut world, "DescribeVpcs", json!({ "NextToken": token }));
        assert_eq!(refused, "InvalidPaginationToken");
    }
    assert_eq!(seen.len(), 4);
    let bad = json!({"NextToken": "not a token é"});
    assert_eq!(code(&mut world, "DescribeSubnets", bad), "InvalidPaginationToken");
    let unknown = json!({"Filter": [{"Name": "colour", "Value": ["red"]}]});
    assert_eq!(code(&mut world, "DescribeSubnets", unknown), "InvalidParameterValue");
}

#[test]
fn listings_lag_behind_what_is() {
    let (mut world, two_vpcs, _) = start();
    pass(&mut world, 60);
    world.switches.listing_lag = SignedDuration::from_secs(5);
    let input = json!({"GroupName": "g", "GroupDescription": "d", "VpcId": two_vpcs.consumer_vpc});
    let id = ok(&mut world, "CreateSecurityGroup", input)["groupId"].clone();
    let by_id = json!({ "GroupId": [id] });
    let (describe, delete) = ("DescribeSecurityGroups", "DeleteSecurityGroup");
    assert_eq!(code(&mut world, describe, by_id.clone()), "InvalidGroup.NotFound");
    pass(&mut world, 5);
    ok(&mut world, describe, by_id.clone());
    ok(&mut world, delete, json!({ "GroupId": id }));
    ok(&mut world, describe, by_id.clone());
    assert_eq!(code(&mut world, delete, json!({ "GroupId": id })), "InvalidGroup.NotFound");
    pass(&mut world, 5);
    assert_eq!(code(&mut world, describe, by_id), "InvalidGroup.NotFound");
}

#[test]
fn changed_tags_are_told_of_with_a_version() {
    let (mut world, two_vpcs, _) = start();
    let vpc = &two_vpcs.consumer_vpc;
    let tag = |key: &str, value: &str| json!([{"Key": key, "Value": value}]);
    let input = json!({"ResourceId": [vpc], "Tag": tag("stage", "test")});
    ok(&mut world, "CreateTags", input.clone());
    ok(&mut world, "CreateTags", input);
    let wrong = json!({"ResourceId": [vpc], "Tag": tag("stage", "other")});
    ok(&mut world, "DeleteTags", wrong);
    assert_eq!(world.events.len(), 1, "what changes nothing is no change");
    let detail = &world.events[0].envelope["detail"];
    assert_eq!(detail["changed-tag-keys"], json!(["stage"]));
    assert_eq!(detail["tags"], json!({"Name": "consumer", "stage": "test"}));
    assert_eq!(detail["resource-type"], "vpc");
    let version = detail["version"].as_u64().expect("a number");
    ok(&mut world, "DeleteTags", json!({"ResourceId": [vpc]}));
    let detail = &world.events[1].envelope["detail"];
    assert_eq!(detail["changed-tag-keys"], json!(["Name", "stage"]));
    assert_eq!(detail["version"], version + 1);
    assert_eq!(world.events[1].at - world.now(), SignedDuration::from_secs(1));
    let reserved = json!({"ResourceId": [vpc], "Tag": tag("aws:x", "y")});
    assert_eq!(code(&mut world, "CreateTags", reserved), "InvalidParameterValue");
}

#[test]
fn domains_are_specified_where_an_endpoint_has_private_dns() {
    let (mut world, _, input) = start();
    world.switches.throttling = false;
    let private = with(&input, "PrivateDnsEnabled", json!("true"));
    let specified = json!({
        "PrivateDnsPreference": "SPECIFIED_DOMAINS_ONLY",
        "PrivateDnsSpecifiedDomain": ["example.com"],
    });
    let mut refused = |input: &Value, options: Value| {
        code(&mut world, "CreateVpcEndpoint", with(input, "DnsOptions", options))
    };
    assert_eq!(refused(&input, specified.clone()), "InvalidParameter");
    let all = with(&specified, "PrivateDnsPreference", json!("ALL_DOMAINS"));
    assert_eq!(refused(&private, all), "InvalidParameter");
    let unknown = with(&specified, "PrivateDnsPreference", json!("SOME_DOMAINS"));
    assert_eq!(refused(&private, unknown), "InvalidParameterValue");
    let many = with(&specified, "PrivateDnsSpecifiedDomain", json!(vec!["example.com"; 11]));
    assert_eq!(refused(&private, many), "InvalidParameterValue");
    let inbound = json!({"PrivateDnsOnlyForInboundResolverEndpoint": "true"});
    assert_eq!(refused(&private, inbound), "InvalidParameter");
    let made = ok(&mut world, "CreateVpcEndpoint", with(&private, "DnsOptions", specified));
    let shown = &made["vpcEndpoint"]["dnsOptions"];
    assert_eq!(shown["privateDnsPreference"], "SPECIFIED_DOMAINS_ONLY");
    assert_eq!(shown["privateDnsSpecifiedDomainSet"]["item"], json!(["example.com"]));
}
