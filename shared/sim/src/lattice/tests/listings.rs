//! Listings, tags and quotas, and what AWS keeps to itself.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::*;
use crate::rds::tests::provider;

#[test]
fn a_vpc_has_one_association() {
    let Exposed { mut world, network, .. } = exposed();
    let (vpc, _) = provider(&mut world, "10.1");
    let create = "CreateServiceNetworkVpcAssociation";
    let pair = json!({"serviceNetworkIdentifier": network, "vpcIdentifier": vpc});
    let id = made(&mut world, create, pair.clone());
    assert_eq!(code(lattice(&mut world, create, pair)), conflict());
    pass(&mut world, 45);
    let id = one("serviceNetworkVpcAssociationIdentifier", &id);
    let get = "GetServiceNetworkVpcAssociation";
    let found = lattice(&mut world, get, id.clone()).expect("there");
    assert_eq!((&found["status"], &found["vpcId"]), (&json!("ACTIVE"), &json!(vpc)));
    let busy = one("serviceNetworkIdentifier", &network);
    let fault = lattice(&mut world, "DeleteServiceNetwork", busy).expect_err("in use");
    assert!(fault.message.ends_with("has VPC(s) associated."));
    lattice(&mut world, "DeleteServiceNetworkVpcAssociation", id.clone()).expect("free");
    pass(&mut world, 45);
    assert_eq!(code(lattice(&mut world, get, id)), gone());
}

#[test]
fn tags_merge_tell_and_stay_out_of_listings() {
    let Exposed { mut world, gateway, .. } = exposed();
    let arn = world.lattice.gateways[&gateway].entity.arn.clone();
    let tag = |tags: Value| json!({"resourceArn": arn, "tags": tags});
    lattice(&mut world, "TagResource", tag(json!({"a": "1", "b": "2"}))).expect("valid");
    lattice(&mut world, "TagResource", tag(json!({"b": "3"}))).expect("valid");
    assert_eq!(code(lattice(&mut world, "TagResource", tag(json!({"c": "x,y"})))), invalid());
    let untag = json!({"resourceArn": arn, "tagKeys": ["a"]});
    lattice(&mut world, "UntagResource", untag).expect("valid");
    let of = json!({"resourceArn": arn});
    let tags = lattice(&mut world, "ListTagsForResource", of).expect("there");
    assert_eq!(tags, json!({"tags": {"b": "3"}}));
    let events: Vec<_> = world.events.iter().map(|event| &event.envelope["detail"]).collect();
    assert_eq!(events.len(), 3);
    assert_eq!(events[2]["changed-tag-keys"], json!(["a"]));
    assert_eq!(events[2]["service"], "vpc-lattice");
    let rows = lattice(&mut world, "ListResourceGateways", json!({})).expect("valid");
    assert_eq!(rows["items"][0]["tags"], Value::Null);
}

#[test]
fn listings_page_and_lag() {
    let (mut world, ..) = world_with_database();
    for name in ["one", "two", "three"] {
        made(&mut world, "CreateServiceNetwork", json!({"name": name}));
    }
    let list = "ListServiceNetworks";
    let first = lattice(&mut world, list, json!({"maxResults": "2"})).expect("a page");
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2));
    let rest = lattice(&mut world, list, json!({"nextToken": first["nextToken"]}));
    let rest = rest.expect("the last page");
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest["nextToken"], Value::Null);
    assert_eq!(code(lattice(&mut world, list, json!({"maxResults": "0"}))), invalid());
    pass(&mut world, 10);
    world.switches.listing_lag = SignedDuration::from_secs(5);
    let id = rest["items"][0]["id"].as_str().expect("an id").to_owned();
    let delete = one("serviceNetworkIdentifier", &id);
    lattice(&mut world, "DeleteServiceNetwork", delete.clone()).expect("unused");
    assert_eq!(code(lattice(&mut world, "GetServiceNetwork", delete)), gone());
    made(&mut world, "CreateServiceNetwork", json!({"name": "four"}));
    let count = |world: &mut World| {
        lattice(world, list, json!({})).expect("valid")["items"].as_array().map(Vec::len)
    };
    assert_eq!(count(&mut world), Some(3), "the old one is still listed, the new one not yet");
    pass(&mut world, 5);
    assert_eq!(count(&mut world), Some(3));
}

#[test]
fn quotas_are_refused_with_402() {
    let (mut world, ..) = world_with_database();
    for number in 0..50 {
        made(&mut world, "CreateServiceNetwork", json!({"name": format!("net-{number}")}));
    }
    let fault = lattice(&mut world, "CreateServiceNetwork", json!({"name": "one-more"}))
        .expect_err("the 51st");
    assert_eq!((fault.code.as_str(), fault.status), ("ServiceQuotaExceededException", 402));
    assert_eq!(fault.members["quotaCode"], "L-9CAD07FB");
}

#[test]
fn what_aws_manages_is_marked_and_stays() {
    let Exposed { mut world, association, .. } = exposed();
    let (vpc, subnets) = provider(&mut world, "10.2");
    let managed = world.place_managed_gateway("oci-gate", &vpc, &subnets);
    let id = one("resourceGatewayIdentifier", &managed);
    let found = lattice(&mut world, "GetResourceGateway", id.clone()).expect("there");
    assert_eq!(found["serviceManaged"], true);
    let denied = ("AccessDeniedException".to_owned(), 403);
    assert_eq!(code(lattice(&mut world, "DeleteResourceGateway", id)), denied);
    assert!(world.manage_association(&association));
    let id = one("serviceNetworkResourceAssociationIdentifier", &association);
    let delete = "DeleteServiceNetworkResourceAssociation";
    assert_eq!(code(lattice(&mut world, delete, id)), denied);
}
