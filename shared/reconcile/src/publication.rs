//! What other stacks read: how each database of a network is reached, as a parameter of Systems
//! Manager named `/DEPLOYMENT/NETWORK/DATABASE`.
//!
//! ```text
//! {"host":"orders.x.us-east-1.rds.amazonaws.com","port":5432,"network":"databases",
//!  "vpcs":{"vpc-1":{"endpoint":"vpce-1","zones":["use1-az1"],"attach":["sg-1"]}}}
//! ```

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::connection::own_groups;
use crate::freeze::Listing;
use crate::id::{GroupId, NetworkName, Port, VpcId, ZoneId};
use crate::memory::{AGREEMENT, Memory};
use crate::name;
use crate::observed::{Observed, Way};
use crate::settings::Settings;
use crate::subnet;
use crate::tag;

/// The longest value of a parameter of the standard tier (Systems Manager API Reference,
/// PutParameter).
const LONGEST: usize = 4096;

/// A parameter that is to have this value, or (`None`) to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Option<String>,
}

/// How a database of a network is reached.
#[derive(Serialize)]
struct Reached<'a> {
    host: &'a str,
    port: Port,
    network: &'a NetworkName,
    /// Left out where it does not fit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    vpcs: BTreeMap<&'a VpcId, From<'a>>,
}

/// From where.
#[derive(Serialize)]
struct From<'a> {
    endpoint: &'a str,
    zones: BTreeSet<&'a ZoneId>,
    attach: Vec<&'a GroupId>,
}

/// The path under which a deployment's parameters stand.
pub fn path(settings: &Settings) -> String {
    format!("/{}", settings.deployment.as_str())
}

/// The parameters that differ from what they should say. What one reading lacks stays: it goes when
/// readings have lacked it for [`AGREEMENT`].
pub fn publications(
    observed: &Observed,
    memory: &mut Memory,
    settings: &Settings,
) -> Vec<Publication> {
    if !settings.parameters {
        return Vec::new();
    }
    let published = memory.published.clone().or_else(|| observed.answers.published.clone());
    let Some(published) = published else { return Vec::new() };
    memory.published = Some(published.clone());
    let wanted = wanted(observed, settings);
    let at = observed.at;
    let is_known = !observed
        .unknown
        .keys()
        .any(|it| matches!(it, Listing::Accesses | Listing::Associations(_)));
    let lacking = published.keys().filter(|name| is_known && !wanted.contains_key(*name));
    let lacking: BTreeMap<String, Timestamp> = lacking
        .map(|name| (name.clone(), memory.unpublished.get(name).copied().unwrap_or(at)))
        .collect();
    let gone = lacking.iter().filter(|(_, since)| **since + AGREEMENT <= at);
    let gone = gone.map(|(name, _)| Publication { name: name.clone(), value: None });
    let differs = wanted.iter().filter(|(name, value)| published.get(*name) != Some(*value));
    let changed =
        differs.map(|(name, value)| Publication { name: name.clone(), value: Some(value.clone()) });
    let all = changed.chain(gone).collect();
    memory.unpublished = lacking;
    all
}

/// Every parameter, by what is there now.
fn wanted(observed: &Observed, settings: &Settings) -> BTreeMap<String, String> {
    let mut reached: BTreeMap<String, Reached<'_>> = BTreeMap::new();
    let owner = settings.deployment.as_str();
    let ours = observed
        .ways
        .iter()
        .filter(|way| way.tags.get(tag::OWNER).is_some_and(|found| found == owner));
    for way in ours {
        let Some(network) = observed.networks.iter().find(|it| it.arn == way.network) else {
            continue;
        };
        let behind = observed
            .accesses
            .iter()
            .filter(|access| way.id.endpoint() == Some(&access.endpoint) && access.is_accessible);
        for access in behind {
            let Some(host) = access.private_name.as_deref() else { continue };
            let offered = observed.associations.iter().find(|it| {
                it.network == network.id && it.configuration_arn == access.configuration
            });
            let port = offered.and_then(|it| name::port(&it.configuration_name));
            let Some(port) = port else { continue };
            let database = host.split('.').next().unwrap_or(host);
            let name = format!("{}/{}/{database}", path(settings), network.name.name());
            let network = &network.name;
            let entry = reached.entry(name);
            let vpcs = BTreeMap::new();
            let entry = entry.or_insert_with(|| Reached { host, port, network, vpcs });
            entry.vpcs.insert(&way.vpc, from(way, network, observed));
        }
    }
    let fits = |mut it: Reached<'_>| {
        let text = serde_json::to_string(&it).ok().filter(|text| text.len() <= LONGEST);
        it.vpcs.clear();
        text.or_else(|| serde_json::to_string(&it).ok())
    };
    reached.into_iter().filter_map(|(name, it)| Some((name, fits(it)?))).collect()
}

