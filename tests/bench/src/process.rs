//! A server in a process of its own, and what the system says it used.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use crate::Failure;

const READY: &str = "listening on http://";

/// Clock ticks per second in `/proc/PID/stat`, which Linux has fixed.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server. It is ended when this value is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) name: String,
    pub(crate) address: String,
}

impl Server {
    /// Starts a server and waits until it prints its address.
    pub(crate) fn start(name: &str, mut command: Command) -> Result<Self, Failure> {
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{name}: {error}"))?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut server = Self { process, name: name.to_owned(), address: String::new() };
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.split_once(READY).map(|(_, address)| address.to_owned()));
        server.address = address.ok_or_else(|| format!("{name} ended before it listened"))?;
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    /// The processor time that the server used so far, in seconds.
    pub(crate) fn cpu_seconds(&self) -> Result<f64, Failure> {
        cpu_seconds(self.process.id())
    }

    /// The memory that the server has now, in MiB.
    pub(crate) fn memory(&self) -> Result<f64, Failure> {
        resident_memory(self.process.id())
    }
}

/// The processor time that a process used so far, in seconds.
pub(crate) fn cpu_seconds(process: u32) -> Result<f64, Failure> {
    let stat = proc_file(process, "stat")?;
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
    let fields = stat.rsplit_once(')').ok_or("no stat")?.1.split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS_PER_SECOND)
}

/// The memory that a process has now, in MiB.
pub(crate) fn resident_memory(process: u32) -> Result<f64, Failure> {
    let status = proc_file(process, "status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

fn proc_file(process: u32, name: &str) -> Result<String, Failure> {
    Ok(fs::read_to_string(format!("/proc/{process}/{name}"))?)
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
