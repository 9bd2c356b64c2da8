//! Starts subscriptions: free plans, paid plans from a checkout, and those made by the API.

use crate::{
    records::{
        customer::Customer,
        event::EventType,
        pricing::{Price, Product},
        subscription::{CancellationReason, Subscription, SubscriptionItem, SubscriptionStatus},
    },
    refusal::Refusal,
    rules::{
        billing::{
            billing_run::{self, Charge},
            failed_payment,
            proration::Elapsed,
        },
        entitlement::{credits, features},
        events,
        pricing::pricing_model,
        subscription::{
            current::current_subscriptions,
            ending,
            new_subscription::{self, Terms},
        },
    },
    store::Store,
};

/// Starts a subscription. Returns its id. A paid one replaces the customer's free one.
pub(crate) fn start_subscription(
    store: &mut Store,
    customer: &Customer,
    product: &Product,
    price: &Price,
    terms: &Terms,
) -> Result<String, Refusal> {
    billing_run::refuse_amounts_beyond_invoice([(price.unit_price, terms.quantity)])?;
    let id = store.id_of::<Subscription>();
    let replaced = if price.unit_price > 0 { replace_free_plan(store, &customer.meta.id, &id) } else { None };
    refuse_second(store, customer)?;
    let subscription =
        new_subscription::subscription_record(store, id, customer, product, price, terms, replaced.as_ref())?;
    let item = new_subscription::insert_item(store, &subscription, price, terms.quantity);
    store.tables.subscriptions.insert(subscription.clone());
    features::grant(store, &item);
    events::emit(store, EventType::SubscriptionCreated, &subscription.meta.id, &customer.meta.id);
    if let Some(purchase_id) = &terms.purchase_id {
        events::emit(store, EventType::PurchaseCompleted, purchase_id, &customer.meta.id);
    }
    bill_first_period(store, &subscription, &item, product, replaced.is_some() && terms.preserve_billing_cycle_anchor)?;
    Ok(subscription.meta.id)
}

/// Ends the newest free plan in favour of a paid one. Its items, credits and claims stay as they are.
///
/// A free plan without a card is past due after its first renewal. It can be replaced; otherwise no customer
/// could upgrade after a month.
fn replace_free_plan(store: &mut Store, customer_id: &str, replacement: &str) -> Option<Subscription> {
    let free = current_subscriptions(store, customer_id)
        .filter(|subscription| {
            let is_running = matches!(subscription.status, SubscriptionStatus::Active | SubscriptionStatus::PastDue);
            is_running && subscription.is_free_plan
        })
        .max_by_key(|subscription| subscription.meta.created_at)?
        .clone();
    let now = store.now();
    store.tables.subscriptions.change(&free.meta.id, now, |subscription| {
        subscription.status = SubscriptionStatus::Canceled;
        subscription.canceled_at = Some(now);
        subscription.cancellation_reason = Some(CancellationReason::UpgradedToPaid);
        subscription.replaced_by_subscription_id = Some(replacement.to_owned());
    });
    Some(free)
}

/// Refuses a second current subscription of a customer.
pub(crate) fn refuse_second(store: &Store, customer: &Customer) -> Result<(), Refusal> {
    if current_subscriptions(store, &customer.meta.id).next().is_none() {
        return Ok(());
    }
    Err(Refusal::rule_conflict(format!(
        "Unwrap called on Err: ConflictError: Subscription conflict: Customer {} already has an active subscription. \
         Please cancel the existing subscription before creating a new one.",
        customer.meta.id
    )))
}

fn bill_first_period(
    store: &mut Store,
    subscription: &Subscription,
    item: &SubscriptionItem,
    product: &Product,
    prorated: bool,
) -> Result<(), Refusal> {
    let in_trial = subscription.status == SubscriptionStatus::Trialing;
    if subscription.status == SubscriptionStatus::Incomplete {
        return charge_incomplete(store, subscription, item);
    }
    let period = new_subscription::billing_period(subscription).map(|(start, end)| {
        let charged = charged_item(item, Elapsed::at(store.now(), start, end), prorated);
        billing_run::open_period(store, &subscription.meta.id, (start, end), &[charged])
    });
    let period_id = period.as_ref().map(|period| period.meta.id.as_str());
    let gives_before_payment = product.default || in_trial || subscription.is_free_plan;
    if gives_before_payment {
        credits::grant_for_period(store, subscription, period_id);
    }
    if let (Some(period), Some(payment_method_id)) = (&period, card_to_charge(store, subscription, product)) {
        let charge = Charge { subscription, period, payment_method_id: &payment_method_id };
        if in_trial {
            billing_run::run_trial_start(store, &charge);
        } else if billing_run::run_first(store, &charge).is_declined {
            return end_unpaid(store, subscription);
        }
        if !gives_before_payment {
            credits::grant_for_period(store, subscription, period_id);
        }
    }
    Ok(())
}

