//! The controls of the availability of the whole API.

use std::{sync::Arc, time::Duration};

use axum::{Json, body::Bytes, extract::State, http::HeaderMap};
use serde::Deserialize;

use crate::{
    availability::Availability,
    http::control_api::exchange::{ControlError, read},
    state::SandboxState,
};

pub(super) async fn show(State(state): State<Arc<SandboxState>>) -> Json<Availability> {
    Json(state.availability.get())
}

pub(super) async fn down(State(state): State<Arc<SandboxState>>) -> Json<Availability> {
    set(&state, Availability::Down)
}

pub(super) async fn up(State(state): State<Arc<SandboxState>>) -> Json<Availability> {
    set(&state, Availability::Up)
}

pub(super) async fn rate_limited(State(state): State<Arc<SandboxState>>) -> Json<Availability> {
    set(&state, Availability::RateLimited)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Slow {
    delay_ms: u64,
}

pub(super) async fn slow(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Availability>, ControlError> {
    let Slow { delay_ms } = read(&headers, &body)?;
    Ok(set(&state, Availability::slow(Duration::from_millis(delay_ms))))
}

fn set(state: &SandboxState, availability: Availability) -> Json<Availability> {
    state.availability.set(availability);
    Json(availability)
}
