//! The controls of webhooks and their deliveries.

use crate::{
    error::SandboxError,
    sandbox::Sandbox,
    webhooks::{delivery::WebhookDelivery, webhook_fault::WebhookFault},
};

impl Sandbox {
    /// Registers a webhook for all events, in place of those at the same address. Returns the secret that deliveries are
    /// signed with.
    ///
    /// It gets the events of all pricing models. A reset removes it; [`SandboxBuilder::webhook`](crate::SandboxBuilder::webhook)
    /// gives one that stays.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if the address is no `http` URL.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = flowglad_sandbox::Sandbox::start().await?;
    /// let secret = sandbox.send_webhooks_to("http://127.0.0.1:3000/webhooks/flowglad")?;
    /// assert!(secret.starts_with("whsec_"));
    /// # Ok(()) }
    /// ```
    pub fn send_webhooks_to(&self, url: &str) -> Result<String, SandboxError> {
        self.state.send_webhooks_to(url)
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
}
