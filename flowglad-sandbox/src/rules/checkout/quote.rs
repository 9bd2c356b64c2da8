//! Quotes: what a checkout session charges if it is completed now.

use crate::{
    records::{
        checkout::{CheckoutSession, CheckoutType},
        pricing::{IntervalUnit, Price, PriceType, Product},
        subscription::Subscription,
    },
    rules::{
        billing::{period, proration::Elapsed},
        entitlement::features,
        pricing::pricing_model,
        subscription::{current::current_subscription, new_subscription},
    },
    store::Store,
};

/// What a session sells, and the amount.
#[derive(Debug)]
pub(crate) struct Quote {
    pub(crate) plan_name: String,
    pub(crate) price: Price,
    /// How often it is paid, which need not be the interval of the price; none if once.
    pub(crate) interval: Option<(IntervalUnit, i64)>,
    pub(crate) quantity: i64,
    pub(crate) due_now: i64,
    /// What a whole period costs.
    pub(crate) per_period: i64,
    /// The days of the trial, if the customer gets one.
    pub(crate) trial_days: Option<i64>,
    /// When the trial or the first period ends; none if nothing renews.
    pub(crate) next_payment_at: Option<i64>,
}

/// The quote of a session; none if it only saves a card.
pub(crate) fn quote_for(store: &Store, session: &CheckoutSession) -> Option<Quote> {
    let price = session.price_id.as_deref().and_then(|id| store.tables.prices.find(id))?;
    let product = pricing_model::product_of(store, price)?;
    match session.kind {
        CheckoutType::Product if price.kind == PriceType::SinglePayment => Some(once(session, product, price)),
        CheckoutType::Product => Some(subscription(store, session, product, price)),
        CheckoutType::ActivateSubscription => activation(store, session, product, price),
        CheckoutType::AddPaymentMethod => None,
    }
}

/// The real API charges a single payment once, whatever the quantity.
fn once(session: &CheckoutSession, product: &Product, price: &Price) -> Quote {
    Quote {
        plan_name: session.output_name.clone().unwrap_or_else(|| product.name.clone()),
        price: price.clone(),
        interval: price.interval(),
        quantity: session.quantity,
        due_now: price.unit_price,
        per_period: price.unit_price,
        trial_days: None,
        next_payment_at: None,
    }
}

fn subscription(store: &Store, session: &CheckoutSession, product: &Product, price: &Price) -> Quote {
    let customer_id = session.customer_id.as_deref().unwrap_or_default();
    let eligible = !new_subscription::had_trial(store, customer_id);
    let trial_days = price.trial_period_days.filter(|&days| days > 0 && eligible);
    let total = price.unit_price.saturating_mul(session.quantity);
    let joined = joined_period(store, customer_id).filter(|_| session.preserve_billing_cycle_anchor);
    let (due_now, next_payment_at) = match (trial_days, joined) {
        (Some(days), _) => (0, Some(store.now().saturating_add(days.saturating_mul(period::DAY_MS)))),
        (None, Some((elapsed, end))) => (elapsed.of_left(total), Some(end)),
        (None, None) => (total, first_period_end(store, price)),
    };
    Quote {
        plan_name: session.output_name.clone().unwrap_or_else(|| product.name.clone()),
        price: price.clone(),
        interval: price.interval(),
        quantity: session.quantity,
        due_now,
        per_period: total,
        trial_days,
        next_payment_at,
    }
}

/// The free plan's period, which a paid plan that keeps the billing cycle continues, and its end.
fn joined_period(store: &Store, customer_id: &str) -> Option<(Elapsed, i64)> {
    let free = current_subscription(store, customer_id).filter(|current| current.is_free_plan)?;
    let end = free.current_billing_period_end?;
    Some((Elapsed::at(store.now(), free.current_billing_period_start?, end), end))
}

fn first_period_end(store: &Store, price: &Price) -> Option<i64> {
    let (unit, count) = price.interval()?;
    period::end_of(store.now(), unit, count).ok()
}

/// A subscription that is activated begins with the period that it was made for.
fn activation(store: &Store, session: &CheckoutSession, product: &Product, price: &Price) -> Option<Quote> {
    let target: &Subscription =
        session.target_subscription_id.as_deref().and_then(|id| store.tables.subscriptions.find(id))?;
    let items: Vec<_> = features::active_items(store, &target.meta.id, store.now()).collect();
    let total = items.iter().fold(0, |sum: i64, item| sum.saturating_add(item.total()));
    Some(Quote {
        plan_name: product.name.clone(),
        price: price.clone(),
        interval: target.interval.zip(target.interval_count),
        quantity: items.iter().fold(0, |sum: i64, item| sum.saturating_add(item.quantity)),
        due_now: total,
        per_period: total,
        trial_days: None,
        next_payment_at: target.current_billing_period_end,
    })
}
