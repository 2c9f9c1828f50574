//! Listings: every page of each, in the largest pages that AWS gives.

use std::collections::BTreeSet;

use aws::Side;
use jiff::SignedDuration;
use reconcile::observed::Observed;
use serde_json::json;
use sim::Service;
use tests::scene::{Scene, scene, settings};
use tests::users::User;
use tests::wire::Sent;

use super::{Ends, of};

/// The call, the member that says how large a page may be with its value, the member that names
/// the page. RDS gives a hundred unless asked for fewer, and never more.
type Listing = (&'static str, Option<(&'static str, &'static str)>, &'static str);

const LISTINGS: [Listing; 12] = [
    ("DescribeVpcs", Some(("MaxResults", "1000")), "NextToken"),
    ("DescribeSubnets", Some(("MaxResults", "1000")), "NextToken"),
    ("DescribeSecurityGroups", Some(("MaxResults", "1000")), "NextToken"),
    ("DescribeSecurityGroupRules", Some(("MaxResults", "1000")), "NextToken"),
    ("DescribeVpcEndpoints", Some(("MaxResults", "1000")), "NextToken"),
    ("DescribeVpcEndpointAssociations", Some(("MaxResults", "100")), "NextToken"),
    ("DescribeDBInstances", None, "Marker"),
    ("DescribeDBClusters", None, "Marker"),
    ("GET servicenetworks", Some(("maxResults", "100")), "nextToken"),
    ("GET resourcegateways", Some(("maxResults", "100")), "nextToken"),
    ("GET resourceconfigurations", Some(("maxResults", "100")), "nextToken"),
    ("GET servicenetworkresourceassociations", Some(("maxResults", "100")), "nextToken"),
];

/// Two or more of everything that is listed: databases, clusters, networks, endpoints.
async fn crowd(scene: &Scene) {
    let person = User(&scene.sim);
    let two_vpcs = &scene.two_vpcs;
    person.call(
        Service::Rds,
        "CreateDBInstance",
        json!({
            "DBInstanceIdentifier": "sales", "DBInstanceClass": "db.t4g.micro",
            "Engine": "mysql", "AllocatedStorage": "20", "MasterUsername": "admin",
            "ManageMasterUserPassword": "true", "DBSubnetGroupName": "orders",
            "VpcSecurityGroupIds": {"VpcSecurityGroupId": [two_vpcs.database_group]},
            "PubliclyAccessible": "false",
        }),
    );
    for name in ["search", "stock"] {
        let members = json!({
            "DBClusterIdentifier": name, "Engine": "aurora-postgresql",
            "DBSubnetGroupName": "orders", "MasterUsername": "postgres",
            "ManageMasterUserPassword": "true",
        });
        person.call(Service::Rds, "CreateDBCluster", members);
    }
    let gateway = json!({
        "name": "somebody-elses", "vpcIdentifier": two_vpcs.consumer_vpc,
        "subnetIds": two_vpcs.consumer_subnets,
    });
    person.call(Service::Lattice, "CreateResourceGateway", gateway);
    let sales = two_vpcs.database_arn.replace("orders", "sales");
    for arn in [&two_vpcs.database_arn, &sales] {
        person.tag_database(arn, "trellis:expose", "databases reports");
    }
    person.tag(&two_vpcs.consumer_vpc, "trellis:consume", "databases");
    person.tag(&two_vpcs.provider_vpc, "trellis:consume", "reports");
    scene.live(SignedDuration::from_hours(1)).await;
}

async fn observe(ends: &Ends) -> [Observed; 2] {
    let sides = [Side::ExposeDatabase, Side::ConnectVpc];
    let [expose, connect] = sides.map(|side| ends.side(side).observe(side));
    [expose.await.expect("it can be read"), connect.await.expect("it can be read")]
}

#[test]
fn every_listing_is_read_to_its_last_page() {
    scene(settings(), 1, async |scene| {
        crowd(scene).await;
        let ends = Ends::new(&scene.sim, &scene.settings);
        let whole = observe(&ends).await;
        ends.wire.take();
        scene.sim.world(|world| {
            world.switches.largest_page = Some(1);
            world.switches.throttling = false;
        });
        let cut = observe(&ends).await;
        for (cut, whole) in cut.into_iter().zip(whole) {
            assert_eq!(Observed { at: whole.at, ..cut }, whole);
        }
        let sent = ends.wire.take();
        for (call, size, token) in LISTINGS {
            pages(call, &of(&sent, call), size, token);
        }
        let known: BTreeSet<&str> = LISTINGS.iter().map(|(call, ..)| *call).collect();
        for one in sent.iter().filter(|one| one.members.keys().any(|name| is_token(name))) {
            assert!(known.contains(&*one.call), "a listing without a row: {}", one.call);
        }
    });
}

fn is_token(name: &str) -> bool {
    LISTINGS.iter().any(|(_, _, token)| *token == name)
}

/// The requests ask for the largest page, and each token is followed once by each reader.
fn pages(call: &str, sent: &[&Sent], size: Option<(&str, &str)>, token: &str) {
    for one in sent {
        if let Some((name, value)) = size {
            assert_eq!(one.members.get(name).map(String::as_str), Some(value), "{call}");
        }
    }
    let tokens: BTreeSet<&String> = sent.iter().filter_map(|one| one.members.get(token)).collect();
    assert!(!tokens.is_empty(), "{call} was not cut into pages: the world is too small");
    let firsts = sent.iter().filter(|one| !one.members.contains_key(token)).count();
    assert!(firsts >= 1 && sent.len() >= firsts + tokens.len(), "{call}");
}

#[test]
fn an_empty_page_is_not_the_last() {
    scene(settings(), 1, async |scene| {
        let ends = Ends::new(&scene.sim, &scene.settings);
        let side = Side::ExposeDatabase;
        let whole = ends.side(side).observe(side).await.expect("it can be read").vpcs;
        scene.sim.world(|world| world.switches.largest_page = Some(1));
        ends.wire.edit("DescribeVpcs", |sent, text| match sent.members.get("NextToken") {
            None => [before(&text, "<item>"), after(&text, "</item>")].concat(),
            Some(_) => text,
        });
        let rest = ends.side(side).observe(side).await.expect("it can be read").vpcs;
        assert!(!rest.is_empty() && rest.len() == whole.len() - 1, "{rest:?} of {whole:?}");
    });
}

fn before<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or(text, |(before, _)| before)
}

/// What comes after the last of these.
fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.rsplit_once(mark).map_or("", |(_, after)| after)
}
