//! The program and the functions as processes: once through the main job over the network, with
//! a function that dies in the middle, and what is said when it cannot even begin.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

mod network;

use network::{Client, form};

/// All of the main job, in real time.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// What a function may take (128 MB is the least that Lambda gives).
const MOST_KILOBYTES: u64 = 30 * 1024;

fn trellis(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trellis"));
    command.args(arguments).env_clear().env("AWS_EC2_METADATA_DISABLED", "true");
    for (name, value) in [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "person"),
        ("AWS_SECRET_ACCESS_KEY", "simulated"),
    ] {
        command.env(name, value);
    }
    command
}

/// `trellis serve`, which ends with this.
struct Served {
    child: Child,
    lines: Receiver<String>,
}

impl Served {
    fn start() -> Served {
        let mut command = trellis(&["serve", "--port", "0", "--speed", "60"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it can be started");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        let (said, lines) = channel();
        // Read to the end, so that it never waits for a reader.
        std::thread::spawn(move || {
            out.lines().map_while(Result::ok).for_each(|line| drop(said.send(line)));
        });
        Served { child, lines }
    }

    /// The next word that it prints and that begins like this, without what follows it in a URL.
    fn word(&self, start: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("it says what to type");
            let mut words = line.split([' ', '\'', '=', '&', '?', ':']);
            if let Some(found) = words.find(|word| word.starts_with(start)) {
                return found.to_owned();
            }
        }
    }

    /// A line of what it prints that contains this.
    fn line(&self, part: &str) -> String {
        let mut lines = std::iter::from_fn(|| self.lines.recv_timeout(PATIENCE).ok());
        lines.find(|line| line.contains(part)).unwrap_or_else(|| panic!("it never says {part}"))
    }

    /// The processes of its functions.
    fn functions(&self) -> Vec<(u32, String)> {
        let mut found = Vec::new();
        let processes = std::fs::read_dir("/proc").expect("this is Linux").flatten();
        for id in processes.filter_map(|it| it.file_name().to_str()?.parse::<u32>().ok()) {
            let read = |name: &str| std::fs::read_to_string(format!("/proc/{id}/{name}"));
            let parent = read("stat").ok().and_then(|stat| {
                let (_, after) = stat.rsplit_once(')')?;
                after.split_whitespace().nth(1)?.parse::<u32>().ok()
            });
            let Ok(line) = read("cmdline") else { continue };
            let words: Vec<&str> = line.split('\0').collect();
            if let (true, ["function", name]) =
                (parent == Some(self.child.id()), &words[1..words.len().min(3)])
            {
                found.push((id, (*name).to_owned()));
            }
        }
        found.sort_by(|a, b| a.1.cmp(&b.1));
        found
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(name: &str, id: u32) {
    let status = Command::new("kill").args([name, &id.to_string()]).status();
    assert!(status.expect("kill can be started").success(), "{id} was there");
}

/// Waits until this is so, and says what it was.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        #[expect(clippy::disallowed_methods, reason = "another process has a clock of its own")]
        std::thread::sleep(LOOK);
    }
}

/// The most memory that a process ever had.
fn peak_kilobytes(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// What a person who follows what `serve` prints works with.
struct Person {
    client: Client,
    database: String,
    vpc: String,
    group: String,
}

impl Person {
    fn say(&self, value: &str) {
        let rds = [("ResourceName", &*self.database), ("Tags.Tag.1.Key", "trellis:expose")];
        let answer = self.client.post(
            "rds",
            &form("AddTagsToResource", "2014-10-31", &rds, ("Tags.Tag.1.Value", value)),
        );
        assert_eq!(answer.0, 200, "{}", answer.1);
        for (id, key) in [(&self.vpc, "trellis:consume"), (&self.group, "trellis:client")] {
            let ec2 = [("ResourceId.1", &**id), ("Tag.1.Key", key)];
            let body = form("CreateTags", "2016-11-15", &ec2, ("Tag.1.Value", value));
            let answer = self.client.post("ec2", &body);
            assert_eq!(answer.0, 200, "{}", answer.1);
        }
    }

    fn reachable(&self) -> Value {
        let path = format!("/_trellis/reachable?from={}&to=orders", self.group);
        self.client.json(&path)
    }

    /// Whether nothing of ours is left.
    fn is_clear(&self) -> bool {
        let lists = ["servicenetworks", "resourcegateways", "resourceconfigurations"];
        let is_empty = |list: &&str| {
            let answer = self.client.json(&format!("/{list}?maxResults=100"));
            answer["items"].as_array().is_some_and(Vec::is_empty)
        };
        let groups = form("DescribeSecurityGroups", "2016-11-15", &[], ("MaxResults", "1000"));
        lists.iter().all(is_empty) && !self.client.post("ec2", &groups).1.contains("trellis:owner")
    }
}

/// How far the plan of a side goes, by the program's exit status.
fn plan(side: &str, port: &str) -> Option<i32> {
    let clock = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/clock.json");
    let words = ["invoke", side, "--event", clock, "--dry-run", "--detailed-exitcode"];
    let mut command = trellis(&words);
    command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"));
    let output = command.output().expect("it can be started");
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"steps\""), "{output:?}");
    output.status.code()
}

