//! `/purchases`: what customers bought in a checkout.

use serde_json::json;

use crate::{
    operations::{call::Call, reply::Reply},
    records::billing::Purchase,
    refusal::Refusal,
    rules::scope,
    store::Store,
};

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let purchase: &Purchase = scope::show(store, call.param("id"))?;
    Ok(Reply::json(&json!({ "purchase": purchase })))
}
