//! The actions `subscriptions/…`.

use std::num::NonZeroU64;

use crate::{
    action::{
        body::{Body, Fields},
        checkout::{PRICE_KEYS, price_ref},
        field_values::{boolean, form, one_of, positive_number},
    },
    adapter::failure::Failure,
    api::{Adjustment, AdjustmentTiming, CancellationTiming, NewSubscriptionItem},
    client::json::{RawJson, Response},
    customer::CustomerScope,
};

const CANCELLATION_TIMINGS: &[(&str, CancellationTiming)] = &[
    ("at_end_of_current_billing_period", CancellationTiming::AtEndOfCurrentBillingPeriod),
    ("immediately", CancellationTiming::Immediately),
];

const ADJUSTMENT_TIMINGS: &[(&str, AdjustmentTiming)] = &[
    ("auto", AdjustmentTiming::Auto),
    ("immediately", AdjustmentTiming::Immediately),
    ("at_end_of_current_billing_period", AdjustmentTiming::AtEndOfCurrentBillingPeriod),
];

pub(super) async fn list(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let include_historical = body
        .read_strictly(&["includeHistorical"], |fields| fields.optional("includeHistorical", boolean))?
        .unwrap_or_default();
    let subscriptions = customer.subscriptions().await?;
    let current = RawJson::array(subscriptions.current.iter().map(Response::raw));
    let listed =
        if include_historical { RawJson::array(subscriptions.all.iter().map(Response::raw)) } else { current.clone() };
    let most_recent =
        subscriptions.most_recent.map_or_else(|| RawJson::from_value(&()), |current| current.raw().clone());
    Ok(RawJson::object(&[
        ("subscriptions", &listed),
        ("currentSubscriptions", &current),
        ("currentSubscription", &most_recent),
    ]))
}

pub(super) async fn cancel(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let (id, timing) = body.read(|fields| {
        let id = fields.required("id", form);
        let timing = fields.object("cancellation", |fields| fields.required("timing", one_of(CANCELLATION_TIMINGS)));
        Some((id?, timing?))
    })?;
    Ok(customer.cancel_subscription(&id, timing).await?.body().clone())
}

pub(super) async fn uncancel(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let id = body.read(|fields| fields.required("id", form))?;
    Ok(customer.uncancel_subscription(&id).await?.body().clone())
}

pub(super) async fn adjust(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let (adjustment, subscription) = body.read(|fields| {
        let (items, subscription) = (new_items(fields), fields.optional("subscriptionId", form));
        let (timing, prorate) =
            (fields.optional("timing", one_of(ADJUSTMENT_TIMINGS)), fields.optional("prorate", boolean));
        let (timing, prorate) = (timing?.unwrap_or_default(), prorate?.unwrap_or(true));
        Some((Adjustment { items: items?, timing, prorate }, subscription?))
    })?;
    Ok(customer.adjust_subscription(&adjustment, subscription.as_ref()).await?.body().clone())
}

/// Reads either one price with an optional quantity, or a list of them.
fn new_items(fields: &Fields<'_>) -> Option<Vec<NewSubscriptionItem>> {
    let key = fields.exactly_one(&["priceSlug", "priceId", "subscriptionItems"]);
    if key == Some("subscriptionItems") {
        let alone = fields.forbid("quantity", "has no place beside subscriptionItems");
        let items = fields.objects("subscriptionItems", |item| new_item(item, item.exactly_one(PRICE_KEYS)));
        return alone.and(items);
    }
    Some(vec![new_item(fields, key)?])
}

fn new_item(fields: &Fields<'_>, price_key: Option<&str>) -> Option<NewSubscriptionItem> {
    let price = price_key.and_then(|key| price_ref(fields, key));
    let quantity = fields.optional("quantity", positive_number);
    Some(NewSubscriptionItem { price: price?, quantity: quantity?.unwrap_or(NonZeroU64::MIN) })
}
