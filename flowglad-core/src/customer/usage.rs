//! Records what the customer uses, and reads what is left.

use std::num::NonZeroU64;

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    Answer, CustomerScope, Error,
    api::{
        customers,
        usage_events::{self, CreateUsageEvent, UsageEventBody},
    },
    client::transport::Call,
    model::{PriceId, SubscriptionId, Timestamp, UsageEvent, UsageMeterBalance, UsageMeterId},
};

/// What counts a usage event: a meter, or one of its prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// The subscription that pays. Default: the customer's most recent current one.
    pub subscription_id: Option<SubscriptionId>,
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
        Self { metered_by, amount, subscription_id: None, transaction_id: None, usage_date: None, properties: None }
    }
}

impl CustomerScope {
    /// Records a use (`POST /usage-events`), after reading billing to see that the subscription is a current one of the
    /// customer: two requests. A lost answer is asked for again, and counts once.
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
    /// me.create_usage_event(&NewUsageEvent::of_meter("api_calls", NonZeroU64::MIN)).await?;
    /// # Ok(()) }
    /// ```
    pub async fn create_usage_event(&self, event: &NewUsageEvent) -> Result<Answer<UsageEvent>, Error> {
        let subscription_id = self.paying_subscription(event.subscription_id.as_ref()).await?;
        let fresh_id;
        let transaction_id = if let Some(id) = &event.transaction_id {
            id
        } else {
            fresh_id = Uuid::new_v4().to_string();
            &fresh_id
        };
        let usage_event = UsageEventBody {
            subscription_id: &subscription_id,
            metered_by: &event.metered_by,
            amount: event.amount.get(),
            transaction_id,
            usage_date: event.usage_date,
            properties: event.properties.as_ref(),
        };
        let reply = self.call(&usage_events::CREATE, Call::body(&CreateUsageEvent { usage_event })).await?;
        reply.part(usage_events::CREATE.route().operation, "usageEvent", |reply| reply.usage_event)
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
        let read = || {
            let query = subscription.map(|id| ("subscriptionId", id.as_str()));
            self.call(&customers::USAGE_BALANCES, Call::id(self.who.external_id()).and_query(query))
        };
        let reply = match read().await {
            Err(error) if error.is_not_found() => {
                self.find_or_create().await?;
                read().await.map_err(|error| not_theirs(error, subscription))?
            }
            reply => reply?,
        };
        let operation = customers::USAGE_BALANCES.route().operation;
        reply.part(operation, "usageMeterBalances", |reply| reply.usage_meter_balances)
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
        Some(id) if error.is_not_found() => forbidden(id),
        _ => error,
    }
}

fn forbidden(id: &SubscriptionId) -> Error {
    Error::Forbidden { subscription_id: id.as_str().into() }
}
