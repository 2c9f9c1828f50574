//! Lives of gateways, configurations, networks and associations, and what stands in their way.

mod listings;
mod lives;
mod wrong;

use serde_json::{Value, json};

use crate::rds::tests::{call, pass, world_with_database};
use crate::{Fault, Service, World};

const DATABASE: &str = "arn:aws:rds:us-east-1:111122223333:db:orders";

fn lattice(world: &mut World, action: &str, members: Value) -> Result<Value, Fault> {
    call(world, Service::Lattice, action, members)
}

fn made(world: &mut World, action: &str, members: Value) -> String {
    let answer = lattice(world, action, members).expect("a valid creation");
    answer["id"].as_str().expect("an id").to_owned()
}

fn gateway(vpc: &str, subnets: &[String]) -> Value {
    json!({"name": "gate", "vpcIdentifier": vpc, "subnetIds": subnets, "ipv4AddressesPerEni": 2})
}

fn configuration(gateway: &str) -> Value {
    json!({
        "name": "orders", "type": "ARN", "resourceGatewayIdentifier": gateway,
        "resourceConfigurationDefinition": {"arnResource": {"arn": DATABASE}},
    })
}

/// A gateway, a configuration of `orders`, a network and their association, all active.
struct Exposed {
    world: World,
    gateway: String,
    configuration: String,
    network: String,
    association: String,
}

fn exposed() -> Exposed {
    let (mut world, vpc, subnets) = world_with_database();
    let gateway = made(&mut world, "CreateResourceGateway", gateway(&vpc, &subnets));
    pass(&mut world, 90);
    let configuration = configuration(&gateway);
    let configuration = made(&mut world, "CreateResourceConfiguration", configuration);
    pass(&mut world, 45);
    let network = made(&mut world, "CreateServiceNetwork", json!({"name": "databases"}));
    let pair = json!({
        "resourceConfigurationIdentifier": configuration, "serviceNetworkIdentifier": network,
    });
    let association = made(&mut world, "CreateServiceNetworkResourceAssociation", pair);
    pass(&mut world, 45);
    world.events.clear();
    Exposed { world, gateway, configuration, network, association }
}

fn one(member: &str, id: &str) -> Value {
    json!({member: id})
}

fn code(result: Result<Value, Fault>) -> (String, u16) {
    let fault = result.expect_err("refused");
    (fault.code, fault.status)
}

fn conflict() -> (String, u16) {
    ("ConflictException".to_owned(), 409)
}

fn invalid() -> (String, u16) {
    ("ValidationException".to_owned(), 400)
}

fn gone() -> (String, u16) {
    ("ResourceNotFoundException".to_owned(), 404)
}
