//! The features of subscriptions: which items give which, and how much capacity they add up to.

use serde::Serialize;

use crate::{
    records::{
        number::MAX_SAFE_INTEGER,
        pricing::FeatureType,
        subscription::{Subscription, SubscriptionItem, SubscriptionItemFeature},
    },
    rules::pricing::pricing_model,
    store::Store,
};

/// A feature of a subscription, with name and slug.
#[derive(Debug, Serialize)]
pub(crate) struct FeatureItemView<'a> {
    #[serde(flatten)]
    item: &'a SubscriptionItemFeature,
    name: &'a str,
    slug: &'a str,
}

impl FeatureItemView<'_> {
    pub(crate) fn slug(&self) -> &str {
        self.slug
    }
}

/// Adds the features of its price's product to a new subscription item.
pub(crate) fn grant(store: &mut Store, item: &SubscriptionItem) {
    let granted = features_for(store, item);
    for mut feature in granted {
        feature.meta = store.meta::<SubscriptionItemFeature>();
        store.tables.subscription_item_features.insert(feature);
    }
}

fn features_for(store: &Store, item: &SubscriptionItem) -> Vec<SubscriptionItemFeature> {
    let product_id = item
        .price_id
        .as_deref()
        .and_then(|id| store.tables.prices.find(id))
        .and_then(|price| price.product_id.as_deref());
    let links =
        store.tables.product_features.owned_by(product_id.unwrap_or_default()).filter(|link| link.expired_at.is_none());
    let mut granted: Vec<SubscriptionItemFeature> = Vec::new();
    for link in links {
        let Some(feature) = store.tables.features.find(&link.feature_id) else { continue };
        // Two features of one plan for the same resource do not add up: the newer one replaces the older one.
        granted.retain(|earlier| feature.resource_id.is_none() || earlier.resource_id != feature.resource_id);
        granted.push(SubscriptionItemFeature {
            meta: store.meta_with_id(String::new()),
            subscription_item_id: item.meta.id.clone(),
            feature_id: feature.meta.id.clone(),
            product_feature_id: Some(link.meta.id.clone()),
            kind: feature.kind,
            amount: feature.amount.map(|amount| amount.saturating_mul(item.quantity).min(MAX_SAFE_INTEGER)),
            usage_meter_id: feature.usage_meter_id.clone(),
            renewal_frequency: feature.renewal_frequency,
            expired_at: None,
            detached_at: None,
            detached_reason: None,
            manually_created: false,
            pricing_model_id: item.pricing_model_id.clone(),
            resource_id: feature.resource_id.clone(),
        });
    }
    granted
}

/// The items of a subscription that are active at `time`.
pub(crate) fn active_items<'a>(
    store: &'a Store,
    subscription_id: &str,
    time: i64,
) -> impl Iterator<Item = &'a SubscriptionItem> {
    store.tables.subscription_items.owned_by(subscription_id).filter(move |item| item.is_active_at(time))
}

/// The features that a subscription gives at `time`.
pub(crate) fn active_features<'a>(
    store: &'a Store,
    subscription_id: &str,
    time: i64,
) -> Vec<&'a SubscriptionItemFeature> {
    active_items(store, subscription_id, time)
        .flat_map(|item| store.tables.subscription_item_features.owned_by(&item.meta.id))
        .filter(|feature| feature.expired_at.is_none_or(|expired_at| expired_at > time))
        .collect()
}

/// The features of a subscription as the billing view shows them.
pub(crate) fn feature_items<'a>(store: &'a Store, subscription: &Subscription) -> Vec<FeatureItemView<'a>> {
    active_features(store, &subscription.meta.id, store.now())
        .into_iter()
        .filter_map(|item| feature_item(store, item))
        .collect()
}

/// Adds name and slug to a feature of a subscription.
pub(crate) fn feature_item<'a>(store: &'a Store, item: &'a SubscriptionItemFeature) -> Option<FeatureItemView<'a>> {
    let feature = store.tables.features.find(&item.feature_id)?;
    Some(FeatureItemView { item, name: &feature.name, slug: &feature.slug })
}

/// How many units of a resource a subscription allows at `time`; none if its plan does not have the resource.
pub(crate) fn capacity(store: &Store, subscription_id: &str, resource_id: &str, time: i64) -> Option<i64> {
    let mut amounts = active_features(store, subscription_id, time)
        .into_iter()
        .filter(|feature| feature.kind == FeatureType::Resource && feature.resource_id.as_deref() == Some(resource_id))
        .map(|feature| feature.amount.unwrap_or(0))
        .peekable();
    amounts.peek().is_some().then(|| amounts.fold(0, i64::saturating_add).min(MAX_SAFE_INTEGER))
}

/// Expires items and their features at `time`.
pub(crate) fn expire_items(store: &mut Store, item_ids: &[String], time: i64) {
    let now = store.now();
    for id in item_ids {
        store.tables.subscription_items.change(id, now, |item| item.expired_at = Some(time));
        store.tables.subscription_item_features.change_owned_by(
            id,
            now,
            |feature| feature.expired_at.is_none(),
            |feature| feature.expired_at = Some(time),
        );
    }
}

/// The meter and the amount of a product's first credit grant, if it has one.
pub(crate) fn first_credit_grant(store: &Store, product_id: &str) -> Option<(String, i64)> {
    pricing_model::features_of(store, product_id)
        .into_iter()
        .find(|feature| feature.kind == FeatureType::UsageCreditGrant)
        .and_then(|feature| Some((feature.usage_meter_id.clone()?, feature.amount?)))
}
