//! The committed inputs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::target::Target;

/// The inputs of a target, in the order of their names.
#[must_use]
pub fn read(target: Target) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap());
    files.into_iter().map(read).collect()
}

/// Adds an input that broke a rule, and returns where it is.
#[must_use]
pub fn add(target: Target, input: &[u8]) -> PathBuf {
    let path = folder(target).join(format!("found-{:016x}", fastrand::u64(..)));
    fs::write(&path, input).unwrap();
    path
}

fn folder(target: Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name())
}
