//! `/payments`: payments and refunds.

use serde_json::json;

use crate::{
    operations::{call::Call, page, reply::Reply},
    records::billing::Payment,
    refusal::Refusal,
    rules::{billing::refund, scope},
    store::Store,
};

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<Payment>(store), |payment| payment)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    scope::show(store, call.param("id")).map(payment_reply)
}

/// Refunds a payment in full. As on the real API, the body is ignored.
pub(crate) fn refund(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let payment = scope::find::<Payment>(store, id).cloned().ok_or_else(|| {
        Refusal::rule_not_found(format!("Unwrap called on Err: NotFoundError: Payment not found: {id}"))
    })?;
    refund::refund(store, &payment)?;
    scope::require(store, &payment.meta.id).map(payment_reply)
}

fn payment_reply(payment: &Payment) -> Reply {
    Reply::json(&json!({ "payment": payment }))
}
