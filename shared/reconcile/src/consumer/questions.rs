//! What must be asked for single VPCs.

use std::collections::BTreeSet;

use super::items::items;
use crate::key::Key;
use crate::observed::{Observed, Question};
use crate::settings::Settings;
use crate::tag::{self, Asked};

/// The DNS attributes of VPCs that are about to get their first endpoint to some network. In a
/// settled world there are no questions.
pub fn questions(observed: &Observed, settings: &Settings) -> BTreeSet<Question> {
    let items = items(observed, settings);
    let lacks_one = |vpc: &&crate::observed::Vpc| match tag::asked(&vpc.tags, tag::CONSUME) {
        Asked::Networks(named) => named.iter().any(|network| {
            settings.networks.contains(network)
                && items.get(&Key::Endpoint(vpc.id.clone(), network.clone())).is_none()
        }),
        _ => false,
    };
    let vpcs = observed.vpcs.iter().filter(lacks_one);
    vpcs.map(|vpc| Question::Dns(vpc.id.clone())).collect()
}
