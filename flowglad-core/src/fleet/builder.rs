//! The settings of a fleet.

use std::{fmt, time::Duration};

use redis::{ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    fleet::{error::FleetError, keeper::Fleet, shared::Settings},
    observe::{Observer, Observers},
};

const DEFAULT_PREFIX: &str = "flowglad";

/// Long enough for a server or a machine that is merely busy: an instance that goes on alone can let more of a balance pass
/// than there is. A server that does not answer costs one wait of this time, and then calls fail at once.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(1);

/// Settings of a [`Fleet`], made by [`Fleet::builder`].
///
/// ```no_run
/// use std::time::Duration;
/// use flowglad_core::fleet::Fleet;
///
/// # async fn run() -> Result<(), flowglad_core::fleet::FleetError> {
/// let fleet = Fleet::builder("redis://127.0.0.1:6379").prefix("shop").patience(Duration::from_millis(100)).connect().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `connect` is called"]
pub struct FleetBuilder {
    url: SecretString,
    prefix: Box<str>,
    patience: Duration,
    dead_after: Duration,
    observers: Observers,
}

impl Fleet {
    /// Returns a builder for the server at a URL: `redis://user:password@host:6379/0`, or `rediss://` for TLS.
    pub fn builder(url: impl Into<String>) -> FleetBuilder {
        FleetBuilder {
            url: SecretString::from(url.into()),
            prefix: DEFAULT_PREFIX.into(),
            patience: DEFAULT_PATIENCE,
            dead_after: Duration::from_secs(15),
            observers: Observers::default(),
        }
    }

    /// Connects with the default settings; see [`FleetBuilder::connect`].
    ///
    /// # Errors
    /// [`FleetError`].
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run() -> Result<(), flowglad_core::fleet::FleetError> {
    /// let fleet = flowglad_core::fleet::Fleet::connect("redis://127.0.0.1:6379").await?;
    /// println!("away: {}", fleet.stats().is_away);
    /// # Ok(()) }
    /// ```
    pub async fn connect(url: impl Into<String>) -> Result<Self, FleetError> {
        Self::builder(url).connect().await
    }
}

impl FleetBuilder {
    /// Sets what all keys begin with. Each account of Flowglad, and each mode of it (test, live), needs one of its own on a server
    /// that they share. Default: `flowglad`.
    pub fn prefix(mut self, prefix: impl Into<Box<str>>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how long the server may take for an answer. If it takes longer it counts as away until it answers again, and this
    /// instance goes on alone, without what other instances spend. Requests wait for this time once; while the server is away
    /// they do not wait for it. Default: 1 second.
    pub fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Sets after which time without a sign of life an instance counts as dead, so that others deliver the usage that it had
    /// taken. Default: 15 seconds.
    pub fn dead_after(mut self, time: Duration) -> Self {
        self.dead_after = time;
        self
    }

    /// Adds an observer, which hears when the server goes away and comes back.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.add(observer);
        self
    }

    /// Connects, and starts the one task that keeps the connection, on the runtime of the caller. If the server is away, that
    /// is logged, and it is connected when it comes; so an app starts without it.
    ///
    /// # Errors
    /// [`FleetError`]: the URL or a setting is wrong, or the server refuses this app or is too old (Redis 7 and Valkey 8 are
    /// the oldest that will do).
    ///
    /// # Examples
    /// See [`FleetBuilder`].
    pub async fn connect(self) -> Result<Fleet, FleetError> {
        let info = connection_info(self.url.expose_secret())?;
        if self.prefix.is_empty()
            || !self.prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        {
            return Err(FleetError::setting(
                "prefix",
                "must have letters, digits, '-', '_' or '.' only, and at least one",
            ));
        }
        if self.patience.is_zero() {
            return Err(FleetError::setting("patience", "must be longer than zero"));
        }
        if self.dead_after < Duration::from_secs(1) {
            return Err(FleetError::setting("dead_after", "must be at least a second"));
        }
        let settings = Settings {
            prefix: self.prefix,
            patience: self.patience,
            dead_after: self.dead_after,
            observers: self.observers,
        };
        Fleet::start(info, settings).await
    }
}

/// Names no password.
impl fmt::Debug for FleetBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("FleetBuilder");
        debug.field("prefix", &self.prefix).field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// Reads the URL. The error does not repeat it: it may hold a password.
fn connection_info(url: &str) -> Result<ConnectionInfo, FleetError> {
    let url = url.trim();
    let scheme = url.split("://").next().unwrap_or_default();
    if !matches!(scheme, "redis" | "rediss" | "valkey" | "valkeys" | "redis+unix" | "unix") {
        return Err(FleetError::url("it does not begin with redis:// or rediss://"));
    }
    if cfg!(not(feature = "rustls")) && matches!(scheme, "rediss" | "valkeys") {
        return Err(FleetError::url("TLS needs the feature `rustls`"));
    }
    let info = url.into_connection_info().map_err(|_| FleetError::url("it cannot be read"))?;
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(redis))
}
