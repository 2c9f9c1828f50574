//! The taste, as a test: what a reader may rely on in every file of the tree.

mod layers;
mod promises;

use std::collections::{BTreeMap, BTreeSet};

use reconcile::refusal::Code;
use tests::tree::{File, files, root};

/// Longest file, in lines.
const LONGEST: usize = 400;
/// How long a file may be before its tests.
const LONG: usize = 300;
/// Files that are longer than that. This list may only shrink.
const LONG_FILES: [(&str, usize); 0] = [];

/// Longest line, in characters.
const WIDEST: usize = 100;

/// Words that say nothing, by themselves or at the beginning of a name.
const EMPTY_WORDS: [&str; 12] = [
    "handle",
    "handler",
    "process",
    "processor",
    "manage",
    "manager",
    "sync",
    "info",
    "util",
    "utils",
    "helper",
    "common",
];
/// Names that have such a word and mean it.
const MEANT: [(&str, &str); 3] = [
    ("cli/src/lib.rs", "process"),
    ("cli/src/process.rs", "process"),
    ("shared/sim/src/lattice/place.rs", "manage_association"),
];

/// What ships, by the folder of the crate.
const SHIPPED: [&str; 4] =
    ["functions/connect-vpc", "functions/expose-database", "shared/aws", "shared/reconcile"];

/// Runs a check on every file, and reports all that fail at once.
fn check(what: &str, found: impl Fn(&File) -> Vec<String>) {
    let all = files().into_iter().flat_map(|file| {
        let found = found(&file);
        found.into_iter().map(move |line| format!("{}{line}", file.path))
    });
    let all: Vec<String> = all.collect();
    assert!(all.is_empty(), "{what}:\n  {}", all.join("\n  "));
}

/// The text of the file at this path.
fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("it is there")
}

/// The numbers of the lines that are so, as `:7: text`.
fn lines(text: &str, is_so: impl Fn(&str) -> bool) -> Vec<String> {
    let numbered = text.lines().zip(1..).filter(|(line, _)| is_so(line));
    numbered.map(|(line, number)| format!(":{number}: {}", line.trim())).collect()
}

#[test]
fn every_module_says_what_it_is_for() {
    check("does not open with //!", |file| {
        let is_silent = file.is_rust() && !file.text.starts_with("//! ");
        is_silent.then(String::new).into_iter().collect()
    });
}

#[test]
fn no_file_is_long_and_few_are_longer_than_they_should_be() {
    let mut known: BTreeMap<&str, usize> = LONG_FILES.iter().copied().collect();
    for file in files().into_iter().filter(File::is_rust) {
        let all = file.text.lines().count();
        let code = if file.is_test() { 0 } else { file.code().lines().count() };
        let most = known.remove(file.path.as_str());
        assert!(code <= most.unwrap_or(LONG), "{} has {code} lines before its tests", file.path);
        assert!(all <= most.unwrap_or(LONGEST), "{} has {all} lines", file.path);
        let is_long = code > LONG || all > LONGEST;
        assert!(most.is_none() || is_long, "{} is not long: off the list", file.path);
    }
    assert!(known.is_empty(), "no such files: {known:?}");
}

#[test]
fn no_line_is_wide() {
    check("wider than 100 columns", |file| {
        let is_wide = |line: &str| line.chars().count() > WIDEST;
        if file.is_rust() { lines(&file.text, is_wide) } else { Vec::new() }
    });
}

#[test]
fn nothing_is_left_to_do() {
    // In two parts each, so that this line does not find itself.
    let words = [("to", "do!("), ("dbg", "!("), ("#[ig", "nore"), ("unimple", "mented!(")];
    let words = words.map(|(start, end)| format!("{start}{end}"));
    check("left over", |file| {
        let is_left = |line: &str| words.iter().any(|word| line.contains(word));
        if file.is_rust() { lines(&file.text, is_left) } else { Vec::new() }
    });
}

#[test]
fn nothing_from_outside_is_unwrapped() {
    check("unwrapped", |file| match file.is_rust() && !file.is_test() {
        true => lines(file.code(), |line| line.contains(".unwrap()")),
        false => Vec::new(),
    });
}

