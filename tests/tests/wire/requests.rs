//! Requests: the body of each call that makes, changes or removes something.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::scene::Scene;
use tests::users::User;
use tests::wire::Sent;

use super::{built, of, say, tagged};

const OWNER: &str = "trellis:owner";
const FOR: &str = "trellis:for";

/// The one request of this call.
fn only<'a>(sent: &'a [Sent], call: &str) -> &'a Sent {
    let found = of(sent, call);
    assert_eq!(found.len(), 1, "{call}: {found:#?}");
    found[0]
}

/// The JSON body without its token, which is long enough to be nobody else's.
fn body(sent: &Sent) -> Value {
    let mut body = sent.body.clone();
    let token = body.as_object_mut().and_then(|members| members.remove("clientToken"));
    let token = token.as_ref().and_then(Value::as_str).unwrap_or_default();
    assert!(token.starts_with("trellis-") && token.len() == 40, "{sent:#?}");
    body
}

/// The form with everything that stands in it.
fn form(members: &[(&str, &str)]) -> BTreeMap<String, String> {
    members.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The id of one of our groups, by its name.
fn group(scene: &Scene, name: &str) -> String {
    let filter = json!({"Filter": [{"Name": "group-name", "Value": [name]}]});
    let found = User(&scene.sim).call(sim::Service::Ec2, "DescribeSecurityGroups", filter);
    let id = &found["securityGroupInfo"]["item"][0]["groupId"];
    id.as_str().unwrap_or_else(|| panic!("no group {name}: {found}")).to_owned()
}

#[test]
fn lattice_is_asked_for_what_it_is_to_make_with_our_tags_on_it() {
    tagged(async |scene, ends| {
        ends.settle().await;
        let sent = ends.wire.take();
        let two_vpcs = &scene.two_vpcs;
        let (vpc, database) = (&two_vpcs.provider_vpc, &two_vpcs.database_arn);
        let tags = |key: String| json!({OWNER: "trellis", FOR: key});

        let network = only(&sent, "POST servicenetworks");
        let expected = json!({"name": "databases", "tags": tags("network databases".to_owned())});
        assert_eq!(body(network), expected);

        let gateway = only(&sent, "POST resourcegateways");
        let expected = json!({
            "name": format!("trellis-{vpc}"),
            "vpcIdentifier": vpc,
            "subnetIds": sorted(&two_vpcs.provider_subnets),
            "securityGroupIds": [group(scene, "trellis-gateway")],
            "ipv4AddressesPerEni": 2,
            "tags": tags(format!("gateway {vpc}")),
        });
        assert_eq!(body(gateway), expected);

        // No portRanges and no protocol: for an ARN, AWS takes both from the database.
        let configuration = body(only(&sent, "POST resourceconfigurations"));
        let name = configuration["name"].as_str().unwrap_or_default();
        assert!(name.starts_with("trellis-orders-5432-"), "{configuration}");
        let gateway_id = configuration["resourceGatewayIdentifier"].as_str().unwrap_or_default();
        assert!(gateway_id.starts_with("rgw-"), "{configuration}");
        let expected = json!({
            "name": name,
            "type": "ARN",
            "resourceGatewayIdentifier": gateway_id,
            "resourceConfigurationDefinition": {"arnResource": {"arn": database}},
            "allowAssociationToShareableServiceNetwork": true,
            "tags": tags(format!("configuration {database}")),
        });
        assert_eq!(configuration, expected);

        let association = body(only(&sent, "POST servicenetworkresourceassociations"));
        let configuration = association["resourceConfigurationIdentifier"].as_str();
        assert!(configuration.is_some_and(|id| id.starts_with("rcfg-")), "{association}");
        let network = association["serviceNetworkIdentifier"].as_str();
        let arn = "arn:aws:vpc-lattice:us-east-1:111122223333:servicenetwork/sn-";
        assert!(network.is_some_and(|id| id.starts_with(arn)), "{association}");
        let expected = json!({
            "resourceConfigurationIdentifier": configuration,
            "serviceNetworkIdentifier": network,
            "tags": tags(format!("association {database} databases")),
        });
        assert_eq!(association, expected);
    });
}

#[test]
fn ec2_is_asked_for_an_endpoint_with_private_dns_and_a_group_of_its_own() {
    tagged(async |scene, ends| {
        ends.settle().await;
        let sent = ends.wire.take();
        let two_vpcs = &scene.two_vpcs;
        let endpoint = only(&sent, "CreateVpcEndpoint");
        let token = endpoint.token().unwrap_or_default();
        assert!(token.starts_with("trellis-") && token.len() == 40, "{endpoint:#?}");
        let network = endpoint.members.get("ServiceNetworkArn").map_or("", String::as_str);
        assert!(network.contains(":servicenetwork/sn-"), "{endpoint:#?}");
        let subnets = sorted(&two_vpcs.consumer_subnets);
        let expected = form(&[
            ("VpcEndpointType", "ServiceNetwork"),
            ("VpcId", &two_vpcs.consumer_vpc),
            ("ServiceNetworkArn", network),
            ("SubnetId.1", &subnets[0]),
            ("SubnetId.2", &subnets[1]),
            ("SecurityGroupId.1", &group(scene, "trellis-endpoint-databases")),
            ("PrivateDnsEnabled", "true"),
            ("ClientToken", token),
            ("TagSpecification.1.ResourceType", "vpc-endpoint"),
            ("TagSpecification.1.Tag.1.Key", FOR),
            (
                "TagSpecification.1.Tag.1.Value",
                &format!("endpoint {} databases", two_vpcs.consumer_vpc),
            ),
            ("TagSpecification.1.Tag.2.Key", OWNER),
            ("TagSpecification.1.Tag.2.Value", "trellis"),
            ("TagSpecification.1.Tag.3.Key", "Name"),
            ("TagSpecification.1.Tag.3.Value", "trellis-databases"),
        ]);
        assert_eq!(endpoint.members, expected);
    });
}

#[test]
fn groups_are_made_with_our_tags_and_rules_one_by_one() {
    tagged(async |scene, ends| {
        ends.settle().await;
        let sent = ends.wire.take();
        let vpc = &scene.two_vpcs.provider_vpc;
        let made = of(&sent, "CreateSecurityGroup");
        let gateway = made.iter().find(|one| one.members["GroupName"] == "trellis-gateway");
        let description = &gateway.expect("it is made").members["GroupDescription"];
        let expected = form(&[
            ("GroupName", "trellis-gateway"),
            ("GroupDescription", description),
            ("VpcId", vpc),
            ("TagSpecification.1.ResourceType", "security-group"),
            ("TagSpecification.1.Tag.1.Key", FOR),
            ("TagSpecification.1.Tag.1.Value", &format!("gateway-group {vpc}")),
            ("TagSpecification.1.Tag.2.Key", "trellis:networks"),
            ("TagSpecification.1.Tag.2.Value", "databases"),
            ("TagSpecification.1.Tag.3.Key", OWNER),
            ("TagSpecification.1.Tag.3.Value", "trellis"),
            ("TagSpecification.1.Tag.4.Key", "Name"),
            ("TagSpecification.1.Tag.4.Value", "trellis-gateway"),
        ]);
        assert_eq!(gateway.expect("it is made").members, expected);
        assert_eq!(made.len(), 3, "of the gateway, of the endpoint, of clients: {made:#?}");

        let database = &scene.two_vpcs.database_group;
        let rule = only(&of_group(&sent, database), "AuthorizeSecurityGroupIngress").clone();
        let description = &rule.members["IpPermissions.1.Groups.1.Description"];
        let expected = form(&[
            ("GroupId", database),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "5432"),
            ("IpPermissions.1.ToPort", "5432"),
            ("IpPermissions.1.Groups.1.GroupId", &group(scene, "trellis-gateway")),
            ("IpPermissions.1.Groups.1.Description", description),
            ("TagSpecification.1.ResourceType", "security-group-rule"),
            ("TagSpecification.1.Tag.1.Key", FOR),
            ("TagSpecification.1.Tag.1.Value", &format!("database-rule {vpc} {database} 5432")),
            ("TagSpecification.1.Tag.2.Key", OWNER),
            ("TagSpecification.1.Tag.2.Value", "trellis"),
        ]);
        assert_eq!(rule.members, expected);
        for one in sent.iter().filter(|one| one.call.starts_with("Authorize")) {
            assert!(!one.members.keys().any(|name| name.contains(".2.Group")), "{one:#?}");
            assert!(!one.members.keys().any(|name| name.contains("Permissions.2")), "{one:#?}");
            assert!(!one.members.keys().any(|name| name.contains("Cidr")), "{one:#?}");
        }
        // The open egress that AWS gives every new group goes by the rule's own id.
        for one in of(&sent, "RevokeSecurityGroupEgress") {
            let names: Vec<&str> = one.members.keys().map(String::as_str).collect();
            assert_eq!(names, ["GroupId", "SecurityGroupRuleId.1"]);
        }
    });
}

