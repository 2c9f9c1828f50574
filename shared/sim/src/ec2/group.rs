//! Security groups.

use derive_more::{Deref, DerefMut};
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{self, Described};
use super::rule::{self, GroupRule};
use super::tag::{self, TagSpecification};
use super::vpc;
use crate::ec2::{Head, World};
use crate::kernel::{Call, Fault, Tags};

/// A security group.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct Group {
    #[deref]
    #[deref_mut]
    head: Head,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) vpc: String,
}

impl Group {
    /// Whether it came with its VPC, which is how long it stays.
    pub(crate) fn is_default(&self) -> bool {
        self.name == "default"
    }
}

/// The group with this id.
pub(crate) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Group, Fault> {
    world.ec2.groups.get(id).ok_or_else(|| Group::not_found(id))
}

/// The group with this id, which has to be in this VPC.
pub(crate) fn find_in<'a>(world: &'a World, id: &str, vpc: &str) -> Result<&'a Group, Fault> {
    let group = find(world, id)?;
    if group.vpc != vpc {
        let message = "You have specified two resources that belong to different networks.";
        return Err(Fault::new("InvalidGroup.NotFound", 400, message));
    }
    Ok(group)
}

/// The default group of a VPC.
pub(crate) fn default_of<'a>(world: &'a World, vpc: &str) -> Option<&'a Group> {
    world.ec2.groups.values().find(|group| group.vpc == vpc && group.is_default())
}

/// A new group, with the egress rule that allows everything. Returns its id.
pub(crate) fn add(
    world: &mut World,
    vpc: &str,
    name: &str,
    description: &str,
    tags: Tags,
) -> String {
    let id = world.new_id("sg", 17);
    let group = Group {
        head: Head { id: id.clone(), created: world.now(), tags: tags.clone() },
        name: name.to_owned(),
        description: description.to_owned(),
        vpc: vpc.to_owned(),
    };
    world.ec2.groups.insert(id.clone(), group);
    rule::allow_all_egress(world, &id);
    tag::created(world, "security-group", &id, &tags);
    id
}

/// The group and its rules are gone.
pub(crate) fn remove(world: &mut World, id: &str) {
    let now = world.now();
    let rules: Vec<String> = rules_of(world, id).map(|rule| rule.id.clone()).collect();
    for rule in rules {
        world.ec2.rules.remove_at(now, &rule);
    }
    let tags = world.ec2.groups.get(id).map(|group| group.tags.clone());
    world.ec2.groups.remove_at(now, id);
    tag::deleted(world, "security-group", id, &tags.unwrap_or_default());
}

fn rules_of<'a>(world: &'a World, id: &'a str) -> impl Iterator<Item = &'a GroupRule> {
    world.ec2.rules.values().filter(move |rule| rule.group == id)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Create {
    group_name: String,
    group_description: String,
    #[serde(default)]
    vpc_id: Option<String>,
    #[serde(default, rename = "TagSpecification")]
    tags: Vec<TagSpecification>,
}

/// `CreateSecurityGroup`: names are unique in the VPC, whatever their case.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let tags = tag::on_create(&input.tags, "security-group")?;
    let default = || vpc::default(world).map(|vpc| vpc.id.clone());
    let Some(vpc) = input.vpc_id.or_else(default) else {
        return Err(Fault::new("VPCIdNotSpecified", 400, "No default VPC for this user"));
    };
    check_text("GroupName", &input.group_name)?;
    check_text("GroupDescription", &input.group_description)?;
    if input.group_name.to_ascii_lowercase().starts_with("sg-") {
        let message = "Group names may not be in the format sg-*.";
        return Err(Fault::new("InvalidParameterValue", 400, message));
    }
    vpc::find(world, &vpc)?;
    let is_taken =
        |group: &Group| group.vpc == vpc && group.name.eq_ignore_ascii_case(&input.group_name);
    if world.ec2.groups.values().any(is_taken) {
        let message =
            format!("The security group '{}' already exists for VPC '{vpc}'", input.group_name);
        return Err(Fault::new("InvalidGroup.Duplicate", 400, message));
    }
    check_room(world, &vpc)?;
    let id = add(world, &vpc, &input.group_name, &input.group_description, tags.clone());
    Ok(json!({
        "return": true,
        "groupId": id,
        "securityGroupArn": world.arn("ec2", &format!("security-group/{id}")),
        "tagSet": tag::show(&tags),
    }))
}

