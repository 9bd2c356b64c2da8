//! The control API under `/_sandbox`: for tests and tools, without a key. By default it is open only where no other
//! computer can reach it.

mod availability;
mod customers;
mod exchange;

pub(crate) use exchange::status_of;
use exchange::{ControlError, bad_request, once, read, read_query};

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    error::SandboxError,
    fault::Fault,
    keys::API_KEY_ID,
    race::Race,
    records::checkout::CheckoutSession,
    request_log::SeenRequest,
    rules::checkout::completion::CheckoutError,
    snapshot::Snapshot,
    state::SandboxState,
    usage_ledger::UsageLedgerEntry,
    webhooks::{delivery::WebhookDelivery, webhook_fault::WebhookFault},
};

/// Large enough for a snapshot of a million records.
const LARGEST_BODY: usize = 1024 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/advance", post(advance))
        .route("/_sandbox/api-key", get(api_key))
        .route("/_sandbox/checkout-sessions/{id}/complete", post(complete))
        .route("/_sandbox/checkout-sessions/{id}/fail", post(fail))
        .route("/_sandbox/availability", get(availability::show))
        .route("/_sandbox/down", post(availability::down))
        .route("/_sandbox/up", post(availability::up))
        .route("/_sandbox/slow", post(availability::slow))
        .route("/_sandbox/rate-limited", post(availability::rate_limited))
        .route("/_sandbox/customers", post(customers::create))
        .route("/_sandbox/subscribe", post(customers::subscribe))
        .route("/_sandbox/fail-next-payment", post(customers::fail_next_payment))
        .route("/_sandbox/advance-to-next-renewal", post(customers::advance_to_next_renewal))
        .route("/_sandbox/advance-through-dunning", post(customers::advance_through_dunning))
        .route("/_sandbox/balance", get(customers::balance))
        .route("/_sandbox/features", get(customers::features))
        .route("/_sandbox/race-next", post(race_next))
        .route("/_sandbox/faults", get(faults).post(inject_fault).delete(clear_faults))
        .route("/_sandbox/usage-ledger", get(usage_ledger))
        .route("/_sandbox/requests", get(requests).delete(clear_requests))
        .route("/_sandbox/snapshot", get(snapshot))
        .route("/_sandbox/restore", post(restore))
        .route("/_sandbox/webhooks", post(register_webhook))
        .route("/_sandbox/webhooks/settled", get(settled))
        .route("/_sandbox/webhooks/deliveries", get(deliveries))
        .route("/_sandbox/webhooks/deliveries/{id}/redeliver", post(redeliver))
        .route("/_sandbox/webhooks/release", post(release))
        .route("/_sandbox/webhooks/faults", get(webhook_faults).post(inject_webhook_fault).delete(clear_webhook_faults))
        .route("/_sandbox/webhooks/{id}/rotate-secret", post(rotate_secret))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

