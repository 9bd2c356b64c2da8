//! Cancels an adjustment that was scheduled for the end of a period.

use crate::{records::subscription::Subscription, refusal::Refusal, rules::entitlement::features, store::Store};

/// Drops the scheduled items. Returns their number. As on the real API, the present items keep their end: after it the
/// subscription has none.
pub(crate) fn cancel(store: &mut Store, subscription: &Subscription) -> Result<usize, Refusal> {
    let id = subscription.meta.id.as_str();
    if subscription.scheduled_adjustment_at.is_none() {
        return Err(Refusal::rule(format!(
            "Invalid subscription: Subscription {id} does not have a scheduled adjustment to cancel."
        )));
    }
    let now = store.now();
    let dropped: Vec<String> = store
        .tables
        .subscription_items
        .owned_by(id)
        .filter(|item| item.added_date > now && item.expired_at.is_none())
        .map(|item| item.meta.id.clone())
        .collect();
    features::expire_items(store, &dropped, now);
    store.tables.subscriptions.change(id, now, |subscription| subscription.scheduled_adjustment_at = None);
    Ok(dropped.len())
}
