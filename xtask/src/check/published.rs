//! The crates of the workspace that are published.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;

use crate::run::{Failure, cargo};

/// One published crate.
#[derive(Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Crates whose types may be in its API, from `package.metadata.public-dependencies` of its manifest.
    pub(crate) public_dependencies: Vec<String>,
    pub(crate) folder: PathBuf,
    /// Each feature, with what it enables.
    pub(crate) features: BTreeMap<String, Vec<String>>,
}

pub(crate) fn packages() -> Result<Vec<Package>, Failure> {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(packages.iter().filter(|package| package["publish"].is_null()).map(Package::read).collect())
}

pub(crate) fn target_directory() -> Result<PathBuf, Failure> {
    let metadata = metadata()?;
    let directory = metadata["target_directory"].as_str();
    directory.map(PathBuf::from).ok_or_else(|| Failure::new("`cargo metadata` names no target directory"))
}

fn metadata() -> Result<Value, Failure> {
    let metadata = cargo(["metadata", "--format-version", "1", "--no-deps"]).output()?;
    serde_json::from_str(&metadata)
        .map_err(|error| Failure::new(format!("`cargo metadata` did not print JSON: {error}")))
}

impl Package {
    fn read(package: &Value) -> Self {
        let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap_or_default());
        let features = package["features"].as_object().into_iter().flatten();
        Self {
            version: package["version"].as_str().unwrap_or_default().to_owned(),
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            public_dependencies: texts(&package["metadata"]["public-dependencies"]),
            folder: manifest.parent().map(PathBuf::from).unwrap_or_default(),
            features: features.map(|(name, enabled)| (name.clone(), texts(enabled))).collect(),
        }
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
}