#[test]
fn what_is_removed_is_named_by_its_id_and_nothing_else() {
    built(async |scene, ends| {
        say(scene, "off");
        ends.settle().await;
        let sent = ends.wire.take();
        for (call, prefix) in [
            ("DELETE servicenetworks", "sn-"),
            ("DELETE resourcegateways", "rgw-"),
            ("DELETE resourceconfigurations", "rcfg-"),
            ("DELETE servicenetworkresourceassociations", "snra-"),
        ] {
            let one = only(&sent, call);
            assert!(one.rest.starts_with(prefix) && one.members.is_empty(), "{one:#?}");
            assert_eq!(one.body, Value::Null);
        }
        let one = only(&sent, "DeleteVpcEndpoints");
        let names: Vec<&str> = one.members.keys().map(String::as_str).collect();
        assert_eq!(names, ["VpcEndpointId.1"]);
        for one in sent.iter().filter(|one| one.call.starts_with("RevokeSecurityGroup")) {
            let names: Vec<&str> = one.members.keys().map(String::as_str).collect();
            assert_eq!(names, ["GroupId", "SecurityGroupRuleId.1"]);
        }
        assert_eq!(of(&sent, "DeleteSecurityGroup").len(), 3);
    });
}

#[test]
fn tags_are_taken_off_by_their_keys() {
    built(async |scene, ends| {
        say(scene, "off");
        ends.settle().await;
        let sent = ends.wire.take();
        let vpc = &scene.two_vpcs.consumer_vpc;
        let off: Vec<_> = of(&sent, "DeleteTags");
        assert!(!off.is_empty(), "the status of the VPC goes");
        for one in off {
            let expected = form(&[("ResourceId.1", vpc), ("Tag.1.Key", "trellis:status")]);
            assert_eq!(one.members, expected);
        }
        for one in of(&sent, "RemoveTagsFromResource") {
            let expected = form(&[
                ("ResourceName", &scene.two_vpcs.database_arn),
                ("TagKeys.member.1", "trellis:status"),
            ]);
            assert_eq!(one.members, expected);
        }
        for one in of(&sent, "DELETE tags") {
            assert_eq!(one.members.keys().map(String::as_str).collect::<Vec<_>>(), ["tagKeys"]);
        }
    });
}