#[test]
fn names_say_something() {
    check("a name that says nothing", |file| {
        if !file.is_rust() {
            return Vec::new();
        }
        let mut names = defined(&file.text);
        let stem = file.path.rsplit('/').next().and_then(|name| name.strip_suffix(".rs"));
        names.extend(stem.map(str::to_owned));
        let is_meant = |name: &str| MEANT.contains(&(file.path.as_str(), name));
        let is_empty = |name: &String| {
            let (first, last) = (name.split('_').next(), name.rsplit('_').next());
            let is_word = |part: Option<&str>| part.is_some_and(|it| EMPTY_WORDS.contains(&it));
            (is_word(first) || is_word(last) && !name.starts_with("a_")) && !is_meant(name)
        };
        names.into_iter().filter(is_empty).map(|name| format!(": {name}")).collect()
    });
}

/// The names of the functions and modules that a text defines.
fn defined(text: &str) -> BTreeSet<String> {
    let words: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_')))
        .filter(|word| !word.is_empty())
        .collect();
    let named = words.windows(2).filter(|pair| ["fn", "mod"].contains(&pair[0]));
    named.map(|pair| pair[1].to_owned()).collect()
}

/// The names of a crate's dependencies, without those of its tests.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let section = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let named = section.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    named.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Every crate's folder, with what it depends on.
fn crates() -> BTreeMap<String, BTreeSet<String>> {
    let manifests = files().into_iter().filter_map(|file| {
        let folder = file.path.strip_suffix("/Cargo.toml")?.to_owned();
        Some((folder, dependencies(&file.text)))
    });
    manifests.collect()
}

#[test]
fn what_ships_knows_nothing_of_the_simulator_and_one_crate_knows_the_sdk() {
    let crates = crates();
    for folder in SHIPPED {
        let dependencies = crates.get(folder).unwrap_or_else(|| panic!("no crate {folder}"));
        for other in ["sim", "facts", "trellis", "tests"] {
            assert!(!dependencies.contains(other), "{folder} depends on {other}");
        }
        let sdk: Vec<_> = dependencies.iter().filter(|it| it.starts_with("aws-sdk-")).collect();
        assert!(folder == "shared/aws" || sdk.is_empty(), "{folder} depends on {sdk:?}");
    }
    for (folder, other) in [("shared/sim", "facts"), ("shared/facts", "sim")] {
        assert!(!crates[folder].contains(other), "{folder} depends on {other}");
        assert!(!crates[folder].contains("reconcile") && !crates[folder].contains("aws"));
    }
    check("names the SDK", |file| {
        let knows = ["shared/aws/", "shared/facts/", "tests/"];
        let is_free = !file.is_rust() || knows.iter().any(|folder| file.path.starts_with(folder));
        // The crate of the adapters says of itself in its documentation what it is.
        let name = format!("aws_{}", "sdk_");
        if is_free { Vec::new() } else { lines(&file.text, |line| line.contains(&name)) }
    });
}

#[test]
fn what_decides_has_no_runtime_no_clock_and_no_randomness() {
    let pure = &crates()["shared/reconcile"];
    for word in ["aws", "smithy", "tokio", "rand", "futures", "tracing", "reqwest", "hyper"] {
        let found: Vec<_> = pure.iter().filter(|name| name.contains(word)).collect();
        assert!(found.is_empty(), "reconcile depends on {found:?}");
    }
    let calls = ["::now()", "std::env", "std::fs", "std::net", "std::process", "SystemTime"];
    check("not pure", |file| match file.path.starts_with("shared/reconcile/src/") {
        true => lines(&file.text, |line| calls.iter().any(|call| line.contains(call))),
        false => Vec::new(),
    });
}

/// A dependency that a crate does not name is there for nothing.
#[test]
fn every_dependency_is_used() {
    let files = files();
    let mut useless = Vec::new();
    for (folder, dependencies) in crates() {
        let inside = format!("{folder}/");
        let sources = files.iter().filter(|it| it.is_rust() && it.path.starts_with(&inside));
        let text: String = sources.map(|file| file.text.as_str()).collect();
        for name in dependencies {
            let name = name.replace('-', "_");
            let uses = [format!("{name}::"), format!("use {name};"), format!("[`{name}`]")];
            if !uses.iter().any(|used| text.contains(used)) {
                useless.push(format!("{name} in {folder}"));
            }
        }
    }
    assert!(useless.is_empty(), "nobody uses {useless:?}");
}

