//! A running sandbox, and what can be done to it.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle};

use crate::{
    error::SandboxError,
    fault::Fault,
    request_log::SeenRequest,
    snapshot::{Snapshot, SnapshotError},
    state::SandboxState,
    webhooks::delivery_log::WebhookDelivery,
};

/// How long [`Sandbox::stop`] waits for requests that are under way.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

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
    state: Arc<SandboxState>,
    /// Dropping it tells the server to stop.
    running: watch::Sender<()>,
    server: JoinHandle<()>,
}

impl Sandbox {
    pub(crate) fn new(state: Arc<SandboxState>, running: watch::Sender<()>, server: JoinHandle<()>) -> Self {
        Self { state, running, server }
    }

    /// Where the sandbox is, without a slash at the end, such as `http://127.0.0.1:41234`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.state.base_url
    }

    /// The key that its API takes.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.state.api_key
    }

    /// The API requests that came in, oldest first: the newest 10 000, refused ones too.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.state.requests.all()
    }

    /// Forgets which requests came in, and nothing else.
    pub fn clear_requests(&self) {
        self.state.requests.clear();
    }

    /// Puts everything back to the start: only the catalog is there, no fault is planned and no webhook delivery
    /// known. The time stays, requests stay remembered, and seeded ids begin again.
    pub fn reset(&self) {
        self.state.reset();
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
        self.state.advance_days(days)
    }

    /// As [`Self::advance_days`], up to a moment in milliseconds since 1970.
    ///
    /// # Errors
    /// [`SandboxError`] if the moment is before now or more than ten years ahead. Nothing has changed then.
    pub fn advance_to(&self, epoch_ms: i64) -> Result<usize, SandboxError> {
        self.state.advance_to(epoch_ms)
    }

    /// Declines the next charge of a card for a subscription. Twice means the next two.
    ///
    /// A first payment that is declined ends its subscription; a renewal makes it past due and is tried again after
    /// 3, 5 and 5 days; an adjustment is refused.
    pub fn fail_next_payment(&self) {
        self.state.fail_next_payments(1);
    }

    /// Pays a checkout session, as its hosted page does.
    ///
    /// # Errors
    /// [`SandboxError`] if there is no such session, it is not open, or a rule forbids it. Nothing has changed then.
    pub fn complete_checkout_session(&self, id: &str) -> Result<(), SandboxError> {
        self.state.complete_checkout_session(id).map(drop).map_err(|refusal| SandboxError::from_checkout(id, refusal))
    }

    /// Lets the payment of a checkout session fail for good: nothing is bought.
    ///
    /// # Errors
    /// [`SandboxError`] if there is no such session, or it is not open. Nothing has changed then.
    pub fn fail_checkout_session(&self, id: &str) -> Result<(), SandboxError> {
        self.state.fail_checkout_session(id).map(drop).map_err(|refusal| SandboxError::from_checkout(id, refusal))
    }

    /// Makes a customer whom the app knows as `external_id`, with the free plan if there is one; gives the
    /// customer's id.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if there is such a customer already.
    pub fn create_customer(&self, external_id: &str) -> Result<String, SandboxError> {
        self.state.create_customer(external_id).map_err(|error| SandboxError::refused(&error))
    }

    /// Takes a customer through a checkout with the test card, and makes the customer first if need be; gives the
    /// subscription's id.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if there is no such price, or a billing rule forbids it. Nothing has changed then.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = flowglad_sandbox::Sandbox::start().await?;
    /// let subscription_id = sandbox.subscribe("user_42", "pro_monthly")?;
    /// assert!(subscription_id.starts_with("sub_"));
    /// # Ok(()) }
    /// ```
    pub fn subscribe(&self, external_id: &str, price_slug: &str) -> Result<String, SandboxError> {
        self.state.subscribe(external_id, price_slug).map_err(|error| SandboxError::refused(&error))
    }

    /// Plans that something goes wrong with the next API requests. Faults are tried in the order of their injection.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if the fault makes no sense, such as one of status 99.
    pub fn inject_fault(&self, fault: Fault) -> Result<(), SandboxError> {
        self.state.faults.add(fault).map_err(|problem| SandboxError::Refused { reason: problem.to_owned() })
    }

    /// The faults that are still to happen.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.state.faults.all()
    }

    /// Lets nothing more go wrong.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// The whole state, to be restored here or in another sandbox.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.state.snapshot()
    }

    /// Puts a state back, its time included. As after a reset no fault is planned and no webhook delivery known.
    ///
    /// # Errors
    /// [`SnapshotError`] if it is no state that this version of the sandbox can read. Nothing has changed then.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        self.state.restore(snapshot)
    }

    /// What was delivered to webhooks, or is to be, oldest first: the newest 10 000.
    #[must_use]
    pub fn webhook_deliveries(&self) -> Vec<WebhookDelivery> {
        self.state.deliveries().all()
    }

    /// Waits until no webhook delivery is pending: each one arrived, or was given up.
    pub async fn wait_for_webhooks(&self) {
        self.state.deliveries().settled().await;
    }

    /// Stops the sandbox: requests under way are answered, for up to five seconds.
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
