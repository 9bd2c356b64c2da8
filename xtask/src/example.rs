//! The example apps, and how one is started for a test.

use std::{
    env,
    fmt::Display,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use crate::run::{Failure, Program, say};

const READY: &str = "listening on ";

/// One of the example apps, which are the same app on three frameworks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Example {
    Axum,
    Actix,
    Rocket,
}

impl Example {
    pub(crate) const ALL: [Self; 3] = [Self::Axum, Self::Actix, Self::Rocket];

    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|example| example.name() == name);
        found.ok_or_else(|| Failure::new(format!("no example `{name}`: there are axum, actix and rocket")))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Actix => "actix",
            Self::Rocket => "rocket",
        }
    }

    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Axum => "example-axum",
            Self::Actix => "example-actix",
            Self::Rocket => "example-rocket",
        }
    }

    /// Starts the built program on a free port, with a sandbox of its own.
    pub(crate) fn start(self) -> Result<Running, Failure> {
        let broken = |how: &dyn Display| Failure::new(format!("cannot start {}: {how}", self.package()));
        // The program itself and not `cargo run`, which would leave it running when it is ended.
        let program = env::current_exe().map_err(|error| broken(&error))?.with_file_name(self.package());
        let mut command = Program::new(program)
            .env("PORT", "0")
            // The test must not reach a real account, whatever the developer's shell has set.
            .without_env("FLOWGLAD_SECRET_KEY")
            .without_env("FLOWGLAD_BASE_URL")
            .into_command();
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(|error| broken(&error))?;
        let output = process.stdout.take().map(BufReader::new);
        let mut running = Running { process, base_url: String::new() };
        let mut lines = output.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
        let ready = lines.find_map(|line| line.strip_prefix(READY).map(str::to_owned));
        running.base_url = ready.ok_or_else(|| broken(&"it ended before it listened"))?;
        // Keeps reading, so that the example never blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(|line| say(&line)));
        Ok(running)
    }
}

/// A running example. Ends with this value.
pub(crate) struct Running {
    process: Child,
    pub(crate) base_url: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
