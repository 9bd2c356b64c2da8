//! `usage-events/…` and `usage-meters/…`.

use std::num::NonZeroU64;

use super::{
    body::{Body, Fields, form, json_object, positive_number, slug, whole_number},
    dispatch::Failure,
};
use crate::{CustomerScope, MeteredBy, NewUsageEvent, RawJson, model::Timestamp};

pub(super) async fn create_event(customer: CustomerScope, body: &Body) -> Result<RawJson, Failure> {
    let (event, subscription) = body.read(|fields| {
        let (event, subscription) = (event(fields), fields.optional("subscriptionId", form));
        Some((event?, subscription?))
    })?;
    Ok(customer.create_usage_event(&event, subscription.as_ref()).await?.reply().clone())
}

pub(super) async fn balances(customer: CustomerScope, body: &Body) -> Result<RawJson, Failure> {
    let subscription = body.read_strictly(&["subscriptionId"], |fields| fields.optional("subscriptionId", form))?;
    Ok(customer.usage_balances(subscription.as_ref()).await?.reply().clone())
}

fn event(fields: &Fields<'_>) -> Option<NewUsageEvent> {
    let (metered_by, amount) = (metered_by(fields), fields.optional("amount", positive_number));
    let (transaction_id, usage_date) =
        (fields.optional("transactionId", slug), fields.optional("usageDate", whole_number));
    let properties = fields.optional("properties", json_object);
    Some(NewUsageEvent {
        metered_by: metered_by?,
        amount: amount?.unwrap_or(NonZeroU64::MIN),
        transaction_id: transaction_id?,
        usage_date: usage_date?.map(|millis| Timestamp::from_millis(millis.cast_signed())),
        properties: properties?,
    })
}

fn metered_by(fields: &Fields<'_>) -> Option<MeteredBy> {
    let key = fields.exactly_one(&["priceId", "priceSlug", "usageMeterId", "usageMeterSlug"])?;
    match key {
        "priceId" => fields.required(key, form).map(MeteredBy::PriceId),
        "priceSlug" => fields.required(key, slug).map(MeteredBy::PriceSlug),
        "usageMeterId" => fields.required(key, form).map(MeteredBy::UsageMeterId),
        _ => fields.required(key, slug).map(MeteredBy::UsageMeterSlug),
    }
}
