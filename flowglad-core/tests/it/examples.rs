//! The example records of the API.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/spec/examples")
}

/// Reads the example with this name. Prints a note and returns `None` if it is missing.
pub(crate) fn example(name: &str) -> Option<Value> {
    let Ok(text) = fs::read_to_string(folder().join(format!("{name}.json"))) else {
        eprintln!("skipped: no example {name} beside this repository");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// The names of all examples of responses.
pub(crate) fn replies() -> BTreeSet<String> {
    let Ok(files) = fs::read_dir(folder()) else {
        eprintln!("skipped: no examples beside this repository");
        return BTreeSet::new();
    };
    let names = files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
    names
        .filter(|name| !name.ends_with("-request") && !name.starts_with("error-") && name != "webhook-delivery")
        .collect()
}
