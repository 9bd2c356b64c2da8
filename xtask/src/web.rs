//! The React page of the examples.

use crate::run::{Failure, Program, has};

const NODE_MAJOR: u32 = 20;

/// Installs the page's packages and builds it into `examples/web/dist`.
pub(crate) fn build() -> Result<(), Failure> {
    if let Some(obstacle) = obstacle() {
        return Err(Failure::new(obstacle));
    }
    npm("examples/web", &["ci"]).run()?;
    npm("examples/web", &["run", "build"]).run()
}

/// What is missing for building the page, and what to do about it.
pub(crate) fn obstacle() -> Option<String> {
    let missing = ["node", "npm"].into_iter().find(|program| !has(Program::new(program).args(["--version"])))?;
    Some(format!("`{missing}` was not found: install Node.js {NODE_MAJOR} or newer, which brings npm, and try again"))
}

pub(crate) fn npm(folder: &str, arguments: &[&str]) -> Program {
    let quiet = ["--no-audit", "--no-fund", "--prefix", folder];
    Program::new("npm").args(quiet).args(arguments)
}
