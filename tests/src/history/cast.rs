//! Who plays: two VPCs of the same addresses, databases in the one, clients in the other.

use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::two_vpcs::{self, TwoVpcs};
use sim::{Call, Fault, Service, World};

/// The databases by number; the first two share their security group.
pub const NAMES: [&str; 7] = ["orders", "payroll", "billing", "carts", "leads", "parcels", "stock"];

/// What a world of this kind is made of.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The article's world.
    pub two_vpcs: TwoVpcs,
    /// The resource ids of the databases, in the order of [`NAMES`].
    pub databases: Vec<String>,
    /// Security groups of the consumer VPC, each with a client in it.
    pub clients: Vec<String>,
    /// A second security group of the provider VPC, that databases may move to.
    pub other_group: String,
}

impl Cast {
    /// Builds the world, with so many databases.
    ///
    /// # Panics
    ///
    /// If AWS refuses one of the calls.
    pub fn build(world: &mut World, databases: usize) -> Cast {
        let two_vpcs = two_vpcs::build(world);
        let switches = world.switches.clone();
        world.switches.throttling = false;
        world.switches.durations.instance = SignedDuration::ZERO;
        for name in &NAMES[1..databases] {
            let group = match *name {
                "payroll" => two_vpcs.database_group.clone(),
                name => group(world, &format!("{name}-database"), &two_vpcs.provider_vpc),
            };
            let members = json!({
                "DBInstanceIdentifier": name,
                "DBInstanceClass": "db.t4g.micro",
                "Engine": "postgres",
                "AllocatedStorage": "20",
                "MasterUsername": "postgres",
                "ManageMasterUserPassword": "true",
                "DBSubnetGroupName": "orders",
                "VpcSecurityGroupIds": {"VpcSecurityGroupId": [group]},
                "PubliclyAccessible": "false",
                "Port": "5432",
            });
            expect(world, Service::Rds, "CreateDBInstance", members);
        }
        let clients =
            vec![two_vpcs.client_group.clone(), group(world, "batch", &two_vpcs.consumer_vpc)];
        for client in &clients {
            let members =
                json!({"SubnetId": two_vpcs.consumer_subnets[0], "SecurityGroupId": [client]});
            expect(world, Service::Ec2, "CreateNetworkInterface", members);
        }
        let other_group = group(world, "other", &two_vpcs.provider_vpc);
        world.advance_to(world.now());
        world.events.clear();
        world.switches = switches;
        let resource_id = |name: &&str| {
            let found = world.databases().find(|it| it.name == *name).expect("it was made");
            found.resource_id.to_owned()
        };
        let databases = NAMES[..databases].iter().map(resource_id).collect();
        Cast { two_vpcs, databases, clients, other_group }
    }
}

fn group(world: &mut World, name: &str, vpc: &str) -> String {
    let members = json!({"GroupName": name, "GroupDescription": name, "VpcId": vpc});
    let made = expect(world, Service::Ec2, "CreateSecurityGroup", members);
    made["groupId"].as_str().unwrap_or_default().to_owned()
}

fn expect(world: &mut World, service: Service, action: &str, members: Value) -> Value {
    ask(world, service, action, members).unwrap_or_else(|fault| panic!("{action}: {fault:?}"))
}

/// What AWS answers a person.
///
/// # Errors
///
/// What it refuses.
pub fn ask(
    world: &mut World,
    service: Service,
    action: &str,
    members: Value,
) -> Result<Value, Fault> {
    let (caller, action) = ("person".to_owned(), action.to_owned());
    world.answer_person(&Call { caller, service, action, members })
}

/// An AWS that takes a second or three for everything, so that a life takes few calls and still
/// sees things on their way.
pub fn make_quick(world: &mut World) {
    let second = SignedDuration::from_secs(1);
    let all = &mut world.switches.durations;
    (all.gateway, all.association) = (second * 5 / 2, second * 5 / 2);
    (all.configuration, all.endpoint) = (second * 9 / 10, second * 5 / 2);
    (all.private_dns, all.instance) = (second / 2, second * 4);
    (all.modification, all.deleted_endpoint_listed) = (second * 4, second * 2);
}
