//! What each call asks for.

mod lattice;

use serde_json::Value;

use super::{Context, Need, of_keys, of_request, of_resource};
use crate::{Call, Service, Tags, World, ec2};

/// Everything that a call asks of the caller's policy, its own action first.
pub fn needs(world: &World, call: &Call) -> Vec<Need> {
    let mut asked = Asked { world, call, needs: Vec::new() };
    match call.service {
        Service::Ec2 => asked.of_ec2(),
        Service::Rds => asked.of_rds(),
        Service::Lattice => asked.of_lattice(),
        Service::Events => asked.of_events(),
        Service::Ssm => asked.of_ssm(),
        // GetCallerIdentity needs no permission.
        Service::Sts => {}
    }
    asked.needs
}

struct Asked<'a> {
    world: &'a World,
    call: &'a Call,
    needs: Vec<Need>,
}

impl Asked<'_> {
    fn need(&mut self, action: &str, resource: String, context: Context) {
        let action = action.to_owned();
        self.needs.push(Need { action, resource, context, is_there: true });
    }

    /// The action of the call itself.
    fn action(&self) -> String {
        format!("{}:{}", self.call.service.name(), self.call.action)
    }

    fn text(&self, member: &str) -> &str {
        self.call.members[member].as_str().unwrap_or_default()
    }

    fn texts(&self, member: &str) -> Vec<String> {
        let value = &self.call.members[member];
        let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// What the service does in the caller's name, or for its own action where that knows no
    /// resources.
    fn anywhere(&mut self, actions: &[&str]) {
        for action in actions {
            self.need(action, "*".to_owned(), Context::new());
        }
    }

    fn of_ec2(&mut self) {
        let action = self.action();
        match self.call.action.as_str() {
            "CreateSecurityGroup" => {
                self.made_by_ec2("security-group", Context::new());
                self.there_in_ec2(&[self.text("VpcId").to_owned()], &Context::new());
            }
            "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress" => {
                self.there_in_ec2(&[self.text("GroupId").to_owned()], &Context::new());
                self.made_by_ec2("security-group-rule", Context::new());
            }
            // Against the group alone, also where rules are named by their ids.
            "RevokeSecurityGroupIngress" | "RevokeSecurityGroupEgress" | "DeleteSecurityGroup" => {
                self.there_in_ec2(&[self.text("GroupId").to_owned()], &Context::new());
            }
            "CreateTags" | "DeleteTags" => {
                let tags = tags_of(&self.call.members["Tag"]);
                let context = match self.call.action == "CreateTags" {
                    true => of_request(&tags),
                    false => of_keys(tags.into_keys().collect()).into_iter().collect(),
                };
                self.there_in_ec2(&self.texts("ResourceId"), &context);
            }
            "CreateVpcEndpoint" => self.endpoint(),
            "DeleteVpcEndpoints" => {
                self.there_in_ec2(&self.texts("VpcEndpointId"), &Context::new());
            }
            "ModifyVpcEndpoint" => {
                self.there_in_ec2(&[self.text("VpcEndpointId").to_owned()], &Context::new());
                self.there_in_ec2(&self.texts("AddSecurityGroupId"), &Context::new());
            }
            _ => self.anywhere(&[&action]),
        }
    }

    fn endpoint(&mut self) {
        let preference = self.call.members["DnsOptions"]["PrivateDnsPreference"].as_str();
        let preference =
            preference.map(|it| ("ec2:VpcePrivateDnsPreference".to_owned(), vec![it.to_owned()]));
        self.made_by_ec2("vpc-endpoint", preference.into_iter().collect());
        let members = ["VpcId", "SubnetId", "SecurityGroupId", "RouteTableId"];
        let there: Vec<String> = members.iter().flat_map(|name| self.texts(name)).collect();
        self.there_in_ec2(&there, &Context::new());
        if self.text("VpcEndpointType") == "ServiceNetwork" {
            self.anywhere(&["vpc-lattice:CreateServiceNetworkVpcEndpointAssociation"]);
            self.service_linked_role();
        }
        if self.text("PrivateDnsEnabled").eq_ignore_ascii_case("true") {
            self.anywhere(&["route53:AssociateVPCWithHostedZone"]);
        }
    }

    /// What the call makes, and its tags.
    fn made_by_ec2(&mut self, resource_type: &str, more: Context) {
        let specifications = self.call.members["TagSpecification"].as_array();
        let tags: Tags =
            specifications.into_iter().flatten().flat_map(|it| tags_of(&it["Tag"])).collect();
        let arn = self.world.arn("ec2", &format!("{resource_type}/*"));
        let mut context = of_request(&tags);
        context.extend(more);
        self.need(&self.action(), arn.clone(), context.clone());
        if !tags.is_empty() {
            context.insert("ec2:CreateAction".to_owned(), vec![self.call.action.clone()]);
            self.need("ec2:CreateTags", arn, context);
        }
    }

    /// What the call names, each by its own tags.
    fn there_in_ec2(&mut self, ids: &[String], more: &Context) {
        for id in ids {
            let (resource, tags) = ec2::identity(self.world, id);
            let mut context = tags.as_ref().map(of_resource).unwrap_or_default();
            context.extend(more.clone());
            let (action, is_there) = (self.action(), tags.is_some());
            self.needs.push(Need { action, resource, context, is_there });
        }
    }

    fn of_rds(&mut self) {
        let action = self.action();
        let tags = match self.call.action.as_str() {
            "AddTagsToResource" => of_request(&tags_of(&self.call.members["Tags"]["Tag"])),
            "RemoveTagsFromResource" => {
                let keys = &self.call.members["TagKeys"]["member"];
                let keys = keys.as_array().into_iter().flatten().filter_map(Value::as_str);
                of_keys(keys.map(str::to_owned).collect()).into_iter().collect()
            }
            _ => return self.anywhere(&[&action]),
        };
        let arn = self.text("ResourceName").to_owned();
        let mut context = self.world.database_tags(&arn).map(of_resource).unwrap_or_default();
        context.extend(tags);
        self.need(&action, arn, context);
    }

    /// Systems Manager in the service authorization reference: tags in the request ask for tagging,
    /// too.
    fn of_ssm(&mut self) {
        let name = ["Name", "Path", "ResourceId"].map(|member| self.text(member)).concat();
        let arn = self.world.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')));
        let tags = tags_of(&self.call.members["Tags"]);
        let found = self.world.parameters.get(&name);
        let mut context = found.map(|it| of_resource(&it.tags)).unwrap_or_default();
        context.extend(of_request(&tags));
        self.need(&self.action(), arn.clone(), context.clone());
        if !tags.is_empty() {
            self.need("ssm:AddTagsToResource", arn, context);
        }
    }

    fn of_events(&mut self) {
        for entry in self.call.members["Entries"].as_array().into_iter().flatten() {
            let value = |member: &str| vec![entry[member].as_str().unwrap_or_default().to_owned()];
            let context = [
                ("events:source".to_owned(), value("Source")),
                ("events:detail-type".to_owned(), value("DetailType")),
            ];
            let bus = entry["EventBusName"].as_str().unwrap_or("default");
            let bus = self.world.arn("events", &format!("event-bus/{bus}"));
            self.need(&self.action(), bus, context.into());
        }
    }
}

/// Tags as EC2 and RDS are given them: a list of `Key` and `Value`.
fn tags_of(list: &Value) -> Tags {
    let list = list.as_array().into_iter().flatten();
    let text = |tag: &Value, member: &str| tag[member].as_str().unwrap_or_default().to_owned();
    list.map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}
