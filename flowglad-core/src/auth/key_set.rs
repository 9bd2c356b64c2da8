//! The key set of a provider: fetched once, shared, and kept while its server is down.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tracing::{info, warn};
use url::Url;

use crate::{
    auth::{
        address::http_url,
        http::{AuthHttp, Credentials},
        keys::{Found, Keys},
        not_identified::NotIdentified,
        provider::Unavailable,
        refusal::Refusal,
        token::{UnverifiedToken, WRONG_ALGORITHM},
        verification_key::VerificationKey,
    },
    error::Error,
};

/// How old keys may be before they are fetched anew, in the background.
const FRESH_FOR: Duration = Duration::from_secs(15 * 60);
/// How old keys may be at most, if the server is down.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// The least time between two fetches, however many tokens name keys that are not known.
const INTERVAL: Duration = Duration::from_secs(30);
/// The same after a fetch that failed: then users wait for it.
const INTERVAL_WHEN_DOWN: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 256 * 1024;

const UNKNOWN_KEY: Refusal = Refusal("the token names a key that is not in the key set");
const SEVERAL_KEYS: Refusal = Refusal("the token names no key, and the key set has several");

/// The public keys of a provider (a JWK set). Clones share the keys.
///
/// They are fetched when the first token comes, again when a token names a key that is not known (at most every 30 seconds),
/// and in the background when they are older than 15 minutes. While the server is down, known keys are used for a day.
///
/// Keys for RS256 (2048 bits and more), ES256 and Ed25519 are used, and others are left out.
#[derive(Clone)]
pub struct KeySet(Arc<Inner>);

struct Inner {
    /// `None` for keys that were given.
    server: Option<Server>,
    state: Mutex<State>,
}

struct Server {
    url: Url,
    http: AuthHttp,
    is_down: AtomicBool,
}

type Fetching = Shared<BoxFuture<'static, ()>>;

#[derive(Default)]
struct State {
    known: Option<(Arc<Keys>, Instant)>,
    last: Option<Attempt>,
    running: Option<Fetching>,
}

#[derive(Clone, Copy)]
struct Attempt {
    at: Instant,
    has_failed: bool,
}

impl KeySet {
    /// The key set at an address, for example `https://idp.example.com/.well-known/jwks.json`. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`Error::Config`] if it is not an `http` or `https` address.
    pub fn at(url: &str) -> Result<Self, Error> {
        let server = Server { url: http_url("key set address", url)?, http: AuthHttp::new()?, is_down: false.into() };
        Ok(Self(Arc::new(Inner { server: Some(server), state: Mutex::default() })))
    }

    /// The keys of a key set that the app has as text: an object with the list `keys`. They are never fetched.
    ///
    /// # Errors
    /// [`Error::Config`] if it is no key set, or has no key that can be used.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let keys = Keys::parse(text.as_bytes()).filter(|keys| !keys.is_empty());
        let keys = keys.ok_or_else(|| Error::config("key set", "has no public key for RS256, ES256 or EdDSA"))?;
        let state = State { known: Some((Arc::new(keys), Instant::now())), ..State::default() };
        Ok(Self(Arc::new(Inner { server: None, state: state.into() })))
    }

    /// The key that a token names.
    pub(super) async fn key_of(
        &self,
        token: &UnverifiedToken<'_>,
        now: Instant,
    ) -> Result<Arc<VerificationKey>, NotIdentified> {
        let running = match self.0.look_up(token, now)? {
            LookUp::Key(key) => return Ok(key),
            LookUp::Fetch(running) => running,
        };
        running.await;
        match self.0.look_up(token, now)? {
            LookUp::Key(key) => Ok(key),
            LookUp::Fetch(_) => Err(self.0.state().without_key()),
        }
    }
}

/// Shows where the keys are.
impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeySet").field(&self.0.server.as_ref().and_then(|server| server.url.host_str())).finish()
    }
}

enum LookUp {
    Key(Arc<VerificationKey>),
    /// It may be among those that are being fetched.
    Fetch(Fetching),
}

