//! The example records of the API in `tests/spec/examples`, one of each kind.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/spec/examples")
}

/// The example of this name.
pub(crate) fn example(name: &str) -> Value {
    let file = folder().join(format!("{name}.json"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap()
}

/// The names of all examples of responses.
pub(crate) fn responses() -> BTreeSet<String> {
    let files = fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
    names
        .filter(|name| !name.ends_with("-request") && !name.starts_with("error-") && name != "webhook-delivery")
        .collect()
}
