//! Features that were added to one subscription by hand, beside those of its plan.

use crate::{
    records::{
        pricing::{Feature, FeatureType},
        subscription::{Subscription, SubscriptionItem, SubscriptionItemFeature},
    },
    refusal::Refusal,
    rules::{billing::billing_run, entitlement::credits},
    store::Store,
};

/// Adds a feature to a subscription. Returns the id of the subscription's feature. A credit grant that is added twice
/// adds up; any other feature exists once.
pub(crate) fn add(
    store: &mut Store,
    subscription: &Subscription,
    feature: &Feature,
    grant_credits_now: bool,
) -> Result<String, Refusal> {
    refuse_ended(subscription)?;
    if !feature.active || feature.pricing_model_id != subscription.pricing_model_id {
        return Err(Refusal::rule(format!(
            "Invalid feature: {} is inactive or belongs to another pricing model",
            feature.meta.id
        )));
    }
    let item_id = manual_item(store, subscription);
    let id = match held(store, &item_id, feature) {
        Some(id) => {
            add_amount(store, &id, feature);
            id
        }
        None => insert(store, subscription, item_id, feature),
    };
    if grant_credits_now {
        grant_credits(store, subscription, &id, feature);
    }
    Ok(id)
}

pub(crate) fn refuse_ended(subscription: &Subscription) -> Result<(), Refusal> {
    if subscription.is_terminal() {
        return Err(Refusal::rule("Invalid subscription: Cannot add a feature to a subscription that has ended."));
    }
    Ok(())
}

/// The item without a price that holds the features added by hand: one for each subscription.
fn manual_item(store: &mut Store, subscription: &Subscription) -> String {
    let is_unexpired = |item: &&SubscriptionItem| item.manually_created && item.expired_at.is_none();
    if let Some(item) = store.tables.subscription_items.owned_by(&subscription.meta.id).find(is_unexpired) {
        return item.meta.id.clone();
    }
    let item = SubscriptionItem {
        meta: store.meta::<SubscriptionItem>(),
        subscription_id: subscription.meta.id.clone(),
        name: Some("Manual Features".to_owned()),
        added_date: store.now(),
        price_id: None,
        unit_price: 0,
        quantity: 0,
        metadata: None,
        kind: "static".into(),
        external_id: None,
        expired_at: None,
        manually_created: true,
        pricing_model_id: subscription.pricing_model_id.clone(),
    };
    store.tables.subscription_items.insert(item)
}

/// The active feature of this kind that the item has already.
fn held(store: &Store, item_id: &str, feature: &Feature) -> Option<String> {
    let now = store.now();
    let mut features = store.tables.subscription_item_features.owned_by(item_id);
    let held = features
        .find(|held| held.feature_id == feature.meta.id && held.expired_at.is_none_or(|expired_at| expired_at > now));
    held.map(|held| held.meta.id.clone())
}

fn add_amount(store: &mut Store, id: &str, feature: &Feature) {
    if feature.kind != FeatureType::UsageCreditGrant {
        return;
    }
    let now = store.now();
    store.tables.subscription_item_features.change(id, now, |held| {
        held.amount = Some(held.amount.unwrap_or(0).saturating_add(feature.amount.unwrap_or(0)));
    });
}

fn insert(store: &mut Store, subscription: &Subscription, item_id: String, feature: &Feature) -> String {
    let granted = SubscriptionItemFeature {
        meta: store.meta::<SubscriptionItemFeature>(),
        subscription_item_id: item_id,
        feature_id: feature.meta.id.clone(),
        product_feature_id: None,
        kind: feature.kind,
        amount: feature.amount,
        usage_meter_id: feature.usage_meter_id.clone(),
        renewal_frequency: feature.renewal_frequency,
        expired_at: None,
        detached_at: None,
        detached_reason: None,
        manually_created: true,
        pricing_model_id: subscription.pricing_model_id.clone(),
        resource_id: feature.resource_id.clone(),
    };
    store.tables.subscription_item_features.insert(granted)
}

/// Grants the credits of a feature for the current period, once in it. They expire with the period.
fn grant_credits(store: &mut Store, subscription: &Subscription, id: &str, feature: &Feature) {
    let Some((meter_id, amount)) = feature.usage_meter_id.as_deref().zip(feature.amount) else { return };
    let period = billing_run::period_at(store, &subscription.meta.id, store.now());
    let period_id = period.map(|period| period.meta.id.clone());
    credits::issue_once_in_period(store, subscription, meter_id, amount, id, period_id.as_deref());
}

/// Expires the features added by hand that the new items of an adjusted plan have too.
pub(crate) fn give_way_to(store: &mut Store, subscription_id: &str, new_item_ids: &[String], time: i64) {
    let now = store.now();
    let tables = &mut store.tables;
    let features = &tables.subscription_item_features;
    let planned: Vec<String> =
        new_item_ids.iter().flat_map(|id| features.owned_by(id)).map(|feature| feature.feature_id.clone()).collect();
    let manual: Vec<String> = tables
        .subscription_items
        .owned_by(subscription_id)
        .filter(|item| item.manually_created)
        .map(|item| item.meta.id.clone())
        .collect();
    for item_id in manual {
        tables.subscription_item_features.change_owned_by(
            &item_id,
            now,
            |feature| feature.expired_at.is_none() && planned.contains(&feature.feature_id),
            |feature| feature.expired_at = Some(time),
        );
    }
}
