//! The published crates compile with each feature alone, with none, and with all together.
//!
//! A feature that only passes on those of another published crate is compiled there, not a second time.

use super::{
    published::{self, Package},
    read, source_files,
};
use crate::{
    run::{Failure, cargo},
    tools,
};

pub(crate) fn check() -> Result<(), Failure> {
    tools::require("hack")?;
    let packages = published::packages()?;
    let names: Vec<&str> = packages.iter().map(|package| &*package.name).collect();
    compile(&names, &["--all-features"])?;
    packages.iter().try_for_each(|package| {
        let passed_on = passed_on(package, &sources(package)?, &names).join(",");
        compile(&[&package.name], &["--each-feature", "--exclude-all-features", "--exclude-features", &passed_on])
    })
}

fn compile(packages: &[&str], features: &[&str]) -> Result<(), Failure> {
    let packages = packages.iter().flat_map(|name| ["--package", name]);
    cargo(["hack", "check", "--no-dev-deps"].into_iter().chain(packages)).args(features).run()
}

/// The features that change nothing in the package itself: its sources do not name them, and they bring in no dependency.
fn passed_on<'a>(package: &'a Package, sources: &str, published: &[&str]) -> Vec<&'a str> {
    let is_of_another = |enabled: &String| enabled.contains('/');
    let brings_nothing_in = |enabled: &String| match enabled.split_once('/') {
        Some((name, _)) => published.contains(&name),
        None => package.features.contains_key(enabled),
    };
    let is_passed_on = |name: &str, enabled: &[String]| {
        enabled.iter().any(is_of_another)
            && enabled.iter().all(brings_nothing_in)
            && !sources.contains(&format!("feature = \"{name}\""))
    };
    let features = package.features.iter().filter(|(name, enabled)| is_passed_on(name, enabled));
    features.map(|(name, _)| &**name).collect()
}

fn sources(package: &Package) -> Result<String, Failure> {
    let files = source_files(&package.folder.join("src"), &["rs"])?;
    files.iter().map(|file| read(file)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Package, passed_on};

    #[test]
    fn a_feature_is_left_out_if_nothing_of_the_package_depends_on_it() {
        let feature =
            |name: &str, enabled: &[&str]| (name.to_owned(), enabled.iter().map(ToString::to_string).collect());
        let package = Package {
            features: [
                feature("auth", &["core/auth"]),
                feature("auth-clerk", &["auth", "core/auth-clerk"]),
                feature("default", &["auth"]),
                feature("recorder", &["core/recorder", "dep:http-body"]),
                feature("tls", &["reqwest/rustls"]),
            ]
            .into(),
            ..Package::default()
        };

        assert_eq!(passed_on(&package, "#[cfg(feature = \"auth\")]", &["core"]), ["auth-clerk"]);
    }
}
