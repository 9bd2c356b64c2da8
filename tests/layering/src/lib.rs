//! Checks that the modules of a crate import each other in one direction only. For tests: it reads source files.
//!
//! ```no_run
//! let src = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
//! layering::check(src, &[("records", &["records"]), ("rules", &["rules", "clock"]), ("http", &["http"])]).unwrap();
//! assert!(layering::circles(src).is_empty());
//! ```

#![forbid(unsafe_code)]

mod crate_files;
mod imports;

use std::{collections::BTreeSet, path::Path};

use petgraph::{algo::tarjan_scc, graphmap::DiGraphMap};

use crate_files::{CrateFiles, Import};

/// Checks every import of a crate against its layers, lowest layer first.
///
/// A layer has a name and the top-level modules in it, named by folder or by file stem. A module may import from its own
/// layer and from lower ones. `lib.rs` and `main.rs` may import everything, and nothing may import from them: an item
/// that they re-export is imported from the module that defines it. Modules under `#[cfg(test)]` are not checked.
///
/// # Errors
/// One line for each wrong import, for each top-level module without a layer, and for each listed module without a file.
///
/// # Panics
/// If a source file cannot be read or parsed.
pub fn check(src_dir: impl AsRef<Path>, layers: &[(&str, &[&str])]) -> Result<(), Vec<String>> {
    let files = CrateFiles::read(src_dir.as_ref());
    let mut problems = layers_match_files(&files, layers);
    problems.extend(files.imports().iter().filter_map(|import| wrong_direction(import, layers)));
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The groups of files that import each other in a circle, each sorted by name. Empty if there is no circle.
///
/// An import through a re-export counts as an import of the file that defines the item.
///
/// # Panics
/// If a source file cannot be read or parsed.
pub fn circles(src_dir: impl AsRef<Path>) -> Vec<Vec<String>> {
    let files = CrateFiles::read(src_dir.as_ref());
    let imports = files.imports();
    let mut graph = DiGraphMap::<&str, ()>::new();
    for import in imports.iter().filter(|import| !import.target.is_empty() && import.from_file != import.target_file) {
        graph.add_edge(&import.from_file, &import.target_file, ());
    }
    let mut circles: Vec<Vec<String>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|group| group.len() > 1)
        .map(|group| group.into_iter().map(str::to_owned).collect())
        .collect();
    for group in &mut circles {
        group.sort();
    }
    circles.sort();
    circles
}

fn layers_match_files(files: &CrateFiles, layers: &[(&str, &[&str])]) -> Vec<String> {
    let present = files.top_level_modules();
    let listed: BTreeSet<&str> = layers.iter().flat_map(|(_, modules)| modules.iter().copied()).collect();
    let without_layer = present.difference(&listed).map(|module| format!("module `{module}` is in no layer"));
    let without_file = listed.difference(&present).map(|module| format!("module `{module}` of a layer has no file"));
    without_layer.chain(without_file).collect()
}

fn wrong_direction(import: &Import, layers: &[(&str, &[&str])]) -> Option<String> {
    let Import { from_file, line, path, from, target, .. } = import;
    if target.is_empty() {
        return Some(format!("{from_file}:{line} imports `{path}` from the crate root, not from its defining module"));
    }
    let position = |module: &str| layers.iter().position(|(_, modules)| modules.contains(&module));
    let (from, target) = (position(from)?, position(target)?);
    (from < target).then(|| {
        let (from, target) = (layers[from].0, layers[target].0);
        format!("{from_file}:{line} imports `{path}`: layer `{from}` is below layer `{target}`")
    })
}
