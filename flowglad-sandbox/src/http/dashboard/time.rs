//! The buttons that move the time, and those for the whole sandbox.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::Deserialize;

use crate::{http::dashboard::outcome, records::pricing::IntervalUnit, rules::billing::period, state::SandboxState};

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/dashboard/advance-day", post(advance_day))
        .route("/dashboard/advance-month", post(advance_month))
        .route("/dashboard/advance-to", post(advance_to))
        .route("/dashboard/fail-next-payment", post(fail_next_payment))
        .route("/dashboard/reset", post(reset))
}

async fn advance_day(State(state): State<Arc<SandboxState>>, headers: HeaderMap) -> Response {
    let to = state.now().saturating_add(period::DAY_MS);
    advance(&state, &headers, Ok(to))
}

async fn advance_month(State(state): State<Arc<SandboxState>>, headers: HeaderMap) -> Response {
    let to = period::end_of(state.now(), IntervalUnit::Month, 1);
    advance(&state, &headers, to.map_err(|error| outcome::reason(&error)))
}

#[derive(Deserialize)]
struct ChosenTime {
    /// As a browser's field for a date and a time has it, such as `2026-02-01T09:30`.
    to: String,
}

async fn advance_to(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    Form(ChosenTime { to }): Form<ChosenTime>,
) -> Response {
    let time = to.parse::<DateTime>().and_then(|time| TimeZone::UTC.to_timestamp(time));
    let time = time.map(Timestamp::as_millisecond).map_err(|_| format!("{to} is no date and time"));
    advance(&state, &headers, time)
}

fn advance(state: &SandboxState, headers: &HeaderMap, to: Result<i64, String>) -> Response {
    let moved = to.and_then(|to| state.advance_to(to).map_err(|error| outcome::sentence(&error)));
    outcome::after(headers, moved)
}

async fn fail_next_payment(State(state): State<Arc<SandboxState>>, headers: HeaderMap) -> Response {
    state.fail_next_payments(1);
    outcome::back(&headers)
}

async fn reset(State(state): State<Arc<SandboxState>>) -> Response {
    state.reset();
    Redirect::to("/").into_response()
}
