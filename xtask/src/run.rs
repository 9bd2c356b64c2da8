//! Starts other programs, and tells what went wrong with them.

use std::{
    env,
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Why a verb did not succeed, for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self(error.to_string())
    }
}

/// A program to run in the workspace's folder.
pub(crate) struct Program(Command);

impl Program {
    pub(crate) fn new(name: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(name);
        command.current_dir(workspace());
        Self(command)
    }

    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    /// Runs to the end, in view. What is run is told beside its output, so that the output can be piped.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        complain(&format!("$ {}", self.line()));
        let status = self.0.status().map_err(|error| self.failed(&error.to_string()))?;
        if status.success() { Ok(()) } else { Err(self.failed(&status.to_string())) }
    }

    pub(crate) fn into_command(self) -> Command {
        self.0
    }

    fn failed(&self, how: &str) -> Failure {
        Failure::new(format!("`{}` failed: {how}", self.line()))
    }

    fn line(&self) -> String {
        let words = std::iter::once(self.0.get_program()).chain(self.0.get_args());
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }
}

pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Program {
    Program::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).args(arguments)
}

/// Whether a program is there and works, out of view.
pub(crate) fn has(program: Program) -> bool {
    let mut command = program.into_command();
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

#[expect(clippy::print_stdout, reason = "what a verb has to tell")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}
