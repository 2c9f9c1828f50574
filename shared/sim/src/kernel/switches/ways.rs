//! What AWS does not say, or says in two ways, and each way that it may be.

use serde::{Deserialize, Serialize};

/// What becomes of a resource configuration when its database is deleted (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrphanedConfiguration {
    /// It stays `ACTIVE`.
    StaysActive,
    /// It turns `UPDATE_FAILED`.
    Fails,
}

/// What a create does whose client token belongs to a thing since deleted (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpentToken {
    /// It makes a new thing.
    MakesAnew,
    /// It answers with the deleted thing and makes nothing.
    AnswersOld,
}

/// What somebody gets who names a thing that is not there, and who may touch only things with
/// certain tags (undocumented, and different from service to service).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DenialOfAbsent {
    /// The service says that it is not there.
    NotFound,
    /// What is not there has no tags, so it is denied.
    Denied,
}

/// How many addresses an endpoint takes per subnet for each ARN configuration (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressesPerConfiguration {
    /// One for the managed child.
    PerChild,
    /// One for the parent and one for each child.
    ParentAndChildren,
}

/// What a second endpoint to the same service network in one VPC gets (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondEndpoint {
    /// `CreateVpcEndpoint` is refused with `InvalidParameter`: a conflicting private DNS domain.
    Refused,
    /// It is created and turns `failed`.
    Fails,
    /// It is created and becomes available.
    Works,
}

/// When the green copy of a blue/green deployment gets blue's tags (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GreenTags {
    /// When it is created.
    AtCreation,
    /// When it is switched over.
    AtSwitchover,
    /// Never.
    Never,
}

/// How AWS names the child of an ARN configuration (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChildNames {
    /// By something of its own.
    Own,
    /// `<configuration id>-<database identifier>`, as a script that ran on AWS looks for it.
    OfParentAndDatabase,
}

/// Which listings of associations have those of children. (The API reference says that
/// `includeChildren` is false unless it is given; a script that ran on AWS finds them without.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChildAssociations {
    /// Those with `includeChildren`.
    WhenAskedFor,
    /// All, and nothing in them says that AWS manages them.
    Always,
}

/// How a resource gateway takes the addresses that it asks for (undocumented below 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GatewayAddresses {
    /// `ipv4AddressesPerEni` single addresses.
    Single,
    /// A contiguous /28 in every subnet, whatever is asked.
    Block,
}

/// What the listing says of a database's security groups while they change (the API reference says
/// that `active` is the only valid status; others have been seen).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupMembership {
    /// The old ones are `active` until the new ones are.
    Active,
    /// What comes is `adding`, what goes is `removing`, and both are listed.
    Changing,
}

/// Whether the tags of a database can be changed while it is not `available` (undocumented; the
/// API model has the error).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagsWhileBusy {
    /// They can.
    Change,
    /// It is refused with `InvalidDBInstanceState`.
    Refused,
}
