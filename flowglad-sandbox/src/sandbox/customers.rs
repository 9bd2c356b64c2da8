//! Steps of a test for one customer, and what it asks about one.

use crate::{error::SandboxError, sandbox::Sandbox, usage_ledger::UsageLedgerEntry};

impl Sandbox {
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

    /// Declines the next card charge of a subscription: [`fail_payments`](Self::fail_payments) once.
    pub fn fail_next_payment(&self) {
        self.fail_payments(1);
    }

    /// Declines the next `times` card charges of subscriptions, whoever they are of.
    ///
    /// A declined first payment ends its subscription. A declined renewal makes it past due and is retried after 3, 5
    /// and 5 days. A declined adjustment is refused.
    ///
    /// # Examples
    /// A month passes, and neither the renewal nor one of its retries is paid:
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = flowglad_sandbox::Sandbox::start().await?;
    /// sandbox.subscribe("user_42", "pro_monthly")?;
    /// sandbox.fail_payments(4);
    /// sandbox.advance_to_next_renewal("user_42")?;
    /// assert_eq!(sandbox.advance_through_dunning("user_42")?, 3);
    /// # Ok(()) }
    /// ```
    pub fn fail_payments(&self, times: u32) {
        self.state.fail_next_payments(times);
    }

    /// As [`fail_payments`](Self::fail_payments), for those of one customer.
    ///
    /// # Errors
    /// [`SandboxError::CustomerNotFound`] if there is no such customer.
    pub fn fail_payments_of(&self, external_id: &str, times: u32) -> Result<(), SandboxError> {
        self.state.fail_payments_of(&self.state.customer_id(external_id)?, times);
        Ok(())
    }

    /// Moves the time to when the customer's subscription renews next, and runs everything that is due until then, this
    /// renewal included. Of several subscriptions, it is the first that renews. A trial ends like a period. Returns how many
    /// things happened.
    ///
    /// # Errors
    /// [`SandboxError::CustomerNotFound`], or [`SandboxError::Refused`] if no subscription of the customer renews: one that is
    /// to be canceled does not.
    pub fn advance_to_next_renewal(&self, external_id: &str) -> Result<usize, SandboxError> {
        self.state.advance_to_next_renewal(&self.state.customer_id(external_id)?)
    }

    /// Moves the time through the retries of the customer's declined payment, until one of them is paid or the last one is
    /// declined. Returns how many there were.
    ///
    /// # Errors
    /// [`SandboxError::CustomerNotFound`], [`SandboxError::Refused`] if no declined payment is to be retried, or
    /// [`SandboxError::TimeTooFarAhead`] if the time cannot move to a retry.
    pub fn advance_through_dunning(&self, external_id: &str) -> Result<usize, SandboxError> {
        self.state.advance_through_dunning(&self.state.customer_id(external_id)?)
    }

    /// What the customer has left of a usage meter, on the current subscription: the credits, less the usage that none covered.
    ///
    /// # Errors
    /// [`SandboxError::CustomerNotFound`], or [`SandboxError::Refused`] if there is no such meter.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = flowglad_sandbox::Sandbox::start().await?;
    /// sandbox.subscribe("user_42", "pro_monthly")?;
    /// assert_eq!(sandbox.balance("user_42", "api_calls")?, 1000);
    /// assert!(sandbox.features("user_42")?.contains(&"export_csv".to_owned()));
    /// # Ok(()) }
    /// ```
    pub fn balance(&self, external_id: &str, meter_slug: &str) -> Result<i64, SandboxError> {
        self.state.balance(external_id, meter_slug)
    }

    /// The slugs of the features that the customer's current subscription gives: toggles, credits and resources.
    ///
    /// # Errors
    /// [`SandboxError::CustomerNotFound`] if there is no such customer.
    pub fn features(&self, external_id: &str) -> Result<Vec<String>, SandboxError> {
        self.state.features(external_id)
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

    /// As [`Self::usage_ledger`], of one customer. A customer without usage has none, whether there is such a customer or not.
    #[must_use]
    pub fn usage_ledger_of(&self, external_id: &str) -> Vec<UsageLedgerEntry> {
        self.state.usage_ledger(0, Some(external_id), usize::MAX)
    }
}
