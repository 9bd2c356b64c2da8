//! Steps of a test that take an app several requests, and what a test asks about a customer.

use crate::{
    error::SandboxError,
    operations::checkout_sessions::{self, NewCheckout},
    records::{
        billing::BillingRun,
        customer::Customer,
        pricing::{PriceType, UsageMeter},
    },
    refusal::Refusal,
    rules::{
        checkout::completion::{self, CheckoutError},
        customers::{self, NewCustomer},
        entitlement::{credits, features},
        pricing::pricing_model,
        scope,
        subscription::current::{current_subscription, current_subscriptions},
        timeline,
    },
    store::Store,
};

/// Creates a customer whose name and email are made from its external id.
pub(crate) fn create_customer(store: &mut Store, external_id: &str) -> Result<String, Refusal> {
    let new = NewCustomer {
        email: format!("{external_id}@example.com"),
        name: external_id.to_owned(),
        external_id: external_id.to_owned(),
        archived: false,
        logo_url: None,
        icon_url: None,
        domain: None,
        user_id: None,
    };
    let model_id = store.key_model_id.clone();
    customers::create(store, &model_id, new).map(|(customer_id, _)| customer_id)
}

/// The customer with this external id who is not archived.
pub(crate) fn customer<'a>(store: &'a Store, external_id: &str) -> Result<&'a Customer, SandboxError> {
    let found = customers::by_external_id(store, &store.key_model_id, external_id);
    found.ok_or_else(|| SandboxError::CustomerNotFound { external_id: external_id.to_owned() })
}

/// When the first of a customer's subscriptions renews.
pub(crate) fn next_renewal(store: &Store, customer_id: &str) -> Result<i64, SandboxError> {
    let ends = current_subscriptions(store, customer_id).filter_map(timeline::period_end);
    ends.min().ok_or_else(|| refused(format!("no subscription of {} renews", external_id(store, customer_id))))
}

/// The ids of the billing runs in which a customer's declined payments are retried.
pub(crate) fn runs_to_retry(store: &Store, customer_id: &str) -> Result<Vec<String>, SandboxError> {
    let is_theirs = |run: &&BillingRun| {
        let subscription = store.tables.subscriptions.find(&run.subscription_id);
        subscription.is_some_and(|subscription| subscription.customer_id == customer_id)
    };
    let waiting = store.tables.billing_runs.iter().filter(|run| run.next_try_at.is_some()).filter(is_theirs);
    let ids: Vec<String> = waiting.map(|run| run.meta.id.clone()).collect();
    if ids.is_empty() {
        let external_id = external_id(store, customer_id);
        return Err(refused(format!("no declined payment of {external_id} is to be retried")));
    }
    Ok(ids)
}

/// When the next of these billing runs is retried.
pub(crate) fn next_retry(store: &Store, run_ids: &[String]) -> Option<i64> {
    run_ids.iter().filter_map(|id| store.tables.billing_runs.find(id)?.next_try_at).min()
}

/// The customer's name for a sentence.
fn external_id<'a>(store: &'a Store, customer_id: &'a str) -> &'a str {
    store.tables.customers.find(customer_id).map_or(customer_id, |customer| &customer.external_id)
}

/// What a customer has left of a meter, on the current subscription.
pub(crate) fn balance(store: &Store, external_id: &str, meter_slug: &str) -> Result<i64, SandboxError> {
    let customer = customer(store, external_id)?;
    let mut meters = scope::all_in::<UsageMeter>(store, &customer.pricing_model_id);
    if !meters.any(|meter| meter.slug == meter_slug) {
        return Err(refused(format!("there is no usage meter {meter_slug}")));
    }
    let balances = current_subscription(store, &customer.meta.id).map(|current| credits::balances(store, current));
    let of_meter = balances.into_iter().flatten().find(|balance| balance.meter.slug == meter_slug);
    Ok(of_meter.map_or(0, |balance| balance.available_balance))
}

/// The slugs of the features that a customer's current subscription gives.
pub(crate) fn features(store: &Store, external_id: &str) -> Result<Vec<String>, SandboxError> {
    let customer = customer(store, external_id)?;
    let items = current_subscription(store, &customer.meta.id).map(|current| features::feature_items(store, current));
    Ok(items.into_iter().flatten().map(|item| item.slug().to_owned()).collect())
}

fn refused(reason: String) -> SandboxError {
    SandboxError::Refused { reason }
}

/// Buys a subscription in a checkout, and creates the customer if it is absent. Returns the subscription's id.
pub(crate) fn subscribe(store: &mut Store, external_id: &str, price_slug: &str) -> Result<String, Refusal> {
    let existing = customers::by_external_id(store, &store.key_model_id, external_id);
    let customer_id = match existing.map(|customer| customer.meta.id.clone()) {
        Some(customer_id) => customer_id,
        None => create_customer(store, external_id)?,
    };
    let session = checkout_sessions::open(store, NewCheckout::for_price(external_id, price_slug))?;
    let price = session.price_id.as_deref().and_then(|id| store.tables.prices.find(id));
    if price
        .is_none_or(|price| price.kind != PriceType::Subscription || pricing_model::product_of(store, price).is_none())
    {
        return Err(Refusal::rule(format!("Invalid priceId: {price_slug} is not a subscription price")));
    }
    completion::complete(store, &session.meta.id).map_err(sentence)?;
    // A declined first payment brings the default plan back.
    let subscription = current_subscription(store, &customer_id);
    subscription
        .filter(|subscription| Some(&subscription.price_id) == session.price_id.as_ref())
        .map(|subscription| subscription.meta.id.clone())
        .ok_or_else(|| Refusal::rule("The first payment of the subscription was declined"))
}

/// A session that was created in the same transaction is open, so only a rule can refuse it.
fn sentence(refusal: CheckoutError) -> Refusal {
    match refusal {
        CheckoutError::Rule(error) => error,
        CheckoutError::NotFound | CheckoutError::NotOpen | CheckoutError::Expired => {
            Refusal::rule("The checkout session is not open")
        }
    }
}
