//! `/usage-events`: what customers used.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::input::{self, Field};
use crate::http::page;
use crate::http::reply::Reply;
use crate::records::UsageEvent;
use crate::rules::scope;
use crate::rules::usage::{self, NewUsageEvent, ResolvedUsage, UsageOf};
use crate::store::Store;

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let new = input::read(&call.body, |root| usage_event(&root.object("usageEvent")))?;
    let usage = usage::resolve(store, new)?;
    if let Some(earlier) = usage.recorded_before(store) {
        if usage.is_of(&earlier.subscription_id) {
            return Ok(Reply::json(&json!({ "usageEvent": earlier })));
        }
        return Err(ApiError::internal_conflict(format!(
            "UsageEvent conflict: The transactionId {} was used by another subscription",
            earlier.transaction_id
        )));
    }
    let id = usage.record(store);
    let event = store.tables.usage_events.find(&id);
    Ok(Reply::json(&json!({ "usageEvent": event })))
}

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    page::reply(call, scope::all::<UsageEvent>(store), |event| event)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let event: &UsageEvent = scope::require(store, call.param("id"))?;
    Ok(Reply::json(&json!({ "usageEvent": event })))
}

/// Records many events, all or none; those recorded before are left out of the answer.
pub(crate) fn bulk(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let new = input::read(&call.body, |root| {
        let events = root.at("usageEvents").list();
        events.iter().map(|event| usage_event(&event.as_object())).collect::<Vec<_>>()
    })?;
    let usages = resolve_all(store, new)?;
    let mut recorded = Vec::new();
    for usage in usages {
        if usage.recorded_before(store).is_none() {
            recorded.push(usage.record(store));
        }
    }
    let events: Vec<&UsageEvent> = recorded.iter().filter_map(|id| store.tables.usage_events.find(id)).collect();
    Ok(Reply::json(&json!({ "usageEvents": events })))
}

fn resolve_all(store: &Store, events: Vec<NewUsageEvent>) -> Result<Vec<ResolvedUsage>, ApiError> {
    let mut resolved = Vec::with_capacity(events.len());
    for (index, event) in events.into_iter().enumerate() {
        let usage = usage::resolve(store, event).map_err(|error| at_index(index, &error))?;
        if !usage.price_is_active() {
            return Err(at_index(index, &ApiError::internal("The price is inactive")));
        }
        resolved.push(usage);
    }
    Ok(resolved)
}

fn at_index(index: usize, error: &ApiError) -> ApiError {
    ApiError { kind: error.kind, message: format!("{} (usage event at index {index})", error.sentence()).into() }
}

fn usage_event(event: &Field<'_>) -> NewUsageEvent {
    event.exactly_one_of(&["priceId", "priceSlug", "usageMeterId", "usageMeterSlug"]);
    NewUsageEvent {
        subscription_id: event.at("subscriptionId").string(),
        amount: event.at("amount").positive(),
        transaction_id: event.at("transactionId").string(),
        on: usage_of(event),
        usage_date: event.at("usageDate").optional(Field::timestamp),
        properties: event.at("properties").nullish(Field::any_object),
    }
}

fn usage_of(event: &Field<'_>) -> Option<UsageOf> {
    let text = |name: &str| event.at(name).nullish(Field::string);
    text("priceId")
        .map(UsageOf::PriceId)
        .or_else(|| text("priceSlug").map(UsageOf::PriceSlug))
        .or_else(|| text("usageMeterId").map(UsageOf::MeterId))
        .or_else(|| text("usageMeterSlug").map(UsageOf::MeterSlug))
}
