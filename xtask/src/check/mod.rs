//! What must hold before a test is run: format, lints, features, licences, documentation, adapters and packages.
//!
//! Every check runs, so that one run shows all that is wrong. The order of layers is held by tests.

mod adapters;
mod code_blocks;
mod features;
mod packages;
mod public_dependencies;
mod published;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    run::{Failure, cargo, complain, say},
    tools,
};

type Check = fn() -> Result<(), Failure>;

const CHECKS: [(&str, Check); 8] = [
    ("format", format),
    ("adapters", adapters::check),
    ("code blocks", code_blocks::check),
    ("licences, bans and sources", licences),
    ("lints", lints),
    ("features", features::check),
    ("public dependencies", public_dependencies::check),
    ("packages", packages::check),
];

/// Runs every check, and fails with the names of those that failed.
pub(crate) fn run() -> Result<(), Failure> {
    let mut failed = Vec::new();
    let mut summary = Vec::new();
    for (name, check) in CHECKS {
        complain(&format!("== {name}"));
        let started = Instant::now();
        let result = check();
        let seconds = started.elapsed().as_secs();
        match result {
            Ok(()) => summary.push(format!("check {name}: ok ({seconds} s)")),
            Err(failure) => {
                complain(&failure.to_string());
                summary.push(format!("check {name}: FAILED ({seconds} s)"));
                failed.push(name);
            }
        }
    }
    for line in summary {
        say(&line);
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

fn format() -> Result<(), Failure> {
    cargo(["fmt", "--all", "--check"]).run()
}

fn lints() -> Result<(), Failure> {
    cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()
}

/// Advisories are left out: their database would have to be downloaded. Warnings too: they only list crates that are there in
/// two versions.
fn licences() -> Result<(), Failure> {
    tools::require("deny")?;
    cargo(["deny", "--log-level", "error", "check", "bans", "licenses", "sources"]).run()
}

/// All files with one of these extensions in a folder, those that git would not track left out.
fn source_files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let problem = |error: io::Error| Failure::new(format!("cannot read {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(problem)? {
        let path = entry.map_err(problem)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !["node_modules", "target", "dist"].contains(&&*name) {
            files.extend(source_files(&path, extensions)?);
        }
        if path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)) {
            files.push(path);
        }
    }
    Ok(files)
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display())))
}
