//! What the parts of an instance share.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use redis::{RedisError, aio::MultiplexedConnection};
use tokio::sync::Notify;
use tracing::warn;
use uuid::Uuid;

use crate::{
    fleet::{keys::Keys, link::Link, scripts, server::Server},
    observe::Observers,
};

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
    server: Mutex<Option<Server>>,
    /// Whether usage goes there, so that it matters how it keeps it.
    pub(super) keeps_usage: AtomicBool,
    /// Holds that were made by this instance alone.
    pub(super) held_alone: AtomicU64,
    /// The parts are to be tended: one has something to say, or the server has answered.
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
    /// It may be dropped before its end only when the app ends, and may panic where it calls what the app has written.
    fn tend(&self) -> BoxFuture<'_, ()>;

    /// How much is left to be said.
    fn owed(&self) -> u64 {
        0
    }
}

/// Names no password.
impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("stats", &self.link.stats()).finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
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
        }
    }

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

    /// Takes the parts that are kept until they are tended.
    pub(super) fn leave(&self) -> Vec<Arc<dyn Part>> {
        std::mem::take(&mut self.leaving.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The setting by which the server may drop anything when its memory is full, if it is known to have one.
    pub(super) fn drops_anything(&self) -> Option<Box<str>> {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        server.as_ref()?.drops_anything().map(Box::from)
    }

    /// Notes what the server says of itself. The one that was there when the outbox was made is checked by then.
    pub(super) fn note_server(&self, server: Server) {
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

    /// How much is left to be said.
    pub(super) fn owed(&self) -> u64 {
        self.parts().iter().map(|part| part.owed()).sum()
    }

    pub(super) fn parts(&self) -> Vec<Arc<dyn Part>> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.retain(|part| part.strong_count() > 0);
        parts.iter().filter_map(Weak::upgrade).collect()
    }

    pub(super) fn parts_changed(&self, is_up: bool) {
        for part in self.parts() {
            part.changed(is_up);
        }
    }

    /// Says that this instance lives, and hears what the server's clock shows.
    pub(super) async fn beat(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        let mut script = scripts::BEAT.key(self.keys.usage("instances"));
        let millis: i64 = script.arg(&*self.instance).invoke_async(connection).await?;
        self.link.clock.heard(millis);
        Ok(())
    }

    pub(super) fn heard(&self, message: &[u8]) {
        self.link.messages.fetch_add(1, Relaxed);
        for part in self.parts() {
            part.heard(message);
        }
    }
}
