//! Takes back an adjustment that was to happen at the end of a period.

use crate::{records::subscription::Subscription, refusal::Refusal, rules::entitlement::features, store::Store};

/// Drops the items that were to come and lets the present ones go on. Gives the number of items dropped.
///
/// The real API leaves the present items with an end; here they go on without one.
pub(crate) fn cancel(store: &mut Store, subscription: &Subscription) -> Result<usize, Refusal> {
    let Some(planned_at) = subscription.scheduled_adjustment_at else {
        return Err(Refusal::rule("Invalid subscription: No adjustment is scheduled for this subscription."));
    };
    let now = store.now();
    let id = subscription.meta.id.as_str();
    let dropped: Vec<String> = store
        .tables
        .subscription_items
        .of(id)
        .filter(|item| item.added_date >= planned_at && item.expired_at.is_none())
        .map(|item| item.meta.id.clone())
        .collect();
    features::expire_items(store, &dropped, now);
    let items: Vec<String> = store.tables.subscription_items.of(id).map(|item| item.meta.id.clone()).collect();
    for item_id in items {
        store.tables.subscription_item_features.change_of(
            &item_id,
            now,
            |feature| feature.expired_at == Some(planned_at),
            |feature| feature.expired_at = None,
        );
    }
    store.tables.subscription_items.change_of(
        id,
        now,
        |item| item.expired_at == Some(planned_at),
        |item| item.expired_at = None,
    );
    store.tables.subscriptions.change(id, now, |subscription| subscription.scheduled_adjustment_at = None);
    Ok(dropped.len())
}
