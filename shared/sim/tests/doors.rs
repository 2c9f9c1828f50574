//! Both doors, as their clients see them: requests as they are on the wire.

use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sim::{Call, Clock, Fate, Fault, Service, Sim, World};

fn signed(service: &str, region: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=EXPOSE/20260102/{region}/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0"
    )
}

fn form(form: &str) -> Request<Bytes> {
    form_in("us-east-1", form)
}

fn form_in(region: &str, form: &str) -> Request<Bytes> {
    let body = format!("Version=2016-11-15&{form}");
    Request::post("https://ec2.amazonaws.com/")
        .header("authorization", signed("ec2", region))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body))
        .expect("a request")
}

fn rest(method: &str, path: &str, body: &str) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(format!("https://vpc-lattice.amazonaws.com{path}"))
        .header("authorization", signed("vpc-lattice", "us-east-1"))
        .body(Bytes::from(body.to_owned()))
        .expect("a request")
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).expect("UTF-8")
}

fn start() -> Sim {
    let start: Timestamp = "2026-01-02T03:04:05Z".parse().expect("a time");
    Sim::new(Clock::virtual_from(start), 1)
}

#[tokio::test(start_paused = true)]
async fn a_query_call_is_answered_in_xml_with_the_simulated_date() {
    let sim = start();
    let response = sim.respond(&form("Action=CreateVpc&CidrBlock=10.0.0.0%2F16"));
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["date"], "Fri, 02 Jan 2026 03:04:05 GMT");
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let body = text(&response);
    assert!(
        body.contains("<CreateVpcResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">")
    );
    assert!(body.contains("<requestId>") && body.contains("<vpcId>vpc-0"), "{body}");
    let calls = sim.calls_since(0);
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].caller.as_str(), calls[0].service), ("EXPOSE", "ec2"));
    assert!(calls[0].is_write());
    assert!(calls[0].id.as_ref().is_some_and(|id| id.starts_with("vpc-0")));
    assert!(sim.calls_since(1).is_empty());
}

#[tokio::test(start_paused = true)]
async fn faults_are_in_the_form_of_their_protocol() {
    let sim = start();
    let response = sim.respond(&form("Action=DescribeVpcs&VpcId.1=vpc-%3Cx%3E"));
    assert_eq!(response.status(), 400);
    let body = text(&response);
    assert!(
        body.contains("<Response><Errors><Error><Code>InvalidVpcID.Malformed</Code>"),
        "{body}"
    );
    assert!(body.contains("vpc-&lt;x&gt;"), "{body}");
    let response = sim.respond(&form("Action=RunInstances"));
    assert!(text(&response).contains("<Code>InvalidAction</Code>"));

    let response = sim.respond(&rest("GET", "/servicenetworks/sn-0123456789abcdef0", ""));
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["x-amzn-errortype"], "ResourceNotFoundException");
    let body: Value = serde_json::from_slice(response.body()).expect("JSON");
    assert_eq!(body["resourceId"], "sn-0123456789abcdef0");

    let rds = Request::post("https://rds.amazonaws.com/")
        .header("authorization", signed("rds", "us-east-1"))
        .body(Bytes::from("Action=DescribeDBInstances&DBInstanceIdentifier=none"))
        .expect("a request");
    let response = sim.respond(&rds);
    assert_eq!(response.status(), 404);
    assert!(text(&response).contains("<ErrorResponse xmlns=\"http://rds.amazonaws.com/"));
    assert!(text(&response).contains("<Type>Sender</Type><Code>DBInstanceNotFound</Code>"));

    let unsigned = Request::post("https://ec2.amazonaws.com/")
        .body(Bytes::from("Action=DescribeVpcs&Version=2016-11-15"))
        .expect("a request");
    let response = sim.respond(&unsigned);
    assert_eq!(response.status(), 401);
    assert!(text(&response).contains("<Code>AuthFailure</Code>"));
}

