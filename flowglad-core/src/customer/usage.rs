//! Records what the customer uses, and reads what is left.

use std::num::NonZeroU64;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    Answer, CustomerScope, Error,
    model::{PriceId, SubscriptionId, Timestamp, UsageEvent, UsageMeterBalance, UsageMeterId},
};

/// What counts a usage event: a meter, or one of its prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum MeteredBy {
    /// A usage price by its id.
    PriceId(PriceId),
    /// A usage price by its slug.
    PriceSlug(String),
    /// A meter by its id, at its default price.
    UsageMeterId(UsageMeterId),
    /// A meter by its slug, at its default price.
    UsageMeterSlug(String),
}

/// A use of something that is metered.
#[derive(Clone, Debug, PartialEq)]
pub struct NewUsageEvent {
    /// What counts it.
    pub metered_by: MeteredBy,
    /// How much was used.
    pub amount: NonZeroU64,
    /// Unique per meter. An event that is sent again with the same id counts once, so give the id of your own request
    /// or job if it can be run twice. Default: a fresh one, kept over the client's own repeats.
    pub transaction_id: Option<String>,
    /// When it was used. Default: now.
    pub usage_date: Option<Timestamp>,
    /// What to attach.
    pub properties: Option<Map<String, Value>>,
}

impl NewUsageEvent {
    /// A use counted by the meter of this slug.
    #[must_use]
    pub fn of_meter(usage_meter_slug: impl Into<String>, amount: NonZeroU64) -> Self {
        Self::new(MeteredBy::UsageMeterSlug(usage_meter_slug.into()), amount)
    }

    /// A use with every other field at its default.
    #[must_use]
    pub fn new(metered_by: MeteredBy, amount: NonZeroU64) -> Self {
        Self { metered_by, amount, transaction_id: None, usage_date: None, properties: None }
    }
}

impl CustomerScope {
    /// Records a use (`POST /usage-events`) on the named subscription or the most recent current one, after reading billing
    /// to see that it is a current one of the customer: two requests. A lost answer is asked for again, and counts once.
    ///
    /// # Errors
    /// [`Error::NoCurrentSubscription`] if there is none to charge, [`Error::Forbidden`] if the named one is not a
    /// current one of the customer; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// use std::num::NonZeroU64;
    /// use flowglad_core::NewUsageEvent;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// me.create_usage_event(&NewUsageEvent::of_meter("api_calls", NonZeroU64::MIN), None).await?;
    /// # Ok(()) }
    /// ```
    pub async fn create_usage_event(
        &self,
        event: &NewUsageEvent,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Answer<UsageEvent>, Error> {
        let subscription = self.paying_subscription(subscription).await?;
        self.flowglad.usage_events().create(&subscription, event).await
    }

    /// Records many uses on one subscription, all or none (`POST /usage-events/bulk`), also in two requests. A lost answer
    /// is asked for again, and each event counts once. The answer holds the events that were new.
    ///
    /// # Errors
    /// As [`create_usage_event`](Self::create_usage_event).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::NewUsageEvent;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut used = NewUsageEvent::of_meter("api_calls", 120.try_into()?);
    /// used.transaction_id = Some("import_17_row_1".into());
    /// println!("{} new", me.bulk_create_usage_events(&[used], None).await?.len());
    /// # Ok(()) }
    /// ```
    pub async fn bulk_create_usage_events(
        &self,
        events: &[NewUsageEvent],
        subscription: Option<&SubscriptionId>,
    ) -> Result<Answer<Vec<UsageEvent>>, Error> {
        let subscription = self.paying_subscription(subscription).await?;
        self.flowglad.usage_events().bulk_create(events.iter().map(|event| (&subscription, event))).await
    }

    /// What is left on each usage meter of the current subscriptions, or of one subscription of the customer
    /// (`GET /customers/{externalId}/usage-balances`).
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the subscription is not the customer's; else as every call.
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
    ) -> Result<Answer<Vec<UsageMeterBalance>>, Error> {
        let read = || async { self.customers().usage_balances(self.who.external_id(), subscription).await };
        match read().await {
            Err(error) if error.is_plain_not_found() => {
                self.find_or_create().await?;
                read().await.map_err(|error| not_theirs(error, subscription))
            }
            answer => answer,
        }
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

/// The customer is known by now, so a "not found" is about the subscription.
fn not_theirs(error: Error, subscription: Option<&SubscriptionId>) -> Error {
    match subscription {
        Some(id) if error.is_plain_not_found() => forbidden(id),
        _ => error,
    }
}

fn forbidden(id: &SubscriptionId) -> Error {
    Error::Forbidden { subscription_id: id.as_str().into() }
}
