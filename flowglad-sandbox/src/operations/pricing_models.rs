//! `/pricing-models`: what is sold.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::records::PricingModel;
use crate::rules::{catalog, pricing_setup, setup_check, setup_form};
use crate::store::Store;

pub(crate) fn default(store: &mut Store, _call: &Call) -> Result<Reply, ApiError> {
    let model = store.tables.pricing_models.iter().find(|model| model.is_default);
    let model = model.ok_or_else(|| ApiError::internal_not_found("Default pricing model not found"))?;
    Ok(model_reply(store, model))
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    require(store, call.param("id")).map(|model| model_reply(store, model))
}

/// Makes a whole model. From then on the API key belongs to it.
pub(crate) fn setup(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let (form, issues) = setup_form::read(&call.body);
    if !issues.is_empty() {
        return Err(ApiError::bad_request(issues));
    }
    if let Some(problem) = setup_check::problems(&form).into_iter().next() {
        return Err(ApiError::internal(problem));
    }
    let id = pricing_setup::set_up(store, &form);
    require(store, &id).map(|model| model_reply(store, model))
}

fn require<'a>(store: &'a Store, id: &str) -> Result<&'a PricingModel, ApiError> {
    store.tables.pricing_models.find(id).ok_or_else(|| ApiError::no_row("pricing models", id))
}

/// A key sees every model, but only what is inside its own.
fn model_reply(store: &Store, model: &PricingModel) -> Reply {
    let is_own = model.head.id == store.key_model_id;
    let view = if is_own { catalog::view(store, model) } else { catalog::empty_view(model) };
    Reply::json(&json!({ "pricingModel": view }))
}
