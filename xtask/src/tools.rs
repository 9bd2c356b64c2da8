//! The programs that checks and tests need beside cargo.

use crate::run::{Failure, Program, has};

/// Names and versions, one tool a line. `.ci/run` installs them from this file.
const TOOLS: &str = include_str!("../../.ci/tools");

/// Fails, and says how the tool is installed, if `cargo <name>` is not there.
pub(crate) fn require(name: &str) -> Result<(), Failure> {
    let program = format!("cargo-{name}");
    if has(Program::new(&program).args([name, "--version"])) {
        return Ok(());
    }
    let version = TOOLS.lines().find_map(|line| line.strip_prefix(&program)).unwrap_or_default().trim();
    Err(Failure::new(format!(
        "{program} is not installed: run `cargo install --locked {program} --version {version}` and try again"
    )))
}
