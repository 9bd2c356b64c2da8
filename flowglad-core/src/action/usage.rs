//! The actions `usage-events/…` and `usage-meters/…`.

use std::num::NonZeroU64;

#[cfg(feature = "usage-recorder")]
use crate::adapter::browser_error::BrowserError;
use crate::{
    action::{
        body::{Body, Fields},
        field_values::{form, json_object, positive_number, slug, whole_number},
    },
    adapter::failure::Failure,
    api::{MeterRef, NewUsageEvent},
    client::json::RawJson,
    customer::CustomerScope,
    model::Timestamp,
};

/// How a usage event of a browser goes to Flowglad.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum UsageWay {
    #[default]
    Direct,
    #[cfg(feature = "usage-recorder")]
    Outbox,
}

pub(super) async fn create_event(customer: CustomerScope, body: Body, way: UsageWay) -> Result<RawJson, Failure> {
    let (event, subscription) = body.read(|fields| {
        let (event, subscription) = (event(fields), fields.optional_or_null("subscriptionId", form));
        Some((event?, subscription?))
    })?;
    match (way, &subscription) {
        #[cfg(feature = "usage-recorder")]
        (UsageWay::Outbox, None) => return record_event(&customer, event).await,
        // The outbox charges the current subscription, and whose another one is must be asked.
        _ => {}
    }
    Ok(customer.create_usage_event(&event, subscription.as_ref()).await?.body().clone())
}

/// The event as far as it is known: Flowglad has given it no id yet, so its id is its transaction id.
#[cfg(feature = "usage-recorder")]
async fn record_event(customer: &CustomerScope, event: NewUsageEvent) -> Result<RawJson, Failure> {
    let amount = event.amount;
    let recorded = customer.record_usage(event).await.map_err(BrowserError::from)?;
    let id = recorded.transaction_id();
    let event = serde_json::json!({"id": id, "transactionId": id, "amount": amount, "isPending": true});
    Ok(RawJson::from_value(&serde_json::json!({"usageEvent": event})))
}

pub(super) async fn balances(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let subscription = body.read_strictly(&["subscriptionId"], |fields| fields.optional("subscriptionId", form))?;
    Ok(customer.usage_balances(subscription.as_ref()).await?.body().clone())
}

fn event(fields: &Fields<'_>) -> Option<NewUsageEvent> {
    let (meter, amount) = (meter(fields), fields.optional_or_null("amount", positive_number));
    let (transaction_id, usage_date) =
        (fields.optional_or_null("transactionId", form), fields.optional("usageDate", whole_number));
    let properties = fields.optional("properties", json_object);
    Some(NewUsageEvent {
        meter: meter?,
        amount: amount?.unwrap_or(NonZeroU64::MIN),
        transaction_id: transaction_id?,
        usage_date: usage_date?.map(|millis| Timestamp::from_millis(millis.cast_signed())),
        properties: properties?,
    })
}

fn meter(fields: &Fields<'_>) -> Option<MeterRef> {
    let key = fields.exactly_one(&["priceId", "priceSlug", "usageMeterId", "usageMeterSlug"])?;
    match key {
        "priceId" => fields.required(key, form).map(MeterRef::PriceId),
        "priceSlug" => fields.required(key, slug).map(MeterRef::PriceSlug),
        "usageMeterId" => fields.required(key, form).map(MeterRef::UsageMeterId),
        _ => fields.required(key, slug).map(MeterRef::UsageMeterSlug),
    }
}
