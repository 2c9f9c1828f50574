//! A VPC and its subnets: what is connected, and where interfaces go.

use crate::id::{SubnetId, VpcId, ZoneId};
use crate::tag::Tags;

/// A VPC.
#[derive(Clone, Debug, PartialEq)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// Its tags.
    pub tags: Tags,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its zone.
    pub zone: ZoneId,
    /// Its IPv4 prefix length.
    pub prefix: u8,
    /// How many IPv4 addresses are free, contiguous or not.
    pub free: u32,
    /// Its tags.
    pub tags: Tags,
}
