//! `/_sandbox`: what tests and tools do to a sandbox that no caller of the real API can. It needs no key, and is
//! open by itself only where nobody but this computer can reach it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::call;
use super::faults::Fault;
use super::request_log::SeenRequest;
use crate::error::SandboxError;
use crate::records::CheckoutSession;
use crate::rules::checkout_completion::Refusal;
use crate::rules::period::DAY_MS;
use crate::sandbox::API_KEY_ID;
use crate::shared::Shared;
use crate::snapshot::Snapshot;
use crate::webhooks::delivery_log::WebhookDelivery;

/// A snapshot of a million records fits.
const LARGEST_BODY: usize = 1024 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/advance", post(advance))
        .route("/_sandbox/api-key", get(api_key))
        .route("/_sandbox/checkout-sessions/{id}/complete", post(complete))
        .route("/_sandbox/checkout-sessions/{id}/fail", post(fail))
        .route("/_sandbox/fail-next-payment", post(fail_next_payment))
        .route("/_sandbox/faults", get(faults).post(inject_fault).delete(clear_faults))
        .route("/_sandbox/requests", get(requests))
        .route("/_sandbox/snapshot", get(snapshot))
        .route("/_sandbox/restore", post(restore))
        .route("/_sandbox/webhooks/deliveries", get(deliveries))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

/// A request that cannot be done as asked.
struct Unusable(StatusCode, String);

impl IntoResponse for Unusable {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

fn bad_request(problem: impl Into<String>) -> Unusable {
    Unusable(StatusCode::BAD_REQUEST, problem.into())
}

/// The JSON of a body. Its content type must say so: a form of another site can send anything but that.
fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Unusable> {
    if !call::is_json(headers) {
        let problem = "send the body as JSON, with content-type: application/json";
        return Err(Unusable(StatusCode::UNSUPPORTED_MEDIA_TYPE, problem.to_owned()));
    }
    let unreadable = |error: serde_json::Error| bad_request(format!("the body cannot be read: {error}"));
    let body: Value = serde_json::from_slice(body).map_err(unreadable)?;
    if !body.is_object() {
        return Err(bad_request("the body cannot be read: it must be a JSON object"));
    }
    serde_json::from_value(body).map_err(unreadable)
}

/// As [`read`], where an empty body says the same as `{}`.
fn read_or_default<T: DeserializeOwned + Default>(headers: &HeaderMap, body: &[u8]) -> Result<T, Unusable> {
    if body.is_empty() && !headers.contains_key(CONTENT_TYPE) { Ok(T::default()) } else { read(headers, body) }
}

async fn reset(State(shared): State<Arc<Shared>>) -> Json<Value> {
    shared.reset();
    Json(json!({ "reset": true }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    days: Option<u32>,
    to: Option<i64>,
}

async fn advance(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Result<Json<Value>, Unusable> {
    let to = match read(&headers, &body)? {
        Advance { days: Some(days), to: None } => shared.now().saturating_add(i64::from(days).saturating_mul(DAY_MS)),
        Advance { days: None, to: Some(to) } => to,
        Advance { .. } => return Err(bad_request("give either days or to (milliseconds since 1970)")),
    };
    let jobs = shared.advance_to(to).map_err(|error| bad_request(error.to_string()))?;
    Ok(Json(json!({ "now": shared.now(), "jobs": jobs })))
}

async fn complete(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    session_reply(&id, shared.complete_checkout_session(&id))
}

async fn fail(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    session_reply(&id, shared.fail_checkout_session(&id))
}

fn session_reply(id: &str, outcome: Result<CheckoutSession, Refusal>) -> Response {
    match outcome {
        Ok(session) => Json(json!({ "checkoutSession": session })).into_response(),
        Err(refusal) => {
            let error = SandboxError::of(id, refusal);
            Unusable(status_of(&error), error.to_string()).into_response()
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HowOften {
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

impl Default for HowOften {
    fn default() -> Self {
        Self { times: once() }
    }
}

async fn fail_next_payment(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Unusable> {
    let HowOften { times } = read_or_default(&headers, &body)?;
    shared.fail_next_payments(times);
    Ok(Json(json!({ "failNextPayments": shared.store().fail_next_payments })))
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Vec<Fault>> {
    Json(shared.faults.all())
}

async fn inject_fault(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Vec<Fault>>, Unusable> {
    shared.faults.add(read(&headers, &body)?).map_err(bad_request)?;
    Ok(Json(shared.faults.all()))
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> Json<Vec<Fault>> {
    shared.faults.clear();
    Json(shared.faults.all())
}

/// Only the id of the key's record: the key itself is for those who have it.
async fn api_key() -> Json<Value> {
    Json(json!({ "id": API_KEY_ID }))
}

async fn requests(State(shared): State<Arc<Shared>>) -> Json<Vec<SeenRequest>> {
    Json(shared.requests.all())
}

async fn snapshot(State(shared): State<Arc<Shared>>) -> Json<Snapshot> {
    Json(shared.snapshot())
}

async fn restore(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Result<Json<Value>, Unusable> {
    let snapshot: Snapshot = read(&headers, &body)?;
    shared.restore(&snapshot).map_err(|error| bad_request(error.to_string()))?;
    Ok(Json(json!({ "restored": true })))
}

async fn deliveries(State(shared): State<Arc<Shared>>) -> Json<Vec<WebhookDelivery>> {
    Json(shared.deliveries.all())
}

/// Why a session could not be completed, as a status.
pub(crate) fn status_of(error: &SandboxError) -> StatusCode {
    match error {
        SandboxError::CheckoutSessionNotFound { .. } => StatusCode::NOT_FOUND,
        SandboxError::CheckoutSessionExpired { .. } => StatusCode::GONE,
        SandboxError::CheckoutSessionNotOpen { .. } | SandboxError::CheckoutRefused { .. } => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    }
}
