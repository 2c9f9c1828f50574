//! What is refused for what it says, with the members that are wrong.

use serde_json::{Value, json};

use super::*;

/// The members that a call is refused for.
fn wrong(world: &mut World, action: &str, members: Value) -> Vec<String> {
    let fault = lattice(world, action, members.clone()).expect_err(&members.to_string());
    assert_eq!(code(Err(fault.clone())), invalid(), "{members}");
    assert_eq!(fault.members["reason"], "fieldValidationFailed");
    let fields = fault.members["fieldList"].as_array().expect("a list");
    fields.iter().filter_map(|field| field["name"].as_str()).map(str::to_owned).collect()
}

fn with(members: &Value, more: Value) -> Value {
    let mut members = members.clone();
    for (name, value) in more.as_object().expect("members") {
        members[name] = value.clone();
    }
    members
}

const GATEWAY: &str = "resourceGatewayIdentifier";
const GROUP: &str = "resourceConfigurationGroupIdentifier";
const DEFINITION: &str = "resourceConfigurationDefinition";

#[test]
fn each_type_of_configuration_has_members_of_its_own() {
    let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH, 1);
    let all = json!({
        GATEWAY: "rgw-0a1b2c3d4e5f6a7b8",
        GROUP: "rcfg-0a1b2c3d4e5f6a7b8",
        "portRanges": ["5432"],
        "protocol": "TCP",
        "allowAssociationToShareableServiceNetwork": true,
        "customDomainName": "orders.example.com",
        "groupDomain": "example.com",
    });
    let dns = json!({"dnsResource": {"domainName": "a.example.com", "ipAddressType": "IPV4"}});
    let address = json!({"ipResource": {"ipAddress": "10.0.0.4"}});
    let arn = json!({"arnResource": {"arn": DATABASE}});
    let range = json!({"cidrResource": {"cidrRanges": ["10.0.0.0/16"]}});
    let shareable = "allowAssociationToShareableServiceNetwork";
    let ports = "portRanges";
    let of_all = [GATEWAY, ports, "protocol", shareable];
    for (kind, takes, definitions) in [
        ("SINGLE", [&of_all[..], &["customDomainName"]].concat(), vec![&dns, &address]),
        ("GROUP", [&of_all[..], &["groupDomain"]].concat(), vec![]),
        ("CHILD", vec![GROUP, ports, "customDomainName"], vec![&dns, &address]),
        ("ARN", vec![GATEWAY, shareable], vec![&arn]),
        ("CIDR", vec![GATEWAY, ports, "protocol"], vec![&range]),
    ] {
        let mut right = json!({"name": "orders", "type": kind});
        for name in &takes {
            right[*name] = all[*name].clone();
        }
        if let Some(definition) = definitions.first() {
            right[DEFINITION] = (*definition).clone();
        }
        // Well formed as it is, it is looked up; and there is no such gateway or group.
        let looked_up = lattice(&mut world, "CreateResourceConfiguration", right.clone());
        assert_eq!(code(looked_up), gone(), "{kind}");
        for name in all.as_object().expect("members").keys() {
            let is_taken = takes.contains(&name.as_str());
            let other = if is_taken { Value::Null } else { all[name].clone() };
            let is_needed = [GATEWAY, GROUP, "portRanges"].contains(&name.as_str());
            if is_taken && !is_needed {
                continue;
            }
            let members = with(&right, json!({name: other}));
            let names = wrong(&mut world, "CreateResourceConfiguration", members);
            assert_eq!(names, [name.as_str()], "{kind}");
        }
        for definition in [&dns, &address, &arn, &range, &Value::Null] {
            let is_taken =
                definitions.contains(&definition) || definitions.is_empty() && definition.is_null();
            let members = with(&right, json!({DEFINITION: definition}));
            match is_taken {
                true => {
                    let looked_up = lattice(&mut world, "CreateResourceConfiguration", members);
                    assert_eq!(code(looked_up), gone(), "{kind} {definition}");
                }
                false => {
                    let names = wrong(&mut world, "CreateResourceConfiguration", members);
                    assert_eq!(names, [DEFINITION], "{kind} {definition}");
                }
            }
        }
    }
}

#[test]
fn only_databases_of_rds_have_configurations_of_type_arn() {
    let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH, 1);
    for arn in [
        "arn:aws:dynamodb:us-east-1:111122223333:table/orders",
        "arn:aws:rds:us-east-1:111122223333:snapshot:orders",
    ] {
        let members = with(
            &configuration("rgw-0a1b2c3d4e5f6a7b8"),
            json!({DEFINITION: {"arnResource": {"arn": arn}}}),
        );
        assert_eq!(wrong(&mut world, "CreateResourceConfiguration", members), [DEFINITION]);
    }
}

#[test]
fn a_range_of_addresses_needs_a_gateway_that_resolves_in_its_vpc() {
    let (mut world, vpc, subnets) = world_with_database();
    let gateway = made(&mut world, "CreateResourceGateway", gateway(&vpc, &subnets));
    pass(&mut world, 90);
    let members = json!({
        "name": "network", "type": "CIDR", GATEWAY: gateway, "portRanges": ["53"],
        DEFINITION: {"cidrResource": {"cidrRanges": ["10.0.0.0/16"]}},
    });
    assert_eq!(wrong(&mut world, "CreateResourceConfiguration", members.clone()), [GATEWAY]);
    let update = json!({GATEWAY: gateway, "resourceConfigDnsResolution": "IN_VPC"});
    lattice(&mut world, "UpdateResourceGateway", update).expect("valid");
    pass(&mut world, 90);
    made(&mut world, "CreateResourceConfiguration", members);
}

#[test]
fn domains_are_specified_where_there_is_private_dns() {
    let (mut world, vpc, _) = world_with_database();
    let network = made(&mut world, "CreateServiceNetwork", json!({"name": "databases"}));
    let with_options = |is_private: bool, options: Value| {
        json!({
            "serviceNetworkIdentifier": network, "vpcIdentifier": vpc,
            "privateDnsEnabled": is_private, "dnsOptions": options,
        })
    };
    let create = "CreateServiceNetworkVpcAssociation";
    let all = json!({"privateDnsPreference": "ALL_DOMAINS"});
    let members = with_options(false, all.clone());
    assert_eq!(wrong(&mut world, create, members), ["dnsOptions"]);
    let domains = "dnsOptions.privateDnsSpecifiedDomains";
    let unspecified = with(&all, json!({"privateDnsSpecifiedDomains": ["example.com"]}));
    assert_eq!(wrong(&mut world, create, with_options(true, unspecified)), [domains]);
    let none = json!({
        "privateDnsPreference": "SPECIFIED_DOMAINS_ONLY", "privateDnsSpecifiedDomains": [],
    });
    assert_eq!(wrong(&mut world, create, with_options(true, none.clone())), [domains]);
    let one = with(&none, json!({"privateDnsSpecifiedDomains": ["example.com"]}));
    let answer = lattice(&mut world, create, with_options(true, one.clone())).expect("valid");
    assert_eq!(answer["dnsOptions"], one);
    pass(&mut world, 45);
    let id = answer["id"].as_str().expect("an id");
    let update = json!({
        "serviceNetworkVpcAssociationIdentifier": id,
        "dnsOptions": {"privateDnsPreference": "SOME_DOMAINS"},
    });
    let member = "dnsOptions.privateDnsPreference";
    assert_eq!(wrong(&mut world, "UpdateServiceNetworkVpcAssociation", update), [member]);
}
