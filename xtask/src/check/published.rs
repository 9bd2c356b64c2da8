//! The crates of the workspace that are published.

use serde_json::Value;

use crate::run::{Failure, cargo};

/// One published crate.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Crates whose types may be in its API, from `package.metadata.public-dependencies` of its manifest.
    pub(crate) public_dependencies: Vec<String>,
}

pub(crate) fn packages() -> Result<Vec<Package>, Failure> {
    let metadata = cargo(["metadata", "--format-version", "1", "--no-deps"]).output()?;
    let metadata: Value = serde_json::from_str(&metadata)
        .map_err(|error| Failure::new(format!("`cargo metadata` did not print JSON: {error}")))?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(packages.iter().filter(|package| package["publish"].is_null()).map(Package::read).collect())
}

impl Package {
    fn read(package: &Value) -> Self {
        let listed = package["metadata"]["public-dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            public_dependencies: listed.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect(),
        }
    }
}
