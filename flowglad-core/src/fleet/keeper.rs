//! The task that keeps the connection, whose handle the app holds.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, ErrorKind, PushInfo, PushKind, RedisError, ServerErrorKind, Value,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tracing::{Instrument as _, warn};
use uuid::Uuid;

use crate::{
    fleet::{
        error::FleetError,
        keys::Keys,
        link::{Link, reason_of, too_late},
        scripts,
        server::Server,
        stats::FleetStats,
    },
    observe::Observers,
};

/// The instance says so often that it lives, and looks whether the server does.
const BEAT: Duration = Duration::from_millis(500);

/// A new connection may take this long.
const CONNECT: Duration = Duration::from_secs(2);

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

/// The checked settings.
pub(super) struct Settings {
    pub(super) prefix: Box<str>,
    pub(super) patience: Duration,
    pub(super) dead_after: Duration,
    pub(super) observers: Observers,
}

/// What the parts of an instance share.
pub(super) struct Shared {
    pub(super) link: Link,
    pub(super) keys: Keys,
    pub(super) dead_after: Duration,
    /// The name of this instance.
    pub(super) instance: Box<str>,
    /// What the server said of itself when it was connected last.
    pub(super) server: Mutex<Option<Server>>,
    /// Whether usage goes there, so that it matters how it keeps it.
    pub(super) keeps_usage: AtomicBool,
    /// Holds that were made by this instance alone.
    pub(super) held_alone: AtomicU64,
    /// A part has something to say to the server.
    pub(super) tending: Notify,
    parts: Mutex<Vec<Weak<dyn Part>>>,
    /// Parts that have something to say, and are kept until it is said.
    leaving: Mutex<Vec<Arc<dyn Part>>>,
}

/// A part of this instance that works with the server.
pub(super) trait Part: Send + Sync {
    /// Another instance, or this one, has sent a message.
    fn heard(&self, _message: &[u8]) {}

    /// The server is there, or is not. While it is there, messages come.
    fn changed(&self, _is_up: bool) {}

    /// Says to the server what is left to be said. Called when it comes back, with every beat, and after `tending` was notified.
    fn tend(&self) -> BoxFuture<'_, ()>;

    /// How much is left to be said.
    fn owed(&self) -> u64 {
        0
    }
}

impl Fleet {
    pub(super) async fn start(info: ConnectionInfo, settings: Settings) -> Result<Self, FleetError> {
        let client = Client::open(info).map_err(|error| FleetError::url(reason_of(&error)))?;
        let shared = Arc::new(Shared {
            link: Link::new(settings.patience, settings.observers),
            keys: Keys::new(&settings.prefix),
            dead_after: settings.dead_after,
            instance: Uuid::new_v4().to_string().into(),
            server: Mutex::default(),
            keeps_usage: AtomicBool::default(),
            held_alone: AtomicU64::default(),
            tending: Notify::new(),
            parts: Mutex::default(),
            leaving: Mutex::default(),
        });
        let (stop, stopped) = watch::channel(false);
        let keeper = Keeper { client, shared: Arc::clone(&shared), stopped };
        let connected = match keeper.connect().await {
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
        let owed = self.shared.parts().iter().map(|part| part.owed()).sum();
        let held_alone = self.shared.held_alone.load(Relaxed);
        FleetStats { owed, held_alone, ..self.shared.link.stats() }
    }

    /// Says what is left to be said to the server, for as long as the limit at most, and ends the task. Call it after the
    /// delivery of usage was shut down.
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

/// Names no password.
impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("stats", &self.link.stats()).finish_non_exhaustive()
    }
}

impl Shared {
    /// Adds a part, which hears of the server for as long as someone keeps it.
    pub(super) fn add(&self, part: &Arc<impl Part + 'static>) {
        let weak = Arc::downgrade(part);
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(weak);
        part.changed(self.link.is_up());
    }

    /// Lets a part say what it has to, although its client may be dropped meanwhile.
    pub(super) fn keep_until_tended(&self, part: Arc<dyn Part>) {
        let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        if !leaving.iter().any(|other| Arc::ptr_eq(other, &part)) {
            leaving.push(part);
        }
        drop(leaving);
        self.tending.notify_one();
    }

