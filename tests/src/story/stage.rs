//! The stage of a story: things by the names that people gave them.

use reconcile::status::Status;
use serde_json::{Value, json};
use sim::{Call, Fault, Service, Sim};

/// The simulated AWS as people see it who know their things by name.
pub(super) struct Stage<'a>(pub(super) &'a Sim);

impl Stage<'_> {
    /// A call that must be answered. It is not throttled, since looking at the stage must not
    /// take from what Trellis may call.
    ///
    /// # Panics
    ///
    /// If AWS refuses it: the story asks for something that cannot be.
    pub(super) fn call(&self, service: Service, action: &str, members: Value) -> Value {
        let answer = self.attempt(service, action, members.clone());
        answer.unwrap_or_else(|fault| panic!("{action} {members}: {fault:?}"))
    }

    /// A call that AWS may refuse.
    pub(super) fn attempt(
        &self,
        service: Service,
        action: &str,
        members: Value,
    ) -> Result<Value, Fault> {
        let action = action.to_owned();
        let call = Call { caller: "person".to_owned(), service, action, members };
        self.0.world(|world| {
            let throttling = std::mem::replace(&mut world.switches.throttling, false);
            let answer = world.answer_person(&call);
            world.switches.throttling = throttling;
            answer
        })
    }

    pub(super) fn list(&self, service: Service, action: &str, path: &str) -> Vec<Value> {
        let found = self.call(service, action, json!({}));
        found.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default()
    }

    /// Every id of a VPC, subnet or security group, with its name.
    pub(super) fn named(&self) -> Vec<(String, String)> {
        let vpcs = self.list(Service::Ec2, "DescribeVpcs", "/vpcSet/item");
        let subnets = self.list(Service::Ec2, "DescribeSubnets", "/subnetSet/item");
        let groups = self.list(Service::Ec2, "DescribeSecurityGroups", "/securityGroupInfo/item");
        let by_tag = |id: &'static str| move |item: Value| (text(&item[id]), name_tag(&item));
        let vpcs = vpcs.into_iter().map(by_tag("vpcId"));
        let subnets = subnets.into_iter().map(by_tag("subnetId"));
        let groups = groups.iter().map(|item| (text(&item["groupId"]), text(&item["groupName"])));
        vpcs.chain(subnets).chain(groups).filter(|(_, name)| !name.is_empty()).collect()
    }

    fn id(&self, kind: &str, name: &str) -> String {
        let found = self.named().into_iter().find(|(id, other)| {
            other == name && id.rsplit_once('-').is_some_and(|(prefix, _)| prefix == kind)
        });
        found.unwrap_or_else(|| panic!("there is no {kind} {name}")).0
    }

    /// The id of a VPC.
    pub(super) fn vpc(&self, name: &str) -> String {
        self.id("vpc", name)
    }

    /// The id of a subnet.
    pub(super) fn subnet(&self, name: &str) -> String {
        self.id("subnet", name)
    }

    /// The id of a security group.
    pub(super) fn group(&self, name: &str) -> String {
        self.id("sg", name)
    }

    /// The ids of a VPC's subnets.
    pub(super) fn subnets(&self, vpc: &str) -> Vec<String> {
        let all = self.list(Service::Ec2, "DescribeSubnets", "/subnetSet/item");
        let of_vpc = all.iter().filter(|item| item["vpcId"] == vpc);
        of_vpc.map(|item| text(&item["subnetId"])).collect()
    }

    /// The rules of a group that refer to another: their ids, and whether they are egress.
    pub(super) fn rules(&self, group: &str, peer: &str) -> Vec<(String, bool)> {
        let action = "DescribeSecurityGroupRules";
        let all = self.list(Service::Ec2, action, "/securityGroupRuleSet/item");
        let ours = all.iter().filter(|item| {
            item["groupId"] == group && item["referencedGroupInfo"]["groupId"] == peer
        });
        ours.map(|item| (text(&item["securityGroupRuleId"]), item["isEgress"] == true)).collect()
    }

    /// The id of the endpoint in a VPC.
    pub(super) fn endpoint(&self, vpc: &str) -> String {
        let all = self.list(Service::Ec2, "DescribeVpcEndpoints", "/vpcEndpointSet/item");
        let found = all.iter().find(|item| item["vpcId"] == vpc && item["state"] == "available");
        text(&found.expect("the VPC has an endpoint")["vpcEndpointId"])
    }

    fn databases(&self) -> Vec<Value> {
        let mut all = self.list(Service::Rds, "DescribeDBInstances", "/DBInstances/DBInstance");
        all.extend(self.list(Service::Rds, "DescribeDBClusters", "/DBClusters/DBCluster"));
        all
    }

    /// The identifier of a database; that of a green instance has an ending which nobody knows.
    pub(super) fn identifier(&self, name: &str) -> String {
        let green = format!("{name}-");
        let all = self.databases().into_iter().map(|item| text(&item["DBInstanceIdentifier"]));
        let found = all.into_iter().find(|id| name.ends_with("-green") && id.starts_with(&green));
        found.unwrap_or_else(|| name.to_owned())
    }

    /// The ARN of a database or cluster.
    pub(super) fn database(&self, name: &str) -> String {
        let id = self.identifier(name);
        let arns = self.databases().into_iter().map(|item| {
            let arn = &item["DBInstanceArn"];
            text(if arn.is_null() { &item["DBClusterArn"] } else { arn })
        });
        let found = arns.into_iter().find(|arn| arn.ends_with(&format!(":{id}")));
        found.unwrap_or_else(|| panic!("there is no database {name}"))
    }

    /// The status tags of databases and VPCs, with the names of these, without since when.
    pub(super) fn statuses(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for item in self.databases() {
            let id = &item["DBInstanceIdentifier"];
            let id = text(if id.is_null() { &item["DBClusterIdentifier"] } else { id });
            found.push((id, tag(&item["TagList"]["Tag"], "Key", "Value", reconcile::tag::STATUS)));
        }
        for item in self.list(Service::Ec2, "DescribeVpcs", "/vpcSet/item") {
            let status = tag(&item["tagSet"]["item"], "key", "value", reconcile::tag::STATUS);
            found.push((name_tag(&item), status));
        }
        let said = |status: Option<String>| {
            let status = Status::read(&status?);
            let overdue = if status.is_overdue { ", overdue" } else { "" };
            Some(status.text + overdue)
        };
        found.into_iter().filter_map(|(name, status)| Some((name, said(status)?))).collect()
    }
}

/// The text of a member.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn name_tag(item: &Value) -> String {
    tag(&item["tagSet"]["item"], "key", "value", "Name").unwrap_or_default()
}

fn tag(list: &Value, key: &str, value: &str, wanted: &str) -> Option<String> {
    let found = list.as_array()?.iter().find(|tag| tag[key] == wanted)?;
    Some(text(&found[value]))
}
