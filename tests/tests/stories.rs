//! The stories under `stories/`, replayed: what they tell is what happens.
//!
//! `EXPECTORATE=overwrite cargo test --workspace --test stories` accepts what happens now, to be
//! reviewed in `git diff`.

use std::path::PathBuf;

fn tells(name: &str) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "stories", name].iter().collect();
    let text = std::fs::read_to_string(&path).expect("the story is there");
    expectorate::assert_contents(&path, &tests::story::replay(&text));
}

#[test]
fn expose_and_connect() {
    tells("01-expose-and-connect.txt");
}

#[test]
fn blue_green() {
    tells("02-blue-green.txt");
}

#[test]
fn failover() {
    tells("03-failover.txt");
}

#[test]
fn port() {
    tells("04-port.txt");
}

#[test]
fn rename() {
    tells("05-rename.txt");
}

#[test]
fn restore() {
    tells("06-restore.txt");
}

#[test]
fn several() {
    tells("07-several.txt");
}

#[test]
fn refusals() {
    tells("08-refusals.txt");
}

#[test]
fn grace_and_brake() {
    tells("09-grace-and-brake.txt");
}

#[test]
fn undocumented() {
    tells("10-undocumented.txt");
}

#[test]
fn drift() {
    tells("11-drift.txt");
}

#[test]
fn one_vpc() {
    tells("12-one-vpc.txt");
}

#[test]
fn failing() {
    tells("13-failing.txt");
}

#[test]
fn typos() {
    tells("14-typos.txt");
}

#[test]
fn readings() {
    tells("15-readings.txt");
}

#[test]
fn networks() {
    tells("16-networks.txt");
}

#[test]
fn rules() {
    tells("17-rules.txt");
}

#[test]
fn consent() {
    tells("18-consent.txt");
}

#[test]
fn warnings() {
    tells("19-warnings.txt");
}

#[test]
fn reasons() {
    tells("20-reasons.txt");
}

#[test]
fn takeover() {
    tells("21-takeover.txt");
}

#[test]
fn modes() {
    tells("22-modes.txt");
}
