//! What happens by itself as time passes.
//!
//! The real API has a job that runs every hour. Here each thing happens at the moment at which it is due.

use std::collections::HashSet;

use crate::{
    clock::Clock,
    records::subscription::{BillingPeriod, Subscription, SubscriptionItem, SubscriptionStatus},
    refusal::Refusal,
    rules::{
        billing::{
            billing_run::{self, Charge},
            period,
        },
        entitlement::{credits, features, resource_claims},
        subscription::{adjustment, dunning, ending, start},
    },
    store::Store,
};

/// Something that is due at a certain time.
#[derive(Clone, Copy, Debug)]
struct Job<'a> {
    due: i64,
    kind: JobKind,
    /// The id of the record that it happens to.
    id: &'a str,
}

#[derive(Clone, Copy, Debug)]
enum JobKind {
    /// An invoice whose payment was declined is charged again.
    Retry,
    /// A cancellation takes effect.
    Cancel,
    /// A billing period ends and the next one begins.
    Renew,
}

impl JobKind {
    fn run(self, store: &mut Store, id: &str) -> Result<(), Refusal> {
        match self {
            Self::Retry => {
                dunning::retry(store, id);
                Ok(())
            }
            Self::Cancel => cancel(store, id),
            Self::Renew => renew(store, id),
        }
    }
}

/// Runs every job that is due until `to`, in order, and sets the clock to that time. Returns the number of jobs run.
///
/// What was due earlier, because only the clock was moved, runs now. A job that fails changes nothing and is retried
/// when time moves the next time, as by the real API's hourly job.
pub(crate) fn advance(store: &mut Store, clock: &Clock, to: i64) -> usize {
    let now = clock.now_ms();
    let mut failed: HashSet<String> = HashSet::new();
    let mut jobs_run = 0;
    while let Some(Job { due, kind, id }) = next_job(store, to, &failed) {
        let id = id.to_owned();
        match store.transaction_at(due.max(now), |store| kind.run(store, &id)) {
            Ok(()) => jobs_run += 1,
            Err(_) => _ = failed.insert(id),
        }
    }
    // The computer's clock may have passed `to` in the meantime, and time does not go back.
    clock.set(to.max(clock.now_ms()));
    jobs_run
}

/// The earliest job; of several at the same moment the first in the order of the hourly job, and the oldest of a kind.
fn next_job<'a>(store: &'a Store, to: i64, failed: &HashSet<String>) -> Option<Job<'a>> {
    let retries = store
        .tables
        .billing_runs
        .iter()
        .filter_map(|run| Some(Job { due: run.next_try_at?, kind: JobKind::Retry, id: &run.meta.id }));
    let cancellations = store.tables.subscriptions.iter().filter_map(|subscription| {
        Some(Job { due: planned_end(subscription)?, kind: JobKind::Cancel, id: &subscription.meta.id })
    });
    let renewals = store.tables.subscriptions.iter().filter_map(|subscription| {
        Some(Job { due: period_end(subscription)?, kind: JobKind::Renew, id: &subscription.meta.id })
    });
    let due = retries.chain(cancellations).chain(renewals).filter(|job| job.due <= to);
    // Of equal ones, `min_by_key` takes the first.
    due.filter(|job| !failed.contains(job.id)).min_by_key(|job| job.due)
}

fn planned_end(subscription: &Subscription) -> Option<i64> {
    let is_planned = subscription.status == SubscriptionStatus::CancellationScheduled;
    subscription.cancel_scheduled_at.filter(|_| is_planned)
}

/// The end of the period, if another one follows.
pub(crate) fn period_end(subscription: &Subscription) -> Option<i64> {
    let goes_on = match subscription.status {
        SubscriptionStatus::Trialing | SubscriptionStatus::Active | SubscriptionStatus::PastDue => subscription.renews,
        SubscriptionStatus::CancellationScheduled | SubscriptionStatus::Incomplete | SubscriptionStatus::Canceled => {
            false
        }
    };
    subscription.current_billing_period_end.filter(|_| goes_on)
}

fn cancel(store: &mut Store, subscription_id: &str) -> Result<(), Refusal> {
    if store.races.cancellation_is_late() {
        cancel_late(store, subscription_id);
        return Ok(());
    }
    let Some(subscription) = store.tables.subscriptions.find(subscription_id).cloned() else { return Ok(()) };
    resource_claims::release_expired(store, subscription_id);
    ending::end_now(store, &subscription, None);
    start::restore_default_plan(store, &subscription.customer_id)
}

/// What the end of a period does to a subscription whose cancellation is due: nothing but the status.
fn cancel_late(store: &mut Store, subscription_id: &str) {
    let now = store.now();
    store.tables.subscriptions.change(subscription_id, now, |subscription| {
        subscription.status = SubscriptionStatus::Canceled;
        subscription.canceled_at = Some(now);
    });
}

fn renew(store: &mut Store, subscription_id: &str) -> Result<(), Refusal> {
    let period = begin_next_period(store, subscription_id)?;
    adjustment::follow_dearest_item(store, subscription_id);
    resource_claims::release_expired(store, subscription_id);
    let Some(subscription) = store.tables.subscriptions.find(subscription_id).cloned() else { return Ok(()) };
    if let Some(payment_method_id) = subscription.payment_method_id().filter(|_| !subscription.do_not_charge) {
        charge(store, &Charge { subscription: &subscription, period: &period, payment_method_id })?;
    }
    // The new credits do not wait for the payment, but a subscription that has just ended gets none.
    let has_ended = store.tables.subscriptions.find(subscription_id).is_none_or(Subscription::is_terminal);
    if !has_ended {
        credits::renew(store, &subscription, &period.meta.id);
    }
    Ok(())
}

