//! The connection of an instance to the server, as its parts use it.

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use redis::{
    Cmd, ErrorKind, FromRedisValue, RedisError, ScriptInvocation, ServerErrorKind, aio::MultiplexedConnection,
};
use tokio::{sync::Notify, time::timeout};
use tracing::{info, warn};

use crate::{
    cache::{StoreAway, StoreError},
    error::printable,
    fleet::{server_clock::ServerClock, stats::FleetStats},
    observe::{FleetChanged, Observers},
};

/// A refusal of the server is said in the log so often at most.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// The connection to the server. While it is away, calls fail at once: no request waits for it.
pub(super) struct Link {
    connection: RwLock<Option<MultiplexedConnection>>,
    patience: Duration,
    state: Mutex<State>,
    /// A call has failed: the keeper looks at once.
    pub(super) suspected: Notify,
    pub(super) clock: ServerClock,
    calls: AtomicU64,
    failed_calls: AtomicU64,
    pub(super) messages: AtomicU64,
    observers: Observers,
}

#[derive(Default)]
struct State {
    away_since: Option<Instant>,
    /// Whether the log says that it is away.
    said_away: bool,
    times_away: u64,
    refused: Option<Instant>,
}

/// Why a call was not answered.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The server is away, or has just not answered. Whether it has done what was asked is not known.
    Away,
    /// It has answered that it does not do this.
    Refused(Box<str>),
}

impl Link {
    pub(super) fn new(patience: Duration, observers: Observers) -> Self {
        Self {
            connection: RwLock::default(),
            patience,
            state: Mutex::new(State { away_since: Some(Instant::now()), ..State::default() }),
            suspected: Notify::new(),
            clock: ServerClock::default(),
            calls: AtomicU64::default(),
            failed_calls: AtomicU64::default(),
            messages: AtomicU64::default(),
            observers,
        }
    }

    /// Runs a script.
    pub(super) async fn invoke<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Failure> {
        self.call(async |connection| script.invoke_async(connection).await).await
    }

    /// Runs a command.
    pub(super) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Failure> {
        self.call(async |connection| command.query_async(connection).await).await
    }

    /// Calls the server, for as long as the link is patient.
    pub(super) async fn call<T>(
        &self,
        send: impl AsyncFnOnce(&mut MultiplexedConnection) -> Result<T, RedisError>,
    ) -> Result<T, Failure> {
        let mut connection = self.connection().ok_or(Failure::Away)?;
        let answer = timeout(self.patience, send(&mut connection)).await;
        self.judge(answer.unwrap_or_else(|_| Err(too_late())))
    }

    fn judge<T>(&self, answer: Result<T, RedisError>) -> Result<T, Failure> {
        let error = match answer {
            Ok(value) => {
                self.calls.fetch_add(1, Relaxed);
                return Ok(value);
            }
            Err(error) => error,
        };
        self.failed_calls.fetch_add(1, Relaxed);
        if is_away(&error) {
            self.goes_away(&error);
            self.suspected.notify_one();
            return Err(Failure::Away);
        }
        let reason = reason_of(&error);
        self.say_refused(&reason);
        Err(Failure::Refused(reason))
    }

    /// Whether the server can be reached, as far as is known.
    pub(super) fn is_up(&self) -> bool {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// From now on calls are sent.
    pub(super) fn comes_up(&self, connection: MultiplexedConnection) {
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        let mut state = self.state();
        let since = state.away_since.take();
        let was_away = state.said_away;
        state.said_away = false;
        drop(state);
        if let Some(since) = since.filter(|_| was_away) {
            self.changed(false);
            info!(event = "fleet_back", away_for = ?since.elapsed(), "the server of the fleet can be reached again");
        }
    }

    /// The server was not there when the app was started.
    pub(super) fn is_away_from_the_start(&self, error: &RedisError) {
        let reason = reason_of(error);
        warn!(event = "fleet_away", "the server of the fleet is away, this instance starts without it: {reason}");
        self.state().said_away = true;
        self.changed(true);
    }

    /// From now on calls fail at once, as the app has ended the fleet.
    pub(super) fn ends(&self) {
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.state().away_since.get_or_insert_with(Instant::now);
    }

    /// From now on calls fail at once.
    pub(super) fn goes_away(&self, error: &RedisError) {
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = None;
        let mut state = self.state();
        if state.away_since.is_some() {
            return;
        }
        state.away_since = Some(Instant::now());
        state.said_away = true;
        state.times_away += 1;
        drop(state);
        self.changed(true);
        let reason = reason_of(error);
        warn!(event = "fleet_away", "the server of the fleet is away, this instance goes on alone: {reason}");
    }

    fn changed(&self, is_away: bool) {
        self.observers.each(|observer| observer.fleet_changed(&FleetChanged { is_away }));
    }

    /// Says a refusal, unless that was done in the last minute.
    pub(super) fn say_refused(&self, reason: &str) {
        let now = Instant::now();
        let mut state = self.state();
        if state.refused.is_none_or(|last| now.saturating_duration_since(last) >= SAY_AGAIN) {
            state.refused = Some(now);
            drop(state);
            warn!(event = "fleet_refuses", "the server of the fleet refuses a call: {reason}");
        }
    }

    pub(super) fn stats(&self) -> FleetStats {
        let (away_since, times_away) = {
            let state = self.state();
            (state.away_since, state.times_away)
        };
        FleetStats {
            is_away: away_since.is_some(),
            away_for_ms: away_since.map_or(0, |since| u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)),
            times_away,
            calls: self.calls.load(Relaxed),
            failed_calls: self.failed_calls.load(Relaxed),
            messages: self.messages.load(Relaxed),
            ..FleetStats::default()
        }
    }

    fn connection(&self) -> Option<MultiplexedConnection> {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        StoreAway::new(failure.to_string()).into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away => f.write_str("the server of the fleet is away"),
            Self::Refused(reason) => write!(f, "the server of the fleet refuses: {reason}"),
        }
    }
}

/// The error of an answer that did not come in time.
pub(super) fn too_late() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}

/// Whether an error says that the server cannot be used, as opposed to one call.
fn is_away(error: &RedisError) -> bool {
    // One answer that cannot be read says nothing of others.
    if is_unreadable(error) {
        return false;
    }
    let is_not_ready = matches!(
        error.kind(),
        ErrorKind::Server(
            ServerErrorKind::ReadOnly
                | ServerErrorKind::BusyLoading
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::TryAgain
        )
    );
    is_not_ready || error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error()
}

/// Whether an answer has another form than was expected. The error repeats it, and it may hold personal data.
fn is_unreadable(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Parse | ErrorKind::UnexpectedReturnType) && !error.is_io_error()
}

/// An error in one line. The server may repeat what it was sent, which is cut off.
pub(super) fn reason_of(error: &RedisError) -> Box<str> {
    if is_unreadable(error) {
        return "its answer cannot be read".into();
    }
    let text = printable(&error.to_string());
    let text = text.split(", with args").next().unwrap_or_default();
    text.chars().take(200).collect::<String>().into()
}
