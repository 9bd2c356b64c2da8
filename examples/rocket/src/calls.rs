//! The app's metered endpoints: every call uses one credit.
//!
//! Usage is recorded on this computer's disk and delivered in the background, so that Flowglad is in no request's way, and
//! a crash or an outage loses nothing.

use std::{convert::Infallible, num::NonZeroU64};

use flowglad_rocket::{
    Customer, Refusal,
    flowglad_core::{CustomerScope, Flowglad},
};
use rocket::{
    Either, Request, Route, State, get,
    http::Status,
    post,
    request::{FromRequest, Outcome},
    response::status::Custom,
    routes,
    serde::json::{self, Json, Value, json},
};
use serde::Deserialize;

use crate::session::{User, error};

pub(crate) const METER: &str = "api_calls";
const KEY: &str = "idempotency-key";
const NO_AMOUNT: &str = "The body must be JSON such as {\"amount\": 3}, sent with its content type.";
const NO_KEY: &str = "The Idempotency-Key must be plain text, and not empty.";

/// How many calls to make.
#[derive(Deserialize)]
struct Calls {
    #[serde(default = "one")]
    amount: NonZeroU64,
}

fn one() -> NonZeroU64 {
    NonZeroU64::MIN
}

pub(crate) fn routes() -> Vec<Route> {
    routes![make, not_json, status]
}

pub(crate) fn metered_routes() -> Vec<Route> {
    routes![fail]
}

/// The name of the request, if the client gave it one.
struct IdempotencyKey<'r>(Option<&'r str>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for IdempotencyKey<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self(request.headers().get_one(KEY)))
    }
}

/// The cost is in the body, so the handler itself asks for the credits. The same `Idempotency-Key` costs once.
#[post("/calls", format = "json", data = "<calls>")]
async fn make(
    customer: Result<Customer, Refusal>,
    key: IdempotencyKey<'_>,
    calls: Result<Json<Calls>, json::Error<'_>>,
) -> Result<Value, Either<Custom<Value>, Refusal>> {
    let Customer(me) = customer.map_err(Either::Right)?;
    let Json(calls) = calls.map_err(|_| Either::Left(invalid(NO_AMOUNT)))?;
    if key.0 == Some("") {
        return Err(Either::Left(invalid(NO_KEY)));
    }
    pay(&me, calls.amount.get(), key.0).await.map_err(Either::Right)
}

/// Without this route, Rocket would look for a file named `calls` and return a 404.
#[post("/calls", rank = 2)]
fn not_json(_user: User) -> Custom<Value> {
    invalid(NO_AMOUNT)
}

fn invalid(problem: &str) -> Custom<Value> {
    error(Status::BadRequest, "validation_error", problem)
}

/// Holds the credits while the calls run, so that two requests at once cannot both take the last of them.
async fn pay(me: &CustomerScope, amount: u64, key: Option<&str>) -> Result<Value, Refusal> {
    let mut credits = me.hold(METER, amount);
    if let Some(key) = key {
        credits = credits.key(key);
    }
    let hold = credits.await?;
    // A real app makes the calls here. If they fail, the hold is dropped, and nothing is charged.
    let settled = hold.settle(amount).await?;
    Ok(json!({"recorded": amount, "balance": settled.left}))
}

/// The work of this route fails, so nothing is charged for it.
#[post("/calls/fail")]
fn fail() -> Custom<Value> {
    error(Status::InternalServerError, "internal_error", "The call failed. Nothing was charged.")
}

/// What is not at Flowglad yet, of all customers.
#[get("/usage/status")]
fn status(flowglad: &State<Flowglad>) -> Value {
    let stats = flowglad.usage().stats();
    json!({
        "pending": stats.pending,
        "oldestPendingMs": stats.oldest_pending_ms,
        "sent": stats.sent,
        "deadLetters": stats.dead_letters,
    })
}