#[tokio::test(start_paused = true)]
async fn lattice_answers_with_the_status_of_the_operation() {
    let sim = start();
    let made = sim.respond(&rest("POST", "/servicenetworks", r#"{"name": "databases"}"#));
    assert_eq!(made.status(), 201);
    let network: Value = serde_json::from_slice(made.body()).expect("JSON");
    let id = network["id"].as_str().expect("an id");
    let tags = format!("/tags/{}", network["arn"].as_str().expect("an ARN").replace(':', "%3A"));
    let tags = tags.replace("servicenetwork/", "servicenetwork%2F");
    let tagged = sim.respond(&rest("POST", &tags, r#"{"tags": {"a": "b", "c": "d"}}"#));
    assert_eq!(tagged.status(), 200, "{}", text(&tagged));
    sim.respond(&rest("DELETE", &format!("{tags}?tagKeys=a"), ""));
    let listed = sim.respond(&rest("GET", &tags, ""));
    assert_eq!(text(&listed), r#"{"tags":{"c":"d"}}"#);
    let deleted = sim.respond(&rest("DELETE", &format!("/servicenetworks/{id}"), ""));
    assert_eq!((deleted.status().as_u16(), deleted.body().len()), (204, 0));
}

#[tokio::test(start_paused = true)]
async fn time_passes_by_sleeping_or_by_advancing() {
    let sim = start();
    let then = sim.now();
    tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
    sim.advance(SignedDuration::from_mins(1));
    assert_eq!(sim.now() - then, SignedDuration::from_mins(61));
    let response = sim.respond(&form("Action=DescribeVpcs"));
    assert_eq!(response.headers()["date"], "Fri, 02 Jan 2026 04:05:05 GMT");
    assert!(text(&response).contains("<vpcSet></vpcSet>"));
}

#[tokio::test(start_paused = true)]
async fn events_come_when_their_time_has_come() {
    let sim = start();
    let tags = "TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=stage\
                &TagSpecification.1.Tag.1.Value=test";
    sim.respond(&form(&format!("Action=CreateVpc&CidrBlock=10.0.0.0%2F16&{tags}")));
    assert!(sim.take_events().is_empty());
    assert_eq!(sim.next_due(), Some(sim.now() + SignedDuration::from_secs(1)));
    sim.advance(SignedDuration::from_secs(1));
    let events = sim.take_events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].envelope["source"], "aws.tag");
    assert!(sim.take_events().is_empty());
    assert_eq!(sim.next_due(), None);
}

#[tokio::test(start_paused = true)]
async fn another_region_is_another_world() {
    let sim = start();
    sim.respond(&form("Action=CreateVpc&CidrBlock=10.0.0.0%2F16"));
    let response = sim.respond(&form_in("eu-west-1", "Action=DescribeVpcs"));
    assert!(text(&response).contains("<vpcSet></vpcSet>"));
    assert_eq!(sim.region("eu-west-1", |world| world.region.clone()), "eu-west-1");
}

#[tokio::test(start_paused = true)]
async fn rules_stand_in_front_of_calls() {
    let sim = start();
    let create = || form("Action=CreateVpc&CidrBlock=10.0.0.0%2F16");
    let count = |sim: &Sim| {
        let calls = sim.fork();
        calls.clear_rules();
        let response = calls.respond(&form("Action=DescribeVpcs"));
        text(&response).matches("<vpcId>").count()
    };
    sim.put_rule(|call: &Call, _: u64| match call.action.as_str() {
        "CreateVpc" => Fate::Refuse(Fault::new("InternalError", 500, "no")),
        _ => Fate::Pass,
    });
    sim.put_rule(|_: &Call, _: u64| Fate::LoseReply);
    assert!(text(&sim.respond(&create())).contains("<Code>InternalError</Code>"));
    assert_eq!(count(&sim), 0);
    for (fate, then) in [(Fate::LoseRequest, 0), (Fate::LoseReply, 1), (Fate::Repeat, 3)] {
        sim.clear_rules();
        let is_lost = fate != Fate::Repeat;
        sim.put_rule(move |_: &Call, _: u64| fate.clone());
        assert_eq!(sim.respond(&create()).status().as_u16(), if is_lost { 500 } else { 200 });
        assert_eq!(count(&sim), then);
    }
}

/// Everything that can depend on luck does: times, events, endpoints.
#[test]
fn one_history_makes_one_world() {
    let history = |seed| {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, seed);
        let there = sim::two_vpcs::build(&mut world);
        world.switches.jitter = 0.3;
        world.switches.chances.event_twice = 0.5;
        world.switches.chances.event_late = 0.5;
        world.switches.chances.partial_endpoint = 0.5;
        let mut answers = Vec::new();
        let network =
            Call::new(Service::Lattice, "CreateServiceNetwork", json!({"name": "databases"}));
        let network = world.answer(&network).expect("a network")["arn"].clone();
        let tags = json!([{"Key": "stage", "Value": "test"}]);
        for (service, action, members) in [
            (
                Service::Ec2,
                "CreateVpcEndpoint",
                json!({
                    "VpcEndpointType": "ServiceNetwork",
                    "VpcId": there.consumer_vpc,
                    "ServiceNetworkArn": network,
                    "SubnetId": there.consumer_subnets,
                }),
            ),
            (
                Service::Ec2,
                "CreateTags",
                json!({"ResourceId": [there.consumer_vpc, there.client_group], "Tag": tags}),
            ),
            (
                Service::Rds,
                "RebootDBInstance",
                json!({"DBInstanceIdentifier": "orders", "ForceFailover": "true"}),
            ),
            (Service::Ec2, "DescribeVpcEndpoints", json!({})),
            (Service::Ec2, "DescribeNetworkInterfaces", json!({})),
        ] {
            answers.push(world.answer(&Call::new(service, action, members)));
            world.advance_to(world.now() + SignedDuration::from_secs(100));
        }
        (there, answers, world.events.clone())
    };
    assert_eq!(history(5), history(5));
    let (there, answers, events) = history(6);
    assert_ne!(there, history(5).0);
    assert_ne!(answers, history(5).1);
    assert_ne!(events, history(5).2);
}
