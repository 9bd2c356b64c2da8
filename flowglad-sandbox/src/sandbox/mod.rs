//! A running sandbox and its controls.

#[cfg(feature = "flowglad-core")]
mod client;
mod customers;
mod faults;
mod webhooks;

use std::{fmt, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle};

use crate::{
    clock::Clock,
    error::SandboxError,
    race::Race,
    request_log::SeenRequest,
    snapshot::{Snapshot, SnapshotError},
    state::SandboxState,
};

/// How long [`Sandbox::stop`] waits for open requests.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// A running emulator of the Flowglad API. It stops when dropped.
///
/// Each sandbox has its own port and state, so tests can run in parallel.
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
    state: Arc<SandboxState>,
    /// The server stops when this is dropped.
    running: watch::Sender<()>,
    server: JoinHandle<()>,
}

impl Sandbox {
    pub(crate) fn new(state: Arc<SandboxState>, running: watch::Sender<()>, server: JoinHandle<()>) -> Self {
        Self { state, running, server }
    }

    /// The base URL, without a slash at the end, such as `http://127.0.0.1:41234`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.state.settings.base_url
    }

    /// The API key.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.state.settings.api_key
    }

    /// The sandbox's clock, for the app under test. Once it is asked for, webhook deliveries are signed at its time, since the
    /// app judges their age by it; before, at the computer's.
    ///
    /// With the feature `flowglad-core` it is a clock of the client, and that of `Sandbox::flowglad` has it already.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
    /// let sandbox = flowglad_sandbox::Sandbox::start().await?;
    /// let clock = sandbox.clock();
    /// let before = clock.now_ms();
    /// sandbox.advance_days(1);
    /// assert!(clock.now_ms() >= before + 24 * 60 * 60 * 1000);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.state.shared_clock()
    }

    /// The API requests that were received, oldest first: the newest 10 000, including refused ones.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.state.requests.all()
    }

    /// Clears the log of requests.
    pub fn clear_requests(&self) {
        self.state.requests.clear();
    }

    /// Resets the state to that of the start: only the pricing model exists, the time is what it would be if nothing had
    /// moved it, and faults and webhook deliveries are cleared. The request log stays. Ids begin again if they have a
    /// seed; random ones, and those of webhook messages, do not come again: see [`Ids`](crate::Ids).
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Moves the time by a number of days, and runs everything that is due in them: renewals, ends of trials, scheduled
    /// changes and cancellations, retries of declined payments. Returns how many of these happened.
    ///
    /// Time moves by at most ten years (3,653 days) at once, and in all to the end of the year 9998. More days count as
    /// those that are possible.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
    /// use flowglad_sandbox::{Clock, Sandbox};
    ///
    /// let clock = Clock::manual(1_767_225_600_000);
    /// let sandbox = Sandbox::builder().clock(clock.clone()).start().await?;
    /// assert_eq!(sandbox.advance_days(31), 0, "no subscription exists yet");
    /// assert_eq!(clock.now_ms(), 1_769_904_000_000);
    /// # Ok(()) }
    /// ```
    #[expect(clippy::must_use_candidate, reason = "callers move the time; the count is secondary")]
    pub fn advance_days(&self, days: u32) -> usize {
        self.state.advance_by_possible_days(days)
    }

    /// As [`Self::advance_days`], to a time in milliseconds since 1970.
    ///
    /// # Errors
    /// [`SandboxError`] if the time is before now, more than ten years ahead, or after the year 9998. Nothing changes
    /// then.
    pub fn advance_to(&self, epoch_ms: i64) -> Result<usize, SandboxError> {
        self.state.advance_to(epoch_ms)
    }

    /// Makes the next `times` requests of a kind race, as if they ran at the same time on the real API: each sees the
    /// state before the first of them.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
    /// use flowglad_sandbox::{Race, Sandbox};
    ///
    /// let sandbox = Sandbox::start().await?;
    /// sandbox.race_next(Race::UsageEvents, 2);
    /// // ... now let the app send the same usage event twice: the second response is a 500.
    /// # Ok(()) }
    /// ```
    pub fn race_next(&self, race: Race, times: u32) {
        self.state.race_next(race, times);
    }

    /// The whole state, which this or another sandbox can restore: all records with webhooks and their secrets, the time, and
    /// how many payments are to be declined. Webhook deliveries, faults, an API that is down or slow, planned races and the
    /// log of requests are no part of it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.state.snapshot()
    }

    /// Restores a state, including its time. As by a reset, faults and webhook deliveries are cleared, and random ids
    /// and those of webhook messages do not come again.
    ///
    /// # Errors
    /// [`SnapshotError`] if this version of the sandbox cannot read it, or it contains what cannot be, such as a billing
    /// period without a length. Nothing changes then.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        self.state.restore(snapshot)
    }

    /// As [`stop`](Self::stop). Returns the state with everything that was answered.
    pub async fn stop_with_snapshot(self) -> Snapshot {
        let state = Arc::clone(&self.state);
        self.stop().await;
        state.snapshot()
    }

    /// Stops the sandbox. Open requests get up to five seconds to finish.
    pub async fn stop(self) {
        let Self { running, mut server, .. } = self;
        drop(running);
        if tokio::time::timeout(STOP_TIMEOUT, &mut server).await.is_err() {
            server.abort();
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
