//! `/purchases`: what customers bought in a checkout.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::store::Store;

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let id = call.param("id");
    let purchase = store.tables.purchases.find(id).filter(|purchase| purchase.pricing_model_id == store.key_model_id);
    let purchase = purchase.ok_or_else(|| ApiError::no_row("purchases", id))?;
    Ok(Reply::json(&json!({ "purchase": purchase })))
}
