//! Identifiers, each a type of its own, so that two strings cannot be swapped.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The identifier as AWS writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<T: Into<String>> From<T> for $name {
            fn from(text: T) -> $name {
                $name(text.into())
            }
        }
    )*};
}

identifiers! {
    /// Any resource's ARN.
    Arn;
    /// The ARN of a DB instance or cluster: what AWS binds a resource configuration to.
    DatabaseArn;
    /// `DbiResourceId`: stays with an instance through a rename, and is new after a restore.
    DatabaseResourceId;
    /// `vpc-…`.
    VpcId;
    /// `subnet-…`.
    SubnetId;
    /// The zone's id (`use1-az4`), which means the same zone in every account; its name does not.
    ZoneId;
    /// `sg-…`.
    GroupId;
    /// `sgr-…`.
    RuleId;
    /// The name of a service network, which is what people write in a tag.
    NetworkName;
    /// `sn-…`.
    NetworkId;
    /// `rgw-…`.
    GatewayId;
    /// `rcfg-…`.
    ConfigurationId;
    /// `snra-…`.
    AssociationId;
    /// `vpce-…`.
    EndpointId;
}

impl DatabaseArn {
    /// The identifier at the ARN's end: `orders` of `arn:aws:rds:us-east-1:111122223333:db:orders`.
    pub fn identifier(&self) -> &str {
        self.0.rsplit(':').next().unwrap_or(&self.0)
    }
}

/// A TCP port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Port(pub u16);

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
