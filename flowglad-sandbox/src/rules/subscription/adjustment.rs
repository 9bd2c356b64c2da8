//! Adjusts a subscription to other items: now, and the difference is charged, or at the end of its period.

use std::collections::HashMap;

use crate::{
    records::subscription::{BillingPeriod, Subscription, SubscriptionItem},
    refusal::Refusal,
    rules::{
        billing::{
            billing_run::{self, Charge},
            proration::Elapsed,
        },
        entitlement::{credits, features, subscription_item_features},
        subscription::adjustment_decision::{Adjustment, Decision, PlannedItem, Timing, decide, no_payment_method},
    },
    store::Store,
};

/// The result of an adjustment.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) timing: Timing,
    pub(crate) is_upgrade: bool,
}

pub(crate) fn adjust(
    store: &mut Store,
    subscription: &Subscription,
    adjustment: Adjustment,
) -> Result<Outcome, Refusal> {
    let decision = decide(store, subscription, adjustment).map_err(|problem| problem.refusal(&subscription.meta.id))?;
    let outcome = Outcome { timing: decision.timing, is_upgrade: decision.is_upgrade };
    let Decision { period, old_items, new_items, charge, .. } = decision;
    if outcome.timing == Timing::AtPeriodEnd {
        schedule(store, subscription, &period, &old_items, new_items);
    } else {
        charge_difference(store, subscription, &period, charge)?;
        replace_now(store, subscription, &period, &old_items, new_items);
    }
    follow_dearest_item(store, &subscription.meta.id);
    Ok(outcome)
}

fn charge_difference(
    store: &mut Store,
    subscription: &Subscription,
    period: &BillingPeriod,
    difference: i64,
) -> Result<(), Refusal> {
    if difference == 0 {
        return Ok(());
    }
    let payment_method_id = subscription.payment_method_id();
    let payment_method_id = payment_method_id.ok_or_else(|| no_payment_method().refusal(&subscription.meta.id))?;
    let charge = Charge { subscription, period, payment_method_id };
    if billing_run::run_difference(store, &charge, difference).is_declined {
        return Err(Refusal::rule("Payment failed: Your card was declined. The subscription was not changed."));
    }
    Ok(())
}

fn replace_now(
    store: &mut Store,
    subscription: &Subscription,
    period: &BillingPeriod,
    old_items: &[SubscriptionItem],
    planned: Vec<PlannedItem>,
) {
    let now = store.now();
    let (kept, planned) = keep(old_items, planned);
    let replaced: Vec<String> =
        old_items.iter().map(|item| item.meta.id.clone()).filter(|id| !kept.contains(id)).collect();
    features::expire_items(store, &replaced, now);
    let new_items: Vec<String> = planned
        .into_iter()
        .map(|item| {
            let item = insert_item(store, subscription, item, now);
            features::grant(store, &item);
            item.meta.id
        })
        .collect();
    subscription_item_features::give_way_to(store, &subscription.meta.id, &new_items, now);
    grant_credit_difference(store, subscription, period, &new_items);
}

fn schedule(
    store: &mut Store,
    subscription: &Subscription,
    period: &BillingPeriod,
    old_items: &[SubscriptionItem],
    planned: Vec<PlannedItem>,
) {
    let (kept, planned) = keep(old_items, planned);
    let replaced: Vec<String> =
        old_items.iter().map(|item| item.meta.id.clone()).filter(|id| !kept.contains(id)).collect();
    features::expire_items(store, &replaced, period.end);
    let mut new_items = Vec::with_capacity(planned.len());
    for item in planned {
        let item = insert_item(store, subscription, item, period.end);
        features::grant(store, &item);
        new_items.push(item.meta.id);
    }
    subscription_item_features::give_way_to(store, &subscription.meta.id, &new_items, period.end);
    let now = store.now();
    store.tables.subscriptions.change(&subscription.meta.id, now, |subscription| {
        subscription.scheduled_adjustment_at = Some(period.end);
    });
}

/// Separates the ids of items that stay unchanged from the items that are created.
fn keep(old_items: &[SubscriptionItem], planned: Vec<PlannedItem>) -> (Vec<String>, Vec<PlannedItem>) {
    let is_kept = |planned: &PlannedItem| {
        old_items.iter().any(|old| {
            planned.wanted.kept_item_id.as_deref() == Some(old.meta.id.as_str())
                && old.price_id.as_deref() == Some(planned.price.meta.id.as_str())
                && (old.unit_price, old.quantity) == (planned.unit_price, planned.wanted.quantity)
        })
    };
    let (kept, rest): (Vec<_>, Vec<_>) = planned.into_iter().partition(is_kept);
    (kept.into_iter().filter_map(|item| item.wanted.kept_item_id).collect(), rest)
}

fn insert_item(
    store: &mut Store,
    subscription: &Subscription,
    planned: PlannedItem,
    added_date: i64,
) -> SubscriptionItem {
    let name = planned.name();
    let PlannedItem { wanted, price, unit_price } = planned;
    let item = SubscriptionItem {
        meta: store.meta::<SubscriptionItem>(),
        subscription_id: subscription.meta.id.clone(),
        name: Some(name),
        added_date,
        price_id: Some(price.meta.id),
        unit_price,
        quantity: wanted.quantity,
        metadata: None,
        kind: "static".into(),
        external_id: None,
        expired_at: None,
        manually_created: false,
        pricing_model_id: subscription.pricing_model_id.clone(),
    };
    store.tables.subscription_items.insert(item.clone());
    item
}

/// Gives the subscription the name and price of its most expensive item.
pub(crate) fn follow_dearest_item(store: &mut Store, subscription_id: &str) {
    let now = store.now();
    let dearest = features::active_items(store, subscription_id, now)
        .filter(|item| item.price_id.is_some())
        .max_by_key(|item| item.total())
        .cloned();
    let Some(dearest) = dearest else { return };
    store.tables.subscriptions.change(subscription_id, now, |subscription| {
        subscription.name = dearest.name.unwrap_or_default();
        subscription.price_id = dearest.price_id.unwrap_or_default();
    });
}

/// Grants the credits of the new items for the rest of the period, minus those that the period granted already.
fn grant_credit_difference(
    store: &mut Store,
    subscription: &Subscription,
    period: &BillingPeriod,
    new_items: &[String],
) {
    let elapsed = Elapsed::at(store.now(), period.start, period.end);
    let mut granted: HashMap<String, i64> = HashMap::new();
    for feature in credits::credit_features(store, &subscription.meta.id) {
        let (Some(meter_id), Some(amount)) = (&feature.usage_meter_id, feature.amount) else { continue };
        if !new_items.contains(&feature.subscription_item_id) {
            continue;
        }
        let granted = granted
            .entry(meter_id.clone())
            .or_insert_with(|| credits::granted_in_period(store, &subscription.meta.id, meter_id, &period.meta.id));
        let share = elapsed.of_left(amount);
        let covered = share.min(*granted);
        *granted -= covered;
        if share > covered {
            credits::issue_for(store, subscription, &feature, share - covered, Some(&period.meta.id));
        }
    }
}