impl Inner {
    fn look_up(self: &Arc<Self>, token: &UnverifiedToken<'_>, now: Instant) -> Result<LookUp, NotIdentified> {
        let mut state = self.state();
        let found = state.find(token, now, self.server.is_some());
        let running = match found {
            Found::Key(_) if !state.is_old(now) => None,
            Found::Key(_) | Found::Nothing => self.fetch(&mut state, now),
            Found::OtherAlgorithm => return Err(WRONG_ALGORITHM.into()),
            Found::Several => return Err(SEVERAL_KEYS.into()),
        };
        let without_key = state.without_key();
        drop(state);
        if let Some(running) = &running {
            // The first poll starts the task. It must not happen under the lock, which the end of the task takes.
            let _ = running.clone().now_or_never();
        }
        match (found, running) {
            (Found::Key(key), _) => Ok(LookUp::Key(key)),
            (_, Some(running)) => Ok(LookUp::Fetch(running)),
            (_, None) => Err(without_key),
        }
    }

    /// The fetch that runs, or a new one if the last one is long enough ago. It runs in a task of its own, so that it ends even
    /// if the request that began it does not wait for it.
    fn fetch(self: &Arc<Self>, state: &mut State, now: Instant) -> Option<Fetching> {
        if state.running.is_none() && self.server.is_some() && state.may_fetch(now) {
            let task = Running { set: Arc::clone(self), at: now, fetched: None };
            // It fails if the runtime ends, and then nothing was fetched.
            state.running = Some(async move { drop(tokio::spawn(task.run()).await) }.boxed().shared());
        }
        state.running.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&self, token: &UnverifiedToken<'_>, now: Instant, can_be_too_old: bool) -> Found {
        match &self.known {
            Some((keys, at)) if !can_be_too_old || now.saturating_duration_since(*at) < KEPT_FOR => {
                keys.find(token.kid(), token.algorithm())
            }
            _ => Found::Nothing,
        }
    }

    fn is_old(&self, now: Instant) -> bool {
        self.known.as_ref().is_some_and(|(_, at)| now.saturating_duration_since(*at) >= FRESH_FOR)
    }

    fn may_fetch(&self, now: Instant) -> bool {
        self.last.is_none_or(|last| {
            let interval = if last.has_failed { INTERVAL_WHEN_DOWN } else { INTERVAL };
            now.saturating_duration_since(last.at) >= interval
        })
    }

    /// What a token without a known key means: it may be a good one if the keys could not be fetched.
    fn without_key(&self) -> NotIdentified {
        match self.last {
            Some(Attempt { has_failed: true, .. }) => Unavailable::new("the key set cannot be read").into(),
            _ => UNKNOWN_KEY.into(),
        }
    }
}

/// A fetch that runs.
struct Running {
    set: Arc<Inner>,
    at: Instant,
    fetched: Option<Keys>,
}

impl Running {
    async fn run(mut self) {
        if let Some(server) = &self.set.server {
            self.fetched = server.fetch().await;
        }
    }
}

/// Also if the runtime ends before the fetch does.
impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.set.state();
        state.running = None;
        state.last = Some(Attempt { at: self.at, has_failed: self.fetched.is_none() });
        if let Some(keys) = self.fetched.take() {
            state.known = Some((Arc::new(keys), self.at));
        }
    }
}

impl Server {
    async fn fetch(&self) -> Option<Keys> {
        let fetched = self.read().await;
        let host = self.url.host_str().unwrap_or_default();
        match &fetched {
            Ok(keys) => {
                if self.is_down.swap(false, Relaxed) {
                    info!(host, "the key set can be read again");
                }
                if keys.is_empty() {
                    warn!(host, "the key set has no public key for RS256, ES256 or EdDSA, so every token is refused");
                }
            }
            Err(unavailable) => {
                if !self.is_down.swap(true, Relaxed) {
                    warn!(host, "the key set cannot be read: {unavailable}; further attempts are not logged");
                }
            }
        }
        fetched.ok()
    }

    async fn read(&self) -> Result<Keys, Unavailable> {
        let answer = self.http.get(&self.url, Credentials::None, MAX_BYTES).await?;
        if answer.status != 200 {
            return Err(Unavailable::new(format!("its server answered with status {}", answer.status)));
        }
        Keys::parse(&answer.body).ok_or_else(|| Unavailable::new("its server answered with something else"))
    }
}
