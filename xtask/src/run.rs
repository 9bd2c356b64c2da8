//! Starts other programs, and reports what went wrong with them.

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

    /// Runs to the end, in view. The command is shown beside its output, so that the output can be piped.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        complain(&format!("$ {}", self.line()));
        let status = self.0.status().map_err(|error| self.failed(&error.to_string()))?;
        if status.success() { Ok(()) } else { Err(self.failed(&status.to_string())) }
    }

    /// Runs to the end beside others: what it prints is shown in one piece.
    pub(crate) fn run_beside_others(mut self) -> Result<(), Failure> {
        let output = self.0.output().map_err(|error| self.failed(&error.to_string()))?;
        let printed = [output.stdout, output.stderr].concat();
        say(&format!("$ {}\n{}", self.line(), String::from_utf8_lossy(&printed).trim_end()));
        if output.status.success() { Ok(()) } else { Err(self.failed(&output.status.to_string())) }
    }

    /// Runs to the end, out of view, and returns what it prints.
    pub(crate) fn output(mut self) -> Result<String, Failure> {
        let output = self.0.stderr(Stdio::inherit()).output().map_err(|error| self.failed(&error.to_string()))?;
        if !output.status.success() {
            return Err(self.failed(&output.status.to_string()));
        }
        String::from_utf8(output.stdout).map_err(|error| self.failed(&error.to_string()))
    }

    /// Runs in place of this program, so that what ends this one ends that one. Returns only if it cannot be started.
    #[cfg(unix)]
    pub(crate) fn replace_this(mut self) -> Result<(), Failure> {
        use std::os::unix::process::CommandExt as _;

        let error = self.0.exec();
        Err(self.failed(&error.to_string()))
    }

    #[cfg(not(unix))]
    pub(crate) fn replace_this(self) -> Result<(), Failure> {
        self.run()
    }

    pub(crate) fn into_command(self) -> Command {
        self.0
    }

    fn failed(&self, how: &str) -> Failure {
        Failure::new(format!("`{}` failed: {how}", self.line()))
    }

    /// The command as a person would type it.
    fn line(&self) -> String {
        let name = Path::new(self.0.get_program()).file_stem().unwrap_or(self.0.get_program()).to_string_lossy();
        let settings = self.0.get_envs().filter_map(|(name, value)| {
            Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy())))
        });
        let arguments = self.0.get_args().map(|argument| quoted(&argument.to_string_lossy()));
        settings.chain([name.into_owned()]).chain(arguments).collect::<Vec<_>>().join(" ")
    }
}

/// A word that a shell would take apart is put in quotes.
fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=,@+".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_owned() } else { format!("'{word}'") }
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

#[expect(clippy::print_stdout, reason = "what a verb prints")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}
