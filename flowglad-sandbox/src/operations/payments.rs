//! `/payments`: what was charged, and giving it back.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::input::{self, Field};
use crate::http::page;
use crate::http::reply::Reply;
use crate::records::Payment;
use crate::rules::refund;
use crate::store::Store;

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let payments = store.tables.payments.iter().filter(|payment| payment.pricing_model_id == store.key_model_id);
    page::reply(call, payments, |payment| payment)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    require(store, call.param("id")).map(payment_reply)
}

/// The real API drops `partialAmount` and always refunds the whole.
pub(crate) fn refund(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let part = input::read(&call.body, |root| root.at("partialAmount").optional(Field::positive))?;
    let payment = require(store, call.param("id"))?.clone();
    refund::refund(store, &payment, part)?;
    require(store, &payment.head.id).map(payment_reply)
}

fn require<'a>(store: &'a Store, id: &str) -> Result<&'a Payment, ApiError> {
    let payment = store.tables.payments.find(id).filter(|payment| payment.pricing_model_id == store.key_model_id);
    payment.ok_or_else(|| ApiError::no_row("payments", id))
}

fn payment_reply(payment: &Payment) -> Reply {
    Reply::json(&json!({ "payment": payment }))
}
