//! The crates whose types are in the API of a published crate are on a list in its manifest.
//!
//! Such a crate cannot be updated or dropped without a new major version of ours. What the API shows is read from
//! rustdoc's JSON, which `src/bin/rustdoc-json.rs` makes a stable toolchain write.

use std::{collections::BTreeSet, env};

use serde_json::Value;

use super::{
    published::{self, Package},
    read,
};
use crate::run::{Failure, cargo, say};

const STANDARD_LIBRARY: [&str; 3] = ["alloc", "core", "std"];
const RUSTDOC: &str = "rustdoc-json";

pub(crate) fn check() -> Result<(), Failure> {
    cargo(["build", "--quiet", "--package", "xtask", "--bin", RUSTDOC]).run()?;
    let mut problems = Vec::new();
    for package in published::packages()? {
        let shown = crates_in_api(&document(&package.name)?);
        let names: Vec<&str> = shown.iter().map(String::as_str).collect();
        say(&format!("{}: {}", package.name, names.join(", ")));
        problems.extend(differences(&package, &shown));
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::new(problems.join("\n"))) }
}

fn differences(package: &Package, shown: &BTreeSet<String>) -> Vec<String> {
    let name = &package.name;
    let listed: BTreeSet<String> = package.public_dependencies.iter().cloned().collect();
    let unlisted = shown.difference(&listed).map(|dependency| {
        format!(
            "{name}: types of `{dependency}` are in the API, but it is not in `public-dependencies` of its manifest"
        )
    });
    let unused = listed.difference(shown).map(|dependency| {
        format!("{name}: `{dependency}` is in `public-dependencies` of its manifest, but no type of it is in the API")
    });
    unlisted.chain(unused).collect()
}

/// rustdoc's JSON about a crate with all its features.
fn document(package: &str) -> Result<Value, Failure> {
    let target = published::target_directory()?;
    let rustdoc = env::current_exe().map_err(|error| Failure::new(format!("cannot find {RUSTDOC}: {error}")))?;
    cargo(["rustdoc", "--quiet", "--package", package, "--lib", "--all-features", "--"])
        .args(["-Zunstable-options", "--output-format", "json"])
        .env("RUSTDOC", rustdoc.with_file_name(RUSTDOC))
        .run()?;
    let file = target.join("doc").join(format!("{}.json", package.replace('-', "_")));
    serde_json::from_str(&read(&file)?)
        .map_err(|error| Failure::new(format!("{} is not JSON: {error}", file.display())))
}

/// The crates, other than the standard library and the crate itself, that items of the API refer to.
fn crates_in_api(document: &Value) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for item in document["index"].as_object().into_iter().flatten().map(|(_, item)| item) {
        // The index also has what implementations for all types bring along: items of other crates.
        if item["crate_id"] == 0 && !is_automatic(item) {
            collect_ids(&item["inner"], &mut ids);
        }
    }
    let crate_ids = ids.iter().filter_map(|id| document["paths"][id]["crate_id"].as_u64()).filter(|id| *id != 0);
    let names = crate_ids.filter_map(|id| document["external_crates"][id.to_string()]["name"].as_str());
    names.filter(|name| !STANDARD_LIBRARY.contains(name)).map(str::to_owned).collect()
}

/// Automatic traits and blanket implementations say nothing about the crate.
fn is_automatic(item: &Value) -> bool {
    let implementation = &item["inner"]["impl"];
    implementation["is_synthetic"] == true || !implementation["blanket_impl"].is_null()
}

/// Whatever is referred to has an `id` beside its path or, in a re-export, beside its source.
fn collect_ids(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(id) = fields.get("id").filter(|_| fields.contains_key("path") || fields.contains_key("source"))
            {
                ids.insert(id.to_string());
            }
            fields.values().for_each(|inner| collect_ids(inner, ids));
        }
        Value::Array(entries) => entries.iter().for_each(|inner| collect_ids(inner, ids)),
        _ => {}
    }
}
