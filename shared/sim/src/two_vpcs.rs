//! The world to begin with: two VPCs of the same addresses, a private database in one of them, a
//! client in the other, and nothing that connects them.

use serde_json::{Value, json};

use crate::{Call, Service, World};

/// The addresses of both VPCs unless told otherwise: they overlap entirely.
const BOTH: &str = "10.0.0.0/16";

/// What there is in that world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoVpcs {
    /// The VPC of the database.
    pub provider_vpc: String,
    /// The VPC of the client.
    pub consumer_vpc: String,
    /// The database's subnets, in two zones.
    pub provider_subnets: Vec<String>,
    /// The client's subnets, in the same two zones.
    pub consumer_subnets: Vec<String>,
    /// The database's identifier.
    pub database: String,
    /// The database's ARN.
    pub database_arn: String,
    /// The database's security group: nothing may come in.
    pub database_group: String,
    /// The client's security group: nothing may come in, everything may go out.
    pub client_group: String,
}

/// Builds it by ordinary calls. The database is available at once, and no event tells of any of
/// this: it was all there before anybody looked.
///
/// # Panics
///
/// When the world refuses one of the calls, as one that already has such a database does.
pub fn build(world: &mut World) -> TwoVpcs {
    build_with(world, BOTH)
}

/// The same, with other addresses for the client's VPC: a /16, such as `10.1.0.0/16`. What is to
/// be peered must not overlap, and the database's VPC has 10.0.0.0/16.
///
/// # Panics
///
/// As [`build`] does, and when this is no such network.
pub fn build_with(world: &mut World, consumer_cidr: &str) -> TwoVpcs {
    let switches = world.switches.clone();
    world.switches.durations.instance = jiff::SignedDuration::ZERO;
    world.switches.throttling = false;
    let heard = world.events.len();
    let (provider_vpc, provider_subnets) = vpc(world, "provider", BOTH);
    let (consumer_vpc, consumer_subnets) = vpc(world, "consumer", consumer_cidr);
    let database_group = group(world, "orders-database", &provider_vpc);
    let client_group = group(world, "client", &consumer_vpc);
    let database = "orders".to_owned();
    call(
        world,
        Service::Rds,
        "CreateDBSubnetGroup",
        json!({
            "DBSubnetGroupName": "orders",
            "DBSubnetGroupDescription": "private subnets of the provider VPC",
            "SubnetIds": {"SubnetIdentifier": provider_subnets},
        }),
    );
    let made = call(
        world,
        Service::Rds,
        "CreateDBInstance",
        json!({
            "DBInstanceIdentifier": database,
            "DBInstanceClass": "db.t4g.micro",
            "Engine": "postgres",
            "AllocatedStorage": "20",
            "MasterUsername": "postgres",
            "ManageMasterUserPassword": "true",
            "DBSubnetGroupName": "orders",
            "VpcSecurityGroupIds": {"VpcSecurityGroupId": [database_group]},
            "PubliclyAccessible": "false",
            "MultiAZ": "false",
            "Port": "5432",
            "Tags": {"Tag": [{"Key": "Name", "Value": "orders"}]},
        }),
    );
    let database_arn = text(&made["DBInstance"]["DBInstanceArn"]);
    world.advance_to(world.now());
    world.events.truncate(heard);
    world.switches = switches;
    TwoVpcs {
        provider_vpc,
        consumer_vpc,
        provider_subnets,
        consumer_subnets,
        database,
        database_arn,
        database_group,
        client_group,
    }
}

/// A client in the client's VPC: a network interface that carries its group.
///
/// # Panics
///
/// When the world refuses it.
pub fn place_client(world: &mut World, two_vpcs: &TwoVpcs) {
    let members = json!({
        "SubnetId": two_vpcs.consumer_subnets[0],
        "SecurityGroupId": [two_vpcs.client_group],
        "TagSpecification": named("network-interface", "client"),
    });
    let heard = world.events.len();
    call(world, Service::Ec2, "CreateNetworkInterface", members);
    world.events.truncate(heard);
}

/// A VPC with both DNS attributes and a subnet in each of two zones.
fn vpc(world: &mut World, name: &str, cidr: &str) -> (String, Vec<String>) {
    let input = json!({"CidrBlock": cidr, "TagSpecification": named("vpc", name)});
    let id = text(&call(world, Service::Ec2, "CreateVpc", input)["vpc"]["vpcId"]);
    let input = json!({"VpcId": id, "EnableDnsHostnames": {"Value": "true"}});
    call(world, Service::Ec2, "ModifyVpcAttribute", input);
    let zones = crate::ec2::lattice_zones(&world.region);
    let (first_half, _) = cidr.split_once(".0.0/16").expect("a /16");
    let subnets = zones.iter().take(2).zip(1..).map(|(zone, number)| {
        let input = json!({
            "VpcId": id,
            "CidrBlock": format!("{first_half}.{number}.0/24"),
            "AvailabilityZone": zone,
            "TagSpecification": named("subnet", &format!("{name}-private-{number}")),
        });
        text(&call(world, Service::Ec2, "CreateSubnet", input)["subnet"]["subnetId"])
    });
    let subnets = subnets.collect();
    (id, subnets)
}

fn group(world: &mut World, name: &str, vpc: &str) -> String {
    let input = json!({
        "GroupName": name,
        "GroupDescription": name,
        "VpcId": vpc,
        "TagSpecification": named("security-group", name),
    });
    text(&call(world, Service::Ec2, "CreateSecurityGroup", input)["groupId"])
}

fn named(resource_type: &str, name: &str) -> Value {
    json!([{"ResourceType": resource_type, "Tag": [{"Key": "Name", "Value": name}]}])
}

fn call(world: &mut World, service: Service, action: &str, members: Value) -> Value {
    match world.answer(&Call::new(service, action, members)) {
        Ok(answer) => answer,
        Err(fault) => panic!("{action}: {}: {}", fault.code, fault.message),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn nothing_connects_the_two_vpcs() {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 1);
        let two_vpcs = build(&mut world);
        let database = world.rds.instance(&two_vpcs.database).expect("the database");
        assert_eq!(database.status, "available");
        assert!(database.address.is_some());
        assert_eq!(database.vpc.as_ref(), Some(&two_vpcs.provider_vpc));
        assert!(world.events.is_empty());
        assert_eq!(world.next_due(), None);
        let reachability =
            crate::reach::reachable(&world, &two_vpcs.client_group, &two_vpcs.database);
        assert!(!reachability.reachable, "{reachability:?}");
    }
}
