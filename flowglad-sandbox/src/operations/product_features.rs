//! `/product-features`: which product has which feature.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        reply::Reply,
    },
    records::pricing::ProductFeature,
    refusal::Refusal,
    rules::{pricing::product_features, scope},
    store::Store,
};

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<ProductFeature>(store), |link| link)
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (product_id, feature_id, expired_at) = input::read(call, |root| {
        let link = root.object("productFeature");
        let ids = (link.at("productId").string(), link.at("featureId").string());
        (ids.0, ids.1, link.at("expiredAt").nullish(Field::timestamp))
    })?;
    let id = product_features::attach(store, &product_id, &feature_id, expired_at)?;
    scope::require(store, &id).map(link_reply)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    scope::require(store, call.param("id")).map(link_reply)
}

#[expect(clippy::unnecessary_wraps, reason = "every operation can refuse, and has this signature")]
pub(crate) fn expire(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    product_features::expire(store, call.param("id"));
    Ok(Reply::json(&json!({ "success": true })))
}

fn link_reply(link: &ProductFeature) -> Reply {
    Reply::json(&json!({ "productFeature": link }))
}