/// What clients in the VPC need to connect.
fn connection(person: &Person, port: &str) -> Value {
    let words = ["connection", "--database", "orders", "--vpc", &person.vpc, "--json"];
    let mut command = trellis(&words);
    command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"));
    let output = command.output().expect("it can be started");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// What waiting for the database and the VPC comes to: the exit status, and what is printed.
fn waited(person: &Person, port: &str, timeout: &str) -> (Option<i32>, String) {
    let words = ["wait", "--database", "orders", "--vpc", &person.vpc, "--timeout", timeout];
    let mut command = trellis(&words);
    command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"));
    let output = command.output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    (output.status.code(), said)
}

#[test]
fn the_main_job_survives_the_death_of_its_functions_and_leaves_nothing() {
    let started = Instant::now();
    let mut served = Served::start();
    let greeting = served.line("AWS at http://");
    let address = greeting.split("http://").nth(1).and_then(|rest| rest.split(':').nth(1));
    let port: String =
        address.unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    let client = Client::new(port.parse().expect("a port"));
    let database = served.line("arn:aws:rds:");
    let database = database.split(' ').find(|word| word.starts_with("arn:")).expect("an ARN");
    let (vpc, group) = (served.word("vpc-"), served.word("sg-"));
    let person = Person { client, database: database.to_owned(), vpc, group };
    assert_eq!(person.reachable()["reachable"], false);
    for side in ["expose-database", "connect-vpc"] {
        assert_eq!(plan(side, &port), Some(0), "there is nothing to do");
    }
    let first = until("both functions run", || Some(served.functions()).filter(|it| it.len() == 2));

    let nothing = waited(&person, &port, "0s");
    assert_eq!(nothing, (Some(2), "it is not tagged trellis:expose".to_owned()));
    person.say("databases");
    until("a gateway is on its way", || {
        let gateways = person.client.json("/resourcegateways?maxResults=100");
        gateways["items"].as_array().filter(|items| !items.is_empty()).cloned()
    });
    for (id, _) in &first {
        signal("-KILL", *id);
    }
    let reachability = until("the database is reachable", || {
        Some(person.reachable()).filter(|reachability| reachability["reachable"] == true)
    });
    assert_eq!(reachability["by"].as_array().map(Vec::len), Some(2), "{reachability}");
    let ready = waited(&person, &port, "60s");
    assert_eq!(ready, (Some(0), "ready on databases".to_owned()));
    let connection = connection(&person, &port);
    assert!(connection["host"].as_str().is_some_and(|it| it.starts_with("orders.")));
    assert_eq!(connection["port"], 5432, "{connection}");
    let group = &connection["ways"][0]["attach"][0];
    assert_eq!(group["name"], "trellis-client-databases", "{connection}");
    for side in ["expose-database", "connect-vpc"] {
        until("nothing is left to do", || (plan(side, &port) == Some(0)).then_some(()));
    }
    let second = served.functions();
    assert_eq!(second.len(), 2);
    assert!(second.iter().all(|it| !first.contains(it)), "both were started again");

    person.say("off");
    assert_eq!(waited(&person, &port, "60s").0, Some(1), "nobody asks for it any more");
    until("nothing is left", || person.is_clear().then_some(()));
    assert_eq!(person.reachable()["reachable"], false);
    for (id, name) in served.functions() {
        let kilobytes = peak_kilobytes(id);
        println!("{name}: {kilobytes} kB at most");
        // A debug build carries what a release build does not.
        assert!(cfg!(debug_assertions) || kilobytes < MOST_KILOBYTES, "{name}: {kilobytes} kB");
    }

    let functions = served.functions();
    signal("-TERM", served.child.id());
    assert!(served.child.wait().expect("it ends").success());
    until("the functions end with it", || {
        functions
            .iter()
            .all(|(id, _)| !std::path::Path::new(&format!("/proc/{id}")).exists())
            .then_some(())
    });
    assert!(started.elapsed() < PATIENCE, "it took {:?}", started.elapsed());
    println!("it took {:?}", started.elapsed());
}

/// The one line that it says, and its status.
fn complaint(output: &Output) -> (String, Option<i32>) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    (said.trim_end().to_owned(), output.status.code())
}

#[test]
fn a_port_in_use_is_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("it is bound").port().to_string();
    let output = trellis(&["serve", "--port", &port]).output().expect("it can be started");
    let (line, status) = complaint(&output);
    assert_eq!(status, Some(1));
    assert!(line.contains(&format!("127.0.0.1:{port}")) && line.contains("in use"), "{line}");
}

