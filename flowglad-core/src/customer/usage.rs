//! Usage events and usage meter balances of the customer.

use crate::{
    api::NewUsageEvent,
    client::json::Response,
    customer::CustomerScope,
    error::Error,
    model::{SubscriptionId, UsageEvent, UsageMeterBalance},
};

impl CustomerScope {
    /// Records a usage event (`POST /usage-events`) on the named subscription, or on the most recent current one if
    /// none is named. It sends two requests: the first reads billing to check that the subscription is a current one of
    /// the customer. It is retried after transient failures and counts once, by its transaction id.
    ///
    /// # Errors
    /// [`Error::NoCurrentSubscription`] if the customer has no current subscription, [`Error::Forbidden`] if the named
    /// one is not a current one of the customer. Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use std::num::NonZeroU64;
    /// use flowglad_core::api::NewUsageEvent;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// me.create_usage_event(&NewUsageEvent::for_meter("api_calls", NonZeroU64::MIN), None).await?;
    /// # Ok(()) }
    /// ```
    pub async fn create_usage_event(
        &self,
        event: &NewUsageEvent,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<UsageEvent>, Error> {
        let subscription = self.paying_subscription(subscription).await?;
        self.flowglad.usage_events().create(&subscription, event).await
    }

    /// Records many usage events on one subscription, all or none (`POST /usage-events/bulk`). It also sends two
    /// requests, and is retried after transient failures; each event counts once. Returns only the events that were
    /// new.
    ///
    /// # Errors
    /// The same as for [`create_usage_event`](Self::create_usage_event).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::NewUsageEvent;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let used = NewUsageEvent::for_meter("api_calls", 120.try_into()?);
    /// let used = used.unique_for(me.requesting_customer(), "import_17_row_1");
    /// println!("{} new", me.bulk_create_usage_events(&[used], None).await?.len());
    /// # Ok(()) }
    /// ```
    pub async fn bulk_create_usage_events(
        &self,
        events: &[NewUsageEvent],
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<Vec<UsageEvent>>, Error> {
        let subscription = self.paying_subscription(subscription).await?;
        self.flowglad.usage_events().bulk_create(events.iter().map(|event| (&subscription, event))).await
    }

    /// Reads the balance of each usage meter of the current subscriptions, or of the named subscription
    /// (`GET /customers/{externalId}/usage-balances`).
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the subscription is not the customer's. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// for meter in me.usage_balances(None).await?.iter() {
    ///     println!("{}: {}", meter.name, meter.available_balance);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn usage_balances(
        &self,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<Vec<UsageMeterBalance>>, Error> {
        let read = || async { self.customers().usage_balances(self.customer.external_id(), subscription).await };
        let balances = self.create_if_missing(Error::is_not_found_code, read).await;
        balances.map_err(|error| not_theirs(error, subscription))
    }

    async fn paying_subscription(&self, named: Option<&SubscriptionId>) -> Result<SubscriptionId, Error> {
        let subscriptions = self.subscriptions().await?;
        let Some(named) = named else {
            return subscriptions.most_recent.map(|recent| recent.id.clone()).ok_or(Error::NoCurrentSubscription);
        };
        if subscriptions.current.iter().any(|current| current.id == *named) {
            Ok(named.clone())
        } else {
            Err(forbidden(named))
        }
    }
}

/// Flowglad already knows the customer here, so a "not found" is about the subscription.
fn not_theirs(error: Error, subscription: Option<&SubscriptionId>) -> Error {
    match subscription {
        Some(id) if error.is_not_found_code() => forbidden(id),
        _ => error,
    }
}

fn forbidden(id: &SubscriptionId) -> Error {
    Error::Forbidden { subscription_id: id.as_str().into() }
}
