//! What people do in a story, command by command.

use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::Service;

use super::stage::{Stage, text};
use crate::users::User;

/// The name of something that is made, as a tag on it.
fn named(kind: &str, name: &str) -> Value {
    let tag = json!({"Key": "Name", "Value": name});
    json!([{"ResourceType": kind, "Tag": [tag]}])
}

const GROUPS: &str = "/securityGroupInfo/item";
const INTERFACES: &str = "/networkInterfaceSet/item";

/// The zones in which VPCs have their subnets, unless a story says otherwise.
const ZONES: [&str; 2] = ["us-east-1a", "us-east-1b"];

impl Stage<'_> {
    /// A person does what a command says.
    ///
    /// # Panics
    ///
    /// If the command makes no sense, or AWS refuses it.
    pub(super) fn act(&self, words: &[&str]) {
        match *words {
            ["tag", kind, ref rest @ ..] => self.tag(kind, rest),
            ["untag", kind, ref names @ .., key] => {
                names.iter().for_each(|name| self.untag(kind, name, key));
            }
            ["make", ref rest @ ..] => self.make(rest),
            ["dns", vpc, state] => {
                let value = json!({"Value": (state == "on").to_string()});
                let members = json!({"VpcId": self.vpc(vpc), "EnableDnsHostnames": value});
                self.call(Service::Ec2, "ModifyVpcAttribute", members);
            }
            ["revoke", group, "from" | "to", peer] => self.revoke(group, peer),
            ["swap", "group", "of", "endpoint", "in", vpc, "for", group] => {
                self.swap_group(vpc, group);
            }
            ["remove", "endpoint", "in", vpc] => {
                let members = json!({"VpcEndpointId": [self.endpoint(&self.vpc(vpc))]});
                self.call(Service::Ec2, "DeleteVpcEndpoints", members);
            }
            ["put", "parameter", name] => {
                let members = json!({"Name": name, "Value": "theirs", "Type": "String"});
                self.call(Service::Ssm, "PutParameter", members);
            }
            ["connect", vpc, "to", network, "by", "hand"] => self.connect(vpc, network),
            ["client", "in", group] => {
                let all = self.list(Service::Ec2, "DescribeSecurityGroups", GROUPS);
                let id = self.group(group);
                let found = all.iter().find(|item| item["groupId"] == id).expect("it is there");
                let subnets = self.subnets(&text(&found["vpcId"]));
                let members = json!({"SubnetId": subnets[0], "SecurityGroupId": [id]});
                self.call(Service::Ec2, "CreateNetworkInterface", members);
            }
            ["no", "client", "in", group] => {
                let all = self.list(Service::Ec2, "DescribeNetworkInterfaces", INTERFACES);
                let id = self.group(group);
                let carries =
                    |item: &Value| item["groupSet"]["item"].to_string().contains(id.as_str());
                for interface in all.iter().filter(|item| carries(item)) {
                    let members = json!({"NetworkInterfaceId": interface["networkInterfaceId"]});
                    self.call(Service::Ec2, "DeleteNetworkInterface", members);
                }
            }
            ["peer", one, "with", other] => {
                let members = json!({"VpcId": self.vpc(one), "PeerVpcId": self.vpc(other)});
                let made = self.call(Service::Ec2, "CreateVpcPeeringConnection", members);
                let id = &made["vpcPeeringConnection"]["vpcPeeringConnectionId"];
                let members = json!({"VpcPeeringConnectionId": id});
                self.call(Service::Ec2, "AcceptVpcPeeringConnection", members);
            }
            ["share", network, "from", account] => {
                self.0.world(|world| world.share_network(network, account));
            }
            ["aws", "fails", "to", "update", "the", "gateway"] => self.fail_gateway(),
            ["aws", "lets", "fail", "the", "endpoint", "in", vpc] => {
                let id = self.endpoint(&self.vpc(vpc));
                self.0.world(|world| world.endpoint_fails(&id, "there was no room for it"));
            }
            _ => self.act_on_database(words),
        }
    }

    /// Somebody tries to delete this, and tries it again later if AWS refuses: what AWS says.
    pub(super) fn delete(&self, kind: &str, name: &str) -> String {
        let (action, members) = match kind {
            "subnet" => ("DeleteSubnet", json!({"SubnetId": self.subnet(name)})),
            "vpc" => ("DeleteVpc", json!({"VpcId": self.vpc(name)})),
            _ => ("DeleteSecurityGroup", json!({"GroupId": self.group(name)})),
        };
        match self.attempt(Service::Ec2, action, members) {
            Ok(_) => "it is gone".to_owned(),
            Err(fault) => format!("AWS refuses: {}", fault.code),
        }
    }

    fn act_on_database(&self, words: &[&str]) {
        let person = User(self.0);
        match *words {
            ["standby", name] => person.modify_database(name, json!({"MultiAZ": "true"})),
            ["failover", name] => {
                let members = json!({"DBInstanceIdentifier": name, "ForceFailover": "true"});
                self.call(Service::Rds, "RebootDBInstance", members);
            }
            ["rename", name, new] => {
                person.modify_database(name, json!({"NewDBInstanceIdentifier": new}));
            }
            ["port", name, port] => person.modify_database(name, json!({"DBPortNumber": port})),
            ["public", name, state] => {
                let value = (state == "on").to_string();
                person.modify_database(name, json!({"PubliclyAccessible": value}));
            }
            ["snapshot", name, snapshot] => {
                let members =
                    json!({"DBInstanceIdentifier": name, "DBSnapshotIdentifier": snapshot});
                self.call(Service::Rds, "CreateDBSnapshot", members);
            }
            ["restore", name, "from", snapshot] => {
                let members =
                    json!({"DBInstanceIdentifier": name, "DBSnapshotIdentifier": snapshot});
                self.call(Service::Rds, "RestoreDBInstanceFromDBSnapshot", members);
            }
            ["restore", name, "from", snapshot, "with", tag] => {
                let (key, value) = tag.split_once('=').expect("a tag has a value");
                let members = json!({
                    "DBInstanceIdentifier": name,
                    "DBSnapshotIdentifier": snapshot,
                    "Tags": {"Tag": [{"Key": key, "Value": value}]},
                });
                self.call(Service::Rds, "RestoreDBInstanceFromDBSnapshot", members);
            }
            ["bluegreen", name] => {
                let members =
                    json!({"BlueGreenDeploymentName": name, "Source": self.database(name)});
                self.call(Service::Rds, "CreateBlueGreenDeployment", members);
            }
            ["switchover", name] => self.switch_over(name),
            ["delete", "database", name] => {
                let id = self.identifier(name);
                let members = json!({"DBInstanceIdentifier": id, "SkipFinalSnapshot": "true"});
                self.call(Service::Rds, "DeleteDBInstance", members);
            }
            _ => panic!("nobody knows how to {}", words.join(" ")),
        }
    }

    /// AWS gives no reason for a gateway that fails.
    fn fail_gateway(&self) {
        let all = self.call(Service::Lattice, "ListResourceGateways", json!({}));
        let id = text(&all["items"][0]["id"]);
        assert!(self.0.world(|world| world.lattice_fails(&id)), "{id} is there");
    }

    /// `NAMES… KEY=VALUE`, with spaces in the value if need be.
    fn tag(&self, kind: &str, words: &[&str]) {
        let at = words.iter().position(|word| word.contains('=')).expect("a tag has a value");
        let tag = words[at..].join(" ");
        let (key, value) = tag.split_once('=').expect("a tag has a value");
        for name in &words[..at] {
            match kind {
                "database" | "databases" => {
                    User(self.0).tag_database(&self.database(name), key, value);
                }
                _ => User(self.0).tag(&self.resource(kind, name), key, value),
            }
        }
    }

    fn untag(&self, kind: &str, name: &str, key: &str) {
        match kind {
            "database" | "databases" => User(self.0).untag_database(&self.database(name), key),
            _ => User(self.0).untag(&self.resource(kind, name), key),
        }
    }

    fn resource(&self, kind: &str, name: &str) -> String {
        match kind {
            "vpc" | "vpcs" => self.vpc(name),
            "group" => self.group(name),
            "subnet" => self.subnet(name),
            _ => panic!("nobody tags a {kind}"),
        }
    }

    fn make(&self, words: &[&str]) {
        match *words {
            ["vpc", name] => self.make_vpc(name, &ZONES, "24", "10.0"),
            ["vpc", name, "at", block] => self.make_vpc(name, &ZONES, "24", block),
            ["vpc", name, "with", size, "subnets"] => {
                self.make_vpc(name, &ZONES, size.trim_start_matches('/'), "10.0");
            }
            ["vpc", name, "in", ref zones @ ..] => self.make_vpc(name, zones, "24", "10.0"),
            ["subnet", name, "in", vpc, zone] => {
                let members = json!({
                    "VpcId": self.vpc(vpc),
                    "CidrBlock": "10.0.9.0/24",
                    "AvailabilityZone": zone,
                    "TagSpecification": named("subnet", name),
                });
                self.call(Service::Ec2, "CreateSubnet", members);
            }
            ["group", name, "without", "egress", "in", vpc] => {
                self.make(&["group", name, "in", vpc]);
                let everybody = json!([{
                    "IpProtocol": "-1",
                    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                }]);
                let members = json!({"GroupId": self.group(name), "IpPermissions": everybody});
                self.call(Service::Ec2, "RevokeSecurityGroupEgress", members);
            }
            ["network", name] => {
                self.call(Service::Lattice, "CreateServiceNetwork", json!({"name": name}));
            }
            ["group", name, "in", vpc] => {
                let vpc = self.vpc(vpc);
                let members = json!({"GroupName": name, "GroupDescription": name, "VpcId": vpc});
                self.call(Service::Ec2, "CreateSecurityGroup", members);
            }
            ["gateway", "named", "like", "ours", "in", vpc] => {
                let vpc = self.vpc(vpc);
                let members = json!({
                    "name": format!("trellis-{vpc}"),
                    "vpcIdentifier": vpc,
                    "subnetIds": self.subnets(&vpc),
                });
                self.call(Service::Lattice, "CreateResourceGateway", members);
            }
            ["database" | "databases", ref names @ .., "in", vpc] => {
                names.iter().for_each(|name| self.make_database(name, vpc, "postgres"));
            }
            ["database", name, "in", vpc, "with", engine] => self.make_database(name, vpc, engine),
            ["database", name, "in", vpc, "behind", group] => {
                self.make_database_behind(name, vpc, "postgres", group);
            }
            ["cluster", name, "in", vpc] => self.make_cluster(name, vpc),
            ["member", name, "of", cluster] => {
                let members = json!({
                    "DBInstanceIdentifier": name,
                    "DBInstanceClass": "db.t4g.medium",
                    "Engine": "aurora-postgresql",
                    "DBClusterIdentifier": cluster,
                });
                self.at_once("CreateDBInstance", members);
            }
            _ => panic!("nobody knows how to make {}", words.join(" ")),
        }
    }

    /// A VPC with both DNS attributes and a private subnet in each zone.
    fn make_vpc(&self, name: &str, zones: &[&str], size: &str, block: &str) {
        let cidr = format!("{block}.0.0/16");
        let members = json!({"CidrBlock": cidr, "TagSpecification": named("vpc", name)});
        let vpc = text(&self.call(Service::Ec2, "CreateVpc", members)["vpc"]["vpcId"]);
        self.act(&["dns", name, "on"]);
        for (number, zone) in (1..).zip(zones) {
            let members = json!({
                "VpcId": vpc,
                "CidrBlock": format!("{block}.{number}.0/{size}"),
                "AvailabilityZone": zone,
                "TagSpecification": named("subnet", &format!("{name}-private-{number}")),
            });
            self.call(Service::Ec2, "CreateSubnet", members);
        }
    }

    /// A private database in the VPC's subnets, with a group of its own, available at once.
    fn make_database(&self, name: &str, vpc: &str, engine: &str) {
        let group = format!("{name}-database");
        self.make(&["group", &group, "in", vpc]);
        self.make_database_behind(name, vpc, engine, &group);
    }

    fn make_database_behind(&self, name: &str, vpc: &str, engine: &str, group: &str) {
        let members = json!({
            "DBInstanceIdentifier": name,
            "DBInstanceClass": "db.t4g.micro",
            "Engine": engine,
            "AllocatedStorage": "20",
            "MasterUsername": "admin",
            "ManageMasterUserPassword": "true",
            "DBSubnetGroupName": self.subnet_group(vpc, name),
            "VpcSecurityGroupIds": {"VpcSecurityGroupId": [self.group(group)]},
            "PubliclyAccessible": "false",
        });
        self.at_once("CreateDBInstance", members);
    }

    fn make_cluster(&self, name: &str, vpc: &str) {
        let members = json!({
            "DBClusterIdentifier": name,
            "Engine": "aurora-postgresql",
            "MasterUsername": "admin",
            "ManageMasterUserPassword": "true",
            "DBSubnetGroupName": self.subnet_group(vpc, name),
        });
        self.at_once("CreateDBCluster", members);
    }

    fn subnet_group(&self, vpc: &str, name: &str) -> String {
        let members = json!({
            "DBSubnetGroupName": name,
            "DBSubnetGroupDescription": format!("private subnets of {vpc}"),
            "SubnetIds": {"SubnetIdentifier": self.subnets(&self.vpc(vpc))},
        });
        self.call(Service::Rds, "CreateDBSubnetGroup", members);
        name.to_owned()
    }

    /// A call of RDS whose work takes no time.
    fn at_once(&self, action: &str, members: Value) {
        let time = self.0.world(|world| {
            std::mem::replace(&mut world.switches.durations.instance, SignedDuration::ZERO)
        });
        self.call(Service::Rds, action, members);
        self.0.world(|world| world.switches.durations.instance = time);
    }

    fn switch_over(&self, name: &str) {
        let all = self.call(Service::Rds, "DescribeBlueGreenDeployments", json!({}));
        let all = all["BlueGreenDeployments"]["member"].as_array().cloned().unwrap_or_default();
        let found = all.iter().find(|item| item["BlueGreenDeploymentName"] == name);
        let id = &found.expect("there is such a deployment")["BlueGreenDeploymentIdentifier"];
        let members = json!({"BlueGreenDeploymentIdentifier": id});
        self.call(Service::Rds, "SwitchoverBlueGreenDeployment", members);
    }

    /// Somebody removes every rule of a group that refers to another.
    fn revoke(&self, group: &str, peer: &str) {
        let (group, peer) = (self.group(group), self.group(peer));
        let rules = self.rules(&group, &peer);
        assert!(!rules.is_empty(), "there is no such rule");
        for (rule, is_egress) in rules {
            let action = match is_egress {
                true => "RevokeSecurityGroupEgress",
                false => "RevokeSecurityGroupIngress",
            };
            let members = json!({"GroupId": group, "SecurityGroupRuleId": [rule]});
            self.call(Service::Ec2, action, members);
        }
    }

    /// Somebody takes our group off an endpoint and puts another on it.
    fn swap_group(&self, vpc: &str, group: &str) {
        let endpoint = self.endpoint(&self.vpc(vpc));
        let members = json!({
            "VpcEndpointId": endpoint,
            "AddSecurityGroupId": [self.group(group)],
            "RemoveSecurityGroupId": [self.group("trellis-endpoint-databases")],
        });
        self.call(Service::Ec2, "ModifyVpcEndpoint", members);
    }

    /// Somebody makes an endpoint to a network, in the first subnet of a VPC.
    fn connect(&self, vpc: &str, network: &str) {
        let networks = self.call(Service::Lattice, "ListServiceNetworks", json!({}));
        let networks = networks["items"].as_array().cloned().unwrap_or_default();
        let found = networks.iter().find(|item| item["name"] == network);
        let vpc = self.vpc(vpc);
        let members = json!({
            "VpcId": vpc,
            "VpcEndpointType": "ServiceNetwork",
            "ServiceNetworkArn": found.expect("there is such a network")["arn"],
            "SubnetId": self.subnets(&vpc),
            "PrivateDnsEnabled": "true",
        });
        self.call(Service::Ec2, "CreateVpcEndpoint", members);
    }
}
