//! VPC peering connections within the account and region.
//!
//! ```text
//! pending-acceptance ──accept──► provisioning ──► active ──delete──► deleted, and still listed
//! failed, from the start, when the addresses of the two VPCs overlap
//! ```
//!
//! (Amazon VPC Peering Guide, "VPC peering connection lifecycle", and EC2 API,
//! `CreateVpcPeeringConnection`: a request between VPCs with overlapping CIDR blocks has a status
//! of `failed`.)

use derive_more::{Deref, DerefMut};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{self, Described};
use super::tag::{self, TagSpecification};
use super::vpc;
use crate::ec2::{Head, World};
use crate::kernel::{Call, Fault, Service, iso};

/// Who may see what is gone sees it for so long: two hours for who deleted it.
const STILL_LISTED: SignedDuration = SignedDuration::from_hours(2);

/// Nobody has accepted a request for so long: it is void.
const ACCEPTED_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where a peering connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PeeringStatus {
    /// Nobody has accepted it.
    PendingAcceptance,
    /// Accepted, and not of use yet.
    Provisioning,
    /// Of use.
    Active,
    /// It could not be made.
    Failed,
    /// Gone, and still listed.
    Deleted,
}

impl PeeringStatus {
    /// The code on the wire.
    fn wire(self) -> &'static str {
        match self {
            PeeringStatus::PendingAcceptance => "pending-acceptance",
            PeeringStatus::Provisioning => "provisioning",
            PeeringStatus::Active => "active",
            PeeringStatus::Failed => "failed",
            PeeringStatus::Deleted => "deleted",
        }
    }

    fn message(self, account: &str) -> String {
        match self {
            PeeringStatus::PendingAcceptance => format!("Pending Acceptance by {account}"),
            PeeringStatus::Provisioning => "Provisioning".to_owned(),
            PeeringStatus::Active => "Active".to_owned(),
            PeeringStatus::Failed => {
                "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned()
            }
            PeeringStatus::Deleted => format!("Deleted by {account}"),
        }
    }
}

/// A peering connection of two VPCs.
#[derive(Clone, Debug, Deref, DerefMut)]
pub(crate) struct Peering {
    #[deref]
    #[deref_mut]
    head: Head,
    pub(crate) requester: String,
    pub(crate) accepter: String,
    pub(crate) status: PeeringStatus,
}

impl Peering {
    /// Whether it connects these two VPCs, whoever asked for it.
    pub(crate) fn connects(&self, one: &str, other: &str) -> bool {
        (self.requester == one && self.accepter == other)
            || (self.requester == other && self.accepter == one)
    }

    fn is_on(&self) -> bool {
        !matches!(self.status, PeeringStatus::Failed | PeeringStatus::Deleted)
    }
}

/// The peering connection of these two VPCs, when it is active.
pub(crate) fn between<'a>(world: &'a World, one: &str, other: &str) -> Option<&'a Peering> {
    let mut peerings = world.ec2.peerings.values();
    peerings.find(|it| it.status == PeeringStatus::Active && it.connects(one, other))
}

