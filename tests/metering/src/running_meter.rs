//! A running metered program, as a process of its own.

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    time::Instant,
};

use crate::{Failure, call::Call, line::Line};

/// What a program is started with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The program itself.
    pub program: PathBuf,
    /// The base URL of Flowglad.
    pub base_url: String,
    /// The API key.
    pub api_key: String,
    /// The folder of the outbox.
    pub folder: PathBuf,
    /// More arguments.
    pub more: Vec<OsString>,
}

/// A running program. It is killed when this is dropped.
#[derive(Debug)]
pub struct RunningMeter {
    process: Child,
    lines: Receiver<Line>,
    errors: Receiver<String>,
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// The lines that were not taken before.
    pub lines: Vec<Line>,
    /// What it complained about.
    pub errors: String,
}

impl Start {
    /// Starts the program so that it makes calls until it is killed: first the ones to make again, then those of this run.
    ///
    /// # Errors
    /// If the program does not start.
    pub fn make_calls(&self, run: u32, again: &[Call]) -> Result<RunningMeter, Failure> {
        let again = again.iter().flat_map(|call| ["--again".into(), call.code().to_string().into()]);
        self.start(["--run".into(), run.to_string().into()].into_iter().chain(again))
    }

    /// Starts the program so that it sends what is pending, prints what is left, and ends.
    ///
    /// # Errors
    /// If the program does not start.
    pub fn send_all(&self) -> Result<RunningMeter, Failure> {
        self.start(["--send-all".into()])
    }

    /// Starts the program with further arguments.
    ///
    /// # Errors
    /// If the program does not start.
    pub fn start(&self, more: impl IntoIterator<Item = OsString>) -> Result<RunningMeter, Failure> {
        let mut command = Command::new(&self.program);
        command.arg("meter").args(["--base-url", &self.base_url, "--api-key", &self.api_key, "--folder"]);
        command
            .arg(&self.folder)
            .args(&self.more)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn()?;
        let (stdout, stderr) = (process.stdout.take().ok_or("no output")?, process.stderr.take().ok_or("no errors")?);
        let (send_line, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(stdout);
            let mut text = String::new();
            // A line without its end was cut off, and says nothing.
            while output.read_line(&mut text).is_ok_and(|bytes| bytes > 0) && text.ends_with('\n') {
                let line = text.trim_end().parse();
                // A line that cannot be read ends the reading; the program's silence is then found.
                if line.is_err() || line.is_ok_and(|line| send_line.send(line).is_err()) {
                    return;
                }
                text.clear();
            }
        });
        let (send_errors, errors) = mpsc::channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = BufReader::new(stderr).read_to_string(&mut text);
            send_errors.send(text)
        });
        Ok(RunningMeter { process, lines, errors })
    }
}

impl RunningMeter {
    /// The next line, if it comes before `deadline` and before the program ends.
    #[must_use]
    pub fn line_before(&self, deadline: Instant) -> Option<Line> {
        self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
    }

    /// Ends it as `kill -9` does, and returns what it printed before.
    ///
    /// # Errors
    /// If the process cannot be killed.
    pub fn kill(mut self) -> Result<Ended, Failure> {
        self.process.kill()?;
        self.end()
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub fn wait(mut self) -> Result<Ended, Failure> {
        self.end()
    }

    fn end(&mut self) -> Result<Ended, Failure> {
        let status = self.process.wait()?;
        // Both end with the process, which alone holds the other ends of the pipes.
        let lines = self.lines.iter().collect();
        let errors = self.errors.recv().unwrap_or_default();
        Ok(Ended { status, lines, errors })
    }
}

impl Drop for RunningMeter {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ended {
    /// Whether a signal ended it.
    #[must_use]
    pub fn was_killed(&self) -> bool {
        self.status.code().is_none()
    }
}

/// A new, empty folder below a temporary one. Removed when it is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a folder.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(below: &Path) -> Result<Self, Failure> {
        let folder = below.join(format!("usage-{}-{:x}", std::process::id(), fastrand::u64(..)));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
