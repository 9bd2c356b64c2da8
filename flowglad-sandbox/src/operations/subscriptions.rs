//! `/subscriptions`: creates, shows, cancels and uncancels subscriptions.

use serde::Serialize;
use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        reply::Reply,
    },
    records::{
        customer::Customer,
        metadata::Metadata,
        number::whole,
        pricing::{IntervalUnit, Price, PriceType, Product},
        subscription::{Subscription, SubscriptionItem},
    },
    refusal::Refusal,
    rules::{
        billing::period,
        customers,
        entitlement::features,
        pricing::pricing_model,
        scope,
        subscription::{cancellation, new_subscription::Terms, start},
    },
    store::Store,
};

/// A subscription as the API shows it, with whether it is current.
#[derive(Debug, Serialize)]
pub(crate) struct SubscriptionView<'a> {
    #[serde(flatten)]
    subscription: &'a Subscription,
    current: bool,
}

impl<'a> SubscriptionView<'a> {
    pub(crate) fn new(subscription: &'a Subscription) -> Self {
        Self { subscription, current: subscription.is_current() }
    }
}

/// The items that a subscription has now.
pub(crate) fn items_of<'a>(store: &'a Store, subscription: &Subscription) -> Vec<&'a SubscriptionItem> {
    features::active_items(store, &subscription.meta.id, store.now()).filter(|item| item.price_id.is_some()).collect()
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    subscription_reply(store, call.param("id"))
}

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all(store), SubscriptionView::new)
}

fn subscription_reply(store: &Store, id: &str) -> Result<Reply, Refusal> {
    let subscription = scope::show::<Subscription>(store, id)?;
    Ok(Reply::json(&json!({ "subscription": SubscriptionView::new(subscription) })))
}

/// The fields of a new subscription.
#[derive(Debug)]
struct NewSubscription {
    customer_id: Option<String>,
    customer_external_id: Option<String>,
    price_id: Option<String>,
    price_slug: Option<String>,
    quantity: f64,
    interval: Option<IntervalUnit>,
    interval_count: Option<f64>,
    trial_end: Option<f64>,
    metadata: Option<Metadata>,
    name: Option<String>,
    default_payment_method_id: Option<String>,
    backup_payment_method_id: Option<String>,
    do_not_charge: bool,
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let new = input::read(call, new_subscription)?;
    let customer = customer_for(store, &new)?.clone();
    if customer.archived {
        return Err(Refusal::rule("Cannot create subscription for archived customer"));
    }
    let (product, price) = plan_for(store, &customer, &new)?;
    let (product, price) = (product.clone(), price.clone());
    for id in [&new.default_payment_method_id, &new.backup_payment_method_id].into_iter().flatten() {
        require_payment_method(store, &customer, id)?;
    }
    let terms = terms_of(store, &price, new)?;
    let id = start::start_subscription(store, &customer, &product, &price, &terms)?;
    subscription_reply(store, &id)
}

fn new_subscription(root: &Field<'_>) -> NewSubscription {
    let text = |name: &'static str| root.at(name).optional(Field::string).filter(|text| !text.is_empty());
    let new = NewSubscription {
        customer_id: text("customerId"),
        customer_external_id: text("customerExternalId"),
        price_id: text("priceId"),
        price_slug: text("priceSlug"),
        quantity: root.at("quantity").optional(Field::number).unwrap_or(1.0),
        interval: {
            // The API's validator requires a date object here, which JSON does not have.
            root.at("startDate").optional(Field::date_object);
            root.at("interval").optional(|word| word.choice(&IntervalUnit::CHOICES)).flatten()
        },
        interval_count: root.at("intervalCount").optional(Field::number),
        trial_end: root.at("trialEnd").optional(Field::number),
        metadata: root.at("metadata").optional(Field::metadata),
        name: root.at("name").optional(Field::string),
        default_payment_method_id: text("defaultPaymentMethodId"),
        backup_payment_method_id: text("backupPaymentMethodId"),
        do_not_charge: root.at("doNotCharge").optional(Field::boolean).unwrap_or(false),
    };
    check_references(root);
    new
}

fn check_references(root: &Field<'_>) {
    root.rule(
        root.count_truthy(&["customerId", "customerExternalId"]) == 1,
        &["customerId"],
        "Either customerId or customerExternalId must be provided, but not both",
    );
    root.rule(
        root.count_truthy(&["priceId", "priceSlug"]) == 1,
        &["priceId"],
        "Either priceId or priceSlug must be provided, but not both",
    );
    let is_charged = !root.at("doNotCharge").is_truthy();
    root.rule(
        is_charged || root.count_truthy(&["defaultPaymentMethodId", "backupPaymentMethodId"]) == 0,
        &["doNotCharge"],
        "Payment methods cannot be provided when doNotCharge is true. Payment methods are not needed since no charges \
         will be made.",
    );
}

