//! The app's metered endpoints: every call uses one credit.
//!
//! Usage is recorded on this computer's disk and delivered in the background, so that Flowglad is in no request's way, and
//! a crash or an outage loses nothing.

use std::num::NonZeroU64;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderValue},
    web::{Data, Json},
};
use flowglad_actix::{
    Customer, Refusal,
    flowglad_core::{CustomerScope, Flowglad},
};
use serde::Deserialize;
use serde_json::json;

use crate::session::error;

pub(crate) const METER: &str = "api_calls";
const KEY: &str = "idempotency-key";
const NO_AMOUNT: &str = "The body must be JSON such as {\"amount\": 3}, sent with its content type.";
const NO_KEY: &str = "The Idempotency-Key must be plain text, and not empty.";

/// How many calls to make.
#[derive(Deserialize)]
pub(crate) struct Calls {
    #[serde(default = "one")]
    amount: NonZeroU64,
}

fn one() -> NonZeroU64 {
    NonZeroU64::MIN
}

/// The cost is in the body, so the handler itself asks for the credits. The same `Idempotency-Key` costs once.
pub(crate) async fn make(
    Customer(me): Customer,
    request: HttpRequest,
    calls: Result<Json<Calls>, actix_web::Error>,
) -> Result<HttpResponse, Refusal> {
    let Ok(Json(calls)) = calls else { return Ok(invalid(NO_AMOUNT)) };
    let key = match request.headers().get(KEY).map(HeaderValue::to_str) {
        Some(Ok("") | Err(_)) => return Ok(invalid(NO_KEY)),
        Some(Ok(key)) => Some(key),
        None => None,
    };
    pay(&me, calls.amount.get(), key).await
}

fn invalid(problem: &str) -> HttpResponse {
    error(StatusCode::BAD_REQUEST, "validation_error", problem)
}

/// Holds the credits while the calls run, so that two requests at once cannot both take the last of them.
async fn pay(me: &CustomerScope, amount: u64, key: Option<&str>) -> Result<HttpResponse, Refusal> {
    let mut credits = me.hold(METER, amount);
    if let Some(key) = key {
        credits = credits.key(key);
    }
    let hold = credits.await?;
    // A real app makes the calls here. If they fail, the hold is dropped, and nothing is charged.
    let settled = hold.settle(amount).await?;
    Ok(HttpResponse::Ok().json(json!({"recorded": amount, "balance": settled.left})))
}

/// The work of this route fails, so nothing is charged for it.
pub(crate) async fn fail() -> HttpResponse {
    error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "The call failed. Nothing was charged.")
}

/// What is not at Flowglad yet, of all customers.
pub(crate) async fn status(flowglad: Data<Flowglad>) -> HttpResponse {
    let stats = flowglad.usage().stats();
    HttpResponse::Ok().json(json!({
        "pending": stats.pending,
        "oldestPendingMs": stats.oldest_pending_ms,
        "sent": stats.sent,
        "deadLetters": stats.dead_letters,
    }))
}
