//! `/usage-events`: the recorded usage of customers.

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    client::{
        endpoint::{Changes, Endpoint},
        json::Response,
        subject::Subject,
        transport::Call,
    },
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    input::TransactionId,
    model::{MeterRef, NewUsageEvent, SubscriptionId, Timestamp, UsageEvent, UsageEventId},
};

/// Idempotent by `transactionId`: the API counts a retried event once.
pub(crate) const CREATE: Endpoint<CreateUsageEvent<'_>, UsageEvent> =
    Endpoint::post("usage_events.create", "/usage-events").idempotent().under("usageEvent").changes(Changes::Named);

/// Idempotent by the `transactionId` of each event.
pub(crate) const BULK: Endpoint<CreateUsageEvents<'_>, Vec<UsageEvent>> =
    Endpoint::post("usage_events.bulk", "/usage-events/bulk").idempotent().under("usageEvents").changes(Changes::Named);

pub(crate) const GET: Endpoint<(), UsageEvent> =
    Endpoint::get("usage_events.get", "/usage-events/{id}").under("usageEvent");

pub(crate) const LIST: ListEndpoint<UsageEvent> = list("usage_events.list", "/usage-events");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateUsageEvent<'a> {
    usage_event: UsageEventBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateUsageEvents<'a> {
    usage_events: Vec<UsageEventBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UsageEventBody<'a> {
    subscription_id: &'a SubscriptionId,
    #[serde(flatten)]
    meter: &'a MeterRef,
    amount: u64,
    transaction_id: StableId<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<&'a Map<String, Value>>,
}

/// The caller's id, or a new one that stays the same in every retry.
#[derive(Serialize)]
#[serde(untagged)]
enum StableId<'a> {
    Given(&'a TransactionId),
    Fresh(String),
}

impl<'a> UsageEventBody<'a> {
    fn new(subscription_id: &'a SubscriptionId, event: &'a NewUsageEvent) -> Self {
        let transaction_id = match &event.transaction_id {
            Some(id) => StableId::Given(id),
            None => StableId::Fresh(Uuid::new_v4().to_string()),
        };
        Self {
            subscription_id,
            meter: &event.meter,
            amount: event.amount.get(),
            transaction_id,
            usage_date: event.usage_date,
            properties: event.properties.as_ref(),
        }
    }
}

/// Operations on usage events (`/usage-events`). Returned by [`Flowglad::usage_events`].
///
/// For a signed-in user, use [`Flowglad::customer`], which checks that the subscription belongs to that user's
/// customer.
#[derive(Clone, Debug)]
pub struct UsageEvents {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on usage events (`/usage-events`).
    #[must_use]
    pub fn usage_events(&self) -> UsageEvents {
        UsageEvents { flowglad: self.clone() }
    }
}

impl UsageEvents {
    /// Records a usage event (`POST /usage-events`). Retried after a lost response; the API counts the event once.
    ///
    /// # Errors
    /// The API answers 500 with a message for an unknown meter, price or subscription, and for a transaction id that
    /// another subscription used.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use std::num::NonZeroU64;
    /// use flowglad_core::api::NewUsageEvent;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let used = NewUsageEvent::for_meter("api_calls", NonZeroU64::MIN);
    /// println!("{}", flowglad.usage_events().create(&"sub_1".parse()?, &used).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(
        &self,
        subscription: &SubscriptionId,
        event: &NewUsageEvent,
    ) -> Result<Response<UsageEvent>, Error> {
        let usage_event = UsageEventBody::new(subscription, event);
        self.flowglad
            .call(
                &CREATE,
                Call::body(&CreateUsageEvent { usage_event }).about([Subject::Subscription(subscription.as_str())]),
            )
            .await
    }

    /// Records many usage events in one request, all or none (`POST /usage-events/bulk`). Retried after a lost
    /// response; the API counts each event once. The response contains the events that were new.
    ///
    /// # Errors
    /// The same errors as [`create`](Self::create).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::NewUsageEvent;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let subscription = "sub_1".parse()?;
    /// let used = NewUsageEvent::for_meter("api_calls", 120.try_into()?);
    /// let counted = flowglad.usage_events().bulk_create([(&subscription, &used)]).await?;
    /// println!("{} new", counted.len());
    /// # Ok(()) }
    /// ```
    pub async fn bulk_create<'a>(
        &self,
        events: impl IntoIterator<Item = (&'a SubscriptionId, &'a NewUsageEvent)>,
    ) -> Result<Response<Vec<UsageEvent>>, Error> {
        let usage_events: Vec<_> = events.into_iter().map(|(id, event)| UsageEventBody::new(id, event)).collect();
        let mut charged: Vec<&str> = usage_events.iter().map(|event| event.subscription_id.as_str()).collect();
        charged.dedup();
        let body = CreateUsageEvents { usage_events };
        self.flowglad.call(&BULK, Call::body(&body).about(charged.into_iter().map(Subject::Subscription))).await
    }

    /// The same for usage that a recorder has counted already as spent, so that no known billing is outdated by it.
    #[cfg(feature = "usage-recorder")]
    pub(crate) async fn send_recorded(&self, events: &[(SubscriptionId, NewUsageEvent)]) -> Result<(), Error> {
        let usage_events = events.iter().map(|(id, event)| UsageEventBody::new(id, event)).collect();
        self.flowglad.call(&BULK, Call::body(&CreateUsageEvents { usage_events })).await.map(drop)
    }

    /// Reads a usage event (`GET /usage-events/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no usage event has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.usage_events().get(&"usage_event_1".parse()?).await?.amount);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &UsageEventId) -> Result<Response<UsageEvent>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Lists all usage events (`GET /usage-events`), page by page or record by record.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.usage_events().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<UsageEvent> {
        List::new(&self.flowglad, &LIST)
    }
}