fn from<'a>(way: &'a Way, network: &NetworkName, observed: &'a Observed) -> From<'a> {
    From {
        endpoint: way.id.as_str(),
        zones: subnet::zones(observed, &way.subnets),
        attach: own_groups(way, network, observed).map(|group| &group.id).collect(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::tests::{connected, settings};

    fn publishing() -> Settings {
        Settings { parameters: true, ..settings() }
    }

    /// A process that has looked, and found these.
    fn knows(published: &[(&str, &str)]) -> Memory {
        let all = published.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut memory = Memory::default();
        memory.published = Some(all.collect());
        memory
    }

    const NAME: &str = "/trellis/databases/orders";
    const VALUE: &str = concat!(
        r#"{"host":"orders.example","port":5432,"network":"databases","vpcs":{"vpc-c":"#,
        r#"{"endpoint":"vpce-1","zones":["use1-az1","use1-az2"],"attach":["sg-client"]}}}"#
    );

    #[test]
    fn what_a_client_needs_is_published_and_nothing_is_where_nobody_asks() {
        let published = publications(&connected(), &mut knows(&[]), &publishing());
        let value = Some(VALUE.to_owned());
        assert_eq!(published, [Publication { name: NAME.to_owned(), value }]);
        let settled = publications(&connected(), &mut knows(&[(NAME, VALUE)]), &publishing());
        assert_eq!(settled, []);
        assert_eq!(publications(&connected(), &mut knows(&[]), &settings()), []);
        let mut nothing_known = Memory::default();
        assert_eq!(publications(&connected(), &mut nothing_known, &publishing()), []);
        assert_eq!(nothing_known.published, None);
    }

    #[test]
    fn what_readings_lack_for_a_while_goes() {
        let mut memory = knows(&[(NAME, VALUE), ("/trellis/databases/old", "{}")]);
        let mut observed = connected();
        assert_eq!(publications(&observed, &mut memory, &publishing()), [], "one reading");
        observed.at += SignedDuration::from_secs(30);
        let gone = Publication { name: "/trellis/databases/old".to_owned(), value: None };
        assert_eq!(publications(&observed, &mut memory, &publishing()), [gone]);
        observed.accesses.clear();
        observed.unknown.insert(Listing::Accesses, "it failed".to_owned());
        observed.at += SignedDuration::from_hours(1);
        assert_eq!(publications(&observed, &mut memory, &publishing()), [], "nothing is known");
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut observed = connected();
        let (way, access) = (observed.ways[0].clone(), observed.accesses[0].clone());
        for number in 0..99 {
            let mut way = way.clone();
            let id = format!("vpce-{number}");
            (way.id, way.vpc) = (
                crate::observed::WayId::Endpoint(id.as_str().into()),
                format!("vpc-{number}").into(),
            );
            observed.ways.push(way);
            let mut access = access.clone();
            access.endpoint = id.into();
            observed.accesses.push(access);
        }
        let [published] = &publications(&observed, &mut knows(&[]), &publishing())[..] else {
            panic!("one database")
        };
        let short = r#"{"host":"orders.example","port":5432,"network":"databases"}"#;
        assert_eq!(published.value.as_deref(), Some(short));
    }
}
