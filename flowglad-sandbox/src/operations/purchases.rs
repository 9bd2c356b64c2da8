//! `/purchases`: what customers bought in a checkout.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::records::Purchase;
use crate::rules::scope;
use crate::store::Store;

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let purchase: &Purchase = scope::require(store, call.param("id"))?;
    Ok(Reply::json(&json!({ "purchase": purchase })))
}
