//! What people and the world do, one thing at a time.

use jiff::SignedDuration;
use reconcile::tag;
use serde_json::json;
use sim::{Fault, Service, World};

use super::cast::{Cast, ask};

/// Whose tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// `trellis:expose` of the database with this number.
    Database(usize),
    /// `trellis:consume` of the consumer VPC.
    Vpc,
    /// `trellis:client` of the client group with this number.
    Client(usize),
    /// `trellis:via` of the consumer VPC.
    Via,
}

/// What somebody deletes from under a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The subnet that the clients are in.
    Subnet,
    /// The consumer VPC.
    Vpc,
    /// The group of the client with this number.
    Client(usize),
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A tag gets this value.
    Tag(Whose, &'static str),
    /// A tag is taken off.
    Untag(Whose),
    /// A database gets another name.
    Rename(usize, &'static str),
    /// A database listens elsewhere.
    Port(usize, &'static str),
    /// A database has the other security group from now on.
    Regroup(usize),
    /// A database restarts.
    Reboot(usize),
    /// A database is removed.
    Delete(usize),
    /// A snapshot of a database is made.
    Snapshot(usize),
    /// That snapshot is restored under another name.
    Restore(usize),
    /// A blue/green deployment of a database is made.
    Prepare(usize),
    /// It is switched over.
    SwitchOver(usize),
    /// The deployment allows these networks from now on.
    Allow(&'static [&'static str]),
    /// Somebody tries to delete this, and CloudTrail tells.
    Destroy(Base),
    /// An account shares a network of this name.
    Share(&'static str, &'static str),
}

impl Act {
    /// Does it.
    ///
    /// # Errors
    ///
    /// If AWS refuses it, at this time.
    pub fn apply(&self, world: &mut World, cast: &Cast) -> Result<(), Fault> {
        let name = |world: &World, number: usize| -> Result<(String, String), Fault> {
            let id = &cast.databases[number];
            let found = world.databases().find(|it| it.resource_id == *id);
            let found = found.map(|it| (it.name.to_owned(), it.arn.to_owned()));
            found.ok_or_else(|| Fault::new("DBInstanceNotFound", 404, "it is gone"))
        };
        let modify = |world: &mut World, number: usize, key: &str, value: serde_json::Value| {
            let (name, _) = name(world, number)?;
            let mut members = json!({"DBInstanceIdentifier": name, "ApplyImmediately": "true"});
            members[key] = value;
            ask(world, Service::Rds, "ModifyDBInstance", members)
        };
        match *self {
            Act::Tag(whose, value) => return tag(world, cast, whose, Some(value)),
            Act::Untag(whose) => return tag(world, cast, whose, None),
            Act::Rename(number, new) => {
                modify(world, number, "NewDBInstanceIdentifier", new.into())?
            }
            Act::Port(number, port) => modify(world, number, "DBPortNumber", port.into())?,
            Act::Regroup(number) => {
                let groups = json!({"VpcSecurityGroupId": [cast.other_group]});
                modify(world, number, "VpcSecurityGroupIds", groups)?
            }
            Act::Reboot(number) => {
                let members = json!({"DBInstanceIdentifier": name(world, number)?.0});
                ask(world, Service::Rds, "RebootDBInstance", members)?
            }
            Act::Delete(number) => {
                let members = json!({
                    "DBInstanceIdentifier": name(world, number)?.0, "SkipFinalSnapshot": "true",
                });
                ask(world, Service::Rds, "DeleteDBInstance", members)?
            }
            Act::Snapshot(number) => {
                let members = json!({
                    "DBInstanceIdentifier": name(world, number)?.0,
                    "DBSnapshotIdentifier": format!("snapshot-{number}"),
                });
                ask(world, Service::Rds, "CreateDBSnapshot", members)?
            }
            Act::Restore(number) => {
                let members = json!({
                    "DBInstanceIdentifier": format!("clone-{number}"),
                    "DBSnapshotIdentifier": format!("snapshot-{number}"),
                    "DBSubnetGroupName": "orders",
                    "VpcSecurityGroupIds":
                        {"VpcSecurityGroupId": [cast.two_vpcs.database_group]},
                    "PubliclyAccessible": "false",
                });
                ask(world, Service::Rds, "RestoreDBInstanceFromDBSnapshot", members)?
            }
            Act::Prepare(number) => {
                let members = json!({
                    "BlueGreenDeploymentName": format!("upgrade-{number}"),
                    "Source": name(world, number)?.1,
                });
                ask(world, Service::Rds, "CreateBlueGreenDeployment", members)?
            }
            Act::SwitchOver(number) => {
                let all = ask(world, Service::Rds, "DescribeBlueGreenDeployments", json!({}))?;
                let all = all["BlueGreenDeployments"]["member"].as_array().cloned();
                let wanted = format!("upgrade-{number}");
                let mut all = all.unwrap_or_default().into_iter();
                let found = all.find(|it| it["BlueGreenDeploymentName"] == wanted);
                let found = found.unwrap_or_default();
                let members = json!({
                    "BlueGreenDeploymentIdentifier":
                        found["BlueGreenDeploymentIdentifier"].as_str().unwrap_or("none"),
                });
                ask(world, Service::Rds, "SwitchoverBlueGreenDeployment", members)?
            }
            Act::Destroy(base) => {
                world.switches.trail = Some(SignedDuration::from_secs(20));
                let (action, members) = match base {
                    Base::Subnet => {
                        ("DeleteSubnet", json!({"SubnetId": cast.two_vpcs.consumer_subnets[0]}))
                    }
                    Base::Vpc => ("DeleteVpc", json!({"VpcId": cast.two_vpcs.consumer_vpc})),
                    Base::Client(number) => {
                        ("DeleteSecurityGroup", json!({"GroupId": cast.clients[number]}))
                    }
                };
                // AWS refuses it as long as anybody is there, and that is what happens.
                let _ = ask(world, Service::Ec2, action, members);
                return Ok(());
            }
            // What the deployment allows is no affair of AWS'.
            Act::Allow(_) => return Ok(()),
            Act::Share(name, owner) => {
                world.share_network(name, owner);
                return Ok(());
            }
        };
        Ok(())
    }

    /// The database whose owner says with this what is to become of it.
    pub fn speaks_for(&self) -> Option<(usize, &'static str)> {
        match *self {
            Act::Tag(Whose::Database(number), value) => Some((number, value)),
            _ => None,
        }
    }
}

fn tag(
    world: &mut World,
    cast: &Cast,
    whose: Whose,
    value: Option<&'static str>,
) -> Result<(), Fault> {
    let (key, id) = match whose {
        Whose::Database(number) => {
            let id = &cast.databases[number];
            let found = world.databases().find(|it| it.resource_id == *id);
            let arn = found.map(|it| it.arn.to_owned());
            let arn = arn.ok_or_else(|| Fault::new("DBInstanceNotFound", 404, "it is gone"))?;
            let (action, members) = match value {
                Some(value) => (
                    "AddTagsToResource",
                    json!({
                        "ResourceName": arn,
                        "Tags": {"Tag": [{"Key": tag::EXPOSE, "Value": value}]},
                    }),
                ),
                None => (
                    "RemoveTagsFromResource",
                    json!({"ResourceName": arn, "TagKeys": {"member": [tag::EXPOSE]}}),
                ),
            };
            return ask(world, Service::Rds, action, members).map(drop);
        }
        Whose::Vpc => (tag::CONSUME, &cast.two_vpcs.consumer_vpc),
        Whose::Via => (tag::VIA, &cast.two_vpcs.consumer_vpc),
        Whose::Client(number) => (tag::CLIENT, &cast.clients[number]),
    };
    let (action, tag) = match value {
        Some(value) => ("CreateTags", json!({"Key": key, "Value": value})),
        None => ("DeleteTags", json!({"Key": key})),
    };
    ask(world, Service::Ec2, action, json!({"ResourceId": [id], "Tag": [tag]})).map(drop)
}
