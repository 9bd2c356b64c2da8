//! Starts subscriptions: free plans, paid plans from a checkout, and those made by the API.

use crate::http::api_error::ApiError;
use crate::http::input::Metadata;
use crate::records::{
    CancellationReason, Customer, EventType, IntervalUnit, Price, PriceType, Product, Subscription, SubscriptionItem,
    SubscriptionStatus,
};
use crate::rules::billing_run::{self, Charge};
use crate::rules::proration::Elapsed;
use crate::rules::{credits, customers, dunning, events, features, period};
use crate::store::Store;

/// How a subscription is to run, apart from who has it and what it is for.
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
    /// The purchase that the start of the subscription completes.
    pub(crate) purchase_id: Option<String>,
}

impl Terms {
    /// One unit, at the interval of the price.
    pub(crate) fn of(price: &Price) -> Self {
        Self { quantity: 1, interval: price.interval_unit.zip(price.interval_count), ..Self::default() }
    }
}

/// Starts a subscription and gives its id. A paid one takes the place of the customer's free one.
pub(crate) fn start(
    store: &mut Store,
    customer: &Customer,
    product: &Product,
    price: &Price,
    terms: &Terms,
) -> Result<String, ApiError> {
    billing_run::refuse_too_much([(price.unit_price, terms.quantity)])?;
    let id = store.id_of::<Subscription>();
    let replaced = if price.unit_price > 0 { replace_free_plan(store, &customer.head.id, &id) } else { None };
    refuse_second(store, customer)?;
    let subscription = subscription_record(store, id, customer, product, price, terms, replaced.as_ref())?;
    let item = insert_item(store, &subscription, price, terms.quantity);
    store.tables.subscriptions.insert(subscription.clone());
    features::grant(store, &item);
    events::emit(store, EventType::SubscriptionCreated, &subscription.head.id, &customer.head.id);
    if let Some(purchase_id) = &terms.purchase_id {
        events::emit(store, EventType::PurchaseCompleted, purchase_id, &customer.head.id);
    }
    bill_first_period(store, &subscription, &item, product, replaced.is_some() && terms.preserve_billing_cycle_anchor)?;
    Ok(subscription.head.id)
}

/// Ends the newest free plan in favour of a paid one. Its items, credits and claims stay as they are.
///
/// A free plan without a card is past due from its first renewal on; it gives way all the same, or nobody could
/// upgrade after a month.
fn replace_free_plan(store: &mut Store, customer_id: &str, replacement: &str) -> Option<Subscription> {
    let free = customers::current_subscriptions(store, customer_id)
        .filter(|subscription| {
            let is_running = matches!(subscription.status, SubscriptionStatus::Active | SubscriptionStatus::PastDue);
            is_running && subscription.is_free_plan
        })
        .max_by_key(|subscription| subscription.head.created_at)?
        .clone();
    let now = store.now();
    store.tables.subscriptions.change(&free.head.id, now, |subscription| {
        subscription.status = SubscriptionStatus::Canceled;
        subscription.canceled_at = Some(now);
        subscription.cancellation_reason = Some(CancellationReason::UpgradedToPaid);
        subscription.replaced_by_subscription_id = Some(replacement.to_owned());
    });
    Some(free)
}

/// A customer has one current subscription at a time.
pub(crate) fn refuse_second(store: &Store, customer: &Customer) -> Result<(), ApiError> {
    if customers::current_subscriptions(store, &customer.head.id).next().is_none() {
        return Ok(());
    }
    Err(ApiError::internal_conflict(format!(
        "Unwrap called on Err: ConflictError: Subscription conflict: Customer {} already has an active subscription. \
         Cancel or adjust it before another one is started.",
        customer.head.id
    )))
}