/// Whether the VPC has a peering connection that is not gone.
pub(super) fn holds(world: &World, vpc: &str) -> bool {
    let mut peerings = world.ec2.peerings.values();
    peerings.any(|it| it.is_on() && (it.requester == vpc || it.accepter == vpc))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Create {
    vpc_id: String,
    peer_vpc_id: String,
    #[serde(default)]
    peer_owner_id: Option<String>,
    #[serde(default)]
    peer_region: Option<String>,
    #[serde(default, rename = "TagSpecification")]
    tags: Vec<TagSpecification>,
}

/// `CreateVpcPeeringConnection`.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let input: Create = call.input()?;
    let tags = tag::on_create(&input.tags, "vpc-peering-connection")?;
    let is_elsewhere = input.peer_owner_id.is_some_and(|owner| owner != world.account)
        || input.peer_region.is_some_and(|region| region != world.region);
    if is_elsewhere {
        let message = "The simulated EC2 peers VPCs of one account and region only.";
        return Err(Fault::new("UnsupportedOperation", 400, message));
    }
    let peer = input.peer_vpc_id;
    let cidr = vpc::find(world, &input.vpc_id)?.cidr;
    let peer_cidr = vpc::find(world, &peer)?.cidr;
    let mut others = world.ec2.peerings.values();
    if let Some(other) = others.find(|it| it.is_on() && it.connects(&input.vpc_id, &peer)) {
        let message = format!("The vpc peering connection '{}' already exists.", other.id);
        return Err(Fault::new("VpcPeeringConnectionAlreadyExists", 400, message));
    }
    let status = match vpc::overlap(cidr, peer_cidr) {
        true => PeeringStatus::Failed,
        false => PeeringStatus::PendingAcceptance,
    };
    let peering = Peering {
        head: Head::new(world, "pcx", tags.clone()),
        requester: input.vpc_id,
        accepter: peer,
        status,
    };
    let id = peering.id.clone();
    let answer = json!({ "vpcPeeringConnection": peering.show(world) });
    world.ec2.peerings.insert(id.clone(), peering);
    tag::created(world, "vpc-peering-connection", &id, &tags);
    if status == PeeringStatus::Failed {
        world.ripens(Service::Ec2, &id, STILL_LISTED);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct One {
    vpc_peering_connection_id: String,
}

/// `AcceptVpcPeeringConnection`.
pub(crate) fn accept(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let One { vpc_peering_connection_id: id } = call.input()?;
    expect_status(world, &id, &[PeeringStatus::PendingAcceptance])?;
    turn(world, &id, PeeringStatus::Provisioning);
    let peering = world.switches.durations.peering;
    world.ripens(Service::Ec2, &id, peering);
    Ok(json!({ "vpcPeeringConnection": world.ec2.peerings[&id].show(world) }))
}

/// `DeleteVpcPeeringConnection`.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let One { vpc_peering_connection_id: id } = call.input()?;
    let deletable =
        [PeeringStatus::PendingAcceptance, PeeringStatus::Provisioning, PeeringStatus::Active];
    expect_status(world, &id, &deletable)?;
    turn(world, &id, PeeringStatus::Deleted);
    world.ripens(Service::Ec2, &id, STILL_LISTED);
    let tags = world.ec2.peerings[&id].tags.clone();
    tag::deleted(world, "vpc-peering-connection", &id, &tags);
    Ok(json!({"return": true}))
}

fn expect_status(world: &World, id: &str, allowed: &[PeeringStatus]) -> Result<(), Fault> {
    let peering = world.ec2.peerings.get(id).ok_or_else(|| Peering::not_found(id))?;
    if allowed.contains(&peering.status) {
        return Ok(());
    }
    let message = format!("The vpc peering connection '{id}' is {}.", peering.status.wire());
    Err(Fault::new("InvalidStateTransition", 400, message))
}

fn turn(world: &mut World, id: &str, status: PeeringStatus) {
    if let Some(peering) = world.ec2.peerings.get_mut(id) {
        peering.status = status;
    }
}

/// A due moment of the peering connection has come.
pub(super) fn ripen(world: &mut World, id: &str) {
    match world.ec2.peerings.get(id).map(|peering| peering.status) {
        Some(PeeringStatus::Provisioning) => turn(world, id, PeeringStatus::Active),
        Some(PeeringStatus::Deleted | PeeringStatus::Failed) => {
            world.ec2.peerings.remove(id);
        }
        _ => {}
    }
}

/// `DescribeVpcPeeringConnections`.
pub(crate) fn describe(world: &World, call: &Call) -> Result<Value, Fault> {
    listing::describe(world, call, &world.ec2.peerings)
}

impl Described for Peering {
    const TYPE: &'static str = "vpc-peering-connection";
    const STEM: &'static str = "pcx";
    const IDS: &'static str = "VpcPeeringConnectionId";
    const SET: &'static str = "vpcPeeringConnectionSet";
    const FILTERS: &'static [&'static str] = &[
        "accepter-vpc-info.cidr-block",
        "accepter-vpc-info.owner-id",
        "accepter-vpc-info.vpc-id",
        "expiration-time",
        "requester-vpc-info.cidr-block",
        "requester-vpc-info.owner-id",
        "requester-vpc-info.vpc-id",
        "status-code",
        "status-message",
        "vpc-peering-connection-id",
    ];

    fn field(&self, world: &World, filter: &str) -> Vec<String> {
        let cidr = |vpc: &String| world.ec2.vpcs.get(vpc).map(|vpc| vpc.cidr.to_string());
        let value = match filter {
            "accepter-vpc-info.cidr-block" => cidr(&self.accepter),
            "requester-vpc-info.cidr-block" => cidr(&self.requester),
            "accepter-vpc-info.vpc-id" => Some(self.accepter.clone()),
            "requester-vpc-info.vpc-id" => Some(self.requester.clone()),
            "accepter-vpc-info.owner-id" | "requester-vpc-info.owner-id" => {
                Some(world.account.clone())
            }
            "status-code" => Some(self.status.wire().to_owned()),
            "status-message" => Some(self.status.message(&world.account)),
            "expiration-time" => Some(iso(self.created + ACCEPTED_WITHIN)),
            _ => Some(self.id.clone()),
        };
        value.into_iter().collect()
    }

    fn show(&self, world: &World) -> Value {
        let waits = self.status == PeeringStatus::PendingAcceptance;
        let side = |vpc: &String| {
            let cidr = world.ec2.vpcs.get(vpc).map(|vpc| vpc.cidr.to_string());
            json!({
                "cidrBlock": cidr,
                "cidrBlockSet": {"item": [{"cidrBlock": cidr}]},
                "ownerId": world.account,
                "vpcId": vpc,
                "region": world.region,
                "peeringOptions": {
                    "allowDnsResolutionFromRemoteVpc": false,
                    "allowEgressFromLocalClassicLinkToRemoteVpc": false,
                    "allowEgressFromLocalVpcToRemoteClassicLink": false,
                },
            })
        };
        json!({
            "vpcPeeringConnectionId": self.id,
            "requesterVpcInfo": side(&self.requester),
            "accepterVpcInfo": side(&self.accepter),
            "status": {
                "code": self.status.wire(),
                "message": self.status.message(&world.account),
            },
            "expirationTime": waits.then(|| iso(self.created + ACCEPTED_WITHIN)),
            "tagSet": tag::show(&self.tags),
        })
    }

    fn not_found(id: &str) -> Fault {
        let message = format!("The vpcPeeringConnection ID '{id}' does not exist");
        Fault::new("InvalidVpcPeeringConnectionID.NotFound", 400, message)
    }
}
