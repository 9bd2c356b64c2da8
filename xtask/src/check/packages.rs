//! Every published crate builds from its own package.
//!
//! `cargo package` could build them too, but with what it unpacked of a crate of the same version before. So the packages
//! are unpacked here, side by side, into a workspace in which they find each other.

use std::{fmt::Write as _, fs, io, path::Path};

use super::published::{self, Package};
use crate::run::{Failure, Program, cargo, workspace};

/// The profile is the workspace's, so that what is built already can be used.
const MANIFEST: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n\n\
    [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.\"*\"]\ndebug = false\n\n[patch.crates-io]\n";

pub(crate) fn check() -> Result<(), Failure> {
    let packages = published::packages()?;
    let names = packages.iter().flat_map(|package| ["--package", &package.name]);
    cargo(["package", "--allow-dirty", "--no-verify"].into_iter().chain(names)).run()?;
    let target = published::target_directory()?;
    let folder = target.join("unpacked");
    unpack(&packages, &target.join("package"), &folder)?;
    cargo(["check", "--workspace", "--all-features", "--manifest-path"])
        .args([folder.join("Cargo.toml")])
        .env("CARGO_TARGET_DIR", &target)
        .run()
}

fn unpack(packages: &[Package], from: &Path, into: &Path) -> Result<(), Failure> {
    if into.exists() {
        fs::remove_dir_all(into).map_err(|error| failure(into, &error))?;
    }
    fs::create_dir_all(into).map_err(|error| failure(into, &error))?;
    let mut manifest = MANIFEST.to_owned();
    for Package { name, version, .. } in packages {
        let archive = from.join(format!("{name}-{version}.crate"));
        Program::new("tar").args(["-xzf"]).args([&archive]).args(["-C"]).args([into]).run()?;
        writeln!(manifest, "{name} = {{ path = \"{name}-{version}\" }}").expect("a string takes all that is written");
    }
    write(&into.join("Cargo.toml"), &manifest)?;
    // The same versions of all dependencies as in the workspace.
    let lock = into.join("Cargo.lock");
    fs::copy(workspace().join("Cargo.lock"), &lock).map(drop).map_err(|error| failure(&lock, &error))
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|error| failure(file, &error))
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
}
