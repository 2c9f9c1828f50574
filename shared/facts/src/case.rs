//! What a case is, and what comes out of it.

use std::fmt;

use futures::future::BoxFuture;

use crate::stage::Stage;

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Who is calling.
    Account,
    /// VPCs, subnets and their tags.
    Vpc,
    /// Security groups and their rules.
    Group,
    /// RDS instances, and what is made of them.
    Database,
    /// Resource gateways.
    Gateway,
    /// Resource configurations and their managed children.
    Configuration,
    /// Service networks.
    Network,
    /// Associations of a service network with a resource configuration.
    Association,
    /// VPC endpoints, and what can be reached through them.
    Endpoint,
    /// Tags of VPC Lattice resources.
    Tags,
    /// Events that we send.
    Events,
    /// What surprises.
    Traps,
    /// What AWS does not document: either way is accepted.
    Unsure,
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Area::Account => "account",
            Area::Vpc => "vpc",
            Area::Group => "group",
            Area::Database => "database",
            Area::Gateway => "gateway",
            Area::Configuration => "configuration",
            Area::Network => "network",
            Area::Association => "association",
            Area::Endpoint => "endpoint",
            Area::Tags => "tags",
            Area::Events => "events",
            Area::Traps => "traps",
            Area::Unsure => "unsure",
        };
        f.pad(word)
    }
}

/// A fact about AWS that can be tried.
#[derive(Clone, Copy)]
pub struct Case {
    /// What is true: `a_gateway_with_configurations_is_not_deleted`.
    pub name: &'static str,
    /// The AWS page or API model that states it.
    pub source: &'static str,
    /// What it is about.
    pub area: Area,
    pub(crate) body: for<'a> fn(&'a Stage<'a>) -> BoxFuture<'a, Fact>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.source)
    }
}

/// What came out of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conformance {
    /// It is as stated.
    Held,
    /// It is undocumented, and this is the way that it is here.
    Found(String),
    /// It is not as stated.
    Differs {
        /// What was stated.
        expected: String,
        /// What came back.
        found: String,
    },
    /// The endpoint does not know this operation.
    NotImplemented(String),
    /// It could not even be tried.
    Failed(String),
}

impl From<Fact> for Conformance {
    fn from(fact: Fact) -> Conformance {
        match fact {
            Ok(Finding::Held) => Conformance::Held,
            Ok(Finding::Found(way)) => Conformance::Found(way),
            Err(Trouble::Differs { expected, found }) => Conformance::Differs { expected, found },
            Err(Trouble::NotImplemented(operation)) => Conformance::NotImplemented(operation),
            Err(Trouble::Failed(why)) => Conformance::Failed(why),
        }
    }
}

/// What the body of a case answers.
pub(crate) type Fact = Result<Finding, Trouble>;

/// How a case went that could be tried to its end.
#[derive(Debug)]
pub(crate) enum Finding {
    Held,
    Found(String),
}

/// The last line of a case that is as stated.
pub(crate) const HELD: Fact = Ok(Finding::Held);

/// The last line of a case about something undocumented.
pub(crate) fn found(way: impl Into<String>) -> Fact {
    Ok(Finding::Found(way.into()))
}

/// Why a case ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("expected {expected}, found {found}")]
    Differs { expected: String, found: String },
    #[error("{0} is not implemented")]
    NotImplemented(String),
    #[error("{0}")]
    Failed(String),
}

/// The cases of one module: an area, then a function and its source per line.
macro_rules! cases {
    ($area:ident: $($name:ident => $source:literal,)+) => {
        pub(crate) fn cases() -> Vec<crate::Case> {
            vec![$(crate::Case {
                name: stringify!($name),
                source: $source,
                area: crate::Area::$area,
                body: |stage| Box::pin($name(stage)),
            }),+]
        }
    };
}
pub(crate) use cases;
