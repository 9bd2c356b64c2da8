//! The app's metered endpoint: every call uses one credit.

use std::num::NonZeroU64;

use flowglad_rocket::flowglad_core::{Error, Flowglad, RequestingCustomer, api::NewUsageEvent};
use rocket::{
    Route, State,
    http::Status,
    post,
    response::status::Custom,
    routes,
    serde::json::{self, Json, Value, json},
};
use serde::Deserialize;

use crate::session::{User, error};

const METER: &str = "api_calls";

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
    routes![make, not_json]
}

#[post("/calls", format = "json", data = "<calls>")]
async fn make(
    flowglad: &State<Flowglad>,
    user: User,
    calls: Result<Json<Calls>, json::Error<'_>>,
) -> Result<Value, Custom<Value>> {
    let Json(calls) = calls.map_err(|problem| error(Status::BadRequest, &problem.to_string()))?;
    let customer =
        RequestingCustomer::try_from(user).map_err(|invalid| error(Status::Unauthorized, &invalid.to_string()))?;
    match pay_with_credits(flowglad, &customer, calls.amount).await {
        Ok(true) => Ok(json!({"recorded": calls.amount})),
        Ok(false) => Err(error(Status::PaymentRequired, "Not enough calls left. Buy a credit pack or upgrade.")),
        Err(failure) => {
            tracing::error!("cannot record usage: {failure}");
            Err(error(Status::BadGateway, "Billing is not available right now."))
        }
    }
}

/// Without this route, Rocket would look for a file named `calls` and return a 404.
#[post("/calls", rank = 2)]
fn not_json(_user: User) -> Custom<Value> {
    error(Status::BadRequest, "The body must be JSON, sent with its content type.")
}

/// Flowglad also records usage beyond the credits and puts it on the next invoice, so an app that must stop at zero
/// checks the balance first. Two concurrent calls can still both pass the check; an app that must prevent this keeps
/// its own counter.
async fn pay_with_credits(
    flowglad: &Flowglad,
    customer: &RequestingCustomer,
    amount: NonZeroU64,
) -> Result<bool, Error> {
    let customer = flowglad.customer(customer);
    let billing = customer.billing().await?;
    let Some(plan) = billing.current_subscription() else { return Ok(false) };
    let left = billing.check_usage_balance_on(&plan.id, METER).map_or(0, |balance| balance.available_balance);
    if u64::try_from(left).unwrap_or(0) < amount.get() {
        return Ok(false);
    }
    // A job that may run twice sets its own id as `transaction_id`, so that it is counted once.
    customer.create_usage_event(&NewUsageEvent::for_meter(METER, amount), Some(&plan.id)).await?;
    Ok(true)
}
