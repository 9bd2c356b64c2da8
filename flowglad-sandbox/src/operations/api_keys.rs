//! `/api-keys`: the key that the caller shows.

use serde::Serialize;
use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::records::ApiKey;
use crate::store::Store;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiKeyView<'a> {
    #[serde(flatten)]
    key: &'a ApiKey,
    pricing_model_id: &'a str,
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let id = call.param("id");
    let key = store.tables.api_keys.find(id).ok_or_else(|| ApiError::no_row("api keys", id))?;
    Ok(Reply::json(&json!({ "apiKey": ApiKeyView { key, pricing_model_id: &store.key_model_id } })))
}
