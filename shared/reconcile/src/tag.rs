//! The tags: their keys, and what their values mean.
//!
//! The keys are fixed, because IAM condition keys such as `aws:ResourceTag/trellis:owner` are map
//! keys in a template, where CloudFormation substitutes nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::NetworkName;

/// On a database: offer it on these networks.
pub const EXPOSE: &str = "trellis:expose";
/// On a VPC: give it a way to these networks.
pub const CONSUME: &str = "trellis:consume";
/// On a VPC: which pattern carries it.
pub const VIA: &str = "trellis:via";
/// On a VPC: our private DNS may take over from another way to the database.
pub const TAKEOVER: &str = "trellis:takeover";
/// On a security group of a consumer VPC: its members may connect.
pub const CLIENT: &str = "trellis:client";
/// On a subnet: which of our interfaces go here.
pub const SUBNET: &str = "trellis:subnet";
/// Written by us on databases and VPCs: what a person wants to see.
pub const STATUS: &str = "trellis:status";
/// The value by which nothing is asked for, and at once.
pub const OFF: &str = "off";
/// Written by us on what we create: the deployment's name.
pub const OWNER: &str = "trellis:owner";
/// Written by us on what we create: its key.
pub const FOR: &str = "trellis:for";
/// Written by us on an association or endpoint whose tag vanished: when it will be withdrawn.
pub const WITHDRAW_AFTER: &str = "trellis:withdraw-after";
/// Written by us on a gateway group while an association of its VPC carries a deadline.
///
/// Listings of VPC Lattice carry no tags, so this is what tells a pass which associations to ask
/// for theirs, when a tag has returned and the deadline must go.
pub const IN_GRACE: &str = "trellis:in-grace";
/// Written by us on an endpoint group: what somebody deletes, and until when nothing is made on it.
pub const HELD_OFF: &str = "trellis:held-off";
/// How the first version called [`IN_GRACE`]: understood, and replaced.
pub const FIRST_IN_GRACE: &str = "trellis:grace";
/// Written by us on a gateway group: the networks that databases of its VPC are offered on.
///
/// A network that leaves the deployment's list is still read while it stands here, and no other
/// network that is not in the list is.
pub const NETWORKS: &str = "trellis:networks";
/// Written by us on a configuration whose database has another resource id than its name tells:
/// the id of the database that its owner consented to expose since.
pub const DATABASE: &str = "trellis:database";

/// A resource's tags.
pub type Tags = BTreeMap<String, String>;

/// What a tag that names networks asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// There is no such tag: never was, or it vanished.
    Nothing,
    /// `off`: not wanted, at once.
    Off,
    /// These networks.
    Networks(BTreeSet<NetworkName>),
    /// The value makes no sense; the sentence says why.
    Nonsense(String),
}

/// What the tag with this key asks for.
///
/// A value is `off`, or one or more network names joined by `+` or spaces (values of RDS tags know
/// no commas).
pub fn asked(tags: &Tags, key: &str) -> Asked {
    let Some(value) = tags.get(key) else { return Asked::Nothing };
    let words: Vec<&str> = value.split(['+', ' ']).filter(|word| !word.is_empty()).collect();
    if words == [OFF] {
        return Asked::Off;
    }
    if words.is_empty() {
        return Asked::Nonsense(format!(
            "the tag {key} is empty: name a service network, or say off"
        ));
    }
    match words.iter().find(|word| !is_network_name(word)) {
        Some(word) => Asked::Nonsense(format!(
            "the tag {key} names {word:?}, which cannot be the name of a service network: \
             3 to 63 lower-case letters, digits and single hyphens, joined by + or a space"
        )),
        None => Asked::Networks(words.into_iter().map(NetworkName::from).collect()),
    }
}

/// Whether a service network can have this name (VPC Lattice API, CreateServiceNetwork), and a
/// tag can say it without meaning something else.
pub fn is_network_name(text: &str) -> bool {
    (3..=63).contains(&text.len())
        && text != OFF
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

/// Which of our interfaces a subnet takes, by its tag [`SUBNET`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubnetUse {
    /// No tag, or one that says nothing we know: ours to choose.
    Free,
    /// The gateway's interfaces.
    Gateway,
    /// The endpoint's interfaces.
    Endpoint,
    /// None of ours.
    Off,
}

/// What a subnet's tags say about our interfaces. A value that we do not know keeps us out: that
/// cannot do harm.
pub fn subnet_use(tags: &Tags) -> SubnetUse {
    match tags.get(SUBNET).map(String::as_str) {
        None => SubnetUse::Free,
        Some("gateway") => SubnetUse::Gateway,
        Some("endpoint") => SubnetUse::Endpoint,
        Some(_) => SubnetUse::Off,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expose(value: &str) -> Asked {
        asked(&Tags::from([(EXPOSE.to_owned(), value.to_owned())]), EXPOSE)
    }

    fn networks(names: &[&str]) -> Asked {
        Asked::Networks(names.iter().map(|name| NetworkName::from(*name)).collect())
    }

    #[test]
    fn a_value_is_off_or_names_networks() {
        assert_eq!(asked(&Tags::new(), EXPOSE), Asked::Nothing);
        assert_eq!(expose("off"), Asked::Off);
        assert_eq!(expose(" off "), Asked::Off);
        assert_eq!(expose("databases"), networks(&["databases"]));
        assert_eq!(expose("databases+reports"), networks(&["databases", "reports"]));
        assert_eq!(expose("reports  databases"), networks(&["databases", "reports"]));
    }

    #[test]
    fn nonsense_never_names_a_network() {
        let long = "x".repeat(256);
        for value in [
            "",
            " ",
            "+",
            "off+databases",
            "Databases",
            "a",
            "-ab",
            "ab-",
            "a--b",
            "a,b",
            "*",
            "dätabases",
            "databases\n",
            "data\u{200b}bases",
            "../etc",
            "sn-0123;drop",
            &long,
            "{\"a\":1}",
            "arn:aws:vpc-lattice:us-east-1:111122223333:servicenetwork/sn-1",
        ] {
            assert!(matches!(expose(value), Asked::Nonsense(_)), "{value:?}");
        }
    }

    #[test]
    fn the_longest_and_the_shortest_name_of_a_network_are_taken() {
        for name in ["a-b", "0ab", "ab9", &"x".repeat(63)] {
            assert_eq!(expose(name), networks(&[name]));
        }
        for name in ["ab", "off-", "-off", &"x".repeat(64), "a_b"] {
            assert!(matches!(expose(name), Asked::Nonsense(_)), "{name}");
        }
        assert!(!is_network_name("off") && is_network_name("offs"));
    }

    #[test]
    fn what_makes_no_sense_on_a_subnet_keeps_us_out() {
        let of = |value: &str| subnet_use(&Tags::from([(SUBNET.to_owned(), value.to_owned())]));
        assert_eq!(super::subnet_use(&Tags::new()), SubnetUse::Free);
        assert_eq!(of("gateway"), SubnetUse::Gateway);
        assert_eq!(of("endpoint"), SubnetUse::Endpoint);
        assert_eq!((of("off"), of("Gateway")), (SubnetUse::Off, SubnetUse::Off));
    }
}