fn customer_for<'a>(store: &'a Store, new: &NewSubscription) -> Result<&'a Customer, Refusal> {
    if let Some(external_id) = &new.customer_external_id {
        return customers::require(store, external_id);
    }
    let id = new.customer_id.as_deref().unwrap_or_default();
    scope::find(store, id).ok_or_else(|| Refusal::not_found(format!("Customer with id \"{id}\" not found")))
}

fn plan_for<'a>(
    store: &'a Store,
    customer: &Customer,
    new: &NewSubscription,
) -> Result<(&'a Product, &'a Price), Refusal> {
    let model_id = &customer.pricing_model_id;
    let (price, name, missing) = match (&new.price_id, &new.price_slug) {
        (Some(id), _) => {
            (pricing_model::price_by_id(store, model_id, id), id.as_str(), format!("Price with id \"{id}\" not found"))
        }
        (None, slug) => {
            let slug = slug.as_deref().unwrap_or_default();
            let missing = format!("Price with slug \"{slug}\" not found for this customer's pricing model");
            (pricing_model::price_by_slug(store, model_id, slug), slug, missing)
        }
    };
    let price = price.ok_or_else(|| Refusal::not_found(missing.clone()))?;
    match price.kind {
        PriceType::Subscription => {}
        PriceType::Usage => {
            return Err(Refusal::bad_request(format!(
                "Price \"{name}\" is a usage price and cannot be used to create a subscription directly. Use a \
                 subscription price instead."
            )));
        }
        PriceType::SinglePayment => {
            return Err(Refusal::bad_request(format!(
                "Price {} is a single payment price and cannot be used to create a subscription.",
                price.meta.id
            )));
        }
    }
    let product = pricing_model::product_of(store, price).ok_or_else(|| Refusal::not_found(missing))?;
    Ok((product, price))
}

fn require_payment_method(store: &Store, customer: &Customer, id: &str) -> Result<(), Refusal> {
    let method = store.tables.payment_methods.find(id);
    match method.filter(|method| method.customer_id == customer.meta.id) {
        Some(_) => Ok(()),
        None => Err(Refusal::no_row("payment methods", id)),
    }
}

fn terms_of(store: &Store, price: &Price, new: NewSubscription) -> Result<Terms, Refusal> {
    let unit = new.interval.or(price.interval_unit);
    let count = new.interval_count.map(at_least_one).transpose()?.or(price.interval_count);
    let trial_end = new.trial_end.map(|time| whole(time.trunc()).ok_or_else(unusable)).transpose()?;
    let trial_days = price.trial_period_days.filter(|&days| days > 0);
    let usual_trial_end = trial_days.map(|days| store.now().saturating_add(days.saturating_mul(period::DAY_MS)));
    Ok(Terms {
        quantity: at_least_one(new.quantity)?,
        interval: unit.zip(count),
        trial_end: trial_end.or(usual_trial_end),
        metadata: new.metadata,
        name: new.name,
        default_payment_method_id: new.default_payment_method_id,
        backup_payment_method_id: new.backup_payment_method_id,
        do_not_charge: new.do_not_charge,
        preserve_billing_cycle_anchor: false,
        purchase_id: None,
    })
}

/// The number as a count. Others pass the validator, and fail later.
fn at_least_one(number: f64) -> Result<i64, Refusal> {
    whole(number).filter(|&count| count > 0).ok_or_else(unusable)
}

fn unusable() -> Refusal {
    Refusal::rule("generator body threw")
}

pub(crate) fn cancel(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    const TIMINGS: [(&str, cancellation::Timing); 2] = [
        ("at_end_of_current_billing_period", cancellation::Timing::AtPeriodEnd),
        ("immediately", cancellation::Timing::Immediately),
    ];
    let timing = input::read(call, |root| root.at("cancellation").form_by("timing", &TIMINGS).1)?;
    let subscription = scope::require::<Subscription>(store, call.param("id"))?.clone();
    cancellation::cancel(store, &subscription, timing.unwrap_or(cancellation::Timing::AtPeriodEnd))?;
    subscription_reply(store, &subscription.meta.id)
}

pub(crate) fn uncancel(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let subscription = scope::require::<Subscription>(store, call.param("id"))?.clone();
    cancellation::uncancel(store, &subscription)?;
    subscription_reply(store, &subscription.meta.id)
}
