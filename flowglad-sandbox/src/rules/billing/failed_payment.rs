//! Declined payments of a subscription: which of them are given up, and how their retries stop.

use crate::{
    records::{billing::Payment, event::EventType, subscription::Subscription},
    rules::{billing::billing_run::FAILED, events},
    store::Store,
};

pub(crate) fn payments_for<'a>(
    store: &'a Store,
    subscription: &Subscription,
) -> impl DoubleEndedIterator<Item = &'a Payment> {
    let of_customer = store.tables.payments.owned_by(&subscription.customer_id);
    of_customer.filter(|payment| payment.subscription_id.as_deref() == Some(subscription.meta.id.as_str()))
}

/// Emits `payment.failed` for the newest failed payment of a subscription.
///
/// The real API does so when its card processor gives the payment up. Here that is when no retry follows.
pub(crate) fn emit_payment_failed(store: &mut Store, subscription: &Subscription) {
    let newest = payments_for(store, subscription).next_back().filter(|payment| payment.status == FAILED);
    let newest = newest.map(|payment| payment.meta.id.clone());
    if let Some(payment_id) = newest {
        events::emit(store, EventType::PaymentFailed, &payment_id, &subscription.customer_id);
    }
}

/// Stops all retries of a subscription's invoices.
pub(crate) fn stop_retries(store: &mut Store, subscription_id: &str) {
    let now = store.now();
    store.tables.billing_runs.change_owned_by(
        subscription_id,
        now,
        |run| run.next_try_at.is_some(),
        |run| run.next_try_at = None,
    );
}