/// The card of a first period. The free plan has none of its own, so it is billed, with 0, to the customer's.
fn card_to_charge(store: &Store, subscription: &Subscription, product: &Product) -> Option<String> {
    if subscription.do_not_charge {
        return None;
    }
    let customers_card = || default_card(store, &subscription.customer_id).filter(|_| product.default);
    subscription.payment_method_id().map(str::to_owned).or_else(customers_card)
}

fn default_card(store: &Store, customer_id: &str) -> Option<String> {
    let mut methods = store.tables.payment_methods.owned_by(customer_id);
    methods.find(|method| method.default).map(|method| method.meta.id.clone())
}

/// What an item costs in the first period: a prorated share if the period has begun before.
fn charged_item(item: &SubscriptionItem, elapsed: Elapsed, prorated: bool) -> SubscriptionItem {
    if !prorated {
        return item.clone();
    }
    SubscriptionItem { unit_price: elapsed.of_left(item.total()), quantity: 1, ..item.clone() }
}

/// Charges a subscription without a card to the customer's default card. Without one it stays incomplete until it is
/// activated.
fn charge_incomplete(store: &mut Store, subscription: &Subscription, item: &SubscriptionItem) -> Result<(), Refusal> {
    match default_card(store, &subscription.customer_id) {
        Some(card) => activate(store, subscription, std::slice::from_ref(item), &card),
        None => Ok(()),
    }
}

/// Activates an incomplete subscription: charges its first period.
pub(crate) fn activate(
    store: &mut Store,
    subscription: &Subscription,
    items: &[SubscriptionItem],
    payment_method_id: &str,
) -> Result<(), Refusal> {
    let now = store.now();
    store.tables.subscriptions.change(&subscription.meta.id, now, |subscription| {
        subscription.status = SubscriptionStatus::Active;
    });
    if let Some((start, end)) = new_subscription::billing_period(subscription) {
        let period = billing_run::open_period(store, &subscription.meta.id, (start, end), items);
        let charge = Charge { subscription, period: &period, payment_method_id };
        if billing_run::run_first(store, &charge).is_declined {
            return end_unpaid(store, subscription);
        }
        credits::grant_for_period(store, subscription, Some(&period.meta.id));
    }
    Ok(())
}

/// Starts the default plan of a customer's model, also for a customer that is archived from the start; none if the
/// model has no such plan.
pub(crate) fn start_default_plan(store: &mut Store, customer_id: &str) -> Result<Option<String>, Refusal> {
    let Some(customer) = store.tables.customers.find(customer_id).cloned() else { return Ok(None) };
    let Some((product, price)) = pricing_model::default_plan(store, &customer.pricing_model_id) else {
        return Ok(None);
    };
    let name = format!("{} Subscription", product.name);
    let terms = Terms { name: Some(name), ..Terms::for_price(price) };
    let (product, price) = (product.clone(), price.clone());
    start_subscription(store, &customer, &product, &price, &terms).map(Some)
}

/// Starts the default plan again if a customer is not archived and has no current subscription.
pub(crate) fn restore_default_plan(store: &mut Store, customer_id: &str) -> Result<(), Refusal> {
    let is_archived = store.tables.customers.find(customer_id).is_none_or(|customer| customer.archived);
    if !is_archived && current_subscriptions(store, customer_id).next().is_none() {
        start_default_plan(store, customer_id)?;
    }
    Ok(())
}

/// Ends a subscription whose first payment was declined, and starts the default plan again.
pub(crate) fn end_unpaid(store: &mut Store, subscription: &Subscription) -> Result<(), Refusal> {
    failed_payment::emit_payment_failed(store, subscription);
    ending::end_now(store, subscription, None);
    restore_default_plan(store, &subscription.customer_id)
}
