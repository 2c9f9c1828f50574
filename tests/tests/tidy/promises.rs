//! What is promised is held by tests, which the promise names.

use std::collections::BTreeSet;

use tests::tree::{File, files};

/// The bullets under a heading `# Guarantees`, as they stand in the documentation of a file.
fn promises(file: &File) -> Vec<String> {
    let mut promises: Vec<String> = Vec::new();
    let mut is_within = false;
    for line in file.text.lines().map(str::trim_start) {
        let said = ["//! ", "/// "].iter().find_map(|mark| line.strip_prefix(mark));
        match said {
            Some("# Guarantees") => is_within = true,
            Some(said) if said.starts_with("# ") => is_within = false,
            Some(said) if is_within && said.starts_with("- ") => promises.push(said.to_owned()),
            Some(said) if is_within => match promises.last_mut() {
                Some(promise) => promise.push_str(said),
                None => promises.push(said.to_owned()),
            },
            None if !line.starts_with("//") => is_within = false,
            _ => {}
        }
    }
    promises
}

/// The names in backquotes that can be those of tests.
fn named(promise: &str) -> Vec<&str> {
    let words = promise.split('`').skip(1).step_by(2);
    words.filter(|word| word.matches('_').count() > 1 && !word.contains("::")).collect()
}

#[test]
fn every_guarantee_names_the_tests_that_hold_it() {
    let files = files();
    let tests: BTreeSet<&str> = files
        .iter()
        .flat_map(|file| file.text.split("fn ").skip(1))
        .filter_map(|rest| rest.split_once('(').map(|(name, _)| name))
        .collect();
    let mut count = 0;
    for file in files.iter().filter(|file| file.is_rust() && !file.is_test()) {
        for promise in promises(file) {
            count += 1;
            let held = named(&promise);
            assert!(!held.is_empty(), "{}: no test is named: {promise}", file.path);
            for name in held {
                assert!(tests.contains(name), "{}: there is no test {name}", file.path);
            }
        }
    }
    assert!(count > 20, "they are found: {count}");
}
