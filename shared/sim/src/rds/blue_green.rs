//! Blue/green deployments ("Overview of Amazon RDS Blue/Green Deployments").
//!
//! ```text
//!                  orders          orders-green-x1y2z3    orders-old1
//! PROVISIONING     blue            green, creating
//! AVAILABLE        blue            green
//! half way         (nobody)        green                  blue
//! completed        green           (nobody)               blue
//! ```
//!
//! Identifier, ARN and endpoint of `orders` stay, the resource id behind them does not. After the
//! switchover the deployment's source is `orders-old1` and its target `orders` (AWS CLI Command
//! Reference, `describe-blue-green-deployments`, the example after a switchover), until somebody
//! deletes the deployment, which leaves both databases as they are.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{FilterList, Flag, Number, Paging, TagList, page};
use super::state::{BlueGreen, Instance};
use super::{begin_delete, instance, modify, notice, show};
use crate::kernel::switches::GreenTags;
use crate::kernel::{Call, Fault, Service, Tags, iso};
use crate::rds::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Create {
    #[serde(rename = "BlueGreenDeploymentName")]
    name: String,
    source: String,
    target_engine_version: Option<String>,
    #[serde(rename = "TargetDBInstanceClass")]
    target_class: Option<String>,
    #[serde(default)]
    tags: TagList,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    #[serde(rename = "BlueGreenDeploymentIdentifier")]
    id: Option<String>,
    #[serde(default)]
    filters: FilterList,
    max_records: Option<Number>,
    marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SwitchOver {
    #[serde(rename = "BlueGreenDeploymentIdentifier")]
    id: String,
    #[serde(rename = "SwitchoverTimeout")]
    _timeout: Option<Number>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Delete {
    #[serde(rename = "BlueGreenDeploymentIdentifier")]
    id: String,
    delete_target: Option<Flag>,
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let tags = input.tags.checked()?;
    let mut all = world.rds.instances.values();
    let blue = all.find(|it| it.arn == input.source).map(|it| it.id.clone());
    let blue = instance::find_available(world, blue.as_deref().unwrap_or(&input.source))?;
    let is_supported = matches!(blue.engine.as_str(), "mysql" | "mariadb" | "postgres");
    if !is_supported || blue.cluster.is_some() {
        let message = format!("Blue/green deployments do not support {}.", blue.id);
        return Err(Fault::new("SourceDatabaseNotSupportedFault", 400, message));
    }
    let mut deployments = world.rds.blue_greens.values();
    let holds = |it: &BlueGreen| [&it.blue, &it.green].contains(&&blue.resource_id);
    if deployments.any(|it| it.name == input.name || holds(it)) {
        let message = "A blue/green deployment with this name or source already exists.";
        return Err(Fault::new("BlueGreenDeploymentAlreadyExistsFault", 400, message));
    }
    let suffix = world.new_hex()[..6].to_owned();
    let copies = world.switches.green_tags == GreenTags::AtCreation;
    let green = Instance {
        id: format!("{}-green-{suffix}", blue.id),
        engine_version: input.target_engine_version.unwrap_or(blue.engine_version.clone()),
        class: input.target_class.unwrap_or(blue.class.clone()),
        tags: if copies { blue.tags.clone() } else { Tags::new() },
        ..blue.clone()
    };
    let green = instance::launch(world, green, None)?;
    let id = format!("bgd-{}", &world.new_hex()[..16]);
    let target = world.rds.instances.get(&green).map(|it| it.arn.clone()).unwrap_or_default();
    let deployment = BlueGreen {
        id: id.clone(),
        name: input.name,
        status: "PROVISIONING".to_owned(),
        created: world.now(),
        blue: blue.resource_id,
        green,
        last: (blue.arn.clone(), target),
        source: blue.arn,
        tags,
    };
    let answer = show::blue_green(world, &deployment);
    world.rds.blue_greens.insert(id.clone(), deployment);
    let instance = world.switches.durations.instance;
    world.ripens(Service::Rds, &id, instance);
    Ok(json!({"BlueGreenDeployment": answer}))
}

pub(super) fn describe(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Describe = call.input()?;
    if let Some(id) = &input.id {
        find(world, id)?;
    }
    let mut items = Vec::new();
    for it in world.rds.blue_greens.values() {
        let field = |name: &str| match name {
            "blue-green-deployment-identifier" => Some(vec![it.id.clone()]),
            "blue-green-deployment-name" => Some(vec![it.name.clone()]),
            "source" => Some(vec![it.source.clone()]),
            _ => None,
        };
        if input.filters.pass(field)? && input.id.as_ref().is_none_or(|id| *id == it.id) {
            items.push((it.id.clone(), show::blue_green(world, it)));
        }
    }
    let paging = Paging { max_records: input.max_records, marker: input.marker };
    let (items, marker) = page(world, call, items, &paging)?;
    Ok(show::listing("BlueGreenDeployments", "member", items, marker))
}

pub(super) fn switch_over(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: SwitchOver = call.input()?;
    let deployment = find(world, &input.id)?.clone();
    let is_ready = |id: &str| {
        let found = world.rds.instances.get(id);
        found.is_some_and(|it| it.status == "available" && it.work.is_none())
    };
    let ready = is_ready(&deployment.blue) && is_ready(&deployment.green);
    if deployment.status != "AVAILABLE" || !ready {
        let message = format!("The deployment {} cannot be switched over now.", input.id);
        return Err(Fault::new("InvalidBlueGreenDeploymentStateFault", 400, message));
    }
    set_status(world, &input.id, "SWITCHOVER_IN_PROGRESS");
    let time = world.switches.durations.modification;
    world.ripens(Service::Rds, &input.id, time / 2);
    world.ripens(Service::Rds, &input.id, time);
    let answer = show::blue_green(world, find(world, &input.id)?);
    Ok(json!({"BlueGreenDeployment": answer}))
}

/// What people do with a deployment that they are done with. The databases stay as they are, but
/// for a green one that is to be deleted and has not taken over.
pub(super) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Delete = call.input()?;
    let deployment = find(world, &input.id)?.clone();
    let deletes_target = input.delete_target.is_some_and(|it| it.0);
    let is_over = deployment.status == "SWITCHOVER_COMPLETED";
    let is_busy = ["SWITCHOVER_IN_PROGRESS", "DELETING"].contains(&deployment.status.as_str());
    if is_busy || (is_over && deletes_target) {
        let message = format!("The deployment {} cannot be deleted so now.", input.id);
        return Err(Fault::new("InvalidBlueGreenDeploymentStateFault", 400, message));
    }
    if deletes_target && world.rds.instances.contains_key(&deployment.green) {
        begin_delete(world, &deployment.green);
    }
    let mut answer = show::blue_green(world, &deployment);
    answer["Status"] = "DELETING".into();
    answer["DeleteTime"] = iso(world.now()).into();
    set_status(world, &input.id, "DELETING");
    let modification = world.switches.durations.modification;
    world.ripens(Service::Rds, &input.id, modification);
    Ok(json!({"BlueGreenDeployment": answer}))
}

/// The next moment of the deployment has come.
pub(super) fn ripen(world: &mut World, id: &str) {
    let Some(deployment) = world.rds.blue_greens.get(id).cloned() else { return };
    let name = deployment.source.rsplit(':').next().unwrap_or_default().to_owned();
    let blue_has_it = world.rds.instances.get(&deployment.blue).is_some_and(|it| it.id == name);
    match deployment.status.as_str() {
        "PROVISIONING" => set_status(world, id, "AVAILABLE"),
        "SWITCHOVER_IN_PROGRESS" if blue_has_it => {
            let old = old_name(world, &name);
            rename(world, &deployment.blue, &old);
        }
        "SWITCHOVER_IN_PROGRESS" => {
            rename(world, &deployment.green, &name);
            hand_over_tags(world, &deployment);
            set_status(world, id, "SWITCHOVER_COMPLETED");
            remember(world, id);
            notice::switched_over(world, id);
        }
        "DELETING" => drop(world.rds.blue_greens.remove(id)),
        _ => {}
    }
}

/// Notes the ARNs that the two have now.
fn remember(world: &mut World, id: &str) {
    let Some(deployment) = world.rds.blue_greens.get_mut(id) else { return };
    let arn = |id: &str| world.rds.instances.get(id).map(|it| it.arn.clone());
    if let (Some(blue), Some(green)) = (arn(&deployment.blue), arn(&deployment.green)) {
        deployment.last = (blue, green);
    }
}

/// The first of `orders-old1`, `orders-old2` … that is free.
fn old_name(world: &World, name: &str) -> String {
    let mut names = (1..).map(|number| format!("{name}-old{number}"));
    names.find(|name| world.rds.instance(name).is_none()).unwrap_or_default()
}

fn rename(world: &mut World, resource_id: &str, name: &str) {
    let Some(mut it) = world.rds.instances.get(resource_id).cloned() else { return };
    let before = it.id.clone();
    modify::rename(world, &mut it, name);
    world.rds.instances.insert(resource_id.to_owned(), it);
    notice::renamed(world, resource_id, &before);
}

/// Green has blue's tags by now, unless it never gets them.
fn hand_over_tags(world: &mut World, deployment: &BlueGreen) {
    if world.switches.green_tags != GreenTags::AtSwitchover {
        return;
    }
    let blue = world.rds.instances.get(&deployment.blue).map(|it| it.tags.clone());
    let Some(tags) = blue else { return };
    let Some(green) = world.rds.instances.get_mut(&deployment.green) else { return };
    let before = std::mem::replace(&mut green.tags, tags.clone());
    let arn = green.arn.clone();
    world.tag_changed("rds", "db", &arn, &before, &tags);
}

fn set_status(world: &mut World, id: &str, status: &str) {
    if let Some(deployment) = world.rds.blue_greens.get_mut(id) {
        status.clone_into(&mut deployment.status);
    }
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a BlueGreen, Fault> {
    world.rds.blue_greens.get(id).ok_or_else(|| {
        let message = format!("The blue/green deployment {id} does not exist.");
        Fault::new("BlueGreenDeploymentNotFoundFault", 404, message)
    })
}
