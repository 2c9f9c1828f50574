//! What is not ours is denied by the roles' policies, whatever the code does.

use std::sync::Mutex;

use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::iam::{Need, Policy, needs};
use sim::{Call, Service};
use tests::scene::{Scene, scene, settings};
use tests::users::User;

use crate::iam::{policy, roles};
use crate::template;

/// What somebody else has in the same account, and what is ours beside it.
struct Theirs {
    /// Ids of EC2's things and ARNs of VPC Lattice's.
    ours: Vec<String>,
    group: String,
    vpc: String,
    endpoint: String,
    network: String,
    gateway: String,
    configuration: String,
    association: String,
    database: String,
}

async fn theirs(scene: &Scene) -> Theirs {
    let person = User(&scene.sim);
    let two_vpcs = &scene.two_vpcs;
    person.tag_database(&two_vpcs.database_arn, "trellis:expose", "databases");
    person.tag(&two_vpcs.consumer_vpc, "trellis:consume", "databases");
    scene.live(SignedDuration::from_mins(10)).await;
    let filter = json!([{"Name": "key", "Value": ["trellis:owner"]}]);
    let tags = person.call(Service::Ec2, "DescribeTags", json!({"Filter": filter}));
    let tags = tags["tagSet"]["item"].as_array().expect("a list").iter();
    let mut ours: Vec<String> =
        tags.map(|tag| tag["resourceId"].as_str().expect("an id").to_owned()).collect();
    for (action, member) in [
        ("ListServiceNetworks", Value::Null),
        ("ListServiceNetworkResourceAssociations", "databases".into()),
    ] {
        let mut members = json!({});
        if member.is_string() {
            members = json!({"serviceNetworkIdentifier": ours.last()});
        }
        let all = person.call(Service::Lattice, action, members);
        let all = all["items"].as_array().expect("a list").iter();
        ours.extend(all.map(|it| it["arn"].as_str().expect("an ARN").to_owned()));
    }
    let lattice = async |action: &str, members: Value| {
        let made = person.call(Service::Lattice, action, members);
        scene.live(SignedDuration::from_mins(5)).await;
        made["arn"].as_str().expect("an ARN").to_owned()
    };
    let network = lattice("CreateServiceNetwork", json!({"name": "theirs"})).await;
    let gateway = json!({
        "name": "theirs",
        "vpcIdentifier": two_vpcs.provider_vpc,
        "subnetIds": two_vpcs.provider_subnets,
    });
    let gateway = lattice("CreateResourceGateway", gateway).await;
    let configuration = json!({
        "name": "theirs",
        "type": "ARN",
        "resourceGatewayIdentifier": gateway,
        "resourceConfigurationDefinition": {"arnResource": {"arn": two_vpcs.database_arn}},
    });
    let configuration = lattice("CreateResourceConfiguration", configuration).await;
    let association = json!({
        "resourceConfigurationIdentifier": configuration,
        "serviceNetworkIdentifier": network,
    });
    let association = lattice("CreateServiceNetworkResourceAssociation", association).await;
    let endpoint = json!({
        "VpcEndpointType": "ServiceNetwork",
        "VpcId": two_vpcs.provider_vpc,
        "ServiceNetworkArn": network,
        "SubnetId": two_vpcs.provider_subnets,
    });
    let endpoint = person.call(Service::Ec2, "CreateVpcEndpoint", endpoint);
    let endpoint = endpoint["vpcEndpoint"]["vpcEndpointId"].as_str().expect("an id").to_owned();
    Theirs {
        ours,
        group: two_vpcs.client_group.clone(),
        vpc: two_vpcs.consumer_vpc.clone(),
        endpoint,
        network,
        gateway,
        configuration,
        association,
        database: two_vpcs.database_arn.clone(),
    }
}

