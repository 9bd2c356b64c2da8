//! The crates of the workspace that are published.

use std::path::PathBuf;

use serde_json::Value;

use crate::run::{Failure, cargo};

/// One published crate.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Crates whose types may be in its API, from `package.metadata.public-dependencies` of its manifest.
    pub(crate) public_dependencies: Vec<String>,
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
        let listed = package["metadata"]["public-dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            version: package["version"].as_str().unwrap_or_default().to_owned(),
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            public_dependencies: listed.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect(),
        }
    }
}