fn subscription_record(
    store: &Store,
    id: String,
    customer: &Customer,
    product: &Product,
    price: &Price,
    terms: &Terms,
    replaced: Option<&Subscription>,
) -> Result<Subscription, ApiError> {
    let now = store.now();
    let trial_end = terms.trial_end.filter(|_| !had_trial(store, &customer.head.id));
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
        head: store.head_with_id(id),
        start_date: now,
        customer_id: customer.head.id.clone(),
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
        price_id: price.head.id.clone(),
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
    store.tables.subscriptions.of(customer_id).any(|subscription| subscription.trial_end.is_some())
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

fn billing_period(subscription: &Subscription) -> Option<(i64, i64)> {
    subscription.current_billing_period_start.zip(subscription.current_billing_period_end)
}

fn default_name(product: &Product, price: &Price) -> String {
    match &price.name {
        Some(price_name) => format!("{} - {price_name}", product.name),
        None => product.name.clone(),
    }
}

fn insert_item(store: &mut Store, subscription: &Subscription, price: &Price, quantity: i64) -> SubscriptionItem {
    let unit_price = if subscription.do_not_charge { 0 } else { price.unit_price };
    let item = SubscriptionItem {
        head: store.head::<SubscriptionItem>(),
        subscription_id: subscription.head.id.clone(),
        name: Some(item_name(price, quantity)),
        added_date: store.now(),
        price_id: Some(price.head.id.clone()),
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

/// The real API names an item of a nameless price with the text `null`, and so does the sandbox.
pub(crate) fn item_name(price: &Price, quantity: i64) -> String {
    let name = price.name.as_deref().unwrap_or("null");
    if quantity > 1 { format!("{name} x {quantity}") } else { name.to_owned() }
}

fn bill_first_period(
    store: &mut Store,
    subscription: &Subscription,
    item: &SubscriptionItem,
    product: &Product,
    prorated: bool,
) -> Result<(), ApiError> {
    let in_trial = subscription.status == SubscriptionStatus::Trialing;
    if subscription.status == SubscriptionStatus::Incomplete {
        return charge_incomplete(store, subscription, item);
    }
    let period = billing_period(subscription).map(|(start, end)| {
        let charged = charged_item(item, Elapsed::at(store.now(), start, end), prorated);
        billing_run::open_period(store, &subscription.head.id, (start, end), &[charged])
    });
    let period_id = period.as_ref().map(|period| period.head.id.as_str());
    let gives_before_payment = product.default || in_trial || subscription.is_free_plan;
    if gives_before_payment {
        credits::grant_for_period(store, subscription, period_id);
    }
    let payment_method_id = subscription.payment_method_id().filter(|_| !subscription.do_not_charge);
    if let (Some(period), Some(payment_method_id)) = (&period, payment_method_id) {
        let charge = Charge { subscription, period, payment_method_id };
        if in_trial {
            billing_run::run_trial_start(store, &charge);
        } else if billing_run::run_first(store, &charge).is_declined {
            return dunning::end_unpaid(store, subscription);
        }
        if !gives_before_payment {
            credits::grant_for_period(store, subscription, period_id);
        }
    }
    Ok(())
}

/// What the first period costs of an item: a share of it if the customer joins a period that is under way.
fn charged_item(item: &SubscriptionItem, elapsed: Elapsed, prorated: bool) -> SubscriptionItem {
    if !prorated {
        return item.clone();
    }
    SubscriptionItem { unit_price: elapsed.of_left(item.total()), quantity: 1, ..item.clone() }
}

/// A subscription without a card of its own is charged to the customer's, if there is one; else it waits for
/// somebody to activate it.
fn charge_incomplete(store: &mut Store, subscription: &Subscription, item: &SubscriptionItem) -> Result<(), ApiError> {
    let card = store
        .tables
        .payment_methods
        .of(&subscription.customer_id)
        .find(|method| method.default)
        .map(|method| method.head.id.clone());
    match card {
        Some(card) => activate(store, subscription, std::slice::from_ref(item), &card),
        None => Ok(()),
    }
}

/// Turns an incomplete subscription active by charging its stored period.
pub(crate) fn activate(
    store: &mut Store,
    subscription: &Subscription,
    items: &[SubscriptionItem],
    payment_method_id: &str,
) -> Result<(), ApiError> {
    let now = store.now();
    store.tables.subscriptions.change(&subscription.head.id, now, |subscription| {
        subscription.status = SubscriptionStatus::Active;
    });
    if let Some((start, end)) = billing_period(subscription) {
        let period = billing_run::open_period(store, &subscription.head.id, (start, end), items);
        let charge = Charge { subscription, period: &period, payment_method_id };
        if billing_run::run_first(store, &charge).is_declined {
            return dunning::end_unpaid(store, subscription);
        }
        credits::grant_for_period(store, subscription, Some(&period.head.id));
    }
    Ok(())
}
