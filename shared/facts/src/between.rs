//! The ways between two VPCs that are older than VPC Lattice: peering connections and transit
//! gateways.

use aws_sdk_ec2::types::{
    Filter, IpPermission, TransitGatewayState, UserIdGroupPair, VpcPeeringConnection,
};

use crate::case::{Fact, HELD, Trouble, cases};
use crate::expect::{done, equal, given, refused};
use crate::made::Made;
use crate::stage::Stage;

cases! { Vpc:
    a_peering_connection_is_active_once_it_is_accepted =>
        "VPC Peering Guide, VPC peering connection lifecycle",
    peering_connections_are_found_by_either_vpc =>
        "EC2 API Reference, DescribeVpcPeeringConnections, Filters",
    vpcs_with_overlapping_addresses_are_not_peered =>
        "EC2 API Reference, CreateVpcPeeringConnection",
    a_rule_names_a_group_of_a_peered_vpc =>
        "VPC Peering Guide, Update your security groups to reference peer security groups",
    the_rule_of_a_peer_does_not_hold_a_group =>
        "EC2 API Reference, DeleteSecurityGroup",
    attachments_are_found_by_vpc_and_by_transit_gateway =>
        "EC2 API Reference, DescribeTransitGatewayVpcAttachments, Filters",
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// A peering connection that one VPC asks of the other.
async fn ask(stage: &Stage<'_>, from: &str, to: &str) -> Result<String, Trouble> {
    let create = stage.ec2.create_vpc_peering_connection().vpc_id(from).peer_vpc_id(to);
    let made = create.send().await?;
    let id = made.vpc_peering_connection().and_then(|it| it.vpc_peering_connection_id());
    stage.keep(Made::Peering, id)
}

/// The connection with this id, once it has this status.
async fn with_status(
    stage: &Stage<'_>,
    id: &str,
    status: &str,
) -> Result<VpcPeeringConnection, Trouble> {
    stage
        .until(&format!("the peering connection is {status}"), || async {
            // By filter: a listing may not know of it yet.
            let describe = stage.ec2.describe_vpc_peering_connections();
            let describe = describe.filters(filter("vpc-peering-connection-id", id));
            let listed = describe.filters(filter("status-code", status)).send().await?;
            Ok(listed.vpc_peering_connections.unwrap_or_default().into_iter().next())
        })
        .await
}

/// Two VPCs, peered.
async fn peered(stage: &Stage<'_>) -> Result<(String, String, String), Trouble> {
    let (one, other) = (stage.bare_vpc().await?, stage.vpc_of("10.78.0.0/16").await?);
    let id = ask(stage, &one, &other).await?;
    with_status(stage, &id, "pending-acceptance").await?;
    let accept = stage.ec2.accept_vpc_peering_connection().vpc_peering_connection_id(&id);
    done("accepting it", accept.send().await)?;
    with_status(stage, &id, "active").await?;
    Ok((one, other, id))
}

async fn a_peering_connection_is_active_once_it_is_accepted(stage: &Stage<'_>) -> Fact {
    let (.., id) = peered(stage).await?;
    let accept = stage.ec2.accept_vpc_peering_connection().vpc_peering_connection_id(&id);
    refused(accept.send().await, &["InvalidStateTransition"])?;
    let delete = stage.ec2.delete_vpc_peering_connection().vpc_peering_connection_id(&id);
    done("deleting it", delete.send().await)?;
    with_status(stage, &id, "deleted").await?;
    HELD
}

async fn peering_connections_are_found_by_either_vpc(stage: &Stage<'_>) -> Fact {
    let (one, other, id) = peered(stage).await?;
    let sides = [("requester-vpc-info.vpc-id", &one), ("accepter-vpc-info.vpc-id", &other)];
    for (name, vpc) in sides {
        let describe = stage.ec2.describe_vpc_peering_connections().filters(filter(name, vpc));
        let listed = describe.filters(filter("status-code", "active")).send().await?;
        let found = listed.vpc_peering_connections().iter();
        let found: Vec<_> = found.filter_map(|it| it.vpc_peering_connection_id()).collect();
        equal(name, found, vec![id.as_str()])?;
    }
    HELD
}

async fn vpcs_with_overlapping_addresses_are_not_peered(stage: &Stage<'_>) -> Fact {
    let (one, other) = (stage.bare_vpc().await?, stage.bare_vpc().await?);
    let create = stage.ec2.create_vpc_peering_connection().vpc_id(&one).peer_vpc_id(&other);
    let made = create.send().await?;
    let made = given("an answer", made.vpc_peering_connection())?;
    let id = given("an id", made.vpc_peering_connection_id())?;
    with_status(stage, id, "failed").await?;
    HELD
}

/// A group of the second VPC, and a rule for it in a group of the first. The other's id is first.
async fn rule_for_a_peer(stage: &Stage<'_>) -> Result<(String, String), Trouble> {
    let (one, other, _) = peered(stage).await?;
    let own = given("a group", stage.create_group(&one, |create| create).await?.group_id)?;
    let peer = given("a group", stage.create_group(&other, |create| create).await?.group_id)?;
    let pair = UserIdGroupPair::builder().group_id(&peer).build();
    let permission = IpPermission::builder().ip_protocol("tcp").from_port(5432).to_port(5432);
    let authorize = stage.ec2.authorize_security_group_ingress().group_id(&own);
    let authorize = authorize.ip_permissions(permission.user_id_group_pairs(pair).build());
    done("naming the group of a peer", authorize.send().await)?;
    Ok((peer, own))
}

async fn a_rule_names_a_group_of_a_peered_vpc(stage: &Stage<'_>) -> Fact {
    let (peer, own) = rule_for_a_peer(stage).await?;
    let describe = stage.ec2.describe_security_group_rules().filters(filter("group-id", &own));
    let listed = describe.send().await?;
    let named = listed.security_group_rules().iter().find_map(|it| it.referenced_group_info());
    let named = given("a rule that names a group", named)?;
    equal("the group", named.group_id(), Some(peer.as_str()))?;
    HELD
}

async fn the_rule_of_a_peer_does_not_hold_a_group(stage: &Stage<'_>) -> Fact {
    let (peer, _) = rule_for_a_peer(stage).await?;
    let delete = stage.ec2.delete_security_group().group_id(&peer);
    done("deleting the group that it names", delete.send().await)?;
    HELD
}

async fn attachments_are_found_by_vpc_and_by_transit_gateway(stage: &Stage<'_>) -> Fact {
    let test_vpc = stage.test_vpc().await?;
    let made = stage.ec2.create_transit_gateway().send().await?;
    let gateway = made.transit_gateway().and_then(|it| it.transit_gateway_id());
    let gateway = stage.keep(Made::TransitGateway, gateway)?;
    stage
        .until("the transit gateway is available", || async {
            let describe = stage.ec2.describe_transit_gateways().transit_gateway_ids(&gateway);
            let listed = describe.send().await?;
            let state = listed.transit_gateways().first().and_then(|it| it.state());
            Ok((state == Some(&TransitGatewayState::Available)).then_some(()))
        })
        .await?;
    let attach = stage.ec2.create_transit_gateway_vpc_attachment().vpc_id(&test_vpc.vpc);
    let attach = attach.transit_gateway_id(&gateway).subnet_ids(&test_vpc.subnets[0]);
    let made = attach.send().await?;
    let made = made.transit_gateway_vpc_attachment();
    let id = made.and_then(|it| it.transit_gateway_attachment_id());
    let id = stage.keep(Made::Attachment, id)?;
    for (name, value) in [("vpc-id", &test_vpc.vpc), ("transit-gateway-id", &gateway)] {
        let seen = stage.until("the attachment is available", || async {
            let describe = stage.ec2.describe_transit_gateway_vpc_attachments();
            let describe = describe.filters(filter(name, value));
            let listed = describe.filters(filter("state", "available")).send().await?;
            Ok(listed.transit_gateway_vpc_attachments.unwrap_or_default().into_iter().next())
        });
        let seen = seen.await?;
        equal(name, seen.transit_gateway_attachment_id(), Some(id.as_str()))?;
    }
    HELD
}
