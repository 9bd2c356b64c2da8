//! Cancels an adjustment that was scheduled for the end of a period.

use crate::{records::subscription::Subscription, refusal::Refusal, rules::entitlement::features, store::Store};

/// Drops the scheduled items and continues the present ones. Returns the number of items dropped.
///
/// On the real API the present items keep their end; here they continue without one.
pub(crate) fn cancel(store: &mut Store, subscription: &Subscription) -> Result<usize, Refusal> {
    let Some(planned_at) = subscription.scheduled_adjustment_at else {
        return Err(Refusal::rule("Invalid subscription: No adjustment is scheduled for this subscription."));
    };
    let now = store.now();
    let id = subscription.meta.id.as_str();
    let dropped: Vec<String> = store
        .tables
        .subscription_items
        .owned_by(id)
        .filter(|item| item.added_date >= planned_at && item.expired_at.is_none())
        .map(|item| item.meta.id.clone())
        .collect();
    features::expire_items(store, &dropped, now);
    let items: Vec<String> = store.tables.subscription_items.owned_by(id).map(|item| item.meta.id.clone()).collect();
    for item_id in items {
        store.tables.subscription_item_features.change_owned_by(
            &item_id,
            now,
            |feature| feature.expired_at == Some(planned_at),
            |feature| feature.expired_at = None,
        );
    }
    store.tables.subscription_items.change_owned_by(
        id,
        now,
        |item| item.expired_at == Some(planned_at),
        |item| item.expired_at = None,
    );
    store.tables.subscriptions.change(id, now, |subscription| subscription.scheduled_adjustment_at = None);
    Ok(dropped.len())
}
