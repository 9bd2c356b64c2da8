//! Which of its subscriptions a customer has now.

use crate::{records::subscription::Subscription, store::Store};

/// The subscriptions that a customer has now, oldest first.
pub(crate) fn current_subscriptions<'a>(store: &'a Store, customer_id: &str) -> impl Iterator<Item = &'a Subscription> {
    store.tables.subscriptions.of(customer_id).filter(|subscription| subscription.is_current())
}

/// The one that counts if a customer has several: the newest.
pub(crate) fn current_subscription<'a>(store: &'a Store, customer_id: &str) -> Option<&'a Subscription> {
    current_subscriptions(store, customer_id).max_by(|one, other| {
        let age = |subscription: &Subscription| (subscription.meta.created_at, subscription.meta.updated_at);
        age(one).cmp(&age(other)).then_with(|| other.meta.id.cmp(&one.meta.id))
    })
}
