//! `/payments`: what was charged, and giving it back.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::input::{self, Field};
use crate::http::page;
use crate::http::reply::Reply;
use crate::records::Payment;
use crate::rules::{refund, scope};
use crate::store::Store;

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    page::reply(call, scope::all::<Payment>(store), |payment| payment)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    scope::require(store, call.param("id")).map(payment_reply)
}

/// The real API drops `partialAmount` and always refunds the whole.
pub(crate) fn refund(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let part = input::read(&call.body, |root| root.at("partialAmount").optional(Field::positive))?;
    let payment = scope::require::<Payment>(store, call.param("id"))?.clone();
    refund::refund(store, &payment, part)?;
    scope::require(store, &payment.head.id).map(payment_reply)
}

fn payment_reply(payment: &Payment) -> Reply {
    Reply::json(&json!({ "payment": payment }))
}
