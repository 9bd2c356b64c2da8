//! The browser test: a real page in a real browser against the real example, all on free ports.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use crate::{
    chromium,
    run::{Failure, Program, cargo, say, workspace},
    web,
};

const SCREENSHOTS: &str = "target/e2e/axum";
const EXAMPLE: &str = "example-axum";
const READY: &str = "listening on ";

/// What is missing for the browser test.
pub(crate) fn obstacle() -> Option<String> {
    let no_browser = || "Chromium was not found: install it, or name it in CHROMIUM".to_owned();
    web::obstacle().or_else(|| chromium::find().is_none().then(no_browser))
}

/// Builds the page and the example, starts the example with its own sandbox, and lets the browser test loose on it.
pub(crate) fn run() -> Result<(), Failure> {
    if let Some(obstacle) = obstacle() {
        return Err(Failure::new(obstacle));
    }
    let chromium = chromium::find().unwrap_or_default();
    web::build()?;
    web::npm("e2e", &["ci"]).run()?;
    cargo(["build", "--package", EXAMPLE]).run()?;

    let example = Example::start()?;
    say(&format!("{EXAMPLE} listens on {}", example.base_url));
    Program::new("node")
        .args(["e2e/main-job.mjs"])
        .env("BASE_URL", &example.base_url)
        .env("CHROMIUM", chromium)
        .env("SCREENSHOTS", workspace().join(SCREENSHOTS))
        .run()
}

/// A running example. Ends with this value.
struct Example {
    process: Child,
    base_url: String,
}

impl Example {
    fn start() -> Result<Self, Failure> {
        let broken = |how: &dyn std::fmt::Display| Failure::new(format!("cannot start {EXAMPLE}: {how}"));
        // The program itself and not `cargo run`, which would leave it running when it is ended.
        let program = env::current_exe().map_err(|error| broken(&error))?.with_file_name(EXAMPLE);
        let mut command = Program::new(program)
            .env("PORT", "0")
            // The test must not reach a real account, whatever the developer's shell has set.
            .without_env("FLOWGLAD_SECRET_KEY")
            .without_env("FLOWGLAD_BASE_URL")
            .into_command();
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(|error| broken(&error))?;
        let output = process.stdout.take().map(BufReader::new);
        let mut example = Self { process, base_url: String::new() };
        let mut lines = output.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
        let ready = lines.find_map(|line| line.strip_prefix(READY).map(str::to_owned));
        example.base_url = ready.ok_or_else(|| broken(&"it ended before it listened"))?;
        // Keeps reading, so that the example never blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(|line| say(&line)));
        Ok(example)
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