    fn leave(&self) -> Vec<Arc<dyn Part>> {
        std::mem::take(&mut self.leaving.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The setting by which the server may drop anything when its memory is full, if it is known to have one.
    pub(super) fn drops_anything(&self) -> Option<Box<str>> {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        server.as_ref()?.drops_anything().map(Box::from)
    }

    /// Notes what the server says of itself. The one that was there when the outbox was made is checked by then.
    fn note_server(&self, server: Server) {
        let mut known = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let is_as_before = known.as_ref().is_some_and(|before| before.keeps_as(&server));
        *known = Some(server);
        drop(known);
        if self.keeps_usage.load(Relaxed) && !is_as_before {
            self.warn_if_usage_is_lost();
        }
    }

    /// Says if the server does not write usage to its disk, or may drop it.
    pub(super) fn warn_if_usage_is_lost(&self) {
        if let Some(policy) = self.drops_anything() {
            warn!(
                event = "fleet_drops",
                "the server of the fleet drops usage when its memory is full (maxmemory-policy is {policy}): set noeviction"
            );
        }
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        if server.as_ref().is_some_and(|server| !server.appends) {
            warn!(
                event = "fleet_forgets",
                "the server of the fleet does not write usage to its disk (appendonly is no): if it crashes, usage is lost"
            );
        }
    }

    fn parts(&self) -> Vec<Arc<dyn Part>> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.retain(|part| part.strong_count() > 0);
        parts.iter().filter_map(Weak::upgrade).collect()
    }

    fn parts_changed(&self, is_up: bool) {
        for part in self.parts() {
            part.changed(is_up);
        }
    }

    fn heard(&self, message: &[u8]) {
        self.link.messages.fetch_add(1, Relaxed);
        for part in self.parts() {
            part.heard(message);
        }
    }
}

/// Why there is no connection.
enum NotConnected {
    /// The server may come back.
    Away(RedisError),
    /// This app cannot use it.
    Unusable(Box<str>),
}

impl From<RedisError> for NotConnected {
    fn from(error: RedisError) -> Self {
        // A server that is busy, or has no place for one more connection, has one later.
        let refuses = matches!(error.kind(), ErrorKind::AuthenticationFailed | ErrorKind::RESP3NotSupported)
            || error
                .code()
                .is_some_and(|code| matches!(code, "DENIED" | "NOAUTH" | "NOPERM" | "NOPROTO" | "WRONGPASS"));
        if refuses { Self::Unusable(reason_of(&error)) } else { Self::Away(error) }
    }
}

/// The task.
struct Keeper {
    client: Client,
    shared: Arc<Shared>,
    stopped: watch::Receiver<bool>,
}

impl Keeper {
    async fn run(mut self, mut connection: Option<MultiplexedConnection>) {
        let mut wait = FIRST_WAIT;
        while !*self.stopped.borrow() {
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
            match self.connect().await {
                Ok(connected) => connection = Some(connected),
                Err(NotConnected::Away(_)) => {}
                Err(NotConnected::Unusable(reason)) => self.shared.link.say_refused(&reason),
            }
        }
    }

    /// Connects, subscribes to the messages, and looks what kind of server it is.
    async fn connect(&self) -> Result<MultiplexedConnection, NotConnected> {
        let hearing = Arc::downgrade(&self.shared);
        let hear = move |push: PushInfo| {
            if let (Some(shared), Some(message)) = (hearing.upgrade(), message(&push)) {
                shared.heard(message);
            }
            Ok::<_, std::convert::Infallible>(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(CONNECT))
            .set_push_sender(hear);
        let connecting = async {
            let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
            let server = Server::ask(&mut connection).await?;
            server.check().map_err(NotConnected::Unusable)?;
            if server.is_replica {
                return Err(RedisError::from((ErrorKind::Server(ServerErrorKind::ReadOnly), "it is a replica")).into());
            }
            self.shared.note_server(server);
            connection.subscribe(self.shared.keys.channel()).await?;
            self.beat(&mut connection).await?;
            Ok(connection)
        };
        timeout(CONNECT * 2, connecting).await.unwrap_or_else(|_| Err(too_late().into()))
    }

    /// Keeps a connection until it is lost, or the fleet ends.
    async fn keep(&mut self, mut connection: MultiplexedConnection) {
        let shared = Arc::clone(&self.shared);
        let mut silent = 0;
        loop {
            match timeout(CONNECT, self.beat(&mut connection)).await.unwrap_or_else(|_| Err(too_late())) {
                Ok(()) => {
                    silent = 0;
                    if !shared.link.is_up() {
                        shared.link.comes_up(connection.clone());
                    }
                    shared.parts_changed(true);
                    self.tend().await;
                }
                Err(error) => {
                    shared.link.goes_away(&error);
                    shared.parts_changed(false);
                    silent += 1;
                    if !error.is_timeout() || silent >= SILENT_BEATS {
                        return;
                    }
                }
            }
            tokio::select! {
                () = sleep(BEAT) => {}
                () = shared.link.suspected.notified() => shared.parts_changed(shared.link.is_up()),
                () = shared.tending.notified() => {}
                _ = self.stopped.changed() => {
                    self.tend().await;
                    return;
                }
            }
        }
    }

    async fn tend(&self) {
        // Dropped when all were tended.
        let _leaving = self.shared.leave();
        for part in self.shared.parts() {
            part.tend().await;
        }
    }

    /// Says that this instance lives, and hears what the server's clock shows.
    async fn beat(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        let mut script = scripts::BEAT.key(self.shared.keys.usage("instances"));
        let millis: i64 = script.arg(&*self.shared.instance).invoke_async(connection).await?;
        self.shared.link.clock.heard(millis);
        Ok(())
    }
}

/// The message in a push, if it is one.
fn message(push: &PushInfo) -> Option<&[u8]> {
    match (&push.kind, push.data.as_slice()) {
        (PushKind::Message, [_, Value::BulkString(message)]) => Some(message),
        _ => None,
    }
}
