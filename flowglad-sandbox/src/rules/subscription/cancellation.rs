//! Cancels subscriptions, now or at the end of the period, and uncancels them.

use crate::{
    records::subscription::{Subscription, SubscriptionStatus},
    refusal::Refusal,
    rules::{
        billing::{billing_run, failed_payment},
        subscription::{ending, start},
    },
    store::Store,
};

/// When a cancellation takes effect.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Timing {
    Immediately,
    AtPeriodEnd,
}

pub(crate) fn cancel(store: &mut Store, subscription: &Subscription, timing: Timing) -> Result<(), Refusal> {
    if subscription.is_free_plan {
        return Err(Refusal::rule(
            "Invalid subscription: Cannot cancel the default free plan. Please upgrade to a paid plan instead.",
        ));
    }
    if subscription.is_terminal() {
        return Ok(());
    }
    ending::refuse_pending_adjustment(subscription)?;
    match timing {
        Timing::Immediately => {
            ending::end_now(store, subscription, None);
            start::restore_default_plan(store, &subscription.customer_id)
        }
        Timing::AtPeriodEnd => schedule_end(store, subscription),
    }
}

fn schedule_end(store: &mut Store, subscription: &Subscription) -> Result<(), Refusal> {
    let id = &subscription.meta.id;
    let Some(period) = billing_run::period_at(store, id, store.now()) else {
        return Err(Refusal::rule_not_found(format!("Current billing period not found: subscription {id}")));
    };
    let period_end = period.end;
    if !subscription.renews {
        return Err(Refusal::rule(
            "Invalid subscription: A subscription that does not renew has no billing period to cancel at the end of",
        ));
    }
    let now = store.now();
    store.tables.subscriptions.change(&subscription.meta.id, now, |subscription| {
        subscription.status = SubscriptionStatus::CancellationScheduled;
        subscription.cancel_scheduled_at = Some(period_end);
    });
    failed_payment::stop_retries(store, &subscription.meta.id);
    Ok(())
}

/// Removes a scheduled cancellation. A subscription without one does not change.
pub(crate) fn uncancel(store: &mut Store, subscription: &Subscription) -> Result<(), Refusal> {
    if subscription.status != SubscriptionStatus::CancellationScheduled {
        return Ok(());
    }
    let needs_no_card = subscription.is_free_plan || subscription.do_not_charge;
    if subscription.payment_method_id().is_none() && !needs_no_card {
        return Err(Refusal::rule(
            "Invalid paymentMethod: Cannot uncancel paid subscription without an active payment method. Please add a \
             payment method first.",
        ));
    }
    let now = store.now();
    let in_trial = subscription.trial_end.is_some_and(|trial_end| trial_end > now);
    store.tables.subscriptions.change(&subscription.meta.id, now, |subscription| {
        subscription.status = if in_trial { SubscriptionStatus::Trialing } else { SubscriptionStatus::Active };
        subscription.cancel_scheduled_at = None;
    });
    Ok(())
}
