//! What other stacks read: how each database of a network is reached, as a parameter of Systems
//! Manager named `/DEPLOYMENT/NETWORK/DATABASE`.
//!
//! ```text
//! {"host":"orders.x.us-east-1.rds.amazonaws.com","port":5432,"network":"databases",
//!  "vpcs":{"vpc-1":{"endpoint":"vpce-1","zones":["use1-az1"],"attach":["sg-1"]}}}
//! ```

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::connection::own_groups;
use crate::freeze::Listing;
use crate::id::{Arn, EndpointId, GroupId, NetworkId, NetworkName, Port, VpcId, ZoneId};
use crate::memory::Memory;
use crate::name;
use crate::observed::{Access, Association, Life, Network, Observed, Way};
use crate::settings::{Mode, Settings};
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
#[derive(Clone, Serialize)]
struct From<'a> {
    endpoint: &'a str,
    zones: BTreeSet<&'a ZoneId>,
    attach: Vec<&'a GroupId>,
}

/// The path under which a deployment's parameters stand.
pub fn path(settings: &Settings) -> String {
    format!("/{}", settings.deployment.as_str())
}

/// What a process knows of the parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Their values by name.
    pub values: BTreeMap<String, String>,
    /// When they were read.
    pub read_at: Timestamp,
    /// Since when nothing stands behind these.
    vacant: BTreeMap<String, Timestamp>,
}

/// So long what was read is believed: people may change or remove parameters.
const BELIEVED: SignedDuration = SignedDuration::from_hours(1);

/// Whether the parameters must be read.
pub(crate) fn is_in_question(observed: &Observed, settings: &Settings) -> bool {
    let known = observed.memory.published.as_ref();
    settings.parameters && known.is_none_or(|known| known.read_at + BELIEVED <= observed.at)
}

/// What is known of the parameters after this reading; `None` if nothing is.
fn known(observed: &Observed, memory: &Memory) -> Option<Known> {
    let before = memory.published.clone();
    let Some(values) = observed.answers.published.clone() else { return before };
    let vacant = before.map(|known| known.vacant).unwrap_or_default();
    Some(Known { values, read_at: observed.at, vacant })
}

/// The parameters that differ from what they should say. One behind which nothing stands any more
/// goes after the grace period: other stacks may read it while an endpoint is made anew.
pub fn publications(
    observed: &Observed,
    memory: &mut Memory,
    settings: &Settings,
) -> Vec<Publication> {
    if !settings.parameters {
        return Vec::new();
    }
    let Some(mut known) = known(observed, memory) else { return Vec::new() };
    let wanted = wanted(observed, settings);
    let at = observed.at;
    let is_read =
        |listing: &Listing| !matches!(listing, Listing::Accesses | Listing::Associations(_));
    let is_complete = observed.unknown.keys().all(is_read);
    let vacant = known.values.keys().filter(|name| is_complete && !wanted.contains_key(*name));
    known.vacant =
        vacant.map(|name| (name.clone(), known.vacant.get(name).copied().unwrap_or(at))).collect();
    let differs = wanted.into_iter().filter(|(name, value)| known.values.get(name) != Some(value));
    let mut all: Vec<Publication> =
        differs.map(|(name, value)| Publication { name, value: Some(value) }).collect();
    let grace = match settings.mode {
        Mode::Withdraw => SignedDuration::ZERO,
        _ => settings.grace,
    };
    let over = known.vacant.iter().filter(|(_, since)| **since + grace <= at);
    if settings.mode != Mode::CreateOnly {
        all.extend(over.map(|(name, _)| Publication { name: name.clone(), value: None }));
    }
    memory.published = Some(known);
    all
}

