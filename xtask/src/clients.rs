//! The sandbox, driven by the npm clients that apps use.

use crate::{
    run::{Failure, Program, cargo, say},
    running::Running,
    web,
};

pub(crate) const FOLDER: &str = "tests/e2e/clients";
const PACKAGE: &str = "flowglad-sandbox";
const API_KEY: &str = "sk_test_clients";

/// What is missing for the clients.
pub(crate) fn obstacle() -> Option<String> {
    web::obstacle()
}

/// Builds the sandbox, and plays every scenario and every method of the clients against it.
pub(crate) fn run() -> Result<(), Failure> {
    if let Some(obstacle) = obstacle() {
        return Err(Failure::new(obstacle));
    }
    web::npm(FOLDER, &["ci"]).run()?;
    cargo(["build", "--package", PACKAGE]).run()?;
    let sandbox = Running::start(PACKAGE, |program| program.args(["--port", "0", "--api-key", API_KEY]))?;
    say(&format!("{PACKAGE} listens on {}", sandbox.base_url));
    Program::new("node")
        .args([format!("{FOLDER}/clients.mjs")])
        .env("FLOWGLAD_BASE_URL", &sandbox.base_url)
        .env("FLOWGLAD_SECRET_KEY", API_KEY)
        .run()
}
