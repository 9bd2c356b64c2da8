//! The forms that plan faults and remove them.

use std::{sync::Arc, time::Duration};

use axum::{
    Form, Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
    routing::post,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    availability::Availability,
    fault_list::{FaultList, Injectable},
    http::dashboard::{faults::PATH, outcome},
    state::SandboxState,
};

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    let path = |rest: &str| format!("{PATH}/{rest}");
    Router::new()
        .route(&path("availability"), post(set_availability))
        .route(&path("requests"), post(add))
        .route(&path("requests/clear"), post(clear))
        .route(&path("requests/{index}/remove"), post(remove))
        .route(&path("webhooks"), post(add_for_webhooks))
        .route(&path("webhooks/clear"), post(clear_for_webhooks))
        .route(&path("webhooks/{index}/remove"), post(remove_for_webhooks))
}

#[derive(Deserialize)]
struct AvailabilityForm {
    availability: String,
    #[serde(default)]
    delay_ms: String,
}

async fn set_availability(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    Form(form): Form<AvailabilityForm>,
) -> Response {
    let chosen = match form.availability.as_str() {
        "up" => Ok(Availability::Up),
        "down" => Ok(Availability::Down),
        "rate_limited" => Ok(Availability::RateLimited),
        _ => number("the delay", &form.delay_ms).map(|delay| Availability::slow(Duration::from_millis(delay))),
    };
    outcome::after(&headers, chosen.map(|availability| state.availability.set(availability)))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct FaultForm {
    effect: String,
    method: String,
    path: String,
    event: String,
    /// The status, the delay or the count that belongs to the effect.
    amount: String,
    times: String,
}

async fn add(State(state): State<Arc<SandboxState>>, headers: HeaderMap, Form(form): Form<FaultForm>) -> Response {
    let effect = match form.effect.as_str() {
        "status" => number("the status", &form.amount).map(|status| ("status", json!(status))),
        "delay" => number("the delay", &form.amount).map(|delay| ("delayMs", json!(delay))),
        "rate_limited" => Ok(("rateLimited", json!(true))),
        "cut_before" => Ok(("cut", json!("before"))),
        "cut_after" => Ok(("cut", json!("after"))),
        "wrong_json" => Ok(("wrongJson", json!(true))),
        other => Err(unknown(other)),
    };
    let limits = [("method", form.method.as_str()), ("path", form.path.as_str())];
    outcome::after(&headers, plan(&state.faults, effect, &limits, &form.times))
}

async fn add_for_webhooks(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    Form(form): Form<FaultForm>,
) -> Response {
    let effect = match form.effect.as_str() {
        "copies" => number("the number of copies", &form.amount).map(|copies| ("copies", json!(copies))),
        "slow_body" => number("the duration", &form.amount).map(|slow| ("slowBodyMs", json!(slow))),
        "held" => Ok(("hold", json!("untilReleased"))),
        "out_of_order" => Ok(("hold", json!("untilNext"))),
        "wrong_signature" => Ok(("wrongSignature", json!(true))),
        "unsigned" => Ok(("headers", json!("missing"))),
        "old" => Ok(("clockSkewSecs", json!(-600))),
        other => Err(unknown(other)),
    };
    let limits = [("eventType", form.event.as_str())];
    outcome::after(&headers, plan(state.webhook_faults(), effect, &limits, &form.times))
}

/// Adds a fault with one effect, written as the control API takes it.
fn plan<F: Injectable + DeserializeOwned>(
    faults: &FaultList<F>,
    effect: Result<(&str, Value), String>,
    limits: &[(&str, &str)],
    times: &str,
) -> Result<(), String> {
    let (effect, value) = effect?;
    let mut fault = Map::new();
    fault.insert(effect.to_owned(), value);
    fault.insert("times".to_owned(), json!(number("how often", times)?));
    for (name, value) in limits.iter().filter(|(_, value)| !value.trim().is_empty()) {
        fault.insert((*name).to_owned(), json!(value.trim()));
    }
    let fault = serde_json::from_value(Value::Object(fault)).map_err(|error| error.to_string())?;
    faults.add(fault).map_err(str::to_owned)
}

fn number(what: &str, text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("{what} must be a number"))
}

fn unknown(effect: &str) -> String {
    format!("there is no effect {effect}")
}

async fn clear(State(state): State<Arc<SandboxState>>, headers: HeaderMap) -> Response {
    state.faults.clear();
    outcome::back(&headers)
}

async fn clear_for_webhooks(State(state): State<Arc<SandboxState>>, headers: HeaderMap) -> Response {
    state.webhook_faults().clear();
    outcome::back(&headers)
}

async fn remove(State(state): State<Arc<SandboxState>>, Path(index): Path<usize>, headers: HeaderMap) -> Response {
    state.faults.remove(index);
    outcome::back(&headers)
}

async fn remove_for_webhooks(
    State(state): State<Arc<SandboxState>>,
    Path(index): Path<usize>,
    headers: HeaderMap,
) -> Response {
    state.webhook_faults().remove(index);
    outcome::back(&headers)
}
