//! Dunning: what follows a declined renewal. The payment is retried, or a subscription that was never paid ends.

use crate::{
    records::{
        billing::{BillingRun, Invoice, InvoiceStatus},
        subscription::{BillingPeriod, Subscription, SubscriptionStatus},
    },
    refusal::Refusal,
    rules::{
        billing::{
            billing_run::{self, Charge, Charged, FAILED},
            failed_payment,
            period::DAY_MS,
        },
        subscription::start,
    },
    store::Store,
};

/// The days before each retry.
pub(crate) const DAYS_BEFORE_RETRY: [i64; 3] = [3, 5, 5];

/// Makes a subscription past due after a declined renewal and schedules the first retry.
pub(crate) fn renewal_declined(
    store: &mut Store,
    subscription: &Subscription,
    charged: &Charged,
) -> Result<(), Refusal> {
    if !was_ever_paid(store, subscription) {
        return start::end_unpaid(store, subscription);
    }
    let now = store.now();
    store.tables.subscriptions.change(&subscription.meta.id, now, |subscription| {
        subscription.status = SubscriptionStatus::PastDue;
    });
    let run_id = store.tables.invoices.find(&charged.invoice_id).and_then(|invoice| invoice.billing_run_id.clone());
    let Some(run_id) = run_id else { return Ok(()) };
    let run = BillingRun {
        meta: store.meta_with_id(run_id),
        subscription_id: subscription.meta.id.clone(),
        invoice_id: charged.invoice_id.clone(),
        next_try_at: next_try(now, 0),
        retries: 0,
    };
    store.tables.billing_runs.insert(run);
    Ok(())
}

fn was_ever_paid(store: &Store, subscription: &Subscription) -> bool {
    failed_payment::payments_for(store, subscription).any(|payment| payment.status != FAILED)
}

fn next_try(now: i64, retries: usize) -> Option<i64> {
    DAYS_BEFORE_RETRY.get(retries).map(|days| now.saturating_add(days * DAY_MS))
}

/// Retries the payment of an open invoice, with the subscription's current card.
pub(crate) fn retry(store: &mut Store, run_id: &str) {
    let Some(run) = store.tables.billing_runs.find(run_id).cloned() else { return };
    let Some((subscription, invoice, period)) = open_invoice_of(store, &run) else {
        return set_next_try(store, &run, None);
    };
    let Some(payment_method_id) = subscription.payment_method_id() else {
        return set_next_try(store, &run, None);
    };
    let is_declined = store.next_payment_is_declined(&subscription.customer_id);
    let charge = Charge { subscription: &subscription, period: &period, payment_method_id };
    billing_run::insert_payment(store, &charge, &invoice.meta.id, invoice.subtotal, is_declined);
    if is_declined {
        let next_try_at = next_try(store.now(), run.retries + 1);
        set_next_try(store, &run, next_try_at);
        if next_try_at.is_none() {
            failed_payment::emit_payment_failed(store, &subscription);
        }
    } else {
        set_next_try(store, &run, None);
        settle(store, &subscription, &invoice);
    }
}

fn open_invoice_of(store: &Store, run: &BillingRun) -> Option<(Subscription, Invoice, BillingPeriod)> {
    let subscription = store.tables.subscriptions.find(&run.subscription_id)?;
    let invoice = store.tables.invoices.find(&run.invoice_id)?;
    let period = store.tables.billing_periods.find(invoice.billing_period_id.as_deref()?)?;
    Some((subscription.clone(), invoice.clone(), period.clone()))
}

fn set_next_try(store: &mut Store, run: &BillingRun, next_try_at: Option<i64>) {
    let now = store.now();
    store.tables.billing_runs.change(&run.meta.id, now, |run| {
        run.next_try_at = next_try_at;
        run.retries += 1;
    });
}

fn settle(store: &mut Store, subscription: &Subscription, invoice: &Invoice) {
    let now = store.now();
    store.tables.invoices.change(&invoice.meta.id, now, |invoice| invoice.status = InvoiceStatus::Paid);
    if subscription.status == SubscriptionStatus::PastDue {
        store.tables.subscriptions.change(&subscription.meta.id, now, |subscription| {
            subscription.status = SubscriptionStatus::Active;
        });
    }
}
