//! Ends a subscription.

use crate::{
    records::{
        event::EventType,
        subscription::{CancellationReason, Subscription, SubscriptionStatus},
    },
    refusal::Refusal,
    rules::{billing::failed_payment, entitlement::features, events},
    store::Store,
};

pub(crate) fn refuse_pending_adjustment(subscription: &Subscription) -> Result<(), Refusal> {
    if subscription.scheduled_adjustment_at.is_some() {
        return Err(Refusal::rule(
            "Invalid subscription: A scheduled adjustment is pending. Cancel the scheduled adjustment before canceling the \
             subscription.",
        ));
    }
    Ok(())
}

/// Ends a subscription now, with its items, features, claims and retries. Items that have an end already keep it.
pub(crate) fn end_now(store: &mut Store, subscription: &Subscription, reason: Option<CancellationReason>) {
    let now = store.now();
    let id = subscription.meta.id.as_str();
    store.tables.subscriptions.change(id, now, |subscription| {
        subscription.status = SubscriptionStatus::Canceled;
        subscription.canceled_at = Some(now);
        subscription.cancel_scheduled_at = Some(now);
        subscription.cancellation_reason = reason;
    });
    failed_payment::stop_retries(store, id);
    let unexpired: Vec<String> = store
        .tables
        .subscription_items
        .owned_by(id)
        .filter(|item| item.expired_at.is_none())
        .map(|item| item.meta.id.clone())
        .collect();
    features::expire_items(store, &unexpired, now);
    store.tables.resource_claims.change_owned_by(
        id,
        now,
        |claim| claim.is_active_at(now),
        |claim| {
            claim.released_at = Some(now);
            claim.release_reason = Some("subscription_canceled".into());
        },
    );
    let period = store.tables.billing_periods.owned_by(id).next_back();
    if let Some(period_id) = period.map(|period| period.meta.id.clone()) {
        store.tables.billing_periods.change(&period_id, now, |period| period.end = period.end.min(now));
    }
    events::emit(store, EventType::SubscriptionCanceled, id, &subscription.customer_id);
}
