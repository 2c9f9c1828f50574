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
    /// `eni-…`.
    InterfaceId;
    /// An AWS account.
    AccountId;
    /// A service network as the deployment knows it: `name`, the account's own, or `name@account`,
    /// shared into it by that account through AWS RAM. People write the name alone in a tag.
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

impl NetworkName {
    /// The network of this name that this account owns; `None` for our own account.
    pub fn owned_by(name: &str, owner: Option<&AccountId>) -> NetworkName {
        match owner {
            Some(owner) => NetworkName(format!("{name}@{owner}")),
            None => NetworkName(name.to_owned()),
        }
    }

    /// The name, as VPC Lattice has it.
    pub fn name(&self) -> &str {
        self.0.split('@').next().unwrap_or(&self.0)
    }

    /// The account that shares it with ours; `None` for our own.
    pub fn owner(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, owner)| owner)
    }
}

impl Arn {
    /// The account that owns the resource: the fifth part of every ARN (AWS General Reference,
    /// Amazon Resource Names).
    pub fn account(&self) -> Option<&str> {
        self.0.split(':').nth(4).filter(|account| !account.is_empty())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_another_account_bears_its_owner_and_ours_does_not() {
        let owner = AccountId::from("111122223333");
        let shared = NetworkName::owned_by("databases", Some(&owner));
        assert_eq!(shared.as_str(), "databases@111122223333");
        assert_eq!((shared.name(), shared.owner()), ("databases", Some("111122223333")));
        let own = NetworkName::owned_by("databases", None);
        assert_eq!((own.as_str(), own.name(), own.owner()), ("databases", "databases", None));
    }

    #[test]
    fn an_arn_names_the_account_if_it_belongs_to_one() {
        let account = |arn: &str| Arn::from(arn).account().map(str::to_owned);
        let network = "arn:aws:vpc-lattice:us-east-1:111122223333:servicenetwork/sn-1";
        assert_eq!(account(network), Some("111122223333".to_owned()));
        assert_eq!(account("arn:aws:s3:::bucket"), None);
        assert_eq!(account("sn-1"), None);
    }

    #[test]
    fn a_database_is_known_by_the_end_of_its_arn() {
        let arn = DatabaseArn::from("arn:aws:rds:us-east-1:111122223333:db:orders");
        assert_eq!(arn.identifier(), "orders");
        assert_eq!(
            (arn.to_string().as_str(), Port(5432).to_string()),
            (arn.as_str(), "5432".into())
        );
    }
}
