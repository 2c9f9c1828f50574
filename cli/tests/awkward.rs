//! How people make the simulated AWS awkward: by flags, and under `/_trellis/`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

mod network;

use network::{Client, form};

/// `trellis serve`, whose functions call nobody; it ends with this.
struct Served {
    child: Child,
    client: Client,
}

impl Served {
    fn start(flags: &[&str]) -> Served {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trellis"));
        command.args(["serve", "--port", "0", "--functions-endpoint", "http://127.0.0.1:9"]);
        command.args(flags).env_clear().stdout(Stdio::piped());
        let mut child = command.spawn().expect("it can be started");
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut greeting = String::new();
        while !greeting.contains("AWS at http://") {
            greeting.clear();
            out.read_line(&mut greeting).expect("it greets");
        }
        std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(drop));
        let address = greeting.split("http://127.0.0.1:").nth(1).unwrap_or_default();
        let port: String = address.chars().take_while(char::is_ascii_digit).collect();
        Served { child, client: Client::new(port.parse().expect("a port")) }
    }

    /// The answer to a POST under `/_trellis/`.
    fn tell(&self, path: &str, body: &Value) -> (u16, String) {
        self.client.send("POST", &format!("/_trellis/{path}"), "vpc-lattice", &body.to_string())
    }

    fn told(&self, path: &str, body: Value) {
        let (status, answer) = self.tell(path, &body);
        assert_eq!(status, 200, "{path} {body}: {answer}");
    }

    fn refused(&self, path: &str, body: Value, why: &str) {
        let (status, answer) = self.tell(path, &body);
        assert!(status == 400 && answer.contains(why), "{path} {body}: {answer}");
    }

    fn switches(&self) -> Value {
        self.client.json("/_trellis/switches")
    }

    fn vpcs(&self) -> String {
        self.ec2("DescribeVpcs", &[], ("MaxResults", "100"))
    }

    fn ec2(&self, action: &str, members: &[(&str, &str)], last: (&str, &str)) -> String {
        let (status, answer) = self.client.post("ec2", &form(action, "2016-11-15", members, last));
        assert_eq!(status, 200, "{action}: {answer}");
        answer
    }

    /// A thing of VPC Lattice that is made so.
    fn lattice(&self, kind: &str, body: Value) -> Value {
        let path = format!("/{kind}");
        let (status, answer) = self.client.send("POST", &path, "vpc-lattice", &body.to_string());
        assert_eq!(status, 201, "{kind}: {answer}");
        serde_json::from_str(&answer).expect("JSON")
    }

    fn databases(&self) -> String {
        let body = form("DescribeDBInstances", "2014-10-31", &[], ("MaxRecords", "100"));
        self.client.post("rds", &body).1
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn flags_say_how_it_begins() {
    let flags = ["--seed", "7", "--awkward", "jitter", "--consumer-cidr", "10.1.0.0/16"];
    let served = Served::start(&flags);
    assert_eq!(served.switches()["jitter"], 0.5);
    assert!(served.vpcs().contains("<cidrBlock>10.1.0.0/16<"));
    let kinds = served.client.json("/_trellis/awkward");
    assert!(kinds["kinds"].as_array().is_some_and(|kinds| kinds.contains(&json!("jitter"))));
    served.told("awkward", json!({"kinds": ["events"]}));
    let switches = served.switches();
    assert_eq!(switches["jitter"], 0.0, "that kind and no other");
    assert_eq!(switches["chances"]["event_lost"], 0.1);
    served.refused("awkward", json!({"kinds": ["rain"]}), "there are the kinds omissions");
    served.refused("awkward", json!(["events"]), "error");
}

#[test]
fn switches_are_changed_by_name() {
    let served = Served::start(&[]);
    let changes = json!({"quotas": {"rules_per_group": 2}, "durations": {"endpoint": "5m"}});
    served.told("switches", changes);
    let switches = served.switches();
    assert_eq!(switches["quotas"]["rules_per_group"], 2);
    assert_eq!(switches["durations"]["endpoint"], "PT5M");
    assert_eq!(switches["quotas"]["interfaces"], 5000, "the others are as they were");
    served.refused("switches", json!({"weather": "rain"}), "weather");
    assert_eq!(served.client.send("DELETE", "/_trellis/switches", "ec2", "").0, 400);
}

#[test]
fn a_thing_is_omitted_late_or_refused_until_told_otherwise() {
    let served = Served::start(&[]);
    let vpcs = served.vpcs();
    let vpc = within("vpcId", &vpcs);
    served.told("omit", json!({"action": "DescribeVpcs", "name": vpc}));
    assert!(!served.vpcs().contains(vpc) && served.vpcs().contains(vpc), "once");
    served.told("omit", json!({"action": "DescribeVpcs", "name": vpc, "seconds": 86400}));
    assert!(!served.vpcs().contains(vpc) && !served.vpcs().contains(vpc), "for a day");
    served.told("awkward", json!({"kinds": []}));

    let late = json!({"action": "DescribeVpcs", "part": "tags", "seconds": 86400});
    served.told("late", late);
    let tag = [("ResourceId.1", vpc), ("Tag.1.Key", "stage")];
    served.ec2("CreateTags", &tag, ("Tag.1.Value", "test"));
    assert!(!served.vpcs().contains("<key>stage</key>"));
    served.told("awkward", json!({"kinds": []}));
    assert!(served.vpcs().contains("<key>stage</key>"));
    let part = json!({"action": "DescribeVpcs", "part": "names", "seconds": 1});
    served.refused("late", part, "part is");
    served.told("late", json!({"action": "DescribeVpcs", "seconds": 86400}));
    served.ec2("CreateVpc", &[], ("CidrBlock", "10.9.0.0/16"));
    assert!(!served.vpcs().contains("<cidrBlock>10.9.0.0/16<"));
    served.told("awkward", json!({"kinds": []}));
    assert!(served.vpcs().contains("<cidrBlock>10.9.0.0/16<"));

    let trouble = |kind: &str| json!({"service": "rds", "kind": kind, "seconds": 86400});
    served.told("trouble", trouble("throttling"));
    assert!(served.databases().contains("<Code>Throttling</Code>"));
    served.told("awkward", json!({"kinds": []}));
    assert!(served.databases().contains("<DBInstanceStatus>available<"));
    served.refused("trouble", trouble("rain"), "outage or throttling");
    let down = json!({"service": "ec2", "action": "DescribeVpcs", "kind": "outage", "seconds": 60});
    served.told("trouble", down);
    let vpcs = form("DescribeVpcs", "2016-11-15", &[], ("MaxResults", "100"));
    assert_eq!(served.client.post("ec2", &vpcs).0, 503);
    served.ec2("DescribeSubnets", &[], ("MaxResults", "100"));
    served.told("advance", json!({"seconds": 60}));
    served.vpcs();
}

#[test]
fn a_thing_turns_into_a_state() {
    let served = Served::start(&[]);
    let turn = |id: &str, state: &str| json!({"id": id, "state": state, "seconds": 86400});
    served.told("turn", turn("orders", "backing-up"));
    assert!(served.databases().contains("<DBInstanceStatus>backing-up<"));
    served.told("turn", json!({"id": "orders", "state": "stopped"}));
    assert!(served.databases().contains("<DBInstanceStatus>stopped<"));
    served.refused("turn", turn("nothing", "backing-up"), "there is no");
    served.refused("turn", turn("vpce-1", "partial"), "there is no");
    served.refused("turn", turn("vpce-1", "tired"), "an endpoint is");
}

/// The text of the first element of this name.
fn within<'a>(name: &str, xml: &'a str) -> &'a str {
    let rest = xml.split(&format!("<{name}>")).nth(1);
    rest.and_then(|rest| rest.split('<').next()).unwrap_or_else(|| panic!("no {name}: {xml}"))
}

