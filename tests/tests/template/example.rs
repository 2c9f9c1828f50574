//! `examples/two-vpcs.yaml` against what Trellis asks of two VPCs.

use std::collections::BTreeMap;

use reconcile::tag;
use serde_json::Value;
use trellis::yaml::Node;

const EXAMPLE: &str = include_str!("../../../examples/two-vpcs.yaml");

/// Its resources by id, with the network `databases`.
fn resources() -> BTreeMap<String, Value> {
    let document: Node = serde_saphyr::from_str(EXAMPLE).expect("it is YAML");
    let parameters = BTreeMap::from([("Network".to_owned(), "databases".to_owned())]);
    let resources = document.member("Resources").expect("it has resources").members();
    resources.map(|(id, node)| (id.to_owned(), node.resolve(&parameters))).collect()
}

/// The value of a tag of one of them.
fn tag_of<'a>(resource: &'a Value, key: &str) -> Option<&'a str> {
    let tags = resource["Properties"]["Tags"].as_array()?;
    tags.iter().find(|tag| tag["Key"] == key)?["Value"].as_str()
}

#[test]
fn its_tags_are_ours_and_each_stands_where_it_belongs() {
    let resources = resources();
    for (id, key) in
        [("Database", tag::EXPOSE), ("ConsumerVpc", tag::CONSUME), ("ClientGroup", tag::CLIENT)]
    {
        assert_eq!(tag_of(&resources[id], key), Some("databases"), "{id}");
    }
    let ours = resources.values().flat_map(|it| it["Properties"]["Tags"].as_array()).flatten();
    let ours = ours.filter(|tag| tag["Key"].as_str().is_some_and(|it| it.starts_with("trellis:")));
    assert_eq!(ours.count(), 3, "no tag that nobody reads");
}

/// The rule that lets the gateway in, and the one that lets the clients out, are Trellis' part.
#[test]
fn its_groups_open_nothing_that_trellis_opens() {
    let resources = resources();
    let database = &resources["DatabaseGroup"]["Properties"];
    assert_eq!(database["VpcId"], "ProviderVpc");
    assert!(database["SecurityGroupIngress"].is_null(), "{database}");
    assert_eq!(resources["Database"]["Properties"]["VPCSecurityGroups"][0], "DatabaseGroup");
    // AWS lets everything out of a group for which nothing is said: no EGRESS.
    assert!(resources["ClientGroup"]["Properties"]["SecurityGroupEgress"].is_null());
    let separate = resources.values().filter(|it| {
        it["Type"].as_str().is_some_and(|kind| {
            kind.starts_with("AWS::EC2::SecurityGroup") && kind != "AWS::EC2::SecurityGroup"
        })
    });
    assert_eq!(separate.count(), 0);
    let passages = ["AWS::EC2::VPCPeeringConnection", "AWS::EC2::TransitGateway"];
    assert!(resources.values().all(|it| !passages.iter().any(|kind| it["Type"] == *kind)));
}

/// What would be refused: DNS_OFF, PUBLIC, NO_SUBNET, NO_COMMON_ZONE.
#[test]
fn nothing_of_it_would_be_refused() {
    let resources = resources();
    for id in ["ProviderVpc", "ConsumerVpc"] {
        let vpc = &resources[id]["Properties"];
        assert_eq!(vpc["EnableDnsSupport"], true, "{id}");
        assert_eq!(vpc["EnableDnsHostnames"], true, "{id}");
        assert_eq!(vpc["CidrBlock"], "10.0.0.0/16", "they overlap, on purpose");
    }
    assert_eq!(resources["Database"]["Properties"]["PubliclyAccessible"], false);
    let subnets = |vpc: &str| -> Vec<(&Value, &Value)> {
        let all = resources.values().filter(|it| it["Type"] == "AWS::EC2::Subnet");
        let its = all.map(|it| &it["Properties"]).filter(|it| it["VpcId"] == vpc);
        its.map(|it| (&it["AvailabilityZone"], &it["CidrBlock"])).collect()
    };
    assert_eq!(subnets("ProviderVpc").len(), 2);
    assert_eq!(subnets("ProviderVpc"), subnets("ConsumerVpc"), "the same zones");
    for (_, cidr) in subnets("ConsumerVpc") {
        assert!(cidr.as_str().is_some_and(|it| it.ends_with("/24")), "room for a /28: {cidr}");
    }
}

/// The password is in Secrets Manager, and no output prints it.
#[test]
fn its_password_is_nowhere() {
    let resources = resources();
    let database = &resources["Database"]["Properties"];
    assert_eq!(database["ManageMasterUserPassword"], true);
    assert!(database["MasterUserPassword"].is_null());
    // It goes into a variable of the shell, which is not shown.
    let document: Node = serde_saphyr::from_str(EXAMPLE).expect("it is YAML");
    let outputs = document.member("Outputs").expect("it has outputs").members();
    for (name, output) in outputs {
        let value = output.resolve(&BTreeMap::new())["Value"].to_string();
        let prints = value.contains("SecretString") && !value.contains("export PGPASSWORD=");
        assert!(!prints, "{name}: {value}");
    }
}
