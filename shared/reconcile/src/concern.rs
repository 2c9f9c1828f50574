//! What concerns a deployment, by its ids: so that not every change that somebody makes in an
//! account costs a look at all of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::item::Items;
use crate::observed::Observed;
use crate::tag;

/// The ids and identifiers that one reading found to concern us: what is ours, and what it stands
/// on or refers to. Cheap to copy, with the memory that it is part of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concerns(Arc<BTreeSet<String>>);

impl Concerns {
    /// What concerns us by this reading.
    pub(crate) fn of(observed: &Observed, items: &Items) -> Concerns {
        let mut ids = BTreeSet::new();
        for (key, found) in items.iter() {
            ids.extend(key.to_string().split(' ').map(str::to_owned));
            ids.extend(found.iter().map(|item| item.delete.id().to_owned()));
        }
        for database in observed.databases.iter().filter(|it| it.tags.contains_key(tag::EXPOSE)) {
            ids.insert(database.arn.identifier().to_owned());
            ids.extend(database.groups.iter().map(ToString::to_string));
        }
        let exposed: Vec<String> =
            ids.iter().filter_map(|id| Some(id.rsplit_once(':')?.1.to_owned())).collect();
        ids.extend(exposed);
        let consumers = observed.vpcs.iter().filter(|it| it.tags.contains_key(tag::CONSUME));
        ids.extend(consumers.map(|vpc| vpc.id.to_string()));
        let clients = observed.groups.iter().filter(|it| it.tags.contains_key(tag::CLIENT));
        ids.extend(clients.map(|group| group.id.to_string()));
        let subnets = observed.ways.iter().flat_map(|way| &way.subnets);
        let subnets = subnets.chain(observed.gateways.iter().flat_map(|it| &it.subnets));
        ids.extend(subnets.map(ToString::to_string));
        Concerns(Arc::new(ids))
    }

    /// Whether a call that names these is an affair of ours. One that names nothing may be.
    pub fn include(&self, ids: &[String]) -> bool {
        ids.is_empty() || ids.iter().any(|id| self.0.contains(&id.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide;
    use crate::key::Side;
    use crate::tests::{connected, settings};

    #[test]
    fn what_is_ours_and_what_it_stands_on_concerns_us() {
        let of = |side, observed: &Observed| {
            decide(side, observed, &settings()).memory.concerns.expect("it has looked")
        };
        let includes = |concerns: &Concerns, id: &str| concerns.include(&[id.to_owned()]);
        let observed = connected();
        let provider = of(Side::ExposeDatabase, &observed);
        for id in ["orders", "Orders", "sg-orders", "sg-gateway", "rgw-1", "rcfg-1", "snra-1"] {
            assert!(includes(&provider, id), "{id}: {provider:?}");
        }
        let consumer = of(Side::ConnectVpc, &observed);
        for id in ["vpc-c", "vpce-1", "sg-endpoint", "sg-client", "subnet-c1"] {
            assert!(includes(&consumer, id), "{id}: {consumer:?}");
        }
        for id in ["sales", "sg-app", "vpce-9", "subnet-x", "vpc-x"] {
            assert!(!includes(&provider, id) && !includes(&consumer, id), "{id}");
        }
        assert!(consumer.include(&[]), "it may be anything");
        let both = ["vpc-x".to_owned(), "vpc-c".to_owned()];
        assert!(consumer.include(&both));
    }
}
