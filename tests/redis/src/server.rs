//! The program, once: its command line, its start, and its end.

use std::{env, ffi::OsString, fs, io, path::Path, process::Stdio, time::Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::{Failure, settings::RedisBuilder};

const LOG: &str = "redis.log";
/// The same server by two names, in the order in which they are tried.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];

/// Where a server listens, and keeps its files.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) port: u16,
    /// Of the cluster's own connections.
    pub(crate) bus_port: u16,
    pub(crate) folder: &'a Path,
}

/// A running program.
#[derive(Debug)]
pub(crate) struct Server(Child);

impl Server {
    pub(crate) fn spawn(settings: &RedisBuilder, place: Place<'_>) -> Result<Self, Failure> {
        for program in programs(settings) {
            match command(&program, settings, place).spawn() {
                Ok(process) => return Ok(Self(process)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        let names = programs(settings).join(" and ".as_ref());
        Err(format!(
            "{} cannot be found, and a real Redis is needed here: install it (Debian, Ubuntu: `apt-get install redis-server`; \
             macOS: `brew install redis`), or name a Redis 7 or Valkey 8 server in REDIS_SERVER",
            names.display()
        )
        .into())
    }

    /// Fails, with the end of the server's log, if it has ended.
    pub(crate) fn ensure_running(&mut self, folder: &Path) -> Result<(), Failure> {
        let Some(status) = self.0.try_wait()? else { return Ok(()) };
        let log = fs::read_to_string(folder.join(LOG)).unwrap_or_default();
        let end: Vec<&str> = log.lines().rev().take(5).collect();
        Err(format!("the Redis server ended with {status}; its last lines, newest first: {end:#?}").into())
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Failure> {
        let pid = self.0.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)).ok_or("the Redis server has ended")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Ends it as `kill -9` does.
    pub(crate) async fn kill(mut self) -> Result<(), Failure> {
        Ok(self.0.kill().await?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already. Its folder is removed next, so it must write no more.
        let _ = self.0.start_kill();
        let started = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && started.elapsed().as_secs() < 5 {
            std::thread::yield_now();
        }
    }
}

fn programs(settings: &RedisBuilder) -> Vec<OsString> {
    let named = settings.program.as_ref().map(OsString::from).or_else(|| env::var_os("REDIS_SERVER"));
    named.map_or_else(|| PROGRAMS.map(OsString::from).into(), |program| vec![program])
}

fn command(program: &OsString, settings: &RedisBuilder, place: Place<'_>) -> Command {
    let mut command = Command::new(program);
    command.args(["--bind", "127.0.0.1", "--port", &place.port.to_string()]);
    command.arg("--dir").arg(place.folder).args(["--logfile", LOG]);
    // What is not asked for neither writes nor waits.
    command.args(["--save", "", "--repl-diskless-sync-delay", "0"]);
    // Tests stop the server with it.
    command.args(["--enable-debug-command", "local"]);
    if settings.is_cluster {
        command.args(["--cluster-port", &place.bus_port.to_string()]);
    }
    command.args(&settings.arguments).stdin(Stdio::null()).stdout(Stdio::null());
    #[cfg(unix)]
    if settings.ignores_the_terminal {
        command.process_group(0);
    }
    command
}
