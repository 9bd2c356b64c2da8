//! `/usage-events`: records and shows usage.

use serde::Serialize;
use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        reply::Reply,
    },
    records::{metadata::Metadata, record::Meta, usage::UsageEvent},
    refusal::Refusal,
    rules::{
        entitlement::usage_events::{self, MeterRef, NewUsageEvent, ResolvedUsage, Unresolved},
        scope,
    },
    store::Store,
};

/// A usage event as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UsageEventView<'a> {
    #[serde(flatten)]
    meta: &'a Meta,
    customer_id: &'a str,
    subscription_id: &'a str,
    usage_meter_id: &'a str,
    billing_period_id: Option<&'a str>,
    amount: i64,
    usage_date: i64,
    transaction_id: &'a str,
    price_id: &'a str,
    properties: &'a Metadata,
    pricing_model_id: &'a str,
}

impl<'a> UsageEventView<'a> {
    fn new(event: &'a UsageEvent) -> Self {
        Self {
            meta: &event.meta,
            customer_id: &event.customer_id,
            subscription_id: &event.subscription_id,
            usage_meter_id: &event.usage_meter_id,
            billing_period_id: event.billing_period_id.as_deref(),
            amount: event.amount,
            usage_date: event.usage_date,
            transaction_id: &event.transaction_id,
            price_id: &event.price_id,
            properties: &event.properties,
            pricing_model_id: &event.pricing_model_id,
        }
    }
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let new = input::read(call, |root| usage_event(&root.object("usageEvent")))?;
    let (subscription_id, transaction_id) = (new.subscription_id.clone(), new.transaction_id.clone());
    let usage = usage_events::resolve(store, new).map_err(Unresolved::refusal)?;
    let seen = store.races.usage_events_seen(store.tables.usage_events.iter().len());
    let earlier = if usage.has_transaction_id() {
        usage.recorded_in_first(store, seen)
    } else {
        usage.any_recorded_on_meter(store)
    };
    if let Some(earlier) = earlier {
        if usage.is_of(&earlier.subscription_id) {
            return Ok(Reply::json(&json!({ "usageEvent": UsageEventView::new(earlier) })));
        }
        return Err(Refusal::rule_conflict(format!(
            "UsageEvent conflict: A usage event already exists for transactionid {transaction_id}, but does not belong to \
             subscription {subscription_id}. Please provide a unique transactionId to create a new usage event."
        )));
    }
    let id = usage.record(store)?;
    let event = store.tables.usage_events.find(&id).map(UsageEventView::new);
    Ok(Reply::json(&json!({ "usageEvent": event })))
}

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all(store), UsageEventView::new)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let event = scope::require(store, call.param("id"))?;
    Ok(Reply::json(&json!({ "usageEvent": UsageEventView::new(event) })))
}

/// Records many events, all or none. Those recorded before are left out of the response.
pub(crate) fn bulk(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let new = input::read(call, |root| {
        let events = root.at("usageEvents").list();
        events.iter().map(|event| usage_event(&event.as_object())).collect::<Vec<_>>()
    })?;
    let usages = resolve_all(store, new)?;
    let mut recorded = Vec::new();
    for usage in usages {
        if usage.recorded_before(store).is_none() {
            recorded.push(usage.record(store)?);
        }
    }
    let events = recorded.iter().filter_map(|id| store.tables.usage_events.find(id));
    let events: Vec<UsageEventView<'_>> = events.map(UsageEventView::new).collect();
    Ok(Reply::json(&json!({ "usageEvents": events })))
}

fn resolve_all(store: &Store, events: Vec<NewUsageEvent>) -> Result<Vec<ResolvedUsage>, Refusal> {
    let mut resolved = Vec::with_capacity(events.len());
    for (index, event) in events.into_iter().enumerate() {
        let usage = usage_events::resolve(store, event).map_err(|unresolved| unresolved.refusal_at(index))?;
        if !usage.price_is_active() {
            return Err(Refusal::rule(format!("The price is inactive (usage event at index {index})")));
        }
        resolved.push(usage);
    }
    Ok(resolved)
}

fn usage_event(event: &Field<'_>) -> NewUsageEvent {
    let new = NewUsageEvent {
        subscription_id: event.at("subscriptionId").string(),
        amount: event.at("amount").positive(),
        usage_date: event.at("usageDate").optional(Field::timestamp),
        transaction_id: event.at("transactionId").string(),
        properties: event.at("properties").nullish(Field::any_object),
        meter: meter_ref(event),
    };
    event.rule(
        event.count_truthy(&["priceId", "priceSlug", "usageMeterId", "usageMeterSlug"]) == 1,
        &["priceId"],
        "Exactly one of priceId, priceSlug, usageMeterId, or usageMeterSlug must be provided",
    );
    new
}

fn meter_ref(event: &Field<'_>) -> MeterRef {
    let names = ["priceId", "priceSlug", "usageMeterId", "usageMeterSlug"];
    let [price_id, price_slug, meter_id, meter_slug] =
        names.map(|name| event.at(name).optional(Field::string).filter(|text| !text.is_empty()));
    price_id
        .map(MeterRef::PriceId)
        .or_else(|| price_slug.map(MeterRef::PriceSlug))
        .or_else(|| meter_id.map(MeterRef::MeterId))
        .unwrap_or_else(|| MeterRef::MeterSlug(meter_slug.unwrap_or_default()))
}
