//! The controls of one customer: steps of a test, and what it asks.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State, rejection::QueryRejection},
    http::HeaderMap,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    error::SandboxError,
    http::control_api::exchange::{ControlError, once, read, read_query},
    state::SandboxState,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewCustomer {
    external_id: String,
}

pub(super) async fn create(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let NewCustomer { external_id } = read(&headers, &body)?;
    let id = state.create_customer(&external_id).map_err(|refusal| SandboxError::refused(&refusal))?;
    Ok(Json(json!({ "customerId": id })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Purchase {
    customer: String,
    price_slug: String,
}

pub(super) async fn subscribe(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let Purchase { customer, price_slug } = read(&headers, &body)?;
    let id = state.subscribe(&customer, &price_slug).map_err(|refusal| SandboxError::refused(&refusal))?;
    Ok(Json(json!({ "subscriptionId": id })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailNextPayment {
    #[serde(default = "once")]
    times: u32,
    /// Whose payments; everyone's if absent.
    customer: Option<String>,
}

pub(super) async fn fail_next_payment(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    match read(&headers, &body)? {
        FailNextPayment { times, customer: Some(customer) } => {
            let left = state.fail_payments_of(&state.customer_id(&customer)?, times);
            Ok(Json(json!({ "customer": customer, "failNextPayments": left })))
        }
        FailNextPayment { times, customer: None } => {
            state.fail_next_payments(times);
            Ok(Json(json!({ "failNextPayments": state.store().fail_next_payments })))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfCustomer {
    customer: String,
}

pub(super) async fn advance_to_next_renewal(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let OfCustomer { customer } = read(&headers, &body)?;
    let jobs = state.advance_to_next_renewal(&state.customer_id(&customer)?)?;
    Ok(Json(json!({ "now": state.now(), "jobs": jobs })))
}

pub(super) async fn advance_through_dunning(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let OfCustomer { customer } = read(&headers, &body)?;
    let retries = state.advance_through_dunning(&state.customer_id(&customer)?)?;
    Ok(Json(json!({ "now": state.now(), "retries": retries })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfMeter {
    customer: String,
    meter: String,
}

pub(super) async fn balance(
    State(state): State<Arc<SandboxState>>,
    query: Result<Query<OfMeter>, QueryRejection>,
) -> Result<Json<Value>, ControlError> {
    let OfMeter { customer, meter } = read_query(query)?;
    Ok(Json(json!({ "balance": state.balance(&customer, &meter)? })))
}

pub(super) async fn features(
    State(state): State<Arc<SandboxState>>,
    query: Result<Query<OfCustomer>, QueryRejection>,
) -> Result<Json<Value>, ControlError> {
    let OfCustomer { customer } = read_query(query)?;
    Ok(Json(json!({ "features": state.features(&customer)? })))
}
