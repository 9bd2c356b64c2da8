//! The task that keeps the connection, whose handle the app holds.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use redis::{Client, ConnectionInfo, aio::MultiplexedConnection};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tracing::Instrument as _;

use crate::fleet::{
    connect::{CONNECT, NotConnected, connect},
    error::FleetError,
    link::{reason_of, too_late},
    shared::{Settings, Shared},
    stats::FleetStats,
    tender::Tender,
};

/// The instance says so often that it lives, and looks whether the server does.
const BEAT: Duration = Duration::from_millis(500);

/// A connection on which nothing was answered so often is given up.
const SILENT_BEATS: u32 = 3;

const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The connection of this instance to the server that all instances share. Keep it, and [shut it down](Self::shutdown) when
/// the app ends. When it is dropped, the parts that were made of it go on as if the server were away.
#[derive(Debug)]
#[must_use = "dropping it ends the connection"]
pub struct Fleet {
    pub(super) shared: Arc<Shared>,
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Fleet {
    pub(super) async fn start(info: ConnectionInfo, settings: Settings) -> Result<Self, FleetError> {
        let client = Client::open(info).map_err(|error| FleetError::url(reason_of(&error)))?;
        let shared = Arc::new(Shared::new(settings));
        let (stop, stopped) = watch::channel(false);
        let connected = match connect(&client, &shared).await {
            Ok(connection) => {
                shared.link.comes_up(connection.clone());
                Some(connection)
            }
            Err(NotConnected::Unusable(problem)) => return Err(FleetError::server(problem)),
            Err(NotConnected::Away(error)) => {
                shared.link.is_away_from_the_start(&error);
                None
            }
        };
        let keeper = Keeper { client, shared: Arc::clone(&shared), stopped };
        let task = tokio::spawn(keeper.run(connected).in_current_span());
        Ok(Self { shared, task, stop })
    }

    /// Counters, and whether the server is away. Nothing is sent.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), flowglad_core::fleet::FleetError> {
    /// let fleet = flowglad_core::fleet::Fleet::connect("redis://127.0.0.1:6379").await?;
    /// println!("{:?}", fleet.stats());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stats(&self) -> FleetStats {
        let held_alone = self.shared.held_alone.load(Relaxed);
        FleetStats { owed: self.shared.owed(), held_alone, ..self.shared.link.stats() }
    }

    /// Says what is left to be said to the server, for as long as the limit at most, and ends the task. If the server is
    /// away it is connected to once more. Call it after the delivery of usage was shut down.
    ///
    /// # Examples
    /// See [`fleet`](crate::fleet).
    pub async fn shutdown(mut self, limit: Duration) {
        self.stop.send_replace(true);
        if timeout(limit, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.task.abort();
        self.shared.link.ends();
        self.shared.parts_changed(false);
        // They keep each other.
        self.shared.leave();
    }
}

/// The task.
struct Keeper {
    client: Client,
    shared: Arc<Shared>,
    stopped: watch::Receiver<bool>,
}

impl Keeper {
    /// Keeps the connection and tends the parts. Ends when the fleet is to end, and all is said or the server is away.
    async fn run(self, connection: Option<MultiplexedConnection>) {
        let tender = Tender::new(&self.shared, self.stopped.clone());
        tokio::select! {
            () = self.keep_connected(connection) => {}
            () = tender.run() => {}
        }
    }

    /// Ends when the fleet is to end and the server does not answer: it is asked once more.
    async fn keep_connected(mut self, mut connection: Option<MultiplexedConnection>) {
        let mut wait = FIRST_WAIT;
        loop {
            if let Some(connection) = connection.take() {
                self.keep(connection).await;
                wait = FIRST_WAIT;
            }
            if *self.stopped.borrow() {
                return;
            }
            tokio::select! {
                () = sleep(wait.mul_f64(0.5 + fastrand::f64() / 2.0)) => {}
                _ = self.stopped.changed() => {}
            }
            wait = (wait * 2).min(LONGEST_WAIT);
            match connect(&self.client, &self.shared).await {
                Ok(connected) => connection = Some(connected),
                Err(NotConnected::Away(_)) => {}
                Err(NotConnected::Unusable(reason)) => self.shared.link.say_refused(&reason),
            }
        }
    }

    /// Keeps a connection until it is lost. While the parts are tended this goes on: to the others an instance that does not
    /// say that it lives is dead.
    async fn keep(&mut self, mut connection: MultiplexedConnection) {
        let shared = Arc::clone(&self.shared);
        let mut silent = 0;
        loop {
            match timeout(CONNECT, shared.beat(&mut connection)).await.unwrap_or_else(|_| Err(too_late())) {
                Ok(()) => {
                    silent = 0;
                    if !shared.link.is_up() {
                        shared.link.comes_up(connection.clone());
                    }
                    shared.parts_changed(true);
                    shared.tending.notify_one();
                }
                Err(error) => {
                    shared.link.goes_away(&error);
                    shared.parts_changed(false);
                    silent += 1;
                    if !error.is_timeout() || silent >= SILENT_BEATS || *self.stopped.borrow() {
                        return;
                    }
                }
            }
            tokio::select! {
                () = sleep(BEAT) => {}
                () = shared.link.suspected.notified() => shared.parts_changed(shared.link.is_up()),
                _ = self.stopped.changed() => {}
            }
        }
    }
}
