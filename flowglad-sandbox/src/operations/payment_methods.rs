//! `/payment-methods`: the cards that customers stored.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::page;
use crate::http::reply::Reply;
use crate::store::Store;

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let methods = store.tables.payment_methods.iter().filter(|method| method.pricing_model_id == store.key_model_id);
    page::reply(call, methods, |method| method)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let id = call.param("id");
    let method = store.tables.payment_methods.find(id).filter(|method| method.pricing_model_id == store.key_model_id);
    let method = method.ok_or_else(|| ApiError::no_row("payment methods", id))?;
    Ok(Reply::json(&json!({ "paymentMethod": method })))
}
