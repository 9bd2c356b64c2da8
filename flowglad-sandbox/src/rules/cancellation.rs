//! Ends subscriptions, now or later, and takes a planned end back.

use crate::http::api_error::ApiError;
use crate::records::{CancellationReason, Subscription, SubscriptionStatus};
use crate::rules::{customers, dunning, features};
use crate::store::Store;

/// When a cancellation takes effect.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Timing {
    Immediately,
    AtPeriodEnd,
}

pub(crate) fn cancel(store: &mut Store, subscription: &Subscription, timing: Timing) -> Result<(), ApiError> {
    if subscription.is_free_plan {
        return Err(ApiError::internal("Invalid subscription: Cannot cancel the default free plan"));
    }
    if subscription.is_terminal() {
        return Ok(());
    }
    refuse_pending_adjustment(subscription)?;
    match timing {
        Timing::Immediately => {
            end_now(store, subscription, None);
            restore_default_plan(store, &subscription.customer_id)
        }
        Timing::AtPeriodEnd => schedule_end(store, subscription),
    }
}

pub(crate) fn refuse_pending_adjustment(subscription: &Subscription) -> Result<(), ApiError> {
    if subscription.scheduled_adjustment_at.is_some() {
        return Err(ApiError::internal(
            "Invalid subscription: An adjustment is scheduled. Cancel the scheduled adjustment first.",
        ));
    }
    Ok(())
}

/// Ends a subscription with all that it gives.
pub(crate) fn end_now(store: &mut Store, subscription: &Subscription, reason: Option<CancellationReason>) {
    let now = store.now();
    let id = subscription.head.id.as_str();
    store.tables.subscriptions.change(id, now, |subscription| {
        subscription.status = SubscriptionStatus::Canceled;
        subscription.canceled_at = Some(now);
        subscription.cancel_scheduled_at = Some(now);
        subscription.cancellation_reason = reason;
    });
    dunning::abort(store, id);
    let unexpired: Vec<String> = store
        .tables
        .subscription_items
        .of(id)
        .filter(|item| item.expired_at.is_none_or(|expired_at| expired_at > now))
        .map(|item| item.head.id.clone())
        .collect();
    features::expire_items(store, &unexpired, now);
    store.tables.resource_claims.change_of(
        id,
        now,
        |claim| claim.is_active_at(now),
        |claim| {
            claim.released_at = Some(now);
            claim.release_reason = Some("subscription_canceled".into());
        },
    );
    let period = store.tables.billing_periods.of(id).next_back();
    if let Some(period_id) = period.map(|period| period.head.id.clone()) {
        store.tables.billing_periods.change(&period_id, now, |period| period.end = period.end.min(now));
    }
}

/// Gives a customer without any current subscription the default plan again.
pub(crate) fn restore_default_plan(store: &mut Store, customer_id: &str) -> Result<(), ApiError> {
    if customers::current_subscriptions(store, customer_id).next().is_none() {
        customers::start_default_plan(store, customer_id)?;
    }
    Ok(())
}

fn schedule_end(store: &mut Store, subscription: &Subscription) -> Result<(), ApiError> {
    if !subscription.renews {
        return Err(ApiError::internal(
            "Invalid subscription: A subscription that does not renew has no billing period to cancel at the end of",
        ));
    }
    let Some(period_end) = subscription.current_billing_period_end else {
        return Err(ApiError::internal("No current billing period found for subscription"));
    };
    let now = store.now();
    store.tables.subscriptions.change(&subscription.head.id, now, |subscription| {
        subscription.status = SubscriptionStatus::CancellationScheduled;
        subscription.cancel_scheduled_at = Some(period_end);
    });
    dunning::abort(store, &subscription.head.id);
    Ok(())
}

/// Takes a planned end back; a subscription without one stays as it is.
pub(crate) fn uncancel(store: &mut Store, subscription: &Subscription) -> Result<(), ApiError> {
    if subscription.status != SubscriptionStatus::CancellationScheduled {
        return Ok(());
    }
    let needs_no_card = subscription.is_free_plan || subscription.do_not_charge;
    if subscription.payment_method_id().is_none() && !needs_no_card {
        return Err(ApiError::internal(
            "Invalid subscription: Cannot uncancel a paid subscription without a payment method",
        ));
    }
    let now = store.now();
    let in_trial = subscription.trial_end.is_some_and(|trial_end| trial_end > now);
    store.tables.subscriptions.change(&subscription.head.id, now, |subscription| {
        subscription.status = if in_trial { SubscriptionStatus::Trialing } else { SubscriptionStatus::Active };
        subscription.cancel_scheduled_at = None;
    });
    Ok(())
}
