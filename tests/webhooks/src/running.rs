//! A running receiver, as a process of its own.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use crate::{Failure, point::Point};

/// A program that prints nothing for so long is taken to hang.
const SILENCE: Duration = Duration::from_secs(30);

/// What a program is started with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The program itself.
    pub program: PathBuf,
    /// The file of its database.
    pub database: PathBuf,
    /// The secret of its webhook.
    pub secret: String,
    /// Where it listens, also when it is started again.
    pub listen: SocketAddr,
    /// Where it stops.
    pub stop_at: Option<Point>,
    /// How many events fail at first.
    pub failures: u32,
    /// Whether it marks a delivery as handled after its effect, and not together with it.
    pub marks_later: bool,
}

/// A running program. It is killed when this is dropped.
#[derive(Debug)]
pub struct RunningReceiver {
    process: Child,
    lines: Receiver<String>,
    address: SocketAddr,
}

impl Start {
    /// Starts the program, and waits until it listens.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(&self) -> Result<RunningReceiver, Failure> {
        let mut command = Command::new(&self.program);
        command.args(["--secret", &self.secret, "--failures", &self.failures.to_string(), "--database"]);
        command.arg(&self.database).args(["--listen", &self.listen.to_string()]);
        if let Some(point) = self.stop_at {
            command.args(["--stop-at", &point.to_string()]);
        }
        if self.marks_later {
            command.arg("--marks-later");
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            // It ends with the process, or with the test.
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        let mut running = RunningReceiver { process, lines, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        running.address =
            running.line()?.strip_prefix("listening on http://").ok_or("it printed no address")?.parse()?;
        Ok(running)
    }
}

impl RunningReceiver {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of its webhook.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/webhooks", self.address)
    }

    /// Waits until it stops at its point, and returns the delivery's key.
    ///
    /// # Errors
    /// If it ends or hangs.
    pub fn stopped(&self) -> Result<String, Failure> {
        let line = self.line()?;
        let (_, delivery) = line.split_once(' ').ok_or("it printed no point")?;
        Ok(delivery.to_owned())
    }

    /// Whether it has stopped at its point since this was asked last.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.lines.try_recv().is_ok()
    }

    /// Lets it go on from its point.
    ///
    /// # Errors
    /// If it has ended.
    pub fn go_on(&mut self) -> Result<(), Failure> {
        let input = self.process.stdin.as_mut().ok_or("no input")?;
        input.write_all(b"\n")?;
        Ok(input.flush()?)
    }

    /// Ends it as `kill -9` does.
    ///
    /// # Errors
    /// If it had ended by itself.
    pub fn kill(mut self) -> Result<(), Failure> {
        self.process.kill()?;
        let status = self.process.wait()?;
        if status.code().is_some() { Err(format!("it ended by itself with {status}").into()) } else { Ok(()) }
    }

    fn line(&self) -> Result<String, Failure> {
        Ok(self.lines.recv_timeout(SILENCE).map_err(|_| "the program ended or printed nothing")?)
    }
}

impl Drop for RunningReceiver {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
