//! How this AWS behaves where the real one is undocumented, slow or awkward.

use jiff::SignedDuration;

/// What becomes of a resource configuration when its database is deleted (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrphanedConfiguration {
    /// It stays `ACTIVE`.
    StaysActive,
    /// It turns `UPDATE_FAILED`.
    Fails,
}

/// What a create does whose client token belongs to a thing since deleted (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpentToken {
    /// It makes a new thing.
    MakesAnew,
    /// It answers with the deleted thing and makes nothing.
    AnswersOld,
}

/// How many addresses an endpoint takes per subnet for each ARN configuration (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressesPerConfiguration {
    /// One for the managed child.
    PerChild,
    /// One for the parent and one for each child.
    ParentAndChildren,
}

/// What a second endpoint to the same service network in one VPC gets (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondEndpoint {
    /// `CreateVpcEndpoint` is refused with `InvalidParameter`: a conflicting private DNS domain.
    Refused,
    /// It is created and turns `failed`.
    Fails,
    /// It is created and becomes available.
    Works,
}

/// When the green copy of a blue/green deployment gets blue's tags (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GreenTags {
    /// When it is created.
    AtCreation,
    /// When it is switched over.
    AtSwitchover,
    /// Never.
    Never,
}

/// How a resource gateway takes the addresses that it asks for (undocumented below 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayAddresses {
    /// `ipv4AddressesPerEni` single addresses.
    Single,
    /// A contiguous /28 in every subnet, whatever is asked.
    Block,
}

/// How long AWS takes, in simulated time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Durations {
    /// A resource gateway, from create to `ACTIVE`, and from delete to gone.
    pub gateway: SignedDuration,
    /// A resource configuration.
    pub configuration: SignedDuration,
    /// A service-network resource association.
    pub association: SignedDuration,
    /// A service-network VPC association.
    pub vpc_association: SignedDuration,
    /// A VPC endpoint.
    pub endpoint: SignedDuration,
    /// From an association or endpoint becoming active to the name resolving in the VPC.
    pub private_dns: SignedDuration,
    /// A DB instance, from create to `available`, and from delete to gone.
    pub instance: SignedDuration,
    /// A rename, modification or blue/green switchover.
    pub modification: SignedDuration,
    /// How long what is gone is still listed as `deleted` by EC2.
    pub deleted_endpoint_listed: SignedDuration,
    /// From a change to the event that tells of it.
    pub event: SignedDuration,
    /// A VPC peering connection, from its acceptance to `active`.
    pub peering: SignedDuration,
    /// A transit gateway or an attachment to it, from create to `available`, and from delete to
    /// `deleted`.
    pub attachment: SignedDuration,
}

/// How much there may be of a thing (Amazon VPC User Guide, "Amazon VPC quotas"; AWS PrivateLink,
/// "AWS PrivateLink quotas"; Amazon VPC Lattice User Guide, "Quotas for Amazon VPC Lattice").
/// People have these raised, and AWS tells nobody but them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Rules of a security group, in each direction.
    pub rules_per_group: usize,
    /// Security groups in the region.
    pub groups: usize,
    /// Security groups in a VPC: AWS has no such quota but that of the region.
    pub groups_per_vpc: usize,
    /// Security groups of a network interface. A gateway takes five at most whatever this is:
    /// that is in its API model.
    pub groups_per_interface: usize,
    /// Network interfaces in the region.
    pub interfaces: usize,
    /// Endpoints of type service network in a VPC.
    pub endpoints_per_vpc: usize,
    /// Endpoints of a service network.
    pub endpoints_per_network: usize,
}

/// Every switch, each a plain field: a test sets those that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Switches {
    /// See [`Durations`].
    pub durations: Durations,
    /// See [`Quotas`].
    pub quotas: Quotas,
    /// See [`OrphanedConfiguration`].
    pub orphaned_configuration: OrphanedConfiguration,
    /// See [`SpentToken`].
    pub spent_token: SpentToken,
    /// See [`AddressesPerConfiguration`].
    pub addresses_per_configuration: AddressesPerConfiguration,
    /// See [`SecondEndpoint`].
    pub second_endpoint: SecondEndpoint,
    /// See [`GreenTags`].
    pub green_tags: GreenTags,
    /// See [`GatewayAddresses`].
    pub gateway_addresses: GatewayAddresses,
    /// Whether deleting a tagged database or VPC emits a tag event (undocumented).
    pub tag_event_on_delete: bool,
    /// How long a listing does not yet show what was created (and still shows what is gone).
    pub listing_lag: SignedDuration,
    /// A page holds at most this many items, however many the call asks for.
    pub largest_page: Option<usize>,
    /// Whether the published token buckets throttle.
    pub throttling: bool,
}

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            durations: Durations {
                gateway: SignedDuration::from_secs(90),
                configuration: SignedDuration::from_secs(45),
                association: SignedDuration::from_secs(45),
                vpc_association: SignedDuration::from_secs(45),
                endpoint: SignedDuration::from_secs(120),
                private_dns: SignedDuration::from_secs(10),
                instance: SignedDuration::from_secs(480),
                modification: SignedDuration::from_secs(60),
                deleted_endpoint_listed: SignedDuration::from_secs(60),
                event: SignedDuration::from_secs(1),
                peering: SignedDuration::from_secs(5),
                attachment: SignedDuration::from_secs(60),
            },
            quotas: Quotas {
                rules_per_group: 60,
                groups: 2500,
                groups_per_vpc: 2500,
                groups_per_interface: 5,
                interfaces: 5000,
                endpoints_per_vpc: 50,
                endpoints_per_network: 200,
            },
            orphaned_configuration: OrphanedConfiguration::StaysActive,
            spent_token: SpentToken::MakesAnew,
            addresses_per_configuration: AddressesPerConfiguration::PerChild,
            second_endpoint: SecondEndpoint::Refused,
            green_tags: GreenTags::AtCreation,
            gateway_addresses: GatewayAddresses::Single,
            tag_event_on_delete: true,
            listing_lag: SignedDuration::ZERO,
            largest_page: None,
            throttling: true,
        }
    }
}