#[test]
fn a_word_that_is_wrong_is_one_line() {
    for words in [
        &["--nonsense"][..],
        &["serve", "--port", "many"],
        &["serve", "--speed", "0"],
        &["serve", "--functions-endpoint", "moon"],
        &["invoke", "mow-lawn", "--event", "x.json"],
        &["invoke", "connect-vpc"],
        &["invoke", "connect-vpc", "--event", "x.json", "--detailed-exitcode"],
        &["facts", "--endpoint", "ftp://127.0.0.1"],
        &["function", "mow-lawn"],
        &["dance"],
        &["wait"],
        &["wait", "--vpc", "vpc-1", "--timeout", "soon"],
    ] {
        let (line, status) = complaint(&trellis(words).output().expect("it can be started"));
        // Two would be taken for a plan.
        assert_eq!(status, Some(1), "{words:?}: {line}");
        assert!(line.starts_with("trellis: ") && line.len() < 250, "{line}");
    }
}

#[test]
fn a_setting_that_is_wrong_is_one_line_that_names_it() {
    let clock = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/clock.json");
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (event, variable, value, says) in [
        (clock, "AWS_CA_BUNDLE", "/nowhere/ca.pem", "AWS_CA_BUNDLE: /nowhere/ca.pem: "),
        (clock, "AWS_CA_BUNDLE", manifest, "/Cargo.toml holds no certificate"),
        (clock, "TRELLIS_SPEED", "fast", "TRELLIS_SPEED: \"fast\" is not a speed"),
        (clock, "TRELLIS_NETWORKS", "A B", "TRELLIS_NETWORKS: \"A\" cannot be"),
        (clock, "TRELLIS_GRACE_MINUTES", "soon", "TRELLIS_GRACE_MINUTES: \"soon\" is not a number"),
        (clock, "TRELLIS_DEPLOYMENT", "My-Own", "TRELLIS_DEPLOYMENT: \"My-Own\" is not a name"),
        ("/nowhere/clock.json", "LANG", "C", "cannot read /nowhere/clock.json: "),
        (manifest, "LANG", "C", "Cargo.toml is not JSON: "),
    ] {
        let mut command = trellis(&["invoke", "expose-database", "--dry-run", "--event", event]);
        // Nobody answers there: what is wrong is found before anybody is asked.
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env(variable, value);
        let (line, status) = complaint(&command.output().expect("it can be started"));
        assert_eq!(status, Some(1), "{line}");
        assert!(line.contains(says), "{variable}={value}: {line}");
    }
}

/// An invocation by hand, which can only fail: what it says, without its log.
fn invocation(change: fn(&mut Command) -> &mut Command) -> (String, Option<i32>) {
    let clock = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/clock.json");
    let mut command = trellis(&["invoke", "connect-vpc", "--event", clock]);
    change(command.env("RUST_LOG", "off").env("AWS_ENDPOINT_URL", "http://127.0.0.1:9"));
    complaint(&command.output().expect("it can be started"))
}

#[test]
fn what_time_does_not_heal_ends_at_once_in_one_line() {
    type Change = fn(&mut Command) -> &mut Command;
    let cases: [(&str, Change, &str); 5] = [
        (
            "no credentials",
            |it| it.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY"),
            "there are no credentials that AWS takes: ",
        ),
        (
            "unknown profile",
            |it| it.env_remove("AWS_ACCESS_KEY_ID").env("AWS_PROFILE", "nobody"),
            "there are no credentials that AWS takes: ",
        ),
        (
            "unknown host",
            |it| it.env("AWS_ENDPOINT_URL", "http://nowhere.invalid"),
            "AWS cannot be reached at its address: ",
        ),
        (
            "nobody there",
            |it| it.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
            "AWS cannot be reached at its address: ",
        ),
        ("no region", |it| it.env_remove("AWS_REGION"), "AWS_REGION is not set"),
    ];
    for (name, change, says) in cases {
        let begin = Instant::now();
        let (line, status) = invocation(change);
        assert_eq!(status, Some(1), "{name}: {line}");
        assert!(line.contains(says) && line.len() < 300, "{name}: {line}");
        assert!(begin.elapsed() < PATIENCE / 2, "{name} took {:?}", begin.elapsed());
    }
}

/// Another deployment's name, or other networks, would undo what the deployment has done.
#[test]
fn on_an_account_no_setting_is_guessed() {
    let (line, status) = invocation(|command| {
        command.env_remove("AWS_ENDPOINT_URL").env("TRELLIS_GRACE_MINUTES", "15")
    });
    assert_eq!(status, Some(1), "{line}");
    let says = "TRELLIS_DEPLOYMENT is not set: on an account the settings of the deployed function";
    assert!(line.contains(says), "{line}");
}

#[test]
fn a_file_gets_no_colours() {
    let clock = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/vpc-tagged.json");
    let mut command = trellis(&["invoke", "connect-vpc", "--event", clock]);
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env("TERM", "xterm-256color");
    let output = command.output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("INFO rang: "), "{said}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
}
