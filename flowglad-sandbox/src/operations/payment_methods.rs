//! `/payment-methods`: the stored cards of customers.

use serde_json::json;

use crate::{
    operations::{call::Call, page, reply::Reply},
    records::billing::PaymentMethod,
    refusal::Refusal,
    rules::scope,
    store::Store,
};

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<PaymentMethod>(store), |method| method)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let method: &PaymentMethod = scope::show(store, call.param("id"))?;
    Ok(Reply::json(&json!({ "paymentMethod": method })))
}