#[test]
fn versions_stand_in_one_place() {
    check("a version or feature of its own", |file| {
        let Some(folder) = file.path.strip_suffix("/Cargo.toml") else { return Vec::new() };
        // It is a workspace of its own.
        if folder == "fuzz" {
            return Vec::new();
        }
        let section = file.text.split("ependencies]").skip(1).collect::<String>();
        assert!(file.text.contains("[lints]\nworkspace = true"), "{folder} has lints of its own");
        let is_own = |line: &str| line.contains('=') && !line.ends_with("workspace = true");
        lines(section.split("[lints]").next().unwrap_or_default(), is_own)
    });
}

#[test]
fn the_commands_of_the_readme_are_there() {
    let readme = text("README.md");
    for command in ["cargo run", "cargo test --workspace", "sam build && sam deploy"] {
        assert!(readme.lines().any(|line| line.starts_with(command)), "{command}");
    }
    assert!(
        text("Cargo.toml").contains("default-members = [\"cli\"]"),
        "cargo run would not know what"
    );
    // What is named like a path is one.
    for word in readme.split('`').skip(1).step_by(2) {
        let is_path = ["shared/", "functions/", "events/", "tests/"]
            .iter()
            .any(|start| word.starts_with(start) && !word.contains(' '));
        assert!(!is_path || root().join(word).exists(), "the README names {word}");
    }
}

/// Whoever is refused finds what to do. `EXPECTORATE=overwrite` writes the rows of new codes.
#[test]
fn every_refusal_is_explained_in_the_readme() {
    const HEAD: &str = "| code | what to do |\n|---|---|\n";
    let readme = text("README.md");
    let (before, rest) = readme.split_once(HEAD).expect("there is a table of codes");
    let (_, after) = rest.split_once("\n\n").expect("the table ends");
    let rows: Vec<String> =
        Code::all().map(|code| format!("| `{code}` | {} |", code.remedy())).collect();
    let expected = format!("{before}{HEAD}{}\n\n{after}", rows.join("\n"));
    expectorate::assert_contents(root().join("README.md"), &expected);
}

#[test]
fn every_event_is_named_in_a_test_or_the_readme() {
    let files = files();
    let named = |name: &str| {
        let quoted = format!("\"{name}\"");
        files.iter().any(|file| {
            (file.path == "tests/tests/events.rs" && file.text.contains(&quoted))
                || (file.path == "README.md" && file.text.contains(&format!("events/{name}.json")))
        })
    };
    let events = files.iter().filter_map(|it| it.path.strip_prefix("events/"));
    let events = events.map(|path| path.strip_prefix("schemas/").unwrap_or(path));
    for name in events.filter_map(|name| name.strip_suffix(".json")) {
        assert!(named(name), "nobody knows events/{name}.json");
    }
}

#[test]
fn nothing_tells_of_the_machine_that_it_was_made_on() {
    let homes = ["work", "root", "home", "Users"].map(|folder| format!("/{folder}/"));
    check("a path of somebody's machine", |file| {
        // A word before it makes it a part of another path, as in an URL.
        let is_home = |line: &str| {
            homes.iter().any(|home| {
                line.match_indices(home).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-}*".contains(c))
                })
            })
        };
        lines(&file.text, is_home)
    });
}

/// Whoever is woken looks here: every alarm and every code is there, and nothing that is no more.
#[test]
fn the_runbook_says_what_to_do_about_every_alarm_and_code() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("it is there");
    let (runbook, template) = (read("docs/runbook.md"), read("template.yaml"));
    let alarms = template.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("AlarmName: !Sub ${Deployment}-")?;
        let side =
            ["expose-database", "connect-vpc"].iter().find_map(|side| name.strip_prefix(side));
        Some(side.map_or(format!("trellis-{name}"), |kind| format!("trellis-SIDE{kind}")))
    });
    let alarms: BTreeSet<String> = alarms.collect();
    assert!(alarms.len() > 5, "{alarms:?}");
    let headings = runbook.lines().filter_map(|line| line.strip_prefix("### `"));
    let headings: BTreeSet<String> =
        headings.map(|rest| rest.trim_end_matches('`').to_owned()).collect();
    assert_eq!(headings, alarms);
    let codes = runbook.lines().filter_map(|line| line.strip_prefix("| `"));
    let codes: Vec<&str> = codes.filter_map(|line| line.split('`').next()).collect();
    let expected: Vec<String> = Code::all().map(|code| code.to_string()).collect();
    assert_eq!(codes, expected);
}
