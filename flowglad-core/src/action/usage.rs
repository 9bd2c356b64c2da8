//! The actions `usage-events/…` and `usage-meters/…`.

use std::num::NonZeroU64;

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

pub(super) async fn create_event(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let (event, subscription) = body.read(|fields| {
        let (event, subscription) = (event(fields), fields.optional_or_null("subscriptionId", form));
        Some((event?, subscription?))
    })?;
    Ok(customer.create_usage_event(&event, subscription.as_ref()).await?.body().clone())
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
