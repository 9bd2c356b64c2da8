//! What a session endpoint has answered in the last seconds, and the requests to it that run.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use aws_lc_rs::digest::{SHA256, digest};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use serde_json::{Map, Value};
use tracing::Instrument as _;

use crate::{auth::provider::Unavailable, clock::Clock, model::Timestamp};

const MAX_ENTRIES: usize = 10_000;
const MAX_BYTES: usize = 8 * 1024 * 1024;

type Answer = Result<Option<Arc<Session>>, Unavailable>;
/// The hash of a cookie, so that no cookie stays in memory.
type Key = [u8; 32];

/// A session as the endpoint described it. It has no `Debug`, since that is personal data.
pub(super) struct Session {
    /// The members of the answer.
    pub(super) members: Map<String, Value>,
    pub(super) expires: Option<Timestamp>,
    /// About what it takes in memory.
    pub(super) bytes: usize,
}

/// Answers by cookie, bounded in time, number and bytes.
pub(super) struct SessionMemory {
    state: Mutex<State>,
    time: Duration,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct State {
    known: HashMap<Key, Known>,
    running: HashMap<Key, Shared<BoxFuture<'static, Answer>>>,
    /// The keys of what is known and until when, the oldest first.
    order: VecDeque<(Key, Instant)>,
    bytes: usize,
}

struct Known {
    session: Option<Arc<Session>>,
    until: Instant,
}

impl Known {
    fn bytes(&self) -> usize {
        self.session.as_ref().map_or(0, |session| session.bytes)
    }
}

impl SessionMemory {
    pub(super) fn new(time: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { state: Mutex::default(), time, clock }
    }

    /// What is known of a cookie, or what this read brings. Callers with the same cookie share one read, which goes on when
    /// they leave. A failure is not kept.
    pub(super) async fn get_or_read(
        self: &Arc<Self>,
        cookie: &[u8],
        read: impl Future<Output = Answer> + Send + 'static,
    ) -> Answer {
        let mut key = Key::default();
        key.copy_from_slice(digest(&SHA256, cookie).as_ref());
        let answer = {
            let mut state = self.state();
            if let Some(answer) = state.fresh(&key, self.clock.now(), self.clock.date()) {
                return answer;
            }
            let running = state.running.get(&key).cloned();
            running.unwrap_or_else(|| {
                let started = Arc::clone(self).start(key, read);
                state.running.insert(key, started.clone());
                started
            })
        };
        answer.await
    }

    fn start(
        self: Arc<Self>,
        key: Key,
        read: impl Future<Output = Answer> + Send + 'static,
    ) -> Shared<BoxFuture<'static, Answer>> {
        let began = self.clock.now();
        let running = Running { memory: self, key };
        let read = async move {
            let answer = read.await;
            if let Ok(session) = &answer {
                running.memory.keep(key, session.clone(), began);
            }
            answer
        };
        let task = tokio::spawn(read.in_current_span());
        let stopped = || Err(Unavailable::new("the read of the session was stopped"));
        async move { task.await.unwrap_or_else(|_| stopped()) }.boxed().shared()
    }

    fn keep(&self, key: Key, session: Option<Arc<Session>>, began: Instant) {
        let now = self.clock.now();
        let until = began + self.time;
        if until > now {
            self.state().keep(key, Known { session, until }, now);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fresh(&self, key: &Key, now: Instant, date: Timestamp) -> Option<Answer> {
        let known = self.known.get(key)?;
        let has_ended =
            known.session.as_ref().and_then(|session| session.expires).is_some_and(|expires| expires <= date);
        (now < known.until && !has_ended).then(|| Ok(known.session.clone()))
    }

    fn keep(&mut self, key: Key, known: Known, now: Instant) {
        self.order.push_back((key, known.until));
        self.bytes += known.bytes();
        self.bytes -= self.known.insert(key, known).map_or(0, |replaced| replaced.bytes());
        while let Some(&(oldest, until)) = self.order.front() {
            if until > now && self.known.len() <= MAX_ENTRIES && self.bytes <= MAX_BYTES {
                break;
            }
            self.order.pop_front();
            // Another answer may have taken its place.
            if self.known.get(&oldest).is_some_and(|known| known.until == until) {
                self.bytes -= self.known.remove(&oldest).map_or(0, |removed| removed.bytes());
            }
        }
    }
}

/// A read that runs. When it ends, in whatever way, the next caller begins another.
struct Running {
    memory: Arc<SessionMemory>,
    key: Key,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.memory.state().running.remove(&self.key);
    }
}
