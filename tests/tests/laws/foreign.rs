//! Not ours, not touched: a world full of things that look like ours.

use reconcile::id::{DatabaseArn, Port};
use reconcile::name::Deployment;
use reconcile::outcome::Outcome;
use reconcile::refusal::Code;
use reconcile::report::State;
use serde_json::{Value, json};
use sim::Service;
use tests::laws::{ask_for_everything, ask_for_nothing, make_quick, more_databases, picture, rest};
use tests::scene::{Scene, scene, settings};
use tests::users::User;

/// Whether something foreign is in the way of what the tags ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    InTheWay,
    /// Of one of two ways: a group that is tagged needs no client group.
    InOneWay,
    Aside,
}

fn id(answer: &Value, pointer: &str) -> String {
    answer.pointer(pointer).and_then(Value::as_str).expect("an id").to_owned()
}

fn group(scene: &Scene, name: &str, vpc: &str) -> String {
    let members = json!({"GroupName": name, "GroupDescription": "not ours", "VpcId": vpc});
    let made = User(&scene.sim).call(Service::Ec2, "CreateSecurityGroup", members);
    id(&made, "/groupId")
}

async fn gateway(scene: &Scene, name: &str) -> String {
    let members = json!({
        "name": name,
        "vpcIdentifier": scene.two_vpcs.provider_vpc,
        "subnetIds": scene.two_vpcs.provider_subnets,
        "securityGroupIds": [scene.two_vpcs.database_group],
        "ipv4AddressesPerEni": 1,
    });
    let made = User(&scene.sim).call(Service::Lattice, "CreateResourceGateway", members);
    pause().await;
    id(&made, "/id")
}

async fn configuration(scene: &Scene, name: &str, gateway: &str, database: &str) -> String {
    let members = json!({
        "name": name,
        "type": "ARN",
        "resourceGatewayIdentifier": gateway,
        "resourceConfigurationDefinition": {"arnResource": {"arn": database}},
        "allowAssociationToShareableServiceNetwork": true,
    });
    let made = User(&scene.sim).call(Service::Lattice, "CreateResourceConfiguration", members);
    pause().await;
    id(&made, "/id")
}

fn network(scene: &Scene) -> String {
    let members = json!({"name": "databases"});
    id(&User(&scene.sim).call(Service::Lattice, "CreateServiceNetwork", members), "/arn")
}

fn endpoint(scene: &Scene, network: &str) {
    let members = json!({
        "VpcEndpointType": "ServiceNetwork",
        "VpcId": scene.two_vpcs.consumer_vpc,
        "ServiceNetworkArn": network,
        "SubnetId": scene.two_vpcs.consumer_subnets,
        "SecurityGroupId": [scene.two_vpcs.client_group],
    });
    User(&scene.sim).call(Service::Ec2, "CreateVpcEndpoint", members);
}

async fn pause() {
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
}

fn our_name(scene: &Scene, port: u16) -> String {
    let deployment = Deployment::new("trellis").expect("it is a name");
    let arn = DatabaseArn::from(scene.two_vpcs.database_arn.as_str());
    let all = User(&scene.sim).call(Service::Rds, "DescribeDBInstances", json!({}));
    let instances = all["DBInstances"]["DBInstance"].as_array().cloned().unwrap_or_default();
    let found = instances.iter().find(|it| it["DBInstanceArn"] == arn.as_str());
    let id = found.expect("it is there")["DbiResourceId"].as_str().expect("it has one");
    deployment.configuration(&arn, &id.into(), Port(port))
}

