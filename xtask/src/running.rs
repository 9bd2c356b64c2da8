//! A program of the workspace that listens until it is ended.

use std::{
    env,
    fmt::Display,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Stdio},
};

use crate::run::{Failure, Program, say};

const READY: &str = "listening on ";

/// A program that listens. Ends with this value.
pub(crate) struct Running {
    process: Child,
    pub(crate) base_url: String,
    /// What it says before it listens.
    said: Vec<String>,
}

impl Running {
    /// Starts a program that cargo has built, and waits until it says where it listens.
    pub(crate) fn start(name: &str, settings: impl FnOnce(Program) -> Program) -> Result<Self, Failure> {
        let broken = |how: &dyn Display| Failure::new(format!("cannot start {name}: {how}"));
        let mut command = settings(Program::new(built(name)?)).into_command();
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(|error| broken(&error))?;
        let output = process.stdout.take().map(BufReader::new);
        let mut running = Self { process, base_url: String::new(), said: Vec::new() };
        let mut lines = output.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
        running.base_url = loop {
            let line = lines.next().ok_or_else(|| broken(&"it ended before it listened"))?;
            match line.split_once(READY) {
                Some((_, base_url)) => break base_url.to_owned(),
                None => running.said.push(line),
            }
        };
        // Keeps reading, so that the program never blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(|line| say(&line)));
        Ok(running)
    }

    /// The address that it says after these words.
    pub(crate) fn said_after(&self, words: &str) -> Option<&str> {
        let after = self.said.iter().find_map(|line| line.split_once(words)).map(|(_, after)| after)?;
        after.split([' ', ',']).next()
    }
}

/// The program that cargo has built, and not `cargo run`, which would leave it running when it is ended.
pub(crate) fn built(name: &str) -> Result<PathBuf, Failure> {
    let beside = env::current_exe().map_err(|error| Failure::new(format!("cannot find {name}: {error}")))?;
    Ok(beside.with_file_name(name))
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
