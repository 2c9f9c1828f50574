//! The stories under `stories/`, each of them replayed: what they tell is what happens.
//!
//! `EXPECTORATE=overwrite cargo test --workspace --test stories` accepts what happens now, to be
//! reviewed in `git diff`.

use std::path::Path;

fn tells(path: &Path) -> datatest_stable::Result<()> {
    let text = std::fs::read_to_string(path)?;
    expectorate::assert_contents(path, &tests::story::replay(&text));
    Ok(())
}

datatest_stable::harness! {
    { test = tells, root = "stories", pattern = r"\.txt$" },
}
