//! Whom a connection lets in, on which ports; and what is kept of one that is not asked for.

use std::collections::BTreeMap;

use super::client::Admission;
use super::desired::{Making, parts};
use crate::desired::Desired;
use crate::id::{GroupId, NetworkName, VpcId};
use crate::key::Key;
use crate::observed::Direction;
use crate::request::Standing;
use crate::step::Create;
use crate::tag;

impl Making<'_> {
    /// The rules for every port that is offered: out of our client group, and in from these.
    pub(super) fn rules(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
        groups: &BTreeMap<GroupId, Option<String>>,
        desired: &mut Desired,
    ) {
        let client = Key::ClientGroup(vpc.clone(), network.clone());
        let endpoint = Key::EndpointGroup(vpc.clone(), network.clone());
        let (client_id, endpoint_id) =
            (self.view.items.group(&client), self.view.items.group(&endpoint));
        let rule = |group: Option<&GroupId>, direction, peer: Option<&GroupId>, port| {
            let description = format!("{}: {network}", self.view.settings.deployment.as_str());
            let (group, peer) = (group?.clone(), peer?.clone());
            Some(Create::Rule { group, direction, peer, port, description })
        };
        for port in self.view.ports_on(network) {
            desired.want(
                Key::ClientRule(vpc.clone(), network.clone(), port),
                vec![client.clone(), endpoint.clone()],
                rule(client_id, Direction::Egress, endpoint_id, port),
            );
            for (group, deadline) in groups {
                let key = Key::EndpointRule(vpc.clone(), network.clone(), group.clone(), port);
                let create = rule(endpoint_id, Direction::Ingress, Some(group), port);
                let own = (client_id == Some(group)).then(|| client.clone());
                desired.want(
                    key.clone(),
                    [endpoint.clone()].into_iter().chain(own).collect(),
                    create,
                );
                desired.tag(&key, tag::WITHDRAW_AFTER, deadline.clone());
            }
        }
    }

    pub(super) fn admissions_to(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
    ) -> impl Iterator<Item = &Admission<'_>> {
        let all = self.admissions.iter();
        all.filter(move |it| it.subject.vpc == *vpc && it.network.as_ref() == Some(network))
    }

    /// The groups that are let in, and until when: ours, those whose tag asks for it, and those
    /// that are kept although it does not.
    pub(super) fn let_in(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
    ) -> BTreeMap<GroupId, Option<String>> {
        let tagged = self.admissions_to(vpc, network).filter_map(|it| match &it.standing {
            Standing::Wanted(()) => Some((it.subject.id.clone(), None)),
            Standing::Kept(_, deadline) => Some((it.subject.id.clone(), deadline.clone())),
            Standing::Withdrawn(_) | Standing::Refused(_) => None,
        });
        let own = self.view.items.group(&Key::ClientGroup(vpc.clone(), network.clone()));
        tagged.chain(own.map(|id| (id.clone(), None))).collect()
    }

    /// Keeps a connection that is there: it works on, whatever becomes of its databases' ports and
    /// of its clients' tags. Nobody new is let in.
    pub(super) fn kept(&self, vpc: &VpcId, network: &NetworkName, desired: &mut Desired) {
        let mut groups = self.let_in(vpc, network);
        let has_rule = |group: &GroupId| {
            parts(vpc, network, self.view.items)
                .any(|key| matches!(key, Key::EndpointRule(_, _, of, _) if of == group))
        };
        groups.retain(|group, _| has_rule(group));
        if !groups.is_empty() {
            self.rules(vpc, network, &groups, desired);
        }
        self.held(vpc, network, |_| true, desired);
    }

    /// Keeps those parts that nothing else asks for and that stay, but lets the rules go of clients
    /// that have passed the gate themselves.
    pub(super) fn held(
        &self,
        vpc: &VpcId,
        network: &NetworkName,
        stays: impl Fn(&Key) -> bool,
        desired: &mut Desired,
    ) {
        let standing = |key: &Key| {
            let Key::EndpointRule(_, _, group, _) = key else { return None };
            self.admissions_to(vpc, network).find(|it| it.subject.id == *group)
        };
        for key in parts(vpc, network, self.view.items) {
            match standing(key).map(|it| &it.standing) {
                Some(Standing::Withdrawn(_)) => desired.release(key.clone()),
                Some(Standing::Kept(_, deadline)) => {
                    desired.keep(key.clone());
                    desired.tag(key, tag::WITHDRAW_AFTER, deadline.clone());
                }
                _ if stays(key) => desired.keep(key.clone()),
                _ => {}
            }
        }
    }
}
