//! `/payment-methods`: the cards that customers stored.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::page;
use crate::http::reply::Reply;
use crate::records::PaymentMethod;
use crate::rules::scope;
use crate::store::Store;

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    page::reply(call, scope::all::<PaymentMethod>(store), |method| method)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let method: &PaymentMethod = scope::require(store, call.param("id"))?;
    Ok(Reply::json(&json!({ "paymentMethod": method })))
}