/// Moves a subscription to its next period, with the items that it has from then on.
fn begin_next_period(store: &mut Store, subscription_id: &str) -> Result<BillingPeriod, Refusal> {
    let subscription = store.tables.subscriptions.find(subscription_id);
    let Some((unit, count, start)) = subscription.and_then(|subscription| {
        Some((subscription.interval?, subscription.interval_count?, subscription.current_billing_period_end?))
    }) else {
        return Err(Refusal::rule("Only a subscription with an interval has a next billing period"));
    };
    let end = period::end_of(start, unit, count)?;
    let now = store.now();
    store.tables.subscriptions.change(subscription_id, now, |subscription| {
        let can_be_charged = subscription.payment_method_id().is_some() || subscription.do_not_charge;
        // The real API does so for free plans too.
        subscription.status = if can_be_charged { SubscriptionStatus::Active } else { SubscriptionStatus::PastDue };
        subscription.current_billing_period_start = Some(start);
        subscription.current_billing_period_end = Some(end);
    });
    let items: Vec<SubscriptionItem> =
        features::active_items(store, subscription_id, now).filter(|item| item.price_id.is_some()).cloned().collect();
    Ok(billing_run::open_period(store, subscription_id, (start, end), &items))
}

fn charge(store: &mut Store, charge: &Charge<'_>) -> Result<(), Refusal> {
    let charged = billing_run::run_renewal(store, charge);
    if charged.is_declined {
        return dunning::renewal_declined(store, charge.subscription, &charged);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::Ids,
        pricing_model::PricingModel,
        records::{billing::InvoiceStatus, event::EventType},
        rules::{
            billing::period::DAY_MS,
            customers::{self, NewCustomer},
            pricing::{pricing_model, setup},
            subscription::{cancellation, new_subscription::Terms, start},
        },
    };

    /// A customer who pays for the plan Pro, at the start of 1970.
    fn paying_customer() -> (Store, Clock) {
        let clock = Clock::manual(0);
        let mut store = Store::new(clock.clone(), Ids::from_seed(1).begin());
        let start = |store: &mut Store| {
            setup::set_up(store, PricingModel::starter_saas().form());
            let model_id = store.key_model_id.clone();
            let new = NewCustomer {
                email: String::new(),
                name: String::new(),
                external_id: "u".to_owned(),
                archived: false,
                logo_url: None,
                icon_url: None,
                domain: None,
                user_id: None,
            };
            customers::create(store, &model_id, new)?;
            let customer = customers::require(store, "u")?.clone();
            let price = pricing_model::price_by_slug(store, &model_id, "pro_monthly").unwrap().clone();
            let product = pricing_model::product_of(store, &price).unwrap().clone();
            let terms = Terms { default_payment_method_id: Some("pm_1".to_owned()), ..Terms::for_price(&price) };
            start::start_subscription(store, &customer, &product, &price, &terms)
        };
        store.transaction(start).unwrap();
        (store, clock)
    }

    fn emitted(store: &Store, kind: EventType) -> Vec<&str> {
        let events = store.tables.events.iter().filter(|event| event.kind == kind);
        events.map(|event| event.object_id.as_str()).collect()
    }

    #[test]
    fn each_payment_that_succeeds_emits_an_event() {
        let (mut store, clock) = paying_customer();
        assert_eq!(advance(&mut store, &clock, 60 * DAY_MS), 2);
        let payments: Vec<&str> = store.tables.payments.iter().map(|payment| payment.meta.id.as_str()).collect();
        assert_eq!(payments.len(), 3);
        assert_eq!(emitted(&store, EventType::PaymentSucceeded), payments);
    }

    #[test]
    fn a_declined_payment_emits_an_event_when_it_is_given_up() {
        let (mut store, clock) = paying_customer();
        store.fail_next_payments = 4;
        advance(&mut store, &clock, (31 + 3 + 5) * DAY_MS);
        assert_eq!(emitted(&store, EventType::PaymentFailed), [""; 0], "there is another try");
        advance(&mut store, &clock, (31 + 3 + 5 + 5) * DAY_MS);
        let newest = &store.tables.payments.iter().last().unwrap().meta;
        assert_eq!(emitted(&store, EventType::PaymentFailed), [newest.id.as_str()]);
        assert_eq!(newest.created_at, (31 + 3 + 5 + 5) * DAY_MS);
        assert_eq!(store.fail_next_payments, 0);
        let open = store.tables.invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Open).count();
        assert_eq!((open, emitted(&store, EventType::PaymentSucceeded).len()), (1, 1));
    }

    #[test]
    fn of_jobs_at_the_same_moment_the_cancellation_comes_first() {
        let (mut store, clock) = paying_customer();
        let paid = store.tables.subscriptions.iter().last().unwrap().clone();
        let ends = |store: &mut Store| cancellation::cancel(store, &paid, cancellation::Timing::AtPeriodEnd);
        store.transaction(ends).unwrap();
        assert_eq!(advance(&mut store, &clock, 31 * DAY_MS), 1);
        let plans: Vec<(SubscriptionStatus, bool)> =
            store.tables.subscriptions.iter().map(|plan| (plan.status, plan.is_free_plan)).collect();
        let canceled = SubscriptionStatus::Canceled;
        assert_eq!(plans, [(canceled, true), (canceled, false), (SubscriptionStatus::Active, true)]);
    }
}
