//! The app's metered endpoint: every call uses one credit.

use std::num::NonZeroU64;

use actix_web::{
    HttpResponse, ResponseError as _,
    http::StatusCode,
    web::{Data, Json},
};
use flowglad_actix::flowglad_core::{Error, Flowglad, RequestingCustomer, api::NewUsageEvent};
use serde::Deserialize;
use serde_json::json;

use crate::session::{NotSignedIn, User, error};

const METER: &str = "api_calls";

/// How many calls to make.
#[derive(Deserialize)]
pub(crate) struct Calls {
    #[serde(default = "one")]
    amount: NonZeroU64,
}

fn one() -> NonZeroU64 {
    NonZeroU64::MIN
}

pub(crate) async fn make(
    flowglad: Data<Flowglad>,
    user: User,
    calls: Result<Json<Calls>, actix_web::Error>,
) -> HttpResponse {
    let calls = match calls {
        Ok(Json(calls)) => calls,
        Err(rejection) => return error(StatusCode::BAD_REQUEST, &rejection.to_string()),
    };
    let Ok(customer) = RequestingCustomer::try_from(user) else { return NotSignedIn::Anonymous.error_response() };
    match pay_with_credits(&flowglad, &customer, calls.amount).await {
        Ok(true) => HttpResponse::Ok().json(json!({"recorded": calls.amount})),
        Ok(false) => error(StatusCode::PAYMENT_REQUIRED, "Not enough calls left. Buy a credit pack or upgrade."),
        Err(failure) => {
            tracing::error!("cannot record usage: {failure}");
            error(StatusCode::BAD_GATEWAY, "Billing is not available right now.")
        }
    }
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
