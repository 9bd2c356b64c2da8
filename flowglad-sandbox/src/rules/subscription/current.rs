//! The current subscriptions of a customer.

use crate::{records::subscription::Subscription, store::Store};

/// The subscriptions that a customer has now, oldest first.
pub(crate) fn current_subscriptions<'a>(store: &'a Store, customer_id: &str) -> impl Iterator<Item = &'a Subscription> {
    store.tables.subscriptions.owned_by(customer_id).filter(|subscription| subscription.is_current())
}

/// The newest current subscription of a customer: the one that counts.
pub(crate) fn current_subscription<'a>(store: &'a Store, customer_id: &str) -> Option<&'a Subscription> {
    current_subscriptions(store, customer_id).max_by(|one, other| {
        let age = |subscription: &Subscription| (subscription.meta.created_at, subscription.meta.updated_at);
        age(one).cmp(&age(other)).then_with(|| other.meta.id.cmp(&one.meta.id))
    })
}