/// Every parameter, by what is there now.
fn wanted(observed: &Observed, settings: &Settings) -> BTreeMap<String, String> {
    let mut behind: BTreeMap<&EndpointId, Vec<&Access>> = BTreeMap::new();
    for access in observed.accesses.iter().filter(|access| access.is_accessible) {
        behind.entry(&access.endpoint).or_default().push(access);
    }
    let port = |it: &Association| name::port(&it.configuration_name);
    let ports = observed
        .associations
        .iter()
        .filter_map(|it| Some(((&it.network, &it.configuration_arn), port(it)?)));
    let ports: BTreeMap<(&NetworkId, &Arn), Port> = ports.collect();
    let networks: BTreeMap<&Arn, &Network> =
        observed.networks.iter().map(|network| (&network.arn, network)).collect();
    let mut reached: BTreeMap<String, Reached<'_>> = BTreeMap::new();
    let owner = settings.deployment.as_str();
    for way in &observed.ways {
        let is_ours = way.tags.get(tag::OWNER).is_some_and(|found| found == owner);
        let carries = is_ours && way.life == Life::Ready;
        let (true, Some(network)) = (carries, networks.get(&way.network)) else { continue };
        let from = from(way, &network.name, observed);
        let accesses = way.id.endpoint().and_then(|id| behind.get(id));
        for access in accesses.into_iter().flatten() {
            let port = ports.get(&(&network.id, &access.configuration));
            let (Some(host), Some(port)) = (access.private_name.as_deref(), port) else { continue };
            let database = host.split('.').next().unwrap_or(host);
            let name = format!("{}/{}/{database}", path(settings), network.name.name());
            let (port, network, vpcs) = (*port, &network.name, BTreeMap::new());
            let entry = reached.entry(name);
            let entry = entry.or_insert_with(|| Reached { host, port, network, vpcs });
            entry.vpcs.insert(&way.vpc, from.clone());
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
    use super::*;
    use crate::tests::{connected, settings};

    fn publishing() -> Settings {
        Settings { parameters: true, ..settings() }
    }

    /// A process that has looked, and found these.
    fn knows(published: &[(&str, &str)]) -> Memory {
        let all = published.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut memory = Memory::default();
        let (values, read_at) = (all.collect(), crate::tests::at());
        memory.published = Some(Known { values, read_at, vacant: BTreeMap::new() });
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
    fn behind_what_nothing_stands_any_more_goes_after_the_grace_period() {
        const OLD: &str = "/trellis/databases/old";
        let mut memory = knows(&[(NAME, VALUE), (OLD, "{}")]);
        let mut observed = connected();
        let gone = [Publication { name: OLD.to_owned(), value: None }];
        assert_eq!(publications(&observed, &mut memory, &publishing()), [], "not yet");
        observed.at += SignedDuration::from_mins(14);
        assert_eq!(publications(&observed, &mut memory, &publishing()), []);
        observed.at += SignedDuration::from_mins(1);
        let mut careful = publishing();
        careful.mode = Mode::CreateOnly;
        assert_eq!(
            publications(&observed, &mut memory.clone(), &careful),
            [],
            "nothing is removed"
        );
        assert_eq!(publications(&observed, &mut memory.clone(), &publishing()), gone);
        observed.unknown.insert(Listing::Accesses, "it failed".to_owned());
        assert_eq!(publications(&observed, &mut memory, &publishing()), [], "nothing is known");
        observed.unknown.clear();
        assert_eq!(publications(&observed, &mut memory, &publishing()), [], "and counts anew");
        let mut withdrawing = publishing();
        withdrawing.mode = Mode::Withdraw;
        assert_eq!(publications(&observed, &mut memory, &withdrawing), gone, "at once");
    }

    #[test]
    fn what_is_known_is_read_again_after_an_hour() {
        let mut observed = connected();
        assert!(is_in_question(&observed, &publishing()), "nothing is known");
        assert!(!is_in_question(&observed, &settings()), "nobody wants to know");
        observed.memory = knows(&[(NAME, VALUE)]);
        assert!(!is_in_question(&observed, &publishing()));
        observed.at += SignedDuration::from_hours(1);
        assert!(is_in_question(&observed, &publishing()));
        // Somebody has removed it meanwhile.
        observed.answers.published = Some(BTreeMap::new());
        let mut memory = observed.memory.clone();
        assert_eq!(publications(&observed, &mut memory, &publishing()).len(), 1);
        observed.memory = memory;
        assert!(!is_in_question(&observed, &publishing()));
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
