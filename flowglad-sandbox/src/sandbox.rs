//! A running sandbox, and how to start one.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::http::request_log::SeenRequest;
use crate::http::router::router;
use crate::ids::Ids;
use crate::rules::checkout_completion::Refusal;
use crate::seed::Seed;
use crate::shared::Shared;

/// The key of a sandbox that was given no other.
pub const DEFAULT_API_KEY: &str = "sk_test_sandbox";

/// The id of the key's own record, whatever the key is: `GET /api-keys/{id}` answers with it.
pub const API_KEY_ID: &str = "apikey_sandboxsandboxsandbox";

/// How long [`Sandbox::stop`] waits for requests that are under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running emulator of the Flowglad API; it stops when dropped.
///
/// Each one has its own port and its own memory, so tests can run side by side.
///
/// # Examples
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
/// use flowglad_sandbox::Sandbox;
///
/// let sandbox = Sandbox::start().await?;
/// assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
/// assert!(sandbox.requests().is_empty());
/// sandbox.stop().await;
/// # Ok(()) }
/// ```
pub struct Sandbox {
    shared: Arc<Shared>,
    /// Dropping it tells the server to stop.
    running: watch::Sender<()>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox with the starter pricing model on a free port.
    ///
    /// # Errors
    /// [`StartError::Bind`] if there is no free port.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// A sandbox to be started with other settings.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// Where the sandbox is, without a slash at the end, such as `http://127.0.0.1:41234`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// The key that its API takes.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.shared.api_key
    }

    /// The API requests that came in, oldest first: the newest 10 000, refused ones too.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.requests.all()
    }

    /// Forgets which requests came in, and nothing else.
    pub fn clear_requests(&self) {
        self.shared.requests.clear();
    }

    /// Puts everything back to the start: only the seed's pricing model is there. Requests stay remembered,
    /// seeded ids begin again, and the clock stays where it is.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Lets so many days pass, with everything that happens by itself in them: renewals, ends of trials, planned
    /// changes and cancellations, further tries of declined payments. Gives how many things happened.
    ///
    /// Time moves by at most ten years (3,653 days) at once; more days count as that many.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
    /// use flowglad_sandbox::{Clock, Sandbox};
    ///
    /// let clock = Clock::manual(1_767_225_600_000);
    /// let sandbox = Sandbox::builder().clock(clock.clone()).start().await?;
    /// assert_eq!(sandbox.advance_days(31), 0, "nobody is there to renew anything");
    /// assert_eq!(clock.now_ms(), 1_769_904_000_000);
    /// # Ok(()) }
    /// ```
    #[expect(clippy::must_use_candidate, reason = "moving time is the point, not the count")]
    pub fn advance_days(&self, days: u32) -> usize {
        self.shared.advance_days(days)
    }

    /// As [`Self::advance_days`], up to a moment in milliseconds since 1970.
    ///
    /// # Errors
    /// [`SandboxError`] if the moment is before now or more than ten years ahead. Nothing has changed then.
    pub fn advance_to(&self, epoch_ms: i64) -> Result<usize, SandboxError> {
        self.shared.advance_to(epoch_ms)
    }

    /// Declines the next charge of a card for a subscription. Twice means the next two.
    ///
    /// A first payment that is declined ends its subscription; a renewal makes it past due and is tried again after
    /// 3, 5 and 5 days; an adjustment is refused.
    pub fn fail_next_payment(&self) {
        self.shared.fail_next_payments(1);
    }

    /// Pays a checkout session, as its hosted page does.
    ///
    /// # Errors
    /// [`SandboxError`] if there is no such session, it is not open, or a rule forbids it. Nothing has changed then.
    pub fn complete_checkout_session(&self, id: &str) -> Result<(), SandboxError> {
        match self.shared.complete_checkout_session(id) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(SandboxError::of(id, refusal)),
        }
    }

    /// Stops the sandbox: requests under way are answered, for up to five seconds.
    pub async fn stop(self) {
        let Self { running, mut server, .. } = self;
        drop(running);
        if tokio::time::timeout(PATIENCE, &mut server).await.is_err() {
            server.abort();
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// The settings of a sandbox that is not started yet.
///
/// # Examples
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
/// use flowglad_sandbox::{Clock, Ids, Sandbox};
///
/// let clock = Clock::manual(1_767_225_600_000);
/// let sandbox =
///     Sandbox::builder().api_key("sk_test_mine").clock(clock.clone()).ids(Ids::seeded(1)).start().await?;
/// assert_eq!(sandbox.api_key(), "sk_test_mine");
/// # Ok(()) }
/// ```
#[derive(Default)]
#[must_use = "a sandbox runs only after start()"]
pub struct SandboxBuilder {
    port: u16,
    api_key: Option<String>,
    seed: Seed,
    clock: Clock,
    ids: Ids,
}

impl SandboxBuilder {
    /// The port to listen on; 0, as if not called, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The key that the API takes instead of [`DEFAULT_API_KEY`].
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// The pricing model to start with instead of [`Seed::starter_saas`].
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// The time to live in instead of the computer's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Where ids come from instead of [`Ids::random`].
    pub fn ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Starts the sandbox on 127.0.0.1. It needs a running Tokio runtime with IO, and lives no longer than that.
    ///
    /// # Errors
    /// [`StartError`] if the port is taken or the key cannot be sent in a header.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let api_key = self.api_key.unwrap_or_else(|| DEFAULT_API_KEY.to_owned());
        if api_key.is_empty() || !api_key.chars().all(|c| c.is_ascii_graphic()) {
            return Err(StartError::ApiKey);
        }
        let port = self.port;
        let bind_error = |source| StartError::Bind { port, source };
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let base_url = format!("http://{address}");
        let shared = Arc::new(Shared::new(base_url, api_key, self.seed, self.clock, self.ids));
        let (running, mut stopped) = watch::channel(());
        let app = router(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            let until_dropped = async move { while stopped.changed().await.is_ok() {} };
            // Accepting connections does not fail for good, so there is no error to hand on.
            let _ = axum::serve(listener, app).with_graceful_shutdown(until_dropped).await;
        });
        Ok(Sandbox { shared, running, server })
    }
}