#[test]
fn news_goes_to_the_default_bus_as_an_event_of_ours() {
    tagged(async |scene, ends| {
        ends.settle().await;
        let sent = ends.wire.take();
        let told: Vec<&Value> =
            of(&sent, "PutEvents").iter().map(|one| &one.body["Entries"][0]).collect();
        let kinds: Vec<&str> = told.iter().filter_map(|it| it["DetailType"].as_str()).collect();
        assert_eq!(kinds, ["Network Created", "Database Exposed", "VPC Connected"]);
        let detail = told[1]["Detail"].as_str().and_then(|it| serde_json::from_str(it).ok());
        let detail: Value = detail.expect("it is JSON");
        let expected: Value = json!({
            "deployment": "trellis",
            "side": "expose-database",
            "at": detail["at"],
            "network": "databases",
            "database": scene.two_vpcs.database_arn,
        });
        assert_eq!(detail, expected);
        assert!(detail["at"].is_string());
        assert_eq!(told[1]["Source"], "trellis");
        assert_eq!(told[1]["Resources"], json!([scene.two_vpcs.database_arn]));
        assert_eq!(told[1].get("EventBusName"), None);
    });
}

fn of_group(sent: &[Sent], group: &str) -> Vec<Sent> {
    let is_its = |one: &&Sent| one.members.get("GroupId").is_some_and(|id| id == group);
    sent.iter().filter(is_its).cloned().collect()
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}
