//! Prefix lists that AWS manages: the addresses of its services, by name.
//!
//! The addresses are examples of what such lists have, but for VPC Lattice's own (Amazon VPC
//! Lattice User Guide, "Control traffic to resources using security groups").

use data_encoding::HEXLOWER;
use derive_more::{Deref, DerefMut};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::listing::{self, Described};
use crate::ec2::{Head, World};
use crate::kernel::{Call, Fault, Tags};

/// The services that have one, and the addresses in it.
const LISTS: [(&str, &[&str]); 3] = [
    ("dynamodb", &["3.218.180.0/22", "52.94.0.0/22", "52.119.224.0/20"]),
    ("s3", &["3.5.0.0/19", "16.182.0.0/16", "52.216.0.0/15", "54.231.0.0/16"]),
    ("vpc-lattice", &["129.224.0.0/17", "169.254.171.0/24"]),
];

/// A prefix list.
#[derive(Deref, DerefMut)]
pub(super) struct PrefixList {
    #[deref]
    #[deref_mut]
    head: Head,
    name: String,
    cidrs: &'static [&'static str],
}

/// The same, as `DescribeManagedPrefixLists` shows it.
#[derive(Deref, DerefMut)]
#[deref(forward)]
#[deref_mut(forward)]
pub(super) struct Managed(PrefixList);

fn all(world: &World) -> impl Iterator<Item = PrefixList> {
    LISTS.into_iter().map(|(service, cidrs)| {
        let name = format!("com.amazonaws.{}.{service}", world.region);
        let digest = HEXLOWER.encode(&Sha256::digest(&name));
        PrefixList {
            head: Head {
                id: format!("pl-{}", &digest[..8]),
                created: Timestamp::UNIX_EPOCH,
                tags: Tags::new(),
            },
            name,
            cidrs,
        }
    })
}

/// The list of this id.
pub(super) fn find(world: &World, id: &str) -> Result<PrefixList, Fault> {
    all(world).find(|list| list.id == id).ok_or_else(|| PrefixList::not_found(id))
}

/// `DescribePrefixLists`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    let lists: Vec<PrefixList> = all(world).collect();
    listing::describe_these(world, call, &lists.iter().collect::<Vec<_>>())
}

/// `DescribeManagedPrefixLists`.
pub(crate) fn describe_managed(world: &World, call: &Call) -> Result<Value, Fault> {
    let lists: Vec<Managed> = all(world).map(Managed).collect();
    listing::describe_these(world, call, &lists.iter().collect::<Vec<_>>())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Entries {
    prefix_list_id: String,
    #[serde(default, rename = "TargetVersion")]
    _version: Option<Value>,
    #[serde(default)]
    max_results: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
}

/// `GetManagedPrefixListEntries`.
pub(crate) fn entries(world: &World, call: &Call) -> Result<Value, Fault> {
    let input: Entries = call.input()?;
    let cidrs = find(world, &input.prefix_list_id)?.cidrs.to_vec();
    let size = input.max_results.and_then(|size| size.parse().ok()).unwrap_or(100);
    let key = |cidr: &&str| (*cidr).to_owned();
    let page = world.page(call, cidrs, key, size, input.next_token.as_deref())?;
    let shown = page.items.iter().map(|cidr| json!({"cidr": cidr})).collect();
    Ok(listing::set("entrySet", shown, page.next))
}

impl Described for PrefixList {
    const TYPE: &'static str = "prefix-list";
    const STEM: &'static str = "pl";
    const IDS: &'static str = "PrefixListId";
    const SET: &'static str = "prefixListSet";
    const FILTERS: &'static [&'static str] = &["prefix-list-id", "prefix-list-name"];
    const SIZES: (usize, usize) = (1, 1000);

    fn field(&self, _: &World, filter: &str) -> Vec<String> {
        vec![if filter == "prefix-list-id" { self.id.clone() } else { self.name.clone() }]
    }

    fn show(&self, _: &World) -> Value {
        json!({
            "prefixListId": self.id,
            "prefixListName": self.name,
            "cidrSet": {"item": self.cidrs},
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("The prefix list ID '{id}' does not exist");
        Fault::new("InvalidPrefixListID.NotFound", 400, message)
    }
}

impl Described for Managed {
    const TYPE: &'static str = PrefixList::TYPE;
    const STEM: &'static str = PrefixList::STEM;
    const IDS: &'static str = PrefixList::IDS;
    const SET: &'static str = PrefixList::SET;
    const FILTERS: &'static [&'static str] = &["owner-id", "prefix-list-id", "prefix-list-name"];
    const SIZES: (usize, usize) = (1, 100);

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        if filter == "owner-id" { vec!["AWS".to_owned()] } else { self.0.field(world, filter) }
    }

    fn show(&self, world: &World) -> Value {
        let suffix = format!("prefix-list/{}", self.0.id);
        json!({
            "prefixListId": self.0.id,
            "prefixListName": self.0.name,
            "prefixListArn": format!("arn:aws:ec2:{}:aws:{suffix}", world.region),
            "addressFamily": "IPv4",
            "state": "create-complete",
            "ownerId": "AWS",
            "tagSet": {"item": []},
        })
    }

    fn not_found(id: &str) -> Fault {
        PrefixList::not_found(id)
    }
}
