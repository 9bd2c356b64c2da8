//! What billing knows of declined payments: which there were, which was given up, and whether others follow.

use crate::{
    records::{billing::Payment, event::EventType, subscription::Subscription},
    rules::{billing::billing_run::FAILED, events},
    store::Store,
};

pub(crate) fn payments_for<'a>(
    store: &'a Store,
    subscription: &Subscription,
) -> impl DoubleEndedIterator<Item = &'a Payment> {
    let of_customer = store.tables.payments.of(&subscription.customer_id);
    of_customer.filter(|payment| payment.subscription_id.as_deref() == Some(subscription.meta.id.as_str()))
}

/// The real API tells of a failed payment only when its card processor gives the payment up. Here that is when no
/// further try follows: then the newest failed payment of the subscription is it.
pub(crate) fn note_given_up(store: &mut Store, subscription: &Subscription) {
    let newest = payments_for(store, subscription).next_back().filter(|payment| payment.status == FAILED);
    let newest = newest.map(|payment| payment.meta.id.clone());
    if let Some(payment_id) = newest {
        events::emit(store, EventType::PaymentFailed, &payment_id, &subscription.customer_id);
    }
}

/// Takes back all further tries for a subscription.
pub(crate) fn stop_retries(store: &mut Store, subscription_id: &str) {
    let now = store.now();
    store.tables.billing_runs.change_of(
        subscription_id,
        now,
        |run| run.next_try_at.is_some(),
        |run| run.next_try_at = None,
    );
}
