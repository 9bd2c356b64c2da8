//! `/api-keys`: the caller's key. It is not a record of the store, so a snapshot contains no key.

use serde::Serialize;
use serde_json::json;

use crate::{
    keys::API_KEY_ID,
    operations::{
        call::Call,
        input::{self, Field},
        reply::Reply,
    },
    records::record::Meta,
    refusal::Refusal,
    store::Store,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiKey<'a> {
    #[serde(flatten)]
    meta: Meta,
    organization_id: &'a str,
    pricing_model_id: &'a str,
    name: &'a str,
    token: &'a str,
    active: bool,
    #[serde(rename = "type")]
    kind: &'a str,
    expires_at: Option<i64>,
    stack_auth_hosted_billing_user_id: Option<&'a str>,
    /// The sandbox stores no hash of a key.
    hash_text: Option<&'a str>,
}

/// Refuses a new key: a sandbox has one, which it is started with.
pub(crate) fn create(_store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    input::read(call, |root| {
        let (key, _) = root.at("apiKey").form_by("type", &[("secret", ())]);
        key.at("pricingModelId").string();
        key.at("name").string();
        key.at("active").optional(Field::boolean);
        key.at("expiresAt").nullish(Field::timestamp);
        key.at("stackAuthHostedBillingUserId").nullish(Field::string);
        key.at("hashText").nullish(Field::string);
    })?;
    Err(Refusal::rule("A sandbox has one API key, which it is started with"))
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    if id != API_KEY_ID {
        return Err(Refusal::no_row_to_show("api keys", id));
    }
    // The key is as old as the sandbox's first pricing model.
    let made_at = store.tables.pricing_models.iter().next().map_or(store.now(), |model| model.meta.created_at);
    let key = ApiKey {
        meta: Meta { id: id.to_owned(), created_at: made_at, updated_at: made_at, livemode: false },
        organization_id: &store.organization_id,
        pricing_model_id: &store.key_model_id,
        name: "sandbox",
        token: &call.api_key,
        active: true,
        kind: "secret",
        expires_at: None,
        stack_auth_hosted_billing_user_id: None,
        hash_text: None,
    };
    Ok(Reply::json(&json!({ "apiKey": key })))
}