/// What a function must never get through, were its code to try.
fn misdeeds(theirs: &Theirs) -> Vec<Call> {
    let Theirs { ours: own, group, vpc, endpoint, network, gateway, .. } = theirs;
    let Theirs { configuration, association, database, .. } = theirs;
    let ours = json!([{"Key": "trellis:owner", "Value": "trellis"}]);
    let name = json!([{"Key": "Name", "Value": "x"}]);
    let of =
        |resource_type: &str, tags: &Value| json!([{"ResourceType": resource_type, "Tag": tags}]);
    let rule = json!([{"IpProtocol": "tcp", "FromPort": "1", "ToPort": "2"}]);
    let group_named = |tags: Value| {
        let name = "g";
        json!({"GroupName": name, "GroupDescription": "d", "VpcId": vpc, "TagSpecification": tags})
    };
    let to_network = json!({"VpcEndpointType": "ServiceNetwork", "VpcId": vpc});
    let mut calls = Vec::new();
    let mut ec2 = |action: &str, members: Value| {
        calls.push(Call::new(Service::Ec2, action, members));
    };
    ec2("DeleteSecurityGroup", json!({"GroupId": group}));
    ec2("DeleteVpcEndpoints", json!({"VpcEndpointId": [endpoint]}));
    ec2("ModifyVpcEndpoint", json!({"VpcEndpointId": endpoint, "RemoveSecurityGroupId": [group]}));
    ec2("CreateSecurityGroup", group_named(Value::Null));
    ec2("CreateSecurityGroup", group_named(of("security-group", &name)));
    ec2("CreateVpcEndpoint", to_network);
    ec2("AuthorizeSecurityGroupEgress", json!({"GroupId": group, "IpPermissions": rule}));
    ec2("RevokeSecurityGroupEgress", json!({"GroupId": group, "IpPermissions": rule}));
    for id in [group, vpc, endpoint] {
        for tags in [&ours, &name, &json!([])] {
            ec2("CreateTags", json!({"ResourceId": [id], "Tag": tags}));
            ec2("DeleteTags", json!({"ResourceId": [id], "Tag": tags}));
        }
    }
    for id in own.iter().filter(|id| !id.starts_with("arn:")) {
        for tags in [&name, &json!([])] {
            ec2("CreateTags", json!({"ResourceId": [id], "Tag": tags}));
            ec2("DeleteTags", json!({"ResourceId": [id], "Tag": tags}));
        }
    }
    let mut lattice = |action: &str, members: Value| {
        calls.push(Call::new(Service::Lattice, action, members));
    };
    for arn in own.iter().filter(|id| id.starts_with("arn:")) {
        for tags in [json!({"Name": "x"}), json!({})] {
            lattice("TagResource", json!({"resourceArn": arn, "tags": tags}));
        }
        for keys in [json!(["Name"]), json!([])] {
            lattice("UntagResource", json!({"resourceArn": arn, "tagKeys": keys}));
        }
    }
    for (kind, arn) in [
        ("ResourceGateway", gateway),
        ("ResourceConfiguration", configuration),
        ("ServiceNetwork", network),
        ("ServiceNetworkResourceAssociation", association),
    ] {
        let member = format!("{}{}Identifier", kind[..1].to_lowercase(), &kind[1..]);
        lattice(&format!("Delete{kind}"), json!({member.clone(): arn}));
        lattice(&format!("Update{kind}"), json!({member: arn}));
        for tags in [json!({"trellis:owner": "trellis"}), json!({"Name": "x"}), json!({})] {
            lattice("TagResource", json!({"resourceArn": arn, "tags": tags}));
        }
        for keys in [json!(["trellis:owner"]), json!(["Name"]), json!([])] {
            lattice("UntagResource", json!({"resourceArn": arn, "tagKeys": keys}));
        }
        for tags in [json!({}), json!({"Name": "x"})] {
            let members = json!({
                "tags": tags,
                "resourceGatewayIdentifier": gateway,
                "resourceConfigurationIdentifier": configuration,
                "serviceNetworkIdentifier": network,
            });
            lattice(&format!("Create{kind}"), members);
        }
    }
    let mut rds = |action: &str, members: Value| {
        calls.push(Call::new(Service::Rds, action, members));
    };
    for tags in [&ours, &json!([])] {
        rds("AddTagsToResource", json!({"ResourceName": database, "Tags": {"Tag": tags}}));
    }
    for keys in [json!(["trellis:expose"]), json!([])] {
        let members = json!({"ResourceName": database, "TagKeys": {"member": keys}});
        rds("RemoveTagsFromResource", members);
    }
    rds("DeleteDBInstance", json!({"DBInstanceIdentifier": "orders"}));
    let entry = json!({"Source": "aws.rds", "DetailType": "d", "Detail": "{}"});
    calls.push(Call::new(Service::Events, "PutEvents", json!({"Entries": [entry]})));
    calls
}

/// For each misdeed, what IAM is asked.
fn misdeeds_asked() -> Vec<(Call, Vec<Need>)> {
    let found = Mutex::new(Vec::new());
    scene(settings(), 1, async |scene| {
        let theirs = theirs(scene).await;
        let asked = scene.sim.world(|world| {
            let calls = misdeeds(&theirs).into_iter();
            calls.map(|call| (call.clone(), needs(world, &call))).collect()
        });
        *found.lock().expect("nobody panicked") = asked;
    });
    found.into_inner().expect("nobody panicked")
}

/// The first misdeed that a policy would let through.
fn let_through<'a>(policy: &Policy, misdeeds: &'a [(Call, Vec<Need>)]) -> Option<&'a Call> {
    let is_allowed = |needs: &[Need]| needs.iter().all(|need| policy.allows(need));
    misdeeds.iter().find(|(_, needs)| is_allowed(needs)).map(|(call, _)| call)
}

#[test]
fn what_is_not_ours_is_denied_also_after_an_attempt_to_tag_it() {
    let misdeeds = misdeeds_asked();
    assert!(misdeeds.len() > 60, "{}", misdeeds.len());
    let template = template(&[]);
    for (caller, statements) in roles(&template) {
        let through = let_through(&policy(statements), &misdeeds);
        assert!(through.is_none(), "{caller} may {through:?}");
    }
}

/// Conditions that a second one of the same statement, or of another that AWS asks as well, makes
/// good: who takes one away by mistake has the other.
const BRACES: [(&str, &str); 3] = [
    ("ServiceLinkedRole", "iam:AWSServiceName"),
    ("TagLatticeThatIsMade", "aws:RequestTag/trellis:owner"),
    ("TagWhatIsMade", "aws:RequestTag/trellis:owner"),
];

#[test]
fn no_condition_can_be_left_out() {
    let misdeeds = misdeeds_asked();
    let template = template(&[]);
    let mut idle = Vec::new();
    for (caller, statements) in roles(&template) {
        for (index, statement) in statements.iter().enumerate() {
            let conditions = statement["Condition"].as_object().into_iter().flatten();
            for (operator, keys) in conditions {
                for key in keys.as_object().into_iter().flatten().map(|(key, _)| key) {
                    let mut more = statements.clone();
                    let keys = more[index]["Condition"][operator].as_object_mut();
                    keys.expect("it was there").shift_remove(key);
                    let sid = statement["Sid"].as_str().expect("a Sid");
                    let is_known = BRACES.contains(&(sid, key.as_str()));
                    if let_through(&policy(&more), &misdeeds).is_none() && !is_known {
                        idle.push(format!("{caller} {sid}: {operator} {key}"));
                    }
                }
            }
        }
    }
    assert!(idle.is_empty(), "no misdeed needs these: {idle:#?}");
}
