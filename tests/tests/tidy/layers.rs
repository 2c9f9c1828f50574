//! The simulated AWS in layers: no service knows of those above it.

use tests::tree::{File, files};

/// From the ground up.
const LAYERS: [&str; 5] = ["kernel", "ec2", "rds", "lattice", "privatelink"];

/// What stands on all of them.
const ABOVE: [&str; 6] = ["world", "door", "reach", "truth", "two_vpcs", "awkward"];

/// The lines with which a file of the layer names something that is above it.
fn upward(layer: usize, file: &File) -> Vec<String> {
    let above = LAYERS[layer + 1..].iter().chain(&ABOVE);
    let names: Vec<String> = above.map(|name| format!("crate::{name}")).collect();
    let code = file.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines();
    code.filter(|line| !line.trim_start().starts_with("//"))
        .filter(|line| {
            names.iter().any(|name| line.contains(name)) || line.contains("use crate::{")
        })
        .map(|line| format!("{}: {line}", file.path))
        .collect()
}

#[test]
fn no_layer_of_the_simulated_aws_names_one_above_it() {
    let files = files();
    for (index, layer) in LAYERS.into_iter().enumerate() {
        let folder = format!("shared/sim/src/{layer}/");
        let code: Vec<&File> =
            files.iter().filter(|file| file.path.starts_with(&folder) && !file.is_test()).collect();
        assert!(code.len() > 3, "{folder} has files");
        let found: Vec<String> = code.iter().flat_map(|file| upward(index, file)).collect();
        assert!(found.is_empty(), "{found:#?}");
    }
}