#[test]
fn an_endpoint_and_a_gateway_turn_and_turn_back() {
    let served = Served::start(&[]);
    let subnets = served.ec2("DescribeSubnets", &[], ("MaxResults", "100"));
    let (vpc, subnet) = (within("vpcId", &subnets), within("subnetId", &subnets));
    let gateway = json!({"name": "theirs", "vpcIdentifier": vpc, "subnetIds": [subnet]});
    let gateway = served.lattice("resourcegateways", gateway)["id"].clone();
    let network = served.lattice("servicenetworks", json!({"name": "theirs"}))["arn"].clone();
    let network = network.as_str().unwrap_or_default();
    let members = [("VpcId", vpc), ("VpcEndpointType", "ServiceNetwork"), ("SubnetId.1", subnet)];
    let made = served.ec2("CreateVpcEndpoint", &members, ("ServiceNetworkArn", network));
    let endpoint = within("vpcEndpointId", &made);
    served.told("advance", json!({"seconds": 3600}));

    let turn = |id: &str, state: &str| served.told("turn", json!({"id": id, "state": state}));
    for state in ["available", "partial", "available", "rejected"] {
        turn(endpoint, state);
        let seen = served.ec2("DescribeVpcEndpoints", &[], ("VpcEndpointId.1", endpoint));
        assert_eq!(within("state", &seen), state);
    }
    let gateway = gateway.as_str().unwrap_or_default();
    for (state, status) in [("FAILED", "UPDATE_FAILED"), ("ACTIVE", "ACTIVE")] {
        turn(gateway, state);
        let seen = served.client.json(&format!("/resourcegateways/{gateway}"));
        assert_eq!(seen["status"], status);
    }
    served.refused("turn", json!({"id": gateway, "state": "ACTIVE"}), "there is no");
}

#[test]
fn a_seed_decides_every_id() {
    let made = |seed: &str| {
        let served = Served::start(&["--empty", "--seed", seed, "--awkward", "all"]);
        let vpc = served
            .client
            .post("ec2", &form("CreateVpc", "2016-11-15", &[], ("CidrBlock", "10.9.0.0/16")))
            .1;
        within("vpcId", &vpc).to_owned()
    };
    assert_eq!(made("7"), made("7"));
    assert_ne!(made("7"), made("8"));
}
