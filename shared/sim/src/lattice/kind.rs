//! The kinds of entities and their status values, with their names on the wire.

/// The kinds of entities that have an id, an ARN and tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A resource gateway.
    Gateway,
    /// A resource configuration.
    Configuration,
    /// A service network.
    Network,
    /// An association of a service network with a resource configuration.
    ResourceAssociation,
    /// An association of a service network with a VPC.
    VpcAssociation,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Kind; 5] = [
        Kind::Gateway,
        Kind::Configuration,
        Kind::Network,
        Kind::ResourceAssociation,
        Kind::VpcAssociation,
    ];

    /// How ids of the kind begin, without the dash.
    pub(crate) fn stem(self) -> &'static str {
        self.prefix().trim_end_matches('-')
    }

    /// How ids of the kind begin.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Kind::Gateway => "rgw-",
            Kind::Configuration => "rcfg-",
            Kind::Network => "sn-",
            Kind::ResourceAssociation => "snra-",
            Kind::VpcAssociation => "snva-",
        }
    }

    /// The kind in the `resource-type` of tag events.
    pub(crate) fn event_type(self) -> &'static str {
        match self {
            Kind::Network => "service-network",
            other => other.segment(),
        }
    }

    /// The kind in an ARN.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Kind::Gateway => "resourcegateway",
            Kind::Configuration => "resourceconfiguration",
            Kind::Network => "servicenetwork",
            Kind::ResourceAssociation => "servicenetworkresourceassociation",
            Kind::VpcAssociation => "servicenetworkvpcassociation",
        }
    }

    /// The kind in the `resourceType` of an error.
    pub(crate) fn resource_type(self) -> &'static str {
        match self {
            Kind::Gateway => "RESOURCE_GATEWAY",
            Kind::Configuration => "RESOURCE_CONFIGURATION",
            Kind::Network => "SERVICE_NETWORK",
            Kind::ResourceAssociation => "SERVICE_NETWORK_RESOURCE_ASSOCIATION",
            Kind::VpcAssociation => "SERVICE_NETWORK_VPC_ASSOCIATION",
        }
    }

    /// The kind that this id is of.
    pub(crate) fn of(id: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| id.starts_with(kind.prefix()))
    }
}

/// Every status that an entity can have; which of them a kind knows is said by the API model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Usable.
    Active,
    /// An association of which a part does not work.
    Partial,
    /// Being made.
    CreateInProgress,
    /// Being changed.
    UpdateInProgress,
    /// Being removed.
    DeleteInProgress,
    /// It could not be made; only deleting it helps.
    CreateFailed,
    /// It could not be changed, or what it stands for is broken.
    UpdateFailed,
    /// It could not be removed; deleting it again may help.
    DeleteFailed,
}

impl Status {
    /// The value on the wire.
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Status::Active => "ACTIVE",
            Status::Partial => "PARTIAL",
            Status::CreateInProgress => "CREATE_IN_PROGRESS",
            Status::UpdateInProgress => "UPDATE_IN_PROGRESS",
            Status::DeleteInProgress => "DELETE_IN_PROGRESS",
            Status::CreateFailed => "CREATE_FAILED",
            Status::UpdateFailed => "UPDATE_FAILED",
            Status::DeleteFailed => "DELETE_FAILED",
        }
    }

    /// Whether AWS is at work on it, so that every other change is a conflict.
    pub(crate) fn is_busy(self) -> bool {
        matches!(
            self,
            Status::CreateInProgress | Status::UpdateInProgress | Status::DeleteInProgress
        )
    }

    /// Whether it carries connections.
    pub(crate) fn carries(self) -> bool {
        matches!(
            self,
            Status::Active | Status::Partial | Status::UpdateInProgress | Status::UpdateFailed
        )
    }
}
