//! Attaches features to products. Running subscriptions do not change.

use crate::{
    records::pricing::{Feature, FeatureType, PriceType, Product, ProductFeature},
    refusal::Refusal,
    rules::{pricing::prices, scope},
    store::Store,
};

/// Attaches a feature to a product, again if it was detached before. A link that exists is reused. Returns its id.
pub(crate) fn attach(
    store: &mut Store,
    product_id: &str,
    feature_id: &str,
    expired_at: Option<i64>,
) -> Result<String, Refusal> {
    let product: &Product = scope::find(store, product_id)
        .ok_or_else(|| Refusal::not_found(format!("Product with id {product_id} not found")))?;
    let feature: &Feature = scope::require(store, feature_id)?;
    refuse_toggle_on_single_payment(store, product, feature)?;
    let model_id = product.pricing_model_id.clone();
    match link_of(store, product_id, feature_id).map(|link| link.meta.id.clone()) {
        None => Ok(link(store, &model_id, product_id, feature_id, expired_at)),
        Some(id) => {
            let now = store.now();
            store.tables.product_features.change(&id, now, |link| link.expired_at = None);
            Ok(id)
        }
    }
}

fn refuse_toggle_on_single_payment(store: &Store, product: &Product, feature: &Feature) -> Result<(), Refusal> {
    let paid_once = prices::of_product(store, &product.meta.id).any(|price| price.kind == PriceType::SinglePayment);
    if paid_once && feature.kind == FeatureType::Toggle {
        return Err(Refusal::rule(
            "Cannot associate toggle features with single payment products. Toggle features require \
             subscription-based pricing.",
        ));
    }
    Ok(())
}

fn link_of<'a>(store: &'a Store, product_id: &str, feature_id: &str) -> Option<&'a ProductFeature> {
    let mut links = store.tables.product_features.iter();
    links.find(|link| link.product_id == product_id && link.feature_id == feature_id)
}

fn link(store: &mut Store, model_id: &str, product_id: &str, feature_id: &str, expired_at: Option<i64>) -> String {
    let link = ProductFeature {
        meta: store.meta::<ProductFeature>(),
        product_id: product_id.to_owned(),
        feature_id: feature_id.to_owned(),
        organization_id: store.organization_id.clone(),
        expired_at,
        pricing_model_id: model_id.to_owned(),
    };
    store.tables.product_features.insert(link)
}

/// Detaches a feature from its product. If it is detached already, that time stays. An unknown link changes nothing.
pub(crate) fn expire(store: &mut Store, link_id: &str) {
    if scope::find::<ProductFeature>(store, link_id).is_some_and(|link| link.expired_at.is_none()) {
        let now = store.now();
        store.tables.product_features.change(link_id, now, |link| link.expired_at = Some(now));
    }
}

/// Attaches exactly these features to a product.
pub(crate) fn set_all(store: &mut Store, product_id: &str, feature_ids: &[String]) -> Result<(), Refusal> {
    let now = store.now();
    store.tables.product_features.change_where(
        now,
        |link| link.product_id == product_id && link.expired_at.is_none() && !feature_ids.contains(&link.feature_id),
        |link| link.expired_at = Some(now),
    );
    for feature_id in feature_ids {
        if scope::find::<Feature>(store, feature_id).is_none() {
            return Err(Refusal::missing_reference());
        }
        let has_it = link_of(store, product_id, feature_id).is_some_and(|link| link.expired_at.is_none());
        if !has_it {
            attach(store, product_id, feature_id, None)?;
        }
    }
    Ok(())
}