impl fmt::Debug for SandboxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxBuilder").field("port", &self.port).finish_non_exhaustive()
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The port is taken, or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}")]
    #[non_exhaustive]
    Bind {
        /// The port that was asked for.
        port: u16,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The API key is empty or has characters other than visible ASCII ones.
    #[error("the API key must be visible ASCII characters without spaces")]
    ApiKey,
}

/// Why the sandbox did not do what a test asked of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// There is no session with this id.
    #[error("there is no checkout session {id}")]
    #[non_exhaustive]
    CheckoutSessionNotFound {
        /// The id that was asked for.
        id: String,
    },
    /// The session was completed before.
    #[error("the checkout session {id} is not open any more")]
    #[non_exhaustive]
    CheckoutSessionNotOpen {
        /// The session.
        id: String,
    },
    /// The session is older than a day.
    #[error("the checkout session {id} has expired")]
    #[non_exhaustive]
    CheckoutSessionExpired {
        /// The session.
        id: String,
    },
    /// Time does not go back.
    #[error("the time {to} is before now, {now}")]
    #[non_exhaustive]
    TimeIsOver {
        /// The moment that was asked for, in milliseconds since 1970.
        to: i64,
        /// The sandbox's time.
        now: i64,
    },
    /// Time moves by at most ten years at once.
    #[error("the time {to} is more than ten years ahead: it can move to {latest} at most")]
    #[non_exhaustive]
    TimeIsTooFar {
        /// The moment that was asked for, in milliseconds since 1970.
        to: i64,
        /// The latest possible moment.
        latest: i64,
    },
    /// A billing rule forbids it, such as a second paid plan.
    #[error("the checkout session {id} cannot be completed: {reason}")]
    #[non_exhaustive]
    CheckoutRefused {
        /// The session, which stays open.
        id: String,
        /// The sentence that the API has for it.
        reason: String,
    },
}

impl SandboxError {
    pub(crate) fn of(id: &str, refusal: Refusal) -> Self {
        let id = id.to_owned();
        match refusal {
            Refusal::NotFound => Self::CheckoutSessionNotFound { id },
            Refusal::NotOpen => Self::CheckoutSessionNotOpen { id },
            Refusal::Expired => Self::CheckoutSessionExpired { id },
            Refusal::Rule(error) => Self::CheckoutRefused { id, reason: error.sentence() },
        }
    }
}
