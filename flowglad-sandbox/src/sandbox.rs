//! A running sandbox and its controls.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle};

use crate::{
    error::SandboxError,
    fault::Fault,
    race::Race,
    request_log::SeenRequest,
    snapshot::{Snapshot, SnapshotError},
    state::SandboxState,
    usage_ledger::UsageLedgerEntry,
    webhooks::{delivery::WebhookDelivery, webhook_fault::WebhookFault},
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
    /// moved it, and faults and webhook deliveries are cleared. The request log stays. Seeded ids begin again.
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
        self.state.advance_days(days)
    }

    /// As [`Self::advance_days`], to a time in milliseconds since 1970.
    ///
    /// # Errors
    /// [`SandboxError`] if the time is before now, more than ten years ahead, or after the year 9998. Nothing changes
    /// then.
    pub fn advance_to(&self, epoch_ms: i64) -> Result<usize, SandboxError> {
        self.state.advance_to(epoch_ms)
    }

    /// Declines the next card charge of a subscription. Call it twice for the next two.
    ///
    /// A declined first payment ends its subscription. A declined renewal makes it past due and is retried after 3, 5
    /// and 5 days. A declined adjustment is refused.
    pub fn fail_next_payment(&self) {
        self.state.fail_next_payments(1);
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

    /// Completes a checkout session, as payment on its hosted page does.
    ///
    /// # Errors
    /// [`SandboxError`] if there is no such session, it is not open, or a billing rule refuses it. Nothing changes then.
    pub fn complete_checkout_session(&self, id: &str) -> Result<(), SandboxError> {
        self.state.complete_checkout_session(id).map(drop).map_err(|refusal| SandboxError::from_checkout(id, refusal))
    }

    /// Fails a checkout session, as a payment that is declined for good does. Nothing is bought.
    ///
    /// # Errors
    /// [`SandboxError`] if there is no such session, or it is not open. Nothing changes then.
    pub fn fail_checkout_session(&self, id: &str) -> Result<(), SandboxError> {
        self.state.fail_checkout_session(id).map(drop).map_err(|refusal| SandboxError::from_checkout(id, refusal))
    }

    /// Creates a customer with this `external_id`, on the default plan if there is one. Returns the customer's id.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if the customer exists already.
    pub fn create_customer(&self, external_id: &str) -> Result<String, SandboxError> {
        self.state.create_customer(external_id).map_err(|error| SandboxError::refused(&error))
    }

    /// Buys a subscription for a customer in a checkout with the test card. Creates the customer if it is absent.
    /// Returns the subscription's id.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if there is no such price, or a billing rule refuses it. Nothing changes then.
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

    /// Adds a fault, which affects the next API requests. The first fault that matches a request is applied.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if the fault is invalid, such as one with status 99.
    pub fn inject_fault(&self, fault: Fault) -> Result<(), SandboxError> {
        self.state.faults.add(fault).map_err(|problem| SandboxError::Refused { reason: problem.to_owned() })
    }

    /// The faults that are not used up.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.state.faults.all()
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// The usage events as they were recorded, oldest first: what the customers are charged for.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
    /// use std::collections::HashSet;
    ///
    /// let sandbox = flowglad_sandbox::Sandbox::start().await?;
    /// // ... let the app record usage, then:
    /// let ledger = sandbox.usage_ledger();
    /// let transactions: HashSet<&str> = ledger.iter().map(|event| event.transaction_id.as_str()).collect();
    /// assert_eq!(transactions.len(), ledger.len(), "no transaction is charged twice");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn usage_ledger(&self) -> Vec<UsageLedgerEntry> {
        self.usage_ledger_from(0)
    }

    /// As [`Self::usage_ledger`], from a position on: the events after the first `position` ones.
    #[must_use]
    pub fn usage_ledger_from(&self, position: usize) -> Vec<UsageLedgerEntry> {
        self.state.usage_ledger(position, None, usize::MAX)
    }

    /// The whole state, which this or another sandbox can restore.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.state.snapshot()
    }

    /// Restores a state, including its time. As by a reset, faults and webhook deliveries are cleared.
    ///
    /// # Errors
    /// [`SnapshotError`] if this version of the sandbox cannot read it, or it contains what cannot be, such as a billing
    /// period without a length. Nothing changes then.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        self.state.restore(snapshot)
    }

    /// The webhook deliveries, pending and done, oldest first: the newest 10 000.
    #[must_use]
    pub fn webhook_deliveries(&self) -> Vec<WebhookDelivery> {
        self.state.deliveries().all()
    }

    /// Waits until no webhook delivery is pending: each one was delivered, given up, or is held by a fault.
    pub async fn wait_for_webhooks(&self) {
        self.state.deliveries().wait_until_settled().await;
    }

    /// Adds a fault, which affects the next requests to webhooks. The first fault that matches a request is applied.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if the fault is invalid, such as one that changes nothing.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use flowglad_sandbox::{Sandbox, WebhookFault};
    ///
    /// let sandbox = Sandbox::start().await?;
    /// // ... let the app register its webhook, then:
    /// sandbox.inject_webhook_fault(WebhookFault::new().out_of_order().on("subscription.created"))?;
    /// sandbox.subscribe("user_42", "pro_monthly")?;
    /// sandbox.wait_for_webhooks().await;
    /// # Ok(()) }
    /// ```
    pub fn inject_webhook_fault(&self, fault: WebhookFault) -> Result<(), SandboxError> {
        let added = self.state.webhook_faults().add(fault);
        added.map_err(|problem| SandboxError::Refused { reason: problem.to_owned() })
    }

    /// The webhook faults that are not used up.
    #[must_use]
    pub fn webhook_faults(&self) -> Vec<WebhookFault> {
        self.state.webhook_faults().all()
    }

    /// Removes all webhook faults. Deliveries that they hold stay held.
    pub fn clear_webhook_faults(&self) {
        self.state.webhook_faults().clear();
    }

    /// Sends the webhook deliveries that a fault holds. Returns how many there are.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use flowglad_sandbox::{Sandbox, WebhookFault};
    ///
    /// let sandbox = Sandbox::start().await?;
    /// // ... let the app register its webhook, then:
    /// sandbox.inject_webhook_fault(WebhookFault::new().held())?;
    /// sandbox.create_customer("user_42")?;
    /// // ... look at the app before it knows the customer, then:
    /// sandbox.release_webhooks();
    /// sandbox.wait_for_webhooks().await;
    /// # Ok(()) }
    /// ```
    #[expect(clippy::must_use_candidate, reason = "callers release deliveries; the count is secondary")]
    pub fn release_webhooks(&self) -> usize {
        self.state.release_webhooks()
    }

    /// Delivers an event anew, under the same `svix-id`, to every webhook that got it, whatever became of it before. If it
    /// is pending, the pause before its next retry ends. Returns to how many webhooks.
    ///
    /// # Errors
    /// [`SandboxError::WebhookDeliveryNotFound`] if no delivery has this id.
    pub fn redeliver_webhook(&self, delivery_id: &str) -> Result<usize, SandboxError> {
        self.state.redeliver_webhook(delivery_id)
    }

    /// Gives a webhook a new secret, as its owner can do in the platform's dashboard. Returns the new secret.
    ///
    /// From then on deliveries have two signatures: by the new secret, and by the one before it.
    ///
    /// # Errors
    /// [`SandboxError::WebhookNotFound`] if no webhook has this id.
    pub fn rotate_webhook_secret(&self, webhook_id: &str) -> Result<String, SandboxError> {
        self.state.rotate_webhook_secret(webhook_id)
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
