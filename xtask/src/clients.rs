//! The sandbox, driven by the npm clients that apps use.

use crate::{
    run::{Failure, Program, cargo, say},
    running::Running,
    web,
};

pub(crate) const FOLDER: &str = "tests/e2e/clients";
/// The sign-in packages, which judge the session cookies that core's tests replay.
const AUTH_FOLDER: &str = "tests/auth";
const PACKAGE: &str = "flowglad-sandbox";
const API_KEY: &str = "sk_test_clients";
const RECEIVER: &str = "flowglad-webhooks";
const WEBHOOK_SECRET: &str = "whsec_Y2xpZW50cy1zZWNyZXQtMjQtYnl0ZXMh";

/// What is missing for the clients.
pub(crate) fn obstacle() -> Option<String> {
    web::obstacle()
}

/// Builds the sandbox and a receiver of webhooks, plays every scenario and every method of the clients against the one, and
/// sends deliveries that the clients sign to the other.
pub(crate) fn run() -> Result<(), Failure> {
    if let Some(obstacle) = obstacle() {
        return Err(Failure::new(obstacle));
    }
    web::npm(FOLDER, &["ci"]).run()?;
    web::npm(AUTH_FOLDER, &["ci"]).run()?;
    web::npm(AUTH_FOLDER, &["test"]).run()?;
    cargo(["build", "--package", PACKAGE, "--package", RECEIVER]).run()?;
    let sandbox = Running::start(PACKAGE, |program| program.args(["--port", "0", "--api-key", API_KEY]))?;
    say(&format!("{PACKAGE} listens on {}", sandbox.base_url));
    let receiver =
        Running::start(RECEIVER, |program| program.args(["--database", ":memory:", "--secret", WEBHOOK_SECRET]))?;
    Program::new("node")
        .args([format!("{FOLDER}/clients.mjs")])
        .env("FLOWGLAD_BASE_URL", &sandbox.base_url)
        .env("FLOWGLAD_SECRET_KEY", API_KEY)
        .env("FLOWGLAD_WEBHOOK_URL", format!("{}/webhooks", receiver.base_url))
        .env("FLOWGLAD_WEBHOOK_SECRET", WEBHOOK_SECRET)
        .run()
}
