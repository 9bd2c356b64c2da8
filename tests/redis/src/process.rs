//! A Redis server of a test's own.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::sleep,
};

use crate::{
    Failure, Reply,
    free_port::free_port,
    reply::Connection,
    server::{Place, Server},
    settings::RedisBuilder,
};

/// A loaded machine may take so long to start it.
const START_WITHIN: Duration = Duration::from_secs(30);
const STARTS: u32 = 3;
const POLL: Duration = Duration::from_millis(5);

/// A running Redis server with a folder and a port of its own. Dropping it kills the server and removes the folder.
#[derive(Debug)]
pub struct RedisProcess {
    settings: RedisBuilder,
    port: u16,
    bus_port: u16,
    // Before the folder, so that it ends first.
    server: Mutex<Option<Server>>,
    folder: TempDir,
}

impl RedisProcess {
    /// Sets up a server.
    pub fn builder() -> RedisBuilder {
        RedisBuilder::default()
    }

    pub(crate) async fn start(settings: RedisBuilder) -> Result<Self, Failure> {
        let mut starts = 0;
        loop {
            starts += 1;
            let (port, bus_port, folder) = (free_port(), free_port(), TempDir::with_prefix("redis-")?);
            let redis = Self { settings: settings.clone(), port, bus_port, server: Mutex::default(), folder };
            match redis.restart().await {
                Ok(()) => break Ok(redis),
                // Something else may have taken the port meanwhile.
                Err(_) if starts < STARTS => {}
                Err(failure) => break Err(failure),
            }
        }
    }

    /// Its address, with the password if it has one.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_at(self.port)
    }

    /// The same at another port: that of a proxy.
    #[must_use]
    pub fn url_at(&self, port: u16) -> String {
        match self.password() {
            Some(password) => format!("redis://:{password}@127.0.0.1:{port}"),
            None => format!("redis://127.0.0.1:{port}"),
        }
    }

    /// Its port on 127.0.0.1, which a restart keeps.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it keeps its files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn password(&self) -> Option<&str> {
        self.settings.password.as_deref()
    }

    /// Kills the server without warning, as `kill -9` does.
    ///
    /// # Errors
    /// If it does not run.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(redis: redis_process::RedisProcess) -> Result<(), redis_process::Failure> {
    /// redis.kill().await?;
    /// redis.restart().await?;
    /// # Ok(()) }
    /// ```
    pub async fn kill(&self) -> Result<(), Failure> {
        let server = self.server().await.take().ok_or("the Redis server does not run")?;
        server.kill().await
    }

    /// Starts the server again on the same port and folder, after killing it if it runs, and waits until it answers.
    ///
    /// # Errors
    /// If it does not start.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(redis: redis_process::RedisProcess) -> Result<(), redis_process::Failure> {
    /// redis.restart().await?;
    /// # Ok(()) }
    /// ```
    pub async fn restart(&self) -> Result<(), Failure> {
        let mut server = self.server().await;
        if let Some(running) = server.take() {
            running.kill().await?;
        }
        let place = Place { port: self.port, bus_port: self.bus_port, folder: self.folder.path() };
        let started = server.insert(Server::spawn(&self.settings, place)?);
        let until = Instant::now() + START_WITHIN;
        let mut has_slots = false;
        loop {
            started.ensure_running(self.folder.path())?;
            match self.readiness(&mut has_slots).await {
                Ok(()) => return Ok(()),
                Err(failure) if Instant::now() > until => {
                    return Err(format!("the Redis server is not ready: {failure}").into());
                }
                Err(_) => sleep(POLL).await,
            }
        }
    }

    /// Stops the server in the middle of what it does: connections stay open and nothing answers, until it
    /// [goes on](Self::go_on).
    ///
    /// # Errors
    /// If it does not run.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(redis: redis_process::RedisProcess) -> Result<(), redis_process::Failure> {
    /// redis.stop_answering().await?;
    /// redis.go_on().await?;
    /// # Ok(()) }
    /// ```
    pub async fn stop_answering(&self) -> Result<(), Failure> {
        self.signal(Signal::STOP).await
    }

    /// Lets a stopped server go on.
    ///
    /// # Errors
    /// If it does not run.
    ///
    /// # Examples
    /// See [`stop_answering`](Self::stop_answering).
    pub async fn go_on(&self) -> Result<(), Failure> {
        self.signal(Signal::CONT).await
    }

    /// Makes a replica a primary.
    ///
    /// # Errors
    /// If it does not answer.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(primary: redis_process::RedisProcess) -> Result<(), redis_process::Failure> {
    /// let replica = redis_process::RedisProcess::builder().replica_of(&primary).start().await?;
    /// primary.kill().await?;
    /// replica.promote().await?;
    /// # Ok(()) }
    /// ```
    pub async fn promote(&self) -> Result<(), Failure> {
        self.command(&["REPLICAOF", "NO", "ONE"]).await.map(drop)
    }

    /// Runs a command on a connection of its own, and returns its reply. An error reply is an error with its text.
    ///
    /// # Errors
    /// If the server does not answer, or answers with an error.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(redis: redis_process::RedisProcess) -> Result<(), redis_process::Failure> {
    /// let keys = redis.command(&["KEYS", "*"]).await?;
    /// assert_eq!(keys.texts(), [""; 0]);
    /// # Ok(()) }
    /// ```
    pub async fn command(&self, words: &[&str]) -> Result<Reply, Failure> {
        Connection::open(self.port, self.password()).await?.send(words).await
    }

    /// Fails if the server is not ready, and makes it so where this is a matter of commands.
    async fn readiness(&self, has_slots: &mut bool) -> Result<(), Failure> {
        self.command(&["PING"]).await?;
        if self.settings.is_cluster {
            if !*has_slots {
                // After a restart the server has them already, and says so.
                *has_slots = true;
                let _ = self.command(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]).await;
            }
            self.ensure_info(&["CLUSTER", "INFO"], "cluster_state:ok").await?;
        }
        if self.settings.is_replica {
            self.ensure_info(&["INFO", "replication"], "master_link_status:up").await?;
        }
        Ok(())
    }

    async fn ensure_info(&self, command: &[&str], line: &str) -> Result<(), Failure> {
        let info = self.command(command).await?;
        let is_there = info.text().is_some_and(|text| text.lines().any(|found| found == line));
        if is_there { Ok(()) } else { Err(format!("it does not say {line} yet").into()) }
    }

    async fn signal(&self, signal: Signal) -> Result<(), Failure> {
        self.server().await.as_ref().ok_or("the Redis server does not run")?.signal(signal)
    }

    async fn server(&self) -> MutexGuard<'_, Option<Server>> {
        self.server.lock().await
    }
}