/// There is room for one more group in the region, and in the VPC.
fn check_room(world: &World, vpc: &str) -> Result<(), Fault> {
    let quotas = &world.switches.quotas;
    let groups = || world.ec2.groups.values();
    let in_vpc = groups().filter(|group| group.vpc == vpc).count();
    if groups().count() >= quotas.groups || in_vpc >= quotas.groups_per_vpc {
        let message = "The maximum number of security groups has been reached.";
        return Err(Fault::new("SecurityGroupLimitExceeded", 400, message));
    }
    Ok(())
}

/// 1 to 255 of the characters that names and descriptions of groups may have.
pub(super) fn check_text(member: &str, text: &str) -> Result<(), Fault> {
    let is_allowed =
        |one: char| one.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(one);
    if text.is_empty() || text.len() > 255 || !text.chars().all(is_allowed) {
        let message = format!(
            "Value ({text}) for parameter {member} is invalid. Up to 255 characters of a-z, A-Z, \
             0-9, spaces and ._-:/()#,@[]+=&;{{}}!$* are allowed."
        );
        return Err(Fault::new("InvalidParameterValue", 400, message));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Delete {
    group_id: String,
}

/// `DeleteSecurityGroup`: not while anything has it or the rule of another group in its VPC refers
/// to it. A rule of a peered VPC does not hold it: it goes stale.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let Delete { group_id: id } = call.input()?;
    if find(world, &id)?.is_default() {
        let message = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted");
        return Err(Fault::new("CannotDelete", 400, message));
    }
    if is_used(world, &id) {
        let message = format!("resource {id} has a dependent object");
        return Err(Fault::new("DependencyViolation", 400, message));
    }
    remove(world, &id);
    Ok(json!({"return": true, "groupId": id}))
}

fn is_used(world: &World, id: &String) -> bool {
    world.ec2.interfaces.values().any(|interface| interface.groups.contains(id))
        || world.ec2.endpoints.values().any(|end| end.is_here() && end.groups.contains(id))
        || world.ec2.rules.values().any(|rule| {
            rule.group != *id && rule.refers_to(id) && is_beside(world, &rule.group, id)
        })
        || world.is_held(id)
}

/// Whether two groups are in one VPC.
fn is_beside(world: &World, one: &str, other: &str) -> bool {
    let vpc = |id: &str| world.ec2.groups.get(id).map(|group| &group.vpc);
    vpc(one) == vpc(other)
}

/// `DescribeSecurityGroups`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.groups)
}

impl Described for Group {
    const TYPE: &'static str = "security-group";
    const STEM: &'static str = "sg";
    const IDS: &'static str = "GroupId";
    const SET: &'static str = "securityGroupInfo";
    const FILTERS: &'static [&'static str] = &[
        "description",
        "egress.ip-permission.cidr",
        "egress.ip-permission.from-port",
        "egress.ip-permission.group-id",
        "egress.ip-permission.protocol",
        "egress.ip-permission.to-port",
        "group-id",
        "group-name",
        "ip-permission.cidr",
        "ip-permission.from-port",
        "ip-permission.group-id",
        "ip-permission.protocol",
        "ip-permission.to-port",
        "owner-id",
        "vpc-id",
    ];

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        let one = match filter {
            "group-id" => &self.id,
            "group-name" => &self.name,
            "description" => &self.description,
            "vpc-id" => &self.vpc,
            "owner-id" => &world.account,
            _ => {
                let (is_egress, part) = match filter.strip_prefix("egress.") {
                    Some(part) => (true, part),
                    None => (false, filter),
                };
                return rules_of(world, &self.id)
                    .filter(|rule| rule.is_egress == is_egress)
                    .filter_map(|rule| rule.field(part.trim_start_matches("ip-permission.")))
                    .collect();
            }
        };
        vec![one.clone()]
    }

    fn show(&self, world: &World) -> Value {
        let (egress, ingress): (Vec<_>, Vec<_>) =
            rules_of(world, &self.id).partition(|rule| rule.is_egress);
        json!({
            "ownerId": world.account,
            "groupName": self.name,
            "groupDescription": self.description,
            "groupId": self.id,
            "securityGroupArn": world.arn("ec2", &format!("security-group/{}", self.id)),
            "vpcId": self.vpc,
            "ipPermissions": rule::permissions(world, &ingress),
            "ipPermissionsEgress": rule::permissions(world, &egress),
            "tagSet": tag::show(&self.tags),
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("The security group '{id}' does not exist");
        Fault::new("InvalidGroup.NotFound", 400, message)
    }
}
