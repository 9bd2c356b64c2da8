//! The records of a new subscription: itself and its item, made from its terms.

use crate::{
    records::{
        customer::Customer,
        metadata::Metadata,
        pricing::{IntervalUnit, Price, PriceType, Product},
        subscription::{Subscription, SubscriptionItem, SubscriptionStatus},
    },
    refusal::Refusal,
    rules::billing::period,
    store::Store,
};

/// The terms of a new subscription, apart from its customer and price.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    pub(crate) quantity: i64,
    pub(crate) interval: Option<(IntervalUnit, i64)>,
    pub(crate) trial_end: Option<i64>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) name: Option<String>,
    pub(crate) default_payment_method_id: Option<String>,
    pub(crate) backup_payment_method_id: Option<String>,
    pub(crate) do_not_charge: bool,
    pub(crate) preserve_billing_cycle_anchor: bool,
    /// The purchase that starting the subscription completes.
    pub(crate) purchase_id: Option<String>,
}

impl Terms {
    /// The terms of one unit, at the interval of the price.
    pub(crate) fn for_price(price: &Price) -> Self {
        Self { quantity: 1, interval: price.interval(), ..Self::default() }
    }
}

pub(crate) fn subscription_record(
    store: &Store,
    id: String,
    customer: &Customer,
    product: &Product,
    price: &Price,
    terms: &Terms,
    replaced: Option<&Subscription>,
) -> Result<Subscription, Refusal> {
    let now = store.now();
    let trial_end = terms.trial_end.filter(|_| !had_trial(store, &customer.meta.id));
    let status = initial_status(product, terms, trial_end);
    // A price without an interval makes a subscription that never renews.
    let interval = if price.kind == PriceType::Subscription { terms.interval } else { None };
    let preserved = replaced.filter(|_| terms.preserve_billing_cycle_anchor);
    let billing_period = match (interval, preserved.and_then(billing_period)) {
        (None, _) => None,
        (Some(_), Some(kept)) if trial_end.is_none() => Some(kept),
        (Some((unit, count)), _) => {
            let regular_end = period::end_of(now, unit, count)?;
            Some((now, trial_end.unwrap_or(regular_end)))
        }
    };
    let anchor = preserved.and_then(|free| free.billing_cycle_anchor_date).unwrap_or(now);
    Ok(Subscription {
        meta: store.meta_with_id(id).written_twice(),
        start_date: now,
        customer_id: customer.meta.id.clone(),
        organization_id: store.organization_id.clone(),
        status,
        default_payment_method_id: terms.default_payment_method_id.clone(),
        backup_payment_method_id: terms.backup_payment_method_id.clone(),
        trial_end: trial_end.filter(|_| interval.is_some()),
        current_billing_period_start: billing_period.map(|(start, _)| start),
        current_billing_period_end: billing_period.map(|(_, end)| end),
        metadata: terms.metadata.clone(),
        canceled_at: None,
        cancel_scheduled_at: None,
        cancellation_reason: None,
        replaced_by_subscription_id: None,
        is_free_plan: price.unit_price == 0,
        do_not_charge: terms.do_not_charge,
        price_id: price.meta.id.clone(),
        run_billing_at_period_start: interval.is_some(),
        interval: interval.map(|(unit, _)| unit),
        interval_count: interval.map(|(_, count)| count),
        billing_cycle_anchor_date: interval.map(|_| anchor),
        name: terms.name.clone().unwrap_or_else(|| default_name(product, price)),
        renews: interval.is_some(),
        pricing_model_id: customer.pricing_model_id.clone(),
        scheduled_adjustment_at: None,
    })
}

/// A customer gets one trial, whatever the plan.
pub(crate) fn had_trial(store: &Store, customer_id: &str) -> bool {
    store.tables.subscriptions.owned_by(customer_id).any(|subscription| subscription.trial_end.is_some())
}

fn initial_status(product: &Product, terms: &Terms, trial_end: Option<i64>) -> SubscriptionStatus {
    if terms.do_not_charge {
        SubscriptionStatus::Active
    } else if trial_end.is_some() {
        SubscriptionStatus::Trialing
    } else if terms.default_payment_method_id.is_some() || product.default {
        SubscriptionStatus::Active
    } else {
        SubscriptionStatus::Incomplete
    }
}

pub(crate) fn billing_period(subscription: &Subscription) -> Option<(i64, i64)> {
    subscription.current_billing_period_start.zip(subscription.current_billing_period_end)
}

fn default_name(product: &Product, price: &Price) -> String {
    match &price.name {
        Some(price_name) => format!("{} - {price_name}", product.name),
        None => product.name.clone(),
    }
}

pub(crate) fn insert_item(
    store: &mut Store,
    subscription: &Subscription,
    price: &Price,
    quantity: i64,
) -> SubscriptionItem {
    let unit_price = if subscription.do_not_charge { 0 } else { price.unit_price };
    let item = SubscriptionItem {
        meta: store.meta::<SubscriptionItem>(),
        subscription_id: subscription.meta.id.clone(),
        name: Some(item_name(price, quantity)),
        added_date: store.now(),
        price_id: Some(price.meta.id.clone()),
        unit_price,
        quantity,
        metadata: None,
        kind: "static".into(),
        external_id: None,
        expired_at: None,
        manually_created: false,
        pricing_model_id: subscription.pricing_model_id.clone(),
    };
    store.tables.subscription_items.insert(item.clone());
    item
}

/// The name of an item. As on the real API, it is the text `null` if the price has no name.
pub(crate) fn item_name(price: &Price, quantity: i64) -> String {
    let name = price.name.as_deref().unwrap_or("null");
    if quantity > 1 { format!("{name} x {quantity}") } else { name.to_owned() }
}