async fn reset(State(state): State<Arc<SandboxState>>) -> Json<Value> {
    state.reset();
    Json(json!({ "reset": true }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    days: Option<u32>,
    to: Option<i64>,
}

async fn advance(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let jobs = match read(&headers, &body)? {
        Advance { days: Some(days), to: None } => state.advance_by_days(days),
        Advance { days: None, to: Some(to) } => state.advance_to(to),
        Advance { .. } => return Err(bad_request("give either days or to (milliseconds since 1970)")),
    }?;
    Ok(Json(json!({ "now": state.now(), "jobs": jobs })))
}

async fn complete(State(state): State<Arc<SandboxState>>, Path(id): Path<String>) -> Response {
    session_reply(&id, state.complete_checkout_session(&id))
}

async fn fail(State(state): State<Arc<SandboxState>>, Path(id): Path<String>) -> Response {
    session_reply(&id, state.fail_checkout_session(&id))
}

fn session_reply(id: &str, outcome: Result<CheckoutSession, CheckoutError>) -> Response {
    match outcome {
        Ok(session) => Json(json!({ "checkoutSession": session })).into_response(),
        Err(refusal) => ControlError::from(SandboxError::from_checkout(id, refusal)).into_response(),
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PlannedRace {
    race: Race,
    #[serde(default = "once")]
    times: u32,
}

async fn race_next(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PlannedRace>, ControlError> {
    let planned: PlannedRace = read(&headers, &body)?;
    state.race_next(planned.race, planned.times);
    Ok(Json(planned))
}

async fn faults(State(state): State<Arc<SandboxState>>) -> Json<Vec<Fault>> {
    Json(state.faults.all())
}

async fn inject_fault(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Vec<Fault>>, ControlError> {
    state.faults.add(read(&headers, &body)?).map_err(bad_request)?;
    Ok(Json(state.faults.all()))
}

async fn clear_faults(State(state): State<Arc<SandboxState>>) -> Json<Vec<Fault>> {
    state.faults.clear();
    Json(state.faults.all())
}

/// Returns only the id of the key's record, never the key.
async fn api_key() -> Json<Value> {
    Json(json!({ "id": API_KEY_ID }))
}

/// The most entries of the usage ledger in one response.
const LEDGER_PAGE: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LedgerQuery {
    customer: Option<String>,
    #[serde(default)]
    from: usize,
}

#[derive(Serialize)]
struct LedgerPage {
    events: Vec<UsageLedgerEntry>,
    /// The position for the next page; none if there is nothing more.
    next: Option<usize>,
}

async fn usage_ledger(
    State(state): State<Arc<SandboxState>>,
    query: Result<Query<LedgerQuery>, QueryRejection>,
) -> Result<Json<LedgerPage>, ControlError> {
    let LedgerQuery { customer, from } = read_query(query)?;
    let mut events = state.usage_ledger(from, customer.as_deref(), LEDGER_PAGE + 1);
    let next = (events.len() > LEDGER_PAGE).then(|| events.pop()).flatten().map(|more| more.position);
    Ok(Json(LedgerPage { events, next }))
}

async fn requests(State(state): State<Arc<SandboxState>>) -> Json<Vec<SeenRequest>> {
    Json(state.requests.all())
}

async fn clear_requests(State(state): State<Arc<SandboxState>>) -> Json<Vec<SeenRequest>> {
    state.requests.clear();
    Json(state.requests.all())
}

async fn snapshot(State(state): State<Arc<SandboxState>>) -> Json<Snapshot> {
    Json(state.snapshot())
}

async fn restore(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let snapshot: Snapshot = read(&headers, &body)?;
    state.restore(&snapshot).map_err(|error| bad_request(error.to_string()))?;
    Ok(Json(json!({ "restored": true })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewWebhook {
    url: String,
}

async fn register_webhook(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let NewWebhook { url } = read(&headers, &body)?;
    Ok(Json(json!({ "secret": state.send_webhooks_to(&url)? })))
}

/// Responds when no delivery is pending.
async fn settled(State(state): State<Arc<SandboxState>>) -> Json<Vec<WebhookDelivery>> {
    state.deliveries().wait_until_settled().await;
    Json(state.deliveries().all())
}

async fn deliveries(State(state): State<Arc<SandboxState>>) -> Json<Vec<WebhookDelivery>> {
    Json(state.deliveries().all())
}

async fn redeliver(
    State(state): State<Arc<SandboxState>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    Ok(Json(json!({ "redelivered": state.redeliver_webhook(&id)? })))
}

async fn release(State(state): State<Arc<SandboxState>>) -> Json<Value> {
    Json(json!({ "released": state.release_webhooks() }))
}

async fn webhook_faults(State(state): State<Arc<SandboxState>>) -> Json<Vec<WebhookFault>> {
    Json(state.webhook_faults().all())
}

async fn inject_webhook_fault(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Vec<WebhookFault>>, ControlError> {
    state.webhook_faults().add(read(&headers, &body)?).map_err(bad_request)?;
    Ok(Json(state.webhook_faults().all()))
}

async fn clear_webhook_faults(State(state): State<Arc<SandboxState>>) -> Json<Vec<WebhookFault>> {
    state.webhook_faults().clear();
    Json(state.webhook_faults().all())
}

async fn rotate_secret(
    State(state): State<Arc<SandboxState>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    Ok(Json(json!({ "secret": state.rotate_webhook_secret(&id)? })))
}
