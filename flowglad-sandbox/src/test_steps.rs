//! Steps of a test that take an app several requests.

use crate::{
    operations::checkout_sessions::{self, NewCheckout},
    records::pricing::PriceType,
    refusal::Refusal,
    rules::{
        checkout::completion::{self, CheckoutError},
        customers::{self, NewCustomer},
        pricing::pricing_model,
        subscription::current::current_subscription,
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