/// Puts the foreign thing with this number there; `None` after the last.
async fn put(scene: &Scene, number: usize) -> Option<(&'static str, Stands)> {
    let (provider, consumer) = (&scene.two_vpcs.provider_vpc, &scene.two_vpcs.consumer_vpc);
    let database = &scene.two_vpcs.database_arn;
    Some(match number {
        0 => {
            group(scene, "trellis-gateway", provider);
            ("a gateway group", Stands::InTheWay)
        }
        1 => {
            group(scene, "trellis-client-databases", consumer);
            ("a client group", Stands::InOneWay)
        }
        2 => {
            group(scene, "trellis-endpoint-databases", consumer);
            ("an endpoint group", Stands::InTheWay)
        }
        3 => {
            gateway(scene, &format!("trellis-{provider}")).await;
            ("a gateway", Stands::InTheWay)
        }
        4 => {
            let name = format!("trellis-{provider}");
            scene.sim.world(|world| world.place_managed_gateway(&name, provider, &[]));
            ("a gateway that AWS manages, with our name", Stands::InTheWay)
        }
        5 => {
            let subnets = &scene.two_vpcs.provider_subnets;
            scene.sim.world(|world| world.place_managed_gateway("managed", provider, subnets));
            ("a gateway that AWS manages", Stands::Aside)
        }
        6 => {
            let gateway = gateway(scene, "another").await;
            let billing = more_databases(scene, ["billing".to_owned()]).remove(0);
            configuration(scene, &our_name(scene, 5432), &gateway, &billing).await;
            ("a configuration with our name for another database", Stands::InTheWay)
        }
        7 => {
            let gateway = gateway(scene, "another").await;
            configuration(scene, "trellis-orders-5432-aaaaaaaaaa", &gateway, database).await;
            ("a configuration with a name like ours", Stands::Aside)
        }
        8 => {
            endpoint(scene, &network(scene));
            pause().await;
            ("an endpoint to the network", Stands::InTheWay)
        }
        9 => {
            scene.sim.world(|world| world.share_network("databases", "999988887777"));
            ("another account's network", Stands::Aside)
        }
        10 => {
            let network = network(scene);
            let gateway = gateway(scene, "another").await;
            let billing = more_databases(scene, ["billing".to_owned()]).remove(0);
            let offered = configuration(scene, "billing", &gateway, &billing).await;
            let members = json!({
                "resourceConfigurationIdentifier": offered,
                "serviceNetworkIdentifier": network,
            });
            let action = "CreateServiceNetworkResourceAssociation";
            let made = User(&scene.sim).call(Service::Lattice, action, members);
            pause().await;
            scene.sim.world(|world| world.manage_association(&id(&made, "/id")));
            ("an association that AWS manages", Stands::Aside)
        }
        11 => {
            network(scene);
            ("a network that people made", Stands::Aside)
        }
        _ => return None,
    })
}

fn is_foreign(outcome: &Outcome) -> bool {
    outcome.reports.iter().any(
        |report| matches!(report.state(), State::Refused(refusal) if refusal.code == Code::Foreign),
    )
}

#[test]
fn what_looks_like_ours_is_refused_and_never_touched() {
    let mut foreign = Vec::new();
    for number in 0.. {
        let put = scene(settings(), 1, async |scene| {
            make_quick(&scene.sim);
            let (what, stands) = put(scene, number).await?;
            let before = picture(&scene.sim);
            ask_for_everything(scene);
            let outcomes = rest(scene, super::PAUSE).await;
            assert_eq!(
                outcomes.iter().any(is_foreign),
                stands != Stands::Aside,
                "{what}: {outcomes:#?}"
            );
            let reachability = scene.reachable();
            assert_eq!(
                reachability.reachable,
                stands != Stands::InTheWay,
                "{what}: {reachability:#?}"
            );
            ask_for_nothing(scene);
            rest(scene, super::PAUSE).await;
            let person = User(&scene.sim);
            person.untag_database(&scene.two_vpcs.database_arn, "trellis:expose");
            person.untag(&scene.two_vpcs.consumer_vpc, "trellis:consume");
            person.untag(&scene.two_vpcs.client_group, "trellis:client");
            rest(scene, super::PAUSE).await;
            assert_eq!(picture(&scene.sim), before, "{what}");
            Some(what)
        });
        match put {
            Some(what) => foreign.push(what),
            None => break,
        }
    }
    println!("{} strangers: {foreign:#?}", foreign.len());
    assert_eq!(foreign.len(), 12);
}

#[test]
fn what_people_build_on_ours_stays_and_holds_it() {
    scene(settings(), 1, async |scene| {
        make_quick(&scene.sim);
        ask_for_everything(scene);
        rest(scene, super::PAUSE).await;
        let person = User(&scene.sim);
        let listed = person.call(Service::Lattice, "ListResourceGateways", json!({}));
        let (ours, through) =
            (id(&listed, "/items/0/id"), id(&listed, "/items/0/securityGroupIds/0"));
        let billing = more_databases(scene, ["billing".to_owned()]).remove(0);
        configuration(scene, "billing", &ours, &billing).await;
        let permission = json!([{
            "IpProtocol": "tcp", "FromPort": "9999", "ToPort": "9999",
            "Groups": [{"GroupId": through}],
        }]);
        let rule = json!({
            "GroupId": scene.two_vpcs.database_group, "IpPermissions": permission,
        });
        person.call(Service::Ec2, "AuthorizeSecurityGroupIngress", rule);
        let theirs: Vec<String> = picture(&scene.sim)
            .into_iter()
            .filter(|line| line.contains("9999") || line.starts_with("configuration billing"))
            .collect();
        assert_eq!(theirs.len(), 2, "{theirs:#?}");
        ask_for_nothing(scene);
        rest(scene, super::PAUSE).await;
        let calls = scene.sim.calls_since(0);
        let refused: Vec<_> = calls.iter().filter(|call| call.status >= 400).collect();
        assert!(refused.is_empty(), "what is in use is not asked to go: {refused:#?}");
        let left = picture(&scene.sim);
        assert!(theirs.iter().all(|line| left.contains(line)), "{left:#?}");
        let associations = left.iter().filter(|line| line.starts_with("association")).count();
        assert_eq!(associations, 0, "{left:#?}");
    });
}
